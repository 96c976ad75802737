/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/map/fluo-insights.h"
#include "core/fluo-console-link.h"
#include "fluo-pages.h"
#include "fluo-window.h"

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
  FluoWindow *window;
  char *id;          /* X-Ray form, the child's name in the stack */
  GtkWidget *page;   /* FluoTracePage */
  GtkWidget *button; /* GtkToggleButton */
  GtkLabel *label;
  GtkImage *icon;
  gboolean from_file;
} FluoTab;

struct _FluoWindow
{
  AdwApplicationWindow parent_instance;

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
  GtkLabel *error_label;
  GtkButton *error_button;
  GtkWidget *error_copy;    /* the IAM statement that is missing */
  GtkWidget *error_vault;   /* what is kept on this computer */

  /* content */
  GtkWidget *toasts;
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

/* fluo-window.c */
void      fluo_window_update           (FluoWindow *self);
GtkWidget *fluo_window_ensure_traces   (FluoWindow *self);
/* "map", "traces" or "insights". */
gboolean  fluo_window_has_page         (const char *page);
/* Runs that filter, or looks for these words. */
void      fluo_window_set_search       (FluoWindow *self, const char *text);
void      fluo_window_focus_search     (FluoWindow *self);
/* The keyboard goes to what is shown, unless it is there already. */
void      fluo_window_focus_page       (FluoWindow *self);

/* fluo-window-header.c */
/* A button of a switcher of pages; its box is for what more it shows. */
GtkWidget *fluo_window_make_switch     (const char *page, const char *icon, const char *text,
                                        GtkBox **ret_box);
GtkWidget *fluo_window_make_header     (FluoWindow *self);
GtkWidget *fluo_window_make_query_bar  (FluoWindow *self);
GtkWidget *fluo_window_make_error      (FluoWindow *self);
GtkWidget *fluo_window_make_bottom     (FluoWindow *self);
void      fluo_window_update_header    (FluoWindow *self);
void      fluo_window_update_fold      (FluoWindow *self);

/* fluo-window-tabs.c */
GtkWidget *fluo_window_make_tab_bar    (FluoWindow *self);
FluoTab  *fluo_window_get_tab          (FluoWindow *self); /* the one in front or NULL */
FluoTab  *fluo_window_find_tab         (FluoWindow *self, const char *id);
void fluo_window_add_tab (FluoWindow *self, GtkWidget *page, gboolean from_file,
                          gboolean background);
void      fluo_window_close_tab        (FluoWindow *self, FluoTab *tab);
void      fluo_window_show_tab         (FluoWindow *self, FluoTab *tab /* NULL: Explore */);
void      fluo_window_step_tab         (FluoWindow *self, int step);
void      fluo_tab_free                (FluoTab *tab);
FluoTrace *fluo_tab_get_trace          (FluoTab *tab); /* NULL while loading, and of a comparison */
/* @b NULL: the usual one of A's kind. */
void fluo_window_compare (FluoWindow *self, const FluoTraceId *a, const FluoTraceId *b);

/* fluo-window-actions.c */
void      fluo_window_install_actions  (FluoWindowClass *klass);
void      fluo_window_add_page_action  (FluoWindow *self);
void      fluo_window_update_actions   (FluoWindow *self);

/* fluo-window-insights.c */
void      fluo_window_add_insights     (FluoWindow *self);
void      fluo_window_mark_insight     (FluoWindow *self);
GtkWidget *fluo_window_make_insight_switch (FluoWindow *self, guint switcher);
GtkWidget *fluo_window_ensure_insights (FluoWindow *self);
void      fluo_window_show_insight_cb  (GtkWidget *widget, const char *name, GVariant *parameter);

/* fluo-window-connect.c */
/* With the key pair of that ID from the keyring; "Local" when there is none. */
void fluo_window_connect_kept (FluoWindow *self, const char *access_key, const char *region);
void fluo_window_remember_connection (FluoWindow *self, const char *kind, const char *name,
                                      const char *region);

/* From now on: what it shows is there. */
void      fluo_window_follow_session   (FluoWindow *self);

/* fluo-window-aws.c */
void      fluo_window_install_aws_actions (GtkWidgetClass *widget_class);
void fluo_window_install_vault_actions (GtkWidgetClass *widget_class);
/* Goes where the link that waits for a connection leads, when it is there. */
void      fluo_window_follow_link      (FluoWindow *self);

/* fluo-window-state.c */
void      fluo_window_save_state       (FluoWindow *self);
void      fluo_window_load_size        (FluoWindow *self);
void      fluo_window_visit            (FluoWindow *self);
void      fluo_window_travel           (FluoWindow *self, int step);
void      fluo_place_free              (FluoPlace *place);

G_END_DECLS
