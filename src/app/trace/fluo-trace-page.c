/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/fluo-resources.h"
#include "app/fluo-settings.h"
#include "app/trace/fluo-export-dialog.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"

#define WIDTH_MIN 340
#define TITLE_CHARS_MAX 80

G_DEFINE_FINAL_TYPE (FluoTracePage, fluo_trace_page, GTK_TYPE_WIDGET)

enum
{
  PROP_0,
  PROP_TRACE,
  PROP_TITLE,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_BOXED_TYPE (FluoTrace, fluo_trace_boxed, fluo_trace_ref, fluo_trace_unref)

/* --- Trace ------------------------------------------------------------------------------------ */

void
fluo_trace_page_update_title (FluoTracePage *self)
{
  g_autofree char *id = fluo_trace_id_to_string (&self->id);
  g_autofree char *title = NULL;

  if (self->trace != NULL)
    {
      g_autofree char *name =
        fluo_format_untrusted (fluo_trace_get_title (self->trace), TITLE_CHARS_MAX);
      g_autofree char *duration = fluo_format_duration (fluo_trace_get_response_ns (self->trace));
      g_autofree char *clock =
        fluo_format_clock (fluo_trace_get_start_ns (self->trace), FLUO_CLOCK_SECONDS, NULL);

      title = g_strdup_printf ("%s · %s · %s", name, duration, clock);
    }
  else
    title = fluo_format_trace_id_short (id);

  if (g_strcmp0 (title, self->title) == 0)
    return;

  g_free (self->title);
  self->title = g_steal_pointer (&title);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

static void
select_cause (FluoTracePage *self)
{
  guint32 cause = fluo_trace_get_cause_span (self->trace), root = fluo_trace_get_root (self->trace);
  guint n;

  fluo_trace_get_spans (self->trace, &n);
  fluo_waterfall_view_select (self->waterfall, cause != FLUO_SPAN_NONE  ? cause
                                               : root != FLUO_SPAN_NONE ? root
                                               : n > 0                  ? 0
                                                                        : FLUO_SPAN_NONE);
}

/* Whoever opened the trace by key goes on in its rows; nobody is torn from a field elsewhere. */
static void
take_focus (FluoTracePage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) &&
      (focus == NULL || !gtk_widget_get_mapped (focus) || !GTK_IS_EDITABLE (focus)))
    gtk_widget_grab_focus (fluo_trace_page_get_view_widget (self));
}

void
fluo_trace_page_show_rows (FluoTracePage *self, FluoTrace *trace, FluoWaterfallRows *rows,
                           FluoTraceSummary *summary)
{
  gboolean first = self->trace == NULL;

  fluo_span_panel_set_graph (
    self->panel, self->explorer != NULL ? fluo_explorer_get_graph (self->explorer) : NULL);
  fluo_trace_page_drop_flame (self);
  fluo_trace_page_drop_map (self);
  fluo_trace_ref (trace);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  self->trace = trace;
  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  self->summary = summary;
  g_clear_handle_id (&self->reader.placeholder_source, g_source_remove);
  fluo_waterfall_view_take_rows (self->waterfall, rows,
                                 self->explorer != NULL ? fluo_explorer_get_colors (self->explorer)
                                                        : NULL);
  gtk_revealer_set_reveal_child (self->error_revealer, FALSE);
  gtk_stack_set_visible_child_name (self->stack, "content");
  fluo_trace_page_update_head (self);
  if (first || fluo_waterfall_view_get_selected (self->waterfall) == FLUO_SPAN_NONE)
    select_cause (self);
  fluo_span_panel_set_span (self->panel, fluo_waterfall_view_get_rows (self->waterfall),
                            fluo_waterfall_view_get_selected (self->waterfall));
  fluo_trace_page_update_metrics (self);
  fluo_trace_page_update_tools (self);
  fluo_trace_page_update_view (self);
  fluo_trace_page_update_logs (self);
  fluo_trace_page_update_title (self);
  fluo_trace_page_update_live (self);
  if (first)
    take_focus (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TRACE]);
}

/* --- Building --------------------------------------------------------------------------------- */

/* Grey shapes where the head and the rows will be. */
static GtkWidget *
new_placeholders (void)
{
  static const int widths[] = { 620, 560, 240, 320, 400, 280, 520, 300, 360, 260 };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_add_css_class (box, "loading-box");
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_add_css_class (bar, "placeholder-bar");
      gtk_widget_set_size_request (bar, widths[i] * 2 / 5, 14);
      gtk_widget_set_halign (bar, GTK_ALIGN_START);
      gtk_widget_set_margin_start (bar, (int) (i * 13 % 90));
      gtk_box_append (GTK_BOX (box), bar);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Reading the trace"), -1);

  return box;
}

static GtkWidget *
new_retry_button (void)
{
  GtkWidget *button = gtk_button_new_with_label (_("Try again"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "trace.reload");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);

  return button;
}

static GtkWidget *
new_failed (FluoTracePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->failed_why = gtk_button_new_with_label (_("Why is it missing?"));
  /* The id comes with the failure. */
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (self->failed_why),
                                           "win.explain-missing::");
  gtk_widget_set_tooltip_text (self->failed_why, _("Say what became of this trace"));
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  self->failed_title = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->failed_title), "title-4");
  self->failed_text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->failed_text, TRUE);
  gtk_label_set_wrap_mode (self->failed_text, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (self->failed_text, 60);
  gtk_label_set_justify (self->failed_text, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->failed_text), "dim-label");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->failed_title));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->failed_text));
  gtk_box_append (GTK_BOX (buttons), new_retry_button ());
  gtk_box_append (GTK_BOX (buttons), self->failed_why);
  self->failed_statement = fluo_statement_button_new ();
  gtk_box_append (GTK_BOX (buttons), self->failed_statement);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), buttons);

  return box;
}

static GtkWidget *
new_error (FluoTracePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *revealer = gtk_revealer_new ();

  gtk_widget_add_css_class (box, "error-box");
  self->error = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->error, TRUE);
  gtk_label_set_wrap_mode (self->error, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->error, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->error), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->error));
  gtk_box_append (GTK_BOX (box), new_retry_button ());
  gtk_revealer_set_child (GTK_REVEALER (revealer), box);
  self->error_revealer = GTK_REVEALER (revealer);

  return revealer;
}

static GtkWidget *
new_content (FluoTracePage *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *box;

  gtk_box_append (GTK_BOX (column), fluo_trace_page_make_tools (self));
  gtk_box_append (GTK_BOX (column), fluo_trace_page_make_clock (self));
  self->views = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->views, GTK_WIDGET (self->waterfall), "waterfall");
  gtk_stack_add_named (self->views, GTK_WIDGET (self->flame), "flame");
  gtk_stack_add_named (self->views, fluo_trace_page_make_map (self), "map");
  gtk_stack_add_named (self->views, GTK_WIDGET (self->stats), "stats");
  gtk_widget_set_vexpand (GTK_WIDGET (self->views), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->views), TRUE);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->views));
  gtk_box_append (GTK_BOX (content), fluo_trace_page_make_head (self));
  gtk_box_append (GTK_BOX (content), fluo_trace_page_make_split (self, column));

  box = fluo_width_box_new (content, WIDTH_MIN);
  g_signal_connect_object (box, "notify::width", G_CALLBACK (fluo_trace_page_width_cb), self, 0);

  return box;
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_trace_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (object);

  switch (prop_id)
    {
    case PROP_TRACE:
      g_value_set_boxed (value, self->trace);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
fluo_trace_page_dispose (GObject *object)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (object);

  g_cancellable_cancel (self->reader.cancellable);
  g_clear_object (&self->reader.cancellable);
  self->reader.generation++;
  self->flame_generation++;
  self->map_generation++;
  fluo_trace_page_drop_metrics (self);
  g_clear_handle_id (&self->reader.live_source, g_source_remove);
  g_clear_handle_id (&self->reader.second_source, g_source_remove);
  g_clear_handle_id (&self->reader.placeholder_source, g_source_remove);
  g_clear_handle_id (&self->reader.growth_source, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->actions);
  g_clear_object (&self->explorer);

  G_OBJECT_CLASS (fluo_trace_page_parent_class)->dispose (object);
}

static void
fluo_trace_page_finalize (GObject *object)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (object);

  fluo_trace_page_clear_clock (self);
  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  fluo_painter_free (self->painter);
  g_free (self->title);

  G_OBJECT_CLASS (fluo_trace_page_parent_class)->finalize (object);
}

/* The page's own style sheet, once a display. Its colours are named in the application's. */
void
fluo_trace_page_load_style (GdkDisplay *display)
{
  static const char key[] = "fluo-trace-page-style";
  g_autoptr (GtkCssProvider) provider = NULL;

  if (g_object_get_data (G_OBJECT (display), key) != NULL)
    return;

  fluo_app_register_resources ();
  provider = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (provider, FLUO_RESOURCE_PATH "/trace-page.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION + 1);
  g_object_set_data (G_OBJECT (display), key, GINT_TO_POINTER (TRUE));
}

static gboolean
fluo_trace_page_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (fluo_trace_page_get_view_widget (FLUO_TRACE_PAGE (widget)));
}

static void
fluo_trace_page_class_init (FluoTracePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fluo_trace_page_get_property;
  object_class->dispose = fluo_trace_page_dispose;
  object_class->finalize = fluo_trace_page_finalize;
  widget_class->grab_focus = fluo_trace_page_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "tracepage");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_k, 0, "trace.keep", NULL);

  properties[PROP_TRACE] = g_param_spec_boxed ("trace", NULL, NULL, fluo_trace_boxed_get_type (),
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
fluo_trace_page_init (FluoTracePage *self)
{
  GtkWidget *stack = gtk_stack_new ();

  fluo_trace_page_load_style (gtk_widget_get_display (GTK_WIDGET (self)));
  self->painter = fluo_painter_new ();
  self->reader.second_ms = 1000;
  self->panel_shown = fluo_settings_get_boolean ("details-shown", TRUE);
  self->panel_at_bottom = fluo_settings_get_boolean ("details-at-bottom", FALSE);
  self->waterfall = FLUO_WATERFALL_VIEW (fluo_waterfall_view_new ());
  self->flame = FLUO_FLAME_VIEW (fluo_flame_view_new ());
  self->stats = FLUO_STATS_VIEW (fluo_stats_view_new ());
  self->panel = FLUO_SPAN_PANEL (fluo_span_panel_new ());
  fluo_trace_page_add_actions (self);

  self->stack = GTK_STACK (stack);
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), "empty");
  gtk_stack_add_named (self->stack, new_placeholders (), "loading");
  gtk_stack_add_named (self->stack, new_failed (self), "failed");
  gtk_stack_add_named (self->stack, new_content (self), "content");
  gtk_widget_set_vexpand (stack, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), new_error (self));
  gtk_box_append (GTK_BOX (self->box), stack);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "trace-page");

  fluo_trace_page_join_views (self);
  fluo_trace_page_restore_color (self);
  fluo_trace_page_place_panel (self);
}

static FluoTracePage *
page_new (FluoExplorer *explorer, const FluoTraceId *id)
{
  FluoTracePage *self = g_object_new (FLUO_TYPE_TRACE_PAGE, NULL);

  self->id = *id;
  g_set_object (&self->explorer, explorer);
  if (explorer != NULL)
    fluo_trace_page_follow_explorer (self);
  fluo_trace_page_update_title (self);
  fluo_trace_page_update_head (self);

  return self;
}

GtkWidget *
fluo_trace_page_new (FluoExplorer *explorer, const FluoTraceId *id)
{
  FluoTracePage *self;

  g_return_val_if_fail (id != NULL, NULL);

  self = page_new (explorer, id);
  fluo_trace_page_read (self);

  return GTK_WIDGET (self);
}

GtkWidget *
fluo_trace_page_new_for_trace (FluoExplorer *explorer, FluoTrace *trace)
{
  FluoTracePage *self;

  g_return_val_if_fail (trace != NULL, NULL);

  self = page_new (explorer, fluo_trace_get_id (trace));
  self->from_file = TRUE;
  fluo_trace_page_show_trace (self, trace);

  return GTK_WIDGET (self);
}

const FluoTraceId *
fluo_trace_page_get_id (FluoTracePage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_PAGE (self), NULL);

  return &self->id;
}

FluoTrace *
fluo_trace_page_get_trace (FluoTracePage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_PAGE (self), NULL);

  return self->trace;
}

const char *
fluo_trace_page_get_title (FluoTracePage *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_PAGE (self), NULL);

  return self->title;
}

void
fluo_trace_page_find (FluoTracePage *self)
{
  g_return_if_fail (FLUO_IS_TRACE_PAGE (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->find));
  gtk_editable_select_region (GTK_EDITABLE (self->find), 0, -1);
}

void
fluo_trace_page_export (FluoTracePage *self)
{
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog;

  g_return_if_fail (FLUO_IS_TRACE_PAGE (self));

  if (self->trace == NULL)
    return;

  options.visible = fluo_waterfall_view_get_visible (self->waterfall);
  options.color = fluo_trace_page_get_color (self);
  options.fold = fluo_waterfall_view_get_fold (self->waterfall);
  options.flame = fluo_trace_page_get_view (self) == FLUO_TRACE_VIEW_FLAME;
  if (self->logs != NULL && fluo_logs_panel_has_logs (self->logs))
    {
      options.trace_lines = fluo_logs_panel_get_lines (self->logs);
      if (fluo_trace_lines_count (options.trace_lines, FLUO_LOG_ERROR) > 0)
        options.lines = FLUO_EXPORT_LINES_ERRORS;
    }
  if (fluo_flame_view_get_flame (self->flame) != NULL)
    {
      const FluoFlameLayout *layout = fluo_flame_view_get_layout (self->flame);

      options.flame_begin = layout->view.begin;
      options.flame_length = layout->view.length;
    }
  if (self->explorer != NULL)
    {
      options.usual_ns =
        fluo_explorer_get_usual_ns (self->explorer, fluo_trace_get_title (self->trace));
      options.range = self->from_file ? options.range : fluo_explorer_get_span (self->explorer);
      options.colors = fluo_explorer_get_colors (self->explorer);
    }
  dialog = fluo_export_dialog_new (GTK_WIDGET (self), self->trace, &options);
  gtk_window_present (GTK_WINDOW (dialog));
}
