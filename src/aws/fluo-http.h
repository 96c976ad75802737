/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* One HTTP exchange with bounds that libsoup lacks: silence, total time and the body's size. */

typedef struct
{
  guint   idle_ms;  /* without a single byte, connecting included */
  guint   total_ms;
  guint64 body_max; /* bytes after decompression */
} FluoHttpLimits;

typedef struct
{
  guint   status;
  GBytes *body;
  char   *content_type; /* "application/json", without parameters; NULL when not told */
  char   *error_type;   /* x-amzn-errortype as sent, or NULL */
  char   *request_id;   /* or NULL */
  char   *server;       /* the program that answered, or NULL */
  char   *keys_path;    /* where a collector says its keys are, or NULL */
  gint64  date_s;       /* the server's clock, unix time; 0 when not told */
  guint   retry_after_ms; /* what the service asks clients to wait; 0 when not told */
} FluoHttpResponse;

void              fluo_http_response_free   (FluoHttpResponse *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoHttpResponse, fluo_http_response_free)

/* Any status is a response. Fails with G_IO_ERROR_CANCELLED (at once), _TIMED_OUT,
 * _MESSAGE_TOO_LARGE or what libsoup reports. The callback comes in the caller's main context. */
void fluo_http_exchange_async (SoupSession *session, SoupMessage *message,
                               const FluoHttpLimits *limits, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
FluoHttpResponse *fluo_http_exchange_finish (GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
