/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-stats-view.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* More kinds than this are no statistics; those with the most own time are shown. */
#define ROWS_MAX 5000
#define TEXT_CHARS_MAX 120
/* "1,000,000" and "2 min 5 s" are seen whole. */
#define COUNT_WIDTH 92
#define FIGURE_WIDTH 84
#define NAME_CHARS 12

/* --- A row ------------------------------------------------------------------------------------ */

#define FLUO_TYPE_STATS_ROW (fluo_stats_row_get_type ())
G_DECLARE_FINAL_TYPE (FluoStatsRow, fluo_stats_row, FLUO, STATS_ROW, GObject)

struct _FluoStatsRow
{
  GObject parent_instance;

  FluoTraceStat stat;
};

G_DEFINE_FINAL_TYPE (FluoStatsRow, fluo_stats_row, G_TYPE_OBJECT)

static void
fluo_stats_row_finalize (GObject *object)
{
  g_free (((FluoStatsRow *) object)->stat.label);

  G_OBJECT_CLASS (fluo_stats_row_parent_class)->finalize (object);
}

static void
fluo_stats_row_class_init (FluoStatsRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_stats_row_finalize;
}

static void
fluo_stats_row_init (FluoStatsRow *self)
{
}

/* --- The table -------------------------------------------------------------------------------- */

typedef enum
{
  COLUMN_SERVICE,
  COLUMN_CALL,
  COLUMN_COUNT,
  COLUMN_TOTAL,
  COLUMN_OWN,
  COLUMN_P50,
  COLUMN_P90,
  COLUMN_P99,
  COLUMN_MAX,
  COLUMN_FAULTS,
  N_COLUMNS
} Column;

static const char *const titles[N_COLUMNS] = {
  N_("Service"), N_("Call"), N_("Count"), N_("Total"), N_("Own time"), "p50", "p90", "p99",
  N_("Longest"),
  N_("Failed"),
};

struct _FluoStatsView
{
  GtkWidget parent_instance;

  FluoTrace          *trace;
  FluoTraceStatsBy    by;
  guint               generation;
  GListStore         *store;
  GtkSortListModel   *sorted;
  GtkSingleSelection *selection;
  GtkColumnView      *table;
  GtkColumnViewColumn *service_column, *call_column;
  GtkWidget          *scroll;
  GtkWidget          *nothing; /* said over it when there are no rows */
};

G_DEFINE_FINAL_TYPE (FluoStatsView, fluo_stats_view, GTK_TYPE_WIDGET)

enum
{
  SELECTED,
  ACTIVATED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

#define COLUMN_KEY "fluo-column"
#define VIEW_KEY "fluo-view"

static char *
dup_text (FluoStatsView *self, const FluoTraceStat *stat, Column column)
{
  const FluoSpan *span = &fluo_trace_get_spans (self->trace, NULL)[stat->span];
  const FluoTraceService *services;
  const char *name, *detail;
  g_autofree char *both = NULL;
  guint n;

  switch (column)
    {
    case COLUMN_SERVICE:
      services = fluo_trace_get_services (self->trace, &n);
      return fluo_format_untrusted (
        stat->service < n ? fluo_kind_get_display_name (services[stat->service].type,
                                                        services[stat->service].name)
                          : "–",
        TEXT_CHARS_MAX);
    case COLUMN_CALL:
      if (stat->label != NULL)
        return fluo_format_untrusted (stat->label, TEXT_CHARS_MAX);
      name = fluo_trace_get_string (self->trace, span->name);
      detail = fluo_trace_get_string (self->trace, span->detail);
      /* What stands for a service has its name in the column before. */
      if (*detail != '\0' && (span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)))
        return fluo_format_untrusted (detail, TEXT_CHARS_MAX);
      both = *detail != '\0' ? g_strdup_printf ("%s %s", name, detail) : g_strdup (name);
      return fluo_format_untrusted (both, TEXT_CHARS_MAX);
    case COLUMN_COUNT:
      return fluo_format_count (stat->count);
    case COLUMN_TOTAL:
      return fluo_format_duration (stat->total_ns);
    case COLUMN_OWN:
      return fluo_format_duration (stat->own_ns);
    case COLUMN_P50:
      return fluo_format_duration (stat->p50_ns);
    case COLUMN_P90:
      return fluo_format_duration (stat->p90_ns);
    case COLUMN_P99:
      return fluo_format_duration (stat->p99_ns);
    case COLUMN_MAX:
      return fluo_format_duration (stat->max_ns);
    case COLUMN_FAULTS:
      return stat->faults > 0 ? fluo_format_count (stat->faults) : g_strdup ("–");
    case N_COLUMNS:
    default:
      return g_strdup ("");
    }
}

static gint64
value_of (const FluoTraceStat *stat, Column column)
{
  const gint64 values[N_COLUMNS] = {
    [COLUMN_COUNT] = stat->count,   [COLUMN_TOTAL] = stat->total_ns, [COLUMN_OWN] = stat->own_ns,
    [COLUMN_P50] = stat->p50_ns,    [COLUMN_P90] = stat->p90_ns,     [COLUMN_P99] = stat->p99_ns,
    [COLUMN_MAX] = stat->max_ns,    [COLUMN_FAULTS] = stat->faults,
  };

  return values[column];
}

typedef struct
{
  FluoStatsView *view;  /* the column's, which it outlives */
  Column         column;
} ColumnData;

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer user_data)
{
  ColumnData *data = user_data;
  const FluoTraceStat *x = &((FluoStatsRow *) a)->stat, *y = &((FluoStatsRow *) b)->stat;

  if (data->column <= COLUMN_CALL)
    {
      g_autofree char *text_x = dup_text (data->view, x, data->column);
      g_autofree char *text_y = dup_text (data->view, y, data->column);

      return g_utf8_collate (text_x, text_y);
    }
  else
    {
      gint64 value_x = value_of (x, data->column), value_y = value_of (y, data->column);

      return (value_x > value_y) - (value_x < value_y);
    }
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, ColumnData *data)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), data->column <= COLUMN_CALL ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  /* Names are told apart in large text too; the table scrolls sideways rather. */
  if (data->column <= COLUMN_CALL)
    gtk_label_set_width_chars (GTK_LABEL (label), NAME_CHARS);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, ColumnData *data)
{
  FluoStatsRow *row = gtk_list_item_get_item (item);
  g_autofree char *text = dup_text (data->view, &row->stat, data->column);

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text);
}

static void
free_data (gpointer data, GClosure *closure)
{
  g_free (data);
}

static ColumnData *
column_data_new (FluoStatsView *self, Column column)
{
  ColumnData *data = g_new0 (ColumnData, 1);

  data->view = self;
  data->column = column;

  return data;
}

static void
add_column (FluoStatsView *self, Column column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) added = NULL;
  g_autoptr (GtkSorter) sorter = GTK_SORTER (
    gtk_custom_sorter_new (compare_cb, column_data_new (self, column), g_free));

  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cb), column_data_new (self, column),
                         free_data, 0);
  g_signal_connect_data (factory, "bind", G_CALLBACK (bind_cb), column_data_new (self, column),
                         free_data, 0);
  added = gtk_column_view_column_new (
    column >= COLUMN_P50 && column <= COLUMN_P99 ? titles[column] : _(titles[column]), factory);
  gtk_column_view_column_set_sorter (added, sorter);
  gtk_column_view_column_set_resizable (added, TRUE);
  gtk_column_view_column_set_expand (added, column <= COLUMN_CALL);
  if (column > COLUMN_CALL)
    gtk_column_view_column_set_fixed_width (
      added, (int) ((column == COLUMN_COUNT ? COUNT_WIDTH : FIGURE_WIDTH) *
                    fluo_theme_get_text_scale (GTK_WIDGET (self))));
  if (column == COLUMN_SERVICE)
    self->service_column = added;
  if (column == COLUMN_CALL)
    self->call_column = added;
  gtk_column_view_append_column (self->table, added);
  /* As they come; the title's arrow says so. */
  if (column == COLUMN_OWN)
    gtk_column_view_sort_by_column (self->table, added, GTK_SORT_DESCENDING);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, FluoStatsView *self)
{
  FluoStatsRow *row = gtk_single_selection_get_selected_item (selection);

  if (row != NULL)
    g_signal_emit (self, signals[SELECTED], 0, row->stat.span);
}

/* The calls of a kind in the waterfall: by what they are found by. */
static void
activated_cb (GtkColumnView *table, guint position, FluoStatsView *self)
{
  g_autoptr (FluoStatsRow) row = g_list_model_get_item (G_LIST_MODEL (self->sorted), position);
  const FluoSpan *span;
  const FluoTraceService *services;
  const char *words = "";
  guint n;

  if (row == NULL)
    return;
  span = &fluo_trace_get_spans (self->trace, NULL)[row->stat.span];
  services = fluo_trace_get_services (self->trace, &n);
  if (self->by == FLUO_TRACE_STATS_SERVICE && row->stat.service < n)
    words = services[row->stat.service].name;
  else if (self->by == FLUO_TRACE_STATS_CALL)
    {
      words = fluo_trace_get_string (self->trace, span->detail);
      if (*words == '\0')
        words = fluo_trace_get_string (self->trace, span->name);
    }
  g_signal_emit (self, signals[ACTIVATED], 0, row->stat.span, words);
}

/* --- Counting --------------------------------------------------------------------------------- */

typedef struct
{
  FluoTrace *trace;
  FluoTraceStatsBy by;
  guint      generation;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  fluo_trace_unref (job->trace);
  g_free (job);
}

/* [worker] */
static void
count_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Job *job = task_data;

  g_task_return_pointer (task, fluo_trace_dup_stats (job->trace, job->by),
                         (GDestroyNotify) g_array_unref);
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoStatsView *self = FLUO_STATS_VIEW (source);
  Job *job = g_task_get_task_data (G_TASK (result));
  g_autoptr (GArray) stats = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);

  if (stats == NULL || job->generation != self->generation || self->scroll == NULL)
    return;

  for (guint i = 0; i < MIN (stats->len, ROWS_MAX); i++)
    {
      FluoStatsRow *row = g_object_new (FLUO_TYPE_STATS_ROW, NULL);

      row->stat = g_array_index (stats, FluoTraceStat, i);
      row->stat.label = g_strdup (row->stat.label);
      g_ptr_array_add (rows, row);
    }
  g_list_store_splice (self->store, 0, g_list_model_get_n_items (G_LIST_MODEL (self->store)),
                       rows->pdata, rows->len);
  gtk_widget_set_visible (self->nothing, rows->len == 0);
}

void
fluo_stats_view_set_trace (FluoStatsView *self, FluoTrace *trace, FluoTraceStatsBy by)
{
  g_autoptr (GTask) task = NULL;
  Job *job;

  g_return_if_fail (FLUO_IS_STATS_VIEW (self));

  if (trace == self->trace && by == self->by)
    return;

  g_list_store_remove_all (self->store);
  gtk_widget_set_visible (self->nothing, FALSE);
  if (trace != NULL)
    fluo_trace_ref (trace);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  self->trace = trace;
  self->by = by;
  self->generation++;
  gtk_column_view_column_set_visible (self->service_column, by != FLUO_TRACE_STATS_ANNOTATION);
  gtk_column_view_column_set_visible (self->call_column, by != FLUO_TRACE_STATS_SERVICE);
  gtk_column_view_column_set_title (self->call_column, by == FLUO_TRACE_STATS_ANNOTATION
                                                         ? _("Annotation")
                                                         : _("Call"));
  if (trace == NULL)
    return;

  job = g_new0 (Job, 1);
  job->trace = fluo_trace_ref (trace);
  job->by = by;
  job->generation = self->generation;
  task = g_task_new (self, NULL, counted_cb, NULL);
  g_task_set_source_tag (task, fluo_stats_view_set_trace);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, count_thread);
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_stats_view_dispose (GObject *object)
{
  FluoStatsView *self = FLUO_STATS_VIEW (object);

  self->generation++;
  g_clear_pointer (&self->scroll, gtk_widget_unparent);
  g_clear_pointer (&self->nothing, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (fluo_stats_view_parent_class)->dispose (object);
}

static void
fluo_stats_view_finalize (GObject *object)
{
  g_clear_pointer (&FLUO_STATS_VIEW (object)->trace, fluo_trace_unref);

  G_OBJECT_CLASS (fluo_stats_view_parent_class)->finalize (object);
}

static void
fluo_stats_view_class_init (FluoStatsViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_stats_view_dispose;
  object_class->finalize = fluo_stats_view_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "statsview");

  signals[SELECTED] = g_signal_new ("selected", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[ACTIVATED] =
    g_signal_new ("activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
}

static void
fluo_stats_view_init (FluoStatsView *self)
{
  self->store = g_list_store_new (FLUO_TYPE_STATS_ROW);
  self->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  for (guint i = 0; i < N_COLUMNS; i++)
    add_column (self, i);
  fluo_compat_align_titles (self->table, COLUMN_COUNT);
  self->sorted =
    gtk_sort_list_model_new (G_LIST_MODEL (g_object_ref (self->store)),
                             g_object_ref (gtk_column_view_get_sorter (self->table)));
  self->selection = gtk_single_selection_new (G_LIST_MODEL (self->sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           0);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->table, "activate", G_CALLBACK (activated_cb), self, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "data-table");
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "stats-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Statistics"), -1);
  self->scroll = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroll), GTK_WIDGET (self->table));
  gtk_widget_set_parent (self->scroll, GTK_WIDGET (self));
  /* Every trace has calls and services. */
  self->nothing = gtk_label_new (_("No call of this trace has an annotation."));
  gtk_label_set_wrap (GTK_LABEL (self->nothing), TRUE);
  gtk_widget_set_valign (self->nothing, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->nothing, "dim-label");
  gtk_widget_set_visible (self->nothing, FALSE);
  gtk_widget_set_parent (self->nothing, GTK_WIDGET (self));
}

GtkWidget *
fluo_stats_view_new (void)
{
  return g_object_new (FLUO_TYPE_STATS_VIEW, NULL);
}

GListModel *
fluo_stats_view_get_rows (FluoStatsView *self)
{
  g_return_val_if_fail (FLUO_IS_STATS_VIEW (self), NULL);

  return G_LIST_MODEL (self->sorted);
}
