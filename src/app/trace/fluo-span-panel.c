/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"

typedef enum
{
  TAB_OVERVIEW,
  TAB_ANNOTATIONS,
  TAB_METADATA,
  TAB_EXCEPTION,
  TAB_SQL,
  TAB_LOGS,
  TAB_RAW,
  N_TABS
} Tab;

static const struct
{
  const char *name, *title;
} tabs[N_TABS] = {
  [TAB_OVERVIEW] = { "overview", N_("Overview") },
  [TAB_ANNOTATIONS] = { "annotations", N_("Annotations") },
  [TAB_METADATA] = { "metadata", N_("Metadata") },
  [TAB_EXCEPTION] = { "exception", N_("Exception") },
  [TAB_SQL] = { "sql", N_("SQL") },
  [TAB_LOGS] = { "logs", N_("Logs") },
  [TAB_RAW] = { "raw", N_("Raw") },
};

struct _FluoSpanPanel
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *stripe;       /* GtkDrawingArea */
  GtkWidget *kind;         /* GtkDrawingArea */
  GtkLabel  *name;
  GtkLabel  *detail;
  GtkWidget *badge;
  GtkWidget *badge_icon;
  GtkLabel  *badge_label;
  GtkWidget *move;
  GtkWidget *buttons[N_TABS];
  GtkWidget *holders[N_TABS]; /* AdwBin: empty until the tab is looked at */
  GtkStack  *stack;
  GtkWidget *like;
  Tab        wanted;       /* what the user chose last; shown again as soon as a span has it */
  gboolean   switching;

  FluoServiceGraph *graph; /* of the range, or NULL */
  FluoTraceLines *lines;   /* of the trace, or NULL */
  FluoWaterfallRows *rows; /* a reference */
  FluoSpanDetail *details; /* of the span */
  guint32    span;
  guint      color;
  const char *icon;        /* kind of the service or NULL */
  FluoPainter *painter;
};

G_DEFINE_FINAL_TYPE (FluoSpanPanel, fluo_span_panel, GTK_TYPE_WIDGET)

enum
{
  JUMP,
  CLOSE,
  MOVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
fluo_span_panel_jump (FluoSpanPanel *self, guint32 span)
{
  g_signal_emit (self, signals[JUMP], 0, (guint) span);
}

/* --- Head ------------------------------------------------------------------------------------- */

static void
draw_stripe_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  FluoSpanPanel *self = user_data;
  const FluoPalette *palette = fluo_theme_get_palette ();

  fluo_painter_begin (self->painter, cr, palette);
  fluo_painter_rounded (self->painter, 0, 0, width, height, 2);
  fluo_color_set (cr, fluo_waterfall_get_color (palette, self->color));
  cairo_fill (cr);
}

static void
draw_kind_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  FluoSpanPanel *self = user_data;
  const FluoPalette *palette = fluo_theme_get_palette ();

  if (self->icon == NULL)
    return;

  fluo_painter_begin (self->painter, cr, palette);
  fluo_painter_icon (self->painter, self->icon, 0, (height - width) / 2.0, width,
                     fluo_waterfall_get_color (palette, self->color));
}

static GtkWidget *
new_area (int width, int height, GtkDrawingAreaDrawFunc func, FluoSpanPanel *self)
{
  GtkWidget *area = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (area), width);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (area), height);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (area), func, self, NULL);
  gtk_widget_set_valign (area, GTK_ALIGN_CENTER);
  fluo_theme_follow (area);

  return area;
}

static void
close_cb (GtkButton *button, FluoSpanPanel *self)
{
  g_signal_emit (self, signals[CLOSE], 0);
}

static void
move_cb (GtkButton *button, FluoSpanPanel *self)
{
  g_signal_emit (self, signals[MOVE], 0);
}

static GtkWidget *
new_icon_button (const char *icon, const char *tip, GCallback callback, FluoSpanPanel *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
  g_signal_connect (button, "clicked", callback, self);

  return button;
}

static GtkLabel *
new_head_label (const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (label), css_class);

  return label;
}

static GtkWidget *
new_head (FluoSpanPanel *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1),
            *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7);
  GtkWidget *ends = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  gtk_widget_add_css_class (head, "span-head");
  self->stripe = new_area (4, 34, draw_stripe_cb, self);
  self->kind = new_area (16, 16, draw_kind_cb, self);
  self->name = new_head_label ("span-title");
  self->detail = new_head_label ("monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->detail), "span-detail");
  gtk_box_append (GTK_BOX (line), self->kind);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->name));
  gtk_box_append (GTK_BOX (texts), line);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (self->detail));
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);

  self->badge = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  self->badge_icon = fluo_theme_status_image (FLUO_STATUS_OK);
  gtk_image_set_pixel_size (GTK_IMAGE (self->badge_icon), 13);
  self->badge_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (self->badge, "status-badge");
  gtk_widget_set_valign (self->badge, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->badge), self->badge_icon);
  gtk_box_append (GTK_BOX (self->badge), GTK_WIDGET (self->badge_label));

  self->move = new_icon_button ("fluoroscope-bottombar-symbolic", _("Move to the bottom"),
                                G_CALLBACK (move_cb), self);
  gtk_box_append (GTK_BOX (ends), self->move);
  gtk_box_append (GTK_BOX (ends),
                  new_icon_button ("fluoroscope-close-symbolic", _("Close details"),
                                   G_CALLBACK (close_cb), self));
  gtk_box_append (GTK_BOX (head), self->stripe);
  gtk_box_append (GTK_BOX (head), texts);
  gtk_box_append (GTK_BOX (head), self->badge);
  gtk_box_append (GTK_BOX (head), ends);

  return head;
}

/* --- Tabs ------------------------------------------------------------------------------------- */

static FluoPanelSpan
describe (FluoSpanPanel *self)
{
  FluoPanelSpan what = { self->rows };

  what.graph = self->graph;
  what.trace = fluo_waterfall_rows_get_trace (self->rows);
  what.spans = fluo_trace_get_spans (what.trace, &what.n_spans);
  what.index = self->span;
  what.span = &what.spans[self->span];
  what.detail = self->details;

  return what;
}

static gboolean
has_page (const FluoSpanDetail *detail, Tab tab)
{
  switch (tab)
    {
    case TAB_ANNOTATIONS:
      return detail->annotations->len > 0;
    case TAB_METADATA:
      return detail->metadata != NULL;
    case TAB_EXCEPTION:
      return detail->exceptions->len > 0 || detail->cause_id != NULL;
    case TAB_SQL:
      return detail->sql->len > 0;
    case TAB_OVERVIEW:
    case TAB_LOGS:
    case TAB_RAW:
    case N_TABS:
    default:
      return TRUE;
    }
}

static GtkWidget *
make_page (FluoSpanPanel *self, Tab tab)
{
  FluoPanelSpan what = describe (self);
  g_autofree char *json = NULL;

  switch (tab)
    {
    case TAB_ANNOTATIONS:
      return fluo_span_panel_make_annotations (&what);
    case TAB_METADATA:
      return fluo_span_panel_make_raw (self->details->metadata);
    case TAB_EXCEPTION:
      return fluo_span_panel_make_exceptions (&what);
    case TAB_SQL:
      return fluo_span_panel_make_sql (&what);
    case TAB_LOGS:
      return fluo_span_panel_make_logs (&what, self->lines);
    case TAB_RAW:
      json = fluo_span_panel_dup_json (self);
      return fluo_span_panel_make_raw (json);
    case TAB_OVERVIEW:
    case N_TABS:
    default:
      return fluo_span_panel_make_overview (self, &what);
    }
}

/* A page is made when it is looked at: a document of 64 KB takes longer to lay out than a frame. */
static void
fill_tab (FluoSpanPanel *self, Tab tab)
{
  GtkWidget *page, *scroll;

  if (self->span == FLUO_SPAN_NONE || adw_bin_get_child (ADW_BIN (self->holders[tab])) != NULL)
    return;

  page = make_page (self, tab);
  if (tab != TAB_METADATA && tab != TAB_RAW)
    {
      scroll = gtk_scrolled_window_new ();
      gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                      GTK_POLICY_AUTOMATIC);
      gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), page);
      page = scroll;
    }
  adw_bin_set_child (ADW_BIN (self->holders[tab]), page);
}

static void
show_tab (FluoSpanPanel *self, Tab tab)
{
  self->switching = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[tab]), TRUE);
  self->switching = FALSE;
  fill_tab (self, tab);
  gtk_stack_set_visible_child_name (self->stack, tabs[tab].name);
}

static void
tab_toggled_cb (GtkToggleButton *button, FluoSpanPanel *self)
{
  if (self->switching || !gtk_toggle_button_get_active (button))
    return;

  for (guint i = 0; i < N_TABS; i++)
    if (self->buttons[i] == GTK_WIDGET (button))
      {
        self->wanted = i;
        fill_tab (self, i);
        gtk_stack_set_visible_child_name (self->stack, tabs[i].name);
      }
}

static GtkWidget *
new_tabs (FluoSpanPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "span-tabs");
  for (guint i = 0; i < N_TABS; i++)
    {
      self->buttons[i] = gtk_toggle_button_new_with_label (_(tabs[i].title));
      gtk_widget_add_css_class (self->buttons[i], "flat");
      gtk_widget_add_css_class (self->buttons[i], "span-tab");
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->buttons[i]),
                                     GTK_TOGGLE_BUTTON (self->buttons[0]));
      g_signal_connect (self->buttons[i], "toggled", G_CALLBACK (tab_toggled_cb), self);
      gtk_box_append (GTK_BOX (box), self->buttons[i]);

      self->holders[i] = adw_bin_new ();
      gtk_stack_add_named (self->stack, self->holders[i], tabs[i].name);
    }

  return box;
}

/* --- Foot ------------------------------------------------------------------------------------- */

static void
copy_cb (GtkButton *button, FluoSpanPanel *self)
{
  g_autofree char *json = fluo_span_panel_dup_json (self);

  if (json == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), json);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("JSON copied"));
}

static void
like_cb (GtkButton *button, FluoSpanPanel *self)
{
  const FluoTraceService *services;
  FluoTrace *trace;
  const FluoSpan *span;
  guint n;

  if (self->rows == NULL || self->span == FLUO_SPAN_NONE)
    return;

  trace = fluo_waterfall_rows_get_trace (self->rows);
  span = &fluo_trace_get_spans (trace, NULL)[self->span];
  services = fluo_trace_get_services (trace, &n);
  if (span->service < n)
    gtk_widget_activate_action (
      GTK_WIDGET (self), "win.show-node-traces", "(ss)", services[span->service].name,
      services[span->service].type != NULL ? services[span->service].type : "");
}

static GtkWidget *
new_labelled_button (const char *icon, const char *text, GCallback callback, FluoSpanPanel *self)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *image = gtk_image_new_from_icon_name (icon), *label = gtk_label_new (text);

  gtk_image_set_pixel_size (GTK_IMAGE (image), 14);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_set_hexpand (button, TRUE);
  gtk_widget_add_css_class (button, "span-button");
  g_signal_connect (button, "clicked", callback, self);

  return button;
}

static GtkWidget *
new_foot (FluoSpanPanel *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_add_css_class (foot, "span-foot");
  gtk_box_set_homogeneous (GTK_BOX (foot), TRUE);
  self->like = new_labelled_button ("fluoroscope-filter-symbolic", _("Traces of this service"),
                                    G_CALLBACK (like_cb), self);
  gtk_box_append (GTK_BOX (foot), self->like);
  gtk_box_append (GTK_BOX (foot),
                  new_labelled_button ("fluoroscope-copy-symbolic", _("Copy as JSON"),
                                       G_CALLBACK (copy_cb), self));

  return foot;
}

/* --- Span ------------------------------------------------------------------------------------- */

static void
update_head (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  const char *name = fluo_waterfall_rows_get_name (self->rows, what->index);
  g_autofree char *safe = fluo_format_untrusted (name, 200);
  g_autofree char *detail =
    fluo_format_untrusted (fluo_trace_get_string (what->trace, what->span->detail), 300);
  gboolean service = fluo_waterfall_rows_is_service (self->rows, what->index);

  self->color = fluo_waterfall_rows_get_color (self->rows, what->span->service);
  self->icon =
    service
      ? fluo_kind_get_icon (fluo_trace_get_services (what->trace, NULL)[what->span->service].kind)
      : NULL;
  gtk_widget_set_visible (self->kind, self->icon != NULL);
  gtk_widget_queue_draw (self->stripe);
  gtk_widget_queue_draw (self->kind);
  gtk_label_set_text (self->name, safe);
  gtk_label_set_text (self->detail, detail);
  gtk_widget_set_visible (GTK_WIDGET (self->detail), *detail != '\0');

  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    gtk_widget_remove_css_class (self->badge, fluo_status_to_word (i));
  gtk_widget_add_css_class (self->badge, fluo_status_to_word (what->span->status));
  fluo_theme_set_status (GTK_IMAGE (self->badge_icon), what->span->status);
  gtk_label_set_text (self->badge_label, fluo_status_to_label (what->span->status));
}

void
fluo_span_panel_set_span (FluoSpanPanel *self, FluoWaterfallRows *rows, guint32 span)
{
  FluoPanelSpan what;

  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (rows != NULL)
    fluo_waterfall_rows_ref (rows);
  g_clear_pointer (&self->rows, fluo_waterfall_rows_free);
  g_clear_pointer (&self->details, fluo_span_detail_free);
  self->rows = rows;
  self->span = rows != NULL ? span : FLUO_SPAN_NONE;
  gtk_widget_set_visible (self->box, self->span != FLUO_SPAN_NONE);
  for (guint i = 0; i < N_TABS; i++)
    adw_bin_set_child (ADW_BIN (self->holders[i]), NULL);
  if (self->span == FLUO_SPAN_NONE)
    return;

  self->details = fluo_span_detail_new (fluo_waterfall_rows_get_trace (rows), span);
  what = describe (self);
  update_head (self, &what);
  for (guint i = 0; i < N_TABS; i++)
    gtk_widget_set_sensitive (self->buttons[i], has_page (self->details, i));
  show_tab (self,
            gtk_widget_get_sensitive (self->buttons[self->wanted]) ? self->wanted : TAB_OVERVIEW);
}

void
fluo_span_panel_set_graph (FluoSpanPanel *self, FluoServiceGraph *graph)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (graph != NULL)
    fluo_service_graph_ref (graph);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  self->graph = graph;
}

void
fluo_span_panel_set_lines (FluoSpanPanel *self, FluoTraceLines *lines)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (lines != NULL)
    fluo_trace_lines_ref (lines);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  self->lines = lines;
  adw_bin_set_child (ADW_BIN (self->holders[TAB_LOGS]), NULL);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), tabs[TAB_LOGS].name) == 0)
    fill_tab (self, TAB_LOGS);
}

guint32
fluo_span_panel_get_span (FluoSpanPanel *self)
{
  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), FLUO_SPAN_NONE);

  return self->span;
}

const char *
fluo_span_panel_get_tab (FluoSpanPanel *self)
{
  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), NULL);

  return gtk_stack_get_visible_child_name (self->stack);
}

void
fluo_span_panel_set_tab (FluoSpanPanel *self, const char *name)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  for (guint i = 0; i < N_TABS; i++)
    if (g_strcmp0 (tabs[i].name, name) == 0)
      {
        self->wanted = i;
        if (gtk_widget_get_sensitive (self->buttons[i]))
          show_tab (self, i);
      }
}

void
fluo_span_panel_set_at_bottom (FluoSpanPanel *self, gboolean at_bottom)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  gtk_button_set_icon_name (GTK_BUTTON (self->move), at_bottom ? "fluoroscope-sidebar-symbolic"
                                                               : "fluoroscope-bottombar-symbolic");
  gtk_widget_set_tooltip_text (self->move,
                               at_bottom ? _("Move to the right") : _("Move to the bottom"));
}

char *
fluo_span_panel_dup_json (FluoSpanPanel *self)
{
  const char *raw;
  gsize length;

  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), NULL);

  if (self->rows == NULL || self->span == FLUO_SPAN_NONE)
    return NULL;

  raw = fluo_trace_get_raw (fluo_waterfall_rows_get_trace (self->rows), self->span, &length);

  return fluo_json_pretty (raw, length);
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_span_panel_dispose (GObject *object)
{
  FluoSpanPanel *self = FLUO_SPAN_PANEL (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_span_panel_parent_class)->dispose (object);
}

static void
fluo_span_panel_finalize (GObject *object)
{
  FluoSpanPanel *self = FLUO_SPAN_PANEL (object);

  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->rows, fluo_waterfall_rows_free);
  g_clear_pointer (&self->details, fluo_span_detail_free);
  fluo_painter_free (self->painter);
  G_OBJECT_CLASS (fluo_span_panel_parent_class)->finalize (object);
}

static void
fluo_span_panel_class_init (FluoSpanPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_span_panel_dispose;
  object_class->finalize = fluo_span_panel_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "spanpanel");

  signals[JUMP] = g_signal_new ("jump", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[CLOSE] = g_signal_new ("close", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[MOVE] = g_signal_new ("move", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
fluo_span_panel_init (FluoSpanPanel *self)
{
  self->span = FLUO_SPAN_NONE;
  self->painter = fluo_painter_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "span-panel");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (self->box), new_head (self));
  gtk_box_append (GTK_BOX (self->box), new_tabs (self));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (self->box), new_foot (self));
  gtk_widget_set_visible (self->box, FALSE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
fluo_span_panel_new (void)
{
  return g_object_new (FLUO_TYPE_SPAN_PANEL, NULL);
}
