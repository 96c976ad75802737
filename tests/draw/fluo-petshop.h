/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* The fifteen minutes that the design's pictures show, as a graph put together by hand. */
FluoServiceGraph *fluo_petshop_graph_new (void);
/* @n nodes in a chain with a few branches, for sizes the Petshop does not have. */
FluoServiceGraph *fluo_chain_graph_new   (guint n);
/* @n nodes that call @n_edges times something up to 80 further on: a large company's map. */
FluoServiceGraph *fluo_web_graph_new     (guint n, guint n_edges);

/* What nobody should send: @n nodes with few names and many types, in a cycle that leads through
 * all of them, self-edges, @n_edges edges any which way; some without a count, some whose calls
 * took no time at all. */
FluoServiceGraph *fluo_hostile_graph_new (guint n, guint n_edges);

G_END_DECLS
