/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-pages.h"
#include "app/map/fluo-map-area.h"
#include "app/trace/fluo-flame-view.h"
#include "app/trace/fluo-logs-panel.h"
#include "app/trace/fluo-span-panel.h"
#include "app/trace/fluo-stats-view.h"
#include "app/trace/fluo-trace-growth.h"
#include "app/trace/fluo-waterfall-view.h"
#include "app/widgets/fluo-side-pane.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-trace-summary.h"

G_BEGIN_DECLS

struct _FluoTracePage
{
  GtkWidget parent_instance;

  FluoExplorer      *explorer;
  FluoTraceId        id;
  char              *title;
  FluoTrace         *trace;
  FluoTraceSummary  *summary; /* of it */
  gboolean           from_file;
  GSimpleActionGroup *actions;

  struct
  {
    GCancellable *cancellable;
    guint         generation; /* answers of older questions are dropped */
    gboolean      reading;
    gboolean      from_vault; /* the service did not give the trace */
    gboolean      stale;      /* the store changed since the last reading began */
    guint         live_source;
    FluoTraceGrowth growth;   /* of a service that tells of no changes */
    guint         growth_source;
    guint         second_ms;  /* a second of its pauses; tests have shorter ones */
    guint         second_source; /* while it runs */
    guint         placeholder_source;
  } reader;

  struct
  {
    FluoTrace  *read;          /* as it was sent; "trace" is what is shown */
    GPtrArray  *skews;         /* FluoTraceSkew of it */
    GHashTable *on;            /* names of the hosts whose times are shifted */
    GtkWidget  *notices;
  } clock;

  struct
  {
    GPtrArray    *wanted;      /* FluoMetric; NULL before they were chosen */
    GPtrArray    *lanes;       /* FluoWaterfallLane, one for each */
    GCancellable *cancellable; /* of asking; NULL: not asked */
    gboolean      some;        /* CloudWatch has some of this trace's services */
    gboolean      on;
  } metrics;

  GtkWidget *box;
  GtkStack  *stack;           /* "empty", "loading", "failed", "content" */
  GtkLabel  *failed_title;
  GtkLabel  *failed_text;
  GtkWidget *failed_why;
  GtkWidget *failed_statement;
  GtkRevealer *error_revealer;
  GtkLabel  *error;

  /* head */
  GtkWidget *head;
  GtkWidget *head_buttons;
  GtkWidget *shape;           /* GtkDrawingArea */
  FluoPainter *painter;
  FluoStatus status;
  GtkLabel  *sentence;
  GtkWidget *chips;
  GtkWidget *compare_button;
  GtkWidget *keep_button;
  GtkWidget *export_button;
  GtkWidget *logs_button;
  GtkWidget *head_labels[4];  /* of these buttons */

  /* toolbar */
  GtkWidget *tools;
  GtkWidget *find_field;
  GtkText   *find;
  GtkLabel  *find_position;
  GtkWidget *find_up, *find_down;
  GtkWidget *zoom_box, *fit_button;
  GtkWidget *critical_button, *fold_button, *clock_button, *color_button, *metrics_button;
  GtkLabel  *color_label, *clock_label, *zoom_label;
  GtkLabel  *critical_label, *fold_label, *view_label, *metrics_label;

  FluoSidePane *split;        /* waterfall and panel */
  GtkStack  *views;           /* "waterfall", "flame", "map", "stats" */
  FluoWaterfallView *waterfall;
  FluoFlameView     *flame;
  guint      flame_generation;  /* of the one being made */
  FluoTrace *flame_of;          /* borrowed: what it was made of or is being made of, or NULL */
  FluoMapArea       *map;
  guint      map_generation;    /* likewise */
  FluoTrace *map_of;
  FluoStatsView     *stats;
  FluoSpanPanel     *panel;
  GtkStack  *side;            /* the panel, or "logs" */
  FluoLogsPanel     *logs;    /* NULL until somebody looks */
  gboolean   logs_shown;
  gboolean   panel_shown;
  gboolean   panel_at_bottom;
  int        width;
};

/* fluo-trace-page.c */
GType      fluo_trace_boxed_get_type      (void);
void       fluo_trace_page_update_title   (FluoTracePage *self);
/* Takes the rows and the summary, both of the trace. */
void       fluo_trace_page_show_rows      (FluoTracePage *self, FluoTrace *trace,
                                           FluoWaterfallRows *rows, FluoTraceSummary *summary);
void       fluo_trace_page_load_style     (GdkDisplay *display); /* once for each display */

/* fluo-trace-page-panel.c */
GtkWidget *fluo_trace_page_make_split     (FluoTracePage *self, GtkWidget *column);
void       fluo_trace_page_join_views     (FluoTracePage *self); /* their signals */
void       fluo_trace_page_width_cb       (FluoWidthBox *box, GParamSpec *pspec,
                                           FluoTracePage *self);
/* What the panel leaves of the width. */
int        fluo_trace_page_get_bars_width (FluoTracePage *self);
void       fluo_trace_page_place_panel    (FluoTracePage *self);
/* After the user moved, closed or opened the panel: the next trace has it the same way. */
void       fluo_trace_page_keep_panel     (FluoTracePage *self);

/* fluo-trace-page-reader.c */
void       fluo_trace_page_read           (FluoTracePage *self);
void       fluo_trace_page_update_live    (FluoTracePage *self);
/* How long a second is between reads of a trace that grows; for tests. */
void       fluo_trace_page_set_pace       (FluoTracePage *self, guint second_ms);
void       fluo_trace_page_follow_explorer (FluoTracePage *self);

/* fluo-trace-page-head.c */
GtkWidget *fluo_trace_page_make_head      (FluoTracePage *self);
void       fluo_trace_page_update_head    (FluoTracePage *self);
void       fluo_trace_page_update_sentence (FluoTracePage *self);
/* Without the words of its buttons; without @fold, where they would make its sentence wrap. */
void       fluo_trace_page_fold_head      (FluoTracePage *self, gboolean fold);
void       fluo_trace_page_update_kept    (FluoTracePage *self);

/* fluo-trace-page-running.c */
gboolean   fluo_trace_page_is_running     (FluoTrace *read, gint64 now_ns);
void       fluo_trace_page_follow_clock   (FluoTracePage *self); /* once a second while it runs */

/* fluo-trace-page-clock.c */
void       fluo_trace_page_show_trace     (FluoTracePage *self, FluoTrace *trace); /* as read */
GtkWidget *fluo_trace_page_make_clock     (FluoTracePage *self);
/* Shifts a host's times or shows them as sent; NULL: that of the selected call, or the first. */
void       fluo_trace_page_toggle_clock   (FluoTracePage *self, const char *host);
void       fluo_trace_page_clear_clock    (FluoTracePage *self);

/* fluo-trace-page-flame.c */
void       fluo_trace_page_show_flame     (FluoTracePage *self); /* makes it when there is none */
void       fluo_trace_page_drop_flame     (FluoTracePage *self); /* another trace comes */
void       fluo_trace_page_update_flame_found (FluoTracePage *self);

/* fluo-trace-page-metrics.c */
void       fluo_trace_page_set_metrics    (FluoTracePage *self, gboolean on);
void       fluo_trace_page_update_metrics (FluoTracePage *self); /* another trace came */
void       fluo_trace_page_drop_metrics   (FluoTracePage *self);

/* fluo-trace-page-logs.c */
void       fluo_trace_page_set_logs       (FluoTracePage *self, gboolean shown);
void       fluo_trace_page_show_call_logs (FluoTracePage *self); /* of the selected call alone */
/* Trace, selection or visible time changed. */
void       fluo_trace_page_update_logs    (FluoTracePage *self);

/* fluo-trace-page-map.c */
GtkWidget *fluo_trace_page_make_map       (FluoTracePage *self);
void       fluo_trace_page_show_map       (FluoTracePage *self); /* makes it when there is none */
void       fluo_trace_page_drop_map       (FluoTracePage *self); /* another trace comes */
void       fluo_trace_page_update_map     (FluoTracePage *self); /* another call is selected */

/* fluo-trace-page-tools.c */
typedef enum
{
  FLUO_TRACE_VIEW_WATERFALL,
  FLUO_TRACE_VIEW_FLAME,
  FLUO_TRACE_VIEW_MAP,
  FLUO_TRACE_VIEW_CALLS,   /* statistics, in the order of FluoTraceStatsBy */
  FLUO_TRACE_VIEW_SERVICES,
  FLUO_TRACE_VIEW_ANNOTATIONS
} FluoTraceView;

FluoTraceView fluo_trace_page_get_view    (FluoTracePage *self);
/* The widget of the view that is shown. */
GtkWidget *fluo_trace_page_get_view_widget (FluoTracePage *self);

GtkWidget *fluo_trace_page_make_tools     (FluoTracePage *self);
void       fluo_trace_page_update_view    (FluoTracePage *self); /* waterfall or statistics */
void       fluo_trace_page_add_actions    (FluoTracePage *self);
void       fluo_trace_page_update_tools   (FluoTracePage *self);
FluoWaterfallColor fluo_trace_page_get_color (FluoTracePage *self);
void       fluo_trace_page_restore_color  (FluoTracePage *self); /* as it was chosen last */

G_END_DECLS
