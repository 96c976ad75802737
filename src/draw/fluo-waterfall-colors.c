/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <math.h>

#include "core/fluo-format.h"
#include "draw/fluo-waterfall-rows-private.h"

/* What the colours of bars and frames mean, in the waterfall, the flame graph and on paper alike,
 * and the key that says so. */

#define KEY_WIDTH 20
#define KEY_GAP 6
#define SCALE_WIDTH 72
#define SCALE_STEPS 12
#define LABEL_CHARS_MAX 28

/* --- Numbers ---------------------------------------------------------------------------------- */

static void
number_versions (FluoWaterfallRows *self)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  self->versions = g_new0 (guint, MAX (self->n_services, 1));
  for (guint i = 0; i < self->n_services; i++)
    {
      const char *version = services[i].version;

      if (version == NULL)
        continue;
      self->versions[i] = GPOINTER_TO_UINT (g_hash_table_lookup (known, version));
      if (self->versions[i] != 0)
        continue;
      self->versions[i] = g_hash_table_size (known) + 1;
      g_hash_table_insert (known, (gpointer) version, GUINT_TO_POINTER (self->versions[i]));
    }
}

/* A kind has the same colour in every trace, as long as no other of this trace has it. */
static void
number_kinds (FluoWaterfallRows *self)
{
  const FluoTraceService *services = fluo_trace_get_services (self->trace, NULL);
  gboolean used[FLUO_N_SERVICE_COLORS] = { FALSE }, known[FLUO_N_KINDS] = { FALSE };

  for (guint i = 0; i < self->n_services; i++)
    {
      guint kind = MIN ((guint) services[i].kind, FLUO_N_KINDS - 1);
      guint color = kind % FLUO_N_SERVICE_COLORS;

      if (known[kind])
        continue;
      known[kind] = TRUE;
      for (guint n = 0; n < FLUO_N_SERVICE_COLORS && used[color]; n++)
        color = (color + 1) % FLUO_N_SERVICE_COLORS;
      used[color] = TRUE;
      self->kinds[kind] = (guint8) color;
    }
}

void
fluo_waterfall_rows_number_colors (FluoWaterfallRows *self)
{
  number_versions (self);
  number_kinds (self);
}

static guint
get_version (FluoWaterfallRows *self, guint32 service)
{
  return service < self->n_services ? self->versions[service] : 0;
}

/* --- Colours ---------------------------------------------------------------------------------- */

FluoColor
fluo_waterfall_get_color (const FluoPalette *palette, guint color)
{
  return palette->service[color % FLUO_N_SERVICE_COLORS];
}

static FluoColor
kind_color (const FluoPalette *palette, FluoWaterfallRows *rows, guint kind)
{
  return fluo_waterfall_get_color (palette, rows->kinds[MIN (kind, FLUO_N_KINDS - 1)]);
}

/* The root of the share, so that a tenth can be told from nothing. */
FluoColor
fluo_waterfall_share_color (const FluoPalette *palette, double share)
{
  return fluo_color_over (palette->status[FLUO_STATUS_FAULT].mark, sqrt (CLAMP (share, 0, 1)),
                          palette->bar_rest);
}

FluoColor
fluo_waterfall_span_color (const FluoPalette *palette, FluoWaterfallRows *rows,
                           FluoWaterfallColor by, guint32 index)
{
  FluoTrace *trace = fluo_waterfall_rows_get_trace (rows);
  const FluoSpan *spans = fluo_trace_get_spans (trace, NULL), *span = &spans[index];
  gint64 response = fluo_trace_get_response_ns (trace);
  const FluoTraceService *services;
  guint n, version;

  switch (by)
    {
    case FLUO_WATERFALL_COLOR_STATUS:
      return palette->status[MIN (spans[fluo_spans_failing (spans, index)].status,
                                  FLUO_N_STATUSES - 1)].mark;
    case FLUO_WATERFALL_COLOR_KIND:
      services = fluo_trace_get_services (trace, &n);
      return span->service < n ? kind_color (palette, rows, services[span->service].kind)
                               : palette->bar_rest;
    case FLUO_WATERFALL_COLOR_OWN:
      return fluo_waterfall_share_color (
        palette, response > 0 ? (double) span->self_ns / (double) response : 0);
    case FLUO_WATERFALL_COLOR_VERSION:
      version = get_version (rows, span->service);
      return version > 0 ? fluo_waterfall_get_color (palette, version - 1) : palette->bar_rest;
    case FLUO_WATERFALL_COLOR_SERVICE:
    case FLUO_N_WATERFALL_COLORS:
    default:
      return fluo_waterfall_get_color (palette,
                                       fluo_waterfall_rows_get_color (rows, span->service));
    }
}

FluoColor
fluo_waterfall_bar_color (FluoPainter *painter, const FluoWaterfallLayout *layout, guint32 index)
{
  return fluo_waterfall_span_color (fluo_painter_get_palette (painter), layout->rows,
                                    layout->view.color, index);
}

/* --- Key -------------------------------------------------------------------------------------- */

static void
key_clear (gpointer data)
{
  g_free (((FluoWaterfallKey *) data)->text);
}

static void
add (GArray *keys, FluoColor color, const char *text)
{
  FluoWaterfallKey key = { color, text != NULL ? fluo_format_untrusted (text, LABEL_CHARS_MAX)
                                               : NULL };

  g_array_append_val (keys, key);
}

static void
list_kinds (GArray *keys, const FluoPalette *palette, FluoWaterfallRows *rows)
{
  const FluoTraceService *services = fluo_trace_get_services (rows->trace, NULL);
  gboolean seen[FLUO_N_KINDS] = { FALSE };

  for (guint i = 0; i < rows->n_services; i++)
    {
      guint kind = MIN ((guint) services[i].kind, FLUO_N_KINDS - 1);
      g_autofree char *label = NULL;

      if (seen[kind])
        continue;
      seen[kind] = TRUE;
      label = fluo_kind_dup_label (services[i].type, services[i].name);
      add (keys, kind_color (palette, rows, kind), label);
    }
}

/* "payments 1.42.0", or without a name when several services have that version. */
static char *
dup_version (FluoWaterfallRows *rows, guint service)
{
  const FluoTraceService *services = fluo_trace_get_services (rows->trace, NULL);

  for (guint i = 0; i < rows->n_services; i++)
    if (i != service && rows->versions[i] == rows->versions[service])
      return g_strdup (services[service].version);

  return g_strdup_printf (
    "%s %s", fluo_kind_get_display_name (services[service].type, services[service].name),
    services[service].version);
}

static void
list_versions (GArray *keys, const FluoPalette *palette, FluoWaterfallRows *rows)
{
  guint seen = 0;
  gboolean unknown = FALSE;

  for (guint i = 0; i < rows->n_services; i++)
    {
      g_autofree char *label = NULL;

      unknown |= rows->versions[i] == 0;
      /* They are numbered in the order of this walk. */
      if (rows->versions[i] <= seen)
        continue;
      seen = rows->versions[i];
      label = dup_version (rows, i);
      add (keys, fluo_waterfall_get_color (palette, seen - 1), label);
    }
  if (unknown)
    add (keys, palette->bar_rest, _("version unknown"));
}

GArray *
fluo_waterfall_list_colors (const FluoPalette *palette, FluoWaterfallRows *rows,
                            FluoWaterfallColor by)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (FluoWaterfallKey));

  g_array_set_clear_func (keys, key_clear);
  switch (by)
    {
    case FLUO_WATERFALL_COLOR_STATUS:
      for (guint i = 0; i < FLUO_N_STATUSES; i++)
        add (keys, palette->status[i].mark, fluo_status_to_label (i));
      break;
    case FLUO_WATERFALL_COLOR_KIND:
      list_kinds (keys, palette, rows);
      break;
    case FLUO_WATERFALL_COLOR_OWN:
      add (keys, palette->bar_rest, NULL);
      break;
    case FLUO_WATERFALL_COLOR_VERSION:
      list_versions (keys, palette, rows);
      break;
    case FLUO_WATERFALL_COLOR_SERVICE:
    case FLUO_N_WATERFALL_COLORS:
    default:
      break;
    }

  return keys;
}

/* From grey to red, with its ends in words. */
static double
draw_scale (FluoPainter *painter, double size_px, double x, double y, double limit)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const char *text = _("of the trace is own work");
  FluoFont font = FLUO_FIGURES (size_px, 400);
  double from = fluo_painter_measure (painter, "0%", font) + KEY_GAP;
  double to = fluo_painter_measure (painter, "100%", font) + KEY_GAP;
  double words = fluo_painter_measure (painter, text, font);

  if (x + from + SCALE_WIDTH + KEY_GAP + to + words > limit)
    return x;

  fluo_painter_text (painter, x, y + size_px * 0.35, "0%", font, palette->fg2, FLUO_ALIGN_START, 0,
                     NULL);
  x += from;
  for (guint i = 0; i < SCALE_STEPS; i++)
    fluo_waterfall_fill (painter, x + i * SCALE_WIDTH / (double) SCALE_STEPS, y - 5,
                         SCALE_WIDTH / (double) SCALE_STEPS, 10,
                         fluo_waterfall_share_color (palette, i / (SCALE_STEPS - 1.0)));
  x += SCALE_WIDTH + KEY_GAP;
  fluo_painter_text (painter, x, y + size_px * 0.35, "100%", font, palette->fg2, FLUO_ALIGN_START,
                     0, NULL);
  fluo_painter_text (painter, x + to, y + size_px * 0.35, text, font, palette->fg2,
                     FLUO_ALIGN_START, 0, NULL);

  return x + to + words + KEY_WIDTH;
}

double
fluo_waterfall_draw_color_key (FluoPainter *painter, FluoWaterfallRows *rows,
                               FluoWaterfallColor by, double size_px, double x, double y,
                               double limit)
{
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  g_autoptr (GArray) keys = fluo_waterfall_list_colors (palette, rows, by);
  FluoFont font = FLUO_SANS (size_px, 400);

  if (by == FLUO_WATERFALL_COLOR_OWN)
    return draw_scale (painter, size_px, x, y, limit);

  for (guint i = 0; i < keys->len; i++)
    {
      const FluoWaterfallKey *key = &g_array_index (keys, FluoWaterfallKey, i);
      double width = KEY_WIDTH + KEY_GAP + fluo_painter_measure (painter, key->text, font);
      g_autofree char *more = g_strdup_printf ("+%u", keys->len - i);
      double rest = i + 1 < keys->len ? fluo_painter_measure (painter, more, font) + KEY_WIDTH : 0;

      if (x + width + rest > limit)
        return x + fluo_painter_text (painter, x, y + size_px * 0.35, more, font, palette->fg2,
                                      FLUO_ALIGN_START, 0, NULL) +
               KEY_WIDTH;
      fluo_painter_rounded (painter, x, y - 5, KEY_WIDTH, 10, 2);
      fluo_color_set (fluo_painter_get_cr (painter), key->color);
      cairo_fill (fluo_painter_get_cr (painter));
      fluo_painter_text (painter, x + KEY_WIDTH + KEY_GAP, y + size_px * 0.35, key->text, font,
                         palette->fg2, FLUO_ALIGN_START, 0, NULL);
      x += width + KEY_WIDTH;
    }

  return x;
}
