/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-palette.h"

#include <math.h>

/* Colours as in design/DESIGN.md, section 3. */
#define RGBA(rgb, a)                                                                              \
  {                                                                                               \
    ((rgb) >> 16 & 0xff) / 255.f, ((rgb) >> 8 & 0xff) / 255.f, ((rgb) & 0xff) / 255.f, (a)        \
  }
#define RGB(rgb) RGBA (rgb, 1.f)

/* WCAG 2.1, 1.4.3. */
#define TEXT_CONTRAST_MIN 4.5

#define LIGHT_STATUS                                                                              \
  {                                                                                               \
    [FLUO_STATUS_OK] = { RGB (0x4f9287), RGB (0x2f6f65), RGB (0xdcebe8) },                        \
    [FLUO_STATUS_RUNNING] = { RGB (0x3a6ea5), RGB (0x3a6ea5), RGB (0xe0eaf4) },                   \
    [FLUO_STATUS_ERROR] = { RGB (0xb57500), RGB (0x8a5600), RGB (0xfaefd9) },                     \
    [FLUO_STATUS_THROTTLE] = { RGB (0x8b4fc6), RGB (0x7a3fb5), RGB (0xf0e6f9) },                  \
    [FLUO_STATUS_FAULT] = { RGB (0xbd1a26), RGB (0xbd1a26), RGB (0xfbe3e4) },                     \
  }

#define LIGHT_SERVICE                                                                             \
  {                                                                                               \
    RGB (0x3a62bb), RGB (0x43a391), RGB (0xd17d63), RGB (0x975d6c), RGB (0x534800),               \
    RGB (0x8486e5), RGB (0x496f1e), RGB (0x0485a6), RGB (0x742947), RGB (0x6c8a0c),               \
    RGB (0x463392), RGB (0x145775),                                                               \
  }

static const FluoPalette light = {
  .dark = FALSE,
  .window = RGB (0xfafafb),
  .view = RGB (0xffffff),
  .sidebar = RGB (0xf3f3f5),
  .header = RGB (0xffffff),
  .card = RGB (0xffffff),
  .popover = RGB (0xffffff),
  .fg = RGB (0x2f2f34),
  .fg2 = RGB (0x5c5c64),
  .fg3 = RGB (0x73737b),
  .line = RGB (0xe3e3e7),
  .line2 = RGB (0xc9c9d0),
  .grid = RGB (0xececef),
  .hover = RGBA (0x000006, .055f),
  .selected = RGBA (0x000006, .09f),
  .field = RGBA (0x000006, .055f),
  .accent = RGB (0x3584e4),
  .accent_fg = RGB (0xffffff),
  .accent_text = RGB (0x0461be),
  .accent_soft = RGBA (0x3584e4, .13f),
  .accent_mid = RGBA (0x3584e4, .28f),
  .bar_base = RGB (0x8894a6),
  .bar_rest = RGB (0xa6a6b0),
  .edge = RGB (0x8d8d97),
  .edge_dim = RGB (0xd6d6db),
  .metric = RGB (0x0b7a8f),
  .critical = RGB (0x1f1f24),
  .found = RGB (0xffe9a8),
  .found_now = RGB (0xffc83d),
  .live = RGB (0x2ec27e),
  .status = LIGHT_STATUS,
  .error_fill = RGB (0xe0a63a),
  .service = LIGHT_SERVICE,
  .on_service = RGB (0xffffff),
  .syntax = {
    .function = RGB (0x1f6f5c),
    .keyword = RGB (0x8a3a9a),
    .text = RGB (0xa14a12),
    .number = RGB (0x1757a6),
    .field = RGB (0x0b6275),
    .op = RGB (0x5c5c64),
    .bracket = RGB (0x73737b),
  },
  .wait_alpha = .24f,
};

static const FluoPalette dark = {
  .dark = TRUE,
  .window = RGB (0x222226),
  .view = RGB (0x1d1d20),
  .sidebar = RGB (0x28282c),
  .header = RGB (0x2e2e32),
  .card = RGB (0x2e2e33),
  .popover = RGB (0x36363a),
  .fg = RGB (0xf4f4f6),
  .fg2 = RGB (0xbcbcc3),
  .fg3 = RGB (0x9a9aa2),
  .line = RGB (0x38383d),
  .line2 = RGB (0x4a4a50),
  .grid = RGB (0x2b2b2f),
  .hover = RGBA (0xffffff, .07f),
  .selected = RGBA (0xffffff, .11f),
  .field = RGBA (0xffffff, .08f),
  .accent = RGB (0x3584e4),
  .accent_fg = RGB (0xffffff),
  .accent_text = RGB (0x81c0ff),
  .accent_soft = RGBA (0x4a94f0, .20f),
  .accent_mid = RGBA (0x4a94f0, .42f),
  .bar_base = RGB (0x6f7c8d),
  .bar_rest = RGB (0x62626b),
  .edge = RGB (0x74747d),
  .edge_dim = RGB (0x3a3a3f),
  .metric = RGB (0x5fd0e6),
  .critical = RGB (0xffffff),
  .found = RGB (0x5a4a12),
  .found_now = RGB (0xa8800c),
  .live = RGB (0x2ec27e),
  .status = {
    [FLUO_STATUS_OK] = { RGB (0x63b0a3), RGB (0x7cc9bc), RGB (0x23423d) },
    [FLUO_STATUS_RUNNING] = { RGB (0x7fb2e8), RGB (0x7fb2e8), RGB (0x24384d) },
    [FLUO_STATUS_ERROR] = { RGB (0xf0b43a), RGB (0xf0b43a), RGB (0x463716) },
    [FLUO_STATUS_THROTTLE] = { RGB (0xc79bf2), RGB (0xcfa9f5), RGB (0x3d2d50) },
    [FLUO_STATUS_FAULT] = { RGB (0xff6b63), RGB (0xff8079), RGB (0x4a2a2d) },
  },
  .error_fill = RGB (0xd79a26),
  .service = {
    RGB (0x7098ec), RGB (0x50e4ca), RGB (0xfeb69f), RGB (0xd293a2), RGB (0x87781a), RGB (0xcacefe),
    RGB (0x7b9c5e), RGB (0x6cbedb), RGB (0xa35f77), RGB (0x9ebe58), RGB (0x7369c1), RGB (0x4d89a8),
  },
  .on_service = RGB (0x17171a),
  .syntax = {
    .function = RGB (0x7ad6bd),
    .keyword = RGB (0xdca0ec),
    .text = RGB (0xf2ab7c),
    .number = RGB (0x8fc1ff),
    .field = RGB (0x7fd3e6),
    .op = RGB (0xbcbcc3),
    .bracket = RGB (0x9a9aa2),
  },
  .wait_alpha = .36f,
};

/* High contrast: lines are half the text colour, second and third text become the first. */
static FluoPalette
with_contrast (const FluoPalette *base)
{
  FluoPalette palette = *base;

  palette.fg2 = palette.fg;
  palette.fg3 = palette.fg;
  palette.line = palette.fg;
  palette.line.alpha = .5f;
  palette.line2 = palette.line;
  palette.edge = palette.fg;
  palette.syntax.op = palette.fg;
  palette.syntax.bracket = palette.fg;
  return palette;
}

static FluoPalette
for_paper (void)
{
  FluoPalette palette = light;

  palette.window = palette.view;
  palette.sidebar = palette.view;
  return palette;
}

const FluoPalette *
fluo_palette_get (FluoPaletteKind kind)
{
  static FluoPalette palettes[FLUO_N_PALETTES];
  static gsize ready = 0;

  g_return_val_if_fail (kind < FLUO_N_PALETTES, &light);

  if (g_once_init_enter (&ready))
    {
      palettes[FLUO_PALETTE_LIGHT] = light;
      palettes[FLUO_PALETTE_DARK] = dark;
      palettes[FLUO_PALETTE_LIGHT_CONTRAST] = with_contrast (&light);
      palettes[FLUO_PALETTE_DARK_CONTRAST] = with_contrast (&dark);
      palettes[FLUO_PALETTE_PRINT] = for_paper ();
      g_once_init_leave (&ready, 1);
    }
  return &palettes[kind];
}

static double
linear (double value)
{
  return value <= .03928 ? value / 12.92 : pow ((value + .055) / 1.055, 2.4);
}

static double
luminance (FluoColor color)
{
  return .2126 * linear (color.red) + .7152 * linear (color.green) + .0722 * linear (color.blue);
}

double
fluo_color_contrast (FluoColor a,
                     FluoColor b)
{
  const double one = luminance (a) + .05;
  const double other = luminance (b) + .05;

  return MAX (one, other) / MIN (one, other);
}

FluoColor
fluo_color_over (FluoColor color,
                 double    alpha,
                 FluoColor ground)
{
  return (FluoColor) {
    (float) (color.red * alpha + ground.red * (1 - alpha)),
    (float) (color.green * alpha + ground.green * (1 - alpha)),
    (float) (color.blue * alpha + ground.blue * (1 - alpha)),
    ground.alpha,
  };
}

FluoColor
fluo_palette_get_text_on (const FluoPalette *self,
                          FluoColor          ground)
{
  /* Anything but pure black and white leaves a band of middle tones on which neither can be
   * read. */
  const FluoColor black = RGB (0x000000);
  const FluoColor white = RGB (0xffffff);

  g_return_val_if_fail (self != NULL, black);

  if (fluo_color_contrast (self->on_service, ground) >= TEXT_CONTRAST_MIN)
    return self->on_service;
  return fluo_color_contrast (white, ground) > fluo_color_contrast (black, ground) ? white : black;
}

void
fluo_color_set (cairo_t  *cr,
                FluoColor color)
{
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha);
}

void
fluo_color_set_alpha (cairo_t  *cr,
                      FluoColor color,
                      double    factor)
{
  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha * factor);
}
