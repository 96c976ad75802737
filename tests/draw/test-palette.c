/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "core/fluo-kind.h"
#include "draw/fluo-icon-table.h"
#include "draw/fluo-paint.h"

#define assert_ratio(color, expected)                                                             \
  g_assert_cmpfloat_with_epsilon (fluo_color_contrast ((color), palette->view), (expected), .051)

/* The ratios printed in the design's colour tables, against the view's background. */
static void
test_contrast (void)
{
  static const double services[2][FLUO_N_SERVICE_COLORS] = {
    { 5.8, 3.0, 3.1, 5.1, 9.2, 3.2, 5.9, 4.3, 9.8, 4.0, 9.8, 7.9 },
    { 5.9, 10.6, 9.9, 6.8, 3.8, 11.0, 5.4, 8.0, 3.6, 8.0, 3.6, 4.4 },
  };
  static const double marks[2][FLUO_N_STATUSES] = { { 3.6, 5.3, 3.8, 5.2, 6.3 },
                                                    { 6.6, 7.6, 9.0, 7.5, 6.0 } };
  static const double texts[2][FLUO_N_STATUSES] = { { 5.9, 5.3, 6.2, 6.6, 6.3 },
                                                    { 8.8, 7.6, 9.0, 8.5, 6.9 } };
  static const double others[2][7] = { { 13.3, 6.6, 4.7, 6.1, 3.1, 3.3, 5.0 },
                                       { 15.3, 8.9, 6.0, 8.7, 4.0, 3.6, 9.3 } };

  for (guint dark = 0; dark < 2; dark++)
    {
      const FluoPalette *palette = fluo_palette_get (dark ? FLUO_PALETTE_DARK : FLUO_PALETTE_LIGHT);

      g_assert_cmpint (!!palette->dark, ==, dark);
      for (guint i = 0; i < FLUO_N_SERVICE_COLORS; i++)
        assert_ratio (palette->service[i], services[dark][i]);
      for (guint i = 0; i < FLUO_N_STATUSES; i++)
        {
          assert_ratio (palette->status[i].mark, marks[dark][i]);
          assert_ratio (palette->status[i].text, texts[dark][i]);
        }
      assert_ratio (palette->fg, others[dark][0]);
      assert_ratio (palette->fg2, others[dark][1]);
      assert_ratio (palette->fg3, others[dark][2]);
      assert_ratio (palette->accent_text, others[dark][3]);
      assert_ratio (palette->bar_base, others[dark][4]);
      assert_ratio (palette->edge, others[dark][5]);
      assert_ratio (palette->metric, others[dark][6]);
    }
}

/* Text needs 4.5 and meaning needs 3, in every palette. */
static void
test_floor (void)
{
  for (guint kind = 0; kind < FLUO_N_PALETTES; kind++)
    {
      const FluoPalette *palette = fluo_palette_get (kind);

      g_assert_cmpfloat (fluo_color_contrast (palette->fg, palette->view), >=, 4.5);
      g_assert_cmpfloat (fluo_color_contrast (palette->fg2, palette->view), >=, 4.5);
      g_assert_cmpfloat (fluo_color_contrast (palette->fg3, palette->view), >=, 4.5);
      for (guint i = 0; i < FLUO_N_STATUSES; i++)
        {
          g_assert_cmpfloat (fluo_color_contrast (palette->status[i].mark, palette->view), >=, 3);
          g_assert_cmpfloat (fluo_color_contrast (palette->status[i].text, palette->view), >=, 4.5);
        }
    }
  g_assert_cmpfloat (fluo_palette_get (FLUO_PALETTE_LIGHT_CONTRAST)->line.alpha, ==, .5f);
  g_assert_cmpfloat (fluo_palette_get (FLUO_PALETTE_PRINT)->window.green, ==, 1);
}

/* A label inside a bar can be read on every service's colour. */
static void
test_text_on_services (void)
{
  for (guint kind = 0; kind < FLUO_N_PALETTES; kind++)
    {
      const FluoPalette *palette = fluo_palette_get (kind);

      for (guint i = 0; i < FLUO_N_SERVICE_COLORS; i++)
        {
          const FluoColor text = fluo_palette_get_text_on (palette, palette->service[i]);

          g_assert_cmpfloat (fluo_color_contrast (text, palette->service[i]), >=, 4.5);
        }
      for (guint i = 0; i < 256; i++)
        {
          const FluoColor grey = { i / 255.f, i / 255.f, i / 255.f, 1 };
          const FluoColor text = fluo_palette_get_text_on (palette, grey);

          g_assert_cmpfloat (fluo_color_contrast (text, grey), >=, 4.5);
        }
    }
  g_assert_cmpfloat_with_epsilon (
    fluo_color_contrast ((FluoColor) { 0, 0, 0, 1 }, (FluoColor) { 1, 1, 1, 1 }), 21, 1e-6);
}

static void
test_service_colors (void)
{
  g_autoptr (FluoServiceColors) colors = fluo_service_colors_new ();
  g_autoptr (FluoServiceColors) loaded = fluo_service_colors_new ();
  g_auto (GStrv) saved = NULL;

  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", "AWS::ECS::Container"), ==, 0);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==, 1);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", "AWS::Lambda"), ==, 2);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", "AWS::ECS::Container"), ==, 0);
  saved = fluo_service_colors_save (colors);
  g_assert_cmpuint (g_strv_length (saved), ==, 3);
  fluo_service_colors_load (loaded, (const char *const *) saved);
  g_assert_cmpuint (fluo_service_colors_lookup (loaded, "payments", "AWS::Lambda"), ==, 2);
  g_assert_cmpuint (fluo_service_colors_lookup (loaded, "new", NULL), ==, 3);
  /* Never fails, however many there are. */
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *name = g_strdup_printf ("service %u", i);

      fluo_service_colors_lookup (loaded, name, NULL);
    }
}

static void
count_cb (guint *n)
{
  (*n)++;
}

/* What is chosen for one changes no other, whether it is there already or comes later. */
static void
test_chosen_colors (void)
{
  g_autoptr (FluoServiceColors) colors = fluo_service_colors_new ();
  g_autoptr (FluoServiceColors) copy = NULL, loaded = fluo_service_colors_new ();
  g_auto (GStrv) order = NULL, choices = NULL, again = NULL;
  guint n_changed = 0;

  g_signal_connect_swapped (colors, "changed", G_CALLBACK (count_cb), &n_changed);
  fluo_service_colors_lookup (colors, "checkout", NULL);
  fluo_service_colors_lookup (colors, "payments", NULL);
  g_assert_cmpuint (n_changed, ==, 0);
  g_assert_true (fluo_service_colors_choose (colors, "checkout", NULL, 7));
  g_assert_true (fluo_service_colors_choose (colors, "later", "AWS::Lambda", 7));
  g_assert_false (fluo_service_colors_choose (colors, "later", "AWS::Lambda", 7));
  g_assert_cmpuint (n_changed, ==, 2);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", NULL), ==, 7);
  g_assert_cmpuint (fluo_service_colors_get_automatic (colors, "checkout", NULL), ==, 0);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "payments", NULL), ==, 1);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "stock", NULL), ==, 2);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "later", "AWS::Lambda"), ==, 7);
  /* The map has one node of Lambda's two entries. */
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "later", "AWS::Lambda::Function"), ==, 7);
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "later", NULL), ==, 5);

  copy = fluo_service_colors_copy (colors);
  order = fluo_service_colors_save (colors);
  choices = fluo_service_colors_save_choices (colors);
  fluo_service_colors_load (loaded, (const char *const *) order);
  g_assert_cmpuint (fluo_service_colors_load_choices (loaded, (const char *const *) choices), ==,
                    0);
  g_assert_true (fluo_service_colors_choose (colors, "checkout", NULL,
                                             FLUO_SERVICE_COLOR_AUTOMATIC));
  g_assert_cmpuint (fluo_service_colors_lookup (colors, "checkout", NULL), ==, 0);
  g_assert_cmpuint (fluo_service_colors_lookup (copy, "checkout", NULL), ==, 7);
  g_assert_cmpuint (fluo_service_colors_lookup (copy, "stock", NULL), ==, 2);
  g_assert_cmpuint (fluo_service_colors_lookup (loaded, "checkout", NULL), ==, 7);
  again = fluo_service_colors_save_choices (copy);
  g_assert_cmpuint (g_strv_length (again), ==, 2);
  g_assert_true (g_strv_equal ((const char *const *) choices, (const char *const *) again));
}

static void
test_color_names (void)
{
  for (guint i = 0; i < FLUO_N_SERVICE_COLORS; i++)
    {
      g_assert_cmpuint (fluo_service_color_from_id (fluo_service_color_to_id (i)), ==, i);
      for (guint k = 0; k < i; k++)
        g_assert_cmpstr (fluo_service_color_to_label (i), !=, fluo_service_color_to_label (k));
    }
  g_assert_cmpuint (fluo_service_color_from_id ("beige"), ==, FLUO_SERVICE_COLOR_AUTOMATIC);
  g_assert_cmpuint (fluo_service_color_from_id (""), ==, FLUO_SERVICE_COLOR_AUTOMATIC);
  g_assert_cmpuint (fluo_service_color_from_id (NULL), ==, FLUO_SERVICE_COLOR_AUTOMATIC);
}

static void
test_icons_complete (void)
{
  static const char *const wanted[] = { "find",  "fit",   "status-fault", "status-ok",
                                        "close", "route", "plus" };

  g_assert_cmpuint (fluo_icon_table_length, >=, 70);
  for (guint i = 0; i < fluo_icon_table_length; i++)
    {
      const FluoIconPath *icon = &fluo_icon_table[i];
      guint n = 0;

      if (i > 0)
        g_assert_cmpstr (icon->name, >, fluo_icon_table[i - 1].name);
      g_assert_cmpint (icon->commands[0], ==, 'M');
      for (const char *c = icon->commands; *c; c++)
        n += *c == 'C' ? 6 : *c == 'Z' ? 0 : 2;
      for (guint k = 0; k < n; k++)
        {
          g_assert_cmpfloat (icon->points[k], >=, -1);
          g_assert_cmpfloat (icon->points[k], <=, 17);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (wanted) + FLUO_N_KINDS; i++)
    {
      const char *name = i < G_N_ELEMENTS (wanted) ? wanted[i]
                                                   : fluo_kind_get_icon (i - G_N_ELEMENTS (wanted));
      gboolean found = FALSE;

      for (guint k = 0; k < fluo_icon_table_length; k++)
        found |= g_str_equal (fluo_icon_table[k].name, name);
      if (!found)
        g_error ("there is no icon \"%s\"", name);
    }
}

static guint
count_pixels (cairo_surface_t *surface,
              FluoColor        color)
{
  const guchar *data;
  guint n = 0;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (int y = 0; y < cairo_image_surface_get_height (surface); y++)
    for (int x = 0; x < cairo_image_surface_get_width (surface); x++)
      {
        const guint32 pixel =
          ((const guint32 *) (data + y * cairo_image_surface_get_stride (surface)))[x];

        n += ABS ((int) (pixel >> 16 & 0xff) - (int) lround (color.red * 255)) <= 2 &&
             ABS ((int) (pixel >> 8 & 0xff) - (int) lround (color.green * 255)) <= 2 &&
             ABS ((int) (pixel & 0xff) - (int) lround (color.blue * 255)) <= 2;
      }
  return n;
}

/* A status is told by its shape and its pattern, too, so two statuses never give the same pixels in
 * one colour. */
static void
test_statuses_draw (void)
{
  const FluoPalette *palette = fluo_palette_get (FLUO_PALETTE_LIGHT);
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  guint shapes[FLUO_N_STATUSES];
  guint fills[FLUO_N_STATUSES];

  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    for (guint fill = 0; fill < 2; fill++)
      {
        cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 64, 64);
        cairo_t *cr = cairo_create (surface);

        fluo_painter_begin (painter, cr, palette);
        fluo_color_set (cr, palette->view);
        cairo_paint (cr);
        if (fill)
          {
            cairo_rectangle (cr, 0, 0, 64, 64);
            fluo_painter_fill_status (painter, i);
            g_assert_false (cairo_has_current_point (cr));
          }
        else
          fluo_painter_status (painter, i, 0, 0, 64, palette->view);
        *(fill ? &fills[i] : &shapes[i]) = count_pixels (surface, palette->status[i].mark);
        g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
        cairo_destroy (cr);
        cairo_surface_destroy (surface);
      }
  for (guint i = 0; i < FLUO_N_STATUSES; i++)
    for (guint k = 0; k < i; k++)
      g_assert_cmpint (ABS ((int) shapes[i] - (int) shapes[k]), >, 40);
  g_assert_cmpuint (fills[FLUO_STATUS_FAULT], ==, 64 * 64);
  g_assert_cmpuint (fills[FLUO_STATUS_ERROR], <, 64 * 64 / 2);
  g_assert_cmpuint (fills[FLUO_STATUS_ERROR], >, 64 * 64 / 8);
  g_assert_cmpuint (fills[FLUO_STATUS_THROTTLE], <, 64 * 64 * 9 / 10);
  g_assert_cmpuint (fills[FLUO_STATUS_THROTTLE], >, 64 * 64 / 4);
}

static void
test_text (void)
{
  const FluoFont font = { FLUO_FONT_SANS, 13, 400, TRUE };
  const FluoColor black = { 0, 0, 0, 1 };
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 200, 40);
  cairo_t *cr = cairo_create (surface);
  double width;

  fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
  /* Measuring and drawing agree, and figures are as wide as one another. */
  width = fluo_painter_measure (painter, "1,111", font);
  g_assert_cmpfloat (width, >, 15);
  g_assert_cmpfloat_with_epsilon (width, fluo_painter_measure (painter, "8,888", font), .01);
  g_assert_cmpfloat (
    fluo_painter_text (painter, 0, 20, "1,111", font, black, FLUO_ALIGN_START, 0, &black), ==,
    width);
  g_assert_cmpfloat (fluo_painter_text (painter, 0, 20, "a long text that is cut", font, black,
                                        FLUO_ALIGN_START, 60, NULL),
                     <=, 60);
  /* More texts than the cache holds, and things that are no text. */
  for (guint i = 0; i < 3000; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      fluo_painter_measure (painter, text, font);
    }
  g_assert_cmpfloat (fluo_painter_measure (painter, "1,111", font), ==, width);
  fluo_painter_text (painter, NAN, 20, "x", font, black, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, 0, 20, NULL, font, black, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, 0, 20, "\xff\xfe bad \x01 <b>&", font, black, FLUO_ALIGN_START, 0,
                     NULL);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

/* Every other part of a bar with round ends, wherever it is cut, fills what the bar does between
 * the cuts, and nothing beyond. */
static void
test_rounded_parts (void)
{
  static const double cuts[] = { 10, 11.5, 14, 17.25, 40, 62, 66.5, 69, 70 };
  cairo_surface_t *surfaces[2];
  g_autoptr (FluoPainter) painter = fluo_painter_new ();
  guint worst = 0;

  for (guint i = 0; i < 2; i++)
    {
      cairo_t *cr;

      surfaces[i] = cairo_image_surface_create (CAIRO_FORMAT_A8, 80, 32);
      cr = cairo_create (surfaces[i]);
      fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_LIGHT));
      for (guint k = 0; k + 1 < G_N_ELEMENTS (cuts); k += 2)
        if (i == 0)
          fluo_painter_rounded_part (painter, 10, 6, 60, 18, 7, cuts[k], cuts[k + 1]);
        else
          cairo_rectangle (cr, cuts[k], 0, cuts[k + 1] - cuts[k], 32);
      if (i == 1)
        {
          cairo_clip (cr);
          fluo_painter_rounded (painter, 10, 6, 60, 18, 7);
        }
      cairo_fill (cr);
      fluo_painter_end (painter);
      cairo_destroy (cr);
      cairo_surface_flush (surfaces[i]);
    }
  for (int k = 0; k < 32 * cairo_image_surface_get_stride (surfaces[0]); k++)
    worst = MAX (worst, (guint) abs (cairo_image_surface_get_data (surfaces[0])[k]
                                     - cairo_image_surface_get_data (surfaces[1])[k]));
  g_assert_cmpuint (worst, <=, 24);
  for (guint i = 0; i < 2; i++)
    cairo_surface_destroy (surfaces[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/palette/contrast", test_contrast);
  g_test_add_func ("/palette/floor", test_floor);
  g_test_add_func ("/palette/text-on-services", test_text_on_services);
  g_test_add_func ("/palette/service-colors", test_service_colors);
  g_test_add_func ("/palette/chosen-colors", test_chosen_colors);
  g_test_add_func ("/palette/color-names", test_color_names);
  g_test_add_func ("/paint/icons-complete", test_icons_complete);
  g_test_add_func ("/paint/statuses", test_statuses_draw);
  g_test_add_func ("/paint/text", test_text);
  g_test_add_func ("/paint/rounded-parts", test_rounded_parts);
  return g_test_run ();
}
