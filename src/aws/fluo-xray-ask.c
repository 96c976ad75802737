/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-xray-ask.h"

#include <glib/gi18n-lib.h>

#include "aws/fluo-xray-client-private.h"

static void
condition_clear (gpointer data)
{
  g_free (((FluoConditionCount *) data)->expression);
}

FluoFilterCounts *
fluo_filter_counts_new (void)
{
  FluoFilterCounts *self = g_new0 (FluoFilterCounts, 1);

  self->conditions = g_array_new (FALSE, TRUE, sizeof (FluoConditionCount));
  g_array_set_clear_func (self->conditions, condition_clear);
  return self;
}

void
fluo_filter_counts_free (FluoFilterCounts *self)
{
  g_return_if_fail (self != NULL);

  g_array_unref (self->conditions);
  g_free (self);
}

/* Asks @path with the object whose text @body is but for its closing brace. */
static void
ask (FluoXrayClient *self, const char *path, GString *body, GCancellable *cancellable,
     GAsyncReadyCallback callback, GTask *task)
{
  if (self->is_aws)
    {
      g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                               _("AWS does not offer “%s”"), path);
      g_object_unref (task);
      return;
    }
  g_string_append_c (body, '}');
  fluo_xray_client_call_async (self, path, body->str, cancellable, callback, task);
}

static void
begin (GString *body, FluoJsonWriter *writer, FluoTimeSpan span)
{
  fluo_json_writer_init (writer, body);
  fluo_json_writer_begin (writer, '{');
  fluo_json_writer_key (writer, "StartTime");
  fluo_json_writer_seconds (writer, span.begin_ns);
  fluo_json_writer_key (writer, "EndTime");
  fluo_json_writer_seconds (writer, span.end_ns);
}

/* Some other program may answer any path with an empty object; fails the task then. */
static FluoJsonTape *
finish (GTask *task, GObject *source, GAsyncResult *result, const char *member, FluoJsonToken type)
{
  GError *error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_finish (FLUO_XRAY_CLIENT (source), result, &error);

  if (!tape)
    g_task_return_error (task, error);
  else if (fluo_json_tape_type (tape, fluo_json_tape_get (tape, 0, member)) != type)
    g_task_return_new_error (task, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND,
                             _("%s is not fluoroscoped"),
                             fluo_xray_client_get_endpoint (FLUO_XRAY_CLIENT (source)));
  else
    return g_steal_pointer (&tape);
  return NULL;
}

/* --- Counts ------------------------------------------------------------------------------ */

static void
read_conditions (const FluoJsonTape *tape, FluoFilterCounts *counts)
{
  guint32 list = fluo_json_tape_get (tape, 0, "Conditions");

  for (guint32 node = fluo_json_tape_first (tape, list);
       node != FLUO_JSON_NONE && counts->conditions->len < FLUO_XRAY_CONDITIONS_MAX;
       node = fluo_json_tape_next (tape, list, node))
    {
      FluoConditionCount count = { 0 };

      count.expression = fluo_json_tape_dup_member (tape, node, "Expression");
      if (!count.expression)
        count.expression = g_strdup ("");
      count.after = fluo_json_tape_counter (tape, node, "After");
      count.alone = fluo_json_tape_counter (tape, node, "Alone");
      count.without = fluo_json_tape_counter (tape, node, "Without");
      g_array_append_val (counts->conditions, count);
    }
}

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (FluoJsonTape) tape =
    finish (task, source, result, "Conditions", FLUO_JSON_ARRAY_BEGIN);
  FluoFilterCounts *counts;

  if (!tape)
    return;
  counts = fluo_filter_counts_new ();
  read_conditions (tape, counts);
  counts->n_traces = fluo_json_tape_counter (tape, 0, "Traces");
  counts->n_matching = fluo_json_tape_counter (tape, 0, "Matching");
  counts->n_left = fluo_json_tape_counter (tape, 0, "TracesLeft");
  counts->complete = fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, 0, "Complete"), FALSE);
  fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, 0, "ScannedFrom"), &counts->from_ns);
  counts->exact = TRUE;
  g_task_return_pointer (task, counts, (GDestroyNotify) fluo_filter_counts_free);
}

void
fluo_xray_client_count_conditions_async (FluoXrayClient *self, FluoTimeSpan span,
                                         const char *const *conditions, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));
  g_return_if_fail (conditions != NULL);

  begin (body, &writer, span);
  fluo_json_writer_key (&writer, "Conditions");
  fluo_json_writer_begin (&writer, '[');
  for (guint i = 0; conditions[i]; i++)
    fluo_json_writer_string (&writer, conditions[i]);
  fluo_json_writer_end (&writer, ']');
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_count_conditions_async);
  ask (self, FLUO_XRAY_COUNTS_PATH, body, cancellable, counted_cb, task);
}

FluoFilterCounts *
fluo_xray_client_count_conditions_finish (FluoXrayClient *self, GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_count_conditions_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- Vocabulary -------------------------------------------------------------------------- */

void
fluo_xray_vocabulary_free (FluoXrayVocabulary *self)
{
  g_return_if_fail (self != NULL);

  fluo_json_tape_free (self->tape);
  g_free (self);
}

static void
vocabulary_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  FluoJsonTape *tape = finish (task, source, result, "Vocabulary", FLUO_JSON_OBJECT_BEGIN);
  FluoXrayVocabulary *vocabulary;

  if (!tape)
    return;
  vocabulary = g_new0 (FluoXrayVocabulary, 1);
  vocabulary->tape = tape;
  vocabulary->node = fluo_json_tape_get (tape, 0, "Vocabulary");
  vocabulary->n_traces = fluo_json_tape_counter (tape, 0, "Traces");
  vocabulary->n_left = fluo_json_tape_counter (tape, 0, "TracesLeft");
  vocabulary->complete =
    fluo_json_tape_boolean (tape, fluo_json_tape_get (tape, 0, "Complete"), FALSE);
  fluo_json_tape_seconds (tape, fluo_json_tape_get (tape, 0, "ScannedFrom"), &vocabulary->from_ns);
  g_task_return_pointer (task, vocabulary, (GDestroyNotify) fluo_xray_vocabulary_free);
}

static void
write_text (FluoJsonWriter *writer, const char *key, const char *text)
{
  if (!text || !*text)
    return;
  fluo_json_writer_key (writer, key);
  fluo_json_writer_string (writer, text);
}

void
fluo_xray_client_get_vocabulary_async (FluoXrayClient *self, FluoTimeSpan span, const char *filter,
                                       const char *search, guint values_max,
                                       GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr (GString) body = g_string_new (NULL);
  FluoJsonWriter writer;
  GTask *task;

  g_return_if_fail (FLUO_IS_XRAY_CLIENT (self));

  begin (body, &writer, span);
  write_text (&writer, "FilterExpression", filter);
  write_text (&writer, "Search", search);
  fluo_json_writer_key (&writer, "ValuesMax");
  fluo_json_writer_int (&writer, values_max);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, fluo_xray_client_get_vocabulary_async);
  ask (self, FLUO_XRAY_VOCABULARY_PATH, body, cancellable, vocabulary_cb, task);
}

FluoXrayVocabulary *
fluo_xray_client_get_vocabulary_finish (FluoXrayClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, fluo_xray_client_get_vocabulary_async),
                        NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
