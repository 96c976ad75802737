/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"
#include "local/store/fluo-survey.h"

G_BEGIN_DECLS

/* Shared by the operations that answer questions about many traces at once. */

/* Everything of such a question is counted for at most so long: enough for a million traces. */
#define FLUO_ASK_BUDGET_USEC (5000 * 1000)

typedef struct
{
  FluoTimeSpan span;
  FluoFilter  *filter; /* NULL = every trace */
} FluoAskRequest;

/* StartTime, EndTime and FilterExpression. FALSE when the call has failed. */
gboolean fluo_ask_request_read  (FluoApiCall *call, FluoAskRequest *request);
void     fluo_ask_request_clear (FluoAskRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoAskRequest, fluo_ask_request_clear)
/* The members that say what was looked at. */
void     fluo_ask_write_extent  (FluoJsonWriter *writer, const FluoSurveyResult *result);

/* NULL or FALSE when the call has failed. */
FluoFilter *fluo_api_call_parse_filter   (FluoApiCall *call, const char *text);

G_END_DECLS
