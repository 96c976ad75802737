/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-icon-table.h"
#include "draw/fluo-paint.h"

/* Texts kept laid out. A frame shows a few hundred; twice that lets a pan come back without laying out again. */
#define TEXT_CACHE_MAX 1024
/* No label shows more; longer text is cut before Pango sees it, because layout costs grow with length. */
#define TEXT_CHARS_MAX 512
/* A sentence wraps, so it may be longer than a label. */
#define SENTENCE_CHARS_MAX 4096
#define HALO_WIDTH_PX 4.0
#define ICON_BOX_PX 16.0

/* Adwaita Sans and its origins first: the design's figures are measured with them. */
#define FAMILIES_SANS "Adwaita Sans,Inter,Cantarell,sans-serif"
#define FAMILIES_MONO "Adwaita Mono,JetBrains Mono,DejaVu Sans Mono,monospace"

typedef struct
{
  char        *text;   /* as given, before it was made safe */
  FluoFont     font;
  double       max_width;
  PangoLayout *layout;
  double       width;  /* px */
  double       baseline;
  GList        link;   /* in FluoPainter.recent, data = the entry */
} TextEntry;

struct _FluoPainter
{
  cairo_t           *cr;      /* of the picture being drawn, referenced */
  const FluoPalette *palette;
  char              *families[2];
  PangoContext      *context;
  GHashTable        *texts;   /* TextEntry as its own key */
  GQueue             recent;  /* head = used last */
};

static guint
text_entry_hash (gconstpointer key)
{
  const TextEntry *entry = key;

  return g_str_hash (entry->text) ^ (guint) (entry->font.size_px * 64) ^ (guint) entry->font.weight << 16 ^
         entry->font.family << 28 ^ (guint) (int) entry->max_width << 5;
}

static gboolean
text_entry_equal (gconstpointer one,
                  gconstpointer other)
{
  const TextEntry *a = one;
  const TextEntry *b = other;

  return a->font.size_px == b->font.size_px && a->font.weight == b->font.weight && a->font.family == b->font.family &&
         !a->font.tabular == !b->font.tabular && a->max_width == b->max_width && g_str_equal (a->text, b->text);
}

static void
text_entry_free (gpointer data)
{
  TextEntry *entry = data;

  g_free (entry->text);
  g_clear_object (&entry->layout);
  g_free (entry);
}

static void
drop_texts (FluoPainter *self)
{
  g_queue_init (&self->recent);
  g_hash_table_remove_all (self->texts);
}

FluoPainter *
fluo_painter_new (void)
{
  FluoPainter *self = g_new0 (FluoPainter, 1);

  self->texts = g_hash_table_new_full (text_entry_hash, text_entry_equal, NULL, text_entry_free);
  g_queue_init (&self->recent);
  fluo_painter_set_families (self, NULL, NULL);
  self->palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  return self;
}

void
fluo_painter_free (FluoPainter *self)
{
  if (!self)
    return;
  g_clear_pointer (&self->cr, cairo_destroy);
  g_hash_table_unref (self->texts);
  g_clear_object (&self->context);
  g_free (self->families[0]);
  g_free (self->families[1]);
  g_free (self);
}

void
fluo_painter_set_families (FluoPainter *self,
                           const char  *sans,
                           const char  *mono)
{
  g_autofree char *families[2] = { NULL, NULL };

  g_return_if_fail (self != NULL);

  families[FLUO_FONT_SANS] = sans ? g_strconcat (sans, ",", FAMILIES_SANS, NULL) : g_strdup (FAMILIES_SANS);
  families[FLUO_FONT_MONO] = mono ? g_strconcat (mono, ",", FAMILIES_MONO, NULL) : g_strdup (FAMILIES_MONO);
  drop_texts (self);
  for (guint i = 0; i < 2; i++)
    {
      g_free (self->families[i]);
      self->families[i] = g_steal_pointer (&families[i]);
    }
}

/* Metrics are not hinted: text then has the same width on every surface and at every scale, and pictures made for
 * the screen, PNG and paper agree. */
void
fluo_painter_begin (FluoPainter       *self,
                    cairo_t           *cr,
                    const FluoPalette *palette)
{
  cairo_font_options_t *options;

  g_return_if_fail (self != NULL);
  g_return_if_fail (cr != NULL);
  g_return_if_fail (palette != NULL);

  cairo_reference (cr);
  g_clear_pointer (&self->cr, cairo_destroy);
  self->cr = cr;
  self->palette = palette;
  if (!self->context)
    {
      self->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
      /* CSS px are drawing units. */
      pango_cairo_context_set_resolution (self->context, 96.0);
      pango_context_set_round_glyph_positions (self->context, FALSE);
    }
  options = cairo_font_options_create ();
  cairo_surface_get_font_options (cairo_get_target (cr), options);
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (self->context, options);
  cairo_font_options_destroy (options);
}

cairo_t *
fluo_painter_get_cr (FluoPainter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->cr;
}

const FluoPalette *
fluo_painter_get_palette (FluoPainter *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->palette;
}

/* --- Text ------------------------------------------------------------------------------------------------------ */

static PangoLayout *
new_layout (FluoPainter *self,
            FluoFont     font)
{
  PangoLayout *layout;
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoFontDescription *description = pango_font_description_new ();

  if (!self->context)
    {
      self->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
      pango_cairo_context_set_resolution (self->context, 96.0);
      pango_context_set_round_glyph_positions (self->context, FALSE);
    }
  layout = pango_layout_new (self->context);
  pango_font_description_set_family (description, self->families[font.family == FLUO_FONT_MONO]);
  pango_font_description_set_absolute_size (description, MAX (font.size_px, 1.0) * PANGO_SCALE);
  pango_font_description_set_weight (description, font.weight > 0 ? (PangoWeight) font.weight : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description (layout, description);
  pango_font_description_free (description);
  if (font.tabular)
    pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum 1"));
  if (font.family == FLUO_FONT_MONO)
    pango_attr_list_insert (attributes, pango_attr_font_features_new ("liga 0, calt 0"));
  pango_layout_set_attributes (layout, attributes);
  return layout;
}

static TextEntry *
make_text (FluoPainter *self,
           const char  *text,
           FluoFont     font,
           double       max_width)
{
  TextEntry *entry = g_new0 (TextEntry, 1);
  g_autofree char *safe = fluo_format_untrusted (text, TEXT_CHARS_MAX);
  PangoRectangle logical;

  entry->text = g_strdup (text);
  entry->font = font;
  entry->max_width = max_width;
  entry->layout = new_layout (self, font);
  pango_layout_set_single_paragraph_mode (entry->layout, TRUE);
  pango_layout_set_text (entry->layout, safe, -1);
  if (max_width > 0)
    {
      pango_layout_set_width (entry->layout, (int) (MIN (max_width, 1e5) * PANGO_SCALE));
      pango_layout_set_ellipsize (entry->layout, PANGO_ELLIPSIZE_END);
    }
  pango_layout_get_extents (entry->layout, NULL, &logical);
  entry->width = logical.width / (double) PANGO_SCALE;
  entry->baseline = pango_layout_get_baseline (entry->layout) / (double) PANGO_SCALE;
  entry->link.data = entry;
  return entry;
}

/* Lives until the next look-up of another text. */
static TextEntry *
lookup_text (FluoPainter *self,
             const char  *text,
             FluoFont     font,
             double       max_width)
{
  const TextEntry key = { .text = (char *) (text ? text : ""), .font = font, .max_width = max_width };
  TextEntry *entry = g_hash_table_lookup (self->texts, &key);

  if (entry)
    {
      g_queue_unlink (&self->recent, &entry->link);
      g_queue_push_head_link (&self->recent, &entry->link);
      return entry;
    }
  if (g_hash_table_size (self->texts) >= TEXT_CACHE_MAX)
    g_hash_table_remove (self->texts, g_queue_pop_tail_link (&self->recent)->data);
  entry = make_text (self, key.text, font, max_width);
  g_hash_table_add (self->texts, entry);
  g_queue_push_head_link (&self->recent, &entry->link);
  return entry;
}

double
fluo_painter_measure (FluoPainter *self,
                      const char  *text,
                      FluoFont     font)
{
  g_return_val_if_fail (self != NULL, 0);

  return lookup_text (self, text, font, 0)->width;
}

double
fluo_painter_text (FluoPainter     *self,
                   double           x,
                   double           y,
                   const char      *text,
                   FluoFont         font,
                   FluoColor        color,
                   FluoAlign        align,
                   double           max_width,
                   const FluoColor *halo)
{
  TextEntry *entry;

  g_return_val_if_fail (self != NULL && self->cr != NULL, 0);

  if (!text || !*text || !isfinite (x) || !isfinite (y))
    return 0;
  entry = lookup_text (self, text, font, max_width);
  if (align == FLUO_ALIGN_MIDDLE)
    x -= entry->width / 2;
  else if (align == FLUO_ALIGN_END)
    x -= entry->width;
  pango_cairo_update_context (self->cr, self->context);
  cairo_save (self->cr);
  if (halo)
    {
      cairo_move_to (self->cr, x, y - entry->baseline);
      pango_cairo_layout_path (self->cr, entry->layout);
      cairo_set_line_join (self->cr, CAIRO_LINE_JOIN_ROUND);
      cairo_set_line_width (self->cr, HALO_WIDTH_PX);
      cairo_set_dash (self->cr, NULL, 0, 0);
      fluo_color_set (self->cr, *halo);
      cairo_stroke (self->cr);
    }
  cairo_move_to (self->cr, x, y - entry->baseline);
  fluo_color_set (self->cr, color);
  pango_cairo_show_layout (self->cr, entry->layout);
  cairo_restore (self->cr);
  return entry->width;
}

/* The safe text may be shorter or longer than the sentence, so each run is made safe by itself and the bold ranges are
 * counted again. */
static char *
safe_sentence (const FluoSentence *sentence,
               PangoAttrList      *attributes)
{
  GString *text = g_string_new (NULL);
  guint at = 0;
  const gsize length = strlen (sentence->text);

  for (guint i = 0; i <= (sentence->bold ? sentence->bold->len : 0); i++)
    {
      const gboolean last = !sentence->bold || i == sentence->bold->len;
      const FluoSentenceRange range =
        last ? (FluoSentenceRange) { (guint) length, 0 } : g_array_index (sentence->bold, FluoSentenceRange, i);
      g_autofree char *plain = NULL;
      g_autofree char *bold = NULL;
      g_autofree char *safe_plain = NULL;
      g_autofree char *safe_bold = NULL;
      PangoAttribute *weight;

      if (range.start < at || range.start + range.length > length)
        continue;
      plain = g_strndup (sentence->text + at, range.start - at);
      bold = g_strndup (sentence->text + range.start, range.length);
      safe_plain = fluo_format_untrusted (plain, SENTENCE_CHARS_MAX);
      safe_bold = fluo_format_untrusted (bold, SENTENCE_CHARS_MAX);
      g_string_append (text, safe_plain);
      weight = pango_attr_weight_new (PANGO_WEIGHT_BOLD);
      weight->start_index = (guint) text->len;
      g_string_append (text, safe_bold);
      weight->end_index = (guint) text->len;
      pango_attr_list_insert (attributes, weight);
      at = range.start + range.length;
    }
  return g_string_free (text, FALSE);
}

double
fluo_painter_sentence (FluoPainter        *self,
                       double              x,
                       double              y,
                       double              width,
                       const FluoSentence *sentence,
                       FluoFont            font,
                       FluoColor           color)
{
  g_autoptr (PangoLayout) layout = NULL;
  g_autofree char *text = NULL;
  PangoAttrList *attributes;
  PangoRectangle logical;

  g_return_val_if_fail (self != NULL && self->cr != NULL, 0);

  if (!sentence || !sentence->text)
    return 0;
  layout = new_layout (self, font);
  attributes = pango_attr_list_copy (pango_layout_get_attributes (layout));
  text = safe_sentence (sentence, attributes);
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  if (width > 0)
    pango_layout_set_width (layout, (int) (MIN (width, 1e5) * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_cairo_update_context (self->cr, self->context);
  cairo_save (self->cr);
  cairo_move_to (self->cr, x, y);
  fluo_color_set (self->cr, color);
  pango_cairo_show_layout (self->cr, layout);
  cairo_restore (self->cr);
  pango_layout_get_extents (layout, NULL, &logical);
  return logical.height / (double) PANGO_SCALE;
}

/* --- Shapes ---------------------------------------------------------------------------------------------------- */

static const FluoIconPath *
find_icon (const char *name)
{
  guint low = 0;
  guint high = fluo_icon_table_length;

  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      const int order = strcmp (name, fluo_icon_table[middle].name);

      if (order == 0)
        return &fluo_icon_table[middle];
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }
  return NULL;
}

void
fluo_painter_icon (FluoPainter *self,
                   const char  *name,
                   double       x,
                   double       y,
                   double       size,
                   FluoColor    color)
{
  const FluoIconPath *icon;
  const float *p;

  g_return_if_fail (self != NULL && self->cr != NULL);

  icon = name ? find_icon (name) : NULL;
  if (!icon)
    {
      g_warning ("there is no icon \"%s\"", name ? name : "");
      return;
    }
  cairo_save (self->cr);
  cairo_translate (self->cr, x, y);
  cairo_scale (self->cr, size / ICON_BOX_PX, size / ICON_BOX_PX);
  cairo_new_path (self->cr);
  p = icon->points;
  for (const char *command = icon->commands; *command; command++)
    switch (*command)
      {
      case 'M':
        cairo_move_to (self->cr, p[0], p[1]);
        p += 2;
        break;
      case 'L':
        cairo_line_to (self->cr, p[0], p[1]);
        p += 2;
        break;
      case 'C':
        cairo_curve_to (self->cr, p[0], p[1], p[2], p[3], p[4], p[5]);
        p += 6;
        break;
      default:
        cairo_close_path (self->cr);
        break;
      }
  fluo_color_set (self->cr, color);
  cairo_fill (self->cr);
  cairo_restore (self->cr);
}

static void
polygon (cairo_t      *cr,
         const double *points,
         guint         n)
{
  cairo_new_path (cr);
  for (guint i = 0; i < n; i++)
    cairo_line_to (cr, points[2 * i], points[2 * i + 1]);
  cairo_close_path (cr);
}

/* Filled and outlined in one colour, so that the corners are round. */
static void
solid (cairo_t      *cr,
       const double *points,
       guint         n,
       double        outline,
       FluoColor     mark)
{
  polygon (cr, points, n);
  fluo_color_set (cr, mark);
  cairo_set_line_width (cr, outline);
  cairo_fill_preserve (cr);
  cairo_stroke (cr);
}

static void
segment (cairo_t *cr,
         double   x1,
         double   y1,
         double   x2,
         double   y2)
{
  cairo_move_to (cr, x1, y1);
  cairo_line_to (cr, x2, y2);
}

static void
status_outline (cairo_t   *cr,
                FluoStatus status,
                FluoColor  mark)
{
  static const double dashes[] = { 2.6, 2.0 };

  fluo_color_set (cr, mark);
  cairo_set_line_width (cr, 1.6);
  cairo_new_path (cr);
  if (status == FLUO_STATUS_RUNNING)
    {
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
      cairo_set_dash (cr, dashes, 2, 0);
      cairo_arc (cr, 8, 8, 5.8, 0, 2 * G_PI);
      cairo_stroke (cr);
      cairo_set_dash (cr, NULL, 0, 0);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      segment (cr, 8, 4.8, 8, 8);
      cairo_line_to (cr, 10, 9.4);
    }
  else
    {
      cairo_arc (cr, 8, 8, 5.6, 0, 2 * G_PI);
      cairo_new_sub_path (cr);
      segment (cr, 5.3, 8.2, 7.2, 10.1);
      cairo_line_to (cr, 10.7, 6.3);
    }
  cairo_stroke (cr);
}

void
fluo_painter_status (FluoPainter *self,
                     FluoStatus   status,
                     double       x,
                     double       y,
                     double       size,
                     FluoColor    ink)
{
  static const double octagon[] = { 5, 1, 11, 1, 15, 5, 15, 11, 11, 15, 5, 15, 1, 11, 1, 5 };
  static const double triangle[] = { 8, 1.4, 15, 14.1, 1, 14.1 };
  static const double diamond[] = { 8, .8, 15.2, 8, 8, 15.2, .8, 8 };
  cairo_t *cr;
  FluoColor mark;

  g_return_if_fail (self != NULL && self->cr != NULL);
  g_return_if_fail (status < FLUO_N_STATUSES);

  cr = self->cr;
  mark = self->palette->status[status].mark;
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_scale (cr, size / ICON_BOX_PX, size / ICON_BOX_PX);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  switch (status)
    {
    case FLUO_STATUS_ERROR:
      solid (cr, triangle, G_N_ELEMENTS (triangle) / 2, 1, mark);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.9);
      segment (cr, 8, 6, 8, 10);
      cairo_stroke (cr);
      cairo_arc (cr, 8, 12.2, 1.05, 0, 2 * G_PI);
      cairo_fill (cr);
      break;
    case FLUO_STATUS_THROTTLE:
      solid (cr, diamond, G_N_ELEMENTS (diamond) / 2, .6, mark);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.8);
      segment (cr, 6.2, 5.5, 6.2, 10.5);
      segment (cr, 9.8, 5.5, 9.8, 10.5);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_FAULT:
      polygon (cr, octagon, G_N_ELEMENTS (octagon) / 2);
      fluo_color_set (cr, mark);
      cairo_fill (cr);
      fluo_color_set (cr, ink);
      cairo_set_line_width (cr, 1.9);
      segment (cr, 5.4, 5.4, 10.6, 10.6);
      segment (cr, 10.6, 5.4, 5.4, 10.6);
      cairo_stroke (cr);
      break;
    case FLUO_STATUS_OK:
    case FLUO_STATUS_RUNNING:
    case FLUO_N_STATUSES:
    default:
      status_outline (cr, status, mark);
      break;
    }
  cairo_restore (cr);
}

/* --- Fills ----------------------------------------------------------------------------------------------------- */

/* Clips to the current path and yields its box, grown to whole periods so that neighbouring shapes continue one
 * another's pattern. FALSE when there is nothing to fill. Between save and restore. */
static gboolean
clip_to_path (cairo_t *cr,
              double  *box)
{
  cairo_clip (cr);
  cairo_clip_extents (cr, &box[0], &box[1], &box[2], &box[3]);
  return box[2] > box[0] && box[3] > box[1] && box[2] - box[0] < 1e5 && box[3] - box[1] < 1e5;
}

/* 45 degree lines, @width wide, each @period px (measured across the lines). */
static void
stroke_diagonals (cairo_t  *cr,
                  double    period,
                  double    width,
                  gboolean  rising)
{
  double box[4];
  const double step = period * G_SQRT2;

  if (!clip_to_path (cr, box))
    return;
  cairo_new_path (cr);
  if (rising)
    for (double c = floor ((box[0] + box[1]) / step) * step; c <= box[2] + box[3] + step; c += step)
      segment (cr, c - box[1] + 1, box[1] - 1, c - box[3] - 1, box[3] + 1);
  else
    for (double c = floor ((box[0] - box[3]) / step) * step; c <= box[2] - box[1] + step; c += step)
      segment (cr, c + box[1] - 1, box[1] - 1, c + box[3] + 1, box[3] + 1);
  cairo_set_line_width (cr, width);
  cairo_set_dash (cr, NULL, 0, 0);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_BUTT);
  cairo_stroke (cr);
}

static void
fill_dots (cairo_t  *cr,
           FluoColor ink)
{
  const double period = 4.0;
  double box[4];

  if (!clip_to_path (cr, box))
    return;
  cairo_new_path (cr);
  for (double y = floor (box[1] / period) * period + 2; y < box[3] + 1; y += period)
    for (double x = floor (box[0] / period) * period + 2; x < box[2] + 1; x += period)
      {
        cairo_new_sub_path (cr);
        cairo_arc (cr, x, y, .95, 0, 2 * G_PI);
      }
  fluo_color_set (cr, ink);
  cairo_fill (cr);
}

void
fluo_painter_fill_status (FluoPainter *self,
                          FluoStatus   status)
{
  const FluoPalette *palette;
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);
  g_return_if_fail (status < FLUO_N_STATUSES);

  cr = self->cr;
  palette = self->palette;
  if (status == FLUO_STATUS_RUNNING)
    {
      fluo_painter_fill_hatch (self, palette->status[status].mark);
      return;
    }
  cairo_save (cr);
  fluo_color_set (cr, status == FLUO_STATUS_ERROR ? palette->error_fill : palette->status[status].mark);
  cairo_fill_preserve (cr);
  if (status == FLUO_STATUS_ERROR)
    {
      fluo_color_set (cr, palette->status[status].mark);
      stroke_diagonals (cr, 5.0, 2.0, TRUE);
    }
  else if (status == FLUO_STATUS_THROTTLE)
    fill_dots (cr, palette->view);
  cairo_restore (cr);
  cairo_new_path (cr);
}

void
fluo_painter_fill_hatch (FluoPainter *self,
                         FluoColor    color)
{
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);

  cr = self->cr;
  cairo_save (cr);
  fluo_color_set_alpha (cr, color, self->palette->wait_alpha);
  cairo_fill_preserve (cr);
  fluo_color_set (cr, color);
  stroke_diagonals (cr, 5.0, 2.0, TRUE);
  cairo_restore (cr);
  cairo_new_path (cr);
}

void
fluo_painter_rounded (FluoPainter *self,
                      double       x,
                      double       y,
                      double       width,
                      double       height,
                      double       radius)
{
  cairo_t *cr;

  g_return_if_fail (self != NULL && self->cr != NULL);

  cr = self->cr;
  radius = CLAMP (radius, 0, MIN (width, height) / 2);
  cairo_new_sub_path (cr);
  if (radius <= 0)
    {
      cairo_rectangle (cr, x, y, width, height);
      return;
    }
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 1.5 * G_PI);
  cairo_close_path (cr);
}
