/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-private.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "draw/fluo-map.h"

#define SUMMARY_HEIGHT_PX 58
#define NAME_CHARS_MAX 200

enum
{
  SIGNAL_CLOSED,
  SIGNAL_RANGE_SELECTED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoInspector, fluo_inspector, GTK_TYPE_WIDGET)

/* --- Making --------------------------------------------------------------- */

static GtkWidget *
make_label (const char *text,
            const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_widget_add_css_class (label, css_class);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  return label;
}

/* Heading with a note at its end, and what is drawn below. @title may be NULL. */
static GtkWidget *
make_section (FluoInspector  *self,
              const char     *title,
              FluoCanvasDraw  draw,
              int             height,
              GtkWidget     **ret_canvas,
              GtkLabel      **ret_note)
{
  GtkWidget *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_set_margin_start (section, PADDING_PX);
  gtk_widget_set_margin_end (section, PADDING_PX);
  gtk_widget_set_margin_top (section, 18);
  if (title)
    {
      GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
      GtkWidget *note = make_label ("", "caption");

      gtk_box_append (GTK_BOX (head), make_label (title, "caption-heading"));
      gtk_widget_add_css_class (note, "dim-label");
      gtk_widget_add_css_class (note, "numeric");
      gtk_widget_set_hexpand (note, TRUE);
      gtk_label_set_ellipsize (GTK_LABEL (note), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (note), 1);
      gtk_box_append (GTK_BOX (head), note);
      gtk_box_append (GTK_BOX (section), head);
      if (ret_note)
        *ret_note = GTK_LABEL (note);
    }
  *ret_canvas = fluo_canvas_new (draw, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (*ret_canvas), CONTENT_WIDTH_PX, height);
  gtk_widget_set_halign (*ret_canvas, GTK_ALIGN_START);
  if (draw == fluo_inspector_draw_summary)
    gtk_box_append (GTK_BOX (section), fluo_inspector_link_statuses (self, *ret_canvas));
  else if (draw == fluo_inspector_draw_causes)
    gtk_box_append (GTK_BOX (section), fluo_inspector_link_causes (self, *ret_canvas));
  else if (draw == fluo_inspector_draw_parts)
    gtk_box_append (GTK_BOX (section), fluo_inspector_link_parts (self, *ret_canvas));
  else if (draw == fluo_inspector_draw_urls)
    gtk_box_append (GTK_BOX (section), fluo_inspector_link_urls (self, *ret_canvas));
  else if (draw == fluo_inspector_draw_instances)
    gtk_box_append (GTK_BOX (section), fluo_inspector_link_instances (self, *ret_canvas));
  else
    gtk_box_append (GTK_BOX (section), *ret_canvas);
  return section;
}

static void
close_cb (GtkButton     *button,
          FluoInspector *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}

static void
traces_cb (GtkButton     *button,
           FluoInspector *self)
{
  g_autofree char *filter = fluo_inspector_dup_brush_filter (self);

  if (filter)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-traces", "s", filter);
}

static GtkWidget *
make_head (FluoInspector *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_set_margin_start (head, PADDING_PX);
  gtk_widget_set_margin_end (head, 8);
  gtk_widget_set_margin_top (head, 12);
  self->disc = fluo_canvas_new (fluo_inspector_draw_disc, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (self->disc), 36, 36);
  gtk_widget_set_valign (self->disc, GTK_ALIGN_CENTER);
  self->title = GTK_LABEL (make_label ("", "title-4"));
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  self->subtitle = GTK_LABEL (make_label ("", "caption"));
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "dim-label");
  gtk_label_set_ellipsize (self->subtitle, PANGO_ELLIPSIZE_END);
  /* However long they are, the panel keeps its width: what is drawn has that of the panel. */
  gtk_label_set_max_width_chars (self->title, 1);
  gtk_label_set_max_width_chars (self->subtitle, 1);
  gtk_box_append (GTK_BOX (names), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (names), GTK_WIDGET (self->subtitle));
  gtk_widget_set_hexpand (names, TRUE);
  self->close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");
  gtk_widget_add_css_class (self->close, "flat");
  gtk_widget_set_valign (self->close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->close, _("Close"));
  g_signal_connect (self->close, "clicked", G_CALLBACK (close_cb), self);
  gtk_box_append (GTK_BOX (head), self->disc);
  gtk_box_append (GTK_BOX (head), names);
  gtk_box_append (GTK_BOX (head), self->close);
  return head;
}

static void
view_cb (GtkToggleButton *button,
         FluoInspector   *self)
{
  self->other_side =
    gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->view_buttons[1]));
  self->brush_begin_ns = self->brush_end_ns = 0;
  fluo_inspector_update_brush (self);
  gtk_widget_queue_draw (self->times);
}

/* Own time against what those wait who call. */
static GtkWidget *
make_view (FluoInspector *self)
{
  self->view = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->view, "segmented");
  gtk_widget_set_halign (self->view, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Measured by"), -1);
  for (guint i = 0; i < 2; i++)
    {
      self->view_buttons[i] = gtk_toggle_button_new_with_label ("");
      gtk_box_append (GTK_BOX (self->view), self->view_buttons[i]);
    }
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->view_buttons[1]),
                               GTK_TOGGLE_BUTTON (self->view_buttons[0]));
  gtk_widget_set_tooltip_text (self->view_buttons[0], _("Response time as measured here"));
  gtk_widget_set_tooltip_text (self->view_buttons[1],
                               _("Response time as the other side measured it: the difference is "
                                 "network and queues"));
  g_signal_connect (self->view_buttons[1], "toggled", G_CALLBACK (view_cb), self);
  return self->view;
}

static GtkWidget *
make_body (FluoInspector *self)
{
  GtkWidget *body = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *summary =
    make_section (self, NULL, fluo_inspector_draw_summary, SUMMARY_HEIGHT_PX, &self->summary, NULL);

  gtk_widget_set_margin_top (summary, 8);
  self->change_section =
    make_section (self, _("Compared"), fluo_inspector_draw_change,
                  20 + N_CHANGE_ROWS * CHANGE_ROW_PX, &self->change, &self->change_note);
  gtk_label_set_xalign (self->change_note, 1);
  self->times_section = make_section (self, _("Response time"), fluo_inspector_draw_times,
                                      HISTOGRAM_HEIGHT_PX, &self->times, &self->times_note);
  gtk_label_set_xalign (self->times_note, 1);
  gtk_box_insert_child_after (GTK_BOX (self->times_section), make_view (self),
                              gtk_widget_get_first_child (self->times_section));
  self->series_section = make_section (self, _("Requests and faults"), fluo_inspector_draw_series,
                                       SERIES_HEIGHT_PX, &self->series, &self->series_note);
  self->parts_section =
    make_section (self, _("Where the time goes"), fluo_inspector_draw_parts, 0, &self->parts, NULL);
  self->causes_section =
    make_section (self, _("Causes"), fluo_inspector_draw_causes, 0, &self->causes, NULL);
  self->urls_section = make_section (self, NULL, fluo_inspector_draw_urls, 0, &self->urls, NULL);
  gtk_box_append (GTK_BOX (body), summary);
  gtk_box_append (GTK_BOX (body), fluo_inspector_make_alarms (self));
  gtk_box_append (GTK_BOX (body), self->change_section);
  gtk_box_append (GTK_BOX (body), self->times_section);
  gtk_box_append (GTK_BOX (body), self->series_section);
  gtk_box_append (GTK_BOX (body), fluo_inspector_make_alarms_error (self));
  gtk_box_append (GTK_BOX (body), fluo_inspector_make_metrics (self));
  gtk_box_append (GTK_BOX (body), self->parts_section);
  gtk_box_append (GTK_BOX (body), self->causes_section);
  gtk_box_append (GTK_BOX (body), self->urls_section);
  self->instances_section =
    make_section (self, NULL, fluo_inspector_draw_instances, 0, &self->instances, NULL);
  gtk_box_append (GTK_BOX (body), self->instances_section);
  gtk_widget_set_margin_bottom (body, 12);
  fluo_inspector_add_brushes (self);
  self->scrolled = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_scrolled_window_set_policy (self->scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (self->scrolled, body);
  gtk_widget_set_vexpand (GTK_WIDGET (self->scrolled), TRUE);
  return GTK_WIDGET (self->scrolled);
}

/* --- Object --------------------------------------------------------------- */

static void
fluo_inspector_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  const FluoPalette *palette = fluo_canvas_lookup_palette ();
  const FluoColor *side = &palette->sidebar;
  const FluoColor *line = &palette->line;
  const int width = gtk_widget_get_width (widget);
  const int height = gtk_widget_get_height (widget);

  gtk_snapshot_append_color (snapshot,
                             &(GdkRGBA){ side->red, side->green, side->blue, side->alpha },
                             &GRAPHENE_RECT_INIT (0, 0, width, height));
  gtk_snapshot_append_color (snapshot,
                             &(GdkRGBA){ line->red, line->green, line->blue, line->alpha },
                             &GRAPHENE_RECT_INIT (0, 0, 1, height));
  GTK_WIDGET_CLASS (fluo_inspector_parent_class)->snapshot (widget, snapshot);
}

static void
fluo_inspector_dispose (GObject *object)
{
  FluoInspector *self = FLUO_INSPECTOR (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_inspector_parent_class)->dispose (object);
}

static void
fluo_inspector_finalize (GObject *object)
{
  FluoInspector *self = FLUO_INSPECTOR (object);

  fluo_inspector_data_free (self->data);
  g_clear_object (&self->colors);
  g_free (self->alarm_name);
  G_OBJECT_CLASS (fluo_inspector_parent_class)->finalize (object);
}

static void
fluo_inspector_class_init (FluoInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_inspector_dispose;
  object_class->finalize = fluo_inspector_finalize;
  widget_class->snapshot = fluo_inspector_snapshot;
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", FLUO_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_RANGE_SELECTED] =
    g_signal_new ("range-selected", FLUO_TYPE_INSPECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_INT64);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "inspector");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fluo_inspector_init (FluoInspector *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), make_head (self));
  gtk_box_append (GTK_BOX (self->box), make_body (self));
  self->traces_button = gtk_button_new_with_label (_("View Traces"));
  gtk_widget_add_css_class (self->traces_button, "suggested-action");
  gtk_widget_add_css_class (self->traces_button, "pill-small");
  gtk_widget_set_hexpand (self->traces_button, TRUE);
  g_signal_connect (self->traces_button, "clicked", G_CALLBACK (traces_cb), self);
  gtk_box_append (GTK_BOX (foot), self->traces_button);
  gtk_box_append (GTK_BOX (foot), fluo_inspector_make_logs_button (self));
  gtk_widget_set_margin_start (foot, PADDING_PX);
  gtk_widget_set_margin_end (foot, PADDING_PX);
  gtk_widget_set_margin_top (foot, 12);
  gtk_widget_set_margin_bottom (foot, 12);
  gtk_box_append (GTK_BOX (self->box), foot);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), FLUO_INSPECTOR_WIDTH_PX, -1);
}

GtkWidget *
fluo_inspector_new (void)
{
  return g_object_new (FLUO_TYPE_INSPECTOR, NULL);
}

static char *
series_step (gint64 step_ns)
{
  const gint64 seconds = step_ns / FLUO_NSEC_PER_SEC;

  if (seconds < 60)
    return g_strdup_printf (_("per %d s"), (int) seconds);
  if (seconds < 3600)
    return g_strdup_printf (_("per %d min"), (int) (seconds / 60));
  return g_strdup_printf (_("per %d h"), (int) (seconds / 3600));
}

/* Whose clock the times are of can be chosen where there are two. */
static void
show_other_side (FluoInspector *self)
{
  const gboolean both = self->data->callers.count > 0 && self->data->histogram.count > 0;

  if (!both)
    self->other_side = FALSE;
  gtk_widget_set_visible (self->view, both);
  gtk_button_set_label (GTK_BUTTON (self->view_buttons[0]),
                        self->is_edge ? _("Caller") : _("Service"));
  gtk_button_set_label (GTK_BUTTON (self->view_buttons[1]),
                        self->is_edge ? _("Service") : _("Callers"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->view_buttons[self->other_side]), TRUE);
}

/* A comparison that was asked for stands first, and has its place from then on; what is usual comes
 * by itself, so it stands last, where it moves nothing. */
static void
show_change (FluoInspector *self)
{
  const FluoInspectorData *data = self->data;
  g_autofree char *range = NULL;
  g_autofree char *note = NULL;
  g_autofree char *words = NULL;

  gtk_widget_set_visible (self->change_section, data->compared);
  if (!data->compared)
    return;
  gtk_box_reorder_child_after (GTK_BOX (gtk_widget_get_parent (self->change_section)),
                               self->change_section,
                               data->usual ? self->instances_section : self->alarms);
  range = fluo_format_range (data->before, NULL);
  note = g_strdup_printf (data->comparing ? _("Reading %s…") : _("with %s"), range);
  words = data->comparing ? g_strdup (note) : fluo_map_dup_change_sentence (&data->change);
  gtk_label_set_text (self->change_note, note);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->change), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words ? words : _("nothing stands out"), -1);
  gtk_widget_queue_draw (self->change);
}

static void
set_data (FluoInspector     *self,
          FluoInspectorData *data)
{
  g_autofree char *title = fluo_format_untrusted (data->title, NAME_CHARS_MAX);
  g_autofree char *name = fluo_format_untrusted (data->name ? data->name : "", NAME_CHARS_MAX);
  g_autofree char *total = fluo_format_count ((guint64) MAX (data->total, 0));
  g_autofree char *rate = fluo_format_rate (data->rate);
  g_autofree char *faults = fluo_format_share (
    data->total > 0 ? data->counts[FLUO_STATUS_FAULT] / (double) data->total : 0);
  g_autofree char *summary = g_strdup_printf (_("%s requests, %s, %s faults"), total, rate, faults);
  g_autofree char *step = data->series.buckets ? series_step (data->series.step_ns) : g_strdup ("");
  const gboolean other = !self->data || g_strcmp0 (self->data->name, data->name) ||
                         g_strcmp0 (self->data->type, data->type);

  fluo_inspector_data_free (self->data);
  self->data = data;
  if (other)
    {
      self->brush_begin_ns = self->brush_end_ns = 0;
      self->other_side = FALSE;
      gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scrolled), 0);
    }
  gtk_label_set_text (self->title, title);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->title), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->summary), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  summary, -1);
  show_change (self);
  gtk_widget_set_visible (self->times_section, data->histogram.count > 0);
  gtk_widget_set_visible (self->series_section, data->n_named > 0);
  gtk_label_set_text (self->series_note, step);
  gtk_widget_set_visible (self->parts_section, data->parts->len > 0);
  fluo_canvas_set_size (FLUO_CANVAS (self->parts), CONTENT_WIDTH_PX,
                        12 + PARTS_ROW_PX * (int) data->parts->len);
  gtk_widget_set_visible (self->causes_section, data->causes->len > 0);
  fluo_canvas_set_size (FLUO_CANVAS (self->causes), CONTENT_WIDTH_PX,
                        CAUSE_ROW_PX * (int) data->causes->len);
  gtk_widget_set_visible (self->urls_section, data->urls->len > 0);
  fluo_canvas_set_size (FLUO_CANVAS (self->urls), CONTENT_WIDTH_PX,
                        16 + URL_ROW_PX * (int) data->urls->len);
  gtk_widget_set_visible (self->instances_section, data->instances->len > 0);
  fluo_canvas_set_size (FLUO_CANVAS (self->instances), CONTENT_WIDTH_PX,
                        16 + URL_ROW_PX * (int) data->instances->len);
  gtk_widget_set_visible (self->traces_button, data->filters->len > 0);
  fluo_inspector_update_links (self);
  fluo_inspector_update_aws (self);
  show_other_side (self);
  fluo_inspector_update_brush (self);
  gtk_widget_queue_draw (self->disc);
  gtk_widget_queue_draw (self->summary);
  gtk_widget_queue_draw (self->times);
  gtk_widget_queue_draw (self->series);
  gtk_widget_queue_draw (self->parts);
  gtk_widget_queue_draw (self->causes);
  gtk_widget_queue_draw (self->urls);
  gtk_widget_queue_draw (self->instances);
}

static void
colors_changed_cb (FluoInspector *self)
{
  gtk_widget_queue_draw (self->disc);
  gtk_widget_queue_draw (self->parts);
}

void
fluo_inspector_set_data (FluoInspector     *self,
                         FluoInspectorData *data,
                         FluoServiceColors *colors)
{
  g_autofree char *label = NULL;

  g_return_if_fail (FLUO_IS_INSPECTOR (self));
  g_return_if_fail (data != NULL);

  fluo_service_colors_hold (&self->colors, colors, G_CALLBACK (colors_changed_cb), self);
  self->is_edge = FALSE;
  label = data->n_members > 0
            ? g_strdup_printf (g_dngettext (NULL, "%u service", "%u services", data->n_members),
                               data->n_members)
            : fluo_kind_dup_label (data->type, data->name);
  gtk_label_set_text (self->subtitle, label);
  set_data (self, data);
}

void
fluo_inspector_set_edge_data (FluoInspector     *self,
                              FluoInspectorData *data,
                              FluoServiceColors *colors)
{
  g_return_if_fail (FLUO_IS_INSPECTOR (self));
  g_return_if_fail (data != NULL);

  fluo_service_colors_hold (&self->colors, colors, G_CALLBACK (colors_changed_cb), self);
  self->is_edge = TRUE;
  gtk_label_set_text (self->subtitle, _("Calls, as the caller saw them"));
  set_data (self, data);
}

void
fluo_inspector_focus (FluoInspector *self)
{
  g_return_if_fail (FLUO_IS_INSPECTOR (self));

  gtk_widget_grab_focus (gtk_widget_get_visible (self->traces_button) ? self->traces_button
                                                                      : self->close);
}
