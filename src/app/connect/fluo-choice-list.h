/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A long list to choose one thing from, with a field to search in: what is typed is looked for in
 * all that a row says. Enter in the field takes the first row, Down goes to the list. Rows cost
 * what is on screen. Signal "chosen" (guint): the place of an item in the order of adding. */
#define FLUO_TYPE_CHOICE_LIST (fluo_choice_list_get_type ())
G_DECLARE_FINAL_TYPE (FluoChoiceList, fluo_choice_list, FLUO, CHOICE_LIST, GtkWidget)

GtkWidget *fluo_choice_list_new   (void);
/* Empties it; @hint stands in the field, and @label says what is chosen from. */
void       fluo_choice_list_reset (FluoChoiceList *self, const char *hint, const char *label);
/* @detail below @title, @note (nullable) at the row's end. Text of a service is made safe here. */
void       fluo_choice_list_add   (FluoChoiceList *self, const char *title, const char *detail,
                                   const char *note);

G_END_DECLS
