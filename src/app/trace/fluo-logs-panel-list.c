/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-logs-panel-private.h"
#include "app/widgets/fluo-compat.h"

/* The list of lines. Its items are made when a row is looked at, and stand for a line's number. */

/* --- A line's number -------------------------------------------------------------------------- */

#define FLUO_TYPE_LOG_ITEM (fluo_log_item_get_type ())
G_DECLARE_FINAL_TYPE (FluoLogItem, fluo_log_item, FLUO, LOG_ITEM, GObject)

struct _FluoLogItem
{
  GObject parent_instance;
  guint32 line;
};

G_DEFINE_FINAL_TYPE (FluoLogItem, fluo_log_item, G_TYPE_OBJECT)

static void
fluo_log_item_class_init (FluoLogItemClass *klass)
{
}

static void
fluo_log_item_init (FluoLogItem *self)
{
}

/* --- All that are shown ----------------------------------------------------------------------- */

#define FLUO_TYPE_LOG_MODEL (fluo_log_model_get_type ())
G_DECLARE_FINAL_TYPE (FluoLogModel, fluo_log_model, FLUO, LOG_MODEL, GObject)

struct _FluoLogModel
{
  GObject parent_instance;
  GArray *shown; /* guint32 */
};

static GType
fluo_log_model_get_item_type (GListModel *model)
{
  return FLUO_TYPE_LOG_ITEM;
}

static guint
fluo_log_model_get_n_items (GListModel *model)
{
  return FLUO_LOG_MODEL (model)->shown->len;
}

static gpointer
fluo_log_model_get_item (GListModel *model, guint position)
{
  FluoLogModel *self = FLUO_LOG_MODEL (model);
  FluoLogItem *item;

  if (position >= self->shown->len)
    return NULL;
  item = g_object_new (FLUO_TYPE_LOG_ITEM, NULL);
  item->line = g_array_index (self->shown, guint32, position);
  return item;
}

static void
fluo_log_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = fluo_log_model_get_item_type;
  iface->get_n_items = fluo_log_model_get_n_items;
  iface->get_item = fluo_log_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FluoLogModel, fluo_log_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, fluo_log_model_iface_init))

static void
fluo_log_model_finalize (GObject *object)
{
  g_array_unref (FLUO_LOG_MODEL (object)->shown);
  G_OBJECT_CLASS (fluo_log_model_parent_class)->finalize (object);
}

static void
fluo_log_model_class_init (FluoLogModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_log_model_finalize;
}

static void
fluo_log_model_init (FluoLogModel *self)
{
  self->shown = g_array_new (FALSE, FALSE, sizeof (guint32));
}

/* --- Rows ------------------------------------------------------------------------------------- */

static void
selected_cb (GtkListItem *item)
{
  if (gtk_list_item_get_item (item) != NULL)
    fluo_log_row_set_expanded (gtk_list_item_get_child (item), gtk_list_item_get_selected (item));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, FluoLogsPanel *self)
{
  gtk_list_item_set_child (item, fluo_log_row_new (self));
  g_signal_connect (item, "notify::selected", G_CALLBACK (selected_cb), NULL);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, FluoLogsPanel *self)
{
  fluo_log_row_show (gtk_list_item_get_child (item),
                     FLUO_LOG_ITEM (gtk_list_item_get_item (item))->line,
                     gtk_list_item_get_selected (item));
}

guint
fluo_logs_panel_find_line (FluoLogsPanel *self, guint32 line)
{
  guint low = 0, high = self->shown->len;

  while (low < high)
    {
      const guint middle = low + (high - low) / 2;

      if (g_array_index (self->shown, guint32, middle) < line)
        low = middle + 1;
      else
        high = middle;
    }
  return low < self->shown->len && g_array_index (self->shown, guint32, low) == line
           ? low
           : GTK_INVALID_LIST_POSITION;
}

guint32
fluo_logs_panel_get_selected_line (FluoLogsPanel *self)
{
  const guint position = gtk_single_selection_get_selected (self->selection);

  return position < self->shown->len ? g_array_index (self->shown, guint32, position)
                                     : G_MAXUINT32;
}

void
fluo_logs_panel_scroll_to (FluoLogsPanel *self, guint position)
{
  if (position < self->shown->len)
    fluo_compat_scroll_to_item (GTK_WIDGET (self->list), position);
}

void
fluo_logs_panel_select_line (FluoLogsPanel *self, guint32 line)
{
  const guint position = fluo_logs_panel_find_line (self, line);

  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  self->selecting = FALSE;
  fluo_logs_panel_scroll_to (self, position);
}

/* The model's new content; what was selected stays so when it is still there. */
void
fluo_logs_panel_fill_list (FluoLogsPanel *self)
{
  FluoLogModel *model = FLUO_LOG_MODEL (self->model);
  const guint32 selected = fluo_logs_panel_get_selected_line (self);
  const guint before = model->shown->len;

  self->selecting = TRUE;
  g_array_set_size (model->shown, 0);
  g_array_append_vals (model->shown, self->shown->data, self->shown->len);
  g_list_model_items_changed (self->model, 0, before, self->shown->len);
  gtk_single_selection_set_selected (self->selection,
                                     selected != G_MAXUINT32
                                       ? fluo_logs_panel_find_line (self, selected)
                                       : GTK_INVALID_LIST_POSITION);
  self->selecting = FALSE;
  gtk_widget_queue_draw (self->strip_area);
  if (self->follow && self->shown->len > 0)
    fluo_logs_panel_scroll_to (self, self->shown->len - 1);
}

/* What rows look like has changed, and not which there are. */
void
fluo_logs_panel_refresh_rows (FluoLogsPanel *self)
{
  for (GtkWidget *item = gtk_widget_get_first_child (GTK_WIDGET (self->list)); item != NULL;
       item = gtk_widget_get_next_sibling (item))
    {
      GtkWidget *row = gtk_widget_get_first_child (item);

      if (row != NULL)
        fluo_log_row_refresh (row);
    }
  gtk_widget_queue_draw (self->strip_area);
}

static void
selection_cb (FluoLogsPanel *self)
{
  const guint32 line = fluo_logs_panel_get_selected_line (self);

  gtk_widget_queue_draw (self->strip_area);
  if (self->selecting || self->lines == NULL || line >= self->lines->lines->len)
    return;
  self->chosen_span = ((FluoTraceLine *) g_ptr_array_index (self->lines->lines, line))->span;
  if (self->chosen_span != FLUO_SPAN_NONE)
    g_signal_emit_by_name (self, "jump", (guint) self->chosen_span);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint keyval, guint keycode, GdkModifierType state,
        FluoLogsPanel *self)
{
  if (keyval == GDK_KEY_c && (state & GDK_CONTROL_MASK))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "logs.copy-line", NULL);
      return GDK_EVENT_STOP;
    }
  if (keyval == GDK_KEY_Escape)
    {
      g_signal_emit_by_name (self, "close");
      return GDK_EVENT_STOP;
    }
  return GDK_EVENT_PROPAGATE;
}

GtkWidget *
fluo_logs_panel_make_list (FluoLogsPanel *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroll = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  self->model = g_object_new (FLUO_TYPE_LOG_MODEL, NULL);
  self->selection = gtk_single_selection_new (g_object_ref (self->model));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (selection_cb), self,
                           G_CONNECT_SWAPPED);
  self->list = GTK_LIST_VIEW (
    gtk_list_view_new (g_object_ref (GTK_SELECTION_MODEL (self->selection)), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "log-lines");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Log lines"), -1);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroll, TRUE);
  return scroll;
}
