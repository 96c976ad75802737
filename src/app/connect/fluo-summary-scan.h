/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Reads the summaries of a time range, newest first, in parts of which several are read at once.
 * What came is there while the rest is read, and when parts fail. Main thread. Signal "changed"
 * (): more came, or reading has ended or failed; seldom enough that a list of 100,000 may be shown
 * anew each time. */
#define FLUO_TYPE_SUMMARY_SCAN (fluo_summary_scan_get_type ())
G_DECLARE_FINAL_TYPE (FluoSummaryScan, fluo_summary_scan, FLUO, SUMMARY_SCAN, GObject)

/* Reading stops with so many; each fluo_summary_scan_resume() reads as many more. */
#define FLUO_SUMMARY_SCAN_MAX 100000

/* @filter NULL: of all traffic. Nothing is asked before it is resumed for the first time. */
FluoSummaryScan *fluo_summary_scan_new (FluoXrayClient *client, const char *filter,
                                        FluoTimeSpan span, guint n_max);
/* Begins, goes on after stopping, or tries again what failed. */
void     fluo_summary_scan_resume    (FluoSummaryScan *self);
/* Ends reading; no signal comes of it. */
void     fluo_summary_scan_stop      (FluoSummaryScan *self);

GPtrArray *fluo_summary_scan_get_items (FluoSummaryScan *self); /* FluoTraceSummary, newest first;
                                                                  * borrowed, never changed */
/* Puts in place what a live read brought, without a signal. */
void     fluo_summary_scan_set_items (FluoSummaryScan *self, GPtrArray *items);
/* Traces that were looked at, matching or not. */
guint64  fluo_summary_scan_get_n_processed (FluoSummaryScan *self);
gboolean fluo_summary_scan_is_running  (FluoSummaryScan *self);
gboolean fluo_summary_scan_is_complete (FluoSummaryScan *self); /* everything was read */
gint64   fluo_summary_scan_get_read_ns (FluoSummaryScan *self);
GArray  *fluo_summary_scan_dup_gaps    (FluoSummaryScan *self) G_GNUC_WARN_UNUSED_RESULT;
/* Of the last part that could not be read, or NULL. */
const GError *fluo_summary_scan_get_error (FluoSummaryScan *self);

G_END_DECLS
