/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-cohort-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "filter/fluo-filter-ast.h"
#include "filter/fluo-filter-edit.h"

#define NAME_CHARS_MAX 60
#define VALUE_CHARS_MAX 120

/* --- Words ------------------------------------------------------------------------------- */

char *
fluo_cohort_dup_field_words (FluoField field, const char *key)
{
  static const char *const words[FLUO_N_FIELDS] = {
    [FLUO_FIELD_STATUS] = N_("status"),
    [FLUO_FIELD_HTTP_STATUS] = "http.status",
    [FLUO_FIELD_METHOD] = "http.method",
    [FLUO_FIELD_URL] = "http.url",
    [FLUO_FIELD_USER] = N_("user"),
    [FLUO_FIELD_AGENT] = "http.useragent",
    [FLUO_FIELD_CLIENT] = N_("client"),
    [FLUO_FIELD_ENTRY] = N_("entry"),
    [FLUO_FIELD_SERVICE] = N_("service"),
    [FLUO_FIELD_SERVICE_STATUS] = N_("failed"),
    [FLUO_FIELD_INSTANCE] = N_("instance"),
    [FLUO_FIELD_ZONE] = N_("zone"),
    [FLUO_FIELD_ARN] = N_("resource"),
    [FLUO_FIELD_CAUSE] = N_("root cause"),
    [FLUO_FIELD_PATH] = N_("root cause path"),
    [FLUO_FIELD_TIME] = N_("time"),
  };

  if (field == FLUO_FIELD_ANNOTATION)
    return fluo_format_untrusted (key, NAME_CHARS_MAX);
  if (field == FLUO_FIELD_VERSION)
    {
      g_autofree char *service = fluo_format_untrusted (key, NAME_CHARS_MAX);

      return g_strdup_printf (_("%s version"), service);
    }
  return g_strdup (_ (words[field]));
}

/* The names of a path; ends with NULL. */
static char **
split_path (const char *path)
{
  static const char mark[] = { FLUO_CAUSE_PATH_MARK, '\0' };

  return g_strsplit (*path == FLUO_CAUSE_PATH_MARK ? path + 1 : path, mark, -1);
}

/* Where it ends is what matters when it is cut. */
static char *
dup_path_words (const char *path)
{
  g_auto (GStrv) names = split_path (path);

  return g_strjoinv (" → ", names);
}

static char *
dup_plain_value (const FluoTerm *term)
{
  const char *value = term->value ? term->value : "–";
  const char *path;

  switch (term->field)
    {
    case FLUO_FIELD_STATUS:
      return g_strdup (fluo_status_to_label (term->status));
    case FLUO_FIELD_HTTP_STATUS:
      return g_strdup_printf ("%d", term->http_status);
    case FLUO_FIELD_SERVICE_STATUS:
      return g_strdup_printf ("%s: %s", value, fluo_status_to_label (term->status));
    case FLUO_FIELD_CAUSE:
      /* An exception in a service: what happened comes first, and is seen when it is cut. */
      return term->value ? g_strdup_printf (_("%s in %s"), value, term->key)
                         : g_strdup (term->key);
    case FLUO_FIELD_PATH:
      return dup_path_words (value);
    case FLUO_FIELD_URL:
      path = strstr (value, "://");
      path = path ? strchr (path + 3, '/') : NULL;
      return g_strdup (path && path[1] ? path : value);
    case FLUO_FIELD_TIME:
      {
        g_autofree char *clock = fluo_format_clock (
            term->time_ns, term->time_ns % FLUO_NSEC_PER_MIN ? FLUO_CLOCK_SECONDS
                                                             : FLUO_CLOCK_MINUTES, NULL);

        return g_strdup_printf (term->operator == FLUO_COHORT_UNDER ? _("before %s")
                                                                    : _("after %s"), clock);
      }
    case FLUO_FIELD_ANNOTATION:
      if (term->operator == FLUO_COHORT_AT_LEAST)
        return g_strdup_printf ("≥ %s", value);
      if (term->operator == FLUO_COHORT_UNDER)
        return g_strdup_printf ("< %s", value);
      return g_strdup (*value ? value : _("(empty)"));
    case FLUO_FIELD_METHOD:
    case FLUO_FIELD_USER:
    case FLUO_FIELD_AGENT:
    case FLUO_FIELD_CLIENT:
    case FLUO_FIELD_ENTRY:
    case FLUO_FIELD_SERVICE:
    case FLUO_FIELD_VERSION:
    case FLUO_FIELD_INSTANCE:
    case FLUO_FIELD_ZONE:
    case FLUO_FIELD_ARN:
    case FLUO_N_FIELDS:
    default:
      return g_strdup (value);
    }
}

char *
fluo_cohort_dup_value_words (const FluoTerm *term)
{
  g_autofree char *plain = dup_plain_value (term);

  return fluo_format_untrusted (plain, VALUE_CHARS_MAX);
}

/* --- Expressions ------------------------------------------------------------------------- */

static const char *
status_word (FluoStatus status)
{
  static const char *const words[FLUO_N_STATUSES] = {
    [FLUO_STATUS_OK] = "ok",       [FLUO_STATUS_RUNNING] = "partial",
    [FLUO_STATUS_ERROR] = "error", [FLUO_STATUS_THROTTLE] = "throttle",
    [FLUO_STATUS_FAULT] = "fault",
  };

  return words[status];
}

static void
append_compare (GString *out, const char *word, const char *operator, const char *value)
{
  g_string_append_printf (out, "%s %s ", word, operator);
  fluo_filter_print_string (out, value);
}

static void
append_annotation (GString *out, const FluoTerm *term)
{
  static const char *const operators[] = { "=", ">=", "<" };

  fluo_filter_print_annotation (out, FLUO_SIDE_OWN, term->key);
  g_string_append_printf (out, " %s ", operators[term->operator]);
  if (term->type == FLUO_VALUE_STRING)
    fluo_filter_print_string (out, term->value);
  else
    g_string_append (out, term->value);
}

static void
append_cause (GString *out, const FluoTerm *term)
{
  const char *kind = term->status == FLUO_STATUS_FAULT ? "fault" : "error";

  g_string_append_printf (out, "rootcause.%s.service { ", kind);
  append_compare (out, "name", "=", term->key);
  g_string_append (out, " }");
  if (!term->value)
    return;
  g_string_append_printf (out, " AND rootcause.%s.exception { ", kind);
  append_compare (out, "name", "=", term->value);
  g_string_append (out, " }");
}

/* The way to the failure, and the failure at its end. */
static void
append_path (GString *out, const FluoTerm *term)
{
  g_auto (GStrv) names = split_path (term->value);
  const FluoTerm end = { .field = FLUO_FIELD_CAUSE, .status = term->status,
                         .key = names[g_strv_length (names) - 1] };
  FluoJsonWriter writer;

  append_cause (out, &end);
  g_string_append (out, " AND rootcause.json = #");
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '[');
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "Services");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; names[i]; i++)
    {
      fluo_json_writer_begin (&writer, '{');
      fluo_json_writer_key (&writer, "Name");
      fluo_json_writer_string (&writer, names[i]);
      fluo_json_writer_end (&writer, '}');
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  fluo_json_writer_end (&writer, ']');
}

static void
append_version (GString *out, const FluoTerm *term)
{
  g_string_append (out, "service(");
  fluo_filter_print_string (out, term->key);
  g_string_append (out, ") { ");
  append_compare (out, "version", "=", term->value);
  g_string_append (out, " }");
}

static void
append_service (GString *out, const char *name, const char *block)
{
  g_string_append (out, "service(");
  fluo_filter_print_string (out, name);
  g_string_append_c (out, ')');
  if (block)
    g_string_append_printf (out, " { %s }", block);
}

char *
fluo_cohort_dup_expression (const FluoTerm *term)
{
  static const char *const plain[FLUO_N_FIELDS] = {
    [FLUO_FIELD_METHOD] = "http.method",     [FLUO_FIELD_USER] = "user",
    [FLUO_FIELD_AGENT] = "http.useragent",   [FLUO_FIELD_CLIENT] = "http.clientip",
    [FLUO_FIELD_INSTANCE] = "instance.id",   [FLUO_FIELD_ZONE] = "availabilityzone",
    [FLUO_FIELD_ARN] = "resource.arn",
  };
  g_autoptr (GString) out = g_string_new (NULL);

  if (term->field == FLUO_FIELD_TIME)
    return NULL;
  if (term->field == FLUO_FIELD_STATUS)
    g_string_append (out, status_word (term->status));
  else if (term->field == FLUO_FIELD_HTTP_STATUS)
    g_string_append_printf (out, "http.status = %d", term->http_status);
  else if (term->field == FLUO_FIELD_URL)
    append_compare (out, "http.url", term->had_query ? "BEGINSWITH" : "=", term->value);
  else if (term->field == FLUO_FIELD_ENTRY)
    append_service (out, term->value, "root");
  else if (term->field == FLUO_FIELD_SERVICE)
    append_service (out, term->value, NULL);
  else if (term->field == FLUO_FIELD_SERVICE_STATUS)
    append_service (out, term->value, status_word (term->status));
  else if (term->field == FLUO_FIELD_VERSION)
    append_version (out, term);
  else if (term->field == FLUO_FIELD_CAUSE)
    append_cause (out, term);
  else if (term->field == FLUO_FIELD_PATH)
    append_path (out, term);
  else if (term->field == FLUO_FIELD_ANNOTATION)
    append_annotation (out, term);
  else
    append_compare (out, plain[term->field], "=", term->value);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
fluo_cohort_term_bounds (const FluoTerm *term, FluoTimeSpan span)
{
  return term->field == FLUO_FIELD_TIME
         && term->time_ns == (term->operator == FLUO_COHORT_UNDER ? span.end_ns : span.begin_ns);
}

/* --- Conditions of a filter -------------------------------------------------------------- */

/* What @condition is made of may be several conditions itself: a root cause is two. */
static GPtrArray *
split (const char *text)
{
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, NULL);
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < fluo_filter_document_get_n_conditions (document); i++)
    {
      const FluoFilterCondition *part = fluo_filter_document_get_condition (document, i);

      g_ptr_array_add (parts, g_strndup (text + part->range.start,
                                         part->range.end - part->range.start));
    }
  return parts;
}

static gboolean
is_same (const char *a, const char *b)
{
  g_autoptr (FluoFilter) one = fluo_filter_new (a, -1, NULL, NULL);
  g_autoptr (FluoFilter) two = fluo_filter_new (b, -1, NULL, NULL);

  return one && two && fluo_filter_equal (one, two);
}

static gboolean
has_part (GPtrArray *parts, const char *part, guint *ret_at)
{
  for (guint i = 0; i < parts->len; i++)
    if (is_same (g_ptr_array_index (parts, i), part))
      {
        *ret_at = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
fluo_filter_has_condition (const char *filter, const char *condition)
{
  g_autoptr (GPtrArray) parts = split (filter);
  g_autoptr (GPtrArray) wanted = split (condition);
  guint at;

  for (guint i = 0; i < wanted->len; i++)
    if (!has_part (parts, g_ptr_array_index (wanted, i), &at))
      return FALSE;
  return wanted->len > 0;
}

char *
fluo_filter_add_condition (const char *filter, const char *condition)
{
  g_autofree char *text = g_strstrip (g_strdup (filter ? filter : ""));
  g_autoptr (FluoFilterTree) tree = fluo_filter_tree_new (text, -1);
  gboolean any = tree->root != FLUO_NODE_NONE
                 && fluo_filter_tree_get (tree, tree->root)->kind == FLUO_NODE_OR;

  if (!*text)
    return g_strdup (condition);
  /* OR binds less than AND. */
  return g_strdup_printf (any ? "(%s)%sAND %s" : "%s%sAND %s", text,
                          strchr (text, '\n') ? "\n" : " ", condition);
}

char *
fluo_filter_remove_condition (const char *filter, const char *condition)
{
  g_autoptr (GPtrArray) parts = split (filter);
  g_autoptr (GPtrArray) unwanted = split (condition);
  guint at;

  for (guint i = 0; i < unwanted->len; i++)
    if (has_part (parts, g_ptr_array_index (unwanted, i), &at))
      g_ptr_array_remove_index (parts, at);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv (strchr (filter, '\n') ? "\nAND " : " AND ", (char **) parts->pdata);
}
