/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-lines.h"
#include "core/fluo-trace.h"
#include "draw/fluo-paint.h"
#include "draw/fluo-waterfall.h"

G_BEGIN_DECLS

/* Pictures for documents: one trace as a page, or any drawing as PNG, PDF or SVG. Always in the
 * print palette. Files are written beside their final name and renamed, so that a reader sees the
 * old one or the whole new one; a symbolic link at the final name is replaced, not followed. Any
 * thread, one at a time per trace and colours. */

typedef enum
{
  FLUO_EXPORT_PNG,
  FLUO_EXPORT_PDF,  /* A4 landscape, as many pages as needed, selectable text */
  FLUO_EXPORT_SVG,
  FLUO_EXPORT_MARKDOWN /* traces only: tables of the critical path and the slowest calls */
} FluoExportFormat;

typedef enum
{
  FLUO_EXPORT_ERROR_SIZE,   /* a side over FLUO_EXPORT_SIDE_MAX px */
  FLUO_EXPORT_ERROR_EMPTY,  /* nothing to draw */
  FLUO_EXPORT_ERROR_DRAW,   /* cairo could not draw it: out of memory */
  FLUO_EXPORT_ERROR_WRITE,  /* the file could not be written */
  FLUO_EXPORT_ERROR_STOPPED /* who asked for it does not want it any more */
} FluoExportError;

#define FLUO_EXPORT_ERROR (fluo_export_error_quark ())
GQuark fluo_export_error_quark (void);

/* Called before every page and at the end, on the thread that exports. FALSE stops the export:
 * there is no file then, or the one that was there. */
typedef gboolean (*FluoExportProgressFunc) (guint n_done, guint n_pages, gpointer user_data);

#define FLUO_EXPORT_SIDE_MAX 32000 /* cairo's image surfaces end at 32,767 px */
#define FLUO_EXPORT_SCALE_MAX 4

/* What is taken out of every text before it is drawn. */
typedef enum
{
  FLUO_REDACT_CARDS = 1 << 0, /* runs of 13 to 19 digits that pass the check for card numbers */
  FLUO_REDACT_TOKENS = 1 << 1, /* bearer tokens, access keys, long secrets in "token=", "key=",
                                  "password=" */
  FLUO_REDACT_EMAILS = 1 << 2,
  FLUO_REDACT_QUERIES = 1 << 3,  /* what follows the question mark of a URL */
  FLUO_REDACT_ADDRESSES = 1 << 4 /* IPv4 addresses */
} FluoRedact;

#define FLUO_REDACT_DEFAULT (FLUO_REDACT_CARDS | FLUO_REDACT_TOKENS)

/* Which of what the programs wrote is told. */
typedef enum
{
  FLUO_EXPORT_LINES_NONE,
  FLUO_EXPORT_LINES_ERRORS,
  FLUO_EXPORT_LINES_WARNINGS, /* and errors */
  FLUO_EXPORT_LINES_ALL
} FluoExportLines;

typedef struct
{
  FluoExportFormat   format;
  gboolean           visible_only; /* TRUE: only @visible of the trace's time, and the rows in it */
  FluoTimeSpan       visible;
  gboolean           fold;         /* long waits are folded */
  FluoWaterfallColor color;        /* what the colours of the bars mean */
  gboolean           flame;        /* a flame graph in place of the waterfall */
  double             flame_begin;  /* with visible_only: which part of its work, in ns */
  double             flame_length; /* 0 = all */
  FluoExportLines    lines;
  FluoTraceLines    *trace_lines;  /* log lines that were read; NULL: those of the documents */
  const char        *title;        /* NULL: "POST /checkout failed after 2.31 s" */
  const char        *event;        /* at the upper right: "Incident review"; NULL = none */
  double             scale;        /* PNG: px per CSS px, 1 to FLUO_EXPORT_SCALE_MAX; 0 = 1 */
  guint              redact;       /* FluoRedact bits */
  const char *const *redact_keys;  /* annotations to leave out, by key; NULL = none */
  gint64             usual_ns;     /* median of its kind; 0 = unknown */
  guint              n_usual;      /* of a comparison: B is the usual one of so many; 0 = chosen */
  FluoTimeSpan       range;        /* the range that was looked at; empty = not shown */
  FluoServiceColors *colors;       /* NULL: colours in order of appearance */
  const char        *sans, *mono;  /* font families; NULL = the usual ones */
  FluoExportProgressFunc progress; /* nullable */
  gpointer           progress_data;
} FluoExportOptions;

#define FLUO_EXPORT_OPTIONS_INIT { .scale = 1, .redact = FLUO_REDACT_DEFAULT }

/* The trace as a page to @path. FALSE with a FLUO_EXPORT_ERROR. */
gboolean fluo_export_trace (FluoTrace *trace, const FluoExportOptions *options, const char *path,
                            GError **error);
/* The same in memory. */
GBytes *fluo_export_trace_to_bytes (FluoTrace *trace, const FluoExportOptions *options,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The first page (what PNG shows) drawn @width px wide: a preview. cairo image surface, or NULL
 * with @error. */
cairo_surface_t *fluo_export_trace_preview (FluoTrace *trace, const FluoExportOptions *options,
                                            int width, GError **error);
guint    fluo_export_count_pages    (FluoTrace *trace, const FluoExportOptions *options);

/* Any drawing: @func draws page @page of @width x @height CSS px with a painter that has begun. */
typedef void (*FluoExportDrawFunc) (FluoPainter *painter, guint page, double width, double height,
                                    gpointer user_data);

typedef struct
{
  double      width, height; /* CSS px of one page */
  guint       n_pages;       /* 0 = 1; more than one only in PDF */
  double      scale;         /* PNG only; 0 = 1 */
  const char *title;         /* metadata of the PDF; NULL = none */
  const char *sans, *mono;
  gboolean    fit_a4;        /* PDF: scale the drawing to an A4 landscape page with margins */
  FluoExportProgressFunc progress; /* nullable */
  gpointer    progress_data;
} FluoExportPicture;

/* The service map goes through here with the size of its layout. */
gboolean fluo_export_surface (FluoExportFormat format, const FluoExportPicture *picture,
                              FluoExportDrawFunc func, gpointer user_data, const char *path,
                              GError **error);
GBytes *fluo_export_surface_to_bytes (FluoExportFormat format, const FluoExportPicture *picture,
                                      FluoExportDrawFunc func, gpointer user_data,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes bytes beside @path and renames. */
gboolean fluo_export_write            (const char *path, GBytes *bytes, GError **error);
/* The format that a file name's ending means. FALSE for others. */
gboolean fluo_export_format_from_path (const char *path, FluoExportFormat *ret_format);
/* "2026-11-19T133148Z_post-checkout_1-6afefa44-….pdf": letters, digits, ".", "_" and "-" only, at
 * most 80 before the ending. */
char    *fluo_export_suggest_name     (FluoTrace *trace, FluoExportFormat format);
/* Text without what @redact names, each replaced by "[removed]"; adds the number of places to
 * @count (nullable). */
char    *fluo_export_redact           (const char *text, guint redact, guint *count);

G_END_DECLS
