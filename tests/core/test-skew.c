/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-trace-skew.h"

#define TRACE "\"trace_id\":\"1-5f84c7a5-0123456789abcdef01234567\""
#define T0 1600000000.0
#define MS FLUO_NSEC_PER_MSEC

/* "web" makes calls, one after the other, each of which took 100 ms and was answered by a segment
 * of 60 ms, 20 ms after it began by the clock of "web". */
typedef struct
{
  const char *name;
  const char *aws;     /* a block that says which machine, or "" */
  double      ahead;   /* s: by how much its clock is wrong */
  int         status;
  double      longer;  /* s that it goes on after the call */
} Call;

static void
add (FluoTraceBuilder *builder, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;

  fluo_trace_builder_add (builder, bytes, &error);
  g_assert_no_error (error);
}

static FluoTrace *
build (const Call *calls, guint n)
{
  FluoTraceBuilder *builder = fluo_trace_builder_new (NULL);
  g_autoptr (GString) web = g_string_new (NULL);

  g_string_printf (web,
                   "{" TRACE ",\"id\":\"00000000000000ff\",\"name\":\"web\",\"start_time\":%.3f,"
                   "\"end_time\":%.3f,\"subsegments\":[",
                   T0, T0 + 0.2 * n);
  for (guint i = 0; i < n; i++)
    {
      double begin = T0 + 0.2 * i, there = begin + 0.02 + calls[i].ahead;
      g_autofree char *answer = NULL;

      g_string_append_printf (
        web,
        "%s{\"id\":\"%016x\",\"name\":\"%s\",\"namespace\":\"remote\",\"start_time\":%.3f,"
        "\"end_time\":%.3f,\"http\":{\"response\":{\"status\":%d}}}",
        i > 0 ? "," : "", i + 1, calls[i].name, begin, begin + 0.1, calls[i].status);
      answer = g_strdup_printf (
        "{" TRACE ",\"id\":\"%016x\",\"name\":\"%s\",\"parent_id\":\"%016x\",\"start_time\":%.3f,"
        "\"end_time\":%.3f%s,\"subsegments\":[{\"id\":\"%016x\",\"name\":\"work\",\"start_time\":"
        "%.3f,\"end_time\":%.3f}]}",
        0x100 + i, calls[i].name, i + 1, there, there + 0.06 + calls[i].longer, calls[i].aws,
        0x200 + i, there + 0.01, there + 0.05);
      add (builder, answer);
    }
  g_string_append (web, "]}");
  add (builder, web->str);

  return fluo_trace_builder_end (builder, 0);
}

static void
test_none (void)
{
  const Call calls[] = { { "api", "", 0, 200, 0 }, { "pay", "", 0.01, 200, 0 } };
  g_autoptr (FluoTrace) trace = build (calls, 2);
  g_autoptr (GPtrArray) skews = fluo_trace_dup_skews (trace);

  g_assert_cmpuint (skews->len, ==, 0);
}

/* One host is two seconds behind: said once, with half the way there and half back. */
static void
test_behind (void)
{
  const Call calls[] = { { "api", "", -2, 200, 0 }, { "pay", "", 0, 200, 0 },
                         { "api", "", -2, 200, 0 }, { "api", "", -2, 500, 0 } };
  g_autoptr (FluoTrace) trace = build (calls, 4), right = NULL;
  g_autoptr (GPtrArray) skews = fluo_trace_dup_skews (trace), again = NULL;
  const FluoTraceSkew *skew;
  const FluoSpan *spans, *before;
  gint64 last = 0;
  gsize length;
  guint n;

  g_assert_cmpuint (skews->len, ==, 1);
  skew = g_ptr_array_index (skews, 0);
  g_assert_cmpstr (skew->host, ==, "api");
  g_assert_cmpint (skew->shift_ns, ==, 2000 * MS);
  g_assert_cmpint (skew->slack_ns, ==, 20 * MS);
  g_assert_cmpuint (skew->n_calls, ==, 3);
  g_assert_cmpuint (skew->n_outside, ==, 3);
  g_assert_cmpuint (skew->segments->len, ==, 3);

  right = fluo_trace_shift (trace, skews);
  before = fluo_trace_get_spans (trace, NULL);
  spans = fluo_trace_get_spans (right, &n);
  g_assert_cmpuint (n, ==, 13);
  /* The same spans, in order, each where its caller is; the trace is no longer than its root. */
  for (guint i = 0; i < n; i++)
    {
      guint32 old = fluo_trace_find (trace, spans[i].id);

      g_assert_cmpuint (old, !=, FLUO_SPAN_NONE);
      g_assert_cmpuint (fluo_trace_find (right, spans[i].id), ==, i);
      g_assert_cmpint (before[old].end_ns - before[old].start_ns, ==,
                       spans[i].end_ns - spans[i].start_ns);
      if (i == 0)
        continue;
      g_assert_cmpint (spans[i].start_ns, >=, spans[spans[i].parent].start_ns);
      g_assert_cmpint (spans[i].end_ns, <=, spans[spans[i].parent].end_ns);
      g_assert_cmpuint (spans[i].end_index, <=, spans[spans[i].parent].end_index);
      if (spans[i].parent == 0)
        {
          g_assert_cmpint (spans[i].start_ns, >, last);
          last = spans[i].start_ns;
        }
    }
  g_assert_cmpint (fluo_time_span_length (fluo_trace_get_extent (right)), ==, 800 * MS);
  g_assert_cmpint (fluo_time_span_length (fluo_trace_get_extent (trace)), >, 2000 * MS);
  /* What it waited for is known again: 40 ms of each call were on the way. */
  g_assert_cmpint (spans[1].self_ns, ==, 40 * MS);
  again = fluo_trace_dup_skews (right);
  g_assert_cmpuint (again->len, ==, 0);
  /* What was sent is what was sent. */
  g_assert_true (fluo_trace_get_raw (right, fluo_trace_find (right, 0x100), &length) ==
                 fluo_trace_get_raw (trace, fluo_trace_find (trace, 0x100), &length));
}

/* Two machines of one service, one of which is wrong. */
static void
test_machines (void)
{
  const Call calls[] = { { "api", ",\"aws\":{\"ec2\":{\"instance_id\":\"i-1\"}}", 0, 200, 0 },
                         { "api", ",\"aws\":{\"ec2\":{\"instance_id\":\"i-2\"}}", 5, 200, 0 },
                         { "api", ",\"aws\":{\"ec2\":{\"instance_id\":\"i-1\"}}", 0, 200, 0 } };
  g_autoptr (FluoTrace) trace = build (calls, 3);
  g_autoptr (GPtrArray) skews = fluo_trace_dup_skews (trace);

  g_assert_cmpuint (skews->len, ==, 1);
  g_assert_cmpstr (((FluoTraceSkew *) g_ptr_array_index (skews, 0))->host, ==, "api i-2");
  g_assert_cmpint (((FluoTraceSkew *) g_ptr_array_index (skews, 0))->shift_ns, ==, -5000 * MS);
}

/* No clock explains an answer that took longer than the call, nor shifts that differ, and what was
 * only accepted may go on as long as it likes. */
static void
test_no_clock (void)
{
  const Call longer[] = { { "api", "", -2, 200, 0.1 } };
  const Call differ[] = { { "api", "", -2, 200, 0 }, { "api", "", 3, 200, 0 } };
  const Call accepted[] = { { "api", "", 0, 202, 4 } };
  g_autoptr (FluoTrace) one = build (longer, 1), two = build (differ, 2),
                        three = build (accepted, 1);
  g_autoptr (GPtrArray) a = fluo_trace_dup_skews (one), b = fluo_trace_dup_skews (two),
                        c = fluo_trace_dup_skews (three);

  g_assert_cmpuint (a->len, ==, 0);
  g_assert_cmpuint (b->len, ==, 0);
  g_assert_cmpuint (c->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skew/none", test_none);
  g_test_add_func ("/skew/behind", test_behind);
  g_test_add_func ("/skew/machines", test_machines);
  g_test_add_func ("/skew/no-clock", test_no_clock);

  return g_test_run ();
}
