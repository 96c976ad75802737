/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-profile-list.h"
#include "fluo-connection-popover.h"

G_BEGIN_DECLS

/* Shared by the popover's files: the object, and the list below the cockpit. */

/* The lines of the cockpit. */
typedef enum
{
  LINE_ACCOUNT,
  LINE_WHO,
  LINE_KEYS,
  LINE_VALID,
  LINE_REGION,
  LINE_ENDPOINT,
  LINE_HOUR,
  LINE_BUDGET,
  LINE_VAULT,
  N_LINES
} Line;

struct _FluoConnectionPopover
{
  GtkPopover parent_instance;

  FluoSession *session;
  FluoProfileList *profiles; /* NULL until they are read */
  GtkLabel *name;
  GtkWidget *badge;
  GtkLabel *state;
  GtkWidget *box;      /* all of it, and its rows of buttons: */
  GtkWidget *buttons;
  GtkWidget *foot;
  GtkWidget *grid;
  GtkWidget *titles[N_LINES];
  GtkLabel *values[N_LINES];
  GtkLabel *error;
  GtkWidget *error_box;
  GtkWidget *copy_statement;
  GtkWidget *sign_in;
  GtkWidget *console;
  GtkWidget *edit;
  GtkWidget *vault_box;
  GtkWidget *look_in_vault;
  GtkWidget *back_to_aws;
  GtkWidget *search;
  GtkListBox *list;
  GtkScrolledWindow *scroller; /* of the list */
  guint tick_id; /* while it is shown */
};

/* fluo-connection-popover-list.c */
GtkWidget *fluo_connection_popover_make_list (FluoConnectionPopover *self, GtkWidget **ret_search);
/* Makes the rows anew, and then reads the profiles again. */
void       fluo_connection_popover_fill_list (FluoConnectionPopover *self);
void       fluo_connection_popover_load      (FluoConnectionPopover *self);
/* Typing looks for a name where there is a field for it. */
void       fluo_connection_popover_take_focus (FluoConnectionPopover *self);

G_END_DECLS
