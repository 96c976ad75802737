/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "graph/fluo-service-graph.h"

G_BEGIN_DECLS

/* Node indexes in the order in which a reader meets them: from the entries along the calls, depth
 * first, clients left out. Decides which service gets which colour and which place in the table.
 * Free with g_array_unref. */
GArray *fluo_graph_order_new (const FluoServiceGraph *graph);

G_END_DECLS
