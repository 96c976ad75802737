/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "fluo-connection-button.h"
#include "fluo-live-button.h"
#include "fluo-range-button.h"
#include "fluo-traces-page.h"
#include "fluo-width-box.h"

/* Under these the header folds (design: narrower windows). */
#define FOLD_DETAIL_PX 1000
#define FOLD_BUTTONS_PX 860
#define FOLD_SWITCHER_PX 720
#define FOLD_SEARCH_PX 480
/* Typing is searched for after a short pause. */
#define SEARCH_DELAY_MS 120
/* Longer names are cut in the chip. */
#define CHIP_CHARS_MAX 40

GtkWidget *
fluo_window_make_switch (const char *page, const char *icon, const char *text, GtkBox **ret_box)
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
make_switcher (FluoWindow *self, guint switcher)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);

  gtk_widget_add_css_class (box, "page-switcher");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), fluo_window_make_switch ("map", "fluoroscope-map-symbolic",
                                                          _ ("Map"), NULL));
  gtk_box_append (GTK_BOX (box), fluo_window_make_switch ("traces", "fluoroscope-list-symbolic",
                                                          _ ("Traces"), NULL));
  gtk_box_append (GTK_BOX (box), fluo_window_make_insight_switch (self, switcher));
  return box;
}

static GMenuModel *
make_main_menu (void)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) open = g_menu_new ();
  g_autoptr (GMenu) window = g_menu_new ();
  g_autoptr (GMenu) rest = g_menu_new ();

  g_menu_append (open, _ ("Open Trace by ID…"), "win.open-trace-by-id");
  g_menu_append (open, _ ("Open File…"), "win.open-file");
  g_menu_append (open, _ ("Export Trace…"), "win.export");
  g_menu_append (open, _ ("Why Is My Trace Missing?"), "win.explain-missing::");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (open));
  g_menu_append (window, _ ("New Window"), "app.new-window");
  g_menu_append (window, _ ("Read Again"), "win.reload");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (window));
  g_menu_append (rest, _ ("Preferences"), "app.preferences");
  g_menu_append (rest, _ ("Keyboard Shortcuts"), "win.show-help-overlay");
  g_menu_append (rest, _ ("About Fluoroscope"), "app.about");
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
fluo_window_make_header (FluoWindow *self)
{
  AdwHeaderBar *header = ADW_HEADER_BAR (adw_header_bar_new ());
  g_autoptr (GMenuModel) menu = make_main_menu ();

  self->header = GTK_WIDGET (header);
  gtk_widget_add_css_class (self->header, "fluo-header");
  adw_header_bar_set_centering_policy (header, ADW_CENTERING_POLICY_LOOSE);
  self->connection = fluo_connection_button_new (self->explorer);
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
  gtk_widget_set_tooltip_text (self->menu_button, _ ("Main menu"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Main menu"), -1);
  self->search_button = make_icon_button ("fluoroscope-find-symbolic", "win.find", _ ("Find"));
  self->panel_button = make_icon_button ("fluoroscope-sidebar-symbolic", "win.toggle-panel",
                                         _ ("Details panel"));
  adw_header_bar_pack_end (header, self->menu_button);
  adw_header_bar_pack_end (header, self->search_button);
  adw_header_bar_pack_end (header, self->panel_button);
  return self->header;
}

/* --- Query bar --------------------------------------------------------------------------- */

static gboolean
search_late_cb (gpointer data)
{
  FluoWindow *self = data;

  self->search_id = 0;
  fluo_window_set_search (self, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  return G_SOURCE_REMOVE;
}

static void
search_changed_cb (FluoWindow *self)
{
  g_clear_handle_id (&self->search_id, g_source_remove);
  self->search_id = g_timeout_add (SEARCH_DELAY_MS, search_late_cb, self);
}

static void
search_activated_cb (FluoWindow *self)
{
  g_clear_handle_id (&self->search_id, g_source_remove);
  fluo_window_set_search (self, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  if (!*self->text)
    return;
  fluo_window_show_page (self, "traces");
  fluo_window_focus_page (self);
}

static gboolean
search_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode,
               GdkModifierType state, FluoWindow *self)
{
  if (keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search)))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.clear-search", NULL);
  else
    gtk_widget_child_focus (self->explore, GTK_DIR_TAB_FORWARD);
  return GDK_EVENT_STOP;
}

static GtkWidget *
make_chip (FluoWindow *self)
{
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *kind = gtk_label_new (_ ("service"));
  GtkWidget *close = make_icon_button ("fluoroscope-close-symbolic", "win.clear-node",
                                       _ ("Traces of any service"));

  gtk_widget_add_css_class (chip, "chip");
  gtk_widget_add_css_class (kind, "dim-label");
  gtk_widget_add_css_class (close, "chip-close");
  self->chip_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->chip_label, PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (self->chip_label, 26);
  gtk_widget_add_css_class (GTK_WIDGET (self->chip_label), "strong");
  gtk_box_append (GTK_BOX (chip), kind);
  gtk_box_append (GTK_BOX (chip), GTK_WIDGET (self->chip_label));
  gtk_box_append (GTK_BOX (chip), close);
  gtk_widget_set_valign (chip, GTK_ALIGN_CENTER);
  return chip;
}

GtkWidget *
fluo_window_make_query_bar (FluoWindow *self)
{
  GtkWidget *bar = gtk_overlay_new ();
  GtkWidget *field = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->query_bar = bar;
  gtk_widget_add_css_class (bar, "query-bar");
  gtk_widget_add_css_class (field, "query-field");
  self->chip = make_chip (self);
  self->search = gtk_text_new ();
  gtk_text_set_placeholder_text (GTK_TEXT (self->search),
                                 _ ("Search request, service, annotation, user or trace ID"));
  gtk_widget_set_hexpand (self->search, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search traces"), -1);
  g_signal_connect_object (self->search, "changed", G_CALLBACK (search_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "activate", G_CALLBACK (search_activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (search_key_cb), self, 0);
  gtk_widget_add_controller (self->search, keys);
  self->count = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "query-count");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  self->clear = make_icon_button ("fluoroscope-close-symbolic", "win.clear-search",
                                  _ ("Clear the search"));
  gtk_widget_set_valign (self->clear, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->clear, "small");

  gtk_box_append (GTK_BOX (field), gtk_image_new_from_icon_name ("fluoroscope-find-symbolic"));
  gtk_box_append (GTK_BOX (field), self->chip);
  gtk_box_append (GTK_BOX (field), self->search);
  gtk_box_append (GTK_BOX (field), GTK_WIDGET (self->count));
  gtk_box_append (GTK_BOX (field), self->clear);
  gtk_overlay_set_child (GTK_OVERLAY (bar), field);

  /* The thin line at the field's lower edge while a long read runs. */
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_valign (self->progress, GTK_ALIGN_END);
  gtk_widget_add_css_class (self->progress, "osd");
  gtk_widget_set_visible (self->progress, FALSE);
  gtk_widget_set_can_target (self->progress, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (bar), self->progress);
  return bar;
}

/* --- Error box --------------------------------------------------------------------------- */

GtkWidget *
fluo_window_make_error (FluoWindow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-status-fault-symbolic");

  gtk_widget_add_css_class (box, "error-box");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  self->error_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->error_label, TRUE);
  gtk_label_set_wrap_mode (self->error_label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->error_label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->error_label), TRUE);
  self->error_button = GTK_BUTTON (gtk_button_new_with_label (_ ("Try Again")));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->error_button), "win.reload");
  gtk_widget_set_valign (GTK_WIDGET (self->error_button), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->error_label));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->error_button));
  self->error_revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->error_revealer), box);
  return self->error_revealer;
}

GtkWidget *
fluo_window_make_bottom (FluoWindow *self)
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

/* --- Following the state ----------------------------------------------------------------- */

static void
update_error (FluoWindow *self)
{
  const GError *error = fluo_explorer_get_error (self->explorer);
  const FluoCollectorStatus *status = fluo_explorer_get_status (self->explorer);
  const char *child = gtk_stack_get_visible_child_name (GTK_STACK (self->explore));
  gboolean has_data = fluo_explorer_get_summaries (self->explorer)->len > 0;
  g_autofree char *text = NULL;

  /* The start page says in place what is wrong. */
  if (error && g_strcmp0 (child, "start") != 0)
    text = g_strdup_printf ("%s %s", _ ("Traces could not be read:"), error->message);
  else if (status && status->last_error)
    text = g_strdup_printf ("%s %s", _ ("New traces could not be stored:"), status->last_error);
  if (text)
    {
      g_autofree char *sentence = g_strdup_printf (
          "%s.%s%s", text, has_data ? " " : "",
          has_data ? _ ("What was read before stays on screen.") : "");
      g_autofree char *safe = fluo_format_untrusted (sentence, 600);

      gtk_label_set_text (self->error_label, safe);
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->error_revealer), text != NULL);
}

static void
update_count (FluoWindow *self)
{
  guint total = fluo_explorer_get_summaries (self->explorer)->len;
  gboolean narrowed = *self->text || *self->node_name;
  guint matching = narrowed && self->traces_page
                       ? fluo_traces_page_get_n_matching (FLUO_TRACES_PAGE (self->traces_page))
                       : total;
  g_autofree char *shown = fluo_format_count (matching);
  g_autofree char *all = fluo_format_count (total);
  g_autofree char *text = NULL;

  if (narrowed)
    text = g_strdup_printf (ngettext ("<b>%s</b> of %s trace", "<b>%s</b> of %s traces", total),
                            shown, all);
  else
    text = g_strdup_printf (ngettext ("<b>%s</b> trace", "<b>%s</b> traces", total), all);
  /* Markup made of numbers and translated words alone. */
  gtk_label_set_markup (self->count, text);
  gtk_widget_set_visible (self->clear, *self->text != '\0');
  gtk_widget_set_visible (self->chip, *self->node_name != '\0');
  if (*self->node_name)
    {
      g_autofree char *name = fluo_format_untrusted (
        fluo_kind_get_display_name (self->node_type, self->node_name), CHIP_CHARS_MAX);

      gtk_label_set_text (self->chip_label, name);
    }
}

static void
update_trace_title (FluoWindow *self, FluoTab *tab)
{
  FluoTrace *trace = fluo_trace_page_get_trace (FLUO_TRACE_PAGE (tab->page));
  GtkWidget *label = gtk_widget_get_last_child (self->running);
  guint n_running = trace ? fluo_trace_get_n_running (trace) : 0;

  if (trace)
    {
      g_autofree char *title = fluo_format_untrusted (fluo_trace_get_title (trace), 80);
      g_autofree char *clock = fluo_format_clock (fluo_trace_get_extent (trace).begin_ns,
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
  else
    {
      adw_window_title_set_title (ADW_WINDOW_TITLE (self->title), _ ("Trace"));
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

void
fluo_window_update_header (FluoWindow *self)
{
  FluoTab *tab = fluo_window_get_tab (self);
  int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box));
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
  gtk_widget_set_visible (self->progress,
                          !tab && !start && fluo_explorer_is_loading (self->explorer)
                              && fluo_explorer_get_summaries (self->explorer)->len > 0);
  if (fluo_explorer_is_loading (self->explorer))
    gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->progress));
  if (g_strcmp0 (gtk_stack_get_visible_child_name (GTK_STACK (self->title_stack)), title) != 0)
    gtk_stack_set_visible_child_name (GTK_STACK (self->title_stack), title);
  if (tab)
    update_trace_title (self, tab);
  if (!tab || small)
    gtk_widget_set_visible (self->running, FALSE);
  update_error (self);
  update_count (self);
}

void
fluo_window_update_fold (FluoWindow *self)
{
  int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box));
  gboolean folded = width > 0 && width < FOLD_BUTTONS_PX;
  gboolean small = width > 0 && width < FOLD_SWITCHER_PX;

  fluo_range_button_set_narrow (FLUO_RANGE_BUTTON (self->range), folded);
  fluo_live_button_set_narrow (FLUO_LIVE_BUTTON (self->live), folded);
  fluo_connection_button_set_narrow (FLUO_CONNECTION_BUTTON (self->connection),
                                     width > 0 && width<FOLD_DETAIL_PX, width> 0
                                         && width < FOLD_SEARCH_PX);
  gtk_widget_set_visible (GTK_WIDGET (self->count), !small);
  if (folded)
    gtk_widget_add_css_class (GTK_WIDGET (self), "folded");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "folded");
  fluo_window_update_header (self);
}
