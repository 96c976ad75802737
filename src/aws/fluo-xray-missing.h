/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* Why a trace is missing, as fluoroscoped tells it. All texts are the server's: made safe by
 * whoever shows them. */

/* What a finding means for whoever asks. */
typedef enum
{
  FLUO_FINDING_PROBLEM, /* this is why */
  FLUO_FINDING_MAYBE,   /* this may be why */
  FLUO_FINDING_FINE,    /* this is as it should be */
  FLUO_FINDING_NOTE
} FluoFindingLevel;

/* A document that was refused. What is not known is NULL. */
typedef struct
{
  gint64  time_ns;
  char   *source;  /* "udp", "http", "otlp" */
  char   *sender;  /* "python3 (process 4711)" */
  char   *name;
  char   *problem;
  char   *text;    /* its beginning, every byte printable */
  guint64 bytes;   /* of the whole */
} FluoRefusedExample;

typedef struct
{
  char     *kind;     /* "Partial", "KernelDrop": stable */
  FluoFindingLevel level;
  char     *title;
  char     *text;
  char     *advice;   /* or NULL */
  GPtrArray *examples; /* FluoRefusedExample */
} FluoFinding;

typedef struct
{
  char      *trace_id; /* of the question, in X-Ray's form; NULL when it was none */
  char      *verdict;  /* "stored", "partial", "problem", "maybe", "unknown", "invalid", "fine" */
  char      *summary;
  gint64     start_ns; /* of the trace when it is there; 0 = it is not */
  GPtrArray *findings; /* FluoFinding */
} FluoMissingReport;

void fluo_missing_report_free (FluoMissingReport *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoMissingReport, fluo_missing_report_free)

/* The path to ask, for fluo_xray_client_call_async(). Each may be NULL. Newly allocated. */
char *fluo_xray_missing_dup_path (const char *trace, const char *key, const char *group);
/* What was answered; absent and odd members read as empty. */
FluoMissingReport *fluo_missing_report_new (const FluoJsonTape *tape);

/* @trace: as the user has it; @key: an annotation; @group. Each may be NULL. */
void fluo_xray_client_explain_missing_async (FluoXrayClient *self, const char *trace,
                                             const char *key, const char *group,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
FluoMissingReport *fluo_xray_client_explain_missing_finish (FluoXrayClient *self,
                                                            GAsyncResult *result,
                                                            GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
