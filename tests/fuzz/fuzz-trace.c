/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "core/fluo-sentence.h"
#include "core/fluo-span-detail.h"
#include "core/fluo-trace-summary.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
check_trace (FluoTrace *trace)
{
  g_autoptr (FluoSentence) sentence = fluo_trace_dup_root_cause (trace, 0);
  g_autoptr (FluoTraceSummary) summary = fluo_trace_summary_from_trace (trace);
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);
  FluoJsonWriter writer;

  g_assert_true (g_utf8_validate (sentence->text, -1, NULL));
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (spans[i].end_ns, >=, spans[i].start_ns);
      g_assert_cmpint (spans[i].self_ns, >=, 0);
      fluo_span_detail_free (fluo_span_detail_new (trace, i));
    }
  fluo_json_writer_init (&writer, out);
  fluo_trace_summary_write (summary, &writer);
  g_assert_true (fluo_json_validate (out->str, out->len, NULL));
}

/* Each line is one segment document of the same trace. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FluoTraceBuilder) builder = fluo_trace_builder_new (NULL);
  g_autoptr (FluoTrace) trace = NULL;

  for (gsize start = 0, end; start < size; start = end + 1)
    {
      const guint8 *newline = memchr (data + start, '\n', size - start);
      g_autoptr (GBytes) document = NULL;
      FluoSegmentHead head;

      end = newline ? (gsize) (newline - data) : size;
      document = g_bytes_new (data + start, end - start);
      fluo_segment_head_parse ((const char *) data + start, end - start, &head, NULL, NULL);
      fluo_trace_builder_add (builder, document, NULL);
    }
  trace = fluo_trace_builder_end (g_steal_pointer (&builder), 0);
  if (trace)
    check_trace (trace);
  return 0;
}
