/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph/fluo-service-graph.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Whatever is read as a stored graph can be merged, written as an answer, and stored again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size), again = NULL;
  g_autoptr (FluoServiceGraph) graph = fluo_service_graph_from_bytes (bytes, NULL);
  g_autoptr (FluoServiceGraph) sum = NULL, read = NULL;
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  if (!graph)
    return 0;
  sum = fluo_service_graph_new ();
  fluo_service_graph_merge (sum, graph);
  fluo_service_graph_prune (sum);
  fluo_json_writer_init (&writer, out);
  fluo_service_graph_write (sum, &writer, TRUE);
  g_assert_true (fluo_json_validate (out->str, out->len, NULL));
  again = fluo_service_graph_to_bytes (graph);
  read = fluo_service_graph_from_bytes (again, NULL);
  g_assert_nonnull (read);
  g_assert_cmpuint (read->nodes->len, ==, graph->nodes->len);
  return 0;
}
