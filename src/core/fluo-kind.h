/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What sort of thing a node is, from X-Ray's type (origin) and, for remote ones, its name. Decides
 * icon and words. */
typedef enum
{
  FLUO_KIND_UNKNOWN = 0,
  FLUO_KIND_CLIENT,
  FLUO_KIND_GATEWAY,
  FLUO_KIND_CONTAINER,
  FLUO_KIND_CLUSTER,
  FLUO_KIND_FUNCTION,
  FLUO_KIND_SERVER,
  FLUO_KIND_TABLE,
  FLUO_KIND_DATABASE,
  FLUO_KIND_QUEUE,
  FLUO_KIND_MAIL,
  FLUO_KIND_REMOTE,
  FLUO_KIND_INDEX,
  FLUO_KIND_SEARCH,
  FLUO_KIND_TOPIC,
  FLUO_KIND_BUCKET,
  FLUO_KIND_CACHE,
  FLUO_KIND_STREAM,
  FLUO_KIND_BALANCER,
  FLUO_KIND_STEPS,
  FLUO_KIND_CODE,
  FLUO_N_KINDS
} FluoKind;

/* @type may be NULL (an instrumented program without a plugin: FLUO_KIND_CODE). Case is ignored. */
FluoKind    fluo_kind_from_type    (const char *type, const char *name);
const char *fluo_kind_get_icon (
  FluoKind kind); /* "kind-function": icon name is fluoroscope-<this>-symbolic. Static */
/* "Lambda function", "ECS service", "DynamoDB table", "Remote · HTTP"; unknown AWS types without
 * "AWS::". Never NULL. Newly allocated. */
char       *fluo_kind_dup_label    (const char *type, const char *name);
/* What people call a service or node whose @name is an address: "orders" for a queue's URL or a
 * topic's ARN, host and path for another URL; any other name as it is. A part of @name, "" for
 * NULL: the whole stays what it is known by. @type may be NULL. */
const char *fluo_kind_get_display_name (const char *type, const char *name);

G_END_DECLS
