/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/map/fluo-inspector.h"
#include "app/map/fluo-metrics-lane.h"
#include "app/widgets/fluo-canvas.h"

G_BEGIN_DECLS

#define PADDING_PX 14
#define CONTENT_WIDTH_PX (FLUO_INSPECTOR_WIDTH_PX - 2 * PADDING_PX)
#define HISTOGRAM_HEIGHT_PX 100
#define SERIES_HEIGHT_PX 86
#define PARTS_ROW_PX 20
#define CAUSE_ROW_PX 21
#define URL_ROW_PX 23
#define CHANGE_ROW_PX 20
#define N_CHANGE_ROWS 5

#define N_SHOWN_STATUSES 4

/* One of the shares under the bar. */
typedef struct
{
  double x, width;
  char   share[32];
  char   count[32];
} FluoInspectorStatus;

struct _FluoInspector
{
  GtkWidget parent_instance;

  FluoInspectorData *data;     /* or NULL */
  FluoServiceColors *colors;   /* or NULL */
  gboolean           is_edge;
  gint64             brush_begin_ns, brush_end_ns; /* of response times; end <= begin: none */

  GtkWidget *box;
  GtkWidget *disc;
  GtkLabel  *title;
  GtkLabel  *subtitle;
  GtkWidget *close;
  GtkScrolledWindow *scrolled;
  GtkWidget *summary;
  GtkWidget *change_section, *change;
  GtkLabel  *change_note;
  GtkWidget *times_section, *times;
  GtkLabel  *times_note;
  GtkWidget *series_section, *series;
  GtkLabel  *series_note;
  GtkWidget *parts_section, *parts;
  GtkWidget *causes_section, *causes;
  GtkWidget *urls_section, *urls;
  GtkWidget *instances_section, *instances;
  GtkWidget *view;             /* whose times: own or the other side's */
  GtkWidget *view_buttons[2];
  gboolean   other_side;
  FluoTimeSpan series_brush;   /* while it is dragged */
  GtkWidget *traces_button, *logs_button;
  FluoMetricsLane *metrics;

  /* fluo-inspector-alarms.c */
  GtkWidget *alarms, *alarms_error;
  char      *alarm_name;       /* of the newest, or NULL */
  gint64     alarm_since_ns;

  /* fluo-inspector-links.c: over what is drawn */
  GtkWidget *status_links[N_SHOWN_STATUSES];
  GtkWidget *cause_links[FLUO_INSPECTOR_CAUSES_MAX];
  GtkWidget *part_links[FLUO_INSPECTOR_PARTS_MAX];
  GtkWidget *url_links[FLUO_INSPECTOR_MEMBERS_MAX]; /* or of a group's members */
  GtkWidget *instance_links[FLUO_INSPECTOR_INSTANCES_MAX];
};

/* fluo-inspector-links.c */
GtkWidget *fluo_inspector_link_statuses (FluoInspector *self, GtkWidget *summary);
GtkWidget *fluo_inspector_link_causes   (FluoInspector *self, GtkWidget *causes);
GtkWidget *fluo_inspector_link_parts    (FluoInspector *self, GtkWidget *parts);
GtkWidget *fluo_inspector_link_urls     (FluoInspector *self, GtkWidget *urls);
GtkWidget *fluo_inspector_link_instances (FluoInspector *self, GtkWidget *instances);
/* The response times that are looked at: own ones, or as the other side has them. */
const FluoHistogram *fluo_inspector_get_times (FluoInspector *self);

/* fluo-inspector-aws.c: what CloudWatch has of the node */
GtkWidget *fluo_inspector_make_metrics (FluoInspector *self);
GtkWidget *fluo_inspector_make_logs_button (FluoInspector *self);
void       fluo_inspector_update_aws    (FluoInspector *self);

/* fluo-inspector-alarms.c */
GtkWidget *fluo_inspector_make_alarms  (FluoInspector *self);
GtkWidget *fluo_inspector_make_alarms_error (FluoInspector *self);

/* fluo-inspector-brush.c */
void fluo_inspector_add_brushes     (FluoInspector *self);
void fluo_inspector_update_brush    (FluoInspector *self);
/* The filter of the traces that the button shows. NULL: none. */
char *fluo_inspector_dup_brush_filter (FluoInspector *self);
void       fluo_inspector_update_links  (FluoInspector *self);

/* fluo-inspector-draw.c */
/* The order in which shares stand: what went well first. */
extern const FluoStatus fluo_inspector_statuses[N_SHOWN_STATUSES];
void fluo_inspector_layout_statuses (FluoInspector *self, FluoPainter *painter,
                                     FluoInspectorStatus *ret_statuses);
void fluo_inspector_draw_disc (FluoPainter *painter, double width, double height,
                               gpointer user_data);
void fluo_inspector_draw_summary (FluoPainter *painter, double width, double height,
                                  gpointer user_data);
void fluo_inspector_draw_change (FluoPainter *painter, double width, double height,
                                 gpointer user_data);
void fluo_inspector_layout_times (FluoInspector *self, FluoHistogramChart *chart);
void fluo_inspector_draw_times (FluoPainter *painter, double width, double height,
                                gpointer user_data);
/* The chart of requests, as it is drawn. */
void fluo_inspector_layout_series (FluoInspector *self, FluoTimeChart *chart);
void fluo_inspector_draw_series (FluoPainter *painter, double width, double height,
                                 gpointer user_data);
void fluo_inspector_draw_parts (FluoPainter *painter, double width, double height,
                                gpointer user_data);
/* What a row says of a cause: bold, and behind that; newly allocated. */
char *fluo_inspector_cause_dup_title (const FluoInspectorCause *cause);
char *fluo_inspector_cause_dup_note  (const FluoInspectorCause *cause);
void fluo_inspector_draw_causes (FluoPainter *painter, double width, double height,
                                 gpointer user_data);
void fluo_inspector_draw_instances (FluoPainter *painter, double width, double height,
                                    gpointer user_data);
void fluo_inspector_draw_urls (FluoPainter *painter, double width, double height,
                               gpointer user_data);

G_END_DECLS
