/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-missing.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Whatever a server sends. */
#define N_FINDINGS_MAX 100
#define N_EXAMPLES_MAX 20

static void
example_free (gpointer data)
{
  FluoRefusedExample *example = data;

  g_free (example->source);
  g_free (example->sender);
  g_free (example->name);
  g_free (example->problem);
  g_free (example->text);
  g_free (example);
}

static void
finding_free (gpointer data)
{
  FluoFinding *finding = data;

  g_free (finding->kind);
  g_free (finding->title);
  g_free (finding->text);
  g_free (finding->advice);
  g_ptr_array_unref (finding->examples);
  g_free (finding);
}

void
fluo_missing_report_free (FluoMissingReport *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->trace_id);
  g_free (self->verdict);
  g_free (self->summary);
  g_ptr_array_unref (self->findings);
  g_free (self);
}

static void
add_parameter (GString *path, const char *key, const char *value)
{
  g_autofree char *valid = NULL, *escaped = NULL;

  if (!value || !*value)
    return;
  valid = g_utf8_make_valid (value, -1);
  escaped = g_uri_escape_string (valid, NULL, FALSE);
  g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') ? '&' : '?', key, escaped);
}

char *
fluo_xray_missing_dup_path (const char *trace, const char *key, const char *group)
{
  GString *path = g_string_new ("/fluoroscope/v1/missing");

  add_parameter (path, "trace", trace);
  add_parameter (path, "key", key);
  add_parameter (path, "group", group);
  return g_string_free (path, FALSE);
}

/* FLUO_JSON_NONE for anything that is no list. */
static guint32
first_of (const FluoJsonTape *tape, guint32 list)
{
  return fluo_json_tape_type (tape, list) == FLUO_JSON_ARRAY_BEGIN
           ? fluo_json_tape_first (tape, list)
           : FLUO_JSON_NONE;
}

static FluoRefusedExample *
read_example (const FluoJsonTape *tape, guint32 node)
{
  FluoRefusedExample *example = g_new0 (FluoRefusedExample, 1);

  fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, node, "Time"), &example->time_ns);
  example->source = fluo_json_tape_dup_member (tape, node, "Source");
  example->sender = fluo_json_tape_dup_member (tape, node, "Sender");
  example->name = fluo_json_tape_dup_member (tape, node, "Name");
  example->problem = fluo_json_tape_dup_member (tape, node, "Problem");
  example->text = fluo_json_tape_dup_word (tape, node, "Text");
  example->bytes = fluo_json_tape_counter (tape, node, "Bytes");
  return example;
}

static FluoFindingLevel
read_level (const FluoJsonTape *tape, guint32 node)
{
  static const char *const words[] = { "problem", "maybe", "fine", "note" };
  g_autofree char *word = fluo_json_tape_dup_word (tape, node, "Level");

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i]))
      return (FluoFindingLevel) i;
  return FLUO_FINDING_NOTE;
}

static FluoFinding *
read_finding (const FluoJsonTape *tape, guint32 node)
{
  FluoFinding *finding = g_new0 (FluoFinding, 1);
  guint32 list = fluo_json_tape_get (tape, node, "Examples");

  finding->kind = fluo_json_tape_dup_word (tape, node, "Kind");
  finding->level = read_level (tape, node);
  finding->title = fluo_json_tape_dup_word (tape, node, "Title");
  finding->text = fluo_json_tape_dup_word (tape, node, "Text");
  finding->advice = fluo_json_tape_dup_member (tape, node, "Advice");
  finding->examples = g_ptr_array_new_with_free_func (example_free);
  for (guint32 i = first_of (tape, list);
       i != FLUO_JSON_NONE && finding->examples->len < N_EXAMPLES_MAX;
       i = fluo_json_tape_next (tape, list, i))
    g_ptr_array_add (finding->examples, read_example (tape, i));
  return finding;
}

FluoMissingReport *
fluo_missing_report_new (const FluoJsonTape *tape)
{
  FluoMissingReport *self = g_new0 (FluoMissingReport, 1);
  guint32 stored = fluo_json_tape_get (tape, 0, "Stored");
  guint32 list = fluo_json_tape_get (tape, 0, "Findings");

  self->trace_id = fluo_json_tape_dup_member (tape, 0, "TraceId");
  self->verdict = fluo_json_tape_dup_word (tape, 0, "Verdict");
  self->summary = fluo_json_tape_dup_word (tape, 0, "Summary");
  if (fluo_json_tape_type (tape, stored) == FLUO_JSON_OBJECT_BEGIN)
    fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, stored, "StartTime"),
                            &self->start_ns);
  self->findings = g_ptr_array_new_with_free_func (finding_free);
  for (guint32 i = first_of (tape, list);
       i != FLUO_JSON_NONE && self->findings->len < N_FINDINGS_MAX;
       i = fluo_json_tape_next (tape, list, i))
    g_ptr_array_add (self->findings, read_finding (tape, i));
  return self;
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!tape)
    g_task_return_error (task, error);
  /* Some other program may answer any path with an empty object. */
  else if (fluo_json_tape_type (tape, fluo_json_tape_get (tape, 0, "Verdict")) != FLUO_JSON_STRING)
    g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                             _("%s is not fluoroscoped"),
                             fluo_xray_client_get_endpoint (FLUO_XRAY_CLIENT (source)));
  else
    g_task_return_pointer (task, fluo_missing_report_new (tape),
                           (GDestroyNotify) fluo_missing_report_free);
}

void
fluo_xray_client_explain_missing_async (FluoXrayClient *self, const char *trace, const char *key,
                                        const char *group, GCancellable *cancellable,
                                        GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *path = fluo_xray_missing_dup_path (trace, key, group);
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_explain_missing_async);
  fluo_xray_client_call_async (self, path, NULL, cancellable, called_cb, task);
}

FluoMissingReport *
fluo_xray_client_explain_missing_finish (FluoXrayClient *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (
    g_async_result_is_tagged (result, fluo_xray_client_explain_missing_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
