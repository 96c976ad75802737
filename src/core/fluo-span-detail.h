/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace.h"

G_BEGIN_DECLS

/* Everything about one span that is read only when somebody looks at it. Strings are the raw values
 * (untrusted text); absent ones are NULL. */
typedef struct
{
  char *path;
  char *label;
  gint64 line;
} FluoStackFrame;

typedef struct
{
  char   *id;
  char   *type;
  char   *message;
  gboolean remote;
  gint64  truncated;
  gint64  skipped;
  char   *cause;
  GArray *stack; /* FluoStackFrame */
} FluoException;

typedef enum
{
  FLUO_VALUE_STRING,
  FLUO_VALUE_NUMBER,
  FLUO_VALUE_BOOLEAN
} FluoValueType;

typedef struct
{
  char         *key;
  char         *value;  /* text as sent: numbers keep their digits */
  FluoValueType type;
} FluoAnnotation;

/* A named value of an http, sql, aws or service block, nested ones as "ec2.instance_id". */
typedef struct
{
  char *key;
  char *value;
} FluoDetailField;

/* Something that happened at one time while the span ran. */
typedef struct
{
  gint64 time_ns;
  char  *name;
} FluoSpanEvent;

typedef struct
{
  char   *name;
  char   *origin;
  char   *user;
  char   *resource_arn;
  char   *http_method, *http_url, *http_user_agent, *http_client_ip;
  gboolean http_forwarded; /* the client's address is what X-Forwarded-For says */
  gint64  http_status;          /* 0 = none */
  gint64  http_content_length;  /* -1 = none */
  char   *cause_id;             /* the cause was given as an exception's id */
  GArray *annotations;          /* FluoAnnotation */
  GArray *exceptions;           /* FluoException */
  GArray *sql;                  /* FluoDetailField */
  GArray *aws;                  /* FluoDetailField */
  GArray *service;              /* FluoDetailField */
  GArray *events;               /* FluoSpanEvent, by time: what OpenTelemetry calls so */
  GBytes *metadata;             /* JSON of the metadata block as it was sent, or NULL */
} FluoSpanDetail;

/* Parses the span's own slice; subsegments nested in it are skipped. Never NULL for a valid
 * index. */
FluoSpanDetail *fluo_span_detail_new  (FluoTrace *trace, guint32 span);
void            fluo_span_detail_free (FluoSpanDetail *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSpanDetail, fluo_span_detail_free)

G_END_DECLS
