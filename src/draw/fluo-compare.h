/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-compare.h"
#include "draw/fluo-export.h"

G_BEGIN_DECLS

/* Two traces compared, row by row: names, both durations, the signed difference, and both bars, A
 * solid and B hatched. As with the waterfall: rows, layout, drawing, hit. One thread at a time. */

typedef struct _FluoCompareTable FluoCompareTable;

/* Of the calls that one caller made; what they called stays under them. */
typedef enum
{
  FLUO_COMPARE_AS_CALLED,
  FLUO_COMPARE_BY_DIFFERENCE, /* the largest first, whatever its sign */
  FLUO_COMPARE_BY_NAME,
  FLUO_N_COMPARE_ORDERS
} FluoCompareOrder;

/* Takes the comparison. @colors (nullable) gives the services their colours. */
FluoCompareTable *fluo_compare_table_new  (FluoTraceComparison *comparison,
                                           FluoServiceColors *colors);
void              fluo_compare_table_set_colors (FluoCompareTable *self, FluoServiceColors *colors);
void              fluo_compare_table_free (FluoCompareTable *self);
/* As it stands, for another thread. */
FluoCompareTable *fluo_compare_table_copy (FluoCompareTable *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCompareTable, fluo_compare_table_free)
FluoTraceComparison *fluo_compare_table_get_comparison (FluoCompareTable *self);
/* Rows that differ by no more than this, with the same result and called in both, are hidden unless
 * there is one that is not hidden under them. 0 shows all. */
void    fluo_compare_table_set_threshold (FluoCompareTable *self, gint64 threshold_ns);
void    fluo_compare_table_set_order     (FluoCompareTable *self, FluoCompareOrder order);
void    fluo_compare_table_set_collapsed (FluoCompareTable *self, guint32 row, gboolean collapsed);
gboolean fluo_compare_table_is_collapsed (FluoCompareTable *self, guint32 row);
guint   fluo_compare_table_get_n         (FluoCompareTable *self);
guint32 fluo_compare_table_get_row       (FluoCompareTable *self, guint place); /* NONE past it */
/* Hidden by the threshold. */
guint   fluo_compare_table_get_n_hidden  (FluoCompareTable *self);
/* "bank.example.com POST /v2/charge". */
char   *fluo_compare_table_dup_call        (FluoCompareTable *self, guint32 row);
/* "bank.example.com, 2.13 s, in B 465 ms, 1.66 s longer". */
char   *fluo_compare_table_dup_description (FluoCompareTable *self, guint32 row);

#define FLUO_COMPARE_ROW_PX 32
#define FLUO_COMPARE_HEAD_PX 30

typedef struct
{
  double   width, height;
  double   scroll;       /* px */
  gboolean each_call;    /* both bars of a row begin where A's does */
  guint32  selected, hover;
  gboolean focus, backdrop;
  FluoWaterfallTextFunc text_func; /* nullable: replaces names before they are drawn */
  gpointer              text_data;
} FluoCompareViewport;

typedef struct
{
  guint32 row;
  double  y;
  double  a_x0, a_x1, b_x0, b_x1; /* equal = not called */
} FluoCompareBox;

typedef struct
{
  FluoCompareTable   *table;  /* borrowed */
  FluoCompareViewport view;
  double  tree_width, time_x, time_width;
  gboolean has_bars;          /* there is room for them */
  gint64  length_ns;          /* of the time axis */
  GArray *boxes;              /* FluoCompareBox */
} FluoCompareLayout;

FluoCompareLayout *fluo_compare_layout_new    (void);
void               fluo_compare_layout_free   (FluoCompareLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCompareLayout, fluo_compare_layout_free)
void   fluo_compare_layout_update     (FluoCompareLayout *self, FluoCompareTable *table,
                                       const FluoCompareViewport *view);
double fluo_compare_layout_scroll_max (const FluoCompareLayout *self);
void   fluo_compare_draw              (FluoPainter *painter, const FluoCompareLayout *layout);
/* The row at a place, FLUO_SPAN_NONE where there is none; @ret_disclosure: on its triangle. */
guint32 fluo_compare_hit (const FluoCompareLayout *layout, double x, double y,
                          gboolean *ret_disclosure);

/* Key of marks: A solid, B hatched. Returns its width. */
double fluo_compare_draw_legend (FluoPainter *painter, double x, double y);

/* The comparison as it stands, without what is hidden or closed, and what else differs: PDF in
 * pages of A4, PNG and SVG as high as they need to be, Markdown as two tables. Any thread, one at a
 * time per table. Of @options: format, scale, title, event, redact, range, n_usual, fonts and
 * progress. */
GBytes *fluo_compare_export_to_bytes (FluoCompareTable *self, const FluoExportOptions *options,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The first page, @width px wide; sets how many there are. */
cairo_surface_t *fluo_compare_export_preview (FluoCompareTable *self,
                                              const FluoExportOptions *options, int width,
                                              guint *ret_n_pages, GError **error);
/* "2026-11-19T133148Z_post-checkout_1-6afefa44-…-compared.pdf". */
char   *fluo_compare_export_suggest_name (FluoCompareTable *self, FluoExportFormat format);

G_END_DECLS
