/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* What changed between two ranges, as before and after a deploy: which services and calls are new,
 * which are gone, which became slower or faster, which fail more or less. What is called a change
 * is more than chance; the figures are there for everything. */

/* A median that moved by a fifth makes a call slower or faster. */
#define FLUO_GRAPH_P50_RATIO 1.2

typedef enum
{
  FLUO_GRAPH_STAYED,
  FLUO_GRAPH_APPEARED,
  FLUO_GRAPH_GONE
} FluoGraphPresence;

typedef struct
{
  gint64 total;
  double rate;      /* a minute */
  gint64 p50_ns;    /* 0 when there is no time */
  gint64 p99_ns;
  double faults;    /* shares of the total */
  double errors;    /* with throttles */
} FluoGraphFigures;

typedef struct
{
  FluoGraphPresence presence;
  FluoGraphFigures  before, after; /* all 0 where it was not there */
  int               pace;          /* 1 slower, -1 faster */
  int               faults;        /* 1 more, -1 fewer */
  int               errors;
} FluoGraphChange;

typedef struct
{
  gatomicrefcount  ref_count;
  FluoTimeSpan     before, after;
  guint            n_nodes;
  FluoGraphChange *nodes;          /* by index in either graph */
  guint            n_edges;
  FluoGraphChange *edges;
  /* Of nodes, though not of clients; and of calls of which neither end says the same already. */
  guint            n_appeared, n_gone, n_slower, n_faster, n_more_faults, n_fewer_faults;
} FluoGraphDifference;

/* Gives both graphs the same nodes and edges in the same order, with nothing counted where one was
 * not there. A graph that is reduced by the same rules keeps that. New references. */
void fluo_service_graph_align (const FluoServiceGraph *before, const FluoServiceGraph *after,
                               FluoServiceGraph **ret_before, FluoServiceGraph **ret_after);
/* The same graph with nothing counted. */
FluoServiceGraph *fluo_service_graph_copy_empty (const FluoServiceGraph *self);

/* Of two graphs of the same nodes and edges. Empty spans stand for the graphs' own. Does not change
 * once it is made. */
FluoGraphDifference *fluo_graph_difference_new (const FluoServiceGraph *before,
                                                const FluoServiceGraph *after,
                                                FluoTimeSpan before_span, FluoTimeSpan after_span);
/* The nodes of @graph alone (no edges) against @usual, another time of the same services, told
 * apart by name, type and account. Nobody is new or gone: of what was not there then, and of what
 * stands for several nodes, nothing is known, and its before is empty. */
FluoGraphDifference *fluo_graph_difference_new_usual (const FluoServiceGraph *usual,
                                                      const FluoServiceGraph *graph,
                                                      FluoTimeSpan usual_span, FluoTimeSpan span);
FluoGraphDifference *fluo_graph_difference_ref   (FluoGraphDifference *self);
void                 fluo_graph_difference_unref (FluoGraphDifference *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGraphDifference, fluo_graph_difference_unref)
/* Anything but figures. */
gboolean             fluo_graph_change_is_change (const FluoGraphChange *self);

G_END_DECLS
