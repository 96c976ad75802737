/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-status.h"

#include <glib/gi18n-lib.h>

FluoStatus
fluo_status_classify (gboolean fault, gboolean error, gboolean throttle, int http_status)
{
  if (throttle)
    return FLUO_STATUS_THROTTLE;
  if (fault)
    return FLUO_STATUS_FAULT;
  if (error)
    return FLUO_STATUS_ERROR;
  if (http_status == 429)
    return FLUO_STATUS_THROTTLE;
  if (http_status >= 500 && http_status <= 599)
    return FLUO_STATUS_FAULT;
  if (http_status >= 400 && http_status <= 499)
    return FLUO_STATUS_ERROR;
  return FLUO_STATUS_OK;
}

const char *
fluo_status_to_word (FluoStatus status)
{
  static const char *const words[FLUO_N_STATUSES] = { "ok", "running", "error", "throttle",
                                                      "fault" };

  g_return_val_if_fail (status < FLUO_N_STATUSES, "ok");
  return words[status];
}

const char *
fluo_status_to_label (FluoStatus status)
{
  static const char *const labels[FLUO_N_STATUSES] = {
    [FLUO_STATUS_OK] = N_("OK"),
    [FLUO_STATUS_RUNNING] = N_("Running"),
    [FLUO_STATUS_ERROR] = N_("Error"),
    [FLUO_STATUS_THROTTLE] = N_("Throttled"),
    [FLUO_STATUS_FAULT] = N_("Fault"),
  };

  return _(labels[MIN (status, FLUO_N_STATUSES - 1)]);
}
