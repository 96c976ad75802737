/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <pango/pangocairo.h>

#include "core/fluo-kind.h"
#include "core/fluo-sentence.h"
#include "draw/fluo-palette.h"

G_BEGIN_DECLS

/* Small things every picture is made of. Text goes through here and nowhere else: it is made safe
 * (fluo_format_untrusted), measured and cached by a FluoPainter. Coordinates are CSS px. */

typedef enum
{
  FLUO_FONT_SANS,
  FLUO_FONT_MONO
} FluoFontFamily;

typedef struct
{
  FluoFontFamily family;
  double         size_px;
  int            weight;   /* PangoWeight: 400, 600, 700, 800 */
  gboolean       tabular;  /* tabular figures */
} FluoFont;

/* In a size in px and a PangoWeight: text, text with figures that stand below each other, code. */
#define FLUO_SANS(px, w) ((FluoFont) { FLUO_FONT_SANS, (px), (w), FALSE })
#define FLUO_FIGURES(px, w) ((FluoFont) { FLUO_FONT_SANS, (px), (w), TRUE })
#define FLUO_MONO(px, w) ((FluoFont) { FLUO_FONT_MONO, (px), (w), FALSE })

typedef enum
{
  FLUO_ALIGN_START,
  FLUO_ALIGN_MIDDLE,
  FLUO_ALIGN_END
} FluoAlign;

/* Holds a cairo context, a palette and a cache of laid out texts that outlives frames. One per
 * widget or page. */
typedef struct _FluoPainter FluoPainter;
FluoPainter       *fluo_painter_new         (void);
void               fluo_painter_free        (FluoPainter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoPainter, fluo_painter_free)
/* Begins a picture: takes a reference on @cr; @palette is static. */
void               fluo_painter_begin       (FluoPainter *self, cairo_t *cr,
                                             const FluoPalette *palette);
/* Lets go of what it drew on, and keeps its texts. */
void               fluo_painter_end         (FluoPainter *self);
/* NULL: "Cantarell" or "Adwaita Sans", "monospace". */
void               fluo_painter_set_families (FluoPainter *self, const char *sans,
                                              const char *mono);
cairo_t           *fluo_painter_get_cr      (FluoPainter *self);
const FluoPalette *fluo_painter_get_palette (FluoPainter *self);

double             fluo_painter_measure     (FluoPainter *self, const char *text, FluoFont font);
/* Draws one line with its baseline at @y; @x is the start, middle or end. @max_width > 0 ellipsizes
 * at the end. Returns the width drawn. @halo (nullable) is a 4 px outline in that colour under the
 * text. */
double fluo_painter_text (FluoPainter *self, double x, double y, const char *text, FluoFont font,
                          FluoColor color, FluoAlign align, double max_width,
                          const FluoColor *halo);
/* The words of a sentence with what is bold in @attributes. The safe text may be shorter or longer
 * than the sentence: each run is made safe by itself, at most @chars_max characters of it, and the
 * bold ranges are counted in what is really shown. */
char *fluo_paint_dup_sentence (const FluoSentence *sentence, gsize chars_max,
                               PangoAttrList *attributes) G_GNUC_WARN_UNUSED_RESULT;
/* A sentence in one or more lines: returns the height used. */
double fluo_painter_sentence (FluoPainter *self, double x, double y, double width,
                              const FluoSentence *sentence, FluoFont font, FluoColor color);

/* An icon of resources/icons by its name without prefix and suffix ("kind-function", "find"), drawn
 * as a path. */
void fluo_painter_icon (FluoPainter *self, const char *name, double x, double y, double size,
                        FluoColor color);
/* The two-tone status shape (octagon, triangle, diamond, circle, dashed circle); @ink is the colour
 * of its inner mark. */
void fluo_painter_status (FluoPainter *self, FluoStatus status, double x, double y, double size,
                          FluoColor ink);
/* Fills the current path in the status' colour and pattern (stripes, dots, solid). */
void               fluo_painter_fill_status (FluoPainter *self, FluoStatus status);
/* Fills the current path with 45 degree hatching of a colour: still running. */
void               fluo_painter_fill_hatch  (FluoPainter *self, FluoColor color);
/* Adds a rectangle with round corners to the current path, … */
void fluo_painter_rounded (FluoPainter *self, double x, double y, double width, double height,
                           double radius);
/* … or what of it lies between two x. Not by a clip: see fluo-paint-shapes.c. */
void fluo_painter_rounded_part (FluoPainter *self, double x, double y, double width, double height,
                                double radius, double from, double to);

G_END_DECLS
