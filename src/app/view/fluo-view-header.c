/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/ask/fluo-query-bar.h"
#include "app/connect/fluo-connection-button.h"
#include "app/connect/fluo-connection-words.h"
#include "app/connect/fluo-range-button.h"
#include "app/trace/fluo-compare-page.h"
#include "app/traces/fluo-traces-page.h"
#include "app/widgets/fluo-theme.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"
#include "fluo-live-button.h"

/* Under these the header folds (design: narrower windows). */
#define FOLD_DETAIL_PX 1000
#define FOLD_BUTTONS_PX 860
#define FOLD_SWITCHER_PX 720
#define FOLD_SEARCH_PX 480
/* Results that are not those of what is written (design: states). */
#define DRAFT_OPACITY .55

GtkWidget *
fluo_view_make_switch (const char *page, const char *icon, const char *text, GtkBox **ret_box)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), gtk_label_new (text));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.page");
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (button), g_variant_new_string (page));
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (button, "flat");
  if (ret_box)
    *ret_box = GTK_BOX (box);
  return button;
}

/* @switcher: 0 in the header, 1 in the bottom bar. */
static GtkWidget *
make_switcher (FluoView *self, guint switcher)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (box, "page-switcher");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), fluo_view_make_switch ("map", "fluoroscope-map-symbolic",
                                                          _("Map"), NULL));
  gtk_box_append (GTK_BOX (box), fluo_view_make_switch ("traces", "fluoroscope-list-symbolic",
                                                          _("Traces"), NULL));
  gtk_box_append (GTK_BOX (box), fluo_view_make_insight_switch (self, switcher));
  return box;
}

static GMenuModel *
make_main_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) open = g_menu_new ();
  g_autoptr (GMenu) window = g_menu_new ();
  g_autoptr (GMenu) rest = g_menu_new ();

  g_menu_append (open, _("Open Trace by ID…"), "win.open-trace-by-id");
  g_menu_append (open, _("Open File…"), "win.open-file");
  g_menu_append (open, _("Export…"), "win.export");
  g_menu_append (open, _("Open Console Address…"), "win.open-console-link");
  g_menu_append (open, _("Why Is My Trace Missing?"), "win.explain-missing::");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (open));
  g_menu_append (window, _("New Tab"), "win.new-tab");
  g_menu_append (window, _("New Window"), "app.new-window");
  g_menu_append (window, _("Connections…"), "win.connections");
  g_menu_append (window, _("Read Again"), "win.reload");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (window));
  g_menu_append (rest, _("Administration…"), "win.administration::");
  g_menu_append (rest, _("Preferences"), "app.preferences");
  g_menu_append (rest, _("Keyboard Shortcuts"), "win.show-help-overlay");
  g_menu_append (rest, _("About Fluoroscope"), "app.about");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (rest));
  return G_MENU_MODEL (menu);
}

static GtkWidget *
make_icon_button (const char *icon, const char *action, const char *tooltip)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                  -1);
  gtk_widget_add_css_class (button, "flat");
  return button;
}

static GtkWidget *
make_running (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_widget_add_css_class (box, "running-note");
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("fluoroscope-live-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_visible (box, FALSE);
  return box;
}

GtkWidget *
fluo_view_make_header (FluoView *self)
{
  AdwHeaderBar *header = ADW_HEADER_BAR (adw_header_bar_new ());
  g_autoptr (GMenuModel) menu = make_main_menu ();

  self->header = GTK_WIDGET (header);
  gtk_widget_add_css_class (self->header, "fluo-header");
  adw_header_bar_set_centering_policy (header, ADW_CENTERING_POLICY_LOOSE);
  self->connection = fluo_connection_button_new (self->session);
  self->range = fluo_range_button_new (self->explorer);
  self->live = fluo_live_button_new (self->explorer);
  self->running = make_running ();
  adw_header_bar_pack_start (header, self->connection);
  adw_header_bar_pack_start (header, self->range);
  adw_header_bar_pack_start (header, self->live);
  adw_header_bar_pack_start (header, self->running);

  self->title_stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->title_stack), FALSE);
  self->title = adw_window_title_new ("", "");
  gtk_stack_add_named (GTK_STACK (self->title_stack), make_switcher (self, 0), "switcher");
  gtk_stack_add_named (GTK_STACK (self->title_stack), self->title, "trace");
  gtk_stack_add_named (GTK_STACK (self->title_stack), gtk_label_new (NULL), "none");
  adw_header_bar_set_title_widget (header, self->title_stack);

  self->menu_button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->menu_button), "fluoroscope-menu-symbolic");
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->menu_button), menu);
  /* The button is at the window's end; a menu centred below it would hang over the edge. */
  gtk_widget_set_halign (GTK_WIDGET (gtk_menu_button_get_popover (
                             GTK_MENU_BUTTON (self->menu_button))),
                         GTK_ALIGN_END);
  gtk_menu_button_set_primary (GTK_MENU_BUTTON (self->menu_button), TRUE);
  gtk_widget_set_tooltip_text (self->menu_button, _("Main menu"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Main menu"), -1);
  self->search_button = make_icon_button ("fluoroscope-find-symbolic", "win.find", _("Find"));
  self->panel_button = make_icon_button ("fluoroscope-sidebar-symbolic", "win.toggle-panel",
                                         _("Details panel"));
  adw_header_bar_pack_end (header, self->menu_button);
  adw_header_bar_pack_end (header, self->search_button);
  adw_header_bar_pack_end (header, self->panel_button);
  return self->header;
}

/* --- Query bar --------------------------------------------------------------------------- */

static void
query_ran_cb (FluoView *self)
{
  fluo_traces_page_set_search (FLUO_TRACES_PAGE (fluo_view_ensure_traces (self)),
                               fluo_query_bar_get_words (FLUO_QUERY_BAR (self->query_bar)));
  fluo_view_update_header (self);
  fluo_view_visit (self);
}

/* What is shown is not what is written: it steps back until it is run. */
static void
draft_changed_cb (FluoView *self)
{
  gboolean dirty = fluo_query_bar_is_dirty (FLUO_QUERY_BAR (self->query_bar));

  gtk_widget_set_opacity (self->explore, dirty ? DRAFT_OPACITY : 1);
}

static void
toast_cb (FluoView *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), g_object_ref (toast));
}

GtkWidget *
fluo_view_make_query_bar (FluoView *self)
{
  self->query_bar = fluo_query_bar_new (self->explorer);
  g_signal_connect_object (self->query_bar, "ran", G_CALLBACK (query_ran_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->query_bar, "draft-changed", G_CALLBACK (draft_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->query_bar, "toast", G_CALLBACK (toast_cb), self,
                           G_CONNECT_SWAPPED);
  return self->query_bar;
}

/* --- Error box --------------------------------------------------------------------------- */

GtkWidget *
fluo_view_make_error (FluoView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-status-fault-symbolic");

  self->error_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->error_actions = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_hexpand (self->error_row, TRUE);
  gtk_widget_add_css_class (box, "error-box");
  self->error_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->error_label, TRUE);
  gtk_label_set_wrap_mode (self->error_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->error_label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->error_label), TRUE);
  self->error_button = GTK_BUTTON (gtk_button_new_with_label (_("Try Again")));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->error_button), "win.reload");
  gtk_widget_set_valign (GTK_WIDGET (self->error_button), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), self->error_row);
  gtk_box_append (GTK_BOX (self->error_row), GTK_WIDGET (self->error_label));
  gtk_box_append (GTK_BOX (self->error_row), self->error_actions);
  self->error_copy = fluo_statement_button_new ();
  gtk_widget_set_valign (self->error_copy, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->error_actions), self->error_copy);
  self->error_vault = gtk_button_new_with_label (_("Look in the Vault"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->error_vault), "win.open-vault");
  gtk_widget_set_valign (self->error_vault, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->error_vault,
                               _("What was read before, kept on this computer"));
  gtk_box_append (GTK_BOX (self->error_actions), self->error_vault);
  gtk_box_append (GTK_BOX (self->error_actions), GTK_WIDGET (self->error_button));
  self->error_revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->error_revealer), box);
  return self->error_revealer;
}

GtkWidget *
fluo_view_make_bottom (FluoView *self)
{
  GtkWidget *switcher = make_switcher (self, 1);

  self->bottom_switcher = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->bottom_switcher, "bottom-bar");
  gtk_widget_set_hexpand (switcher, TRUE);
  gtk_widget_set_halign (switcher, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->bottom_switcher), switcher);
  gtk_widget_set_visible (self->bottom_switcher, FALSE);
  return self->bottom_switcher;
}

/* What can be done lies below what happened where there is no room beside it. */
static void
fold_error (FluoView *self, gboolean small, gboolean tiny)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->error_row),
                                  small ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->error_actions),
                                  tiny ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_widget_set_valign (gtk_widget_get_prev_sibling (self->error_row),
                         small ? GTK_ALIGN_START : GTK_ALIGN_CENTER);
}

/* --- Following the state ----------------------------------------------------------------- */

/* What the user can do about it: sign in, allow more, or have it tried again. */
static void
offer_way_out (FluoView *self, const GError *error)
{
  gboolean signed_out = fluo_session_needs_sign_in (self->session);
  gboolean spent = g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET);
  const char *action = signed_out ? "win.sign-in" : spent ? "win.allow-more" : "win.reload";

  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->error_button), action);
  gtk_button_set_label (self->error_button, signed_out ? _("Sign In")
                                            : spent    ? _("Go On for This Hour")
                                                       : _("Try Again"));
  fluo_statement_button_set_error (self->error_copy, error);
  gtk_widget_set_visible (self->error_vault,
                          fluo_session_get_vault (self->session)
                              && !fluo_session_is_in_vault (self->session)
                              && fluo_vault_exists (
                                  fluo_session_get_connection (self->session)->id));
}

/* A sentence of its own where the user knows what has happened. */
static char *
dup_error_text (FluoView *self, const GError *error)
{
  g_autofree char *reason = NULL;

  if (g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET))
    return g_strdup (_("Reading on could pass this hour’s budget, so you are asked first"));
  if (fluo_session_needs_sign_in (self->session))
    return g_strdup (fluo_explorer_get_summaries (self->explorer)->len > 0
                         ? _("The sign-in has ended")
                         : _("You are not signed in to this account"));
  reason = fluo_error_dup_words (error);
  return g_strdup_printf ("%s %s", _("Traces could not be read:"), reason);
}

static void
update_error (FluoView *self)
{
  const GError *error = fluo_explorer_get_error (self->explorer);
  const FluoCollectorStatus *status = fluo_explorer_get_status (self->explorer);
  const char *child = gtk_stack_get_visible_child_name (GTK_STACK (self->explore));
  gboolean has_data = fluo_explorer_get_summaries (self->explorer)->len > 0;
  g_autofree char *text = NULL;

  /* The start page says in place what is wrong. */
  if (error && g_strcmp0 (child, "start") != 0)
    text = dup_error_text (self, error);
  else if (status && status->last_error)
    text = g_strdup_printf ("%s %s", _("New traces could not be stored:"), status->last_error);
  if (text)
    {
      g_autofree char *sentence = g_strdup_printf (
          "%s.%s%s", text, has_data ? " " : "",
          has_data ? _("What was read before stays on screen.") : "");
      g_autofree char *safe = fluo_format_untrusted (sentence, 600);

      gtk_label_set_text (self->error_label, safe);
    }
  offer_way_out (self, error);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->error_revealer), text != NULL);
}

static void
update_count (FluoView *self)
{
  FluoQueryBar *bar = FLUO_QUERY_BAR (self->query_bar);
  guint total = fluo_explorer_get_summaries (self->explorer)->len;
  gboolean narrowed = *fluo_query_bar_get_query (bar) != '\0';
  guint matching = fluo_explorer_get_matches (self->explorer)->len;

  if (narrowed && self->traces_page)
    matching = fluo_traces_page_get_n_matching (FLUO_TRACES_PAGE (self->traces_page));
  fluo_query_bar_set_count (bar, narrowed ? matching : total, total, narrowed);
}

static void
update_trace_title (FluoView *self, FluoTab *tab)
{
  FluoTrace *trace = fluo_tab_get_trace (tab);
  GtkWidget *label = gtk_widget_get_last_child (self->running);
  guint n_running = trace ? fluo_trace_get_n_running (trace) : 0;

  if (trace)
    {
      g_autofree char *title = fluo_format_untrusted (fluo_trace_get_title (trace), 80);
      g_autofree char *clock = fluo_format_clock (fluo_trace_get_start_ns (trace),
                                                  FLUO_CLOCK_SECONDS, NULL);
      guint32 root = fluo_trace_get_root (trace);
      const FluoSpan *spans = fluo_trace_get_spans (trace, NULL);
      const char *entry = root != FLUO_SPAN_NONE ? fluo_trace_get_string (trace, spans[root].name)
                                                 : "";
      g_autofree char *safe = fluo_format_untrusted (entry, 60);
      g_autofree char *subtitle = *safe ? g_strdup_printf ("%s · %s", safe, clock)
                                        : g_strdup (clock);

      adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), title);
      adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), subtitle);
    }
  else if (FLUO_IS_COMPARE_PAGE (tab->page))
    {
      adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), _("Comparing two traces"));
      adw_window_title_set_subtitle (
          ADW_WINDOW_TITLE (self->title),
          fluo_compare_page_get_title (FLUO_COMPARE_PAGE (tab->page)));
    }
  else
    {
      adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), _("Trace"));
      adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->title), tab->id);
    }
  if (n_running > 0)
    {
      g_autofree char *text = g_strdup_printf (ngettext ("Still receiving: %u call running",
                                                         "Still receiving: %u calls running",
                                                         n_running),
                                               n_running);

      gtk_label_set_text (GTK_LABEL (label), text);
    }
  gtk_widget_set_visible (self->running, n_running > 0);
}

/* In px of the usual size of text: where it is larger, less of it has room. */
static int
get_width (FluoView *self)
{
  return (int) (fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box)) /
                fluo_theme_get_text_scale (GTK_WIDGET (self)));
}

/* The bar of tabs names the trace as well: where large text leaves no room for its title, that
 * gives way to the buttons, which would be cut off. */
static void
show_title (FluoView *self, const char *name)
{
  GtkStack *stack = GTK_STACK (self->title_stack);
  const int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box));
  int least;

  if (g_strcmp0 (gtk_stack_get_visible_child_name (stack), name) != 0)
    gtk_stack_set_visible_child_name (stack, name);
  if (!g_str_equal (name, "trace"))
    return;

  gtk_widget_measure (self->header, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  if (width > 0 && least > width)
    gtk_stack_set_visible_child_name (stack, "none");
}

void
fluo_view_update_header (FluoView *self)
{
  FluoTab *tab = fluo_view_get_tab (self);
  int width = get_width (self);
  gboolean start = g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->explore)), "start")
                   == 0;
  gboolean small = width > 0 && width < FOLD_SWITCHER_PX;
  gboolean tiny = width > 0 && width < FOLD_SEARCH_PX;
  const char *title = tab ? "trace" : small ? "none" : "switcher";

  gtk_widget_set_visible (self->range, !tab && !start);
  gtk_widget_set_visible (
      self->live,
      !tab && (!start || fluo_explorer_get_state (self->explorer) >= FLUO_EXPLORER_RETRYING));
  gtk_widget_set_visible (self->panel_button, tab != NULL);
  /* The query field is there as well, and in the smallest window there is room for one of them. */
  gtk_widget_set_visible (self->search_button, (tab || !start) && !tiny);
  gtk_widget_set_visible (self->query_bar, !tab && !start);
  gtk_widget_set_visible (self->bottom_switcher, small && !tab);
  gtk_widget_set_visible (self->tab_bar, self->tabs->len > 0);
  if (tab)
    update_trace_title (self, tab);
  if (!tab || small)
    gtk_widget_set_visible (self->running, FALSE);
  show_title (self, title);
  fold_error (self, small, tiny);
  update_error (self);
  update_count (self);
}

void
fluo_view_show_title_buttons (FluoView *self, gboolean show)
{
  g_return_if_fail (FLUO_IS_VIEW (self));
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (self->header), show);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (self->header), show);
}

void
fluo_view_update_fold (FluoView *self)
{
  int width = get_width (self);
  gboolean folded = width > 0 && width < FOLD_BUTTONS_PX;

  fluo_range_button_set_narrow (FLUO_RANGE_BUTTON (self->range), folded);
  fluo_live_button_set_narrow (FLUO_LIVE_BUTTON (self->live), folded);
  fluo_connection_button_set_narrow (FLUO_CONNECTION_BUTTON (self->connection),
                                     width > 0 && width<FOLD_DETAIL_PX, width> 0
                                         && width < FOLD_SEARCH_PX);
  fluo_query_bar_set_width (FLUO_QUERY_BAR (self->query_bar), width);
  if (folded)
    gtk_widget_add_css_class (GTK_WIDGET (self), "folded");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "folded");
  fluo_view_update_header (self);
}
