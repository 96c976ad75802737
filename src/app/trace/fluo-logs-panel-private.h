/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/trace/fluo-logs-panel.h"
#include "aws/fluo-logs.h"
#include "draw/fluo-log-strip.h"

G_BEGIN_DECLS

struct _FluoLogsPanel
{
  GtkWidget parent_instance;

  FluoExplorer      *explorer;  /* or NULL */
  FluoTrace         *trace;     /* or NULL */
  FluoServiceColors *own_colors; /* without an explorer */
  GArray            *colors;    /* guint of each of the trace's services */
  FluoTraceLines    *lines;     /* what is shown, or NULL */
  GArray            *shown;     /* guint32: of the lines, those that pass search and level */
  FluoTimeSpan       visible;   /* empty: all of it */
  guint32            span;      /* selected elsewhere */
  guint32            chosen_span; /* of the line that was chosen here last */
  char              *search;
  FluoLogLevel       least;
  gboolean           only_call;
  gboolean           wrap, follow;
  gboolean           selecting; /* by us */

  struct
  {
    GCancellable  *cancellable;
    guint          generation; /* answers of older questions are dropped */
    guint          n_joins, shown_join; /* results made into lines, and the last that is shown */
    gboolean       prepared;   /* groups and own lines are known */
    gboolean       wanted;     /* to be asked as soon as they are */
    gboolean       running;
    gint64         began_us, took_us;
    char         **groups;     /* that the trace names */
    char          *query;
    char          *service;    /* that lines are asked of without a trace, or NULL */
    FluoTimeSpan   range;      /* of a question without a trace; empty with one */
    FluoTraceLines *own;       /* the trace's */
    FluoLogResult *result;     /* so far, or NULL */
    GError        *error;
    guint          follow_source;
  } ask;

  GtkWidget    *box;          /* FluoWidthBox */
  GtkWidget    *top, *search_row, *buttons; /* a grid, and what moves within it */
  GtkBox       *head;
  GtkLabel     *title;
  GtkEditable  *search_entry;
  GtkDropDown  *levels;
  GtkLabel     *count;
  GtkLabel     *note;         /* "read in 1.2 s" */
  GtkWidget    *status, *foot;
  GtkWidget    *spinner, *stop;
  GtkWidget    *strip_area;   /* FluoCanvas */
  FluoLogStrip *strip;
  guint32       hot;          /* line under the pointer */
  GtkWidget    *notice, *notice_box; /* the one scrolls the other */
  GtkLabel     *notice_text;
  GtkWidget    *retry, *add_group, *allow, *statement;
  GListModel   *model;        /* FluoLogModel */
  GtkSingleSelection *selection;
  GtkListView  *list;
  GtkWidget    *groups_button; /* GtkMenuButton */
  GtkLabel     *groups_label, *how;
  GtkListBox   *groups_list;
  GtkEditable  *group_entry;
  GSimpleActionGroup *actions;
};

/* fluo-logs-panel.c */
/* Search, level or time changed: which lines are shown. */
void fluo_logs_panel_filter        (FluoLogsPanel *self);
void fluo_logs_panel_take_lines    (FluoLogsPanel *self, FluoTraceLines *lines);
const char *fluo_logs_panel_get_connection (FluoLogsPanel *self);

/* fluo-logs-panel-fold.c: what gives way where it is low */
GtkWidget *fluo_logs_panel_make_top (FluoLogsPanel *self, GtkWidget *title, GtkWidget *search,
                                     GtkWidget *buttons);
void fluo_logs_panel_follow_size   (FluoLogsPanel *self);
void fluo_logs_panel_fold          (FluoLogsPanel *self);

/* fluo-logs-panel-list.c */
GtkWidget *fluo_logs_panel_make_list (FluoLogsPanel *self);
void fluo_logs_panel_fill_list     (FluoLogsPanel *self);
void fluo_logs_panel_refresh_rows  (FluoLogsPanel *self);
guint32 fluo_logs_panel_get_selected_line (FluoLogsPanel *self); /* or G_MAXUINT32 */
void fluo_logs_panel_select_line   (FluoLogsPanel *self, guint32 line); /* and scrolls to it */
/* Position of a line in the list, GTK_INVALID_LIST_POSITION when it is not shown. */
guint fluo_logs_panel_find_line    (FluoLogsPanel *self, guint32 line);
void fluo_logs_panel_scroll_to     (FluoLogsPanel *self, guint position);
/* TRUE when the line belongs to that call or to one below it. */
gboolean fluo_logs_panel_is_of_span (FluoTrace *trace, const FluoTraceLine *line, guint32 span);

/* fluo-logs-panel-strip.c */
GtkWidget *fluo_logs_panel_make_strip (FluoLogsPanel *self);
void fluo_logs_panel_set_hot       (FluoLogsPanel *self, guint32 line); /* or G_MAXUINT32 */
FluoColor fluo_logs_panel_get_color (guint32 service, gpointer panel);

/* fluo-logs-panel-row.c */
GtkWidget *fluo_log_row_new        (FluoLogsPanel *panel);
void fluo_log_row_show             (GtkWidget *row, guint32 line, gboolean expanded);
void fluo_log_row_refresh          (GtkWidget *row);
void fluo_log_row_set_expanded     (GtkWidget *row, gboolean expanded);

/* fluo-logs-panel-read.c */
void fluo_logs_panel_prepare       (FluoLogsPanel *self);
void fluo_logs_panel_stop          (FluoLogsPanel *self);
void fluo_logs_panel_forget        (FluoLogsPanel *self); /* another trace */
void fluo_logs_panel_update_follow (FluoLogsPanel *self);
FluoTimeSpan fluo_logs_panel_get_range (FluoLogsPanel *self); /* that lines are asked of */
const char *fluo_logs_panel_get_query (FluoLogsPanel *self);
gboolean fluo_logs_panel_is_connected (FluoLogsPanel *self); /* CloudWatch Logs can be asked */

/* fluo-logs-panel-say.c: what is told around the lines */
void fluo_logs_panel_update_words  (FluoLogsPanel *self);
GtkWidget *fluo_logs_panel_make_notice (FluoLogsPanel *self);

/* fluo-logs-panel-groups.c */
GtkWidget *fluo_logs_panel_make_groups (FluoLogsPanel *self);
void fluo_logs_panel_update_groups (FluoLogsPanel *self);
/* What is asked: the trace's groups and the user's. */
char **fluo_logs_panel_dup_groups  (FluoLogsPanel *self);

/* fluo-logs-panel-actions.c */
void fluo_logs_panel_add_actions   (FluoLogsPanel *self);
GtkWidget *fluo_logs_panel_make_menu (FluoLogsPanel *self);

G_END_DECLS
