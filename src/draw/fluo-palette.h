/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <cairo.h>
#include <glib.h>

#include "core/fluo-status.h"
#include "draw/fluo-service-colors.h"

G_BEGIN_DECLS

typedef struct
{
  float red, green, blue, alpha; /* sRGB, 0..1, not premultiplied */
} FluoColor;

typedef enum
{
  FLUO_PALETTE_LIGHT,
  FLUO_PALETTE_DARK,
  FLUO_PALETTE_LIGHT_CONTRAST,
  FLUO_PALETTE_DARK_CONTRAST,
  FLUO_PALETTE_PRINT, /* light on white paper */
  FLUO_N_PALETTES
} FluoPaletteKind;

/* Every colour a picture uses; DESIGN.md section 3. Never from CSS. style.css is held to these by a
 * test. */
typedef struct
{
  gboolean  dark;
  FluoColor window, view, sidebar, header, card, popover;
  FluoColor fg, fg2, fg3;
  FluoColor line, line2, grid;
  FluoColor hover, selected, field;
  FluoColor accent, accent_fg, accent_text, accent_soft, accent_mid;
  FluoColor bar_base, bar_rest, edge, edge_dim, metric, critical, found, found_now, live;
  struct
  {
    FluoColor mark, text, soft;
  } status[FLUO_N_STATUSES];
  FluoColor error_fill;  /* the light part of the stripes */
  FluoColor service[FLUO_N_SERVICE_COLORS];
  FluoColor on_service;  /* text on a solid colour where it can be read; see below */
  struct
  {
    FluoColor function, keyword, text, number, field, op, bracket;
  } syntax;              /* of filters */
  float     wait_alpha;  /* time waiting for a call: 0.24 light, 0.36 dark */
} FluoPalette;

const FluoPalette *fluo_palette_get  (FluoPaletteKind kind);
/* WCAG 2's contrast of two opaque colours, 1 to 21. */
double             fluo_color_contrast      (FluoColor a, FluoColor b);
/* What is seen of @color laid over @ground with @alpha. */
FluoColor          fluo_color_over          (FluoColor color, double alpha, FluoColor ground);
/* Text on the opaque colour @ground: on_service where its contrast is 4.5 or more, else black or
 * white. Never under 4.5. */
FluoColor          fluo_palette_get_text_on (const FluoPalette *self, FluoColor ground);
void               fluo_color_set    (cairo_t *cr, FluoColor color);
void               fluo_color_set_alpha (cairo_t *cr, FluoColor color, double factor);

G_END_DECLS
