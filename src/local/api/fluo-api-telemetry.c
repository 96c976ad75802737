/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

/* What a daemon says of itself. Nothing of X-Ray's API reads it back, so it is checked and let
 * go. */
void
fluo_api_put_telemetry_records (FluoApiCall *call)
{
  guint32 list = fluo_json_tape_get (call->tape, 0, "TelemetryRecords");

  if (fluo_json_tape_first (call->tape, list) == FLUO_JSON_NONE)
    fluo_api_call_invalid (call, "TelemetryRecords can not be empty");
  else
    g_string_append (call->out, "{}");
}
