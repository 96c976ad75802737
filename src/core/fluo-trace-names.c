/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

#include <string.h>

/* Names longer than this tell nothing more; the raw text keeps them whole. */
#define DETAIL_MAX 256
#define NAME_BYTES_MAX 1024
#define SQL_LOOK_MAX 2048
#define METHOD_MAX 16
#define PATH_MAX_BYTES (DETAIL_MAX - 32)

/* The slice's text with its escapes resolved: either in the document or in *@owned. */
static const char *
resolve (const char *text, FluoSlice slice, gsize *length, char **owned)
{
  FluoJsonScanner scanner;

  *owned = NULL;
  if (slice.escaped)
    {
      fluo_json_scanner_init (&scanner, text, slice.end);
      scanner.start = slice.start;
      scanner.end = slice.end;
      scanner.escaped = TRUE;
      *owned = fluo_json_scanner_dup (&scanner);
      *length = strlen (*owned);
      return *owned;
    }
  *length = slice.end - slice.start;
  return text + slice.start;
}

/* At most @max bytes, never half a character. */
static gsize
cut (const char *text, gsize length, gsize max)
{
  if (length <= max)
    return length;
  while (max > 0 && ((guint8) text[max] & 0xc0) == 0x80)
    max--;
  return max;
}

guint32
fluo_builder_intern_slice (FluoTraceBuilder *self, const char *text, FluoSlice slice)
{
  g_autofree char *owned = NULL;
  gsize length;
  const char *p = resolve (text, slice, &length, &owned);

  return fluo_string_table_intern (&self->strings, p, cut (p, length, NAME_BYTES_MAX));
}

const char *
fluo_url_path (const char *url, gsize length, gsize *ret_length)
{
  const char *end = url + length, *p = url, *scheme;

  if (length > 8 && memcmp (url, "https://", 8) == 0)
    scheme = url + 5;
  else
    scheme = g_strstr_len (url, (gssize) MIN (length, 32), "://");
  if (scheme)
    for (p = scheme + 3; p < end && *p != '/' && *p != '?' && *p != '#'; p++)
      ;
  for (const char *q = p; q < end; q++)
    if (*q == '?' || *q == '#')
      {
        end = q;
        break;
      }
  *ret_length = (gsize) (end - p);
  if (end > p)
    return p;
  *ret_length = 1;
  return "/";
}

/* "GET /orders"; nearly every call of a large trace has one, so nothing is allocated for it. */
static guint32
intern_http (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r)
{
  g_autofree char *method_owned = NULL, *url_owned = NULL;
  char out[METHOD_MAX + 1 + PATH_MAX_BYTES];
  gsize method_length, url_length, path_length, n;
  const char *method = resolve (text, r->http_method, &method_length, &method_owned);
  const char *url = resolve (text, r->http_url, &url_length, &url_owned);

  n = cut (method, method_length, METHOD_MAX);
  memcpy (out, method, n);
  if (url_length > 0)
    {
      url = fluo_url_path (url, url_length, &path_length);
      if (n > 0)
        out[n++] = ' ';
      path_length = cut (url, path_length, PATH_MAX_BYTES);
      memcpy (out + n, url, path_length);
      n += path_length;
    }
  return fluo_string_table_intern (&self->strings, out, n);
}

/* The next word at *@p: bytes up to white space, a bracket, a comma or a semicolon. */
static gboolean
sql_word (const char **p, const char *end, const char **word, gsize *length)
{
  while (*p < end && strchr (" \t\r\n(),;", **p))
    (*p)++;
  *word = *p;
  while (*p < end && !strchr (" \t\r\n(),;", **p))
    (*p)++;
  *length = (gsize) (*p - *word);
  return *length > 0;
}

static gboolean
word_is (const char *word, gsize length, const char *expected)
{
  return strlen (expected) == length && g_ascii_strncasecmp (word, expected, length) == 0;
}

/* "UPDATE orders", "SELECT orders" (the table after FROM), "INSERT orders"; else the statement's
 * first two words. */
static void
append_sql (GString *out, const char *query, gsize length)
{
  const char *p = query, *end = query + MIN (length, SQL_LOOK_MAX), *verb, *word, *object = NULL;
  const char *before = NULL;
  gsize verb_length, word_length, object_length = 0;

  if (!sql_word (&p, end, &verb, &verb_length))
    return;
  g_string_append_len (out, verb, (gssize) cut (verb, verb_length, 32));
  if (word_is (verb, verb_length, "SELECT") || word_is (verb, verb_length, "DELETE"))
    before = "FROM";
  else if (word_is (verb, verb_length, "INSERT") || word_is (verb, verb_length, "REPLACE"))
    before = "INTO";
  if (before)
    {
      while (sql_word (&p, end, &word, &word_length))
        if (word_is (word, word_length, before) && sql_word (&p, end, &object, &object_length))
          break;
    }
  else
    sql_word (&p, end, &object, &object_length);
  if (!object || object_length == 0)
    return;
  g_string_append_c (out, ' ');
  g_string_append_len (out, object, (gssize) cut (object, object_length, 128));
}

guint32
fluo_builder_intern_detail (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r,
                            guint32 name)
{
  g_autofree char *owned = NULL;
  g_autoptr (GString) out = NULL;
  const char *p;
  gsize length;
  guint32 detail;

  if (!(r->flags & (FLUO_SPAN_SQL | FLUO_SPAN_HTTP)) && r->operation.end == r->operation.start)
    return 0;
  if (!(r->flags & FLUO_SPAN_SQL) && r->operation.end == r->operation.start)
    {
      detail = intern_http (self, text, r);
      return detail == name ? 0 : detail;
    }
  out = g_string_sized_new (64);
  if (r->flags & FLUO_SPAN_SQL)
    {
      FluoSlice slice = r->sql_query.end > r->sql_query.start ? r->sql_query : r->sql_type;

      p = resolve (text, slice, &length, &owned);
      if (r->sql_query.end > r->sql_query.start)
        append_sql (out, p, length);
      else
        g_string_append_len (out, p, (gssize) cut (p, length, DETAIL_MAX));
    }
  else
    {
      p = resolve (text, r->operation, &length, &owned);
      g_string_append_len (out, p, (gssize) cut (p, length, DETAIL_MAX));
    }
  detail = fluo_string_table_intern (&self->strings, out->str, out->len);
  return detail == name ? 0 : detail;
}

guint32
fluo_builder_add_service (FluoTraceBuilder *self, guint32 type, guint32 label)
{
  const FluoBuilderService service = { type, label };
  guint64 key = (guint64) type << 32 | label;
  guint32 i;

  if (key == 0)
    return 0;
  i = fluo_id_map_get (&self->service_of, key);
  if (i == FLUO_MAP_NONE)
    {
      i = self->services->len;
      g_array_append_val (self->services, service);
      fluo_id_map_set (&self->service_of, key, i);
    }
  return i;
}

static guint32
intern (FluoTraceBuilder *self, const char *text)
{
  return fluo_string_table_intern (&self->strings, text, strlen (text));
}

/* The AWS service @name, whose resource is named when the operation is known. */
static guint32
intern_aws (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r,
            guint32 name_string)
{
  const struct { const char *name; FluoSlice resource; const char *type; } specific[] = {
    { "DynamoDB", r->table_name, "AWS::DynamoDB::Table" },
    { "SQS", r->queue_url, "AWS::SQS::Queue" },
    { "S3", r->bucket_name, "AWS::S3::Bucket" },
    { "SNS", r->topic_arn, "AWS::SNS" },
    { "Lambda", r->function_name, "AWS::Lambda" },
  };
  g_autofree char *type = NULL;
  const char *name = fluo_string_table_get (&self->strings, name_string);
  gsize length = strlen (name);

  if (r->operation.end > r->operation.start)
    for (guint i = 0; i < G_N_ELEMENTS (specific); i++)
      if (strcmp (specific[i].name, name) == 0 &&
          specific[i].resource.end > specific[i].resource.start)
        {
          guint32 label = fluo_builder_intern_slice (self, text, specific[i].resource);

          return fluo_builder_add_service (self, intern (self, specific[i].type), label);
        }
  type = g_strdup_printf ("AWS::%.*s", (int) MIN (length, NAME_BYTES_MAX), name);
  return fluo_builder_add_service (self, intern (self, type), 0);
}

/* What answers by its own name under @type, which is looked for once. */
static guint32
service_of_type (FluoTraceBuilder *self, guint32 *service, const char *type)
{
  if (*service == 0)
    *service = fluo_builder_add_service (self, intern (self, type), 0);
  return *service;
}

/* X-Ray's rules for what an unanswered call stands for: sql first, then remote, then the AWS
 * services whose resource is named when the operation is known, then any AWS service by its own
 * name. */
guint32
fluo_builder_intern_service (FluoTraceBuilder *self, const char *text, const FluoSegmentRecord *r,
                             guint32 name)
{
  if (r->flags & FLUO_SPAN_SEGMENT)
    return fluo_builder_add_service (self, fluo_builder_intern_slice (self, text, r->origin),
                                     fluo_builder_intern_slice (self, text, r->version));
  if (r->flags & FLUO_SPAN_SQL)
    return service_of_type (self, &self->sql, "Database::SQL");
  if (r->flags & FLUO_SPAN_REMOTE)
    return service_of_type (self, &self->remote, "remote");
  if (r->flags & FLUO_SPAN_AWS)
    return intern_aws (self, text, r, name);
  return 0;
}
