/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/ask/fluo-query-bar.h"
#include "app/traces/fluo-traces-page.h"
#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"

/* In the smallest window. */
#define MIN_WIDTH_PX 360
#define LONG_TOAST_CHARS 50
#define LONG_TOAST_CHARS_MIN 20
#define CHAR_PX 9
#define TOAST_REST_PX 150 /* margins, closing it */

enum
{
  SIGNAL_CHANGED,
  SIGNAL_RAISE,
  SIGNAL_CLOSE,
  SIGNAL_APART,
  N_SIGNALS
};

enum
{
  PROP_0,
  PROP_PAGE,
  N_PROPS
};

static guint signals[N_SIGNALS];
static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FluoView, fluo_view, ADW_TYPE_BIN)

GtkWindow *
fluo_view_get_window (FluoView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

void
fluo_view_tell (FluoView *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
fluo_view_raise (FluoView *self)
{
  g_signal_emit (self, signals[SIGNAL_RAISE], 0);
}

void
fluo_view_close (FluoView *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
}

void
fluo_view_place_apart (FluoView *self, FluoView *other, gboolean window)
{
  g_signal_emit (self, signals[SIGNAL_APART], 0, other, window);
}

static void
counts_changed_cb (FluoView *self)
{
  fluo_view_update_header (self);
}

GtkWidget *
fluo_view_ensure_traces (FluoView *self)
{
  if (!self->traces_page)
    {
      self->traces_page = fluo_traces_page_new (self->explorer);
      g_signal_connect_object (self->traces_page, "counts-changed", G_CALLBACK (counts_changed_cb),
                               self, G_CONNECT_SWAPPED);
      gtk_stack_add_named (GTK_STACK (self->explore), self->traces_page, "traces");
      fluo_view_mark_insight (self);
      fluo_traces_page_set_search (FLUO_TRACES_PAGE (self->traces_page),
                                   fluo_query_bar_get_words (FLUO_QUERY_BAR (self->query_bar)));
    }
  return self->traces_page;
}

static gboolean
shows_start (FluoView *self)
{
  FluoExplorerState state = fluo_explorer_get_state (self->explorer);

  if (fluo_explorer_is_empty (self->explorer)
      || (self->start_page && fluo_start_page_is_busy (FLUO_START_PAGE (self->start_page))))
    return TRUE;
  /* Local but not reached yet: the start page says what is being done about it. */
  return g_str_equal (self->connection_kind, "local") && fluo_explorer_is_local (self->explorer) &&
         !fluo_explorer_get_status (self->explorer) &&
         fluo_explorer_get_summaries (self->explorer)->len == 0 &&
         state != FLUO_EXPLORER_CONNECTED && state != FLUO_EXPLORER_CONNECTING;
}

void
fluo_view_update (FluoView *self)
{
  const char *child = self->page;

  if (shows_start (self))
    {
      if (!self->start_page)
        {
          self->start_page = fluo_start_page_new (self->explorer, self->collector);
          g_signal_connect_object (self->start_page, "notify::busy",
                                   G_CALLBACK (fluo_view_update), self, G_CONNECT_SWAPPED);
          gtk_stack_add_named (GTK_STACK (self->explore), self->start_page, "start");
        }
      child = "start";
    }
  else if (g_str_equal (child, "traces"))
    fluo_view_ensure_traces (self);
  else if (g_str_equal (child, "insights"))
    fluo_view_ensure_insights (self);
  else if (!self->map_page)
    {
      self->map_page = fluo_map_page_new (self->explorer);
      fluo_map_page_set_insights (FLUO_MAP_PAGE (self->map_page), self->insights);
      gtk_stack_add_named (GTK_STACK (self->explore), self->map_page, "map");
    }
  if (g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->explore)), child) != 0)
    gtk_stack_set_visible_child_name (GTK_STACK (self->explore), child);
  fluo_view_update_header (self);
  fluo_view_update_actions (self);
}

static void
explorer_changed_cb (FluoView *self)
{
  fluo_view_update (self);
}

gboolean
fluo_view_has_page (const char *page)
{
  return g_str_equal (page, "map") || g_str_equal (page, "traces")
         || g_str_equal (page, "insights");
}

void
fluo_view_show_page (FluoView *self, const char *page)
{
  g_return_if_fail (FLUO_IS_VIEW (self));
  g_return_if_fail (fluo_view_has_page (page));

  if (!g_str_equal (self->page, page))
    {
      g_free (self->page);
      self->page = g_strdup (page);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAGE]);
    }
  fluo_view_show_tab (self, NULL);
  fluo_view_update (self);
  fluo_view_visit (self);
}

void
fluo_view_set_search (FluoView *self, const char *text)
{
  fluo_query_bar_set_query (FLUO_QUERY_BAR (self->query_bar), text);
}

void
fluo_view_focus_search (FluoView *self)
{
  FluoTab *tab = fluo_view_get_tab (self);

  if (tab && FLUO_IS_TRACE_PAGE (tab->page))
    fluo_trace_page_find (FLUO_TRACE_PAGE (tab->page));
  else if (!tab)
    fluo_query_bar_focus (FLUO_QUERY_BAR (self->query_bar));
}

void
fluo_view_focus_page (FluoView *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->explore));
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  if (page && !(focus && gtk_widget_is_ancestor (focus, page)) && !gtk_widget_grab_focus (page))
    gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, FluoView *self)
{
  GSList *files = g_value_get_boxed (value);

  for (GSList *file = files; file; file = file->next)
    fluo_view_open_file (self, file->data);
  return files != NULL;
}

static void
fluo_view_dispose (GObject *object)
{
  FluoView *self = FLUO_VIEW (object);

  self->connecting++;
  g_clear_weak_pointer (&self->color_toast);
  g_clear_weak_pointer (&self->kept_toast);
  g_clear_weak_pointer (&self->failed_toast);
  if (self->explorer)
    {
      g_signal_handlers_disconnect_by_data (self->explorer, self);
      g_signal_handlers_disconnect_by_data (self->insights, self);
      g_signal_handlers_disconnect_by_data (self->session, self);
    }
  G_OBJECT_CLASS (fluo_view_parent_class)->dispose (object);
  g_clear_object (&self->insights);
  g_clear_object (&self->session);
  g_clear_object (&self->explorer);
  g_clear_object (&self->collector);
}

static void
fluo_view_finalize (GObject *object)
{
  FluoView *self = FLUO_VIEW (object);

  g_ptr_array_unref (self->tabs);
  g_ptr_array_unref (self->history);
  g_clear_pointer (&self->link, fluo_console_link_free);
  g_free (self->connection_kind);
  g_free (self->connection_name);
  g_free (self->connection_region);
  g_free (self->page);
  G_OBJECT_CLASS (fluo_view_parent_class)->finalize (object);
}

static void
fluo_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, FLUO_VIEW (object)->page);
}

/* As the user chooses it, in a switcher or by its key: the keyboard follows. */
static void
fluo_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FluoView *self = FLUO_VIEW (object);
  const char *page = g_value_get_string (value);

  if (page && fluo_view_has_page (page))
    {
      fluo_view_show_page (self, page);
      fluo_view_focus_page (self);
    }
}

static void
fluo_view_class_init (FluoViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = fluo_view_dispose;
  object_class->finalize = fluo_view_finalize;
  object_class->get_property = fluo_view_get_property;
  object_class->set_property = fluo_view_set_property;
  properties[PROP_PAGE] = g_param_spec_string ("page", NULL, NULL, "map",
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY
                                                 | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 0);
  signals[SIGNAL_RAISE] = g_signal_new ("raise", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSE] = g_signal_new ("close", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 0);
  signals[SIGNAL_APART] = g_signal_new ("apart", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 2, FLUO_TYPE_VIEW, G_TYPE_BOOLEAN);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "fluoview");
  fluo_view_install_actions (klass);
}

static void
width_changed_cb (FluoView *self)
{
  fluo_view_update_fold (self);
}

static void
build (FluoView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *bars = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  gtk_widget_add_css_class (bars, "fluo-bars");
  gtk_box_append (GTK_BOX (bars), fluo_view_make_header (self));
  gtk_box_append (GTK_BOX (bars), fluo_view_make_tab_bar (self));
  gtk_box_append (GTK_BOX (bars), fluo_view_make_query_bar (self));
  gtk_box_append (GTK_BOX (box), bars);
  gtk_box_append (GTK_BOX (box), fluo_view_make_error (self));

  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  self->explore = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->explore), FALSE);
  gtk_stack_set_vhomogeneous (GTK_STACK (self->explore), FALSE);
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_stack_add_named (GTK_STACK (self->stack), self->explore, "explore");
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->stack);
  gtk_box_append (GTK_BOX (box), self->toasts);
  gtk_box_append (GTK_BOX (box), fluo_view_make_bottom (self));

  self->width_box = fluo_width_box_new (box, MIN_WIDTH_PX);
  g_signal_connect_object (self->width_box, "notify::width", G_CALLBACK (width_changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), self->width_box);
  g_signal_connect_object (drop, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
}

static void
fluo_view_init (FluoView *self)
{
  self->explorer = fluo_explorer_new ();
  self->session = fluo_session_new (self->explorer);
  fluo_view_add_insights (self);
  self->tabs = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_tab_free);
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_place_free);
  self->connection_kind = g_strdup ("local");
  self->connection_name = g_strdup ("");
  self->connection_region = g_strdup ("");
  self->page = g_strdup ("map");
  fluo_view_load_range (self);
  build (self);
  fluo_view_follow_session (self);
  g_signal_connect_object (self->explorer, "state-changed", G_CALLBACK (explorer_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "summaries-changed", G_CALLBACK (explorer_changed_cb),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->explorer, "progress-changed", G_CALLBACK (counts_changed_cb), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
fluo_view_new (FluoCollector *collector)
{
  FluoView *self = g_object_new (FLUO_TYPE_VIEW, NULL);

  g_set_object (&self->collector, collector);
  fluo_view_update (self);
  return GTK_WIDGET (self);
}

FluoExplorer *
fluo_view_get_explorer (FluoView *self)
{
  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  return self->explorer;
}

FluoSession *
fluo_view_get_session (FluoView *self)
{
  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  return self->session;
}

AdwToast *
fluo_view_toast (FluoView *self, const char *text)
{
  AdwToast *toast;

  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  toast = fluo_foreign_new_toast (text);
  /* One that stays goes on afterwards. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
  return toast;
}

AdwToast *
fluo_view_toast_long (FluoView *self, const char *text, guint seconds)
{
  AdwToast *toast = fluo_foreign_new_toast (text);
  GtkWidget *label = gtk_label_new (NULL);
  int n_chars;

  fluo_foreign_set_label (GTK_LABEL (label), text, FLUO_FOREIGN_TOAST_CHARS_MAX);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  /* A toast does not make what it holds narrower than it would like to be. */
  n_chars = (gtk_widget_get_width (GTK_WIDGET (self)) - TOAST_REST_PX) / CHAR_PX;
  gtk_label_set_max_width_chars (GTK_LABEL (label),
                                 CLAMP (n_chars, LONG_TOAST_CHARS_MIN, LONG_TOAST_CHARS));
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  adw_toast_set_custom_title (toast, label);
  adw_toast_set_timeout (toast, seconds);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
  return toast;
}

const char *
fluo_view_get_place (FluoView *self)
{
  FluoTab *tab;

  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  tab = fluo_view_get_tab (self);
  return tab ? tab->id : gtk_stack_get_visible_child_name (GTK_STACK (self->explore));
}

guint
fluo_view_get_n_tabs (FluoView *self)
{
  g_return_val_if_fail (FLUO_IS_VIEW (self), 0);
  return self->tabs->len;
}
