/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-compare-groups.h"

#include <glib/gi18n.h>
#include <stdlib.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-histogram.h"
#include "fluo-cohort-words.h"

#define SHARE_BARS_MAX 24

/* --- Row --------------------------------------------------------------------------------- */

#define FLUO_TYPE_GROUP_ITEM (fluo_group_item_get_type ())
G_DECLARE_FINAL_TYPE (FluoGroupItem, fluo_group_item, FLUO, GROUP_ITEM, GObject)

struct _FluoGroupItem
{
  GObject parent_instance;
  FluoCohortGroup row;
  char *words;
  double share;
  gboolean is_term; /* can be asked for */
};

G_DEFINE_FINAL_TYPE (FluoGroupItem, fluo_group_item, G_TYPE_OBJECT)

static void
fluo_group_item_finalize (GObject *object)
{
  g_free (FLUO_GROUP_ITEM (object)->words);
  G_OBJECT_CLASS (fluo_group_item_parent_class)->finalize (object);
}

static void
fluo_group_item_class_init (FluoGroupItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_group_item_finalize;
}

static void
fluo_group_item_init (FluoGroupItem *self)
{
}

/* --- Widget ------------------------------------------------------------------------------ */

struct _FluoCompareGroups
{
  GtkWidget parent_instance;

  GPtrArray *summaries;
  GArray *points;
  FluoCohort *cohort; /* its fields */
  FluoCohortGroups *groups; /* what the rows' strings belong to */
  GListStore *store;
  GCancellable *cancellable;
  guint generation;

  GtkWidget *box;
  GtkDropDown *fields;
  GtkLabel *note;
};

enum
{
  SIGNAL_TERM_CLICKED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoCompareGroups, fluo_compare_groups, GTK_TYPE_WIDGET)

typedef enum
{
  COLUMN_VALUE,
  COLUMN_COUNT,
  COLUMN_SHARE,
  COLUMN_P50,
  COLUMN_P90,
  COLUMN_P99,
  COLUMN_FAULTS,
  N_COLUMNS
} Column;

static double
number_of (const FluoGroupItem *item, Column column)
{
  switch (column)
    {
    case COLUMN_COUNT:
      return item->row.n;
    case COLUMN_SHARE:
      return item->share;
    case COLUMN_P50:
    case COLUMN_P90:
    case COLUMN_P99:
      return item->row.quantiles[column - COLUMN_P50];
    case COLUMN_FAULTS:
      return item->row.n > 0 ? item->row.n_faults / (double) item->row.n : 0;
    case COLUMN_VALUE:
    case N_COLUMNS:
    default:
      return 0;
    }
}

static char *
dup_text (const FluoGroupItem *item, Column column)
{
  switch (column)
    {
    case COLUMN_VALUE:
      return g_strdup (item->words);
    case COLUMN_COUNT:
      return fluo_format_count (item->row.n);
    case COLUMN_SHARE:
      return fluo_format_share (item->share);
    case COLUMN_FAULTS:
      return fluo_format_share (number_of (item, column));
    case COLUMN_P50:
    case COLUMN_P90:
    case COLUMN_P99:
    case N_COLUMNS:
    default:
      return fluo_format_duration (item->row.quantiles[column - COLUMN_P50]);
    }
}

static int
compare_items (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Column column = GPOINTER_TO_INT (user_data);
  const double x = number_of (a, column), y = number_of (b, column);

  if (column == COLUMN_VALUE)
    return g_utf8_collate (((const FluoGroupItem *) a)->words, ((const FluoGroupItem *) b)->words);
  return (x > y) - (x < y);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), GPOINTER_TO_INT (user_data) == COLUMN_VALUE ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  g_autofree char *text = dup_text (gtk_list_item_get_item (item), GPOINTER_TO_INT (user_data));

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
activated_cb (GtkColumnView *view, guint position, FluoCompareGroups *self)
{
  GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (view));
  g_autoptr (FluoGroupItem) item = g_list_model_get_item (model, position);

  if (item && item->is_term)
    g_signal_emit (self, signals[SIGNAL_TERM_CLICKED], 0, &item->row.term);
}

static GtkWidget *
make_table (FluoCompareGroups *self)
{
  static const struct
  {
    const char *title;
    int width;
  } columns[N_COLUMNS] = {
    [COLUMN_VALUE] = { N_("Value"), 0 },   [COLUMN_COUNT] = { N_("Traces"), 84 },
    [COLUMN_SHARE] = { N_("Share"), 76 },  [COLUMN_P50] = { "p50", 84 },
    [COLUMN_P90] = { "p90", 84 },           [COLUMN_P99] = { "p99", 84 },
    [COLUMN_FAULTS] = { N_("Faults"), 84 },
  };
  GtkWidget *view = gtk_column_view_new (NULL);
  GtkSorter *sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (view));
  GtkSortListModel *sorted = gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->store)),
                                                      g_object_ref (sorter));
  g_autoptr (GtkSingleSelection)
      selection = gtk_single_selection_new (G_LIST_MODEL (sorted));

  gtk_single_selection_set_autoselect (selection, FALSE);
  gtk_single_selection_set_can_unselect (selection, TRUE);
  gtk_column_view_set_model (GTK_COLUMN_VIEW (view), GTK_SELECTION_MODEL (selection));
  gtk_column_view_set_show_row_separators (GTK_COLUMN_VIEW (view), TRUE);
  gtk_widget_add_css_class (view, "fluo-table");
  for (int i = 0; i < N_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn)
          column = gtk_column_view_column_new (_ (columns[i].title), factory);
      g_autoptr (GtkSorter) by = GTK_SORTER (
          gtk_custom_sorter_new (compare_items, GINT_TO_POINTER (i), NULL));

      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GINT_TO_POINTER (i));
      gtk_column_view_column_set_sorter (column, by);
      if (columns[i].width > 0)
        gtk_column_view_column_set_fixed_width (
            column, (int) (columns[i].width * fluo_theme_get_text_scale (view)));
      else
        gtk_column_view_column_set_expand (column, TRUE);
      gtk_column_view_append_column (GTK_COLUMN_VIEW (view), column);
    }
  g_signal_connect_object (view, "activate", G_CALLBACK (activated_cb), self, 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Groups"), -1);
  return view;
}

/* --- Grouping ---------------------------------------------------------------------------- */

static void
add_item (FluoCompareGroups *self, const FluoCohortGroup *row, char *words, guint total,
          gboolean is_term)
{
  g_autoptr (FluoGroupItem) item = g_object_new (FLUO_TYPE_GROUP_ITEM, NULL);

  item->row = *row;
  item->words = words;
  item->share = total > 0 ? row->n / (double) total : 0;
  item->is_term = is_term;
  g_list_store_append (self->store, item);
}

static int
compare_values (const void *a, const void *b)
{
  const gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

/* The bars of the histogram as rows. */
static void
show_response_times (FluoCompareGroups *self)
{
  static const double ranks[] = { .5, .9, .99 };
  g_autofree gint64 *values = g_new (gint64, self->points->len + 1);
  const gint64 *of_bar = values;
  g_autoptr (FluoScatter) scatter = fluo_scatter_new ();
  const FluoScatterView view = { .width = 1000, .height = SHARE_BARS_MAX * 4, .scale = 1,
                                 .span = { 0, 1 } };
  double left, right, top, bottom;
  const FluoScatterBar *bars;
  guint n;

  fluo_scatter_set_points (scatter, self->points);
  fluo_scatter_layout (scatter, &view);
  fluo_scatter_get_plot (scatter, &left, &right, &top, &bottom);
  bars = fluo_scatter_get_bars (scatter, &n);
  for (guint i = 0; i < self->points->len; i++)
    values[i] = g_array_index (self->points, FluoScatterPoint, i).value_ns;
  qsort (values, self->points->len, sizeof *values, compare_values);
  for (guint i = 0; i < n; i++)
    {
      const double pitch = (bottom - top) / n;
      const gint64 from = fluo_scatter_get_value (scatter, bottom - i * pitch);
      const gint64 to = fluo_scatter_get_value (scatter, bottom - (i + 1) * pitch);
      FluoCohortGroup row = { .n = bars[i].total, .n_faults = bars[i].fault };
      g_autofree char *begin = fluo_format_duration (from);
      g_autofree char *end = fluo_format_duration (to);

      if (row.n == 0)
        continue;
      for (guint k = 0; k < 3; k++)
        row.quantiles[k] = fluo_percentile (of_bar, row.n, ranks[k]);
      /* Bars have all points among them, from the fastest on. */
      of_bar += row.n;
      add_item (self, &row, g_strdup_printf (_("%s to %s"), begin, end), self->points->len, FALSE);
    }
}

typedef struct
{
  GPtrArray *summaries;
  FluoField field;
  char *key;
  guint generation;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_ptr_array_unref (self->summaries);
  g_free (self->key);
  g_free (self);
}

/* [worker] */
static void
work_cb (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Question *question = data;

  g_task_return_pointer (
      task, fluo_cohort_groups_new (question->summaries, NULL, question->field, question->key),
      (GDestroyNotify) fluo_cohort_groups_free);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoCompareGroups *self = FLUO_COMPARE_GROUPS (source);
  const Question *question = g_task_get_task_data (G_TASK (result));
  g_autoptr (FluoCohortGroups) groups = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *values = NULL;
  g_autofree char *with = NULL;
  g_autofree char *all = NULL;
  g_autofree char *note = NULL;

  if (!groups || question->generation != self->generation)
    return;
  g_list_store_remove_all (self->store);
  g_clear_pointer (&self->groups, fluo_cohort_groups_free);
  self->groups = g_steal_pointer (&groups);
  for (guint i = 0; i < self->groups->rows->len; i++)
    {
      const FluoCohortGroup *row = &g_array_index (self->groups->rows, FluoCohortGroup, i);

      add_item (self, row, fluo_cohort_dup_value_words (&row->term), self->groups->n_traces, TRUE);
    }
  values = fluo_format_count (self->groups->n_values);
  with = fluo_format_count (self->groups->n_with);
  all = fluo_format_count (self->groups->n_traces);
  note = g_strdup_printf (ngettext ("%s value in %s of %s traces", "%s values in %s of %s traces",
                                    self->groups->n_values),
                          values, with, all);
  gtk_label_set_text (self->note, note);
}

static void
field_selected_cb (FluoCompareGroups *self)
{
  guint selected = gtk_drop_down_get_selected (self->fields);
  g_autoptr (GTask) task = NULL;
  const FluoCohortField *fields;
  Question *question;
  guint n;

  if (!self->cohort || selected == GTK_INVALID_LIST_POSITION)
    return;
  self->generation++;
  if (selected == 0)
    {
      g_list_store_remove_all (self->store);
      show_response_times (self);
      gtk_label_set_text (self->note, "");
      return;
    }
  fields = fluo_cohort_get_fields (self->cohort, &n);
  g_return_if_fail (selected - 1 < n);
  question = g_new0 (Question, 1);
  question->summaries = g_ptr_array_ref (self->summaries);
  question->field = fields[selected - 1].field;
  question->key = g_strdup (fields[selected - 1].key);
  question->generation = self->generation;
  task = g_task_new (self, self->cancellable, answered_cb, NULL);
  g_task_set_source_tag (task, field_selected_cb);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, work_cb);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_compare_groups_dispose (GObject *object)
{
  FluoCompareGroups *self = FLUO_COMPARE_GROUPS (object);

  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_compare_groups_parent_class)->dispose (object);
}

static void
fluo_compare_groups_finalize (GObject *object)
{
  FluoCompareGroups *self = FLUO_COMPARE_GROUPS (object);

  g_clear_pointer (&self->summaries, g_ptr_array_unref);
  g_clear_pointer (&self->points, g_array_unref);
  g_clear_pointer (&self->cohort, fluo_cohort_unref);
  g_clear_pointer (&self->groups, fluo_cohort_groups_free);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (fluo_compare_groups_parent_class)->finalize (object);
}

static void
fluo_compare_groups_class_init (FluoCompareGroupsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_compare_groups_dispose;
  object_class->finalize = fluo_compare_groups_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_TERM_CLICKED] =
    g_signal_new ("term-clicked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                  NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
fluo_compare_groups_init (FluoCompareGroups *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *label = gtk_label_new (_("Group by"));
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->cancellable = g_cancellable_new ();
  self->store = g_list_store_new (FLUO_TYPE_GROUP_ITEM);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->fields = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->fields), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Group by"), -1);
  self->note = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->note, 1);
  gtk_label_set_ellipsize (self->note, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->note), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->note), "caption");
  gtk_widget_add_css_class (head, "compare-bar");
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->fields));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->note));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), make_table (self));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (scroller, "view");
  gtk_box_append (GTK_BOX (self->box), head);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
fluo_compare_groups_new (GPtrArray *summaries, GArray *points)
{
  FluoCompareGroups *self = g_object_new (FLUO_TYPE_COMPARE_GROUPS, NULL);

  self->summaries = g_ptr_array_ref (summaries);
  self->points = g_array_ref (points);
  return GTK_WIDGET (self);
}

void
fluo_compare_groups_set_fields (FluoCompareGroups *self, FluoCohort *cohort)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const FluoCohortField *fields;
  guint n;

  g_return_if_fail (FLUO_IS_COMPARE_GROUPS (self) && !self->cohort);

  self->cohort = fluo_cohort_ref (cohort);
  fields = fluo_cohort_get_fields (cohort, &n);
  gtk_string_list_append (names, _("response time"));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *words = fluo_cohort_dup_field_words (fields[i].field, fields[i].key);

      gtk_string_list_append (names, words);
    }
  gtk_drop_down_set_model (self->fields, G_LIST_MODEL (names));
  g_signal_connect_object (self->fields, "notify::selected", G_CALLBACK (field_selected_cb), self,
                           G_CONNECT_SWAPPED);
  field_selected_cb (self);
}

GListModel *
fluo_compare_groups_get_model (FluoCompareGroups *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_GROUPS (self), NULL);
  return G_LIST_MODEL (self->store);
}

void
fluo_compare_groups_select_field (FluoCompareGroups *self, FluoField field, const char *key)
{
  const FluoCohortField *fields;
  guint n;

  g_return_if_fail (FLUO_IS_COMPARE_GROUPS (self) && self->cohort);
  fields = fluo_cohort_get_fields (self->cohort, &n);
  for (guint i = 0; i < n; i++)
    if (fields[i].field == field && g_strcmp0 (fields[i].key, key) == 0)
      gtk_drop_down_set_selected (self->fields, i + 1);
}
