/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-http.h"

G_BEGIN_DECLS

/* What an answer that is no success means. Pure functions. */

typedef struct
{
  GError  *error;       /* FLUO_XRAY_ERROR, or G_IO_ERROR_CANCELLED */
  gboolean is_transient; /* worth another attempt */
  gboolean is_throttle;  /* … after a longer pause */
  gboolean is_skew;      /* may come from a wrong clock */
  gboolean is_denied;    /* the keys are known, and not allowed to do it */
} FluoXrayFailure;

void   fluo_xray_failure_clear          (FluoXrayFailure *self);
/* From an error status, a redirect included. */
void   fluo_xray_failure_from_response  (FluoXrayFailure *self, const FluoHttpResponse *response);
/* For a protocol that says it elsewhere than in JSON. @code and @message, as they were sent, may be
 * NULL. */
void fluo_xray_failure_from_code (FluoXrayFailure *self, const FluoHttpResponse *response,
                                  const char *code, const char *message);
/* From what the transport reported; @endpoint is named in the text. */
void fluo_xray_failure_from_transport (FluoXrayFailure *self, const GError *error,
                                       const char *endpoint);
/* For an answer that should be JSON and isn't: status and the text's beginning. */
GError *fluo_xray_error_not_json        (const FluoHttpResponse *response, const char *why);
/* The IAM action that @error lacked; kept with the error, whatever its text says. Borrowed. */
const char *fluo_xray_error_get_action (const GError *error);
/* Nothing happens to an error of another domain. */
void   fluo_xray_error_set_action (GError *error, const char *action);
/* … and the ARN that it was lacked for, or NULL when that was not said. */
const char *fluo_xray_error_get_resource (const GError *error);
void   fluo_xray_error_set_resource (GError *error, const char *arn);
gboolean fluo_http_response_is_json     (const FluoHttpResponse *response);
/* It comes from a collector of ours. */
gboolean fluo_http_response_is_ours     (const FluoHttpResponse *response);

G_END_DECLS
