/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-console-link.h"

G_BEGIN_DECLS

/* Shared by what reads addresses of consoles and what writes them. */

/* Where the consoles are; the commercial one has regional names ("eu-west-1.console.aws.…") too.
 * A region that has none of these beginnings is commercial, which is the last. */
typedef struct
{
  const char *region_prefix;
  const char *host;
} FluoConsole;

extern const FluoConsole fluo_consoles[6];

gboolean fluo_console_is_region (const char *text); /* as a DNS label; NULL is none */

/* fluo-console-notation.c */
/* One value, under the path of names that leads to it ("/context/timeRange/delta"); takes over
 * @value. */
typedef void (*FluoConsoleValueFunc) (const char *path, char *value, gpointer data);

/* All values in "~(…)"; none in what is no notation. */
void     fluo_console_walk      (const char *text, FluoConsoleValueFunc func, gpointer data);

/* fluo-console-link.c */
/* "2018-09-01T16:00", with seconds and a zone or without. */
gboolean fluo_console_read_time (const char *text, gint64 *ret_ns);
/* Nothing when they are no range, or one that no trace lives for. */
void     fluo_console_take_span (FluoConsoleLink *self, gint64 begin_ns, gint64 end_ns);
#define FLUO_CONSOLE_RANGE_MAX_NS (400 * 24 * 60 * FLUO_NSEC_PER_MIN) /* traces live for 30 days */

/* fluo-console-link-logs.c */
/* After "logsV2:logs-insights" or "log-analytics". FALSE when the query is of no trace. */
gboolean fluo_console_read_logs (FluoConsoleLink *self, const char *text);

G_END_DECLS
