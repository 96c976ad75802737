/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "fluo-segment-private.h"
#include "fluo-trace-facts-private.h"
#include "fluo-trace-private.h"

/* One pass over a span's own object for the few members that facts hold. FluoSpanDetail would read
 * everything, which is too slow for a collector that does this for each trace it takes in. */

typedef struct
{
  FluoFactsWriter *writer;
  FluoFactsSpan   *out;
  FluoTrace       *trace;
  guint32          span;
  FluoJsonScanner  scanner;
  FluoSlice        operation, table_name, queue_url, bucket_name, topic_arn, function_name;
  FluoSlice        resource_arn, annotated_queue;
} Reading;

typedef void (*MemberFunc) (Reading *self, guint member, FluoJsonToken token);

/* The string as a number; anything else counts as absent. */
static guint32
take_string (Reading *self, FluoJsonToken token)
{
  g_autofree char *owned = NULL;

  if (token != FLUO_JSON_STRING)
    {
      fluo_json_scanner_skip (&self->scanner, token);
      return 0;
    }
  if (!self->scanner.escaped)
    return fluo_facts_writer_string (self->writer, self->scanner.text + self->scanner.start,
                                     (gssize) (self->scanner.end - self->scanner.start));
  owned = fluo_json_scanner_dup (&self->scanner);
  return fluo_facts_writer_string (self->writer, owned, -1);
}

static FluoSlice
take_slice (Reading *self, FluoJsonToken token)
{
  FluoSlice slice = { 0 };

  if (token == FLUO_JSON_STRING)
    slice = (FluoSlice) { (guint32) self->scanner.start, (guint32) self->scanner.end,
                          self->scanner.escaped };
  else
    fluo_json_scanner_skip (&self->scanner, token);
  return slice;
}

static char *
dup_slice (Reading *self, FluoSlice slice)
{
  FluoJsonScanner scanner = self->scanner;

  scanner.start = slice.start;
  scanner.end = slice.end;
  scanner.escaped = slice.escaped;
  return fluo_json_scanner_dup (&scanner);
}

/* Calls @func for each member of @names; of another value than an object nothing is read. */
static void
read_object (Reading *self, FluoJsonToken token, const char *const *names, MemberFunc func)
{
  guint member;

  if (token != FLUO_JSON_OBJECT_BEGIN)
    {
      fluo_json_scanner_skip (&self->scanner, token);
      return;
    }
  while (fluo_json_scanner_next (&self->scanner) == FLUO_JSON_KEY)
    {
      gboolean known = fluo_json_scanner_is_one_of (&self->scanner, names, &member);

      token = fluo_json_scanner_next (&self->scanner);
      if (known)
        func (self, member, token);
      else
        fluo_json_scanner_skip (&self->scanner, token);
    }
}

static void
request_member (Reading *self, guint member, FluoJsonToken token)
{
  guint32 *const fields[] = { &self->out->method, &self->out->url, &self->out->user_agent,
                              &self->out->client_ip };

  *fields[member] = take_string (self, token);
}

static void
http_member (Reading *self, G_GNUC_UNUSED guint member, FluoJsonToken token)
{
  static const char *const names[] = { "method", "url", "user_agent", "client_ip", NULL };

  read_object (self, token, names, request_member);
}

static void
ec2_member (Reading *self, guint member, FluoJsonToken token)
{
  guint32 *const fields[] = { &self->out->instance, &self->out->zone };

  *fields[member] = take_string (self, token);
}

static void
aws_member (Reading *self, guint member, FluoJsonToken token)
{
  static const char *const ec2[] = { "instance_id", "availability_zone", NULL };
  FluoSlice *const slices[] = { &self->operation, &self->table_name, &self->queue_url,
                                &self->bucket_name, &self->topic_arn, &self->function_name };

  if (member == 0)
    read_object (self, token, ec2, ec2_member);
  else if (member == 1)
    self->out->account = take_string (self, token);
  else
    *slices[member - 2] = take_slice (self, token);
}

/* Duplicate keys are legal JSON; the last one counts. */
static void
add_annotation (Reading *self, const FluoFactsAnnotation *annotation)
{
  GArray *list = self->out->annotations;

  for (guint i = 0; i < list->len && list->len <= 256; i++)
    if (g_array_index (list, FluoFactsAnnotation, i).key == annotation->key)
      {
        g_array_remove_index (list, i);
        break;
      }
  g_array_append_vals (list, annotation, 1);
}

static gboolean
is_queue_key (const FluoJsonScanner *scanner)
{
  static const char *const names[] = { "queue_url", "aws.queue_url", "aws_queue_url", NULL };

  return fluo_json_scanner_is_one_of (scanner, names, NULL);
}

static void
take_annotation (Reading *self)
{
  g_autofree char *key = fluo_json_scanner_dup (&self->scanner);
  gboolean queue = is_queue_key (&self->scanner), valid;
  FluoJsonToken token = fluo_json_scanner_next (&self->scanner);
  gsize length = self->scanner.end - self->scanner.start;
  FluoFactsAnnotation annotation = { 0 };

  valid = self->out->annotations && fluo_annotation_key_is_valid (key, strlen (key));
  if (queue && token == FLUO_JSON_STRING && length > 0)
    self->annotated_queue = take_slice (self, token);
  switch (token)
    {
    case FLUO_JSON_STRING:
      annotation.type = FLUO_VALUE_STRING;
      /* A long value is no value that X-Ray would index. Escapes only ever make text shorter. */
      if (valid && length > FLUO_FACTS_STRING_MAX && self->scanner.escaped)
        {
          g_autofree char *value = fluo_json_scanner_dup (&self->scanner);

          length = strlen (value);
        }
      valid = valid && length <= FLUO_FACTS_STRING_MAX;
      annotation.value = valid ? take_string (self, token) : 0;
      break;
    case FLUO_JSON_NUMBER:
      annotation.type = FLUO_VALUE_NUMBER;
      annotation.number = fluo_json_scanner_double (&self->scanner);
      valid = valid && length <= FLUO_FACTS_STRING_MAX;
      break;
    case FLUO_JSON_TRUE:
    case FLUO_JSON_FALSE:
      annotation.type = FLUO_VALUE_BOOLEAN;
      annotation.number = token == FLUO_JSON_TRUE;
      break;
    default:
      fluo_json_scanner_skip (&self->scanner, token);
      return;
    }
  if (!valid)
    return;
  if (token != FLUO_JSON_STRING)
    annotation.value = fluo_facts_writer_string (
        self->writer, self->scanner.text + self->scanner.start, (gssize) length);
  annotation.key = fluo_facts_writer_string (self->writer, key, -1);
  add_annotation (self, &annotation);
}

/* Subsegments are read as spans of their own. The last one's end is known, so the scanner is set
 * before its closing brace, as if it were the first and empty: what is nested deep is not read
 * again for each level above. */
static void
skip_subsegments (Reading *self, FluoJsonToken token)
{
  const FluoSpan *spans = self->trace->spans, *span = &spans[self->span];
  guint outside = self->scanner.depth - 1;
  gsize end = 0;

  if (token != FLUO_JSON_ARRAY_BEGIN)
    {
      fluo_json_scanner_skip (&self->scanner, token);
      return;
    }
  for (guint32 c = span->first_child; c != FLUO_SPAN_NONE; c = spans[c].next_sibling)
    if (spans[c].document == span->document && spans[c].offset > span->offset &&
        spans[c].offset + spans[c].length <= span->offset + span->length)
      end = MAX (end, (gsize) spans[c].offset + spans[c].length - span->offset);
  token = fluo_json_scanner_next (&self->scanner);
  if (token == FLUO_JSON_OBJECT_BEGIN && end > self->scanner.offset + 1)
    self->scanner.offset = end - 1;
  while (self->scanner.depth > outside && token != FLUO_JSON_INVALID)
    token = fluo_json_scanner_next (&self->scanner);
}

static void
service_member (Reading *self, G_GNUC_UNUSED guint member, FluoJsonToken token)
{
  self->out->version = take_string (self, token);
}

static void
span_member (Reading *self, guint member, FluoJsonToken token)
{
  static const char *const http[] = { "request", NULL };
  static const char *const service[] = { "version", NULL };
  static const char *const aws[] = { "ec2", "account_id", "operation", "table_name", "queue_url",
                                     "bucket_name", "topic_arn", "function_name", NULL };

  switch (member)
    {
    case 0:
      read_object (self, token, http, http_member);
      break;
    case 1:
      read_object (self, token, aws, aws_member);
      break;
    case 2:
      if (token != FLUO_JSON_OBJECT_BEGIN)
        fluo_json_scanner_skip (&self->scanner, token);
      else
        while (fluo_json_scanner_next (&self->scanner) == FLUO_JSON_KEY)
          take_annotation (self);
      break;
    case 3:
      self->out->user = take_string (self, token);
      break;
    case 4:
      self->resource_arn = take_slice (self, token);
      break;
    case 5:
      read_object (self, token, service, service_member);
      break;
    default:
      skip_subsegments (self, token);
      break;
    }
}

/* --- Names ----------------------------------------------------------------- */

static gboolean
is_set (FluoSlice slice)
{
  return slice.end > slice.start;
}

/* X-Ray's names for what an unanswered call to an AWS service stands for; all need a known
 * operation. The same rules as for calls that nobody answers, whose service the trace has named
 * already. */
static guint32
name_call (Reading *self, FluoTrace *trace, const FluoSpan *span)
{
  const struct { const char *name; FluoSlice resource; } specific[] = {
    { "DynamoDB", self->table_name },
    { "SQS", self->queue_url },
    { "S3", self->bucket_name },
    { "SNS", self->topic_arn },
    { "Lambda", self->function_name },
  };
  const char *name = fluo_trace_get_string (trace, span->name);

  if (!(span->flags & (FLUO_SPAN_SQL | FLUO_SPAN_REMOTE | FLUO_SPAN_AWS)))
    return 0;
  if (!(span->flags & (FLUO_SPAN_SQL | FLUO_SPAN_REMOTE)) && is_set (self->operation))
    for (guint i = 0; i < G_N_ELEMENTS (specific); i++)
      if (strcmp (specific[i].name, name) == 0 && is_set (specific[i].resource))
        {
          g_autofree char *resource = dup_slice (self, specific[i].resource);

          return fluo_facts_writer_string (self->writer, resource, -1);
        }
  return fluo_facts_writer_string (self->writer, name, -1);
}

/* "arn:aws:sqs:REGION:ACCOUNT:NAME" as the URL by which SDKs name the same queue. */
static char *
queue_url_from_arn (const char *arn)
{
  g_auto (GStrv) parts = NULL;

  if (!arn || !g_str_has_prefix (arn, "arn:"))
    return NULL;
  parts = g_strsplit (arn, ":", 6);
  if (g_strv_length (parts) != 6 || strcmp (parts[2], "sqs") != 0)
    return NULL;
  return g_strdup_printf ("https://sqs.%s.amazonaws.com/%s/%s", parts[3], parts[4], parts[5]);
}

void
fluo_facts_read_span (FluoFactsWriter *writer, FluoTrace *trace, guint32 span, gboolean is_call,
                      FluoFactsSpan *ret)
{
  static const char *const names[] = { "http", "aws", "annotations", "user", "resource_arn",
                                       "service", "subsegments", NULL };
  Reading self = { .writer = writer, .out = ret, .trace = trace, .span = span };
  gsize length;
  const char *text = fluo_trace_get_raw (trace, span, &length);
  GArray *annotations = ret->annotations;
  g_autofree char *arn = NULL;

  memset (ret, 0, sizeof *ret);
  ret->annotations = annotations;
  if (annotations)
    g_array_set_size (annotations, 0);
  fluo_json_scanner_init (&self.scanner, text, length);
  read_object (&self, fluo_json_scanner_next (&self.scanner), names, span_member);
  if (is_call)
    ret->alias = name_call (&self, trace, &trace->spans[span]);
  if (is_set (self.resource_arn))
    {
      arn = dup_slice (&self, self.resource_arn);
      ret->arn = fluo_facts_writer_string (writer, arn, -1);
    }
  if (is_set (self.queue_url))
    ret->queue = dup_slice (&self, self.queue_url);
  else if (is_set (self.annotated_queue))
    ret->queue = dup_slice (&self, self.annotated_queue);
  else
    ret->queue = queue_url_from_arn (arn);
}
