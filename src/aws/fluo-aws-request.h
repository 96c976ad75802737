/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-credentials.h"
#include "aws/fluo-http.h"
#include "core/fluo-json.h"

G_BEGIN_DECLS

/* One question to whoever gives out keys: STS, IAM Identity Center, the sign-in service, a
 * container's endpoint, an instance's metadata. Errors are FLUO_XRAY_ERROR as for X-Ray itself,
 * because codes and advice are the same. Answers are small and hold secrets: free them with
 * fluo_aws_response_free(). */

/* Seams for tests: unix seconds, and the pause before attempt @attempt in milliseconds. */
typedef struct
{
  gint64 (*clock) (gpointer data);
  guint  (*pause) (guint attempt, gboolean throttled, gpointer data);
  gpointer data;
} FluoAwsSeams;

/* NULLs become the computer's clock and random pauses. */
void   fluo_aws_seams_complete (FluoAwsSeams *self);
gint64 fluo_aws_seams_now (const FluoAwsSeams *self);

typedef struct
{
  SoupSession       *session;
  const char        *method;       /* NULL: POST */
  const char        *url;          /* all of it */
  const char        *content_type; /* NULL: no body */
  GBytes            *body;
  const char *const *headers;      /* names and values in turn, NULL at the end; or NULL */
  FluoCredentials   *keys;         /* that sign, or NULL */
  const char        *service;      /* of the signature */
  const char        *region;
  guint              attempts;     /* 0: three */
  guint              total_ms;     /* of one attempt; 0: 20 s */
  FluoAwsSeams       seams;
} FluoAwsRequest;

/* Failures that may pass are tried again; with a signature, a clock that is wrong gets one more
 * attempt with the service's time. All of @request is copied or referenced. The callback comes in
 * the caller's context. */
void fluo_aws_request_async (const FluoAwsRequest *request, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
/* An answer of status 200. @ret_status (nullable) and @ret_code (nullable) get, on failure, the
 * answer's status (0: none came) and the service's code for it, newly allocated or NULL. */
FluoHttpResponse *fluo_aws_request_finish (GAsyncResult *result, guint *ret_status,
                                           char **ret_code,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Wipes what was answered. Nobody else may hold the body. */
void fluo_aws_response_free (FluoHttpResponse *self);

/* An answer that is one JSON object. */
typedef struct
{
  FluoHttpResponse *response;
  FluoJsonTape     *tape;
} FluoAwsAnswer;
void fluo_aws_answer_free (FluoAwsAnswer *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoAwsAnswer, fluo_aws_answer_free)
/* fluo_aws_request_finish() for who expects one; anything else is FLUO_XRAY_ERROR_PROTOCOL. */
FluoAwsAnswer *fluo_aws_request_finish_json (GAsyncResult *result, guint *ret_status,
                                             char **ret_code,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A member of the answer's object that is a text, newly allocated, or NULL. */
char *fluo_aws_answer_dup (const FluoAwsAnswer *self, const char *name);

/* Takes @text, which is wiped with the last reference on the bytes. */
GBytes *fluo_aws_bytes_new_wiped (GString *text) G_GNUC_WARN_UNUSED_RESULT;

/* A session that follows the desktop's proxies, or @proxy (nullable), and never one to this
 * computer or to addresses of the local link. */
SoupSession *fluo_aws_session_new (const char *proxy) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
