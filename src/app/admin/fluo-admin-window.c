/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-window.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"
#include "fluo-admin-group-dialog.h"
#include "fluo-admin-pane.h"
#include "fluo-admin-run.h"

#define WIDTH_PX 1180
#define HEIGHT_PX 780
#define WIDTH_MIN_PX 360
/* Under this a button stands in for the list of sections. */
#define FOLD_PX 760
#define SIDEBAR_WIDTH_PX 210
#define NAME_CHARS_MAX 40

typedef struct
{
  GtkWidget *pane;
  GtkLabel *count; /* in the list */
} Section;

struct _FluoAdminWindow
{
  AdwWindow parent_instance;

  FluoExplorer *explorer;
  FluoXrayClient *client; /* the one that is read from, or NULL */
  gboolean connecting;
  gboolean read_only;
  GtkWidget *owner;       /* weak: whose actions are used */

  GtkWidget *title;
  GtkWidget *width_box;
  GtkWidget *body;
  GtkWidget *sidebar;
  GtkWidget *chooser; /* of sections, in place of the sidebar in a narrow window */
  GtkWidget *list;
  GtkWidget *stack;
  GtkWidget *toasts;
  Section sections[FLUO_N_ADMIN_SECTIONS];
};

G_DEFINE_FINAL_TYPE (FluoAdminWindow, fluo_admin_window, ADW_TYPE_WINDOW)

FluoExplorer *
fluo_admin_window_get_explorer (FluoAdminWindow *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_WINDOW (self), NULL);
  return self->explorer;
}

FluoXrayClient *
fluo_admin_window_get_client (FluoAdminWindow *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_WINDOW (self), NULL);
  return self->client;
}

gboolean
fluo_admin_window_is_here (FluoAdminWindow *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_WINDOW (self), FALSE);
  return fluo_explorer_get_status (self->explorer) != NULL;
}

gboolean
fluo_admin_window_is_read_only (FluoAdminWindow *self)
{
  const FluoCollectorStatus *status;

  g_return_val_if_fail (FLUO_IS_ADMIN_WINDOW (self), TRUE);
  status = fluo_explorer_get_status (self->explorer);
  return status && status->read_only;
}

gboolean
fluo_admin_window_is_connecting (FluoAdminWindow *self)
{
  g_return_val_if_fail (FLUO_IS_ADMIN_WINDOW (self), FALSE);
  return self->connecting;
}

void
fluo_admin_window_set_count (FluoAdminWindow *self, FluoAdminSection section, guint n)
{
  g_autofree char *text = NULL;

  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  text = fluo_format_count (n);
  gtk_label_set_text (self->sections[section].count, text);
}

void
fluo_admin_window_reload (FluoAdminWindow *self)
{
  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  for (guint i = 0; i < FLUO_N_ADMIN_SECTIONS; i++)
    fluo_admin_pane_outdate (FLUO_ADMIN_PANE (self->sections[i].pane));
}

void
fluo_admin_window_show_traces (FluoAdminWindow *self, const char *filter)
{
  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  if (!self->owner)
    return;
  gtk_widget_activate_action (self->owner, "win.show-traces", "s", filter);
  gtk_widget_activate_action (self->owner, "win.raise", NULL);
}

/* --- Taking back ------------------------------------------------------------------------- */

static void
undone_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoAdminWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  guint n_done = 0;

  if (!self->toasts)
    return;
  if (fluo_admin_run_finish (FLUO_XRAY_CLIENT (source), result, &n_done, &error))
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts),
                                 adw_toast_new (_("It is as it was before")));
  else
    {
      g_autofree char *text = g_strdup_printf (_("It could not be taken back: %s"),
                                               error->message);

      adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), fluo_foreign_new_toast (text));
    }
  fluo_admin_window_reload (self);
}

static void
undo_cb (AdwToast *toast, FluoAdminWindow *self)
{
  GPtrArray *undo = g_object_get_data (G_OBJECT (toast), "fluo-undo");
  FluoXrayClient *client = g_object_get_data (G_OBJECT (toast), "fluo-client");

  /* What was changed elsewhere is taken back elsewhere, whatever is looked at now. */
  fluo_admin_run_async (client, undo, NULL, undone_cb, g_object_ref (self));
}

void
fluo_admin_window_done (FluoAdminWindow *self, const char *words, GPtrArray *undo)
{
  AdwToast *toast;

  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  toast = fluo_foreign_new_toast (words);
  if (undo && undo->len > 0 && self->client)
    {
      adw_toast_set_button_label (toast, _("Undo"));
      adw_toast_set_timeout (toast, 15);
      g_object_set_data_full (G_OBJECT (toast), "fluo-undo", g_ptr_array_ref (undo),
                              (GDestroyNotify) g_ptr_array_unref);
      g_object_set_data_full (G_OBJECT (toast), "fluo-client", g_object_ref (self->client),
                              g_object_unref);
      g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo_cb), self, 0);
    }
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
  fluo_admin_window_reload (self);
}

/* --- Following the connection ------------------------------------------------------------ */

/* Who it is, and what its keys permit, stands in a collector's first status; AWS has none. */
static gboolean
is_known (FluoExplorer *explorer)
{
  return !fluo_explorer_is_local (explorer) || fluo_explorer_get_status (explorer) ||
         fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED;
}

/* The client to read from. Before it is known what may be changed, nothing is shown of what could
 * be; who once was known stays so while it is out of reach. */
static FluoXrayClient *
find_client (FluoAdminWindow *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);

  return client == self->client || is_known (self->explorer) ? client : NULL;
}

static void
state_changed_cb (FluoAdminWindow *self)
{
  FluoXrayClient *client = find_client (self);
  gboolean connecting = !client && fluo_explorer_get_client (self->explorer) &&
                        fluo_explorer_get_state (self->explorer) == FLUO_EXPLORER_CONNECTING;
  gboolean was_connecting = self->connecting;
  gboolean read_only = fluo_admin_window_is_read_only (self);
  const char *name = fluo_explorer_get_name (self->explorer);
  const char *detail = fluo_explorer_get_detail (self->explorer);
  g_autofree char *safe = fluo_format_untrusted (name ? name : "", NAME_CHARS_MAX);
  g_autofree char *subtitle = detail && *detail ? g_strdup_printf ("%s · %s", safe, detail)
                                                : g_strdup (safe);

  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), subtitle);
  fluo_compat_take_mark (GTK_WINDOW (self), self->owner);
  self->connecting = connecting;
  if (client != self->client)
    {
      g_set_object (&self->client, client);
      for (guint i = 0; i < FLUO_N_ADMIN_SECTIONS; i++)
        {
          gtk_label_set_text (self->sections[i].count, "");
          fluo_admin_pane_forget (FLUO_ADMIN_PANE (self->sections[i].pane));
        }
    }
  else if (read_only != self->read_only || connecting != was_connecting)
    fluo_admin_window_reload (self);
  self->read_only = read_only;
}

/* --- Sections ---------------------------------------------------------------------------- */

static const struct
{
  const char *name;
  const char *icon;
  const char *title; /* translated when shown */
  GtkWidget *(*make) (FluoAdminWindow *admin);
} kinds[FLUO_N_ADMIN_SECTIONS] = {
  [FLUO_ADMIN_SECTION_GROUPS] = { "groups", "fluoroscope-filter-symbolic", N_("Groups"),
                                  fluo_admin_groups_new },
  [FLUO_ADMIN_SECTION_SAMPLING] = { "sampling", "fluoroscope-chart-symbolic", N_("Sampling rules"),
                                    fluo_admin_sampling_new },
  [FLUO_ADMIN_SECTION_ENCRYPTION] = { "encryption", "fluoroscope-lock-symbolic", N_("Encryption"),
                                      fluo_admin_encryption_new },
  [FLUO_ADMIN_SECTION_SEARCH] = { "search", "fluoroscope-find-symbolic", N_("Transaction Search"),
                                  fluo_admin_search_new },
  [FLUO_ADMIN_SECTION_POLICIES] = { "policies", "fluoroscope-key-symbolic",
                                    N_("Resource policies"), fluo_admin_policies_new },
};

void
fluo_admin_window_show (FluoAdminWindow *self, FluoAdminSection section)
{
  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  gtk_list_box_select_row (
    GTK_LIST_BOX (self->list),
    gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) section));
}

/* Only the chosen row takes the keyboard: Tab leaves the list for the section that is shown, where
 * GTK would go through all rows and choose each. */
static void
move_focus (FluoAdminWindow *self, GtkWidget *chosen)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  gtk_widget_set_focusable (chosen, TRUE);
  /* The ring goes along, or two rows would look chosen. */
  if (!focus || gtk_widget_is_ancestor (focus, self->list))
    gtk_widget_grab_focus (chosen);
  for (GtkWidget *row = gtk_widget_get_first_child (self->list); row;
       row = gtk_widget_get_next_sibling (row))
    gtk_widget_set_focusable (row, row == chosen);
}

static void
selected_cb (FluoAdminWindow *self, GtkListBoxRow *row)
{
  int index = row ? gtk_list_box_row_get_index (row) : -1;

  if (index < 0)
    return;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), kinds[index].name);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->chooser), (guint) index);
  move_focus (self, GTK_WIDGET (row));
}

static void
chosen_cb (FluoAdminWindow *self)
{
  guint index = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->chooser));

  if (index < FLUO_N_ADMIN_SECTIONS)
    fluo_admin_window_show (self, (FluoAdminSection) index);
}

static GtkWidget *
make_section_row (FluoAdminWindow *self, FluoAdminSection section)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *label = gtk_label_new (_ (kinds[section].title));
  GtkWidget *count = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_add_css_class (count, "dim-label");
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (kinds[section].icon));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (kinds[section].title), -1);
  gtk_widget_set_tooltip_text (row, _ (kinds[section].title));
  self->sections[section].count = GTK_LABEL (count);
  return row;
}

static void
fold_cb (FluoAdminWindow *self)
{
  int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box));
  gboolean folded = width > 0 && width < FOLD_PX;

  gtk_widget_set_visible (self->sidebar, !folded);
  gtk_widget_set_visible (self->chooser, folded);
  if (folded)
    gtk_widget_add_css_class (GTK_WIDGET (self), "folded");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "folded");
}

static void
make_sections (FluoAdminWindow *self)
{
  const char *titles[FLUO_N_ADMIN_SECTIONS + 1] = { NULL };

  for (guint i = 0; i < FLUO_N_ADMIN_SECTIONS; i++)
    titles[i] = _ (kinds[i].title);
  self->chooser = gtk_drop_down_new_from_strings (titles);
  gtk_widget_add_css_class (self->chooser, "admin-chooser");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chooser), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Section"), -1);
  gtk_widget_set_visible (self->chooser, FALSE);
  self->list = gtk_list_box_new ();
  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_widget_add_css_class (self->list, "admin-sections");
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_BROWSE);
  for (guint i = 0; i < FLUO_N_ADMIN_SECTIONS; i++)
    {
      gtk_list_box_append (GTK_LIST_BOX (self->list), make_section_row (self, i));
      self->sections[i].pane = kinds[i].make (self);
      gtk_stack_add_named (GTK_STACK (self->stack), self->sections[i].pane, kinds[i].name);
    }
  g_signal_connect_object (self->list, "row-selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->chooser, "notify::selected", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_header (FluoAdminWindow *self)
{
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *again = gtk_button_new_from_icon_name ("fluoroscope-refresh-symbolic");

  self->title = adw_window_title_new (_("Administration"), NULL);
  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header), self->title);
  gtk_widget_set_tooltip_text (again, _("Read again (F5)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (again), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Read again"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (again), "admin.reload");
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), again);
  return header;
}

static void
reload_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_admin_window_reload (FLUO_ADMIN_WINDOW (widget));
}

static void
section_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gint32 section = g_variant_get_int32 (parameter);

  if (section >= 0 && section < FLUO_N_ADMIN_SECTIONS)
    fluo_admin_window_show (FLUO_ADMIN_WINDOW (widget), (FluoAdminSection) section);
}

static void
fluo_admin_window_dispose (GObject *object)
{
  FluoAdminWindow *self = FLUO_ADMIN_WINDOW (object);

  self->toasts = NULL;
  g_clear_object (&self->explorer);
  g_clear_object (&self->client);
  g_clear_weak_pointer (&self->owner);
  G_OBJECT_CLASS (fluo_admin_window_parent_class)->dispose (object);
}

static void
fluo_admin_window_class_init (FluoAdminWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_admin_window_dispose;
  gtk_widget_class_install_action (widget_class, "admin.reload", NULL, reload_cb);
  gtk_widget_class_install_action (widget_class, "admin.section", "i", section_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "admin.reload", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
  for (guint i = 0; i < FLUO_N_ADMIN_SECTIONS; i++)
    gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + i, GDK_CONTROL_MASK,
                                         "admin.section", "i", (int) i);
}

static void
fluo_admin_window_init (FluoAdminWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_window_set_title (GTK_WINDOW (self), _("Administration"));
  gtk_widget_add_css_class (GTK_WIDGET (self), "admin-window");
  make_sections (self);
  self->body = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  self->sidebar = scroller;
  gtk_widget_add_css_class (self->sidebar, "admin-sidebar");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->list);
  self->toasts = adw_toast_overlay_new ();
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (self->toasts), self->stack);
  gtk_widget_set_hexpand (self->toasts, TRUE);
  gtk_widget_set_vexpand (self->toasts, TRUE);
  gtk_widget_set_size_request (self->sidebar, SIDEBAR_WIDTH_PX, -1);
  gtk_box_append (GTK_BOX (column), self->chooser);
  gtk_box_append (GTK_BOX (column), self->toasts);
  gtk_box_append (GTK_BOX (self->body), self->sidebar);
  gtk_box_append (GTK_BOX (self->body), column);
  self->width_box = fluo_width_box_new (self->body, WIDTH_MIN_PX);
  gtk_widget_set_vexpand (self->width_box, TRUE);
  g_signal_connect_object (self->width_box, "notify::width", G_CALLBACK (fold_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), make_header (self));
  gtk_box_append (GTK_BOX (box), self->width_box);
  adw_window_set_content (ADW_WINDOW (self), box);
}

static FluoAdminWindow *
find (GtkWidget *owner)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (FLUO_IS_ADMIN_WINDOW (window) && FLUO_ADMIN_WINDOW (window)->owner == owner)
        return FLUO_ADMIN_WINDOW (window);
    }
  return NULL;
}

FluoAdminWindow *
fluo_admin_window_present (GtkWidget *owner, FluoExplorer *explorer)
{
  FluoAdminWindow *self = find (owner);
  int width = gtk_widget_get_width (owner);
  int height = gtk_widget_get_height (owner);

  if (!self)
    {
      self = g_object_new (FLUO_TYPE_ADMIN_WINDOW, NULL);
      self->explorer = g_object_ref (explorer);
      g_set_weak_pointer (&self->owner, owner);
      fluo_compat_set_owner (GTK_WINDOW (self), owner);
      /* The filter that a group is made of is in the other window. */
      gtk_window_set_modal (GTK_WINDOW (self), FALSE);
      gtk_window_set_default_size (GTK_WINDOW (self), width > 0 ? MIN (WIDTH_PX, width) : WIDTH_PX,
                                   height > 0 ? MIN (HEIGHT_PX, height) : HEIGHT_PX);
      g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self,
                               G_CONNECT_SWAPPED);
      state_changed_cb (self);
      fluo_admin_window_show (self, FLUO_ADMIN_SECTION_GROUPS);
    }
  gtk_window_present (GTK_WINDOW (self));
  return self;
}

void
fluo_admin_window_add_group (FluoAdminWindow *self, const char *filter)
{
  FluoXrayGroup group = { (char *) "", NULL, (char *) filter, FALSE, FALSE };

  g_return_if_fail (FLUO_IS_ADMIN_WINDOW (self));
  fluo_admin_window_show (self, FLUO_ADMIN_SECTION_GROUPS);
  fluo_admin_group_dialog_present (self, &group, FALSE);
}
