/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-time-span.h"
#include "core/fluo-trace-summary.h"
#include "core/fluo-trace.h"
#include "fake-ui.h"

G_BEGIN_DECLS

/* An X-Ray API with fluoroscoped's additions, answered from memory on the test's own main context.
 * Its traces are the Petshop's. Counts what it was asked, so that tests can tell a live update from
 * a full read. */
typedef struct _FakeXray FakeXray;

FakeXray          *fake_xray_new          (void);
void               fake_xray_free         (FakeXray *self);
const char        *fake_xray_get_endpoint (FakeXray *self);
/* Adds @n traces that start within the last @seconds, then tells whoever waits for a change. */
void               fake_xray_add_traces   (FakeXray *self, guint n, guint seconds, guint32 seed);
/* A trace of this one segment; nobody is told. */
void               fake_xray_add_document (FakeXray *self, const char *document);
guint              fake_xray_get_n_traces (FakeXray *self);
FluoTrace *fake_xray_get_trace (FakeXray *self, guint index); /* newest is last; borrowed */
/* Ends the server, and starts it again on the same port with what it had. */
void               fake_xray_stop         (FakeXray *self);
void               fake_xray_start        (FakeXray *self);
/* How many of its traces match. */
guint              fake_xray_count        (FakeXray *self, const char *expression);
/* Answers of GetTraceSummaries by range (whole) and by event time (live); those to a question with
 * a filter are counted apart. */
guint              fake_xray_get_n_reads  (FakeXray *self);
guint              fake_xray_get_n_events (FakeXray *self);
guint              fake_xray_get_n_filtered (FakeXray *self);
guint              fake_xray_get_n_counts (FakeXray *self);
guint              fake_xray_get_n_vocabularies (FakeXray *self);
gboolean           fake_xray_is_pinned    (FakeXray *self, const FluoTraceId *id);
/* Keeps a trace of these documents (NULL-terminated), in the place of one with the same id. */
void               fake_xray_put          (FakeXray *self, const char *const *documents);
/* Answers of BatchGetTraces. */
guint              fake_xray_get_n_batches (FakeXray *self);
/* It has none of its traces any more. */
void               fake_xray_forget       (FakeXray *self);
/* As AWS: nothing but X-Ray's own operations. */
void               fake_xray_set_plain    (FakeXray *self, gboolean plain);
/* Questions to that path, without a query, wait; NULL answers them. */
void               fake_xray_hold         (FakeXray *self, const char *path);
/* Of whoever asks, "full" or "read". */
void               fake_xray_set_role     (FakeXray *self, const char *role);
/* Whole reads of GetTraceSummaries whose range ends at that time or before wait; 0 answers them. */
void               fake_xray_hold_reads   (FakeXray *self, gint64 older_than_ns);
/* Those whose range ends in (begin, end] fail. */
void               fake_xray_break_reads  (FakeXray *self, FluoTimeSpan ends);
/* The group Default has this one insight, whose likely cause is @cause, since @begin_ns; NULL:
 * none. Before it is called, no group looks for insights; UpdateGroup changes that. */
void               fake_xray_set_insight  (FakeXray *self, const char *cause, gint64 begin_ns);
/* How often somebody asked for insights. */
guint              fake_xray_get_n_insights (FakeXray *self);
/* "name: filter" of the group that was made last, or NULL. */
const char        *fake_xray_get_group    (FakeXray *self);
/* Asked what is missing it has this one finding to tell. */
void               fake_xray_set_finding  (FakeXray *self, const char *kind);
/* Every API answer is this error; NULL ends it. */
void               fake_xray_set_error    (FakeXray *self, const char *type);

/* Transaction Search is on, and none of its traces is indexed: they are not found, and come out of
 * retrievals as these documents, a NULL-terminated list of one trace in @format ("XRAY" or
 * "OTEL"). */
void               fake_xray_set_search   (FakeXray *self, const char *format, const char *id,
                                           const char *const *documents);
guint              fake_xray_get_n_retrievals (FakeXray *self);

/* That path is refused for want of a permission, without a word; NULL ends it. */
void               fake_xray_deny         (FakeXray *self, const char *path);

G_END_DECLS
