/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-dialog.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "draw/fluo-distribution.h"
#include "fluo-compare-groups.h"
#include "fluo-compare-rows.h"
#include "fluo-compare-sets.h"
#include "fluo-traces-compare.h"

#define CHART_HEIGHT_PX 132

/* --- Dialog ------------------------------------------------------------------------------ */

struct _FluoCompareDialog
{
  AdwWindow parent_instance;

  GPtrArray *summaries;
  GArray *points;
  FluoBrush brush;
  FluoInForce in_force;
  GPtrArray *sets;     /* FluoCompareSet; NULL before they are known */
  FluoCohort *cohort;
  GArray *times[2];    /* gint64 ascending */
  GCancellable *cancellable;
  guint generation;
  guint n_running;

  GtkWidget *stack;
  GtkDropDown *choices[2];
  GtkStringList *names;
  GtkWidget *chart;
  GtkLabel *facts[2];
  GtkWidget *search;
  GtkLabel *nothing;
  GtkWidget *lists;    /* "list", "nothing", "busy" */
  GListStore *rows;
  GtkWidget *groups;
};

enum
{
  SIGNAL_TERM_CLICKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoCompareDialog, fluo_compare_dialog, ADW_TYPE_WINDOW)

/* --- Worker ------------------------------------------------------------------------------ */

typedef struct
{
  GPtrArray *summaries;
  GArray *points;
  FluoBrush brush;
  GPtrArray *sets; /* NULL: make them */
  guint a, b;
  guint generation;
} Question;

typedef struct
{
  GPtrArray *sets;
  FluoCohort *all;
  FluoCohort *cohort;
  GArray *times[2];
} Answer;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_ptr_array_unref (self->summaries);
  g_array_unref (self->points);
  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_free (self);
}

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_clear_pointer (&self->all, fluo_cohort_unref);
  g_clear_pointer (&self->cohort, fluo_cohort_unref);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->times[i], g_array_unref);
  g_free (self);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* Cutting by time makes no sense where the sets are times. */
static gboolean
is_of_time (const FluoCompareSet *set)
{
  return set->kind == FLUO_SET_BEFORE || set->kind == FLUO_SET_AFTER
         || (set->kind == FLUO_SET_SELECTION && fluo_brush_has_span (&set->brush));
}

/* [worker] */
static void
work_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Question *question = data;
  Answer *answer = g_new0 (Answer, 1);
  g_autofree guint8 *sides = g_malloc (question->summaries->len + 1);
  const FluoCompareSet *a, *b;

  answer->sets = question->sets
                   ? g_ptr_array_ref (question->sets)
                   : fluo_compare_sets_new (question->summaries, question->points, &question->brush,
                                            &answer->all);
  if (!question->sets)
    for (guint i = 0; i < answer->sets->len; i++)
      if (((FluoCompareSet *) g_ptr_array_index (answer->sets, i))->kind == FLUO_SET_REST)
        question->b = i;
  a = g_ptr_array_index (answer->sets, question->a);
  b = g_ptr_array_index (answer->sets, question->b);
  fluo_compare_sets_fill (a, b, question->summaries, question->points, sides);
  answer->cohort = fluo_cohort_new (question->summaries, sides, !is_of_time (a) && !is_of_time (b));
  for (guint i = 0; i < 2; i++)
    answer->times[i] = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < question->points->len; i++)
    if (sides[i] == FLUO_COHORT_A || sides[i] == FLUO_COHORT_B)
      g_array_append_val (answer->times[sides[i] == FLUO_COHORT_B],
                          g_array_index (question->points, FluoScatterPoint, i).value_ns);
  for (guint i = 0; i < 2; i++)
    g_array_sort (answer->times[i], compare_times);
  g_task_return_pointer (task, answer, answer_free);
}

/* --- Showing ----------------------------------------------------------------------------- */

static void
show_rows (FluoCompareDialog *self)
{
  g_autofree char *folded = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)),
                                             -1);
  const FluoCohortRow *rows;
  gboolean few = FALSE;
  guint n;

  g_list_store_remove_all (self->rows);
  if (!self->cohort)
    return;
  rows = fluo_cohort_get_rows (self->cohort, &n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (FluoDifference) item = NULL;

      if (*folded && !fluo_difference_matches (&rows[i], folded))
        continue;
      item = fluo_difference_new (self->cohort, &rows[i]);
      g_list_store_append (self->rows, item);
    }
  few = fluo_cohort_get_size (self->cohort, 0) < FLUO_COHORT_TRACES_MIN
        || fluo_cohort_get_size (self->cohort, 1) < FLUO_COHORT_TRACES_MIN;
  gtk_label_set_text (self->nothing, n > 0 ? _("No field or value has these letters.")
                                     : few ? _("Each set needs 20 traces to be compared.")
                                           : _("No value is 10 points more common in one set than "
                                               "in the other."));
  gtk_stack_set_visible_child_name (
      GTK_STACK (self->lists),
      g_list_model_get_n_items (G_LIST_MODEL (self->rows)) > 0 ? "list" : "nothing");
}

static void
show_facts (FluoCompareDialog *self)
{
  FluoDistribution chart;

  fluo_distribution_layout (&chart, (const gint64 *) (void *) self->times[0]->data,
                            self->times[0]->len, (const gint64 *) (void *) self->times[1]->data,
                            self->times[1]->len, 100, 100);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *count = fluo_format_count (self->times[i]->len);
      g_autofree char *p50 = fluo_format_duration (chart.quantiles[i][0]);
      g_autofree char *p90 = fluo_format_duration (chart.quantiles[i][1]);
      g_autofree char *p99 = fluo_format_duration (chart.quantiles[i][2]);
      g_autofree char *text = g_strdup_printf (
          ngettext ("%s trace · p50 %s · p90 %s · p99 %s", "%s traces · p50 %s · p90 %s · p99 %s",
                    self->times[i]->len),
          count, p50, p90, p99);

      gtk_label_set_text (self->facts[i], self->times[i]->len > 0 ? text : _("no traces"));
    }
  gtk_widget_queue_draw (self->chart);
}

static void
draw_chart_cb (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoCompareDialog *self = user_data;
  FluoDistribution chart;

  if (!self->times[0])
    return;
  fluo_distribution_layout (&chart, (const gint64 *) (void *) self->times[0]->data,
                            self->times[0]->len, (const gint64 *) (void *) self->times[1]->data,
                            self->times[1]->len, width, height);
  fluo_distribution_draw (painter, &chart, fluo_painter_get_palette (painter)->view);
}

static gboolean
chart_tooltip_cb (GtkWidget *canvas, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  FluoCompareDialog *self)
{
  FluoDistribution chart;
  gint64 from, to;
  guint bin;

  if (!self->times[0] || keyboard)
    return FALSE;
  fluo_distribution_layout (&chart, (const gint64 *) (void *) self->times[0]->data,
                            self->times[0]->len, (const gint64 *) (void *) self->times[1]->data,
                            self->times[1]->len, gtk_widget_get_width (canvas),
                            gtk_widget_get_height (canvas));
  if (!fluo_distribution_hit (&chart, x, &bin, &from, &to))
    return FALSE;
  {
    g_autofree char *begin = fluo_format_duration (from);
    g_autofree char *end = fluo_format_duration (to);
    g_autofree char *a = fluo_format_share (chart.share[0][bin]);
    g_autofree char *b = fluo_format_share (chart.share[1][bin]);
    g_autofree char *text = g_strdup_printf (_("%s to %s: %s of A, %s of B"), begin, end, a, b);

    gtk_tooltip_set_text (tooltip, text);
  }
  return TRUE;
}

static void ask (FluoCompareDialog *self);

static void
choose_first (FluoCompareDialog *self, const Question *question)
{
  for (guint i = 0; i < self->sets->len; i++)
    gtk_string_list_append (self->names,
                            ((FluoCompareSet *) g_ptr_array_index (self->sets, i))->words);
  for (guint i = 0; i < 2; i++)
    {
      gtk_drop_down_set_selected (self->choices[i], i ? question->b : question->a);
      g_signal_connect_object (self->choices[i], "notify::selected", G_CALLBACK (ask), self,
                               G_CONNECT_SWAPPED);
    }
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoCompareDialog *self = FLUO_COMPARE_DIALOG (source);
  const Question *question = g_task_get_task_data (G_TASK (result));
  Answer *answer = g_task_propagate_pointer (G_TASK (result), NULL);

  self->n_running--;
  if (!answer)
    return;
  if (question->generation == self->generation && self->stack)
    {
      g_clear_pointer (&self->cohort, fluo_cohort_unref);
      self->cohort = g_steal_pointer (&answer->cohort);
      for (guint i = 0; i < 2; i++)
        {
          g_clear_pointer (&self->times[i], g_array_unref);
          self->times[i] = g_steal_pointer (&answer->times[i]);
        }
      if (!self->sets)
        {
          self->sets = g_ptr_array_ref (answer->sets);
          choose_first (self, question);
          fluo_compare_groups_set_fields (FLUO_COMPARE_GROUPS (self->groups), answer->all);
        }
      show_facts (self);
      show_rows (self);
    }
  answer_free (answer);
}

static void
ask (FluoCompareDialog *self)
{
  g_autoptr (GTask) task = g_task_new (self, self->cancellable, answered_cb, NULL);
  Question *question = g_new0 (Question, 1);

  question->summaries = g_ptr_array_ref (self->summaries);
  question->points = g_array_ref (self->points);
  question->brush = self->brush;
  question->generation = ++self->generation;
  if (self->sets)
    {
      question->sets = g_ptr_array_ref (self->sets);
      question->a = gtk_drop_down_get_selected (self->choices[0]);
      question->b = gtk_drop_down_get_selected (self->choices[1]);
    }
  self->n_running++;
  g_task_set_source_tag (task, ask);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, work_cb);
}

/* --- List -------------------------------------------------------------------------------- */

static void
row_activated_cb (GtkListView *view, guint position, FluoCompareDialog *self)
{
  g_autoptr (FluoDifference) item = g_list_model_get_item (G_LIST_MODEL (self->rows), position);

  if (item)
    g_signal_emit (self, signals[SIGNAL_TERM_CLICKED], 0,
                   &fluo_difference_get_row (item)->term);
}

static void
group_clicked_cb (FluoCompareGroups *groups, FluoTerm *term, FluoCompareDialog *self)
{
  g_signal_emit (self, signals[SIGNAL_TERM_CLICKED], 0, term);
}

/* --- Building ---------------------------------------------------------------------------- */

static void
swap_cb (FluoCompareDialog *self)
{
  guint a = gtk_drop_down_get_selected (self->choices[0]);

  gtk_drop_down_set_selected (self->choices[0], gtk_drop_down_get_selected (self->choices[1]));
  gtk_drop_down_set_selected (self->choices[1], a);
}

static GtkWidget *
make_choice (FluoCompareDialog *self, guint set)
{
  static const char *const names[] = { N_("Set A"), N_("Set B") };
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *swatch = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *letter = gtk_label_new (set ? "B" : "A");

  gtk_widget_add_css_class (swatch, "legend-bar");
  gtk_widget_add_css_class (swatch, set ? "rest" : "selected");
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (letter, "heading");
  self->choices[set] = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_object_ref (self->names)),
                                                         NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->choices[set]), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->choices[set]),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _ (names[set]), -1);
  self->facts[set] = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->facts[set], 0);
  gtk_label_set_ellipsize (self->facts[set], PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->facts[set]), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->facts[set]), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->facts[set]), "numeric");
  gtk_box_append (GTK_BOX (row), swatch);
  gtk_box_append (GTK_BOX (row), letter);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->choices[set]));
  gtk_box_append (GTK_BOX (column), row);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->facts[set]));
  gtk_widget_set_hexpand (column, TRUE);
  return column;
}

static GtkWidget *
make_list (FluoCompareDialog *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkNoSelection *selection =
    gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->rows)));
  GtkWidget *view;

  view = gtk_list_view_new (GTK_SELECTION_MODEL (selection),
                            fluo_compare_rows_new_factory (&self->in_force));
  gtk_list_view_set_show_separators (GTK_LIST_VIEW (view), TRUE);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (view), TRUE);
  gtk_widget_add_css_class (view, "difference-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Differences"), -1);
  g_signal_connect_object (view, "activate", G_CALLBACK (row_activated_cb), self, 0);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_widget_set_vexpand (scroller, TRUE);
  self->lists = gtk_stack_new ();
  self->nothing = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->nothing), "dim-label");
  gtk_label_set_wrap (self->nothing, TRUE);
  gtk_stack_add_named (GTK_STACK (self->lists), gtk_label_new (_("Comparing…")), "busy");
  gtk_stack_add_named (GTK_STACK (self->lists), scroller, "list");
  gtk_stack_add_named (GTK_STACK (self->lists), GTK_WIDGET (self->nothing), "nothing");
  return self->lists;
}

static GtkWidget *
make_differences (FluoCompareDialog *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *swap = gtk_button_new_from_icon_name ("fluoroscope-swap-symbolic");

  gtk_widget_add_css_class (page, "view");
  gtk_widget_add_css_class (swap, "flat");
  gtk_widget_set_valign (swap, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (swap, _("Swap A and B"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (swap), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Swap A and B"), -1);
  g_signal_connect_object (swap, "clicked", G_CALLBACK (swap_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (bar, "compare-bar");
  gtk_box_set_homogeneous (GTK_BOX (bar), FALSE);
  gtk_box_append (GTK_BOX (bar), make_choice (self, 0));
  gtk_box_append (GTK_BOX (bar), swap);
  gtk_box_append (GTK_BOX (bar), make_choice (self, 1));
  self->chart = fluo_canvas_new (draw_chart_cb, self, -1, CHART_HEIGHT_PX);
  gtk_widget_add_css_class (self->chart, "compare-chart");
  gtk_widget_set_has_tooltip (self->chart, TRUE);
  g_signal_connect_object (self->chart, "query-tooltip", G_CALLBACK (chart_tooltip_cb), self, 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chart), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Response times of both sets"), -1);
  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _("Search fields and values"), NULL);
  gtk_widget_add_css_class (self->search, "compare-search");
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (show_rows), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "stop-search", G_CALLBACK (gtk_window_close), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (page), bar);
  gtk_box_append (GTK_BOX (page), self->chart);
  gtk_box_append (GTK_BOX (page), self->search);
  gtk_box_append (GTK_BOX (page), make_list (self));
  return page;
}

static void
fluo_compare_dialog_dispose (GObject *object)
{
  FluoCompareDialog *self = FLUO_COMPARE_DIALOG (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->stack = NULL;
  G_OBJECT_CLASS (fluo_compare_dialog_parent_class)->dispose (object);
}

static void
fluo_compare_dialog_finalize (GObject *object)
{
  FluoCompareDialog *self = FLUO_COMPARE_DIALOG (object);

  g_ptr_array_unref (self->summaries);
  g_array_unref (self->points);
  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_clear_pointer (&self->cohort, fluo_cohort_unref);
  for (guint i = 0; i < 2; i++)
    g_clear_pointer (&self->times[i], g_array_unref);
  g_clear_object (&self->names);
  g_clear_object (&self->rows);
  g_free (self->in_force.filter);
  G_OBJECT_CLASS (fluo_compare_dialog_parent_class)->finalize (object);
}

static void
fluo_compare_dialog_class_init (FluoCompareDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_compare_dialog_dispose;
  object_class->finalize = fluo_compare_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
  signals[SIGNAL_TERM_CLICKED] =
    g_signal_new ("term-clicked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
fluo_compare_dialog_init (FluoCompareDialog *self)
{
  self->cancellable = g_cancellable_new ();
  self->names = gtk_string_list_new (NULL);
  self->rows = g_list_store_new (FLUO_TYPE_DIFFERENCE);
  self->in_force.filter = g_strdup ("");
}

FluoCompareDialog *
fluo_compare_dialog_new (GtkWindow *parent, GPtrArray *summaries, GArray *points,
                         const FluoBrush *brush, FluoComparePage page)
{
  FluoCompareDialog *self = g_object_new (FLUO_TYPE_COMPARE_DIALOG, "default-width", 760,
                                          "default-height", 680, "title", _("Compare Traces"),
                                          NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *switcher = gtk_stack_switcher_new ();

  if (parent)
    fluo_compat_set_parent (GTK_WINDOW (self), parent);
  /* What is clicked here is seen in the window behind. */
  gtk_window_set_modal (GTK_WINDOW (self), FALSE);
  self->summaries = g_ptr_array_ref (summaries);
  self->points = g_array_ref (points);
  self->brush = *brush;
  self->stack = gtk_stack_new ();
  self->groups = fluo_compare_groups_new (summaries, points);
  g_signal_connect_object (self->groups, "term-clicked", G_CALLBACK (group_clicked_cb), self, 0);
  gtk_stack_add_titled (GTK_STACK (self->stack), make_differences (self), "differences",
                        _("Differences"));
  gtk_stack_add_titled (GTK_STACK (self->stack), self->groups, "groups", _("Groups"));
  gtk_stack_switcher_set_stack (GTK_STACK_SWITCHER (switcher), GTK_STACK (self->stack));
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), switcher);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), self->stack);
  adw_window_set_content (ADW_WINDOW (self), box);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack),
                                    page == FLUO_COMPARE_DIFFERENCES ? "differences" : "groups");
  ask (self);
  return self;
}

void
fluo_compare_dialog_set_filter (FluoCompareDialog *self, const char *filter, FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_COMPARE_DIALOG (self));
  if (g_str_equal (self->in_force.filter, filter)
      && fluo_time_span_equal (self->in_force.span, span))
    return;
  g_free (self->in_force.filter);
  self->in_force.filter = g_strdup (filter);
  self->in_force.span = span;
  show_rows (self);
}

gboolean
fluo_compare_dialog_is_busy (FluoCompareDialog *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_DIALOG (self), FALSE);
  return self->n_running > 0;
}

void
fluo_compare_dialog_set_sets (FluoCompareDialog *self, guint a, guint b)
{
  g_return_if_fail (FLUO_IS_COMPARE_DIALOG (self));
  gtk_drop_down_set_selected (self->choices[0], a);
  gtk_drop_down_set_selected (self->choices[1], b);
}

GListModel *
fluo_compare_dialog_get_sets (FluoCompareDialog *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_DIALOG (self), NULL);
  return G_LIST_MODEL (self->names);
}

FluoCohort *
fluo_compare_dialog_get_cohort (FluoCompareDialog *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_DIALOG (self), NULL);
  return self->cohort;
}

GListModel *
fluo_compare_dialog_get_rows (FluoCompareDialog *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_DIALOG (self), NULL);
  return G_LIST_MODEL (self->rows);
}
