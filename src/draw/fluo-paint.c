/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-paint-private.h"

/* Texts kept laid out. A frame shows a few hundred; twice that lets a pan come back without laying
 * out again. */
#define TEXT_CACHE_MAX 1024
/* No label shows more; longer text is cut before Pango sees it, because layout costs grow with
 * length. */
#define TEXT_CHARS_MAX 512
/* A sentence wraps, so it may be longer than a label. */
#define SENTENCE_CHARS_MAX 4096
#define HALO_WIDTH_PX 4.0

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

static guint
text_entry_hash (gconstpointer key)
{
  const TextEntry *entry = key;

  return g_str_hash (entry->text) ^ (guint) (entry->font.size_px * 64) ^
         (guint) entry->font.weight << 16 ^ entry->font.family << 28 ^
         (guint) (int) entry->max_width << 5;
}

static gboolean
text_entry_equal (gconstpointer one,
                  gconstpointer other)
{
  const TextEntry *a = one;
  const TextEntry *b = other;

  return a->font.size_px == b->font.size_px && a->font.weight == b->font.weight &&
         a->font.family == b->font.family && !a->font.tabular == !b->font.tabular &&
         a->max_width == b->max_width && g_str_equal (a->text, b->text);
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
  char *families[2];

  g_return_if_fail (self != NULL);

  families[FLUO_FONT_SANS] =
    sans ? g_strconcat (sans, ",", FAMILIES_SANS, NULL) : g_strdup (FAMILIES_SANS);
  families[FLUO_FONT_MONO] =
    mono ? g_strconcat (mono, ",", FAMILIES_MONO, NULL) : g_strdup (FAMILIES_MONO);
  drop_texts (self);
  for (guint i = 0; i < 2; i++)
    {
      g_free (self->families[i]);
      self->families[i] = families[i];
    }
}

/* Metrics are not hinted: text then has the same width on every surface and at every scale, and
 * pictures made for the screen, PNG and paper agree, also about what was measured before anything
 * was drawn. */
static void
ensure_context (FluoPainter *self)
{
  cairo_font_options_t *options;

  if (self->context)
    return;
  self->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  /* CSS px are drawing units. */
  pango_cairo_context_set_resolution (self->context, 96.0);
  pango_context_set_round_glyph_positions (self->context, FALSE);
  options = cairo_font_options_create ();
  cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options (self->context, options);
  cairo_font_options_destroy (options);
}

void
fluo_painter_begin (FluoPainter       *self,
                    cairo_t           *cr,
                    const FluoPalette *palette)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (cr != NULL);
  g_return_if_fail (palette != NULL);

  cairo_reference (cr);
  g_clear_pointer (&self->cr, cairo_destroy);
  self->cr = cr;
  self->palette = palette;
}

void
fluo_painter_end (FluoPainter *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->cr, cairo_destroy);
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

/* --- Text ---------------------------------------------------------------- */

static PangoLayout *
new_layout (FluoPainter *self,
            FluoFont     font)
{
  PangoLayout *layout;
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoFontDescription *description = pango_font_description_new ();

  ensure_context (self);
  layout = pango_layout_new (self->context);
  /* Text begins where it is put, whichever way its letters run. */
  pango_layout_set_auto_dir (layout, FALSE);
  pango_font_description_set_family (description, self->families[font.family == FLUO_FONT_MONO]);
  pango_font_description_set_absolute_size (description, MAX (font.size_px, 1.0) * PANGO_SCALE);
  pango_font_description_set_weight (description, font.weight > 0 ? (PangoWeight) font.weight
                                                                   : PANGO_WEIGHT_NORMAL);
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
  const TextEntry key = { .text = (char *) (text ? text : ""),
                          .font = font,
                          .max_width = max_width };
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

char *
fluo_paint_dup_sentence (const FluoSentence *sentence,
                         gsize               chars_max,
                         PangoAttrList      *attributes)
{
  GString *text = g_string_new (NULL);
  guint at = 0;
  const gsize length = strlen (sentence->text);

  for (guint i = 0; i <= (sentence->bold ? sentence->bold->len : 0); i++)
    {
      const gboolean last = !sentence->bold || i == sentence->bold->len;
      const FluoSentenceRange range =
        last ? (FluoSentenceRange) { (guint) length, 0 }
             : g_array_index (sentence->bold, FluoSentenceRange, i);
      g_autofree char *plain = NULL;
      g_autofree char *bold = NULL;
      g_autofree char *safe_plain = NULL;
      g_autofree char *safe_bold = NULL;
      PangoAttribute *weight;

      if (range.start < at || range.start + range.length > length)
        continue;
      plain = g_strndup (sentence->text + at, range.start - at);
      bold = g_strndup (sentence->text + range.start, range.length);
      safe_plain = fluo_format_untrusted (plain, chars_max);
      safe_bold = fluo_format_untrusted (bold, chars_max);
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
  text = fluo_paint_dup_sentence (sentence, SENTENCE_CHARS_MAX, attributes);
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
