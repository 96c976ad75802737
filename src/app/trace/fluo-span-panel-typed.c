/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/trace/fluo-span-panel-private.h"
#include "app/trace/fluo-sql-text.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"

/* What a call says about itself by its kind: a request over HTTP, a resource of AWS, a query. */

/* --- HTTP --------------------------------------------------------------------------------- */

void
fluo_span_panel_add_http (GtkWidget *page, const FluoPanelSpan *what)
{
  const FluoSpanDetail *detail = what->detail;
  g_autofree char *bytes = NULL;
  GtkWidget *grid;

  /* The size of an answer stands beside its status. */
  const gboolean sized = detail->http_content_length >= 0 && detail->http_status == 0;

  if (detail->http_client_ip == NULL && detail->http_user_agent == NULL && !sized &&
      detail->http_method == NULL)
    return;

  grid = fluo_panel_new_pairs ();
  fluo_panel_add_pair (grid, _("Method"), detail->http_method);
  if (detail->http_client_ip != NULL && detail->http_forwarded)
    fluo_panel_add_two (grid, _("Client"), detail->http_client_ip,
                        _("as X-Forwarded-For says"), FALSE);
  else
    fluo_panel_add_pair (grid, _("Client"), detail->http_client_ip);
  fluo_panel_add_pair (grid, _("User agent"), detail->http_user_agent);
  if (sized)
    bytes = fluo_format_bytes ((guint64) detail->http_content_length);
  fluo_panel_add_pair (grid, _("Answer's size"), bytes);
  gtk_box_append (GTK_BOX (page), fluo_panel_new_heading (_("HTTP request")));
  gtk_box_append (GTK_BOX (page), grid);
}

/* --- AWS ---------------------------------------------------------------------------------- */

typedef enum
{
  SECTION_CALL, /* what was asked of a service of AWS */
  SECTION_EC2,
  SECTION_ECS,
  SECTION_EKS,
  SECTION_LAMBDA,
  SECTION_API_GATEWAY,
  SECTION_BEANSTALK,
  SECTION_SDK,
  N_SECTIONS
} Section;

static const struct
{
  const char *prefix, *title;
} sections[N_SECTIONS] = {
  [SECTION_CALL] = { NULL, N_("AWS") },
  [SECTION_EC2] = { "ec2.", N_("EC2 instance") },
  [SECTION_ECS] = { "ecs.", N_("ECS task") },
  [SECTION_EKS] = { "eks.", N_("EKS pod") },
  [SECTION_LAMBDA] = { NULL, N_("Lambda function") },
  [SECTION_API_GATEWAY] = { "api_gateway.", N_("API Gateway") },
  [SECTION_BEANSTALK] = { "elastic_beanstalk.", N_("Elastic Beanstalk") },
  [SECTION_SDK] = { "xray.", N_("SDK") },
};

#define LOG_GROUPS "cloudwatch_logs"

/* The fields of X-Ray's aws block in words, in the order in which they are read; others follow and
 * keep their key. */
static const struct
{
  const char *key, *label;
} labels[] = {
  { "operation", N_("Operation") },
  { "table_name", N_("Table") },
  { "table_names", N_("Tables") },
  { "queue_url", N_("Queue") },
  { "bucket_name", N_("Bucket") },
  { "key", N_("Object") },
  { "topic_arn", N_("Topic") },
  { "function_name", N_("Function") },
  { "invoked_function_arn", N_("Called as") },
  { "function_arn", N_("Function") },
  { "region", N_("Region") },
  { "account_id", N_("Account") },
  { "request_id", N_("Request ID") },
  { "retries", N_("Retries") },
  { "remaining_time_in_millis", N_("Milliseconds left") },
  { LOG_GROUPS, N_("Log groups") },
  { "resource_names", N_("Resources") },
  { "ec2.instance_id", N_("Instance") },
  { "ec2.instance_size", N_("Size") },
  { "ec2.availability_zone", N_("Zone") },
  { "ec2.ami_id", N_("Image (AMI)") },
  { "ecs.container", N_("Container") },
  { "ecs.container_id", N_("Container ID") },
  { "ecs.container_arn", N_("Container ARN") },
  { "ecs.task_arn", N_("Task") },
  { "ecs.task_family", N_("Task family") },
  { "ecs.cluster_arn", N_("Cluster") },
  { "ecs.launch_type", N_("Launch type") },
  { "eks.cluster_name", N_("Cluster") },
  { "eks.pod", N_("Pod") },
  { "eks.container_id", N_("Container ID") },
  { "api_gateway.rest_api_id", N_("API") },
  { "api_gateway.stage", N_("Stage") },
  { "api_gateway.request_id", N_("Request ID") },
  { "api_gateway.account_id", N_("Account") },
  { "elastic_beanstalk.environment_name", N_("Environment") },
  { "elastic_beanstalk.version_label", N_("Deployed version") },
  { "elastic_beanstalk.deployment_id", N_("Deployment") },
  { "xray.sdk", N_("Name") },
  { "xray.sdk_version", N_("Version") },
  { "xray.auto_instrumentation", N_("By itself") },
  { "xray.sampling_rule_name", N_("Sampling rule") },
  { "xray.package", N_("Package") },
};

static guint
rank_of (const char *key)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (labels) && !g_str_equal (labels[i].key, key))
    i++;

  return i;
}

static Section
section_of (const FluoPanelSpan *what, const char *key)
{
  const char *origin = what->detail->origin;

  for (guint i = 0; i < N_SECTIONS; i++)
    if (sections[i].prefix != NULL && g_str_has_prefix (key, sections[i].prefix))
      return (Section) i;
  /* A function's own segment and the phases in it, which say whose they are; a call of one has the
   * operation Invoke. */
  if (g_str_equal (key, "function_arn") ||
      ((what->span->flags & FLUO_SPAN_SEGMENT) && origin != NULL &&
       g_str_has_prefix (origin, "AWS::Lambda")))
    return SECTION_LAMBDA;

  return SECTION_CALL;
}

/* Where the ARN of what ran stands: with the other fields of its kind. */
static Section
section_of_resource (const char *arn)
{
  static const struct
  {
    const char *service;
    Section     section;
  } kinds[] = {
    { "ec2", SECTION_EC2 },       { "ecs", SECTION_ECS },
    { "eks", SECTION_EKS },       { "lambda", SECTION_LAMBDA },
    { "apigateway", SECTION_API_GATEWAY }, { "execute-api", SECTION_API_GATEWAY },
    { "elasticbeanstalk", SECTION_BEANSTALK },
  };
  g_auto (GStrv) parts = g_strsplit (arn, ":", 4); /* arn:aws:lambda:… */

  for (guint i = 0; g_strv_length (parts) == 4 && i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (parts[2], kinds[i].service))
      return kinds[i].section;

  return SECTION_CALL;
}

/* The groups that a list of {"log_group": …} names: "/aws/lambda/pay, /ecs/pay". */
static char *
dup_log_groups (const char *json)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (json, strlen (json));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  if (tape == NULL || fluo_json_tape_type (tape, 0) != FLUO_JSON_ARRAY_BEGIN)
    return g_strdup (json);
  for (guint32 node = fluo_json_tape_first (tape, 0); node != FLUO_JSON_NONE;
       node = fluo_json_tape_next (tape, 0, node))
    {
      g_autofree char *group = NULL;

      if (fluo_json_tape_type (tape, node) == FLUO_JSON_OBJECT_BEGIN)
        group = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, node, "log_group"));
      if (group != NULL)
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", group);
    }

  return g_strdup (text->len > 0 ? text->str : json);
}

static int
compare_fields (gconstpointer a, gconstpointer b)
{
  const FluoDetailField *const *x = a, *const *y = b;
  guint rank_x = rank_of ((*x)->key), rank_y = rank_of ((*y)->key);

  return rank_x < rank_y ? -1 : rank_x > rank_y;
}

/* Names of resources are copied into other tools: digits and dashes are told apart. */
static gboolean
is_code (const char *key, const char *value)
{
  return g_str_has_prefix (value, "arn:") || g_str_has_suffix (key, "_id") ||
         g_str_has_suffix (key, "_url");
}

static void
add_section (GtkWidget *page, const FluoPanelSpan *what, Section section)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();
  const char *resource = what->detail->resource_arn;
  GtkWidget *grid;

  if (resource != NULL && section_of_resource (resource) != section)
    resource = NULL;

  for (guint i = 0; i < what->detail->aws->len && fields->len < FLUO_PANEL_ITEMS_MAX; i++)
    {
      FluoDetailField *field = &g_array_index (what->detail->aws, FluoDetailField, i);

      if (section_of (what, field->key) == section)
        {
          g_ptr_array_add (fields, field);
          if (g_strcmp0 (field->value, resource) == 0)
            resource = NULL;
        }
    }
  if (fields->len == 0 && resource == NULL)
    return;

  g_ptr_array_sort (fields, compare_fields);
  grid = fluo_panel_new_pairs ();
  for (guint i = 0; i < fields->len; i++)
    {
      const FluoDetailField *field = g_ptr_array_index (fields, i);
      guint rank = rank_of (field->key);
      const char *prefix = sections[section].prefix;
      const char *key = rank < G_N_ELEMENTS (labels) ? _(labels[rank].label)
                        : prefix != NULL             ? field->key + strlen (prefix)
                                                     : field->key;

      if (g_str_equal (field->key, LOG_GROUPS))
        {
          g_autofree char *groups = dup_log_groups (field->value);

          fluo_panel_add_mono (grid, key, groups);
        }
      else if (is_code (field->key, field->value))
        fluo_panel_add_mono (grid, key, field->value);
      else
        fluo_panel_add_pair (grid, key, field->value);
    }
  fluo_panel_add_mono (grid, _("Resource"), resource);
  gtk_box_append (GTK_BOX (page), fluo_panel_new_heading (_(sections[section].title)));
  gtk_box_append (GTK_BOX (page), grid);
}

void
fluo_span_panel_add_aws (GtkWidget *page, const FluoPanelSpan *what)
{
  for (guint i = 0; i < N_SECTIONS; i++)
    add_section (page, what, (Section) i);
}

/* --- SQL ---------------------------------------------------------------------------------- */

static const char *
find_field (GArray *fields, const char *key)
{
  for (guint i = 0; i < fields->len; i++)
    if (g_str_equal (g_array_index (fields, FluoDetailField, i).key, key))
      return g_array_index (fields, FluoDetailField, i).value;

  return NULL;
}

static GtkWidget *
new_query (const char *query)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4),
            *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4), *heading;
  g_autofree char *formatted = fluo_sql_text_dup_formatted (query);
  GtkWidget *view = fluo_span_panel_new_source (formatted, "sql");

  heading = fluo_panel_new_heading (_("Query"));
  gtk_widget_set_hexpand (heading, TRUE);
  gtk_box_append (GTK_BOX (line), heading);
  gtk_box_append (GTK_BOX (line), fluo_panel_new_copy (query, _("Copy the query as it was sent")));
  gtk_widget_add_css_class (line, "value");
  gtk_widget_add_css_class (view, "query-text");
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), view);

  return box;
}

GtkWidget *
fluo_span_panel_make_sql (const FluoPanelSpan *what)
{
  static const struct
  {
    const char *key, *label;
  } known[] = {
    { "url", N_("URL") },
    { "connection_string", N_("Connection") },
    { "user", N_("User") },
    { "database_type", N_("Database") },
    { "database_version", N_("Version") },
    { "driver_version", N_("Driver") },
    { "preparation", N_("Sent as") },
  };
  GArray *fields = what->detail->sql;
  GtkWidget *page = fluo_panel_new_page (), *grid = fluo_panel_new_pairs ();
  const char *query = find_field (fields, "sanitized_query");
  g_autofree char *duration =
    fluo_format_duration_exact (what->span->end_ns - what->span->start_ns);

  if (query != NULL && *query != '\0')
    gtk_box_append (GTK_BOX (page), new_query (query));
  fluo_panel_add_pair (grid, _("Duration"), duration);
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      const char *value = find_field (fields, known[i].key);

      if (i < 2)
        fluo_panel_add_mono (grid, _(known[i].label), value);
      else
        fluo_panel_add_pair (grid, _(known[i].label), value);
    }
  for (guint i = 0; i < MIN (fields->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoDetailField *field = &g_array_index (fields, FluoDetailField, i);
      gboolean shown = g_str_equal (field->key, "sanitized_query");

      for (guint k = 0; k < G_N_ELEMENTS (known); k++)
        shown = shown || g_str_equal (known[k].key, field->key);
      if (!shown)
        fluo_panel_add_pair (grid, field->key, field->value);
    }
  gtk_box_append (GTK_BOX (page), grid);

  return page;
}
