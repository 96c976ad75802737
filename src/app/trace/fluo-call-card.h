/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* What stands beside the pointer while it rests on a call: three lines over a shadow. Texts are the
 * trace's, made safe when they are drawn; NULL = none. */
typedef struct
{
  const char *name, *detail;
  const char *icon;          /* or NULL */
  FluoColor   color;
  char       *first;         /* strong: "39 ms" */
  char       *facts;         /* " · own work 16 ms · 200" */
  char       *second;        /* "+2.232 s to +2.271 s" */
} FluoCallCard;

void fluo_call_card_clear    (FluoCallCard *self);
/* Never over the thing itself, which is from @top to @bottom: under it, or above where there is no
 * room in a view of @width x @height. */
void fluo_call_card_snapshot (const FluoCallCard *self, GtkSnapshot *snapshot,
                              FluoPainter *painter, const FluoPalette *palette, double x,
                              double top, double bottom, double width, double height);

G_END_DECLS
