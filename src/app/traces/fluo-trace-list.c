/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-list.h"

#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-status.h"
#include "fluo-trace-words.h"

/* GTK keeps widgets for so many rows around the first one that is seen, and makes all that lack at
 * once, each with a cell for every column: 80 ms and more for a table that was empty. A step fills
 * a usual window; rows after those that are kept cost nothing. */
#define ROWS_KEPT 200
#define ROWS_A_STEP 48

/* --- Row --------------------------------------------------------------------------------- */

struct _FluoTraceRow
{
  GObject parent_instance;
  FluoTraceSummary *summary;
};

G_DEFINE_FINAL_TYPE (FluoTraceRow, fluo_trace_row, G_TYPE_OBJECT)

static void
fluo_trace_row_finalize (GObject *object)
{
  fluo_trace_summary_unref (FLUO_TRACE_ROW (object)->summary);
  G_OBJECT_CLASS (fluo_trace_row_parent_class)->finalize (object);
}

static void
fluo_trace_row_class_init (FluoTraceRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_trace_row_finalize;
}

static void
fluo_trace_row_init (FluoTraceRow *self)
{
}

static FluoTraceRow *
trace_row_new (FluoTraceSummary *summary)
{
  FluoTraceRow *self = g_object_new (FLUO_TYPE_TRACE_ROW, NULL);

  self->summary = fluo_trace_summary_ref (summary);
  return self;
}

FluoTraceSummary *
fluo_trace_row_get_summary (FluoTraceRow *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_ROW (self), NULL);
  return self->summary;
}

/* --- Query ------------------------------------------------------------------------------- */

typedef struct
{
  FluoTraceSummary *summary;
  gint64 number;
  char *text;
} SortKey;

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const SortKey *one = a;
  const SortKey *two = b;
  int sign = *(gboolean *) user_data ? -1 : 1;
  int order = 0;

  if (one->text)
    order = g_utf8_collate (one->text, two->text);
  if (order == 0)
    order = (one->number > two->number) - (one->number < two->number);
  if (order != 0)
    return order * sign;
  /* Ties keep the newest first whichever way the column is sorted. */
  if (one->summary->start_ns != two->summary->start_ns)
    return one->summary->start_ns > two->summary->start_ns ? -1 : 1;
  return memcmp (one->summary->id.bytes, two->summary->id.bytes, sizeof one->summary->id.bytes);
}

static SortKey
make_key (FluoTraceSummary *summary, FluoTraceSort sort)
{
  SortKey key = { .summary = summary };

  switch (sort)
    {
    case FLUO_TRACE_SORT_STATUS:
      key.number = summary->status * 1000 + summary->http_status;
      break;
    case FLUO_TRACE_SORT_DURATION:
      key.number = fluo_trace_summary_get_time_ns (summary);
      break;
    case FLUO_TRACE_SORT_REQUEST:
      key.text = fluo_trace_summary_dup_request (summary);
      break;
    case FLUO_TRACE_SORT_ENTRY:
      key.text = g_strdup (summary->entry_name ? summary->entry_name : "");
      break;
    case FLUO_TRACE_SORT_TIME:
    case FLUO_N_TRACE_SORTS:
    default:
      key.number = summary->start_ns;
    }
  return key;
}

static void
sort_array (GPtrArray *array, FluoTraceSort sort, gboolean descending)
{
  g_autoptr (GArray) keys = g_array_sized_new (FALSE, FALSE, sizeof (SortKey), array->len);

  for (guint i = 0; i < array->len; i++)
    {
      SortKey key = make_key (g_ptr_array_index (array, i), sort);

      g_array_append_val (keys, key);
    }
  g_array_sort_with_data (keys, compare_keys, &descending);
  for (guint i = 0; i < array->len; i++)
    {
      SortKey *key = &g_array_index (keys, SortKey, i);

      array->pdata[i] = key->summary;
      g_free (key->text);
    }
}

GPtrArray *
fluo_trace_query_run (const FluoTraceQuery *query, GPtrArray *summaries)
{
  g_auto (GStrv) words = fluo_trace_words_split (query->text);
  GPtrArray *found;

  /* The summaries come newest first, and that is what is mostly wanted. */
  if (!words && !query->only && query->sort == FLUO_TRACE_SORT_TIME
      && query->descending)
    return g_ptr_array_ref (summaries);
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  for (guint i = 0; i < summaries->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      if (fluo_trace_words_match (words, summary)
          && (!query->only || g_hash_table_contains (query->only, &summary->id)))
        g_ptr_array_add (found, fluo_trace_summary_ref (summary));
    }
  if (query->sort != FLUO_TRACE_SORT_TIME || !query->descending)
    sort_array (found, query->sort, query->descending);
  return found;
}

GPtrArray *
fluo_trace_list_narrow (GPtrArray *summaries, const FluoBrush *brush, GHashTable *only)
{
  GPtrArray *found;

  if (fluo_brush_is_empty (brush) && !only)
    return g_ptr_array_ref (summaries);
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  for (guint i = 0; i < summaries->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (summaries, i);

      if (fluo_brush_contains (brush, summary->start_ns, fluo_trace_summary_get_time_ns (summary))
          && (!only || g_hash_table_contains (only, &summary->id)))
        g_ptr_array_add (found, fluo_trace_summary_ref (summary));
    }
  return found;
}

/* --- List -------------------------------------------------------------------------------- */

struct _FluoTraceList
{
  GObject parent_instance;
  GPtrArray *items;
  guint n_rows;  /* of the model: all items, or fewer while there are steps to go */
  guint step_id;
};

static GType
fluo_trace_list_get_item_type (GListModel *model)
{
  return FLUO_TYPE_TRACE_ROW;
}

static guint
fluo_trace_list_get_n_items (GListModel *model)
{
  return FLUO_TRACE_LIST (model)->n_rows;
}

static gpointer
fluo_trace_list_get_item (GListModel *model, guint position)
{
  FluoTraceList *self = FLUO_TRACE_LIST (model);

  return position < self->n_rows ? trace_row_new (self->items->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = fluo_trace_list_get_item_type;
  iface->get_n_items = fluo_trace_list_get_n_items;
  iface->get_item = fluo_trace_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FluoTraceList, fluo_trace_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
fluo_trace_list_finalize (GObject *object)
{
  FluoTraceList *self = FLUO_TRACE_LIST (object);

  g_clear_handle_id (&self->step_id, g_source_remove);
  g_ptr_array_unref (self->items);
  G_OBJECT_CLASS (fluo_trace_list_parent_class)->finalize (object);
}

static void
fluo_trace_list_class_init (FluoTraceListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_trace_list_finalize;
}

static void
fluo_trace_list_init (FluoTraceList *self)
{
  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
}

FluoTraceList *
fluo_trace_list_new (void)
{
  return g_object_new (FLUO_TYPE_TRACE_LIST, NULL);
}

/* How many rows at the beginning of the model stay what they are. */
static guint
count_same (FluoTraceList *self, GPtrArray *summaries)
{
  guint n = 0;

  while (n < self->n_rows && n < summaries->len
         && self->items->pdata[n] == summaries->pdata[n])
    n++;
  return n;
}

/* The first @n_rows of @summaries are the model from now on. */
static void
show_rows (FluoTraceList *self, GPtrArray *summaries, guint n_rows)
{
  const guint head = MIN (count_same (self, summaries), n_rows), n_before = self->n_rows;
  g_autoptr (GPtrArray) old = self->items;
  guint tail = 0;

  self->items = g_ptr_array_ref (summaries);
  self->n_rows = n_rows;
  while (tail < MIN (n_before, n_rows) - head
         && old->pdata[n_before - 1 - tail] == summaries->pdata[n_rows - 1 - tail])
    tail++;
  if (n_before - head - tail > 0 || n_rows - head - tail > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), head, n_before - head - tail,
                                n_rows - head - tail);
}

/* After @n_done rows that have their widgets: as many more as a step may make. */
static guint
next_step (GPtrArray *summaries, guint n_done)
{
  return n_done + ROWS_A_STEP < ROWS_KEPT ? MIN (n_done + ROWS_A_STEP, summaries->len)
                                          : summaries->len;
}

static gboolean
step_cb (gpointer data)
{
  g_autoptr (FluoTraceList) self = g_object_ref (data);
  const guint step_id = self->step_id;

  show_rows (self, self->items, next_step (self->items, self->n_rows));
  if (self->n_rows < self->items->len)
    return G_SOURCE_CONTINUE;
  /* Whoever heard of the rows may have set others. */
  if (self->step_id == step_id)
    self->step_id = 0;
  return G_SOURCE_REMOVE;
}

void
fluo_trace_list_set_items (FluoTraceList *self, GPtrArray *summaries)
{
  g_return_if_fail (FLUO_IS_TRACE_LIST (self));
  g_clear_handle_id (&self->step_id, g_source_remove);
  if (self->items != summaries || self->n_rows < summaries->len)
    show_rows (self, summaries, summaries->len);
}

void
fluo_trace_list_set_items_slowly (FluoTraceList *self, GPtrArray *summaries)
{
  guint n_same, n_rows;

  g_return_if_fail (FLUO_IS_TRACE_LIST (self));
  if (self->items == summaries)
    return;
  n_same = count_same (self, summaries);
  /* Where all rows are the same ones the steps go on. */
  n_rows = n_same == self->n_rows && n_same > 0 && n_same < ROWS_KEPT
             ? n_same
             : next_step (summaries, n_same);
  show_rows (self, summaries, n_rows);
  if (self->n_rows == self->items->len)
    g_clear_handle_id (&self->step_id, g_source_remove);
  else if (self->step_id == 0)
    self->step_id = g_idle_add (step_cb, self);
}

void
fluo_trace_list_hurry (FluoTraceList *self)
{
  g_return_if_fail (FLUO_IS_TRACE_LIST (self));
  fluo_trace_list_set_items (self, self->items);
}

GPtrArray *
fluo_trace_list_get_items (FluoTraceList *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_LIST (self), NULL);
  return self->items;
}

FluoTraceSummary *
fluo_trace_list_get_summary (FluoTraceList *self, guint position)
{
  g_return_val_if_fail (FLUO_IS_TRACE_LIST (self), NULL);
  return position < self->items->len ? g_ptr_array_index (self->items, position) : NULL;
}

guint
fluo_trace_list_find (FluoTraceList *self, const FluoTraceId *id)
{
  g_return_val_if_fail (FLUO_IS_TRACE_LIST (self), G_MAXUINT);
  for (guint i = 0; i < self->items->len; i++)
    {
      FluoTraceSummary *summary = g_ptr_array_index (self->items, i);

      if (fluo_trace_id_equal (&summary->id, id))
        return i;
    }
  return G_MAXUINT;
}
