/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/fluo-pages.h"
#include "app/widgets/fluo-time-strip.h"
#include "fluo-inspector.h"
#include "fluo-map-area.h"
#include "fluo-map-list.h"

G_BEGIN_DECLS

/* From the top of the map to the end of the first row of tools, where the notice mostly is, too. */
#define FLUO_MAP_TOOLS_PX 42

/* Shared by the files of the map page. */

/* Around what lies over the map's corners. */
#define FURNITURE_MARGIN_PX 12

struct _FluoMapPage
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;

  GtkWidget *main;        /* canvas with furniture, strip below */
  GtkWidget *stack;       /* "map", "list", "empty", "loading" */
  FluoMapArea *area;
  AdwStatusPage *empty;
  GtkWidget *furniture;   /* zoom buttons and minimap */
  GtkWidget *legend;
  GtkWidget *minimap;
  FluoTimeStrip *strip;
  FluoInsights *insights;
  GtkWidget *notice;      /* revealer above the map: what goes on */
  GtkLabel *notice_label;
  char *notice_hidden;    /* id of the insight whose notice was closed */
  GtkWidget *revealer;
  FluoInspector *inspector;

  /* fluo-map-page-list.c */
  gboolean as_list;
  FluoMapList *list;
  GtkWidget *views, *view_buttons[2];
  GtkWidget *list_compare;  /* the button that is among the furniture of the map */

  /* fluo-map-page-tools.c */
  GtkWidget *traffic;
  gboolean only_matching;
  GtkWidget *rules;
  GtkLabel *rules_label;
  GtkWidget *find, *find_entry;
  GtkLabel *find_count;
  GtkWidget *tidy;
  int legend_px;          /* its height at the usual size of text */
  int tools_px;           /* from the top of the map to the end of their last row */

  /* fluo-map-page-compare.c */
  struct
  {
    GtkWidget        *card, *spinner, *retry;
    GtkLabel         *label;
    FluoXrayClient   *client;  /* whose graph it is; for its address alone */
    FluoTimeSpan      span;
    FluoServiceGraph *before;  /* or NULL: not compared */
    GCancellable     *cancellable;
  } compare;
  GtkFileChooserNative *chooser;

  /* fluo-map-page-usual.c */
  struct
  {
    FluoXrayClient *client;     /* that was asked; for its address alone */
    FluoTimeSpan    span;       /* that was asked for */
    GCancellable   *cancellable;
  } usual;

  /* fluo-map-page-alarms.c */
  struct
  {
    FluoXrayClient *client;     /* that was asked, or NULL: there is nobody to ask */
    gint64          read_usec;
    GCancellable   *cancellable;
    GPtrArray      *list;       /* FluoAlarm, or NULL: not read yet */
    GError         *error;      /* of the last read, or NULL */
  } alarms;

  /* fluo-map-page-picked.c */
  GtkWidget *picked;
  GtkLabel *picked_label;
  GtkWidget *picked_traces[2];

  guint loading_id;
  guint furniture_id;
  gboolean focus_waits; /* the inspector takes the focus once it is there */
  /* What the range was before a range was chosen on the strip. */
  gint64 relative_before_ns;
  FluoTimeSpan span_before;
};

/* fluo-map-page-furniture.c */
/* Fill the fields legend and minimap, too. */
GtkWidget *fluo_map_page_make_furniture (FluoMapPage *self);
GtkWidget *fluo_map_page_make_legend    (FluoMapPage *self);
/* The shape of a map in grey, while the first answer is awaited. */
GtkWidget *fluo_map_page_make_loading   (FluoMapPage *self);

/* fluo-map-page-notice.c */
GtkWidget *fluo_map_page_make_notice    (FluoMapPage *self);

/* fluo-map-page.c: hands the explorer's graph to the map. */
void       fluo_map_page_follow_graph   (FluoMapPage *self);
/* Shows what there is to show: map, list, that there is nothing, or that it is being read. */
void       fluo_map_page_update_state   (FluoMapPage *self);
void       fluo_map_page_update_inspector (FluoMapPage *self);
/* What lies over the map takes more or less of it: the map makes room when this frame is done. */
void       fluo_map_page_queue_furniture (FluoMapPage *self);
/* Into the inspector with the keyboard. */
void       fluo_map_page_inspect        (FluoMapPage *self);

/* fluo-map-page-list.c */
GtkWidget  *fluo_map_page_make_views    (FluoMapPage *self);
GtkWidget  *fluo_map_page_make_list     (FluoMapPage *self);
const char *fluo_map_page_get_view      (FluoMapPage *self);
/* The keyboard to the map or the list. */
void        fluo_map_page_focus_view    (FluoMapPage *self);
void        fluo_map_page_follow_list   (FluoMapPage *self);
void        fluo_map_page_toggle_list_cb (GtkWidget *widget, const char *action,
                                          GVariant *parameter);

/* fluo-map-page-tools.c */
/* Tools and notice, in rows at the top of @overlay. */
void       fluo_map_page_add_tools      (FluoMapPage *self, GtkOverlay *overlay);
FluoServiceGraph *fluo_map_page_dup_shown_graph (FluoMapPage *self, FluoServiceGraph *graph);
void       fluo_map_page_update_matching (FluoMapPage *self);
void       fluo_map_page_update_rules   (FluoMapPage *self);

/* fluo-map-page-compare.c */
#define FLUO_MAP_PAGE_N_COMPARISONS 3
GtkWidget *fluo_map_page_make_compare_button (FluoMapPage *self);
GtkWidget *fluo_map_page_make_comparison     (FluoMapPage *self);
void       fluo_map_page_stop_comparison     (FluoMapPage *self);
void       fluo_map_page_update_comparison   (FluoMapPage *self);
void       fluo_map_page_compare_cb          (GtkWidget *widget, const char *action,
                                              GVariant *parameter);
void       fluo_map_page_compare_range_cb    (GtkWidget *widget, const char *action,
                                              GVariant *parameter);
void       fluo_map_page_compare_stop_cb     (GtkWidget *widget, const char *action,
                                              GVariant *parameter);

/* fluo-map-page-usual.c */
void       fluo_map_page_follow_usual        (FluoMapPage *self);

/* fluo-map-page-alarms.c */
void       fluo_map_page_follow_alarms       (FluoMapPage *self);
void       fluo_map_page_stop_alarms         (FluoMapPage *self);
void       fluo_map_page_read_alarms_cb      (GtkWidget *widget, const char *action,
                                              GVariant *parameter);

/* fluo-map-page-picked.c */
GtkWidget *fluo_map_page_make_picked         (FluoMapPage *self);

/* fluo-map-page-export.c */
void       fluo_map_page_export_cb           (GtkWidget *widget, const char *action,
                                              GVariant *parameter);

/* fluo-map-page-empty.c */
GtkWidget *fluo_map_page_make_empty     (FluoMapPage *self);
void       fluo_map_page_update_empty   (FluoMapPage *self);

G_END_DECLS
