/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-format.h"

#include <glib/gi18n-lib.h>
#include <langinfo.h>
#include <math.h>
#include <string.h>

#include "fluo-json.h"

#define NBSP "\302\240"
#define MINUS "\342\210\222"
#define MISSING "\342\200\223"
#define HOUR (60 * FLUO_NSEC_PER_MIN)
#define DAY (24 * HOUR)

/* Instead of the locale's; set before any thread runs. */
static const char *own_decimal_mark, *own_group_mark;

/* --- Marks of numbers ------------------------------------------------------ */

void
fluo_format_set_marks (const char *decimal, const char *group)
{
  own_decimal_mark = decimal;
  own_group_mark = group;
}

static const char *
decimal_mark (void)
{
  const char *mark = own_decimal_mark ? own_decimal_mark : nl_langinfo (RADIXCHAR);

  return mark && *mark && g_utf8_validate (mark, -1, NULL) ? mark : ".";
}

static const char *
group_mark (void)
{
  const char *mark = own_group_mark ? own_group_mark : nl_langinfo (THOUSEP);

  if (mark && *mark && g_utf8_validate (mark, -1, NULL))
    return mark;
  /* The C locale knows no grouping; English is what the interface then speaks. Where a comma begins
   * the decimals, a narrow space can't be mistaken for it. */
  return *decimal_mark () == '.' ? "," : "\342\200\257";
}

char *
fluo_format_number (double value, const char *format)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  char *point;

  g_ascii_formatd (text, sizeof text, format, value);
  point = strchr (text, '.');
  if (!point)
    return g_strdup (text);
  *point = '\0';
  return g_strconcat (text, decimal_mark (), point + 1, NULL);
}

/* --- Durations ------------------------------------------------------------- */

/* Magnitude without overflow on G_MININT64. */
static gint64
magnitude (gint64 ns)
{
  return ns == G_MININT64 ? G_MAXINT64 : ABS (ns);
}

/* @value over @unit with @decimals digits, rounded half up: "2.31". All durations go through
 * integers, so that 999.5 ms never prints as "1000 ms". */
static char *
decimal (gint64 value, gint64 unit, guint decimals)
{
  gint64 step = unit;
  gint64 scale = 1, n;

  for (guint i = 0; i < decimals; i++)
    {
      step /= 10;
      scale *= 10;
    }
  step = MAX (step, 1);
  n = value / step + (value % step >= (step + 1) / 2 && value % step > 0);
  if (decimals == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT, n);
  return g_strdup_printf ("%" G_GINT64_FORMAT "%s%0*" G_GINT64_FORMAT, n / scale, decimal_mark (),
                          (int) decimals, n % scale);
}

static char *
with_unit (gint64 value, gint64 unit, guint decimals, const char *name)
{
  g_autofree char *number = decimal (value, unit, decimals);

  return g_strconcat (number, NBSP, name, NULL);
}

/* From a minute on: two units, the smaller one rounded. Under an hour the seconds have @decimals
 * digits. */
static char *
long_duration (gint64 ns, guint decimals)
{
  gint64 step = decimals == 3 ? FLUO_NSEC_PER_MSEC : FLUO_NSEC_PER_SEC;
  gint64 rounded = ns < HOUR ? (ns / step + (ns % step >= step / 2)) * step : HOUR;

  if (rounded < HOUR)
    {
      g_autofree char *seconds = decimal (rounded % FLUO_NSEC_PER_MIN, FLUO_NSEC_PER_SEC, decimals);

      return g_strdup_printf ("%d" NBSP "min" NBSP "%s" NBSP "s",
                              (int) (rounded / FLUO_NSEC_PER_MIN), seconds);
    }
  rounded = ns / FLUO_NSEC_PER_MIN + (ns % FLUO_NSEC_PER_MIN >= FLUO_NSEC_PER_MIN / 2);
  if (rounded < 24 * 60)
    return g_strdup_printf ("%d" NBSP "h" NBSP "%d" NBSP "min", (int) (rounded / 60),
                            (int) (rounded % 60));
  rounded = ns / HOUR + (ns % HOUR >= HOUR / 2);
  return g_strdup_printf ("%d" NBSP "d" NBSP "%d" NBSP "h", (int) (rounded / 24),
                          (int) (rounded % 24));
}

static char *
negative (char *(*format) (gint64), gint64 ns)
{
  g_autofree char *text = format (magnitude (ns));

  return g_strconcat (MINUS, text, NULL);
}

char *
fluo_format_duration (gint64 duration_ns)
{
  if (duration_ns < 0)
    return negative (fluo_format_duration, duration_ns);
  if (duration_ns > 0 && duration_ns < FLUO_NSEC_PER_USEC / 2)
    return g_strdup ("<1" NBSP "µs");
  if (duration_ns < 999500)
    return with_unit (duration_ns, FLUO_NSEC_PER_USEC, 0, "µs");
  if (duration_ns < 9950000)
    return with_unit (duration_ns, FLUO_NSEC_PER_MSEC, 1, "ms");
  if (duration_ns < 999500000)
    return with_unit (duration_ns, FLUO_NSEC_PER_MSEC, 0, "ms");
  if (duration_ns < 9995 * FLUO_NSEC_PER_MSEC)
    return with_unit (duration_ns, FLUO_NSEC_PER_SEC, 2, "s");
  if (duration_ns < 59950 * FLUO_NSEC_PER_MSEC)
    return with_unit (duration_ns, FLUO_NSEC_PER_SEC, 1, "s");
  return long_duration (duration_ns, 0);
}

char *
fluo_format_duration_exact (gint64 duration_ns)
{
  if (duration_ns < 0)
    return negative (fluo_format_duration_exact, duration_ns);
  if (duration_ns < 999500000)
    return fluo_format_duration (duration_ns);
  if (duration_ns < FLUO_NSEC_PER_MIN - FLUO_NSEC_PER_MSEC / 2)
    return with_unit (duration_ns, FLUO_NSEC_PER_SEC, 3, "s");
  return long_duration (duration_ns, 3);
}

char *
fluo_format_offset (gint64 offset_ns)
{
  g_autofree char *text = NULL;

  if (offset_ns < 0)
    return fluo_format_duration_exact (offset_ns);
  if (offset_ns == 0)
    return g_strdup ("+0" NBSP "ms");
  text = fluo_format_duration_exact (offset_ns);
  return g_strconcat ("+", text, NULL);
}

char *
fluo_format_difference (gint64 difference_ns)
{
  g_autofree char *length = fluo_format_duration (ABS (difference_ns));

  if (difference_ns == 0)
    return g_strdup ("0");
  return g_strconcat (difference_ns > 0 ? "+" : "−", length, NULL);
}

/* Digits after the point so that multiples of @step can be told apart in @unit. */
static guint
digits_for (gint64 step, gint64 unit)
{
  guint n = 0;

  for (; n < 9 && step % unit != 0 && unit > 1; n++)
    unit /= 10;
  return n;
}

char *
fluo_format_axis (gint64 value_ns, gint64 step_ns)
{
  gint64 value = magnitude (value_ns), step = step_ns > 0 ? step_ns : MAX (value, 1);
  g_autofree char *text = NULL;

  if (value == 0)
    return g_strdup ("0");
  if (value < FLUO_NSEC_PER_USEC)
    text = with_unit (value, 1, 0, "ns");
  else if (value < FLUO_NSEC_PER_MSEC)
    text = with_unit (value, FLUO_NSEC_PER_USEC, digits_for (step, FLUO_NSEC_PER_USEC), "µs");
  else if (value < FLUO_NSEC_PER_SEC)
    text = with_unit (value, FLUO_NSEC_PER_MSEC, digits_for (step, FLUO_NSEC_PER_MSEC), "ms");
  else if (value < FLUO_NSEC_PER_MIN || step % FLUO_NSEC_PER_SEC != 0)
    text = with_unit (value, FLUO_NSEC_PER_SEC, digits_for (step, FLUO_NSEC_PER_SEC), "s");
  else if (step % DAY == 0)
    text = with_unit (value, DAY, 0, "d");
  else if (step % HOUR == 0)
    text = with_unit (value, HOUR, 0, "h");
  else if (step % FLUO_NSEC_PER_MIN == 0)
    text = with_unit (value, FLUO_NSEC_PER_MIN, 0, "min");
  else
    text = long_duration (value, 0);
  return g_strconcat (value_ns < 0 ? MINUS : "", text, NULL);
}

gint64
fluo_format_axis_step (gint64 least_ns)
{
  static const gint64 minutes[] = { 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400 };
  gint64 step = 1;

  while (step < least_ns && step < 10 * FLUO_NSEC_PER_SEC)
    {
      if (2 * step >= least_ns)
        return 2 * step;
      if (5 * step >= least_ns)
        return 5 * step;
      step *= 10;
    }
  if (step >= least_ns)
    return step;
  if (least_ns <= 30 * FLUO_NSEC_PER_SEC)
    return 30 * FLUO_NSEC_PER_SEC;
  for (guint i = 0; i < G_N_ELEMENTS (minutes); i++)
    if (minutes[i] * FLUO_NSEC_PER_SEC >= least_ns)
      return minutes[i] * FLUO_NSEC_PER_SEC;

  return (least_ns / (86400 * FLUO_NSEC_PER_SEC) + 1) * 86400 * FLUO_NSEC_PER_SEC;
}

/* --- Counts and shares ----------------------------------------------------- */

char *
fluo_format_count (guint64 count)
{
  const char *separator = group_mark ();
  char digits[24];
  GString *out = g_string_new (NULL);
  int n;

  n = g_snprintf (digits, sizeof digits, "%" G_GUINT64_FORMAT, count);
  for (int i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append (out, separator);
      g_string_append_c (out, digits[i]);
    }
  return g_string_free (out, FALSE);
}

/* One decimal below ten, none from there on, with the switch where the rounded value is. */
static char *
one_decimal_below_ten (double value)
{
  if (value < 9.95)
    return fluo_format_number (value, "%.1f");
  return fluo_format_count ((guint64) llround (MIN (value, 1e15)));
}

/* @number of a hundred, as the language writes it. */
static char *
percent (const char *number)
{
  /* Translators: a share, "2.4%"; some languages have a no-break space before the sign. */
  return g_strdup_printf (_("%s%%"), number);
}

char *
fluo_format_percent (double value, const char *format)
{
  g_autofree char *number = fluo_format_number (value, format);

  return percent (number);
}

static char *
under_a_tenth (void)
{
  g_autofree char *number = fluo_format_number (0.1, "%.1f");
  g_autofree char *text = g_strconcat ("<", number, NULL);

  return percent (text);
}

char *
fluo_format_share (double share)
{
  g_autofree char *number = NULL;

  if (!(share > 0))
    return percent ("0");
  if (share < 0.001)
    return under_a_tenth ();
  number = one_decimal_below_ten (share * 100);
  return percent (number);
}

char *
fluo_format_share_parts (double share)
{
  if (share > 0 && share < 0.0005)
    return under_a_tenth ();
  return fluo_format_percent (share > 0 ? share * 100 : 0, "%.1f");
}

char *
fluo_format_rate (double per_minute)
{
  g_autofree char *number = per_minute > 0 ? one_decimal_below_ten (per_minute) : g_strdup ("0");

  return g_strconcat (number, "/min", NULL);
}

char *
fluo_format_times (double factor)
{
  g_autofree char *number = one_decimal_below_ten (factor > 0 ? factor : 0);

  /* Translators: so many times as large, "4.3 times"; the space is a no-break space. */
  return g_strdup_printf (_("%s\302\240times"), number);
}

char *
fluo_format_bytes (guint64 bytes)
{
  static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
  g_autofree char *number = NULL;
  double value = (double) bytes / 1000;
  guint unit = 0;

  if (bytes < 1000)
    return g_strdup_printf ("%d" NBSP "B", (int) bytes);
  while (value >= 999.5 && unit + 1 < G_N_ELEMENTS (units))
    {
      value /= 1000;
      unit++;
    }
  number = fluo_format_number (value, value < 99.95 ? "%.1f" : "%.0f");
  return g_strconcat (number, NBSP, units[unit], NULL);
}

/* --- Times ----------------------------------------------------------------- */

static GDateTime *
date_time (gint64 time_ns, GTimeZone *zone)
{
  gint64 seconds = time_ns / FLUO_NSEC_PER_SEC - (time_ns % FLUO_NSEC_PER_SEC < 0);
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (seconds);

  if (!utc)
    return NULL;
  return zone ? g_date_time_to_timezone (utc, zone) : g_date_time_to_local (utc);
}

static int
milliseconds (gint64 time_ns)
{
  gint64 rest = time_ns % FLUO_NSEC_PER_SEC;

  return (int) ((rest < 0 ? rest + FLUO_NSEC_PER_SEC : rest) / FLUO_NSEC_PER_MSEC);
}

char *
fluo_format_clock (gint64 time_ns, FluoClockPrecision precision, GTimeZone *zone)
{
  g_autoptr (GDateTime) time = date_time (time_ns, zone);

  if (!time)
    return g_strdup (MISSING);
  if (precision == FLUO_CLOCK_MINUTES)
    return g_strdup_printf ("%02d:%02d", g_date_time_get_hour (time),
                            g_date_time_get_minute (time));
  if (precision == FLUO_CLOCK_SECONDS)
    return g_strdup_printf ("%02d:%02d:%02d", g_date_time_get_hour (time),
                            g_date_time_get_minute (time), g_date_time_get_second (time));
  return g_strdup_printf ("%02d:%02d:%02d%s%03d", g_date_time_get_hour (time),
                          g_date_time_get_minute (time), g_date_time_get_second (time),
                          decimal_mark (), milliseconds (time_ns));
}

char *
fluo_format_date_time_utc (gint64 time_ns)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = date_time (time_ns, utc);
  g_autofree char *seconds = NULL;

  if (!time)
    return g_strdup (MISSING);
  seconds = g_date_time_format (time, "%Y-%m-%d %H:%M:%S");
  return g_strdup_printf ("%s.%03d UTC", seconds, milliseconds (time_ns));
}

char *
fluo_format_range (FluoTimeSpan span, GTimeZone *zone)
{
  g_autoptr (GDateTime) begin = date_time (span.begin_ns, zone),
                        end = date_time (span.end_ns, zone);
  g_autofree char *from = NULL, *to = NULL;
  gboolean same_day, seconds;

  if (!begin || !end)
    return g_strdup (MISSING);
  same_day = g_date_time_get_year (begin) == g_date_time_get_year (end) &&
             g_date_time_get_day_of_year (begin) == g_date_time_get_day_of_year (end);
  seconds = fluo_time_span_length (span) < 2 * FLUO_NSEC_PER_MIN;
  if (same_day)
    {
      FluoClockPrecision precision = seconds ? FLUO_CLOCK_SECONDS : FLUO_CLOCK_MINUTES;

      from = fluo_format_clock (span.begin_ns, precision, zone);
      to = fluo_format_clock (span.end_ns, precision, zone);
    }
  else
    {
      from = g_date_time_format (begin, seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M");
      to = g_date_time_format (end, seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M");
    }
  /* Translators: a range of clock times, "14:17 to 14:32". */
  return g_strdup_printf (_("%s to %s"), from, to);
}

char *
fluo_format_trace_id_short (const char *id)
{
  glong n = id ? g_utf8_strlen (id, -1) : 0;

  if (n <= 8)
    return g_strdup (id ? id : MISSING);
  return g_strconcat ("…", g_utf8_offset_to_pointer (id, n - 8), NULL);
}

/* --- Parsing --------------------------------------------------------------- */

gboolean
fluo_parse_duration (const char *text, gint64 *ret_ns)
{
  guint64 n;
  char *end = NULL;
  gint64 unit;

  if (!text || !g_ascii_isdigit (*text))
    return FALSE;
  n = g_ascii_strtoull (text, &end, 10);
  switch (*end)
    {
    case 's': unit = FLUO_NSEC_PER_SEC; break;
    case 'm': unit = FLUO_NSEC_PER_MIN; break;
    case 'h': unit = HOUR; break;
    case 'd': unit = DAY; break;
    default: return FALSE;
    }
  if (end[1] != '\0' || n > (guint64) (G_MAXINT64 / unit))
    return FALSE;
  *ret_ns = (gint64) n * unit;
  return TRUE;
}

gboolean
fluo_parse_time (const char *text, gint64 now_ns, gint64 *ret_ns)
{
  g_autoptr (GTimeZone) utc = NULL;
  g_autoptr (GDateTime) time = NULL;
  FluoJsonScanner scanner;
  gint64 ago;

  if (!text)
    return FALSE;
  if (strcmp (text, "now") == 0)
    {
      *ret_ns = now_ns;
      return TRUE;
    }
  if (fluo_parse_duration (*text == '-' ? text + 1 : text, &ago))
    return !__builtin_sub_overflow (now_ns, ago, ret_ns);
  fluo_json_scanner_init (&scanner, text, strlen (text));
  if (g_ascii_isdigit (*text) && fluo_json_scanner_next (&scanner) == FLUO_JSON_NUMBER)
    return fluo_json_scanner_next (&scanner) == FLUO_JSON_END &&
           fluo_json_scanner_seconds (&scanner, ret_ns);
  utc = g_time_zone_new_utc ();
  time = g_date_time_new_from_iso8601 (text, utc);
  if (!time || __builtin_mul_overflow (g_date_time_to_unix (time), FLUO_NSEC_PER_SEC, &ago))
    return FALSE;
  *ret_ns = ago + g_date_time_get_microsecond (time) * FLUO_NSEC_PER_USEC;
  return TRUE;
}
