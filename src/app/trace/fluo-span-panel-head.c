/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* What the panel says above its tabs, whatever is looked at below: which call it is, and how it
 * ended. And what can be done with it. */

#define SIDE_CHARS_MAX 60

/* --- Actions ---------------------------------------------------------------------------------- */

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
  g_signal_emit_by_name (self, "close");
}

static void
move_cb (GtkButton *button, FluoSpanPanel *self)
{
  g_signal_emit_by_name (self, "move");
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

/* What the foot offers, for where there is no room for a foot. */
static GtkWidget *
new_tools (FluoSpanPanel *self)
{
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);

  gtk_box_append (GTK_BOX (tools),
                  new_icon_button ("fluoroscope-filter-symbolic", _("Traces of this service"),
                                   G_CALLBACK (like_cb), self));
  gtk_box_append (GTK_BOX (tools),
                  new_icon_button ("fluoroscope-copy-symbolic", _("Copy as JSON"),
                                   G_CALLBACK (copy_cb), self));
  gtk_widget_set_visible (tools, FALSE);

  return tools;
}

GtkWidget *
fluo_span_panel_make_head (FluoSpanPanel *self)
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
  self->tools = new_tools (self);
  gtk_box_append (GTK_BOX (ends), self->tools);
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

void
fluo_span_panel_update_head (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  const guint32 row = fluo_waterfall_rows_get_shown (self->rows, what->index);
  const char *name = fluo_waterfall_rows_get_name (self->rows, row);
  g_autofree char *safe = fluo_format_untrusted (name, 200);
  g_autofree char *detail =
    fluo_format_untrusted (fluo_trace_get_string (what->trace, what->span->detail), 300);
  gboolean service = fluo_waterfall_rows_is_service (self->rows, row);

  self->color = fluo_waterfall_rows_get_color (self->rows, what->spans[row].service);
  self->icon =
    service
      ? fluo_kind_get_icon (
          fluo_trace_get_services (what->trace, NULL)[what->spans[row].service].kind)
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

/* --- Sides ------------------------------------------------------------------------------------ */

static void
side_toggled_cb (GtkToggleButton *button, FluoSpanPanel *self)
{
  const FluoSpan *spans;
  guint32 span = self->span;

  if (self->switching || !gtk_toggle_button_get_active (button))
    return;

  spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (self->rows), NULL);
  if (GTK_WIDGET (button) == self->side[FLUO_PANEL_CALLER])
    span = spans[span].parent;
  fluo_span_panel_show (self, span);
}

GtkWidget *
fluo_span_panel_make_sides (FluoSpanPanel *self)
{
  GtkWidget *label = gtk_label_new (_("Seen by")),
            *linked = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  self->sides = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_widget_add_css_class (self->sides, "span-sides");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (linked, "linked");
  for (guint i = 0; i < FLUO_N_PANEL_SIDES; i++)
    {
      GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);

      self->side[i] = gtk_toggle_button_new ();
      self->side_icon[i] = fluo_theme_status_image (FLUO_STATUS_OK);
      gtk_image_set_pixel_size (GTK_IMAGE (self->side_icon[i]), 13);
      self->side_name[i] = GTK_LABEL (gtk_label_new (NULL));
      gtk_label_set_ellipsize (self->side_name[i], PANGO_ELLIPSIZE_END);
      gtk_box_append (GTK_BOX (box), self->side_icon[i]);
      gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->side_name[i]));
      gtk_button_set_child (GTK_BUTTON (self->side[i]), box);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->side[i]),
                                     GTK_TOGGLE_BUTTON (self->side[0]));
      g_signal_connect (self->side[i], "toggled", G_CALLBACK (side_toggled_cb), self);
      gtk_box_append (GTK_BOX (linked), self->side[i]);
    }
  gtk_box_append (GTK_BOX (self->sides), label);
  gtk_box_append (GTK_BOX (self->sides), linked);

  return self->sides;
}

void
fluo_span_panel_update_sides (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  const FluoSpan *row = &what->spans[self->span];
  guint32 of[FLUO_N_PANEL_SIDES] = { self->span, FLUO_SPAN_NONE };

  gtk_widget_set_visible (self->sides, (row->flags & FLUO_SPAN_CALLEE) != 0);
  if (!(row->flags & FLUO_SPAN_CALLEE))
    return;

  of[FLUO_PANEL_CALLER] = row->parent;
  for (guint i = 0; i < FLUO_N_PANEL_SIDES; i++)
    {
      const guint32 who =
        i == FLUO_PANEL_ANSWER ? self->span : fluo_span_panel_find_caller (what);
      g_autofree char *name =
        fluo_format_untrusted (fluo_waterfall_rows_get_name (self->rows, who), SIDE_CHARS_MAX);
      const FluoStatus status = what->spans[of[i]].status;

      gtk_label_set_text (self->side_name[i], *name != '\0' ? name : _("its caller"));
      fluo_theme_set_status (GTK_IMAGE (self->side_icon[i]), status);
      gtk_widget_set_visible (self->side_icon[i], status != FLUO_STATUS_OK);
      gtk_widget_set_tooltip_text (self->side[i], i == FLUO_PANEL_ANSWER
                                                    ? _("What the service that answered told")
                                                    : _("What the caller told of this call"));
    }
  self->switching = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->side[self->shown == self->span
                                                                ? FLUO_PANEL_ANSWER
                                                                : FLUO_PANEL_CALLER]),
                                TRUE);
  self->switching = FALSE;
}

/* --- Foot ------------------------------------------------------------------------------------- */

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

GtkWidget *
fluo_span_panel_make_foot (FluoSpanPanel *self)
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
  self->foot = foot;

  return foot;
}

/* There the height is dear: the foot's buttons move into the head. */
void
fluo_span_panel_set_at_bottom (FluoSpanPanel *self, gboolean at_bottom)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  gtk_button_set_icon_name (GTK_BUTTON (self->move), at_bottom ? "fluoroscope-sidebar-symbolic"
                                                               : "fluoroscope-bottombar-symbolic");
  gtk_widget_set_tooltip_text (self->move,
                               at_bottom ? _("Move to the right") : _("Move to the bottom"));
  gtk_widget_set_visible (self->foot, !at_bottom);
  gtk_widget_set_visible (self->tools, at_bottom);
}
