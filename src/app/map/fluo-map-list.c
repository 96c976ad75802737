/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-list-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "draw/fluo-map.h"

static const struct
{
  const char *title;
  int         width; /* 0: takes the rest */
  int         from;  /* shown when the list is so wide */
} columns[N_COLUMNS] = {
  [COLUMN_NAME] = { N_("Service"), 0, 0 },       [COLUMN_KIND] = { N_("Kind"), 140, 900 },
  [COLUMN_RATE] = { N_("Requests"), 92, 400 },   [COLUMN_P50] = { "p50", 78, 440 },
  [COLUMN_P99] = { "p99", 78, 0 },               [COLUMN_ERRORS] = { N_("Errors"), 68, 620 },
  [COLUMN_FAULTS] = { N_("Faults"), 68, 0 },     [COLUMN_CALLERS] = { N_("Callers"), 72, 1100 },
  [COLUMN_CALLS] = { N_("Calls"), 64, 1100 },     [COLUMN_CHANGE] = { "", 204, 700 },
};

G_DEFINE_FINAL_TYPE (FluoMapList, fluo_map_list, GTK_TYPE_WIDGET)

enum
{
  SELECTED,
  INSPECT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* --- Sorting --------------------------------------------------------------------------------- */

typedef struct
{
  FluoMapList      *list; /* the column's, which it outlives */
  FluoMapListColumn column;
} ColumnData;

/* What a service calls stays above who calls it. */
static int
compare_cb (gconstpointer a,
            gconstpointer b,
            gpointer      user_data)
{
  ColumnData *data = user_data;
  FluoMapListFacts x, y;

  fluo_map_list_read_facts (data->list, (FluoMapRow *) a, &x);
  fluo_map_list_read_facts (data->list, (FluoMapRow *) b, &y);
  if (x.kind != y.kind)
    return x.kind < y.kind ? -1 : 1;
  if (data->column <= COLUMN_KIND)
    {
      g_autofree char *text_x = fluo_map_list_dup_text (data->list, &x, data->column);
      g_autofree char *text_y = fluo_map_list_dup_text (data->list, &y, data->column);

      return g_utf8_collate (text_x, text_y);
    }
  else
    {
      const double value_x = fluo_map_list_get_value (data->list, &x, data->column);
      const double value_y = fluo_map_list_get_value (data->list, &y, data->column);

      return (value_x > value_y) - (value_x < value_y);
    }
}

/* --- Cells ----------------------------------------------------------------------------------- */

static GtkWidget *
make_name (void)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *bell = gtk_image_new_from_icon_name ("fluoroscope-bell-symbolic");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), fluo_theme_status_image (FLUO_STATUS_FAULT));
  gtk_widget_add_css_class (bell, "alarm");
  gtk_box_append (GTK_BOX (box), bell);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  return expander;
}

static void
show_name (FluoMapList            *self,
           GtkWidget              *expander,
           GtkTreeListRow         *row,
           const FluoMapListFacts *facts)
{
  GtkWidget *box = gtk_tree_expander_get_child (GTK_TREE_EXPANDER (expander));
  GtkWidget *icon = gtk_widget_get_first_child (box);
  GtkWidget *bell = gtk_widget_get_last_child (box);
  GtkWidget *status = gtk_widget_get_prev_sibling (bell);
  GtkLabel *label = GTK_LABEL (gtk_widget_get_next_sibling (icon));
  const FluoStatus worst = fluo_call_stats_worst (facts->stats);
  g_autofree char *text = fluo_map_list_dup_text (self, facts, COLUMN_NAME);
  g_autofree char *kind = facts->kind == FLUO_MAP_ROW_SERVICE
                            ? g_strdup_printf ("fluoroscope-%s-symbolic",
                                               fluo_kind_get_icon (fluo_kind_from_type (
                                                 facts->node->type, facts->node->name)))
                            : g_strdup (facts->kind == FLUO_MAP_ROW_CALL
                                          ? "fluoroscope-right-symbolic"
                                          : "fluoroscope-left-symbolic");
  g_autofree char *sentence = fluo_map_list_dup_sentence (self, facts);

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), row);
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), kind);
  gtk_label_set_text (label, text);
  if (facts->kind == FLUO_MAP_ROW_SERVICE)
    gtk_widget_add_css_class (GTK_WIDGET (label), "strong");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (label), "strong");
  gtk_widget_set_visible (status, worst != FLUO_STATUS_OK);
  if (worst != FLUO_STATUS_OK)
    fluo_theme_set_status (GTK_IMAGE (status), worst);
  gtk_widget_set_visible (bell, facts->alarms != NULL);
  gtk_widget_set_tooltip_text (bell, facts->alarms);
  fluo_compat_name_row (expander, sentence);
}

static void
show_cell (FluoMapList      *self,
           GtkListItem      *item,
           FluoMapListColumn column)
{
  GtkTreeListRow *tree_row = gtk_list_item_get_item (item);
  GtkWidget *child = gtk_list_item_get_child (item);
  g_autoptr (FluoMapRow) row = fluo_map_list_dup_row (tree_row);
  g_autofree char *text = NULL;
  gboolean loud;
  FluoMapListFacts facts;

  if (!row || !fluo_map_rows_get_graph (self->rows))
    return;
  fluo_map_list_read_facts (self, row, &facts);
  if (column == COLUMN_NAME)
    {
      show_name (self, child, tree_row, &facts);
      return;
    }
  text = fluo_map_list_dup_text (self, &facts, column);
  gtk_label_set_text (GTK_LABEL (child), text);
  loud = (column == COLUMN_FAULTS && fluo_call_stats_worst (facts.stats) == FLUO_STATUS_FAULT) ||
         (column == COLUMN_CHANGE && facts.change &&
          (facts.change->pace > 0 || facts.change->faults > 0));
  if (loud)
    gtk_widget_add_css_class (child, "bad-number");
  else
    gtk_widget_remove_css_class (child, "bad-number");
}

static gboolean
is_text (FluoMapListColumn column)
{
  return column <= COLUMN_KIND;
}

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *item,
          ColumnData               *data)
{
  GtkWidget *label;

  if (data->column == COLUMN_NAME)
    {
      gtk_list_item_set_child (item, make_name ());
      return;
    }
  label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (label), is_text (data->column) ? 0 : 1);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, is_text (data->column) ? "dim-label" : "numeric");
  gtk_list_item_set_child (item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *item,
         ColumnData               *data)
{
  g_hash_table_insert (data->list->bound, item, GUINT_TO_POINTER (data->column + 1));
  show_cell (data->list, item, data->column);
}

static void
unbind_cb (GtkSignalListItemFactory *factory,
           GtkListItem              *item,
           ColumnData               *data)
{
  g_hash_table_remove (data->list->bound, item);
  if (data->column == COLUMN_NAME)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static void
free_data (gpointer  data,
           GClosure *closure)
{
  g_free (data);
}

static ColumnData *
column_data_new (FluoMapList      *self,
                 FluoMapListColumn column)
{
  ColumnData *data = g_new0 (ColumnData, 1);

  data->list = self;
  data->column = column;
  return data;
}

static void
add_column (FluoMapList      *self,
            FluoMapListColumn column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) added = NULL;
  g_autoptr (GtkSorter) sorter =
    GTK_SORTER (gtk_custom_sorter_new (compare_cb, column_data_new (self, column), g_free));
  const char *title = columns[column].title;
  const struct
  {
    const char *signal;
    GCallback   callback;
  } handlers[] = {
    { "setup", G_CALLBACK (setup_cb) },
    { "bind", G_CALLBACK (bind_cb) },
    { "unbind", G_CALLBACK (unbind_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect_data (factory, handlers[i].signal, handlers[i].callback,
                           column_data_new (self, column), free_data, 0);
  /* What gettext says of "" is the head of its file. */
  added = gtk_column_view_column_new (*title ? _(title) : title, factory);
  gtk_column_view_column_set_sorter (added, sorter);
  gtk_column_view_column_set_resizable (added, TRUE);
  gtk_column_view_column_set_expand (added, columns[column].width == 0);
  if (columns[column].width > 0)
    gtk_column_view_column_set_fixed_width (
      added, (int) (columns[column].width * fluo_theme_get_text_scale (GTK_WIDGET (self->table))));
  gtk_column_view_append_column (self->table, added);
}

/* --- Keys and selection ---------------------------------------------------------------------- */

static FluoMapRow *
dup_selected_row (FluoMapList *self)
{
  return fluo_map_list_dup_row (gtk_single_selection_get_selected_item (self->selection));
}

static void
selected_cb (FluoMapList *self)
{
  g_autoptr (FluoMapRow) row = dup_selected_row (self);
  const gboolean service = row && fluo_map_row_get_kind (row) == FLUO_MAP_ROW_SERVICE;

  if (self->following || !fluo_map_rows_get_graph (self->rows))
    return;
  g_signal_emit (self, signals[SELECTED], 0, service ? fluo_map_row_get_index (row) : FLUO_MAP_NONE,
                 row && !service ? fluo_map_row_get_index (row) : FLUO_MAP_NONE);
}

static void
activated_cb (FluoMapList *self)
{
  selected_cb (self);
  g_signal_emit (self, signals[INSPECT], 0);
}

/* Of GTK's own only those work that the small triangle has while it has the focus, where nobody
 * brings it. */
static gboolean
key_cb (GtkEventControllerKey *controller,
        guint                  keyval,
        guint                  keycode,
        GdkModifierType        state,
        FluoMapList           *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  const gboolean open = keyval == GDK_KEY_Right || keyval == GDK_KEY_plus;
  const gboolean close = keyval == GDK_KEY_Left || keyval == GDK_KEY_minus;

  if (!row || (state & gtk_accelerator_get_default_mod_mask ()))
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Escape)
    gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  if (!open && !close)
    return keyval == GDK_KEY_Escape;
  if (close && !gtk_tree_list_row_get_expanded (row) && gtk_tree_list_row_get_depth (row) > 0)
    {
      g_autoptr (GtkTreeListRow) parent = gtk_tree_list_row_get_parent (row);
      g_autoptr (FluoMapRow) service = fluo_map_list_dup_row (parent);

      fluo_map_list_select (self, fluo_map_row_get_index (service), FLUO_MAP_NONE);
      selected_cb (self);
      return GDK_EVENT_STOP;
    }
  gtk_tree_list_row_set_expanded (row, open);
  return GDK_EVENT_STOP;
}

/* Where the row is that @matches in the list as it is sorted; FALSE when it is not there. */
static gboolean
find_row (FluoMapList   *self,
          FluoMapRowKind kind,
          guint          index,
          guint         *ret_position)
{
  GListModel *model = G_LIST_MODEL (self->selection);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GtkTreeListRow) tree_row = g_list_model_get_item (model, i);
      g_autoptr (FluoMapRow) row = fluo_map_list_dup_row (tree_row);

      if (fluo_map_row_get_kind (row) == kind && fluo_map_row_get_index (row) == index)
        {
          *ret_position = i;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
find_edge (FluoMapList *self,
           guint        edge,
           guint       *ret_position)
{
  FluoServiceGraph *graph = fluo_map_rows_get_graph (self->rows);
  const FluoGraphEdge *call = g_ptr_array_index (graph->edges, edge);
  guint caller;

  if (find_row (self, FLUO_MAP_ROW_CALL, edge, ret_position))
    return TRUE;
  if (!find_row (self, FLUO_MAP_ROW_SERVICE, call->from, &caller))
    return FALSE;
  else
    {
      g_autoptr (GtkTreeListRow) row =
        g_list_model_get_item (G_LIST_MODEL (self->selection), caller);

      gtk_tree_list_row_set_expanded (row, TRUE);
      return find_row (self, FLUO_MAP_ROW_CALL, edge, ret_position);
    }
}

/* Whether the selected row says the same already: a call may be selected at either end. */
static gboolean
is_selected (FluoMapList *self,
             guint        node,
             guint        edge)
{
  g_autoptr (FluoMapRow) row = dup_selected_row (self);

  if (!row)
    return node == FLUO_MAP_NONE && edge == FLUO_MAP_NONE;
  return fluo_map_row_get_index (row) ==
         (fluo_map_row_get_kind (row) == FLUO_MAP_ROW_SERVICE ? node : edge);
}

void
fluo_map_list_select (FluoMapList *self,
                      guint        node,
                      guint        edge)
{
  FluoServiceGraph *graph;
  guint position = GTK_INVALID_LIST_POSITION;

  g_return_if_fail (FLUO_IS_MAP_LIST (self));

  graph = fluo_map_rows_get_graph (self->rows);
  if (!graph || is_selected (self, node, edge))
    return;
  self->following = TRUE;
  if (node < graph->nodes->len)
    find_row (self, FLUO_MAP_ROW_SERVICE, node, &position);
  else if (edge < graph->edges->len)
    find_edge (self, edge, &position);
  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION)
    fluo_compat_scroll_to_item (GTK_WIDGET (self->table), position);
  self->following = FALSE;
}

/* --- Graph and width ------------------------------------------------------------------------- */

static void
show_columns (FluoMapList *self)
{
  GListModel *model = gtk_column_view_get_columns (self->table);

  for (guint i = 0; i < N_COLUMNS; i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (model, i);
      const gboolean visible =
        self->width >= columns[i].from && (i != COLUMN_CHANGE || self->change);

      if (gtk_column_view_column_get_visible (column) != visible)
        fluo_compat_show_column (column, visible);
    }
}

void
fluo_map_list_set_width (FluoMapList *self,
                         int          width)
{
  g_return_if_fail (FLUO_IS_MAP_LIST (self));

  self->width = width;
  show_columns (self);
}

void
fluo_map_list_set_graph (FluoMapList               *self,
                         FluoServiceGraph          *graph,
                         FluoTimeSpan               span,
                         const FluoGraphDifference *change,
                         const char                *title,
                         GPtrArray                 *alarms)
{
  g_autoptr (GtkColumnViewColumn) column = NULL;
  GHashTableIter iter;
  gpointer item, which;

  g_return_if_fail (FLUO_IS_MAP_LIST (self));

  g_clear_pointer (&self->alarms, g_ptr_array_unref);
  self->alarms = alarms;
  g_clear_pointer (&self->change, fluo_graph_difference_unref);
  if (change)
    self->change = fluo_graph_difference_ref ((FluoGraphDifference *) change);
  self->span = span;
  column = g_list_model_get_item (gtk_column_view_get_columns (self->table), COLUMN_CHANGE);
  gtk_column_view_column_set_title (column, title ? title : "");
  show_columns (self);
  /* A row that goes takes the selection along, which is the map's to say. */
  self->following = TRUE;
  fluo_map_rows_set_graph (self->rows, graph);
  self->following = FALSE;
  g_hash_table_iter_init (&iter, self->bound);
  while (graph && g_hash_table_iter_next (&iter, &item, &which))
    show_cell (self, item, GPOINTER_TO_UINT (which) - 1);
}

/* --- Class ----------------------------------------------------------------------------------- */

static gboolean
fluo_map_list_grab_focus (GtkWidget *widget)
{
  FluoMapList *self = FLUO_MAP_LIST (widget);

  if (gtk_single_selection_get_selected (self->selection) == GTK_INVALID_LIST_POSITION)
    gtk_single_selection_set_selected (self->selection, 0);
  return gtk_widget_child_focus (GTK_WIDGET (self->table), GTK_DIR_DOWN);
}

static void
fluo_map_list_dispose (GObject *object)
{
  FluoMapList *self = FLUO_MAP_LIST (object);

  self->following = TRUE;
  g_clear_pointer (&self->scroll, gtk_widget_unparent);
  g_clear_object (&self->selection);
  g_clear_pointer (&self->rows, fluo_map_rows_free);
  g_clear_pointer (&self->change, fluo_graph_difference_unref);
  g_clear_pointer (&self->alarms, g_ptr_array_unref);
  G_OBJECT_CLASS (fluo_map_list_parent_class)->dispose (object);
}

static void
fluo_map_list_finalize (GObject *object)
{
  g_hash_table_unref (FLUO_MAP_LIST (object)->bound);
  G_OBJECT_CLASS (fluo_map_list_parent_class)->finalize (object);
}

static void
fluo_map_list_class_init (FluoMapListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_map_list_dispose;
  object_class->finalize = fluo_map_list_finalize;
  widget_class->grab_focus = fluo_map_list_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "maplist");

  signals[SELECTED] = g_signal_new ("selected", FLUO_TYPE_MAP_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
  signals[INSPECT] = g_signal_new ("inspect", FLUO_TYPE_MAP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
make_model (FluoMapList *self)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (self->table);
  GtkSorter *tree_sorter = GTK_SORTER (gtk_tree_list_row_sorter_new (g_object_ref (sorter)));
  GtkSortListModel *sorted = gtk_sort_list_model_new (
    G_LIST_MODEL (g_object_ref (fluo_map_rows_get_tree (self->rows))), tree_sorter);

  self->selection = gtk_single_selection_new (G_LIST_MODEL (sorted));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_column_view_set_model (self->table, GTK_SELECTION_MODEL (self->selection));
}

static void
fluo_map_list_init (FluoMapList *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->bound = g_hash_table_new (NULL, NULL);
  self->rows = fluo_map_rows_new ();
  self->table = GTK_COLUMN_VIEW (gtk_column_view_new (NULL));
  for (guint i = 0; i < N_COLUMNS; i++)
    add_column (self, i);
  fluo_compat_align_titles (self->table, COLUMN_RATE);
  make_model (self);
  gtk_column_view_set_show_row_separators (self->table, TRUE);
  gtk_column_view_set_reorderable (self->table, FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "fluo-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Services"), -1);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->table, "activate", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->table), keys);
  self->scroll = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroll), GTK_WIDGET (self->table));
  gtk_widget_set_parent (self->scroll, GTK_WIDGET (self));
}

GtkWidget *
fluo_map_list_new (void)
{
  return g_object_new (FLUO_TYPE_MAP_LIST, NULL);
}
