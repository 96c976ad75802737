/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-connections-window.h"
#include "app/fluo-pages.h"
#include "app/map/fluo-insights.h"
#include "core/fluo-console-link.h"
#include "fluo-view.h"

G_BEGIN_DECLS

/* Where the user was, for Back and Forward. */
typedef struct
{
  char *page;      /* "map", "traces", "insights", or a trace's id */
  char *search; /* filter or words */
} FluoPlace;

/* One opened trace. */
typedef struct
{
  FluoView *view;
  char *id;          /* X-Ray form, the child's name in the stack */
  GtkWidget *page;   /* FluoTracePage */
  GtkWidget *button; /* GtkToggleButton */
  GtkLabel *label;
  GtkImage *icon;
  gboolean from_file;
} FluoTab;

struct _FluoView
{
  AdwBin parent_instance;

  FluoExplorer *explorer;
  FluoSession *session;
  FluoInsights *insights;
  FluoCollector *collector;
  char *connection_kind; /* "local", "stored", "profile", "keys", "endpoint": remembered */
  char *connection_name;
  char *connection_region;
  guint connecting; /* generation: late answers of an older choice are dropped */

  /* header */
  GtkWidget *width_box;
  GtkWidget *header;
  GtkWidget *connection;
  GtkWidget *range;
  GtkWidget *live;
  GtkWidget *running;       /* "Still receiving: 2 calls running" */
  GtkWidget *title_stack;   /* "switcher", "trace", "none" */
  GtkWidget *title;         /* AdwWindowTitle */
  GtkWidget *panel_button;
  GtkWidget *search_button;
  GtkWidget *menu_button;
  GtkWidget *bottom_switcher;
  GtkLabel *insight_counts[2]; /* of the switchers in header and bottom bar */

  GtkWidget *query_bar;     /* FluoQueryBar: what is asked */

  /* error box */
  GtkWidget *error_revealer;
  GtkWidget *error_row;     /* the label, and what can be done */
  GtkWidget *error_actions;
  GtkLabel *error_label;
  GtkButton *error_button;
  GtkWidget *error_copy;    /* the IAM statement that is missing */
  GtkWidget *error_vault;   /* what is kept on this computer */

  /* content */
  GtkWidget *toasts;
  AdwToast *color_toast;    /* which colour was chosen last; weak */
  AdwToast *kept_toast;     /* what keeping traces has told last; weak */
  AdwToast *failed_toast;   /* why a connection could not be opened; weak */
  GtkWidget *stack;         /* "explore" and one child a trace */
  GtkWidget *explore;       /* "start", "map", "traces" */
  GtkWidget *start_page;
  GtkWidget *map_page;
  GtkWidget *traces_page;   /* made when first needed */
  GtkWidget *insights_page; /* made when first needed */
  GtkWidget *tab_bar;
  GtkWidget *tab_box;
  GtkWidget *explore_tab;
  GPtrArray *tabs;          /* FluoTab */
  GtkWidget *last_tab;      /* page that was in front before, borrowed */

  char *page;               /* "map", "traces" or "insights" */
  GPtrArray *history;       /* FluoPlace */
  guint history_at;
  gboolean travelling;      /* going back or forward: not a visit */
  gboolean restoring;
  FluoConsoleLink *link;    /* to be followed once it is connected; or NULL */
};

/* fluo-view.c */
/* Its window, for dialogs; NULL only while it is moved from one to another. */
GtkWindow *fluo_view_get_window       (FluoView *self);
/* As long as it must be, for @seconds, or until it is closed (0). The toast is the view's. */
AdwToast *fluo_view_toast_long        (FluoView *self, const char *text, guint seconds);
/* What the tab says of it may be another. */
void      fluo_view_tell             (FluoView *self);
/* To the front of its window, and that to the front of all. */
void      fluo_view_raise            (FluoView *self);
void      fluo_view_close            (FluoView *self);
/* @other: made here, in a tab beside this one or in a window of its own. */
void      fluo_view_place_apart      (FluoView *self, FluoView *other, gboolean window);
void      fluo_view_update           (FluoView *self);
GtkWidget *fluo_view_ensure_traces   (FluoView *self);
/* "map", "traces" or "insights". */
gboolean  fluo_view_has_page         (const char *page);
/* Runs that filter, or looks for these words. */
void      fluo_view_set_search       (FluoView *self, const char *text);
void      fluo_view_focus_search     (FluoView *self);
/* The keyboard goes to what is shown, unless it is there already. */
void      fluo_view_focus_page       (FluoView *self);

/* fluo-view-header.c */
/* A button of a switcher of pages; its box is for what more it shows. */
GtkWidget *fluo_view_make_switch     (const char *page, const char *icon, const char *text,
                                        GtkBox **ret_box);
GtkWidget *fluo_view_make_header     (FluoView *self);
GtkWidget *fluo_view_make_query_bar  (FluoView *self);
GtkWidget *fluo_view_make_error      (FluoView *self);
GtkWidget *fluo_view_make_bottom     (FluoView *self);
void      fluo_view_update_header    (FluoView *self);
void      fluo_view_update_fold      (FluoView *self);

/* fluo-view-tabs.c */
GtkWidget *fluo_view_make_tab_bar    (FluoView *self);
FluoTab  *fluo_view_get_tab          (FluoView *self); /* the one in front or NULL */
FluoTab  *fluo_view_find_tab         (FluoView *self, const char *id);
void fluo_view_add_tab (FluoView *self, GtkWidget *page, gboolean from_file,
                          gboolean background);
void      fluo_view_close_tab        (FluoView *self, FluoTab *tab);
void      fluo_view_show_tab         (FluoView *self, FluoTab *tab /* NULL: Explore */);
void      fluo_view_step_tab         (FluoView *self, int step);
void      fluo_tab_free                (FluoTab *tab);
FluoTrace *fluo_tab_get_trace          (FluoTab *tab); /* NULL while loading, and of a comparison */
/* @b NULL: the usual one of A's kind. */
void fluo_view_compare (FluoView *self, const FluoTraceId *a, const FluoTraceId *b);

/* fluo-view-actions.c */
void      fluo_view_install_actions  (FluoViewClass *klass);
void      fluo_view_update_actions   (FluoView *self);

/* fluo-view-files.c */
void      fluo_view_choose_file_cb   (GtkWidget *widget, const char *name, GVariant *parameter);

/* fluo-view-insights.c */
void      fluo_view_add_insights     (FluoView *self);
void      fluo_view_mark_insight     (FluoView *self);
GtkWidget *fluo_view_make_insight_switch (FluoView *self, guint switcher);
GtkWidget *fluo_view_ensure_insights (FluoView *self);
void      fluo_view_show_insight_cb  (GtkWidget *widget, const char *name, GVariant *parameter);

/* fluo-view-connect.c */
/* With the key pair of that ID from the keyring; "Local" when there is none. */
void fluo_view_connect_kept (FluoView *self, const char *access_key, const char *region);

/* From now on: what it shows is there. */
void      fluo_view_follow_session   (FluoView *self);

/* fluo-view-aws.c */
void      fluo_view_install_aws_actions (GtkWidgetClass *widget_class);
FluoConnectionsWindow *fluo_view_open_connections (FluoView *self);

/* fluo-view-colors.c */
void      fluo_view_install_color_actions (GtkWidgetClass *widget_class);

/* fluo-view-console.c */
void      fluo_view_install_console_actions (GtkWidgetClass *widget_class);
/* Goes where the link that waits for a connection leads, when it is there. */
void      fluo_view_follow_link      (FluoView *self);

/* fluo-view-vault.c */
void      fluo_view_install_vault_actions (GtkWidgetClass *widget_class);

/* fluo-view-state.c */
void      fluo_view_load_range       (FluoView *self);
void      fluo_view_visit            (FluoView *self);
void      fluo_view_travel           (FluoView *self, int step);
void      fluo_place_free              (FluoPlace *place);

G_END_DECLS
