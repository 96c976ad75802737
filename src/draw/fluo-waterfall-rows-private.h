/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-waterfall-private.h"

G_BEGIN_DECLS

/* The rows' own room: fluo-waterfall-rows.c, -names.c. */
struct _FluoWaterfallRows
{
  guint           refs;
  FluoTrace      *trace;
  const FluoSpan *spans;
  guint           n_spans;
  gboolean        subset;
  FluoWaterfallGroups *groups; /* NULL in a subset */
  gboolean        grouping;
  guint8         *collapsed;   /* one bit a span */
  guint16        *depths;      /* one a span, calls not counted, saturating */
  guint32        *rows;
  guint           n_rows;
  guint32        *busy_first;  /* n_spans + 1 offsets into busy */
  FluoTimeSpan   *busy;
  guint          *colors;      /* one a service */
  guint          *versions;    /* likewise; 0 = unknown */
  guint8          kinds[FLUO_N_KINDS]; /* colour of a kind */
  guint           n_services;
  FluoTimeSpan    extent;
  gint64          end_ns;
  GHashTable     *exceptions;  /* span → text */
  GHashTable     *events;      /* span → GArray of FluoSpanEvent; NULL at first */
  FluoTraceLines *lines;       /* or NULL */
  GHashTable     *marks;       /* span → GArray of FluoSpanEvent: events, lines; texts borrowed */
  GHashTable     *clocks;      /* segment → mark; NULL most of the time */
};

/* fluo-waterfall-colors.c: those of versions and kinds. */
void fluo_waterfall_rows_number_colors (FluoWaterfallRows *self);

G_END_DECLS
