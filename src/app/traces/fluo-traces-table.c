/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-table.h"

#include <glib/gi18n.h>

#include "app/fluo-settings.h"
#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

#define NAME_CHARS_MAX 80

typedef enum
{
  COLUMN_TIME,
  COLUMN_STATUS,
  COLUMN_DURATION,
  COLUMN_REQUEST,
  COLUMN_ENTRY,
  COLUMN_SERVICES,
  COLUMN_ANNOTATIONS,
  COLUMN_USER,
  COLUMN_CAUSE,
  COLUMN_ID,
  N_COLUMNS
} Column;

/* Widths hold the gap of 10 and, at the ends, the padding of 14. */
static const struct
{
  const char *title;
  int width;             /* 0: takes the rest */
  int sort;              /* FluoTraceSort or -1 */
  int cell;              /* FluoTraceCellKind or -1: a label */
  FluoTracesWidth until; /* shown up to this narrowness */
  int tiny_width;        /* then, without the duration's bar; 0: the same */
} columns[N_COLUMNS] = {
  [COLUMN_TIME] = { N_("Time"), 115, FLUO_TRACE_SORT_TIME, -1, FLUO_TRACES_TINY, 100 },
  [COLUMN_STATUS] = { N_("Status"), 76, FLUO_TRACE_SORT_STATUS, FLUO_TRACE_CELL_STATUS,
                      FLUO_TRACES_TINY, 62 },
  [COLUMN_DURATION] = { N_("Duration"), 160, FLUO_TRACE_SORT_DURATION, FLUO_TRACE_CELL_DURATION,
                        FLUO_TRACES_TINY, 68 },
  [COLUMN_REQUEST] = { N_("Request"), 0, FLUO_TRACE_SORT_REQUEST, FLUO_TRACE_CELL_REQUEST,
                       FLUO_TRACES_TINY },
  [COLUMN_ENTRY] = { N_("Entry"), 108, FLUO_TRACE_SORT_ENTRY, -1, FLUO_TRACES_MEDIUM },
  [COLUMN_SERVICES] = { N_("Services"), 170, -1, FLUO_TRACE_CELL_SERVICES, FLUO_TRACES_MEDIUM },
  [COLUMN_ANNOTATIONS] = { N_("Annotations"), 206, -1, FLUO_TRACE_CELL_ANNOTATIONS,
                           FLUO_TRACES_WIDE },
  [COLUMN_USER] = { N_("User"), 120, -1, -1, FLUO_TRACES_WIDE },
  [COLUMN_CAUSE] = { N_("Root cause"), 190, -1, -1, FLUO_TRACES_WIDE },
  [COLUMN_ID] = { N_("Trace ID"), 106, -1, -1, FLUO_TRACES_NARROW },
};

/* Names of columns in the settings, and whether they are there until somebody chooses. */
static const struct
{
  const char *name;
  gboolean shown;
} choices[N_COLUMNS] = {
  [COLUMN_TIME] = { "time", TRUE },         [COLUMN_STATUS] = { "status", TRUE },
  [COLUMN_DURATION] = { "duration", TRUE }, [COLUMN_REQUEST] = { "request", TRUE },
  [COLUMN_ENTRY] = { "entry", TRUE },       [COLUMN_SERVICES] = { "services", TRUE },
  [COLUMN_ANNOTATIONS] = { "annotations", TRUE }, [COLUMN_USER] = { "user", FALSE },
  [COLUMN_CAUSE] = { "cause", FALSE },      [COLUMN_ID] = { "id", TRUE },
};

/* Which column's comparison was asked first; see fluo_traces_table_get_sort(). */
static int first_asked = -1;

static int
compare_probe (gconstpointer a, gconstpointer b, gpointer user_data)
{
  if (first_asked < 0)
    first_asked = GPOINTER_TO_INT (user_data);
  return GTK_ORDERING_SMALLER;
}

/* Asked for when the pointer rests: a tooltip set for each row asks the display where the pointer
 * is, and that was most of what showing 10,000 traces took. */
static gboolean
query_id_cb (GtkWidget *label, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
             GtkListItem *item)
{
  g_autofree char *id = NULL;

  if (!gtk_list_item_get_item (item))
    return FALSE;
  id = fluo_trace_id_to_string (
    &fluo_trace_row_get_summary (gtk_list_item_get_item (item))->id);
  gtk_tooltip_set_text (tooltip, id);
  return TRUE;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  Column column = GPOINTER_TO_INT (user_data);
  FluoTraceScale *scale = g_object_get_data (G_OBJECT (factory), "scale");
  GtkWidget *child;

  if (columns[column].cell >= 0)
    child = fluo_trace_cell_new (scale, columns[column].cell);
  else
    {
      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), 0);
      gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
      gtk_label_set_single_line_mode (GTK_LABEL (child), TRUE);
      gtk_widget_add_css_class (child, column == COLUMN_ID ? "trace-id" : "numeric");
      if (column == COLUMN_ID)
        {
          gtk_widget_add_css_class (child, "monospace");
          gtk_widget_set_has_tooltip (child, TRUE);
          g_signal_connect (child, "query-tooltip", G_CALLBACK (query_id_cb), item);
        }
      if (column == COLUMN_ENTRY)
        gtk_widget_add_css_class (child, "dim-label");
    }
  g_object_set_data (G_OBJECT (child), "fluo-item", item);
  gtk_list_item_set_child (item, child);
}

static char *
dup_cause (const FluoTraceSummary *summary)
{
  const FluoSummaryCause *cause;
  g_autofree char *words = NULL;

  if (summary->causes->len == 0)
    return g_strdup ("–");
  cause = &g_array_index (summary->causes, FluoSummaryCause, 0);
  words = g_strdup_printf (cause->exception ? "%s: %s" : "%s", cause->service, cause->exception);
  return fluo_format_untrusted (words, NAME_CHARS_MAX);
}

/* Fixed order: when, how, how long, what, where. */
static void
name_row (GtkWidget *child, const FluoTraceSummary *summary, const char *clock)
{
  g_autofree char *duration = fluo_format_duration (fluo_trace_summary_get_time_ns (summary));
  g_autofree char *plain = fluo_trace_summary_dup_request (summary);
  g_autofree char *request = fluo_format_untrusted (plain, NAME_CHARS_MAX);
  g_autofree char *entry = fluo_format_untrusted (summary->entry_name ? summary->entry_name : "–",
                                                  NAME_CHARS_MAX);
  g_autofree char *status = summary->http_status > 0
                              ? g_strdup_printf ("%s %d", fluo_status_to_label (summary->status),
                                                 summary->http_status)
                              : g_strdup (fluo_status_to_label (summary->status));
  g_autofree char *name = g_strdup_printf ("%s, %s, %s, %s, %s", clock, status, duration, request,
                                           entry);

  fluo_compat_name_row (child, name);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  FluoTraceSummary *summary = fluo_trace_row_get_summary (gtk_list_item_get_item (item));
  GtkWidget *child = gtk_list_item_get_child (item);
  g_autofree char *text = NULL;

  switch ((Column) GPOINTER_TO_INT (user_data))
    {
    case COLUMN_TIME:
      text = fluo_format_clock (summary->start_ns, FLUO_CLOCK_MILLISECONDS, NULL);
      name_row (child, summary, text);
      break;
    case COLUMN_ENTRY:
      text = fluo_format_untrusted (summary->entry_name ? summary->entry_name : "–",
                                    NAME_CHARS_MAX);
      break;
    case COLUMN_USER:
      text = fluo_format_untrusted (
          summary->users->len > 0 ? g_ptr_array_index (summary->users, 0) : "–", NAME_CHARS_MAX);
      break;
    case COLUMN_CAUSE:
      text = dup_cause (summary);
      break;
    case COLUMN_ID:
      {
        g_autofree char *id = fluo_trace_id_to_string (&summary->id);

        text = fluo_format_trace_id_short (id);
        break;
      }
    case COLUMN_STATUS:
    case COLUMN_DURATION:
    case COLUMN_REQUEST:
    case COLUMN_SERVICES:
    case COLUMN_ANNOTATIONS:
    case N_COLUMNS:
    default:
      fluo_trace_cell_set_summary (FLUO_TRACE_CELL (child), summary);
      return;
    }
  gtk_label_set_text (GTK_LABEL (child), text);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *child = gtk_list_item_get_child (item);

  if (FLUO_IS_TRACE_CELL (child))
    fluo_trace_cell_set_summary (FLUO_TRACE_CELL (child), NULL);
}

/* --- Chosen columns ---------------------------------------------------------------------- */

#define COLUMNS_KEY "traces-columns"

static GActionMap *
get_actions (GtkWidget *table)
{
  return g_object_get_data (G_OBJECT (table), "fluo-actions");
}

static gboolean
is_chosen (GtkWidget *table, guint column)
{
  GAction *action = g_action_map_lookup_action (get_actions (table), choices[column].name);
  g_autoptr (GVariant) state = g_action_get_state (action);

  return g_variant_get_boolean (state);
}

static void
column_toggled_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  GtkWidget *table = user_data;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  g_simple_action_set_state (action, value);
  for (guint i = 0; i < N_COLUMNS; i++)
    if (is_chosen (table, i))
      g_ptr_array_add (names, (gpointer) choices[i].name);
  g_ptr_array_add (names, NULL);
  fluo_settings_set_strv (COLUMNS_KEY, (const char *const *) names->pdata);
  fluo_traces_table_set_width (
      table, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (table), "fluo-width")));
}

static void
add_actions (GtkWidget *table)
{
  GSimpleActionGroup *group = g_simple_action_group_new ();
  g_auto (GStrv) kept = fluo_settings_dup_strv (COLUMNS_KEY);

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      const gboolean shown = *kept ? g_strv_contains ((const char *const *) kept, choices[i].name)
                                   : choices[i].shown;
      g_autoptr (GSimpleAction) action = g_simple_action_new_stateful (
          choices[i].name, NULL, g_variant_new_boolean (shown));

      g_signal_connect_object (action, "change-state", G_CALLBACK (column_toggled_cb), table, 0);
      /* Something must stay to be clicked. */
      g_simple_action_set_enabled (action, i != COLUMN_TIME && i != COLUMN_REQUEST);
      g_action_map_add_action (G_ACTION_MAP (group), G_ACTION (action));
    }
  gtk_widget_insert_action_group (table, "columns", G_ACTION_GROUP (group));
  g_object_set_data_full (G_OBJECT (table), "fluo-actions", group, g_object_unref);
}

/* The services' icons in the head of their column, instead of its title. GTK has no way to put a
 * widget there: a title is a button, and a box with a label in it; where that is otherwise, the
 * words stay. */
static void
add_services_head (GtkWidget *table, FluoTraceScale *scale)
{
  GtkWidget *title = gtk_widget_get_first_child (gtk_widget_get_first_child (table));
  GtkWidget *box, *label;

  for (guint i = 0; title && i < COLUMN_SERVICES; i++)
    title = gtk_widget_get_next_sibling (title);
  box = title ? gtk_widget_get_first_child (title) : NULL;
  label = box ? gtk_widget_get_first_child (box) : NULL;
  if (!GTK_IS_BOX (box) || !GTK_IS_LABEL (label))
    return;
  gtk_widget_set_visible (label, FALSE);
  gtk_box_prepend (GTK_BOX (box), fluo_trace_scale_make_head (scale));
  gtk_accessible_update_property (GTK_ACCESSIBLE (title), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (columns[COLUMN_SERVICES].title), -1);
}

GtkWidget *
fluo_traces_table_new (GtkSelectionModel *selection, FluoTraceScale *scale)
{
  GtkWidget *table = gtk_column_view_new (g_object_ref (selection));

  gtk_column_view_set_show_row_separators (GTK_COLUMN_VIEW (table), TRUE);
  gtk_column_view_set_reorderable (GTK_COLUMN_VIEW (table), FALSE);
  gtk_widget_add_css_class (table, "fluo-table");
  add_actions (table);
  for (int i = 0; i < N_COLUMNS; i++)
    {
      GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
      g_autoptr (GtkColumnViewColumn) column = NULL;

      g_object_set_data_full (G_OBJECT (factory), "scale", g_object_ref (scale), g_object_unref);
      g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), GINT_TO_POINTER (i));
      g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), GINT_TO_POINTER (i));
      g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), GINT_TO_POINTER (i));
      column = gtk_column_view_column_new (_ (columns[i].title), factory);
      gtk_column_view_column_set_resizable (column, TRUE);
      if (columns[i].width > 0)
        gtk_column_view_column_set_fixed_width (
            column, (int) (columns[i].width * fluo_theme_get_text_scale (table)));
      else
        gtk_column_view_column_set_expand (column, TRUE);
      if (columns[i].sort >= 0)
        {
          g_autoptr (GtkSorter) sorter = GTK_SORTER (
              gtk_custom_sorter_new (compare_probe, GINT_TO_POINTER (columns[i].sort), NULL));

          gtk_column_view_column_set_sorter (column, sorter);
        }
      gtk_column_view_append_column (GTK_COLUMN_VIEW (table), column);
      if (!is_chosen (table, i))
        fluo_compat_show_column (column, FALSE);
      if (i == COLUMN_TIME)
        gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (table), column, GTK_SORT_DESCENDING);
    }
  add_services_head (table, scale);
  /* Until its width is known; columns that were not chosen never flash up. */
  fluo_traces_table_set_width (table, FLUO_TRACES_WIDE);
  return table;
}

GActionGroup *
fluo_traces_table_get_actions (GtkWidget *table)
{
  return G_ACTION_GROUP (get_actions (table));
}

GMenuModel *
fluo_traces_table_make_menu (GtkWidget *table)
{
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autofree char *action = g_strdup_printf ("columns.%s", choices[i].name);

      g_menu_append (menu, _ (columns[i].title), action);
    }
  g_object_set_data_full (G_OBJECT (table), "fluo-menu", menu, g_object_unref);
  return G_MENU_MODEL (menu);
}

gboolean
fluo_traces_table_is_header (GtkWidget *table, double y)
{
  GtkWidget *header = gtk_widget_get_first_child (table);

  return header && y < gtk_widget_get_height (header);
}

void
fluo_traces_table_set_width (GtkWidget *table, FluoTracesWidth width)
{
  static const char key[] = "fluo-tiny";
  GListModel *model = gtk_column_view_get_columns (GTK_COLUMN_VIEW (table));
  gboolean was_tiny = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (table), key));

  g_object_set_data (G_OBJECT (table), key, GINT_TO_POINTER (width == FLUO_TRACES_TINY));
  g_object_set_data (G_OBJECT (table), "fluo-width", GINT_TO_POINTER (width));
  for (guint i = 0; i < g_list_model_get_n_items (model) && i < N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (model, i);
      gboolean visible = width <= columns[i].until && is_chosen (table, i);

      gboolean tiny = width == FLUO_TRACES_TINY && columns[i].tiny_width > 0;
      int fixed = (int) ((tiny ? columns[i].tiny_width : columns[i].width)
                         * fluo_theme_get_text_scale (table));

      if (gtk_column_view_column_get_visible (column) != visible)
        fluo_compat_show_column (column, visible);
      /* What the user dragged stays until the table is folded or unfolded. */
      if (was_tiny == (width == FLUO_TRACES_TINY) || fixed == 0)
        continue;
      if (visible)
        gtk_column_view_column_set_fixed_width (column, fixed);
      else
        g_object_set_data (G_OBJECT (column), FLUO_COMPAT_WIDTH_KEY, GINT_TO_POINTER (fixed));
    }
}

/* GTK 4.8 does not tell which column is sorted. Its sorter asks the columns' own sorters one after
 * the other, the primary one first, and turns the answer around when the column is sorted
 * downwards; ours always answer "smaller". */
gboolean
fluo_traces_table_get_sort (GtkWidget *table, FluoTraceSort *ret_sort, gboolean *ret_descending)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (GTK_COLUMN_VIEW (table));
  GtkOrdering answer;

  first_asked = -1;
  /* Two different objects: of one and the same GTK knows the answer without asking. */
  answer = gtk_sorter_compare (sorter, table, sorter);
  if (first_asked < 0)
    return FALSE;
  *ret_sort = first_asked;
  *ret_descending = answer == GTK_ORDERING_LARGER;
  return TRUE;
}

guint
fluo_traces_table_pick (GtkWidget *table, double x, double y)
{
  GtkWidget *widget = gtk_widget_pick (table, x, y, GTK_PICK_DEFAULT);

  /* A click beside a cell's content still hits the cell, whose child is ours. */
  for (; widget && widget != table; widget = gtk_widget_get_parent (widget))
    {
      GtkListItem *item = g_object_get_data (G_OBJECT (widget), "fluo-item");
      GtkWidget *first = gtk_widget_get_first_child (widget);

      if (!item && first)
        item = g_object_get_data (G_OBJECT (first), "fluo-item");
      if (item)
        return gtk_list_item_get_position (item);
    }
  return GTK_INVALID_LIST_POSITION;
}
