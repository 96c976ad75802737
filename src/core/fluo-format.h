/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-time-span.h"

G_BEGIN_DECLS

/* The one formatter of durations, counts, shares and times (design: numbers, time, words). All
 * results are newly allocated UTF-8 with a no-break space (U+00A0) before a unit. Numbers have the
 * locale's decimal mark and grouping, so they are for people: expressions, JSON and CSV write
 * theirs with g_ascii_formatd() or a FluoJsonWriter. Any thread. */

/* In place of the locale's marks; NULL: the locale's. Static strings, before any thread runs. */
void  fluo_format_set_marks      (const char *decimal, const char *group);
/* @format as g_ascii_formatd() takes it. */
char *fluo_format_number         (double value, const char *format); /* "2.5" */

char *fluo_format_duration (
  gint64 duration_ns); /* "840 µs", "7.8 ms", "472 ms", "2.31 s", "14.2 s", "2 min 5 s" */
char *fluo_format_duration_exact (
  gint64 duration_ns); /* milliseconds kept: "2.125 s", "86 ms", "840 µs" */
char *fluo_format_offset         (gint64 offset_ns);    /* "+2.211 s", "+86 ms" */
/* "+1.71 s", "−1.0 ms", "0": the sign is a true minus. */
char *fluo_format_difference     (gint64 difference_ns);
char *fluo_format_axis (
  gint64 value_ns, gint64 step_ns); /* as many digits as the step needs: "0", "500 ms", "1.5 s" */
/* The least round step of at least @least_ns for an axis: 1, 2 or 5 of a decade up to 10 s, then
 * what clocks divide by. */
gint64 fluo_format_axis_step     (gint64 least_ns);
char *fluo_format_count          (guint64 count);       /* "12,930" */
char *fluo_format_share          (double share);        /* 0..1: "92%", "2.4%", "<0.1%", "0%" */
char *fluo_format_share_parts (
  double share); /* one decimal throughout, for parts that must add up: "92.0%" */
/* @value of a hundred, @format as for a number. */
char *fluo_format_percent        (double value, const char *format); /* "0.25%" */
char *fluo_format_rate           (double per_minute);   /* "193/min", "4.2/min" */
char *fluo_format_times          (double factor);       /* "4.3 times" */
char *fluo_format_bytes          (guint64 bytes);       /* "14.2 MB" */

typedef enum
{
  FLUO_CLOCK_MINUTES,      /* 14:31 */
  FLUO_CLOCK_SECONDS,      /* 14:31:48 */
  FLUO_CLOCK_MILLISECONDS  /* 14:31:48.214 */
} FluoClockPrecision;

/* @zone NULL means local time. */
char *fluo_format_clock          (gint64 time_ns, FluoClockPrecision precision, GTimeZone *zone);
char *fluo_format_date_time_utc  (gint64 time_ns);      /* "2026-11-19 13:31:48.214 UTC" */
char *fluo_format_range (FluoTimeSpan span,
                         GTimeZone *zone); /* "14:17 to 14:32", with dates when they differ */
char *fluo_format_trace_id_short (const char *id);      /* "…3d601dea" */

/* Text from a trace made safe to lay out: at most @max_chars characters (an ellipsis marks the
 * cut), controls replaced by visible pictures, bidirectional overrides neutralised, combining marks
 * bounded, line breaks as spaces. Do this before any text of a trace reaches Pango or a
 * terminal. */
char *fluo_format_untrusted      (const char *text, gsize max_chars);
/* A word of it has letters of several alphabets that look alike (Latin, Greek, Cyrillic), as one
 * that is to be taken for another has. Looks at the first @max_chars. */
gboolean fluo_text_mixes_alphabets (const char *text, gsize max_chars);

/* "now", "-15m", "15m" (ago), "2026-11-19T13:31:48Z", epoch seconds. FALSE for anything else. */
gboolean fluo_parse_time         (const char *text, gint64 now_ns, gint64 *ret_ns);
/* "90s", "15m", "6h", "7d". */
gboolean fluo_parse_duration     (const char *text, gint64 *ret_ns);

G_END_DECLS
