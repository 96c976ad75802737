/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Which of the palette's colours a service has, in every picture of one connection: given in order
 * of first appearance and then kept, or chosen by the user. What is chosen for one changes none of
 * the others'. A service is a name and a type (both may be NULL). Main thread; a worker gets a
 * copy.
 *
 * Signal "changed" (): a colour was chosen or a choice taken back. A service that is new does not
 * emit it: nobody has drawn that one yet. */

#define FLUO_N_SERVICE_COLORS 12
/* No choice: the colour goes by order of appearance. */
#define FLUO_SERVICE_COLOR_AUTOMATIC G_MAXUINT

#define FLUO_TYPE_SERVICE_COLORS (fluo_service_colors_get_type ())
G_DECLARE_FINAL_TYPE (FluoServiceColors, fluo_service_colors, FLUO, SERVICE_COLORS, GObject)

FluoServiceColors *fluo_service_colors_new           (void) G_GNUC_WARN_UNUSED_RESULT;
/* As it is now; later changes of either are not the other's. @self may be NULL: of no service. */
FluoServiceColors *fluo_service_colors_copy          (FluoServiceColors *self)
  G_GNUC_WARN_UNUSED_RESULT;

/* Registers the service when it is new. Never fails. What is 12 or more reuses the twelve with a
 * notch; a chosen colour has none. */
guint              fluo_service_colors_lookup        (FluoServiceColors *self, const char *name,
                                                      const char *type);
/* The same, whatever was chosen. */
guint              fluo_service_colors_get_automatic (FluoServiceColors *self, const char *name,
                                                      const char *type);
/* 0 to 11, or FLUO_SERVICE_COLOR_AUTOMATIC. */
guint              fluo_service_colors_get_choice    (FluoServiceColors *self, const char *name,
                                                      const char *type);
/* How many are registered. */
guint              fluo_service_colors_get_n         (FluoServiceColors *self);
/* @color: as fluo_service_colors_get_choice() returns it. FALSE when that is so already. */
gboolean           fluo_service_colors_choose        (FluoServiceColors *self, const char *name,
                                                      const char *type, guint color);

/* Holds @colors (nullable) in *@held instead of what was there, and calls @changed, its data first,
 * when a colour changes while @self lives. Does nothing when they are held already. */
void               fluo_service_colors_hold          (FluoServiceColors **held,
                                                      FluoServiceColors *colors,
                                                      GCallback changed, gpointer self);

/* To keep them: "name\ntype" in order of appearance; what else is in @order is left out. */
char             **fluo_service_colors_save          (FluoServiceColors *self);
void               fluo_service_colors_load          (FluoServiceColors *self,
                                                      const char *const *order);
/* "rose\nname\ntype", sorted. What names no colour of ours, one of a later version perhaps, has no
 * effect and is saved again as it was. Loading is no change and returns how many had no effect. */
char             **fluo_service_colors_save_choices  (FluoServiceColors *self);
guint              fluo_service_colors_load_choices  (FluoServiceColors *self,
                                                      const char *const *choices);

/* "rose": for files and actions, the same in every language. @color is below
 * FLUO_N_SERVICE_COLORS. */
const char        *fluo_service_color_to_id          (guint color);
/* FLUO_SERVICE_COLOR_AUTOMATIC when it names none. */
guint              fluo_service_color_from_id        (const char *id);
/* "Rose", in the user's language. */
const char        *fluo_service_color_to_label       (guint color);

G_END_DECLS
