/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-id.h"
#include "core/fluo-status.h"
#include "demo/fluo-demo-random.h"

G_BEGIN_DECLS

/* What happens in one trace of the Petshop, before it is written down: who calls whom, when, and
 * how it ends. Private to the demo. Plain data on the stack; the same record always gives the same
 * plan. */

typedef enum
{
  FLUO_DEMO_SEARCH,
  FLUO_DEMO_CART,
  FLUO_DEMO_CHECKOUT,
  FLUO_DEMO_ORDER,
  FLUO_DEMO_CANCEL,
  FLUO_DEMO_N_ROUTES
} FluoDemoRoute;

/* The programs that send segments. */
typedef enum
{
  FLUO_DEMO_PROD,
  FLUO_DEMO_SHOP,      /* "checkout" */
  FLUO_DEMO_FINDER,    /* "search" */
  FLUO_DEMO_INVENTORY,
  FLUO_DEMO_PAYMENTS,
  FLUO_DEMO_ORDERS,
  FLUO_DEMO_MAILER,
  FLUO_DEMO_N_SERVICES
} FluoDemoService;

typedef enum
{
  FLUO_DEMO_SEGMENT,   /* a service's own document; @service says whose */
  FLUO_DEMO_CALL,      /* the caller's side of such a segment */
  FLUO_DEMO_WORK,      /* local work */
  FLUO_DEMO_STOCK,     /* DynamoDB table */
  FLUO_DEMO_BANK,      /* HTTP to somebody else's service */
  FLUO_DEMO_DATABASE,  /* PostgreSQL */
  FLUO_DEMO_EMAILS,    /* SQS queue */
  FLUO_DEMO_SES,
  FLUO_DEMO_CATALOG    /* OpenSearch */
} FluoDemoPart;

typedef enum
{
  FLUO_DEMO_NO_EXCEPTION,
  FLUO_DEMO_TIMEOUT_ERROR,
  FLUO_DEMO_CARD_DECLINED,
  FLUO_DEMO_TOO_MANY_REQUESTS,
  FLUO_DEMO_THROUGHPUT_EXCEEDED,
  FLUO_DEMO_NOT_FOUND,
  FLUO_DEMO_BAD_QUERY,
  FLUO_DEMO_UNAVAILABLE,
  FLUO_DEMO_N_EXCEPTIONS
} FluoDemoException;

#define FLUO_DEMO_NONE G_MAXUINT
#define FLUO_DEMO_RUNNING G_MININT64
/* The longest story, a checkout with two retries, has 27. */
#define FLUO_DEMO_SPANS_MAX 40

typedef struct
{
  FluoDemoPart      part;
  FluoDemoService   service;   /* of a segment or a call */
  guint             parent;    /* index, or FLUO_DEMO_NONE for a trace's first segment */
  guint64           id;
  gint64            start_us;  /* from the trace's start */
  gint64            end_us;    /* or FLUO_DEMO_RUNNING */
  FluoStatus        status;
  int               http_status; /* 0 = none */
  FluoDemoException exception;
  guint             cause;     /* the span whose exception ended this one, or FLUO_DEMO_NONE */
  const char       *what;      /* static: local work's name, an operation, or "POST /orders/{id}" */
} FluoDemoSpan;

/* What is kept for every trace; the rest follows from it. */
typedef struct
{
  gint64  offset_us;  /* from the range's start */
  guint64 seed;
  guint8  route;      /* FluoDemoRoute */
  guint8  slow;       /* starts after the bank slowed */
  guint8  throttled;  /* payments' first attempt found all slots busy */
  guint8  hero;
} FluoDemoRecord;

typedef struct
{
  FluoDemoRecord record;
  FluoDemoRandom random;
  FluoTraceId    trace_id;
  FluoTraceId    mail_id;       /* the mailer's own trace */
  const char    *tier;
  const char    *region;
  const char    *version;       /* of payments */
  const char    *bank_api;      /* "v1", "v2" or NULL: the bank was not asked */
  guint          customer;
  guint          n_items;
  gint64         order_id;
  guint          slots;         /* concurrent calls that payments may run */
  gint64         start_ns;
  gint64         pay_begin_us;  /* when payments runs; begin == end: not at all */
  gint64         pay_end_us;
  guint          n_spans;
  FluoDemoSpan   spans[FLUO_DEMO_SPANS_MAX];
} FluoDemoPlan;

void fluo_demo_plan_init (FluoDemoPlan *self, const FluoDemoRecord *record, gint64 start_ns);

/* Building blocks, shared with the one trace that is told to the millisecond (fluo-demo-hero.c). */
guint fluo_demo_plan_add (FluoDemoPlan *self, guint parent, FluoDemoPart part, const char *what,
                          gint64 start_us, gint64 end_us);
/* A call and the segment of @service that answers it, which begins and ends @net_us later and
 * earlier. The segment. */
guint fluo_demo_plan_call (FluoDemoPlan *self, guint parent, FluoDemoService service,
                           const char *what, gint64 start_us, gint64 end_us, gint64 net_us);
void fluo_demo_plan_fail (FluoDemoPlan *self, guint span, FluoStatus status, int http_status,
                          FluoDemoException exception);
/* The same for a segment whose caller sees the same status; @cause is where the exception was
 * thrown. */
void fluo_demo_plan_fail_call (FluoDemoPlan *self, guint segment, FluoStatus status,
                               int http_status, guint cause);
void  fluo_demo_plan_hero (FluoDemoPlan *self);

G_END_DECLS
