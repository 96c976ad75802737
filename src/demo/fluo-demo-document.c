/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo/fluo-demo-document.h"

#include <string.h>

#include "core/fluo-json.h"
#include "core/fluo-time-span.h"

#define ACCOUNT "402155889917"
#define REGION "eu-central-1"
#define QUEUE_URL "https://sqs." REGION ".amazonaws.com/" ACCOUNT "/emails"

typedef struct
{
  const char *name;
  const char *origin;
  const char *base_url;
  const char *version;  /* NULL: the plan's */
  const char *sdk;      /* NULL: AWS itself sends the segment */
  const char *sdk_version;
} ServiceInfo;

static const ServiceInfo services[FLUO_DEMO_N_SERVICES] = {
  [FLUO_DEMO_PROD] = { "petshop/prod", "AWS::ApiGateway::Stage", "https://petshop.example.com",
                       "2026-11-02", NULL, NULL },
  [FLUO_DEMO_SHOP] = { "checkout", "AWS::ECS::Container", "http://checkout.petshop.internal",
                       "5.3.0", "X-Ray for Java", "2.18.2" },
  [FLUO_DEMO_FINDER] = { "search", "AWS::ECS::Container", "http://search.petshop.internal", "3.0.7",
                         "X-Ray for Go", "1.8.5" },
  [FLUO_DEMO_INVENTORY] = { "inventory", "AWS::EKS::Container", "http://inventory.petshop.internal",
                            "2.9.4", "X-Ray for Node.js", "3.10.3" },
  [FLUO_DEMO_PAYMENTS] = { "payments", "AWS::Lambda::Function", "https://payments.petshop.internal",
                           NULL, "X-Ray for Python", "2.14.0" },
  [FLUO_DEMO_ORDERS] = { "orders", "AWS::EC2::Instance", "http://orders.petshop.internal", "4.1.1",
                         "X-Ray for Java", "2.18.2" },
  [FLUO_DEMO_MAILER] = { "mailer", "AWS::Lambda::Function", NULL, "1.6.2", "X-Ray for Python",
                         "2.14.0" },
};

typedef struct
{
  const char *path;
  int         line;
  const char *label;
} Frame;

typedef struct
{
  const char *type;
  const char *message;  /* "%u" stands for the number of slots */
  gboolean    remote;
  Frame       stack[3];
} ExceptionInfo;

static const ExceptionInfo exceptions[FLUO_DEMO_N_EXCEPTIONS] = {
  [FLUO_DEMO_TIMEOUT_ERROR] = { "TimeoutError",
                                "No answer from bank.example.com within 2.0 s",
                                FALSE,
                                { { "bank.py", 88, "charge" },
                                  { "handler.py", 41, "take_payment" },
                                  { "handler.py", 12, "handler" } } },
  [FLUO_DEMO_CARD_DECLINED] = { "CardDeclined",
                                "The bank answered 402: the card was declined",
                                TRUE,
                                { { "bank.py", 97, "charge" },
                                  { "handler.py", 41, "take_payment" },
                                  { "handler.py", 12, "handler" } } },
  [FLUO_DEMO_TOO_MANY_REQUESTS] = { "TooManyRequests",
                                    "Rate exceeded: all %u reserved slots are busy",
                                    TRUE,
                                    { { "Payments.java", 64, "charge" },
                                      { "Checkout.java", 118, "pay" },
                                      { "Checkout.java", 57, "handle" } } },
  [FLUO_DEMO_THROUGHPUT_EXCEEDED] = { "ProvisionedThroughputExceededException",
                                      "The level of configured provisioned throughput for the "
                                      "table was "
                                      "exceeded",
                                      TRUE,
                                      { { "stock.js", 52, "reserve" },
                                        { "server.js", 31, "onReserve" } } },
  [FLUO_DEMO_NOT_FOUND] = { "NotFound",
                            "There is nothing of that id",
                            FALSE,
                            { { "Lookup.java", 27, "find" }, { "Server.java", 75, "handle" } } },
  [FLUO_DEMO_BAD_QUERY] = { "BadQuery",
                            "The search text has an unclosed quote",
                            FALSE,
                            { { "query.go", 143, "parse" }, { "main.go", 61, "serveSearch" } } },
  [FLUO_DEMO_UNAVAILABLE] = { "ServiceUnavailable",
                              "All shards failed",
                              TRUE,
                              { { "index.go", 88, "search" }, { "main.go", 66, "serveSearch" } } },
};

static void
member (FluoJsonWriter *w, const char *key, const char *value)
{
  fluo_json_writer_key (w, key);
  fluo_json_writer_string (w, value);
}

static void
member_int (FluoJsonWriter *w, const char *key, gint64 value)
{
  fluo_json_writer_key (w, key);
  fluo_json_writer_int (w, value);
}

static void
member_true (FluoJsonWriter *w, const char *key)
{
  fluo_json_writer_key (w, key);
  fluo_json_writer_boolean (w, TRUE);
}

static void
member_id (FluoJsonWriter *w, const char *key, guint64 id)
{
  char text[FLUO_SPAN_ID_LEN + 1];

  fluo_span_id_format (id, text);
  member (w, key, text);
}

static void
member_trace_id (FluoJsonWriter *w, const char *key, const FluoTraceId *id)
{
  char text[FLUO_TRACE_ID_XRAY_LEN + 1];

  fluo_trace_id_format_xray (id, text);
  member (w, key, text);
}

static void
open_member (FluoJsonWriter *w, const char *key, char bracket)
{
  fluo_json_writer_key (w, key);
  fluo_json_writer_begin (w, bracket);
}

/* A made-up identifier that stays with the thing it names: hexadecimal digits of a product of two
 * odd numbers. */
static char *
stable_hex (guint which, guint n_digits)
{
  guint64 value = (which + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  g_autofree char *digits =
    g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", value,
                     value * G_GUINT64_CONSTANT (0xd1342543de82ef95));

  return g_strndup (digits, MIN (n_digits, 32));
}

static void
write_times (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span)
{
  fluo_json_writer_key (w, "start_time");
  fluo_json_writer_seconds (w, plan->start_ns + span->start_us * FLUO_NSEC_PER_USEC);
  if (span->end_us == FLUO_DEMO_RUNNING)
    {
      member_true (w, "in_progress");
      return;
    }
  fluo_json_writer_key (w, "end_time");
  fluo_json_writer_seconds (w, plan->start_ns + span->end_us * FLUO_NSEC_PER_USEC);
}

static void
write_flags (FluoJsonWriter *w, const FluoDemoSpan *span)
{
  if (span->status == FLUO_STATUS_FAULT)
    member_true (w, "fault");
  if (span->status == FLUO_STATUS_ERROR || span->status == FLUO_STATUS_THROTTLE)
    member_true (w, "error");
  if (span->status == FLUO_STATUS_THROTTLE)
    member_true (w, "throttle");
}

/* Ids of exceptions follow from their span's, so that others can refer to them. */
static guint64
exception_id (const FluoDemoSpan *span)
{
  return span->id ^ G_GUINT64_CONSTANT (0x00ec0000ec0000ec);
}

static void
write_cause (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span)
{
  const ExceptionInfo *info = &exceptions[span->exception];
  g_autofree char *message = NULL;

  if (span->exception == FLUO_DEMO_NO_EXCEPTION)
    {
      if (span->cause != FLUO_DEMO_NONE &&
          plan->spans[span->cause].exception != FLUO_DEMO_NO_EXCEPTION)
        member_id (w, "cause", exception_id (&plan->spans[span->cause]));
      return;
    }

  message = strstr (info->message, "%u") != NULL
                ? g_strdup_printf ("Rate exceeded: all %u reserved slots are busy", plan->slots)
                : g_strdup (info->message);
  open_member (w, "cause", '{');
  member (w, "working_directory", "/var/task");
  open_member (w, "exceptions", '[');
  fluo_json_writer_begin (w, '{');
  member_id (w, "id", exception_id (span));
  member (w, "type", info->type);
  member (w, "message", message);
  fluo_json_writer_key (w, "remote");
  fluo_json_writer_boolean (w, info->remote);
  open_member (w, "stack", '[');
  for (guint i = 0; i < G_N_ELEMENTS (info->stack) && info->stack[i].path != NULL; i++)
    {
      fluo_json_writer_begin (w, '{');
      member (w, "path", info->stack[i].path);
      member_int (w, "line", info->stack[i].line);
      member (w, "label", info->stack[i].label);
      fluo_json_writer_end (w, '}');
    }
  fluo_json_writer_end (w, ']');
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, ']');
  fluo_json_writer_end (w, '}');
}

static void
write_response (FluoJsonWriter *w, const FluoDemoSpan *span)
{
  if (span->http_status == 0)
    return;
  open_member (w, "response", '{');
  member_int (w, "status", span->http_status);
  member_int (w, "content_length",
              span->status == FLUO_STATUS_OK ? 310 + (gint64) (span->id >> 53) : 74);
  fluo_json_writer_end (w, '}');
}

/* The http block of "POST /orders/{id}" on @base_url. */
static void
write_http (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span,
            const char *base_url, gboolean entry)
{
  const char *space = strchr (span->what, ' ');
  const char *path = space + 1;
  const char *slot = strstr (path, "{id}");
  g_autofree char *method = g_strndup (span->what, space - span->what);
  g_autofree char *url = NULL;

  if (slot == NULL)
    url = g_strconcat (base_url, path, NULL);
  else
    url = g_strdup_printf ("%s%.*s%" G_GINT64_FORMAT "%s", base_url, (int) (slot - path), path,
                           plan->order_id, slot + strlen ("{id}"));

  open_member (w, "http", '{');
  open_member (w, "request", '{');
  member (w, "method", method);
  member (w, "url", url);
  if (entry)
    {
      g_autofree char *client_ip = g_strdup_printf ("198.51.100.%u", plan->customer % 250 + 1);

      member (w, "user_agent",
              plan->customer % 3 == 0 ? "Petshop/7.2 (Android 15)"
                                      : "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0");
      member (w, "client_ip", client_ip);
      member_true (w, "x_forwarded_for");
    }
  fluo_json_writer_end (w, '}');
  write_response (w, span);
  fluo_json_writer_end (w, '}');
}

/* Only an answer, for calls that are no plain HTTP to the one who reads them. */
static void
write_http_response (FluoJsonWriter *w, const FluoDemoSpan *span)
{
  if (span->http_status == 0)
    return;
  open_member (w, "http", '{');
  write_response (w, span);
  fluo_json_writer_end (w, '}');
}

static void
write_aws_call (FluoJsonWriter *w, const FluoDemoSpan *span, const char *key, const char *value)
{
  g_autofree char *request_id = stable_hex ((guint) span->id, 32);

  fluo_json_writer_key (w, "namespace");
  fluo_json_writer_string (w, "aws");
  open_member (w, "aws", '{');
  member (w, "operation", span->what);
  member (w, "region", REGION);
  member (w, "request_id", request_id);
  member_int (w, "retries", 0);
  if (key != NULL)
    member (w, key, value);
  fluo_json_writer_end (w, '}');
  write_http_response (w, span);
}

static void
write_sql (FluoJsonWriter *w, const FluoDemoSpan *span)
{
  gboolean reading = strcmp (span->what, "SELECT") == 0;

  member (w, "namespace", "remote");
  open_member (w, "sql", '{');
  member (w, "url", "jdbc:postgresql://orders-db:5432/orders");
  member (w, "database_type", "PostgreSQL");
  member (w, "database_version", "15.8");
  member (w, "driver_version", "42.7.4");
  member (w, "user", "orders_app");
  member (w, "preparation", "statement");
  member (w, "sanitized_query",
          reading ? "SELECT id, state, total FROM orders WHERE id = ?"
                  : "UPDATE orders SET state = ? WHERE id = ?");
  fluo_json_writer_end (w, '}');
}

static const char *
span_name (const FluoDemoSpan *span)
{
  switch (span->part)
    {
    case FLUO_DEMO_SEGMENT:
    case FLUO_DEMO_CALL:
      return services[span->service].name;
    case FLUO_DEMO_STOCK:
      return "DynamoDB";
    case FLUO_DEMO_BANK:
      return "bank.example.com";
    case FLUO_DEMO_DATABASE:
      return "orders@orders-db";
    case FLUO_DEMO_EMAILS:
      return "SQS";
    case FLUO_DEMO_SES:
      return "SES";
    case FLUO_DEMO_CATALOG:
      return "OpenSearchService";
    case FLUO_DEMO_WORK:
    default:
      return span->what;
    }
}

static void
write_call_fields (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span)
{
  switch (span->part)
    {
    case FLUO_DEMO_CALL:
      member (w, "namespace", "remote");
      write_http (w, plan, span, services[span->service].base_url, FALSE);
      break;
    case FLUO_DEMO_STOCK:
      write_aws_call (w, span, "table_name", "stock");
      break;
    case FLUO_DEMO_EMAILS:
      write_aws_call (w, span, "queue_url", QUEUE_URL);
      break;
    case FLUO_DEMO_SES:
      write_aws_call (w, span, NULL, NULL);
      break;
    case FLUO_DEMO_BANK:
      member (w, "namespace", "remote");
      write_http (w, plan, span, "https://bank.example.com", FALSE);
      open_member (w, "annotations", '{');
      member (w, "bank_api", plan->bank_api);
      fluo_json_writer_end (w, '}');
      break;
    case FLUO_DEMO_CATALOG:
      write_aws_call (w, span, "domain_name", "catalog");
      break;
    case FLUO_DEMO_DATABASE:
      write_sql (w, span);
      break;
    case FLUO_DEMO_SEGMENT:
    case FLUO_DEMO_WORK:
    default:
      break;
    }
}

static gboolean
has_children (const FluoDemoPlan *plan, guint parent)
{
  for (guint i = parent + 1; i < plan->n_spans; i++)
    if (plan->spans[i].parent == parent && plan->spans[i].part != FLUO_DEMO_SEGMENT)
      return TRUE;
  return FALSE;
}

/* The subsegments under @parent. Nests as deep as the plan does, which is three levels. */
static void
write_subsegments (FluoJsonWriter *w, const FluoDemoPlan *plan, guint parent)
{
  if (!has_children (plan, parent))
    return;

  open_member (w, "subsegments", '[');
  for (guint i = parent + 1; i < plan->n_spans; i++)
    {
      const FluoDemoSpan *span = &plan->spans[i];

      if (span->parent != parent || span->part == FLUO_DEMO_SEGMENT)
        continue;
      fluo_json_writer_begin (w, '{');
      member_id (w, "id", span->id);
      member (w, "name", span_name (span));
      write_times (w, plan, span);
      write_flags (w, span);
      write_call_fields (w, plan, span);
      write_cause (w, plan, span);
      write_subsegments (w, plan, i);
      fluo_json_writer_end (w, '}');
    }
  fluo_json_writer_end (w, ']');
}

static void
write_platform (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span)
{
  const ServiceInfo *info = &services[span->service];
  /* Each service runs in three places; which one answers follows from the customer. */
  guint which = span->service * 3 + plan->customer % 3;
  g_autofree char *hex = stable_hex (which, 32);
  g_autofree char *name = NULL;

  switch (span->service)
    {
    case FLUO_DEMO_PROD:
      open_member (w, "api_gateway", '{');
      member (w, "account_id", ACCOUNT);
      member (w, "rest_api_id", "k3v8q2m7xe");
      member (w, "stage", "prod");
      fluo_json_writer_end (w, '}');
      break;
    case FLUO_DEMO_SHOP:
    case FLUO_DEMO_FINDER:
      name =
        g_strdup_printf ("ip-10-0-%u-%u." REGION ".compute.internal", 10 + which % 3, 20 + which);
      open_member (w, "ecs", '{');
      member (w, "container", name);
      member (w, "container_id", hex);
      member (w, "cluster_arn", "arn:aws:ecs:" REGION ":" ACCOUNT ":cluster/petshop");
      fluo_json_writer_end (w, '}');
      break;
    case FLUO_DEMO_INVENTORY:
      name = g_strdup_printf ("inventory-6d9f7c5b8-%.5s", hex);
      open_member (w, "eks", '{');
      member (w, "cluster_name", "petshop");
      member (w, "pod", name);
      member (w, "container_id", hex);
      fluo_json_writer_end (w, '}');
      break;
    case FLUO_DEMO_ORDERS:
      name = g_strdup_printf ("i-0%.16s", hex);
      open_member (w, "ec2", '{');
      member (w, "instance_id", name);
      member (w, "availability_zone", which % 2 ? REGION "a" : REGION "b");
      member (w, "instance_size", "m7g.large");
      fluo_json_writer_end (w, '}');
      break;
    case FLUO_DEMO_PAYMENTS:
    case FLUO_DEMO_MAILER:
    default:
      name = g_strdup_printf ("arn:aws:lambda:" REGION ":" ACCOUNT ":function:%s", info->name);
      member (w, "function_arn", name);
      if (span->service == FLUO_DEMO_MAILER)
        member (w, "queue_url", QUEUE_URL);
      break;
    }
}

static void
write_aws_block (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *span)
{
  const ServiceInfo *info = &services[span->service];

  open_member (w, "aws", '{');
  write_platform (w, plan, span);
  if (info->sdk != NULL)
    {
      open_member (w, "xray", '{');
      member (w, "sdk", info->sdk);
      member (w, "sdk_version", info->sdk_version);
      member (w, "sampling_rule_name", "Default");
      fluo_json_writer_end (w, '}');
    }
  fluo_json_writer_end (w, '}');
}

static void
write_shop_fields (FluoJsonWriter *w, const FluoDemoPlan *plan)
{
  g_autofree char *user = g_strdup_printf ("customer-%u", plan->customer);

  member (w, "user", user);
  open_member (w, "annotations", '{');
  member (w, "tier", plan->tier);
  member (w, "region", plan->region);
  if (plan->record.route != FLUO_DEMO_CART)
    member_int (w, "order_id", plan->order_id);
  fluo_json_writer_end (w, '}');
  open_member (w, "metadata", '{');
  open_member (w, "default", '{');
  open_member (w, "basket", '{');
  member_int (w, "items", plan->n_items);
  member_int (w, "total_cents", 1299 + (gint64) plan->customer % 700 * plan->n_items);
  member (w, "currency", "EUR");
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, '}');
}

static void
write_payments_fields (FluoJsonWriter *w, const FluoDemoPlan *plan)
{
  if (plan->bank_api == NULL)
    return;
  open_member (w, "annotations", '{');
  member (w, "bank_api", plan->bank_api);
  fluo_json_writer_end (w, '}');
  open_member (w, "metadata", '{');
  open_member (w, "bank", '{');
  member (w, "endpoint", "https://bank.example.com");
  member (w, "api", plan->bank_api);
  member_int (w, "timeout_ms", 2000);
  member_int (w, "attempt", 1);
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, '}');
}

/* The segment of @trace_id that span @other is, and where the message between the two went. */
static void
write_link (FluoJsonWriter *w, const FluoTraceId *trace_id, const FluoDemoSpan *other)
{
  open_member (w, "links", '[');
  fluo_json_writer_begin (w, '{');
  member_trace_id (w, "trace_id", trace_id);
  member_id (w, "id", other->id);
  open_member (w, "attributes", '{');
  member (w, "aws.queue_url", QUEUE_URL);
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, '}');
  fluo_json_writer_end (w, ']');
}

/* The mailer links to the call that queued its message, and the sender's segment to the mailer's:
 * reading either trace leads to the other. */
static void
write_links (FluoJsonWriter *w, const FluoDemoPlan *plan, const FluoDemoSpan *segment)
{
  gboolean mailer = segment->service == FLUO_DEMO_MAILER;

  for (guint i = 0; i < plan->n_spans; i++)
    {
      const FluoDemoSpan *span = &plan->spans[i];

      if (mailer && span->part == FLUO_DEMO_EMAILS)
        write_link (w, &plan->trace_id, span);
      else if (!mailer && span->part == FLUO_DEMO_SEGMENT && span->service == FLUO_DEMO_MAILER)
        write_link (w, &plan->mail_id, span);
    }
}

static char *
dup_document (const FluoDemoPlan *plan, guint segment)
{
  const FluoDemoSpan *span = &plan->spans[segment];
  const ServiceInfo *info = &services[span->service];
  GString *out = g_string_sized_new (2048);
  FluoJsonWriter w;

  fluo_json_writer_init (&w, out);
  fluo_json_writer_begin (&w, '{');
  member_trace_id (&w, "trace_id",
                   span->service == FLUO_DEMO_MAILER ? &plan->mail_id : &plan->trace_id);
  member_id (&w, "id", span->id);
  if (span->parent != FLUO_DEMO_NONE)
    member_id (&w, "parent_id", plan->spans[span->parent].id);
  member (&w, "name", info->name);
  write_times (&w, plan, span);
  member (&w, "origin", info->origin);
  write_flags (&w, span);
  if (info->base_url != NULL)
    write_http (&w, plan, span, info->base_url, span->parent == FLUO_DEMO_NONE);
  open_member (&w, "service", '{');
  member (&w, "version", info->version != NULL ? info->version : plan->version);
  fluo_json_writer_end (&w, '}');
  write_aws_block (&w, plan, span);
  if (span->service == FLUO_DEMO_SHOP)
    write_shop_fields (&w, plan);
  else if (span->service == FLUO_DEMO_PAYMENTS)
    write_payments_fields (&w, plan);
  if (span->service == FLUO_DEMO_SHOP || span->service == FLUO_DEMO_MAILER)
    write_links (&w, plan, span);
  write_cause (&w, plan, span);
  write_subsegments (&w, plan, segment);
  fluo_json_writer_end (&w, '}');
  return g_string_free (out, FALSE);
}

GPtrArray *
fluo_demo_plan_dup_documents (const FluoDemoPlan *plan)
{
  GPtrArray *documents = g_ptr_array_new_full (8, g_free);

  for (guint i = 0; i < plan->n_spans; i++)
    if (plan->spans[i].part == FLUO_DEMO_SEGMENT)
      g_ptr_array_add (documents, dup_document (plan, i));
  return documents;
}
