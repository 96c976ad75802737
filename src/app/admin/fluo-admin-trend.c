/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-trend.h"

#include <math.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-canvas.h"
#include "core/fluo-format.h"

#define WINDOW_NS (10 * FLUO_NSEC_PER_SEC)
/* Five minutes: what fits at 4 px each. */
#define N_WINDOWS 30

struct _FluoAdminTrend
{
  GtkBox parent_instance;

  guint64 requests[N_WINDOWS]; /* the last one is the newest */
  guint64 sampled[N_WINDOWS];
};

G_DEFINE_FINAL_TYPE (FluoAdminTrend, fluo_admin_trend, GTK_TYPE_BOX)

static void
draw_cb (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoAdminTrend *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double pitch = floor (width / N_WINDOWS), left = width - pitch * N_WINDOWS;
  guint64 max = 1;

  for (guint i = 0; i < N_WINDOWS; i++)
    max = MAX (max, self->requests[i]);
  fluo_color_set (cr, palette->line2);
  cairo_rectangle (cr, left, height - 1, width - left, 1);
  cairo_fill (cr);
  for (guint i = 0; i < N_WINDOWS; i++)
    {
      double all = ceil ((height - 2) * self->requests[i] / max);
      double part = ceil ((height - 2) * MIN (self->sampled[i], self->requests[i]) / max);

      fluo_color_set (cr, palette->bar_rest);
      cairo_rectangle (cr, left + i * pitch, height - 1 - all, pitch - 1, all);
      cairo_fill (cr);
      fluo_color_set (cr, palette->accent);
      cairo_rectangle (cr, left + i * pitch, height - 1 - part, pitch - 1, part);
      cairo_fill (cr);
    }
}

FluoAdminTotals
fluo_admin_trend_set (FluoAdminTrend *self, GPtrArray *counts, const char *rule)
{
  FluoAdminTotals totals = { 0 };
  gint64 end_ns = 0, begin_ns = G_MAXINT64;
  g_autofree char *requests = NULL, *sampled = NULL, *borrowed = NULL, *range = NULL, *text = NULL;

  g_return_val_if_fail (FLUO_IS_ADMIN_TREND (self), totals);
  for (guint i = 0; i < N_WINDOWS; i++)
    self->requests[i] = self->sampled[i] = 0;
  /* One axis for all rules. */
  for (guint i = 0; i < counts->len; i++)
    {
      const FluoSamplingCount *count = g_ptr_array_index (counts, i);

      end_ns = MAX (end_ns, count->begin_ns + WINDOW_NS);
      begin_ns = MIN (begin_ns, count->begin_ns);
    }
  for (guint i = 0; i < counts->len; i++)
    {
      const FluoSamplingCount *count = g_ptr_array_index (counts, i);
      gint64 back = (end_ns - count->begin_ns) / WINDOW_NS;

      if (!g_str_equal (count->rule, rule))
        continue;
      totals.requests += count->requests;
      totals.sampled += count->sampled;
      totals.borrowed += count->borrowed;
      if (back < 1 || back > N_WINDOWS)
        continue;
      self->requests[N_WINDOWS - back] += count->requests;
      self->sampled[N_WINDOWS - back] += count->sampled + count->borrowed;
    }
  requests = fluo_format_count (totals.requests);
  sampled = fluo_format_count (totals.sampled);
  borrowed = fluo_format_count (totals.borrowed);
  if (counts->len > 0)
    range = fluo_format_range ((FluoTimeSpan) { begin_ns, end_ns }, NULL);
  /* Translators: numbers, and a range of time, “14:17 to 14:32”. */
  text = totals.requests > 0
           ? g_strdup_printf (_("%s requests, %s sampled, %s borrowed, %s. The bars are ten "
                                "seconds each of the last five minutes"),
                              requests, sampled, borrowed, range)
           : g_strdup (_("No program has told of requests"));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_queue_draw (gtk_widget_get_first_child (GTK_WIDGET (self)));
  return totals;
}

static void
fluo_admin_trend_class_init (FluoAdminTrendClass *klass)
{
}

static void
fluo_admin_trend_init (FluoAdminTrend *self)
{
}

GtkWidget *
fluo_admin_trend_new (int width, int height)
{
  FluoAdminTrend *self = g_object_new (FLUO_TYPE_ADMIN_TREND, NULL);

  gtk_box_append (GTK_BOX (self), fluo_canvas_new (draw_cb, self, width, height));
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  return GTK_WIDGET (self);
}
