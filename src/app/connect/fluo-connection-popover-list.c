/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-popover-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "fluo-connection-words.h"

/* The connections and profiles below the cockpit, to switch to. */

#define LIST_HEIGHT_MAX_PX 264
#define LIST_HEIGHT_MIN_PX 76
/* So high a window has room for all of it. */
#define WINDOW_HEIGHT_PX 800
/* From so many on there is a field to search in. */
#define SEARCH_MIN 9

/* What a row does: an action of the window and its target. */
static void
row_set_action (GtkWidget *row, const char *action, const char *target)
{
  g_object_set_data (G_OBJECT (row), "fluo-action", (gpointer) action);
  g_object_set_data_full (G_OBJECT (row), "fluo-target", g_strdup (target), g_free);
}

static GtkWidget *
add_row (FluoConnectionPopover *self, const char *title, const char *detail, const char *icon,
         gboolean chosen)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title_label = gtk_label_new (title);
  GtkWidget *detail_label = gtk_label_new (detail);
  GtkWidget *check = gtk_image_new_from_icon_name ("fluoroscope-check-symbolic");

  gtk_label_set_ellipsize (GTK_LABEL (title_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title_label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (detail_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (detail_label), MIN ((int) g_utf8_strlen (detail, -1), 12));
  gtk_label_set_xalign (GTK_LABEL (detail_label), 1);
  gtk_widget_add_css_class (detail_label, "lite");
  gtk_widget_set_hexpand (title_label, TRUE);
  gtk_widget_set_opacity (check, chosen ? 1 : 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), title_label);
  gtk_box_append (GTK_BOX (box), detail_label);
  gtk_box_append (GTK_BOX (box), check);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  g_object_set_data_full (G_OBJECT (row), "fluo-words", g_utf8_casefold (title, -1), g_free);
  gtk_list_box_append (self->list, row);
  return row;
}

static void
add_badge (GtkWidget *row, const FluoConnection *connection)
{
  GtkWidget *badge = fluo_badge_new ();
  GtkWidget *box = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (row));

  fluo_badge_set (badge, connection);
  gtk_box_insert_child_after (GTK_BOX (box), badge, gtk_widget_get_first_child (box));
}

static void
add_connection (FluoConnectionPopover *self, const FluoConnection *item)
{
  const FluoConnection *open = fluo_session_get_connection (self->session);
  g_autofree char *name = fluo_format_untrusted (item->name, 60);
  GtkWidget *row = add_row (self, name, item->region, "fluoroscope-cloud-symbolic",
                            open && g_str_equal (open->id, item->id));

  add_badge (row, item);
  row_set_action (row, "win.connect", item->id);
}

/* What other tabs and windows look at: going there is quicker than reading it here, too. */
static guint
add_open (FluoConnectionPopover *self)
{
  GPtrArray *all = fluo_session_get_all ();
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    {
      FluoSession *other = all->pdata[i];
      FluoExplorer *explorer = fluo_session_get_explorer (other);
      g_autofree char *name = NULL, *detail = NULL;
      GtkWidget *row;

      if (other == self->session || !fluo_explorer_get_client (explorer))
        continue;
      name = fluo_format_untrusted (fluo_explorer_get_name (explorer), 60);
      detail = fluo_format_untrusted (fluo_explorer_get_detail (explorer), 40);
      row = add_row (self, name, detail, "fluoroscope-tabs-symbolic", FALSE);
      gtk_widget_set_tooltip_text (row, _("Open in another tab"));
      add_badge (row, fluo_session_get_connection (other));
      g_object_set_data (G_OBJECT (row), "fluo-session",
                         GUINT_TO_POINTER (fluo_session_get_number (other)));
      n++;
    }
  return n;
}

/* Over the first of those that are open, and over the first of the others. */
static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  gboolean open = g_object_get_data (G_OBJECT (row), "fluo-session") != NULL;
  gboolean open_before = before && g_object_get_data (G_OBJECT (before), "fluo-session");
  const char *text = open && !before        ? _("Open")
                     : !open && open_before ? _("Connect to")
                                            : NULL;
  GtkWidget *label = text ? gtk_label_new (text) : NULL;

  if (label)
    {
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "cockpit-section");
    }
  gtk_list_box_row_set_header (row, label);
}

static gboolean
is_used (FluoConnectionList *list, const char *profile)
{
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++)
    if (strcmp (fluo_connection_list_get (list, i)->profile, profile) == 0)
      return TRUE;
  return FALSE;
}

/* In a low window the list gives way: what is below it would be out of sight. */
static void
fit_height (FluoConnectionPopover *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  int missing = root ? MAX (WINDOW_HEIGHT_PX - gtk_widget_get_height (GTK_WIDGET (root)), 0) : 0;

  gtk_scrolled_window_set_max_content_height (
      self->scroller, MAX (LIST_HEIGHT_MAX_PX - missing, LIST_HEIGHT_MIN_PX));
}

void
fluo_connection_popover_fill_list (FluoConnectionPopover *self)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();
  const FluoConnection *open = fluo_session_get_connection (self->session);
  guint n;
  GtkWidget *row;

  fit_height (self);
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))))
    gtk_list_box_remove (self->list, row);
  n = 1 + add_open (self);
  row = add_row (self, _("Local, this computer"), "", "fluoroscope-terminal-symbolic",
                 !open && fluo_explorer_is_local (fluo_session_get_explorer (self->session)));
  row_set_action (row, "win.connect-local", NULL);
  for (guint i = 0; i < fluo_connection_list_get_n (list); i++, n++)
    add_connection (self, fluo_connection_list_get (list, i));
  for (guint i = 0; self->profiles && i < self->profiles->profiles->len; i++)
    {
      const FluoProfileInfo *info = g_ptr_array_index (self->profiles->profiles, i);
      g_autofree char *name = fluo_format_untrusted (info->name, 60);

      if (is_used (list, info->name))
        continue;
      row = add_row (self, name, info->region ? info->region : "", "fluoroscope-key-symbolic",
                     open && open->kind == FLUO_CONNECTION_PROFILE
                         && g_str_equal (open->profile, info->name));
      gtk_widget_set_tooltip_text (row, fluo_profile_kind_get_words (info->kind));
      row_set_action (row, info->sso ? "win.choose-role" : "win.connect-profile", info->name);
      n++;
    }
  /* A row is told what it is for after it was added. */
  gtk_list_box_invalidate_headers (self->list);
  gtk_widget_set_visible (self->search, n >= SEARCH_MIN);
}

void
fluo_connection_popover_take_focus (FluoConnectionPopover *self)
{
  if (gtk_widget_get_visible (self->search))
    gtk_widget_grab_focus (self->search);
  else
    gtk_widget_child_focus (GTK_WIDGET (self->list), GTK_DIR_TAB_FORWARD);
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer data)
{
  FluoConnectionPopover *self = data;
  const char *words = g_object_get_data (G_OBJECT (row), "fluo-words");
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)),
                                             -1);

  return strstr (words, wanted) != NULL;
}

static void
search_changed_cb (FluoConnectionPopover *self)
{
  gtk_list_box_invalidate_filter (self->list);
}

/* With Ctrl held: in a tab beside this one; with Shift: in a window of its own. */
static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, FluoConnectionPopover *self)
{
  const char *action = g_object_get_data (G_OBJECT (row), "fluo-action");
  guint number = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (row), "fluo-session"));
  FluoSession *open = number > 0 ? fluo_session_find (number) : NULL;
  g_autofree char *target = g_strdup (g_object_get_data (G_OBJECT (row), "fluo-target"));
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
  GdkDevice *keyboard = seat ? gdk_seat_get_keyboard (seat) : NULL;
  GdkModifierType held = keyboard ? gdk_device_get_modifier_state (keyboard) : 0;

  gtk_popover_popdown (GTK_POPOVER (self));
  if (open)
    fluo_session_raise (open);
  else if (number > 0)
    return;
  else if ((held & (GDK_CONTROL_MASK | GDK_SHIFT_MASK)) != 0)
    gtk_widget_activate_action (GTK_WIDGET (self),
                                (held & GDK_SHIFT_MASK) != 0 ? "win.connect-apart"
                                                             : "win.connect-in-tab",
                                "(ss)", action, target ? target : "");
  else if (target)
    gtk_widget_activate_action (GTK_WIDGET (self), action, "s", target);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), action, NULL);
}

static void
first_match_cb (FluoConnectionPopover *self)
{
  /* The field tells of changes a little later. */
  gtk_list_box_invalidate_filter (self->list);
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);

      if (!row)
        return;
      if (gtk_widget_get_child_visible (GTK_WIDGET (row)))
        {
          row_activated_cb (self->list, row, self);
          return;
        }
    }
}

static void
profiles_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionPopover) self = user_data;
  g_autoptr (FluoProfileList) profiles = fluo_profile_list_load_finish (result, NULL);

  if (!profiles || !self->session)
    return;
  g_clear_pointer (&self->profiles, fluo_profile_list_free);
  self->profiles = g_steal_pointer (&profiles);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self))
      || *gtk_editable_get_text (GTK_EDITABLE (self->search)))
    return;
  fluo_connection_popover_fill_list (self);
  fluo_connection_popover_take_focus (self);
}

void
fluo_connection_popover_load (FluoConnectionPopover *self)
{
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
}

static void
stop_cb (FluoConnectionPopover *self)
{
  gtk_popover_popdown (GTK_POPOVER (self));
}

GtkWidget *
fluo_connection_popover_make_list (FluoConnectionPopover *self, GtkWidget **ret_search)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  *ret_search = gtk_search_entry_new ();
  gtk_widget_add_css_class (*ret_search, "cockpit-search");
  g_signal_connect_object (*ret_search, "search-changed", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (*ret_search, "activate", G_CALLBACK (first_match_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (*ret_search, "stop-search", G_CALLBACK (stop_cb), self,
                           G_CONNECT_SWAPPED);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (self->list, filter_cb, self, NULL);
  gtk_list_box_set_header_func (self->list, header_cb, NULL, NULL);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "connection-list");
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, 0);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  self->scroller = GTK_SCROLLED_WINDOW (scroller);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  return scroller;
}
