/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "draw/fluo-export-private.h"

/* An image of this many px takes 1 GiB; what is larger is a mistake rather than a picture. */
#define IMAGE_PIXELS_MAX (256.0 * 1024 * 1024)
#define PT_PER_PX 0.75
#define A4_WIDTH_PT 841.89
#define A4_HEIGHT_PT 595.28
#define A4_MARGIN_PT 28.0
#define TEMPORARY_TRIES 16

G_DEFINE_QUARK (fluo-export-error-quark, fluo_export_error)

static cairo_status_t
append_cb (void *closure, const unsigned char *data, unsigned int length)
{
  GByteArray *bytes = closure;

  if (length > G_MAXUINT - bytes->len - 1)
    return CAIRO_STATUS_WRITE_ERROR;
  g_byte_array_append (bytes, data, length);

  return CAIRO_STATUS_SUCCESS;
}

static gboolean
check_status (cairo_status_t status, GError **error)
{
  if (status == CAIRO_STATUS_SUCCESS)
    return TRUE;

  g_set_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_DRAW,
               _("the picture could not be drawn: %s"), cairo_status_to_string (status));

  return FALSE;
}

/* FALSE: who asked does not want it any more. */
static gboolean
go_on (const FluoExportPicture *picture, guint n_done)
{
  return picture->progress == NULL ||
         picture->progress (n_done, MAX (1, picture->n_pages), picture->progress_data);
}

static gboolean
set_stopped (GError **error)
{
  g_set_error_literal (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_STOPPED,
                       _("the export was stopped"));

  return FALSE;
}

static FluoPainter *
begin_painter (const FluoExportPicture *picture, cairo_t *cr)
{
  FluoPainter *painter = fluo_painter_new ();

  if (picture->sans != NULL || picture->mono != NULL)
    fluo_painter_set_families (painter, picture->sans, picture->mono);
  fluo_painter_begin (painter, cr, fluo_palette_get (FLUO_PALETTE_PRINT));

  return painter;
}

static void
paint_white (cairo_t *cr)
{
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
}

static gboolean
draw_png (const FluoExportPicture *picture, FluoExportDrawFunc func, gpointer user_data,
          GByteArray *bytes, GError **error)
{
  double scale = picture->scale > 0 ? MIN (picture->scale, FLUO_EXPORT_SCALE_MAX) : 1;
  double width = ceil (picture->width * scale), height = ceil (picture->height * scale);
  g_autoptr (FluoPainter) painter = NULL;
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;

  if (width > FLUO_EXPORT_SIDE_MAX || height > FLUO_EXPORT_SIDE_MAX ||
      width * height > IMAGE_PIXELS_MAX)
    {
      g_set_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_SIZE,
                   _("the picture would be %.0f x %.0f px; choose PDF or a smaller scale"), width,
                   height);
      return FALSE;
    }

  surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, (int) height);
  cr = cairo_create (surface);
  paint_white (cr);
  cairo_scale (cr, scale, scale);
  painter = begin_painter (picture, cr);
  func (painter, 0, picture->width, picture->height, user_data);
  status = cairo_status (cr);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, append_cb, bytes);
  g_clear_pointer (&painter, fluo_painter_free);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);

  return check_status (status, error);
}

static gboolean
draw_svg (const FluoExportPicture *picture, FluoExportDrawFunc func, gpointer user_data,
          GByteArray *bytes, GError **error)
{
  g_autoptr (FluoPainter) painter = NULL;
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;

  surface = cairo_svg_surface_create_for_stream (append_cb, bytes, picture->width, picture->height);
  cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
  cr = cairo_create (surface);
  paint_white (cr);
  painter = begin_painter (picture, cr);
  func (painter, 0, picture->width, picture->height, user_data);
  g_clear_pointer (&painter, fluo_painter_free);
  status = cairo_status (cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);

  return check_status (status, error);
}

static gboolean
draw_pdf (const FluoExportPicture *picture, FluoExportDrawFunc func, gpointer user_data,
          GByteArray *bytes, GError **error)
{
  double width = picture->fit_a4 ? A4_WIDTH_PT : picture->width * PT_PER_PX;
  double height = picture->fit_a4 ? A4_HEIGHT_PT : picture->height * PT_PER_PX;
  double scale = PT_PER_PX;
  g_autoptr (FluoPainter) painter = NULL;
  cairo_surface_t *surface;
  cairo_status_t status;
  gboolean stopped = FALSE;
  cairo_t *cr;

  if (picture->fit_a4)
    scale = MIN (scale, MIN ((width - 2 * A4_MARGIN_PT) / picture->width,
                             (height - 2 * A4_MARGIN_PT) / picture->height));

  surface = cairo_pdf_surface_create_for_stream (append_cb, bytes, width, height);
  if (picture->title != NULL)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, picture->title);
  cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Fluoroscope " FLUO_VERSION);
  cr = cairo_create (surface);
  painter = begin_painter (picture, cr);
  for (guint page = 0; page < MAX (1, picture->n_pages); page++)
    {
      stopped = page > 0 && !go_on (picture, page);
      if (stopped)
        break;
      cairo_save (cr);
      if (picture->fit_a4)
        cairo_translate (cr, (width - picture->width * scale) / 2,
                         (height - picture->height * scale) / 2);
      cairo_scale (cr, scale, scale);
      func (painter, page, picture->width, picture->height, user_data);
      cairo_restore (cr);
      cairo_show_page (cr);
    }
  g_clear_pointer (&painter, fluo_painter_free);
  status = cairo_status (cr);
  cairo_destroy (cr);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);

  return stopped ? set_stopped (error) : check_status (status, error);
}

GBytes *
fluo_export_surface_to_bytes (FluoExportFormat format, const FluoExportPicture *picture,
                              FluoExportDrawFunc func, gpointer user_data, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gboolean drawn;

  g_return_val_if_fail (picture != NULL && func != NULL, NULL);

  if (!(picture->width >= 1) || !(picture->height >= 1))
    {
      g_set_error_literal (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_EMPTY,
                           _("there is nothing to draw"));
      return NULL;
    }
  if (picture->width > FLUO_EXPORT_SIDE_MAX || picture->height > FLUO_EXPORT_SIDE_MAX)
    {
      g_set_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_SIZE,
                   _("the picture would be %.0f x %.0f px; at most %d are drawn"), picture->width,
                   picture->height, FLUO_EXPORT_SIDE_MAX);
      return NULL;
    }

  if (!go_on (picture, 0))
    return set_stopped (error), NULL;
  switch (format)
    {
    case FLUO_EXPORT_PDF:
      drawn = draw_pdf (picture, func, user_data, bytes, error);
      break;
    case FLUO_EXPORT_SVG:
      drawn = draw_svg (picture, func, user_data, bytes, error);
      break;
    case FLUO_EXPORT_PNG:
    default:
      drawn = draw_png (picture, func, user_data, bytes, error);
      break;
    }

  if (drawn && !go_on (picture, MAX (1, picture->n_pages)))
    drawn = set_stopped (error);

  return drawn ? g_byte_array_free_to_bytes (g_steal_pointer (&bytes)) : NULL;
}

cairo_surface_t *
fluo_export_surface_preview (const FluoExportPicture *picture, FluoExportDrawFunc func,
                             gpointer user_data, int width, GError **error)
{
  double scale = CLAMP (width, 16, FLUO_EXPORT_SIDE_MAX / 2) / picture->width;
  cairo_surface_t *surface = cairo_image_surface_create (
    CAIRO_FORMAT_ARGB32, (int) ceil (picture->width * scale), (int) ceil (picture->height * scale));
  cairo_t *cr = cairo_create (surface);
  g_autoptr (FluoPainter) painter = NULL;

  paint_white (cr);
  cairo_scale (cr, scale, scale);
  painter = begin_painter (picture, cr);
  func (painter, 0, picture->width, picture->height, user_data);
  if (!check_status (cairo_status (cr), error))
    g_clear_pointer (&surface, cairo_surface_destroy);
  g_clear_pointer (&painter, fluo_painter_free);
  cairo_destroy (cr);

  return surface;
}

gboolean
fluo_export_surface (FluoExportFormat format, const FluoExportPicture *picture,
                     FluoExportDrawFunc func, gpointer user_data, const char *path, GError **error)
{
  g_autoptr (GBytes) bytes = fluo_export_surface_to_bytes (format, picture, func, user_data, error);

  return bytes != NULL && fluo_export_write (path, bytes, error);
}

/* --- Files ------------------------------------------------------------------------------------ */

static gboolean
write_all (int fd, const char *data, gsize length)
{
  while (length > 0)
    {
      gssize written = write (fd, data, MIN (length, G_MAXSSIZE));

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return FALSE;
      data += written;
      length -= (gsize) written;
    }

  return TRUE;
}

static void
set_write_error (GError **error, const char *path, int code)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, FLUO_EXPORT_ERROR, FLUO_EXPORT_ERROR_WRITE,
               _("\"%s\" could not be written: %s"), name, g_strerror (code));
}

gboolean
fluo_export_write (const char *path, GBytes *bytes, GError **error)
{
  g_autofree char *directory = NULL, *temporary = NULL;
  gconstpointer data;
  gsize length;
  int fd = -1;

  g_return_val_if_fail (path != NULL && bytes != NULL, FALSE);

  if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    {
      set_write_error (error, path, EISDIR);
      return FALSE;
    }

  directory = g_path_get_dirname (path);
  data = g_bytes_get_data (bytes, &length);
  for (guint i = 0; i < TEMPORARY_TRIES && fd < 0; i++)
    {
      g_free (temporary);
      temporary = g_strdup_printf ("%s/.fluoroscope-%08x.part", directory, g_random_int ());
      fd = g_open (temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
      if (fd < 0 && errno != EEXIST)
        break;
    }

  if (fd < 0)
    {
      set_write_error (error, path, errno);
      return FALSE;
    }

  if (!write_all (fd, data, length) || fsync (fd) != 0)
    {
      set_write_error (error, path, errno);
      close (fd);
      g_unlink (temporary);
      return FALSE;
    }
  if (close (fd) != 0 || g_rename (temporary, path) != 0)
    {
      set_write_error (error, path, errno);
      g_unlink (temporary);
      return FALSE;
    }

  return TRUE;
}

gboolean
fluo_export_format_from_path (const char *path, FluoExportFormat *ret_format)
{
  static const char *const endings[] = {
    [FLUO_EXPORT_PNG] = ".png", [FLUO_EXPORT_PDF] = ".pdf", [FLUO_EXPORT_SVG] = ".svg",
    [FLUO_EXPORT_MARKDOWN] = ".md"
  };
  gsize length = strlen (path);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (length > strlen (endings[i]) &&
        g_ascii_strcasecmp (path + length - strlen (endings[i]), endings[i]) == 0)
      {
        *ret_format = i;
        return TRUE;
      }

  return FALSE;
}
