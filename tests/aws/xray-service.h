/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-xray-client-private.h"

/* A service that says what it is told, in the test's own main context, and writes down what it was
 * asked. */

typedef struct
{
  guint       status;       /* 0 = 200 */
  const char *body;         /* NULL = "{}" */
  const char *content_type; /* NULL = application/json, "" = none */
  const char *error_type;   /* x-amzn-errortype */
  const char *date;         /* NULL = the client's clock */
  const char *location;
  const char *raw;          /* sent instead of all that, then the connection is closed */
  gboolean    hang;         /* never answers */
} XrayAnswer;

typedef struct
{
  char       *method;
  char       *path;         /* with the query */
  char       *body;
  GHashTable *headers;      /* lower-case name -> value */
  guint       port;         /* of the client's end of the connection */
} XrayRequest;

typedef struct
{
  SoupServer     *server;
  char           *url;
  FluoXrayClient *client;
  GQueue          answers;  /* XrayAnswer *, used in order */
  GPtrArray      *requests; /* XrayRequest */
  GPtrArray      *hanging;  /* SoupServerMessage */
  gint64          now_s;    /* the client's clock */
  GArray         *pauses;   /* guint attempt numbers, one for each pause */
  GCancellable   *cancel_in_pause; /* cancelled when the client pauses */
  gboolean        throttled;       /* what the last pause was told */
} XrayService;

XrayService       *xray_service_new     (FluoCredentials *credentials);
/* With keys; the client finds CloudWatch and Logs here, too, and does not wait between looks. */
XrayService       *xray_service_new_with_services (void);
void               xray_service_free    (XrayService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (XrayService, xray_service_free)
void               xray_service_answer  (XrayService *self, const XrayAnswer *answer);
void               xray_service_say     (XrayService *self, const char *body);
const XrayRequest *xray_service_request (XrayService *self, guint index);
const char        *xray_request_header  (const XrayRequest *request, const char *name);
/* Calls @path and waits: the tape, or NULL with @error. */
FluoJsonTape      *xray_service_call    (XrayService *self, const char *path, GError **error);
