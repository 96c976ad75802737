/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"

G_BEGIN_DECLS

/* The table of paths and what every request must satisfy before its body is looked at. Pure
 * functions. */

typedef enum
{
  FLUO_ROUTE_WORKER,      /* run func in a worker */
  FLUO_ROUTE_ASYNC,       /* the same, and it answers by itself */
  FLUO_ROUTE_CHANGES      /* the long poll */
} FluoRouteKind;

/* What a request must show before it is served. */
typedef enum
{
  FLUO_ACCESS_OPEN, /* nothing: what programs send, and what they ask to send it */
  FLUO_ACCESS_READ, /* a signature with either key pair */
  FLUO_ACCESS_FULL  /* a signature with the full key pair: changes settings */
} FluoAccess;

typedef struct
{
  const char   *path;
  const char   *operation;
  FluoRouteKind kind;
  FluoApiFunc   func;
  gboolean      get;      /* read with GET; else POST */
  gboolean      sampling; /* what SDKs ask; counted apart */
  FluoAccess    access;
} FluoRoute;

/* Exact match, NULL otherwise. */
const FluoRoute *fluo_route_find (const char *path);

/* Why a request is refused. */
typedef struct
{
  guint       status;   /* 0 = it isn't */
  const char *type;     /* for x-amzn-errortype */
  const char *message;
  const char *raw; /* not NULL: the framing is not to be trusted, close with this status line */
} FluoApiRefusal;

/* @listener may be NULL (unknown local address: refused). */
FluoApiRefusal fluo_api_check (const char *method, GUri *uri, SoupMessageHeaders *headers,
                               FluoListener *listener, GInetAddress *local,
                               const FluoRoute **ret_route);
/* The part of it that is the same for every service: framing, Host, Origin. */
FluoApiRefusal fluo_api_check_caller (GUri *uri, SoupMessageHeaders *headers,
                                      FluoListener *listener, GInetAddress *local, gsize body_max);

G_END_DECLS
