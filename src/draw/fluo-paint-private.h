/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-paint.h"

G_BEGIN_DECLS

struct _FluoPainter
{
  cairo_t           *cr;      /* of the picture being drawn, referenced */
  const FluoPalette *palette;
  char              *families[2];
  PangoContext      *context;
  GHashTable        *texts;   /* TextEntry as its own key */
  GQueue             recent;  /* head = used last */
};

G_END_DECLS
