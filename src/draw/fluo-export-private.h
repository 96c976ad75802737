/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-export.h"
#include "draw/fluo-flame.h"
#include "draw/fluo-waterfall-private.h"

G_BEGIN_DECLS

/* A4 landscape at 96 dpi, margins as in DESIGN.md section 1. */
#define FLUO_PAGE_WIDTH 1122.52
#define FLUO_PAGE_HEIGHT 793.70
#define FLUO_PAGE_TOP 32.0
#define FLUO_PAGE_SIDE 40.0
#define FLUO_PAGE_BOTTOM 26.0
#define FLUO_PAGE_FOOT 21.0
#define FLUO_PAGE_CONTENT (FLUO_PAGE_WIDTH - 2 * FLUO_PAGE_SIDE)

/* With more rows, the first page shows a choice of them and the next pages all. */
#define FLUO_EXPORT_ROWS_DIRECT 60
/* A document with more pages is not read; the last one says what is left out. */
#define FLUO_EXPORT_PAGES_MAX 200
#define FLUO_EXPORT_SLOWEST 7
/* Log lines beside the tables; the others have pages of their own. */
#define FLUO_EXPORT_LINES_FIRST 6
#define FLUO_EXPORT_LINES_MAX 1000
#define FLUO_EXPORT_LINE_PX 15.6

/* One page's share of the rows, or of the levels of a flame graph. */
typedef struct
{
  guint first_row, n_rows;  /* of rows (all) */
  gboolean lines, tables;   /* the first log lines, and the tables, follow the rows */
  guint first_line, n_lines; /* of the log lines; then there is nothing else on it */
} FluoExportPage;

/* Everything that is drawn, laid out once. */
typedef struct
{
  FluoTrace         *trace;       /* referenced */
  FluoExportOptions  options;
  FluoTraceSummary  *summary;
  FluoSentence      *cause;
  char              *title;
  FluoWaterfallRows *all;         /* every row that is to be shown */
  FluoWaterfallRows *choice;      /* what the first page shows when that is not all; else NULL */
  FluoWaterfallRows *page_rows;   /* scratch: the rows of the page being drawn */
  FluoWaterfallLayout *layout;
  FluoFlame         *flame;       /* NULL: a waterfall is shown */
  FluoFlameLayout   *flame_layout;
  FluoTimeSpan       visible;
  GArray            *shares;      /* FluoTraceShare */
  guint32            slowest[FLUO_EXPORT_SLOWEST];
  guint              n_slowest;
  GArray            *pages;       /* FluoExportPage */
  guint              n_left_out;  /* rows beyond the last page */
  FluoTraceLines    *all_lines;   /* NULL: none are told */
  GPtrArray         *lines;       /* FluoTraceLine of those, what is told */
  guint              n_lines_left_out;
  guint              removed;     /* places redacted so far */
} FluoExportDocument;

void                fluo_export_document_free (FluoExportDocument *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoExportDocument, fluo_export_document_free)
/* FluoExportDrawFunc over a document. */
void fluo_export_document_draw (FluoPainter *painter, guint page, double width, double height,
                                gpointer user_data);
/* Text of the trace as the options want it. */
char               *fluo_export_document_text (const char *text, gpointer user_data);

/* fluo-export-lines.c */
void   fluo_export_collect_lines    (FluoExportDocument *self);
guint  fluo_export_lines_on_first   (const FluoExportDocument *self);
double fluo_export_lines_height     (guint n);
/* The lines as a table from @y on; returns where it ends. */
double fluo_export_draw_lines       (FluoPainter *painter, FluoExportDocument *self, guint first,
                                     guint n, double y);
/* Their numbers on the bars of the layout, which has been drawn for @rows. */
void   fluo_export_draw_line_marks  (FluoPainter *painter, FluoExportDocument *self,
                                     FluoWaterfallRows *rows);
char  *fluo_export_dup_line_call    (FluoExportDocument *self, const FluoTraceLine *line);
const char *fluo_export_line_level  (const FluoTraceLine *line);

/* fluo-export-markdown.c */
void    fluo_markdown_append (GString *out, const char *text); /* as plain text, whatever it is */
/* With its facts set off, and a full stop. */
void    fluo_markdown_append_sentence (GString *out, const FluoSentence *sentence,
                                       FluoWaterfallTextFunc func, gpointer user_data);
GBytes *fluo_export_document_to_markdown (FluoExportDocument *self) G_GNUC_WARN_UNUSED_RESULT;

/* What pages of a trace and of a comparison share: title, sentence, occasion and day; returns where
 * it ends. @indent leaves room for a mark left of the title. */
double fluo_export_draw_head (FluoPainter *painter, const FluoExportOptions *options,
                              double indent, const char *title, const FluoSentence *sentence,
                              gint64 day_ns);

/* A trace by its id, in the foot of a page. */
typedef struct
{
  const char *label;
  FluoTrace  *trace;
} FluoExportSubject;

/* Ends @height px below the top. */
void fluo_export_draw_foot (FluoPainter *painter, const FluoExportOptions *options,
                            const FluoExportSubject *subjects, guint n_subjects, guint removed,
                            guint page, guint n_pages, double height);
/* "14:31:48.214 CET (13:31:48.214 UTC)". */
char *fluo_export_dup_started (FluoTrace *trace);
/* The sentence with what is text of traces replaced. */
FluoSentence *fluo_export_sentence (const FluoSentence *sentence, FluoWaterfallTextFunc func,
                                    gpointer user_data);
/* A picture's first page, @width px wide. */
cairo_surface_t *fluo_export_surface_preview (const FluoExportPicture *picture,
                                              FluoExportDrawFunc func, gpointer user_data,
                                              int width, GError **error);

void fluo_export_rule         (FluoPainter *painter, double x0, double x1, double y,
                               FluoColor color, double width);
void fluo_export_draw_slowest (FluoPainter *painter, FluoExportDocument *self, double y);
void fluo_export_draw_shares  (FluoPainter *painter, FluoExportDocument *self, double y);

G_END_DECLS
