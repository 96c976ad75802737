/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-log-message.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* What a trace's programs said while it ran, line by line, each with the call it belongs to: log
 * lines, or, where there are none, the exceptions and events that the documents themselves hold.
 * Filled by one thread, then immutable; reference counting is atomic. All texts are untrusted. */

#define FLUO_TRACE_LINES_MAX 20000

typedef struct
{
  gint64       time_ns;
  guint32      span;    /* FLUO_SPAN_NONE: nothing says which call it was */
  guint32      service; /* of the trace, or G_MAXUINT32 */
  FluoLogLevel level;
  char        *text;    /* what it says, in one line */
  char        *message; /* all of it, as it came; NULL when text is all */
  char        *group;   /* log group, or NULL */
  char        *stream;  /* or NULL */
} FluoTraceLine;

typedef struct
{
  GPtrArray *lines;   /* FluoTraceLine, oldest first once it is sealed */
  gboolean   is_cut;  /* there were more */
} FluoTraceLines;

FluoTraceLines *fluo_trace_lines_new   (void);
FluoTraceLines *fluo_trace_lines_ref   (FluoTraceLines *self);
void            fluo_trace_lines_unref (FluoTraceLines *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoTraceLines, fluo_trace_lines_unref)
/* A new line to be filled; NULL when there are too many. */
FluoTraceLine  *fluo_trace_lines_add   (FluoTraceLines *self);
/* Sorts; lines of one time stay in the order they came. */
void            fluo_trace_lines_seal  (FluoTraceLines *self);
guint           fluo_trace_lines_count (const FluoTraceLines *self, FluoLogLevel least);

/* The exceptions and events in the documents. An exception has no time of its own: it is told when
 * its call ended, or by its event. Parses the documents that may have some. */
FluoTraceLines *fluo_trace_lines_new_of_trace (FluoTrace *trace) G_GNUC_WARN_UNUSED_RESULT;

/* The deepest call under @segment that ran at @time_ns, of the document that @segment is: the one
 * that was made then. */
guint32         fluo_trace_lines_find_call (FluoTrace *trace, guint32 segment, gint64 time_ns);

/* All of a line's message, its text when there is nothing more. Borrowed. */
const char     *fluo_trace_line_get_message (const FluoTraceLine *self);

/* As text, a line a row ("+2.211 s  ERROR  payments  read timed out"), offsets from the trace's
 * begin; as a JSON array. @trace may be NULL: then times are UTC. @indexes: which ones, or NULL:
 * all. */
char *fluo_trace_lines_to_text (const FluoTraceLines *self, const GArray *indexes,
                                FluoTrace *trace);
char *fluo_trace_lines_to_json (const FluoTraceLines *self, const GArray *indexes,
                                FluoTrace *trace);

G_END_DECLS
