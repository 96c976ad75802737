/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-compare.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-histogram.h"
#include "fluo-cohort-words.h"
#include "fluo-compare-cards.h"

#define CARDS_MAX 10
/* Fewer traces than this say nothing of each other. */
#define TRACES_MIN 40
/* Services go together: more cards of them than this would crowd out what matters. */
#define SERVICE_CARDS_MAX 2

struct _FluoTracesCompare
{
  GtkWidget parent_instance;

  GPtrArray *summaries;
  GArray *points;
  FluoBrush brush;
  char *filter;
  FluoTimeSpan span;
  GPtrArray *taken; /* TakenTerm: put into the filter from here */
  FluoCohort *cohort;
  GCancellable *cancellable;
  gboolean running, stale;

  GtkWidget *box;
  GtkLabel *title;
  GtkLabel *legend_a;
  GtkLabel *legend_b;
  GtkWidget *more;
  GtkWidget *cards;
  GtkWidget *scroller;
  GtkLabel *nothing;
};

/* A condition that a card put into the filter, or a time it narrowed the range to; it has no
 * difference any more, but can be taken back. */
typedef struct
{
  FluoCohortRow row;
  char *key, *value;
  char *expression; /* NULL: a time */
} TakenTerm;

enum
{
  SIGNAL_TERM_CLICKED,
  SIGNAL_MORE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTracesCompare, fluo_traces_compare, GTK_TYPE_WIDGET)

static void
taken_free (TakenTerm *self)
{
  g_free (self->key);
  g_free (self->value);
  g_free (self->expression);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TakenTerm, taken_free)

static TakenTerm *
taken_new (const FluoTerm *term)
{
  TakenTerm *self = g_new0 (TakenTerm, 1);

  self->key = g_strdup (term->key);
  self->value = g_strdup (term->value);
  self->expression = fluo_cohort_dup_expression (term);
  self->row.term = *term;
  self->row.term.key = self->key;
  self->row.term.value = self->value;
  return self;
}

/* --- Sets -------------------------------------------------------------------------------- */

static int
compare_values (const void *a, const void *b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* A response time that a tenth of the traces reaches; none when too many are as slow. */
static FluoBrush
slowest_tenth (GArray *points)
{
  FluoBrush brush = FLUO_BRUSH_NONE;
  g_autofree gint64 *values = g_new (gint64, points->len + 1);

  for (guint i = 0; i < points->len; i++)
    values[i] = g_array_index (points, FluoScatterPoint, i).value_ns;
  qsort (values, points->len, sizeof *values, compare_values);
  brush.from_ns = points->len > 0 ? fluo_percentile (values, points->len, .9) : 0;
  brush.to_ns = G_MAXINT64;
  return brush;
}

guint
fluo_brush_fill_sides (const FluoBrush *brush, GArray *points, guint8 *sides)
{
  const FluoBrush used = fluo_brush_is_empty (brush) ? slowest_tenth (points) : *brush;
  guint n = 0;

  for (guint i = 0; i < points->len; i++)
    {
      const FluoScatterPoint *point = &g_array_index (points, FluoScatterPoint, i);
      const gboolean inside = fluo_brush_contains (&used, point->time_ns, point->value_ns);

      sides[i] = inside ? FLUO_COHORT_A : FLUO_COHORT_B;
      n += inside;
    }
  return n;
}

/* --- Worker ------------------------------------------------------------------------------ */

typedef struct
{
  GPtrArray *summaries;
  GArray *points;
  FluoBrush brush;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_ptr_array_unref (self->summaries);
  g_array_unref (self->points);
  g_free (self);
}

/* [worker] */
static void
work_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Question *question = data;
  g_autofree guint8 *sides = g_new (guint8, question->summaries->len + 1);

  fluo_brush_fill_sides (&question->brush, question->points, sides);
  g_task_return_pointer (task,
                         fluo_cohort_new (question->summaries, sides,
                                          !fluo_brush_has_span (&question->brush)),
                         (GDestroyNotify) fluo_cohort_unref);
}

static void show_cohort (FluoTracesCompare *self);
static void ask (FluoTracesCompare *self);

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoTracesCompare) self = user_data;
  FluoCohort *cohort = g_task_propagate_pointer (G_TASK (result), NULL);

  self->running = FALSE;
  if (!cohort)
    return;
  g_clear_pointer (&self->cohort, fluo_cohort_unref);
  self->cohort = cohort;
  show_cohort (self);
  if (self->stale)
    ask (self);
}

static void
ask (FluoTracesCompare *self)
{
  g_autoptr (GTask) task = NULL;
  Question *question;

  self->stale = self->running;
  if (self->running || !self->summaries || self->summaries->len < TRACES_MIN)
    return;
  self->running = TRUE;
  question = g_new0 (Question, 1);
  question->summaries = g_ptr_array_ref (self->summaries);
  question->points = g_array_ref (self->points);
  question->brush = self->brush;
  task = g_task_new (self, self->cancellable, answered_cb, g_object_ref (self));
  g_task_set_source_tag (task, ask);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, work_cb);
}

/* --- Cards ------------------------------------------------------------------------------- */

static gboolean
is_in_force (FluoTracesCompare *self, const FluoTerm *term, const char *expression)
{
  return expression ? fluo_filter_has_condition (self->filter, expression)
                    : fluo_cohort_term_bounds (term, self->span);
}

static void
card_clicked_cb (FluoTracesCompare *self, FluoCompareCard *card)
{
  /* The card is set again before this is over. */
  g_autoptr (TakenTerm) given = taken_new (&fluo_compare_card_get_row (card)->term);

  if (!is_in_force (self, &given->row.term, given->expression))
    g_ptr_array_add (self->taken, taken_new (&given->row.term));
  g_signal_emit (self, signals[SIGNAL_TERM_CLICKED], 0, &given->row.term);
}

static void
add_shown (GArray *out, const FluoCohortRow *row, FluoCompareCardState state)
{
  const FluoCompareShown shown = { row, state };

  if (out->len < CARDS_MAX)
    g_array_append_val (out, shown);
}

/* In the filter, as far as the filter still has them. */
static void
add_taken (FluoTracesCompare *self, GArray *out)
{
  for (guint i = self->taken->len; i > 0; i--)
    {
      const TakenTerm *taken = self->taken->pdata[i - 1];

      if (!is_in_force (self, &taken->row.term, taken->expression))
        g_ptr_array_remove_index (self->taken, i - 1);
    }
  for (guint i = 0; i < self->taken->len; i++)
    add_shown (out, &((TakenTerm *) self->taken->pdata[i])->row, FLUO_COMPARE_CARD_TAKEN);
}

static gboolean
is_taken (FluoTracesCompare *self, const FluoTerm *term)
{
  for (guint i = 0; i < self->taken->len; i++)
    if (fluo_compare_term_is_same (&((TakenTerm *) self->taken->pdata[i])->row.term, term))
      return TRUE;
  return FALSE;
}

/* Says the same as a card before it, or nothing but an id, or one service too many. */
static gboolean
is_crowding (const FluoCohortRow *row, guint *n_services)
{
  if (row->is_alike || row->is_id || row->score <= 0)
    return TRUE;
  if (row->term.field == FLUO_FIELD_SERVICE || row->term.field == FLUO_FIELD_SERVICE_STATUS)
    return ++*n_services > SERVICE_CARDS_MAX;
  return FALSE;
}

static void
add_differences (FluoTracesCompare *self, GArray *out)
{
  const FluoCohortRow *rows;
  guint n_services = 0;
  guint n_rows;

  rows = fluo_cohort_get_rows (self->cohort, &n_rows);
  for (guint i = 0; i < n_rows && out->len < CARDS_MAX; i++)
    if (!is_crowding (&rows[i], &n_services) && !is_taken (self, &rows[i].term))
      add_shown (out, &rows[i], FLUO_COMPARE_CARD_DIFFERS);
}

static void
update_words (FluoTracesCompare *self)
{
  const gboolean brushed = !fluo_brush_is_empty (&self->brush);
  const gboolean slow = self->brush.from_ns > 0 && self->brush.to_ns == G_MAXINT64
                        && !fluo_brush_has_span (&self->brush);
  guint a = self->cohort ? fluo_cohort_get_size (self->cohort, 0) : 0;
  guint b = self->cohort ? fluo_cohort_get_size (self->cohort, 1) : 0;
  g_autofree char *count_a = fluo_format_count (a);
  g_autofree char *count_b = fluo_format_count (b);
  g_autofree char *text_a = g_strdup_printf (
      brushed ? ngettext ("%s selected", "%s selected", a)
              : ngettext ("%s slowest", "%s slowest", a),
      count_a);
  g_autofree char *text_b = g_strdup_printf (ngettext ("%s other", "%s others", b), count_b);

  gtk_label_set_text (self->title, !brushed ? _("What the slowest tenth shares")
                                   : slow   ? _("What the slow traces share")
                                            : _("What the selected traces share"));
  gtk_label_set_text (self->legend_a, text_a);
  gtk_label_set_text (self->legend_b, text_b);
  if (a < FLUO_COHORT_TRACES_MIN)
    gtk_label_set_text (self->nothing,
                        _("Too few traces are selected to say what they have in common."));
  else if (b < FLUO_COHORT_TRACES_MIN)
    gtk_label_set_text (self->nothing, _("Too few others are left to compare them with."));
  else
    gtk_label_set_text (self->nothing,
                        _("Nothing sets them apart: no value is 10 points more common."));
}

static void
show_cohort (FluoTracesCompare *self)
{
  g_autoptr (GArray) shown = g_array_new (FALSE, FALSE, sizeof (FluoCompareShown));
  guint n;

  if (!self->box)
    return;
  add_taken (self, shown);
  /* Both say something, or what they share is no difference. */
  if (self->cohort && fluo_cohort_get_size (self->cohort, 0) >= FLUO_COHORT_TRACES_MIN
      && fluo_cohort_get_size (self->cohort, 1) >= FLUO_COHORT_TRACES_MIN)
    add_differences (self, shown);
  n = fluo_compare_cards_show (FLUO_COMPARE_CARDS (self->cards), shown, self->cohort);
  update_words (self);
  gtk_widget_set_visible (self->scroller, n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->nothing), n == 0);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
more_clicked_cb (FluoTracesCompare *self)
{
  g_signal_emit (self, signals[SIGNAL_MORE], 0);
}

static GtkWidget *
make_legend (GtkLabel **ret_label, const char *css_class)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *swatch = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  *ret_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (swatch, "legend-bar");
  gtk_widget_add_css_class (swatch, css_class);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (*ret_label), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (*ret_label), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (*ret_label), "numeric");
  gtk_box_append (GTK_BOX (box), swatch);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (*ret_label));
  return box;
}

static GtkWidget *
make_head (FluoTracesCompare *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *more_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *arrow = gtk_image_new_from_icon_name ("fluoroscope-right-symbolic");

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "caption-heading");
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (head), make_legend (&self->legend_a, "selected"));
  gtk_box_append (GTK_BOX (head), make_legend (&self->legend_b, "rest"));
  self->more = gtk_button_new ();
  gtk_image_set_pixel_size (GTK_IMAGE (arrow), 12);
  gtk_box_append (GTK_BOX (more_box), gtk_label_new (_("Compare more fields")));
  gtk_box_append (GTK_BOX (more_box), arrow);
  gtk_button_set_child (GTK_BUTTON (self->more), more_box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->more), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Compare more fields"), -1);
  gtk_widget_add_css_class (self->more, "flat");
  gtk_widget_add_css_class (self->more, "link-button");
  gtk_widget_set_hexpand (self->more, TRUE);
  gtk_widget_set_halign (self->more, GTK_ALIGN_END);
  g_signal_connect_object (self->more, "clicked", G_CALLBACK (more_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), self->more);
  return head;
}

static void
fluo_traces_compare_dispose (GObject *object)
{
  FluoTracesCompare *self = FLUO_TRACES_COMPARE (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_traces_compare_parent_class)->dispose (object);
}

static void
fluo_traces_compare_finalize (GObject *object)
{
  FluoTracesCompare *self = FLUO_TRACES_COMPARE (object);

  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_pointer (&self->points, g_array_unref);
  g_clear_pointer (&self->cohort, fluo_cohort_unref);
  g_ptr_array_unref (self->taken);
  g_free (self->filter);
  G_OBJECT_CLASS (fluo_traces_compare_parent_class)->finalize (object);
}

static void
fluo_traces_compare_class_init (FluoTracesCompareClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_traces_compare_dispose;
  object_class->finalize = fluo_traces_compare_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_TERM_CLICKED] =
    g_signal_new ("term-clicked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_MORE] = g_signal_new ("more", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_traces_compare_init (FluoTracesCompare *self)
{
  self->filter = g_strdup ("");
  self->taken = g_ptr_array_new_with_free_func ((GDestroyNotify) taken_free);
  self->cancellable = g_cancellable_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_add_css_class (self->box, "traces-compare");
  gtk_box_append (GTK_BOX (self->box), make_head (self));
  self->cards = fluo_compare_cards_new ();
  g_signal_connect_object (self->cards, "card-clicked", G_CALLBACK (card_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cards, "left", G_CALLBACK (show_cohort), self,
                           G_CONNECT_SWAPPED);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_AUTOMATIC,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->cards);
  self->nothing = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->nothing, 0);
  gtk_label_set_wrap (self->nothing, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->nothing), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->nothing), "compare-nothing");
  gtk_box_append (GTK_BOX (self->box), self->scroller);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->nothing));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  show_cohort (self);
}

GtkWidget *
fluo_traces_compare_new (void)
{
  return g_object_new (FLUO_TYPE_TRACES_COMPARE, NULL);
}

void
fluo_traces_compare_set_data (FluoTracesCompare *self, GPtrArray *summaries, GArray *points,
                              const FluoBrush *brush)
{
  g_return_if_fail (FLUO_IS_TRACES_COMPARE (self) && summaries->len == points->len);

  if (self->summaries == summaries && fluo_brush_equal (&self->brush, brush))
    return;
  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_pointer (&self->points, g_array_unref);
  self->summaries = g_ptr_array_ref (summaries);
  self->points = g_array_ref (points);
  self->brush = *brush;
  if (summaries->len < TRACES_MIN && self->cohort)
    {
      g_clear_pointer (&self->cohort, fluo_cohort_unref);
      show_cohort (self);
    }
  ask (self);
}

void
fluo_traces_compare_set_filter (FluoTracesCompare *self, const char *filter)
{
  g_return_if_fail (FLUO_IS_TRACES_COMPARE (self));

  if (g_str_equal (self->filter, filter))
    return;
  g_free (self->filter);
  self->filter = g_strdup (filter);
  show_cohort (self);
}

void
fluo_traces_compare_set_span (FluoTracesCompare *self, FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_TRACES_COMPARE (self));

  if (fluo_time_span_equal (self->span, span))
    return;
  self->span = span;
  for (guint i = 0; i < self->taken->len; i++)
    if (!((TakenTerm *) self->taken->pdata[i])->expression)
      {
        show_cohort (self);
        return;
      }
}

void
fluo_traces_compare_set_narrow (FluoTracesCompare *self, gboolean narrow)
{
  g_return_if_fail (FLUO_IS_TRACES_COMPARE (self));
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->legend_a)), !narrow);
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->legend_b)), !narrow);
}

FluoCohort *
fluo_traces_compare_get_cohort (FluoTracesCompare *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_COMPARE (self), NULL);
  return self->cohort;
}

gboolean
fluo_traces_compare_is_busy (FluoTracesCompare *self)
{
  g_return_val_if_fail (FLUO_IS_TRACES_COMPARE (self), FALSE);
  return self->running;
}
