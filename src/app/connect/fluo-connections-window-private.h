/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-profile-list.h"
#include "fluo-connections-window.h"

G_BEGIN_DECLS

/* Shared by the window's files: the object, and its rows. */

struct _FluoConnectionsWindow
{
  AdwWindow parent_instance;

  GtkWidget *owner; /* weak: whose actions are used */
  GtkWidget *toasts;
  GtkWidget *stack; /* "list", "edit", "sso" */
  GtkWidget *title;
  GtkWidget *back;
  GtkWidget *add;
  GtkWidget *search;
  GtkWidget *empty;
  GtkWidget *connections_title;
  GtkListBox *connections;
  GtkWidget *profiles_group;
  GtkLabel *profiles_title;
  GtkListBox *profiles_list;
  GtkWidget *sso_group;
  GtkListBox *sso_list;
  GPtrArray *sessions;       /* FluoSsoSession: the rows of single sign-on */
  GtkWidget *warnings;
  GtkLabel *warnings_label;
  GtkWidget *editor;
  GtkWidget *picker;
  FluoProfileList *profiles; /* NULL until they are read */
  char *choose_for;          /* profile to sign in to then, or NULL */
  char *dragged;             /* id, while a row is moved */
  FluoConnection *removed;   /* the last one, for Undo */
  int removed_at;
  AdwToast *removed_toast;   /* that offers it; weak */
};

/* fluo-connections-window.c */
void fluo_connections_window_say       (FluoConnectionsWindow *self, const char *text);
void fluo_connections_window_show_form (FluoConnectionsWindow *self,
                                        const FluoConnection *connection, gboolean fresh);
/* Says "chosen", and closes. */
void fluo_connections_window_connect   (FluoConnectionsWindow *self,
                                        const FluoConnection *connection, FluoCredentials *keys);
void fluo_connections_window_say_error (FluoConnectionsWindow *self, const GError *error);

/* fluo-connections-window-actions.c */
void fluo_connections_window_install_actions (GtkWidgetClass *widget_class);
/* The key pair of what was removed goes when nothing can be undone any more. */
void fluo_connections_window_forget_removed (FluoConnectionsWindow *self);
void fluo_connections_window_move      (FluoConnectionsWindow *self, const char *id, int step);
/* A toast offers to undo it. */
void fluo_connections_window_remove    (FluoConnectionsWindow *self, const char *id);

/* fluo-connections-window-rows.c */
/* Makes all rows anew: of the list, and of the profiles that it doesn't use. */
void fluo_connections_window_fill      (FluoConnectionsWindow *self);
/* What is searched, and what is searched for: numbers of accounts have blanks or none. */
char *fluo_connections_window_dup_words (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
