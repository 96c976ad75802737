/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-missing.h"
#include "core/fluo-trace-id-read.h"
#include "local/api/fluo-api.h"
#include "local/store/fluo-stored-trace.h"

G_BEGIN_DECLS

/* Shared by the files that explain why a trace is missing. */

typedef struct
{
  FluoApiCall          *call;
  const FluoApiContext *context;
  gint64                now_ns;
  char                 *text;    /* the trace as it was asked for, or NULL */
  char                 *key;     /* an annotation that a filter named, or NULL */
  char                 *group;   /* or NULL */
  gboolean              has_id;  /* the text is an id: */
  FluoTraceId           id;
  FluoSampled           sampled; /* as the header said that the id came in */
  FluoStoredTrace      *stored;  /* NULL = not here */
  FluoTrace            *trace;
  gboolean              partial;
  guint                 n_problems, n_maybe;
  FluoJsonWriter        findings; /* an array that is open */
  GString              *findings_text;
} FluoMissing;

/* @text and @advice (may be NULL) are taken. */
void  fluo_missing_add (FluoMissing *self, const char *kind, FluoFindingLevel level,
                        const char *title, char *text, char *advice);
/* With the examples of @reason, or those of the trace. @text is taken. */
void  fluo_missing_add_reason (FluoMissing *self, guint reason, FluoFindingLevel level,
                               const char *title, char *text, gboolean of_trace);
/* "14:31:48", with the date when that is another day; local time. Newly allocated. */
char *fluo_missing_dup_time (gint64 time_ns);

/* Each adds what it finds. */
void     fluo_missing_check_intake   (FluoMissing *self);
void     fluo_missing_check_losses   (FluoMissing *self);
void     fluo_missing_check_counts   (FluoMissing *self);
void     fluo_missing_check_sampling (FluoMissing *self);
void     fluo_missing_check_relay    (FluoMissing *self);
gboolean fluo_missing_check_key      (FluoMissing *self, FluoConnection *reader, GError **error);
gboolean fluo_missing_check_group    (FluoMissing *self, FluoConnection *reader, GError **error);

G_END_DECLS
