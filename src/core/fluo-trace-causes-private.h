/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"
#include "fluo-trace.h"

G_BEGIN_DECLS

/* X-Ray's lists of root causes as it would compute them for a TraceSummary. They write one JSON
 * array and return how many causes it has. */
guint fluo_trace_write_failure_causes  (FluoTrace *self, gboolean faults, FluoJsonWriter *writer);
guint fluo_trace_write_response_causes (FluoTrace *self, FluoJsonWriter *writer);

G_END_DECLS
