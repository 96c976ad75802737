/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-format.h"
#include "core/fluo-histogram.h"
#include "core/fluo-id.h"
#include "core/fluo-kind.h"
#include "core/fluo-status.h"
#include "core/fluo-trace-id-read.h"

#define S "\302\240"
#define MS FLUO_NSEC_PER_MSEC
#define SEC FLUO_NSEC_PER_SEC

#define check(call, expected) G_STMT_START { \
    g_autofree char *text_ = (call); \
    g_assert_cmpstr (text_, ==, expected); \
  } G_STMT_END

static void
test_durations (void)
{
  check (fluo_format_duration (0), "0" S "µs");
  check (fluo_format_duration (300), "<1" S "µs");
  check (fluo_format_duration (840000), "840" S "µs");
  check (fluo_format_duration (999499), "999" S "µs");
  check (fluo_format_duration (999600), "1.0" S "ms");
  check (fluo_format_duration (7800000), "7.8" S "ms");
  check (fluo_format_duration (9960000), "10" S "ms");
  check (fluo_format_duration (472 * MS), "472" S "ms");
  check (fluo_format_duration (999500000), "1.00" S "s");
  check (fluo_format_duration (999499999), "999" S "ms");
  check (fluo_format_duration (2310 * MS), "2.31" S "s");
  check (fluo_format_duration (9996 * MS), "10.0" S "s");
  check (fluo_format_duration (14200 * MS), "14.2" S "s");
  check (fluo_format_duration (59960 * MS), "1" S "min" S "0" S "s");
  check (fluo_format_duration (125 * SEC), "2" S "min" S "5" S "s");
  check (fluo_format_duration (119700 * MS), "2" S "min" S "0" S "s");
  check (fluo_format_duration (4500 * SEC), "1" S "h" S "15" S "min");
  check (fluo_format_duration (3599 * SEC + 700 * MS), "1" S "h" S "0" S "min");
  check (fluo_format_duration (G_MAXINT64), "106752" S "d" S "0" S "h");
  check (fluo_format_duration (-86 * MS), "−86" S "ms");
  check (fluo_format_duration_exact (2125 * MS), "2.125" S "s");
  check (fluo_format_duration_exact (86 * MS), "86" S "ms");
  check (fluo_format_duration_exact (59999600000), "1" S "min" S "0.000" S "s");
  check (fluo_format_offset (2211 * MS), "+2.211" S "s");
  check (fluo_format_offset (86 * MS), "+86" S "ms");
  check (fluo_format_offset (0), "+0" S "ms");
}

static void
test_axis (void)
{
  check (fluo_format_axis (0, 500 * MS), "0");
  check (fluo_format_axis (500 * MS, 500 * MS), "500" S "ms");
  check (fluo_format_axis (1500 * MS, 500 * MS), "1.5" S "s");
  check (fluo_format_axis (1000 * MS, 500 * MS), "1.0" S "s");
  check (fluo_format_axis (2 * SEC, SEC), "2" S "s");
  check (fluo_format_axis (1250 * MS, 250 * MS), "1.25" S "s");
  check (fluo_format_axis (2500000, 500000), "2.5" S "ms");
  check (fluo_format_axis (500, 100), "500" S "ns");
  check (fluo_format_axis (120 * SEC, 60 * SEC), "2" S "min");
  check (fluo_format_axis (90 * SEC, 30 * SEC), "1" S "min" S "30" S "s");
}

static void
test_axis_step (void)
{
  static const gint64 long_steps[] = { 20,  30,   60,   120,  300,   600,
                                       900, 1800, 3600, 7200, 21600, 43200 };

  g_assert_cmpint (fluo_format_axis_step (0), ==, 1);
  g_assert_cmpint (fluo_format_axis_step (33 * MS), ==, 50 * MS);
  g_assert_cmpint (fluo_format_axis_step (200 * MS), ==, 200 * MS);
  g_assert_cmpint (fluo_format_axis_step (200 * MS + 1), ==, 500 * MS);
  g_assert_cmpint (fluo_format_axis_step (700 * MS), ==, SEC);
  g_assert_cmpint (fluo_format_axis_step (11 * SEC), ==, 30 * SEC);
  g_assert_cmpint (fluo_format_axis_step (86400 * SEC + 1), ==, 2 * 86400 * SEC);
  /* Whatever fits the picture: never a step that is not round. */
  for (gint64 least = 1; least < 43200 * SEC; least += least / 3 + 1)
    {
      const gint64 step = fluo_format_axis_step (least);
      gint64 leading = step;
      gboolean round = FALSE;

      while (leading % 10 == 0)
        leading /= 10;
      round = step <= 10 * SEC && (leading == 1 || leading == 2 || leading == 5);
      for (guint i = 0; i < G_N_ELEMENTS (long_steps); i++)
        round |= step == long_steps[i] * SEC;
      g_assert_true (round);
      g_assert_cmpint (step, >=, least);
    }
}

static void
test_amounts (void)
{
  check (fluo_format_count (0), "0");
  check (fluo_format_count (999), "999");
  check (fluo_format_count (12930), "12,930");
  check (fluo_format_count (1234567), "1,234,567");
  check (fluo_format_share (0.92), "92%");
  check (fluo_format_share (0.024), "2.4%");
  check (fluo_format_share (0.0996), "10%");
  check (fluo_format_share (0.0004), "<0.1%");
  check (fluo_format_share (0), "0%");
  check (fluo_format_share_parts (0.92), "92.0%");
  check (fluo_format_share_parts (0), "0.0%");
  check (fluo_format_share_parts (1e-6), "<0.1%");
  check (fluo_format_share_parts (0.0005), "0.1%");
  check (fluo_format_rate (193.4), "193/min");
  check (fluo_format_rate (4.2), "4.2/min");
  check (fluo_format_times (4.3), "4.3" S "times");
  check (fluo_format_bytes (14200000), "14.2" S "MB");
  check (fluo_format_bytes (999), "999" S "B");
  check (fluo_format_bytes (999960), "1.0" S "MB");
}

/* As they are written in German, and where a comma begins the decimals but nothing groups. */
static void
test_marks (void)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  fluo_format_set_marks (",", ".");
  check (fluo_format_duration (2310 * MS), "2,31" S "s");
  check (fluo_format_duration_exact (62125 * MS), "1" S "min" S "2,125" S "s");
  check (fluo_format_offset (2211 * MS), "+2,211" S "s");
  check (fluo_format_difference (-1 * MS), "−1,0" S "ms");
  check (fluo_format_axis (1500 * MS, 500 * MS), "1,5" S "s");
  check (fluo_format_count (1234567), "1.234.567");
  check (fluo_format_share (0.024), "2,4%");
  check (fluo_format_share (0.0004), "<0,1%");
  check (fluo_format_share_parts (0.92), "92,0%");
  check (fluo_format_percent (0.25, "%.4g"), "0,25%");
  check (fluo_format_rate (4.2), "4,2/min");
  check (fluo_format_rate (12930), "12.930/min");
  check (fluo_format_bytes (14200000), "14,2" S "MB");
  check (fluo_format_number (0.5, "%.12g"), "0,5");
  check (fluo_format_number (12, "%.12g"), "12");
  check (fluo_format_clock (86 * MS, FLUO_CLOCK_MILLISECONDS, utc), "00:00:00,086");
  /* What is exported with its zone is read by programs, too. */
  check (fluo_format_date_time_utc (86 * MS), "1970-01-01 00:00:00.086 UTC");
  fluo_format_set_marks (",", NULL);
  check (fluo_format_count (12930), "12\342\200\257930");
  fluo_format_set_marks (NULL, NULL);
}

static void
test_clock (void)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  const gint64 time = G_GINT64_CONSTANT (1795094508214000000);

  check (fluo_format_clock (time, FLUO_CLOCK_MILLISECONDS, utc), "13:21:48.214");
  check (fluo_format_clock (time, FLUO_CLOCK_SECONDS, utc), "13:21:48");
  check (fluo_format_clock (time, FLUO_CLOCK_MINUTES, utc), "13:21");
  check (fluo_format_date_time_utc (time), "2026-11-19 13:21:48.214 UTC");
  check (fluo_format_date_time_utc (-1), "1969-12-31 23:59:59.999 UTC");
  check (fluo_format_range ((FluoTimeSpan) { time, time + 900 * SEC }, utc), "13:21 to 13:36");
  check (fluo_format_range ((FluoTimeSpan){ time, time + 86400 * SEC }, utc),
         "2026-11-19 13:21 to 2026-11-20 13:21");
  check (fluo_format_trace_id_short ("1-6afefa44-946d071d87f412683d601dea"), "…3d601dea");
}

#define FSI "\xe2\x81\xa8"
#define PDI "\xe2\x81\xa9"
#define BAD "\xef\xbf\xbd"
#define SHIN "\xd7\xa9"

/* A name is made safe, goes into a sentence, and that is made safe again where it is drawn: nothing
 * strange may show around right-to-left names, and no markers of others may come through. */
static void
test_untrusted_again (void)
{
  static const char *const parts[] = {
    FSI, PDI, SHIN, "a", " ", "…", "\xe2\x80\xae", "\xcc\x81", FSI,
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  check (fluo_format_untrusted ("from " FSI SHIN PDI " to b", 100), "from " FSI SHIN PDI " to b");
  check (fluo_format_untrusted (FSI SHIN SHIN SHIN PDI, 2), FSI SHIN "…" PDI);
  check (fluo_format_untrusted (FSI SHIN PDI " " SHIN, 100), FSI FSI SHIN PDI " " SHIN PDI);
  check (fluo_format_untrusted (FSI "a" PDI, 100), BAD "a" BAD);
  check (fluo_format_untrusted (PDI SHIN FSI, 100), FSI BAD SHIN BAD PDI);
  check (fluo_format_untrusted (FSI FSI FSI SHIN PDI PDI PDI, 100), FSI FSI SHIN PDI PDI);
  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint n = (guint) g_rand_int_range (random, 0, 14);
      gsize max = (gsize) g_rand_int_range (random, 0, 12);
      g_autofree char *once = NULL, *twice = NULL;
      int depth = 0;

      while (n-- > 0)
        g_string_append (text, parts[g_rand_int_range (random, 0, G_N_ELEMENTS (parts))]);
      once = fluo_format_untrusted (text->str, max);
      twice = fluo_format_untrusted (once, max);
      g_assert_cmpstr (once, ==, twice);
      for (const char *p = once; *p && depth >= 0; p = g_utf8_next_char (p))
        {
          depth += g_str_has_prefix (p, FSI) ? 1 : g_str_has_prefix (p, PDI) ? -1 : 0;
          g_assert_cmpint (depth, <=, 2);
        }
      g_assert_cmpint (depth, ==, 0);
    }
}

/* Ids as people have them at hand, and what is wrong with those that are none. */
static void
test_id_as_copied (void)
{
  static const struct
  {
    const char *text;
    FluoSampled sampled;
  } good[] = {
    { "1-5759e988-bd862e3fe1be46a994272793", FLUO_SAMPLED_UNKNOWN },
    { " \"5759e988BD862e3fe1be46a994272793\"\n", FLUO_SAMPLED_UNKNOWN },
    { "Self=1-0; Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=?", FLUO_SAMPLED_ASKED },
    { "x-amzn-trace-id: root=1-5759e988-bd862e3fe1be46a994272793;sampled=0", FLUO_SAMPLED_NO },
    { "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01", FLUO_SAMPLED_YES },
    { "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-02", FLUO_SAMPLED_NO },
  };
  static const struct
  {
    const char *text;
    const char *words;
  } bad[] = {
    { "", "no ID" },
    { "53995c3f42cd8ad8", "segment or span" },
    { "1-5759e988-bd862e3fe1be46a99427279g", "character 35, “g”" },
    { "1-5759e988-bd862e3fe1be46a9942727", "last group has 22" },
    { "1-5759e98-bd862e3fe1be46a994272793", "first group has 7" },
    { "1-5759e988-bd-86", "two groups" },
    { "Root=1-5759e988;Sampled=1", "two groups" },
    { "\xff\xfe", "character 1, “?”" },
    { "abc", "3 hexadecimal digits" },
  };
  g_autofree char *huge = g_strnfill (5000, 'a');
  g_autofree char *problem = NULL;
  FluoTraceId id, expected;

  g_assert_true (fluo_trace_id_parse ("1-5759e988-bd862e3fe1be46a994272793", -1, &expected));
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      FluoSampled sampled;

      g_assert_true (fluo_trace_id_read (good[i].text, &id, &sampled, NULL));
      g_assert_true (fluo_trace_id_equal (&id, &expected));
      g_assert_cmpint (sampled, ==, good[i].sampled);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *why = NULL;

      g_assert_false (fluo_trace_id_read (bad[i].text, &id, NULL, &why));
      g_assert_nonnull (strstr (why, bad[i].words));
    }
  g_assert_false (fluo_trace_id_read (huge, &id, NULL, &problem));
  g_assert_nonnull (strstr (problem, "too long"));
}

static void
test_untrusted (void)
{
  GString *marks = g_string_new ("a");
  g_autofree char *calm = NULL;

  check (fluo_format_untrusted ("<b>&amp; %s%n", 100), "<b>&amp; %s%n");
  check (fluo_format_untrusted ("abcdef", 4), "abc…");
  check (fluo_format_untrusted ("abcd", 4), "abcd");
  check (fluo_format_untrusted ("a\nb\r\nc\xe2\x80\xa8" "d\te", 100), "a b c d e");
  check (fluo_format_untrusted ("a\x1b[31m\x7f", 100), "a␛[31m␡");
  /* A right-to-left override can't turn "exe.txt" round. */
  check (fluo_format_untrusted ("\xe2\x80\xaetxt.exe\xe2\x81\xa6", 100),
         "\xef\xbf\xbdtxt.exe\xef\xbf\xbd");
  check (fluo_format_untrusted ("a\xff", 100), "a\xef\xbf\xbd");
  check (fluo_format_untrusted (NULL, 100), "");
  check (fluo_format_untrusted ("\xd7\xa9", 100), "\xe2\x81\xa8\xd7\xa9\xe2\x81\xa9");
  for (guint i = 0; i < 20000; i++)
    g_string_append_unichar (marks, 0x301);
  calm = fluo_format_untrusted (marks->str, 100);
  g_assert_cmpuint (g_utf8_strlen (calm, -1), <=, 5);
  g_string_free (marks, TRUE);
}

static void
test_parse (void)
{
  gint64 value = 0;
  const gint64 now = 1000000 * SEC;

  g_assert_true (fluo_parse_duration ("90s", &value));
  g_assert_cmpint (value, ==, 90 * SEC);
  g_assert_true (fluo_parse_duration ("7d", &value));
  g_assert_cmpint (value, ==, 7 * 86400 * SEC);
  g_assert_false (fluo_parse_duration ("15", &value));
  g_assert_false (fluo_parse_duration ("15mm", &value));
  g_assert_false (fluo_parse_duration ("-1h", &value));
  g_assert_false (fluo_parse_duration ("99999999999999999999d", &value));
  g_assert_true (fluo_parse_time ("now", now, &value) && value == now);
  g_assert_true (fluo_parse_time ("-15m", now, &value) && value == now - 900 * SEC);
  g_assert_true (fluo_parse_time ("15m", now, &value) && value == now - 900 * SEC);
  g_assert_true (fluo_parse_time ("1795094508.5", now, &value));
  g_assert_cmpint (value, ==, G_GINT64_CONSTANT (1795094508500000000));
  g_assert_true (fluo_parse_time ("2026-11-19T13:21:48Z", now, &value));
  g_assert_cmpint (value, ==, G_GINT64_CONSTANT (1795094508000000000));
  g_assert_false (fluo_parse_time ("yesterday", now, &value));
  g_assert_false (fluo_parse_time ("", now, &value));
  g_assert_false (fluo_parse_time ("9999-01-01T00:00:00Z", now, &value));
}

static void
test_ids (void)
{
  FluoTraceId xray, w3c;
  guint64 span = 0;
  char text[FLUO_TRACE_ID_XRAY_LEN + 1];

  g_assert_true (fluo_trace_id_parse ("1-5F84C7A5-0123456789abcdef01234567", -1, &xray));
  g_assert_true (fluo_trace_id_parse ("5f84c7a50123456789abcdef01234567", -1, &w3c));
  g_assert_true (fluo_trace_id_equal (&xray, &w3c));
  g_assert_cmpuint (fluo_trace_id_hash (&xray), ==, fluo_trace_id_hash (&w3c));
  fluo_trace_id_format_xray (&w3c, text);
  g_assert_cmpstr (text, ==, "1-5f84c7a5-0123456789abcdef01234567");
  fluo_trace_id_format_w3c (&w3c, text);
  g_assert_cmpstr (text, ==, "5f84c7a50123456789abcdef01234567");
  g_assert_false (fluo_trace_id_parse ("1-5f84c7a5-0123456789abcdef0123456", -1, &w3c));
  g_assert_false (fluo_trace_id_parse ("1-5f84c7a5-0123456789abcdef012345678", -1, &w3c));
  g_assert_false (fluo_trace_id_parse ("2-5f84c7a5-0123456789abcdef01234567", -1, &w3c));
  g_assert_false (fluo_trace_id_parse ("1-5f84c7a5-0123456789abcdeg01234567", -1, &w3c));
  g_assert_true (fluo_span_id_parse ("00FF00000000000a", -1, &span));
  g_assert_cmphex (span, ==, G_GUINT64_CONSTANT (0xff00000000000a));
  fluo_span_id_format (span, text);
  g_assert_cmpstr (text, ==, "00ff00000000000a");
  g_assert_false (fluo_span_id_parse ("00ff0000000000a", -1, &span));
  g_assert_false (fluo_span_id_parse ("00ff00000000000x", -1, &span));
}

static void
test_status (void)
{
  g_assert_cmpint (fluo_status_classify (TRUE, TRUE, TRUE, 500), ==, FLUO_STATUS_THROTTLE);
  g_assert_cmpint (fluo_status_classify (TRUE, TRUE, FALSE, 0), ==, FLUO_STATUS_FAULT);
  g_assert_cmpint (fluo_status_classify (FALSE, TRUE, FALSE, 200), ==, FLUO_STATUS_ERROR);
  g_assert_cmpint (fluo_status_classify (FALSE, FALSE, FALSE, 429), ==, FLUO_STATUS_THROTTLE);
  g_assert_cmpint (fluo_status_classify (FALSE, FALSE, FALSE, 404), ==, FLUO_STATUS_ERROR);
  g_assert_cmpint (fluo_status_classify (FALSE, FALSE, FALSE, 502), ==, FLUO_STATUS_FAULT);
  g_assert_cmpint (fluo_status_classify (FALSE, FALSE, FALSE, 302), ==, FLUO_STATUS_OK);
  g_assert_cmpstr (fluo_status_to_word (FLUO_STATUS_THROTTLE), ==, "throttle");
}

static void
test_kinds (void)
{
  g_autofree char *dir = g_build_filename (g_getenv ("FLUO_SOURCE_DIR"), "resources", "icons",
                                           "scalable", "actions", NULL);

  g_assert_cmpint (fluo_kind_from_type (NULL, "checkout"), ==, FLUO_KIND_CODE);
  g_assert_cmpint (fluo_kind_from_type ("AWS::APIGateway::Stage", NULL), ==, FLUO_KIND_GATEWAY);
  g_assert_cmpint (fluo_kind_from_type ("AWS::Lambda", NULL), ==, FLUO_KIND_FUNCTION);
  g_assert_cmpint (fluo_kind_from_type ("AWS::Something::New", NULL), ==, FLUO_KIND_UNKNOWN);
  check (fluo_kind_dup_label ("AWS::DynamoDB::Table", "stock"), "DynamoDB table");
  check (fluo_kind_dup_label ("remote", "bank.example.com"), "Remote · HTTP");
  check (fluo_kind_dup_label ("AWS::Something::New", "x"), "Something::New");
  check (fluo_kind_dup_label (NULL, "x"), "Application");
  /* Every kind has a picture. */
  for (FluoKind kind = 0; kind < FLUO_N_KINDS; kind++)
    {
      g_autofree char *name =
        g_strconcat ("fluoroscope-", fluo_kind_get_icon (kind), "-symbolic.svg", NULL);
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
    }
}

static void
test_histogram (void)
{
  FluoHistogram a, b;
  gint64 sorted[1000];

  fluo_histogram_init (&a);
  fluo_histogram_init (&b);
  for (guint i = 0; i < 1000; i++)
    {
      sorted[i] = (gint64) (i + 1) * (i + 1) * 10000;
      fluo_histogram_add (i % 2 ? &a : &b, sorted[i], 1);
    }
  fluo_histogram_merge (&a, &b, 1);
  g_assert_cmpint (a.count, ==, 1000);
  for (double q = 0.01; q < 1; q += 0.01)
    {
      double exact = (double) fluo_percentile (sorted, 1000, q),
             found = (double) fluo_histogram_quantile (&a, q);

      g_assert_cmpfloat (ABS (found - exact) / exact, <=, 0.0111);
    }
  /* Taking away leaves exactly what was there. */
  fluo_histogram_merge (&a, &b, -1);
  for (guint i = 1; i < 1000; i += 2)
    fluo_histogram_add (&a, sorted[i], -1);
  g_assert_cmpint (a.count, ==, 0);
  g_assert_cmpint (a.sum_ns, ==, 0);
  g_assert_cmpuint (a.entries->len, ==, 0);
  g_assert_cmpint (fluo_histogram_quantile (&a, 0.5), ==, 0);
  g_assert_cmpint (fluo_percentile (sorted, 4, 0.5), ==, sorted[1]);
  g_assert_cmpint (fluo_histogram_bucket_of (G_MAXINT64), >, fluo_histogram_bucket_of (SEC));
  fluo_histogram_clear (&a);
  fluo_histogram_clear (&b);
}

static void
test_display_names (void)
{
  static const struct
  {
    const char *type, *name, *shown;
  } cases[] = {
    /* As the SDKs and X-Ray write them. */
    { "AWS::SQS::Queue", "https://sqs.eu-central-1.amazonaws.com/402155889917/emails", "emails" },
    { "AWS::SQS::Queue", "http://localhost:4566/000000000000/orders-queue", "orders-queue" },
    { "AWS::SQS::Queue", "https://sqs.us-east-1.amazonaws.com/123456789012/orders.fifo",
      "orders.fifo" },
    { NULL, "https://eu-west-1.queue.amazonaws.com/123456789012/jobs", "jobs" },
    { "AWS::SQS", "SQS", "SQS" },
    { "AWS::SNS",
      "arn:aws:sns:us-west-2:123456789012:awseb-e-ruag3jyweb-stack-NotificationTopic-6B829NT9V5O9",
      "awseb-e-ruag3jyweb-stack-NotificationTopic-6B829NT9V5O9" },
    { "AWS::Lambda", "arn:aws:lambda:us-west-2:123456789012:function:random-name", "random-name" },
    { "AWS::ECS::Container", "arn:aws:ecs:eu-central-1:402155889917:cluster/petshop", "petshop" },
    { "AWS::StepFunctions::StateMachine",
      "arn:aws:states:us-east-1:123456789012:stateMachine:Refund", "Refund" },
    { "AWS::S3::Bucket", "arn:aws-cn:s3:::receipts/2024", "receipts/2024" },
    { "AWS::SNS", "arn:aws:sns:us-west-2:123456789012:", "arn:aws:sns:us-west-2:123456789012:" },
    { "AWS::SNS", "arn:aws:sns", "arn:aws:sns" },
    { "remote", "https://bank.example.com/v2/charge", "bank.example.com/v2/charge" },
    { "remote", "https://bank.example.com", "bank.example.com" },
    { "remote", "https://user:secret@bank.example.com/x", "bank.example.com/x" },
    { "Database::SQL", "postgresql://orders.internal:5432/orders", "orders.internal:5432/orders" },
    { "Database::SQL", "ebdb@aawijb5u25wdoy.cpamxznpdoq8.us-west-2.rds.amazonaws.com",
      "ebdb@aawijb5u25wdoy.cpamxznpdoq8.us-west-2.rds.amazonaws.com" },
    /* All functions, folded into one; and a service that somebody called so. */
    { "AWS::Lambda::Function", "AWS::Lambda::Function", "Lambda function" },
    { "remote", "remote", "remote" },
    /* Not addresses, or no more than half of one. */
    { NULL, "checkout", "checkout" },
    { NULL, "names/with: colons", "names/with: colons" },
    { "remote", "https://", "https://" },
    { "AWS::SQS::Queue", "https://sqs.eu-central-1.amazonaws.com/",
      "sqs.eu-central-1.amazonaws.com/" },
    { NULL, "", "" },
    { "client", NULL, "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpstr (fluo_kind_get_display_name (cases[i].type, cases[i].name), ==, cases[i].shown);
}

static void
test_alphabets (void)
{
  g_assert_true (fluo_text_mixes_alphabets ("p\320\260ypal", 100));   /* a Cyrillic a */
  g_assert_true (fluo_text_mixes_alphabets ("api b\316\277ok", 100)); /* a Greek omicron */
  g_assert_false (fluo_text_mixes_alphabets ("p\320\260ypal", 1));
  g_assert_false (fluo_text_mixes_alphabets ("paypal, caf\303\251, 10 \302\265s", 100));
  g_assert_false (fluo_text_mixes_alphabets ("\316\224t \316\273-api", 100));
  g_assert_false (fluo_text_mixes_alphabets ("api-\320\277\320\273\320\260\321\202", 100));
  g_assert_false (fluo_text_mixes_alphabets ("", 100));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/format/durations", test_durations);
  g_test_add_func ("/format/axis", test_axis);
  g_test_add_func ("/format/axis-step", test_axis_step);
  g_test_add_func ("/format/amounts", test_amounts);
  g_test_add_func ("/format/marks", test_marks);
  g_test_add_func ("/format/clock", test_clock);
  g_test_add_func ("/format/untrusted", test_untrusted);
  g_test_add_func ("/format/untrusted-again", test_untrusted_again);
  g_test_add_func ("/format/alphabets", test_alphabets);
  g_test_add_func ("/values/id-as-copied", test_id_as_copied);
  g_test_add_func ("/format/parse", test_parse);
  g_test_add_func ("/values/ids", test_ids);
  g_test_add_func ("/values/status", test_status);
  g_test_add_func ("/values/kinds", test_kinds);
  g_test_add_func ("/values/display-names", test_display_names);
  g_test_add_func ("/values/histogram", test_histogram);
  return g_test_run ();
}
