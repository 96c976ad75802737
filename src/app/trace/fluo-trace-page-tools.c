/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "app/fluo-settings.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-text-tool.h"
#include "core/fluo-format.h"

#define ZOOM_STEP 1.5
/* On a telephone the keys, the wheel and two fingers zoom; the buttons give way. */
#define TINY_WIDTH 520
#define TOOL_SPACING 4
#define FIND_WIDTH 180
#define FIND_WIDTH_TINY 90

/* --- Find ------------------------------------------------------------------------------------- */

static void
find_changed_cb (GtkEditable *editable, FluoTracePage *self)
{
  fluo_waterfall_view_set_find (self->waterfall, gtk_editable_get_text (editable));
}

static void
find_next_cb (FluoTracePage *self)
{
  fluo_waterfall_view_find_step (self->waterfall, 1);
}

static void
find_previous_cb (FluoTracePage *self)
{
  fluo_waterfall_view_find_step (self->waterfall, -1);
}

static gboolean
find_key_cb (GtkEventControllerKey *controller, guint keyval, guint keycode, GdkModifierType state,
             FluoTracePage *self)
{
  switch (keyval)
    {
    case GDK_KEY_Escape:
      gtk_editable_set_text (GTK_EDITABLE (self->find), "");
      gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
      return GDK_EVENT_STOP;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      fluo_waterfall_view_find_step (self->waterfall, state & GDK_SHIFT_MASK ? -1 : 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
      gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static GtkWidget *
new_icon_button (const char *icon, const char *tip, const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_image_set_pixel_size (GTK_IMAGE (gtk_button_get_child (GTK_BUTTON (button))), 14);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);

  return button;
}

static GtkWidget *
new_find (FluoTracePage *self)
{
  GtkWidget *field = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7),
            *icon = gtk_image_new_from_icon_name ("fluoroscope-find-symbolic");
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 14);
  self->find = GTK_TEXT (gtk_text_new ());
  gtk_text_set_placeholder_text (self->find, _("Find in trace"));
  gtk_text_set_max_length (self->find, 200);
  gtk_widget_set_hexpand (GTK_WIDGET (self->find), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->find), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find in trace"), -1);
  g_signal_connect (self->find, "changed", G_CALLBACK (find_changed_cb), self);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (find_key_cb), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self->find), keys);

  self->find_position = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->find_position), "find-position");
  gtk_widget_add_css_class (GTK_WIDGET (self->find_position), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->find_position), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->find_position), "numeric");
  self->find_up = new_icon_button ("fluoroscope-up-symbolic", _("Previous match (Shift+Ctrl+G)"),
                                   "trace.find-previous");
  self->find_down =
    new_icon_button ("fluoroscope-down-symbolic", _("Next match (Ctrl+G)"), "trace.find-next");

  gtk_box_append (GTK_BOX (field), icon);
  gtk_box_append (GTK_BOX (field), GTK_WIDGET (self->find));
  gtk_box_append (GTK_BOX (field), GTK_WIDGET (self->find_position));
  gtk_box_append (GTK_BOX (field), self->find_up);
  gtk_box_append (GTK_BOX (field), self->find_down);
  gtk_widget_add_css_class (field, "find-field");
  gtk_widget_set_valign (field, GTK_ALIGN_CENTER);
  self->find_field = field;

  return field;
}

/* --- Buttons ---------------------------------------------------------------------------------- */

static GtkWidget *
new_toggle (const char *icon, GtkLabel **label, const char *text, const char *tip,
            const char *action)
{
  GtkWidget *button = gtk_toggle_button_new ();

  gtk_button_set_child (GTK_BUTTON (button), fluo_text_tool_new_content (icon, label, FALSE));
  gtk_label_set_text (*label, text);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "text-tool");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);

  return button;
}

/* In the order of FluoWaterfallColor. */
static const char *const colors[] = { "service", N_("Service"), "status", N_("Status"),
                                      "kind",    N_("Kind"),    "own",    N_("Own time"),
                                      "version", N_("Version"), NULL };
static const char *const clocks[] = { "start", N_("From start"), "local", N_("Local time"),
                                      "utc",   N_("UTC"),        NULL };

/* In the order of FluoTraceView. */
static const char *const views[] = { "waterfall", N_("Waterfall"),
                                     "flame",     N_("Flame graph"),
                                     "map",       N_("Map"),
                                     "calls",     N_("Calls by kind"),
                                     "services",  N_("Services"),
                                     "annotations", N_("Annotations"),
                                     NULL };

static const char *
choice_label (const char *const *choices, const char *name)
{
  for (guint i = 0; choices[i] != NULL; i += 2)
    if (g_str_equal (choices[i], name))
      return _(choices[i + 1]);

  return name;
}

GtkWidget *
fluo_trace_page_make_tools (FluoTracePage *self)
{
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, TOOL_SPACING),
            *space, *line;

  gtk_widget_add_css_class (tools, "trace-tools");
  gtk_box_append (GTK_BOX (tools), new_find (self));
  gtk_widget_set_hexpand (self->find_field, TRUE);
  gtk_widget_set_halign (self->find_field, GTK_ALIGN_FILL);
  space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (tools), space);

  gtk_box_append (GTK_BOX (tools),
                  fluo_text_tool_new_menu ("fluoroscope-waterfall-symbolic", &self->view_label,
                                           _("Waterfall, flame graph (F), map or statistics"),
                                           "trace.view", views));
  self->color_button =
    fluo_text_tool_new_menu ("fluoroscope-colour-symbolic", &self->color_label,
                             _("What the colours mean (B)"), "trace.color", colors);
  self->critical_button =
    new_toggle ("fluoroscope-route-symbolic", &self->critical_label, _("Critical path"),
                _("Show the critical path (C)"), "trace.critical");
  self->fold_button = new_toggle ("fluoroscope-fold-symbolic", &self->fold_label, _("Fold waits"),
                                  _("Fold long waits (W)"), "trace.fold");
  self->metrics_button =
    new_toggle ("fluoroscope-chart-symbolic", &self->metrics_label, _("Metrics"),
                _("Read the services’ metrics of CloudWatch: AWS charges for it (V)"),
                "trace.metrics");
  self->clock_button =
    fluo_text_tool_new_menu ("fluoroscope-clock-symbolic", &self->clock_label,
                             _("Clock of the ruler"), "trace.clock", clocks);
  gtk_box_append (GTK_BOX (tools), self->color_button);
  gtk_box_append (GTK_BOX (tools), self->critical_button);
  gtk_box_append (GTK_BOX (tools), self->fold_button);
  gtk_box_append (GTK_BOX (tools), self->metrics_button);
  gtk_box_append (GTK_BOX (tools), self->clock_button);

  self->zoom_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  line = gtk_separator_new (GTK_ORIENTATION_VERTICAL);
  gtk_widget_add_css_class (line, "tool-line");
  gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->zoom_box), line);
  gtk_box_append (GTK_BOX (self->zoom_box),
                  new_icon_button ("fluoroscope-minus-symbolic", _("Zoom out (Ctrl+−)"),
                                   "trace.zoom-out"));
  self->zoom_label = GTK_LABEL (gtk_label_new ("100%"));
  gtk_label_set_width_chars (self->zoom_label, 5);
  gtk_widget_add_css_class (GTK_WIDGET (self->zoom_label), "numeric");
  gtk_box_append (GTK_BOX (self->zoom_box), GTK_WIDGET (self->zoom_label));
  gtk_box_append (GTK_BOX (self->zoom_box),
                  new_icon_button ("fluoroscope-plus-symbolic", _("Zoom in (Ctrl++)"),
                                   "trace.zoom-in"));
  gtk_box_append (GTK_BOX (tools), self->zoom_box);
  self->fit_button =
    new_icon_button ("fluoroscope-fit-symbolic", _("Whole trace (Ctrl+0)"), "trace.fit");
  gtk_box_append (GTK_BOX (tools), self->fit_button);
  self->tools = tools;

  return tools;
}

/* --- Actions ---------------------------------------------------------------------------------- */

static void
zoom (FluoTracePage *self, double factor)
{
  if (fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_FLAME)
    fluo_flame_view_zoom (self->flame, factor);
  else if (fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_MAP)
    fluo_map_area_zoom (self->map, factor);
  else
    fluo_waterfall_view_zoom (self->waterfall, factor);
}

static void
activate_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoTracePage *self = user_data;
  const char *name = g_action_get_name (G_ACTION (action));

  if (g_str_equal (name, "zoom-in"))
    zoom (self, ZOOM_STEP);
  else if (g_str_equal (name, "zoom-out"))
    zoom (self, 1 / ZOOM_STEP);
  else if (g_str_equal (name, "fit") && fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_FLAME)
    fluo_flame_view_fit (self->flame);
  else if (g_str_equal (name, "fit") && fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_MAP)
    fluo_map_area_fit (self->map);
  else if (g_str_equal (name, "fit"))
    fluo_waterfall_view_fit (self->waterfall);
  else if (g_str_equal (name, "find-next"))
    find_next_cb (self);
  else if (g_str_equal (name, "find-previous"))
    find_previous_cb (self);
  else if (g_str_equal (name, "reload"))
    fluo_trace_page_read (self);
  else if (g_str_equal (name, "compare") || g_str_equal (name, "compare-selected"))
    {
      g_autofree char *id = fluo_trace_id_to_string (&self->id);

      if (g_str_equal (name, "compare"))
        gtk_widget_activate_action (GTK_WIDGET (self), "win.compare", "(ss)", id, "");
      else
        gtk_widget_activate_action (GTK_WIDGET (self), "win.compare-with-selected", "s", id);
    }
  else if (g_str_equal (name, "call-logs"))
    fluo_trace_page_show_call_logs (self);
  else if (g_str_equal (name, "shift-clock"))
    fluo_trace_page_toggle_clock (self, NULL);
  else if (g_str_equal (name, "move-panel"))
    {
      self->panel_at_bottom = !self->panel_at_bottom;
      fluo_trace_page_keep_panel (self);
    }
}

static void
change_logs_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  fluo_trace_page_set_logs (user_data, g_variant_get_boolean (value));
}

static void
change_metrics_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  g_simple_action_set_state (action, value);
  fluo_trace_page_set_metrics (user_data, g_variant_get_boolean (value));
}

static void
change_critical_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoTracePage *self = user_data;

  fluo_waterfall_view_set_critical (self->waterfall, g_variant_get_boolean (value));
  g_simple_action_set_state (action, value);
}

static void
change_fold_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoTracePage *self = user_data;

  fluo_waterfall_view_set_fold (self->waterfall, g_variant_get_boolean (value));
  g_simple_action_set_state (action, value);
}

static guint
index_of_color (const char *name)
{
  for (guint i = 0; i < FLUO_N_WATERFALL_COLORS; i++)
    if (g_str_equal (colors[2 * i], name))
      return i;

  return FLUO_WATERFALL_COLOR_SERVICE;
}

FluoWaterfallColor
fluo_trace_page_get_color (FluoTracePage *self)
{
  g_autoptr (GVariant) state =
    g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "color");

  return (FluoWaterfallColor) index_of_color (g_variant_get_string (state, NULL));
}

static void
set_color (FluoTracePage *self, guint color)
{
  g_simple_action_set_state (
    G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "color")),
    g_variant_new_string (colors[2 * color]));
  fluo_waterfall_view_set_color (self->waterfall, (FluoWaterfallColor) color);
  fluo_flame_view_set_color (self->flame, (FluoWaterfallColor) color);
  fluo_trace_page_update_tools (self);
}

/* The next trace has them the same way. */
static void
change_color_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  guint color = index_of_color (g_variant_get_string (value, NULL));

  fluo_settings_set_string ("bars-color", colors[2 * color]);
  set_color (user_data, color);
}

static void
step_color_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoTracePage *self = user_data;
  guint n = FLUO_N_WATERFALL_COLORS, step = (guint) (g_variant_get_int32 (parameter) + (int) n);
  guint color = (fluo_trace_page_get_color (self) + step) % n;

  g_action_change_state (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "color"),
                         g_variant_new_string (colors[2 * color]));
}

void
fluo_trace_page_restore_color (FluoTracePage *self)
{
  g_autofree char *name = fluo_settings_dup_string ("bars-color", "service");

  set_color (self, index_of_color (name));
}

FluoTraceView
fluo_trace_page_get_view (FluoTracePage *self)
{
  g_autoptr (GVariant) state =
    g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "view");

  for (guint i = 0; views[2 * i] != NULL; i++)
    if (g_str_equal (views[2 * i], g_variant_get_string (state, NULL)))
      return (FluoTraceView) i;

  return FLUO_TRACE_VIEW_WATERFALL;
}

GtkWidget *
fluo_trace_page_get_view_widget (FluoTracePage *self)
{
  switch (fluo_trace_page_get_view (self))
    {
    case FLUO_TRACE_VIEW_FLAME:
      return GTK_WIDGET (self->flame);
    case FLUO_TRACE_VIEW_MAP:
      return GTK_WIDGET (self->map);
    case FLUO_TRACE_VIEW_CALLS:
    case FLUO_TRACE_VIEW_SERVICES:
    case FLUO_TRACE_VIEW_ANNOTATIONS:
      return GTK_WIDGET (self->stats);
    case FLUO_TRACE_VIEW_WATERFALL:
    default:
      return GTK_WIDGET (self->waterfall);
    }
}

/* Made and counted only when somebody looks. */
void
fluo_trace_page_update_view (FluoTracePage *self)
{
  FluoTraceView view = fluo_trace_page_get_view (self);

  if (view == FLUO_TRACE_VIEW_FLAME)
    {
      fluo_trace_page_show_flame (self);
      fluo_trace_page_update_flame_found (self);
    }
  else if (view == FLUO_TRACE_VIEW_MAP)
    {
      fluo_trace_page_show_map (self);
      fluo_trace_page_update_map (self);
    }
  else if (view != FLUO_TRACE_VIEW_WATERFALL)
    fluo_stats_view_set_trace (self->stats, self->trace,
                               (FluoTraceStatsBy) (view - FLUO_TRACE_VIEW_CALLS));
  gtk_stack_set_visible_child (self->views, fluo_trace_page_get_view_widget (self));
  fluo_trace_page_update_tools (self);
}

static void
change_view_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoTracePage *self = user_data;
  gboolean focused = gtk_widget_get_focus_child (GTK_WIDGET (self->views)) != NULL;

  g_simple_action_set_state (action, value);
  fluo_trace_page_update_view (self);
  /* The keyboard goes on where it was. */
  if (focused)
    gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
}

static void
change_clock_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoTracePage *self = user_data;
  const char *name = g_variant_get_string (value, NULL);

  g_simple_action_set_state (action, value);
  fluo_waterfall_view_set_clock (self->waterfall,
                                 g_str_equal (name, "local") ? FLUO_WATERFALL_CLOCK_LOCAL
                                 : g_str_equal (name, "utc") ? FLUO_WATERFALL_CLOCK_UTC
                                                             : FLUO_WATERFALL_CLOCK_START);
}

/* The state follows what is really kept. */
static void
change_keep_cb (GSimpleAction *action, GVariant *value, gpointer user_data)
{
  FluoTracePage *self = user_data;
  g_autofree char *id = fluo_trace_id_to_string (&self->id);
  const char *const ids[] = { id, NULL };

  gtk_widget_activate_action (GTK_WIDGET (self), "win.keep-traces", "(^asb)", ids,
                              g_variant_get_boolean (value));
}

static void
add_shortcut (GtkEventController *controller, const char *trigger, const char *action)
{
  gtk_shortcut_controller_add_shortcut (
    GTK_SHORTCUT_CONTROLLER (controller),
    gtk_shortcut_new (gtk_shortcut_trigger_parse_string (trigger), gtk_named_action_new (action)));
}

void
fluo_trace_page_add_actions (FluoTracePage *self)
{
  static const GActionEntry entries[] = {
    { .name = "zoom-in", .activate = activate_cb },
    { .name = "zoom-out", .activate = activate_cb },
    { .name = "fit", .activate = activate_cb },
    { .name = "find-next", .activate = activate_cb },
    { .name = "find-previous", .activate = activate_cb },
    { .name = "reload", .activate = activate_cb },
    { .name = "move-panel", .activate = activate_cb },
    { .name = "shift-clock", .activate = activate_cb },
    { .name = "keep", .state = "false", .change_state = change_keep_cb },
    { .name = "compare", .activate = activate_cb },
    { .name = "compare-selected", .activate = activate_cb },
    { .name = "call-logs", .activate = activate_cb },
    { .name = "logs", .state = "false", .change_state = change_logs_cb },
    { .name = "critical", .state = "true", .change_state = change_critical_cb },
    { .name = "metrics", .state = "false", .change_state = change_metrics_cb },
    { .name = "fold", .state = "false", .change_state = change_fold_cb },
    { .name = "color",
      .parameter_type = "s",
      .state = "'service'",
      .change_state = change_color_cb },
    { .name = "step-color", .parameter_type = "i", .activate = step_color_cb },
    { .name = "view",
      .parameter_type = "s",
      .state = "'waterfall'",
      .change_state = change_view_cb },
    { .name = "clock", .parameter_type = "s", .state = "'start'", .change_state = change_clock_cb },
  };
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "trace", G_ACTION_GROUP (self->actions));

  add_shortcut (shortcuts, "<Control>plus|<Control>equal|<Control>KP_Add", "trace.zoom-in");
  add_shortcut (shortcuts, "<Control>minus|<Control>KP_Subtract", "trace.zoom-out");
  add_shortcut (shortcuts, "<Control>0|<Control>KP_0", "trace.fit");
  add_shortcut (shortcuts, "<Control>g", "trace.find-next");
  add_shortcut (shortcuts, "<Control><Shift>g", "trace.find-previous");
  add_shortcut (shortcuts, "<Shift>F9", "trace.move-panel");
  gtk_widget_add_controller (GTK_WIDGET (self), shortcuts);
}

static void
set_words (FluoTracePage *self, FluoTraceView view, gboolean words)
{
  gtk_widget_set_visible (GTK_WIDGET (self->view_label),
                          words && view != FLUO_TRACE_VIEW_WATERFALL);
  gtk_widget_set_visible (GTK_WIDGET (self->color_label), words);
  gtk_widget_set_visible (GTK_WIDGET (self->clock_label), words);
  gtk_widget_set_visible (GTK_WIDGET (self->critical_label), words);
  gtk_widget_set_visible (GTK_WIDGET (self->fold_label), words);
  gtk_widget_set_visible (GTK_WIDGET (self->metrics_label), words);
}

/* Words where there is room for all of them, in whatever language and size; icons elsewhere. */
static void
show_words (FluoTracePage *self, FluoTraceView view)
{
  int least;

  set_words (self, view, TRUE);
  gtk_widget_measure (self->tools, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  if (self->width > 0 && least > fluo_trace_page_get_bars_width (self))
    set_words (self, view, FALSE);
}

/* Everything in the toolbar that follows the waterfall. */
void
fluo_trace_page_update_tools (FluoTracePage *self)
{
  g_autoptr (GVariant) clock =
    g_action_group_get_action_state (G_ACTION_GROUP (self->actions), "clock");
  GAction *fold = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "fold");
  GAction *critical = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "critical");
  g_autofree char *color_text = NULL, *zoom_text = NULL, *position_text = NULL, *count = NULL;
  gboolean tiny = self->width > 0 && self->width < TINY_WIDTH;
  FluoTraceView view = fluo_trace_page_get_view (self);
  gboolean bars = view == FLUO_TRACE_VIEW_WATERFALL || view == FLUO_TRACE_VIEW_FLAME;
  const gboolean zooms = bars || view == FLUO_TRACE_VIEW_MAP;
  double zoomed = view == FLUO_TRACE_VIEW_FLAME ? fluo_flame_view_get_zoom (self->flame)
                  : view == FLUO_TRACE_VIEW_MAP ? fluo_map_area_get_view (self->map)->zoom
                                                : fluo_waterfall_view_get_zoom (self->waterfall);
  /* While something is looked for on a telephone, its count and arrows need the room. */
  gboolean finding = tiny && gtk_text_get_text_length (self->find) > 0;
  gboolean rows = view == FLUO_TRACE_VIEW_WATERFALL && !finding;
  guint position, n;

  color_text =
    g_strdup_printf (_("Colour: %s"), _(colors[2 * fluo_trace_page_get_color (self) + 1]));
  gtk_label_set_text (self->color_label, color_text);
  gtk_label_set_text (self->clock_label, choice_label (clocks, g_variant_get_string (clock, NULL)));
  /* What a view has no use for is not offered with it. */
  gtk_label_set_text (self->view_label, _(views[2 * view + 1]));
  gtk_widget_set_visible (self->color_button, bars);
  gtk_widget_set_visible (self->critical_button, rows);
  gtk_widget_set_visible (self->fold_button, rows);
  gtk_widget_set_visible (self->metrics_button, rows && self->metrics.some);
  gtk_widget_set_visible (self->clock_button, rows);
  gtk_widget_set_visible (self->fit_button, zooms);
  g_simple_action_set_state (
    G_SIMPLE_ACTION (fold), g_variant_new_boolean (fluo_waterfall_view_get_fold (self->waterfall)));
  fluo_trace_page_fold_head (self, tiny);
  if (tiny)
    gtk_widget_add_css_class (self->tools, "tiny");
  else
    gtk_widget_remove_css_class (self->tools, "tiny");
  gtk_box_set_spacing (GTK_BOX (self->tools), tiny ? 0 : TOOL_SPACING);
  gtk_widget_set_visible (self->zoom_box, !tiny && zooms);
  gtk_widget_set_size_request (self->find_field, tiny ? FIND_WIDTH_TINY : FIND_WIDTH, -1);
  g_simple_action_set_state (
    G_SIMPLE_ACTION (critical),
    g_variant_new_boolean (fluo_waterfall_view_get_critical (self->waterfall)));

  if (zoomed < 100)
    zoom_text = fluo_format_percent (zoomed * 100, "%.0f");
  else
    {
      count = fluo_format_count ((guint64) llround (MIN (zoomed, 1e18)));
      zoom_text = g_strdup_printf (_("%s×"), count);
    }
  gtk_label_set_text (self->zoom_label, zoom_text);

  fluo_waterfall_view_get_found (self->waterfall, &position, &n);
  position_text = gtk_text_get_text_length (self->find) > 0
                    ? fluo_text_tool_dup_found (position, n)
                    : g_strdup ("");
  gtk_label_set_text (self->find_position, position_text);
  gtk_widget_set_visible (self->find_up, n > 0);
  gtk_widget_set_visible (self->find_down, n > 0);
  show_words (self, view);
}
