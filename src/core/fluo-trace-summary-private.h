/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace-summary.h"

G_BEGIN_DECLS

/* What a summary is made with, from facts and from the wire. */

/* NULL for NULL. */
char *fluo_summary_intern        (const char *text);
void  fluo_summary_clear_string  (char **string);
void  fluo_summary_clear_service (gpointer service);
/* Each of these leaves out what is there already or is one too many. */
void  fluo_summary_add_unique     (GPtrArray *strings, const char *text);
void  fluo_summary_add_version    (FluoTraceSummary *self, const char *service,
                                   const char *version);
/* Not yet sorted: settled when all are there. */
void  fluo_summary_add_annotation (FluoTraceSummary *self, const char *key, const char *value,
                                   FluoValueType type);
void  fluo_summary_settle_annotations (FluoTraceSummary *self);
/* A service that a root cause went through is at least that bad. */
void  fluo_summary_mark_service   (FluoTraceSummary *self, const char *name, const char *type,
                                   FluoStatus status);
/* One more service at the end of a cause's path. */
void  fluo_summary_append_step    (GString *path, const char *name);
/* What a root cause of an error is: a throttle, where the trace is one. */
FluoStatus fluo_summary_error_status (const FluoTraceSummary *self);
/* What is read is kept by the hundred thousand. */
void  fluo_summary_share_lists    (FluoTraceSummary *self);

G_END_DECLS
