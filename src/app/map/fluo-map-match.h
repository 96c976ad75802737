/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-summary.h"
#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* The map of what a filter lets through. No server gives the graph of a filter expression, so it is
 * counted from the summaries of the matching traces: a service is in as many of them as name it,
 * with their root causes for outcomes, and a call is in those that name both of its ends. Response
 * times of single services are not in summaries: only rates and outcomes are given. */

/* Keys (fluo_graph_node_dup_key()) of the nodes of @graph that @matches name, and of the clients of
 * those. */
GHashTable       *fluo_map_match_keys  (const FluoServiceGraph *graph, GPtrArray *matches);
FluoServiceGraph *fluo_map_match_graph (const FluoServiceGraph *graph, GPtrArray *matches);

G_END_DECLS
