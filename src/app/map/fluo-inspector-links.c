/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-private.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"

/* Counts and causes of the inspector lead to the traces behind them. What they say is drawn; over
 * each lies a button of its size, for pointer, keyboard and screen reader. */

/* A button is that much larger than what it stands for. */
#define EDGE_PX 5
#define STATUS_Y_PX 38
#define STATUS_HEIGHT_PX 20
/* Where the first row begins. */
#define PARTS_Y_PX 10
#define URLS_Y_PX 16

/* What is drawn grows with the text. */
static GdkRectangle
grown (FluoInspector *self,
       int            x,
       int            y,
       int            width,
       int            height)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (self->summary));

  return (GdkRectangle){ (int) (x * scale), (int) (y * scale), (int) (width * scale),
                         (int) (height * scale) };
}

static gboolean
status_place_cb (GtkOverlay    *overlay,
                 GtkWidget     *child,
                 GdkRectangle  *ret_place,
                 FluoInspector *self)
{
  FluoInspectorStatus statuses[N_SHOWN_STATUSES];

  if (!self->data)
    return FALSE;
  fluo_inspector_layout_statuses (self, fluo_canvas_get_painter (FLUO_CANVAS (self->summary)),
                                  statuses);
  for (guint i = 0; i < N_SHOWN_STATUSES; i++)
    if (self->status_links[i] == child)
      {
        *ret_place = grown (self, (int) statuses[i].x - EDGE_PX, STATUS_Y_PX,
                            (int) statuses[i].width + 2 * EDGE_PX, STATUS_HEIGHT_PX);
        return TRUE;
      }
  return FALSE;
}

/* Rows of one height under one another. */
static gboolean
row_place_cb (GtkOverlay    *overlay,
              GtkWidget     *child,
              GdkRectangle  *ret_place,
              FluoInspector *self)
{
  const struct
  {
    GtkWidget *const *links;
    guint             n;
    int               y, height;
  } lists[] = {
    { self->cause_links, G_N_ELEMENTS (self->cause_links), 0, CAUSE_ROW_PX },
    { self->part_links, G_N_ELEMENTS (self->part_links), PARTS_Y_PX, PARTS_ROW_PX },
    { self->url_links, G_N_ELEMENTS (self->url_links), URLS_Y_PX, URL_ROW_PX },
    { self->instance_links, G_N_ELEMENTS (self->instance_links), URLS_Y_PX, URL_ROW_PX },
  };

  for (guint k = 0; k < G_N_ELEMENTS (lists); k++)
    for (guint i = 0; i < lists[k].n; i++)
      if (lists[k].links[i] == child)
        {
          *ret_place = grown (self, -EDGE_PX, lists[k].y + (int) i * lists[k].height,
                              CONTENT_WIDTH_PX + 2 * EDGE_PX, lists[k].height);
          return TRUE;
        }
  return FALSE;
}

static GtkWidget *
link_canvas (FluoInspector *self,
             GtkWidget     *canvas,
             GtkWidget    **ret_links,
             guint          n_links,
             GCallback      place)
{
  GtkWidget *overlay = gtk_overlay_new ();

  gtk_overlay_set_child (GTK_OVERLAY (overlay), canvas);
  gtk_widget_set_halign (overlay, GTK_ALIGN_START);
  for (guint i = 0; i < n_links; i++)
    {
      ret_links[i] = gtk_button_new ();
      gtk_widget_add_css_class (ret_links[i], "flat");
      gtk_widget_add_css_class (ret_links[i], "drawn-link");
      gtk_widget_set_cursor_from_name (ret_links[i], "pointer");
      gtk_widget_set_tooltip_text (ret_links[i], _("Show these traces"));
      gtk_actionable_set_action_target (GTK_ACTIONABLE (ret_links[i]), "s", "");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (ret_links[i]), "win.show-traces");
      gtk_widget_set_visible (ret_links[i], FALSE);
      gtk_overlay_add_overlay (GTK_OVERLAY (overlay), ret_links[i]);
    }
  g_signal_connect_object (overlay, "get-child-position", place, self, 0);
  return overlay;
}

GtkWidget *
fluo_inspector_link_statuses (FluoInspector *self,
                              GtkWidget     *summary)
{
  return link_canvas (self, summary, self->status_links, N_SHOWN_STATUSES,
                      G_CALLBACK (status_place_cb));
}

GtkWidget *
fluo_inspector_link_causes (FluoInspector *self,
                            GtkWidget     *causes)
{
  return link_canvas (self, causes, self->cause_links, G_N_ELEMENTS (self->cause_links),
                      G_CALLBACK (row_place_cb));
}

GtkWidget *
fluo_inspector_link_parts (FluoInspector *self,
                           GtkWidget     *parts)
{
  return link_canvas (self, parts, self->part_links, G_N_ELEMENTS (self->part_links),
                      G_CALLBACK (row_place_cb));
}

GtkWidget *
fluo_inspector_link_urls (FluoInspector *self,
                          GtkWidget     *urls)
{
  return link_canvas (self, urls, self->url_links, G_N_ELEMENTS (self->url_links),
                      G_CALLBACK (row_place_cb));
}

GtkWidget *
fluo_inspector_link_instances (FluoInspector *self,
                               GtkWidget     *instances)
{
  return link_canvas (self, instances, self->instance_links,
                      G_N_ELEMENTS (self->instance_links), G_CALLBACK (row_place_cb));
}

/* @filter NULL: there is nothing to lead to. */
static void
set_link (GtkWidget  *link,
          const char *filter,
          const char *words)
{
  gtk_widget_set_visible (link, filter != NULL);
  if (!filter)
    return;
  gtk_actionable_set_action_target (GTK_ACTIONABLE (link), "s", filter);
  gtk_accessible_update_property (GTK_ACCESSIBLE (link), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
update_counted (GtkWidget *const *links,
                guint             n_links,
                const GArray     *items)
{
  for (guint i = 0; i < n_links; i++)
    {
      const FluoInspectorUrl *item =
        i < items->len ? &g_array_index (items, FluoInspectorUrl, i) : NULL;
      g_autofree char *count = fluo_format_count (item ? item->count : 0);
      g_autofree char *safe = fluo_format_untrusted (item ? item->request : "", 200);
      g_autofree char *words = g_strdup_printf ("%s: %s", safe, count);

      set_link (links[i], item ? item->filter : NULL, words);
    }
}

static void
update_parts (FluoInspector *self)
{
  const GArray *parts = self->data->parts;

  for (guint i = 0; i < G_N_ELEMENTS (self->part_links); i++)
    {
      const FluoInspectorPart *part =
        i < parts->len ? &g_array_index (parts, FluoInspectorPart, i) : NULL;
      g_autofree char *share = fluo_format_share_parts (part ? part->share : 0);
      g_autofree char *safe =
        fluo_format_untrusted (part && part->name ? part->name : _("own code"), 200);
      g_autofree char *words = g_strdup_printf ("%s: %s", safe, share);

      set_link (self->part_links[i], part ? part->filter : NULL, words);
    }
}

void
fluo_inspector_update_links (FluoInspector *self)
{
  const FluoInspectorData *data = self->data;

  for (guint i = 0; i < N_SHOWN_STATUSES; i++)
    {
      const FluoStatus status = fluo_inspector_statuses[i];
      g_autofree char *filter =
        data->counts[status] > 0 ? fluo_inspector_data_dup_status_filter (data, status) : NULL;
      g_autofree char *count = fluo_format_count ((guint64) MAX (data->counts[status], 0));
      g_autofree char *words =
        g_strdup_printf ("%s: %s", fluo_status_to_label (status), count);

      set_link (self->status_links[i], filter, words);
    }
  for (guint i = 0; i < FLUO_INSPECTOR_CAUSES_MAX; i++)
    {
      const FluoInspectorCause *cause =
        i < data->causes->len ? &g_array_index (data->causes, FluoInspectorCause, i) : NULL;
      g_autofree char *filter = cause ? fluo_inspector_data_dup_cause_filter (data, i) : NULL;
      g_autofree char *count = fluo_format_count (cause ? cause->count : 0);
      g_autofree char *title = cause ? fluo_inspector_cause_dup_title (cause) : NULL;
      g_autofree char *note = cause ? fluo_inspector_cause_dup_note (cause) : NULL;
      g_autofree char *words = cause ? g_strdup_printf ("%s %s: %s", title, note, count) : NULL;

      set_link (self->cause_links[i], filter, words);
    }
  update_parts (self);
  update_counted (self->url_links, G_N_ELEMENTS (self->url_links), data->urls);
  update_counted (self->instance_links, G_N_ELEMENTS (self->instance_links), data->instances);
  gtk_widget_queue_allocate (gtk_widget_get_parent (self->summary));
}
