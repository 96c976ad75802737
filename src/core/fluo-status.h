/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The exclusive class of a call. The values are ordered from best to worst for "worst wins"
 * merging; FLUO_STATUS_RUNNING is not finished yet and counts nowhere. */
typedef enum
{
  FLUO_STATUS_OK = 0,
  FLUO_STATUS_RUNNING,
  FLUO_STATUS_ERROR,
  FLUO_STATUS_THROTTLE,
  FLUO_STATUS_FAULT,
  FLUO_N_STATUSES
} FluoStatus;

/**
 * fluo_status_classify:
 * @http_status: the response status, or 0 when there was none
 *
 * Each request counts once: throttle > fault > error > ok; without any flag the HTTP status decides
 * (429 throttle, other 4xx error, 5xx fault). Source: X-Ray's observed counting.
 */
FluoStatus fluo_status_classify (gboolean fault, gboolean error, gboolean throttle,
                                 int http_status);

/* "ok", "running", "error", "throttle", "fault": stable lower-case words for files and icon names.
 * Static. */
const char *fluo_status_to_word  (FluoStatus status);
/* "OK", "Running", "Error", "Throttled", "Fault", in the user's language. Static. */
const char *fluo_status_to_label (FluoStatus status);

G_END_DECLS
