/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-insights.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "core/fluo-kind.h"

/* Minutes are judged when they are over, so that asking more often tells nothing; on AWS every
 * question counts against the account's rate. */
#define LOCAL_SECONDS 15
#define AWS_SECONDS 60
#define NAME_CHARS_MAX 60

struct _FluoInsights
{
  GObject parent_instance;

  FluoExplorer *explorer; /* weak */
  FluoXrayClient *client; /* whom the report is of */
  gint64 relative_ns;     /* and of which range */
  FluoTimeSpan fixed;
  FluoInsightReport *report;
  GError *error;
  GCancellable *cancellable; /* of the question under way, or NULL */
  guint generation;
  guint timer_id;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoInsights, fluo_insights, G_TYPE_OBJECT)

/* Answers don't keep the object alive. */
typedef struct
{
  GWeakRef insights;
  guint generation;
} Question;

static Question *
question_new (FluoInsights *self)
{
  Question *question = g_new (Question, 1);

  g_weak_ref_init (&question->insights, self);
  question->generation = self->generation;
  return question;
}

/* A reference, or NULL when the answer is late. Frees the question. */
static FluoInsights *
question_end (Question *question)
{
  FluoInsights *self = g_weak_ref_get (&question->insights);

  if (self && self->generation != question->generation)
    g_clear_object (&self);
  g_weak_ref_clear (&question->insights);
  g_free (question);
  return self;
}

static void
drop_question (FluoInsights *self)
{
  self->generation++;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static gboolean
timer_cb (gpointer data)
{
  FluoInsights *self = data;

  self->timer_id = 0;
  if (self->explorer && !fluo_explorer_is_resting (self->explorer))
    fluo_insights_reload (self);
  return G_SOURCE_REMOVE;
}

static void
wait (FluoInsights *self)
{
  if (self->timer_id == 0 && self->explorer && fluo_explorer_get_live (self->explorer)
      && !fluo_explorer_is_resting (self->explorer))
    self->timer_id = g_timeout_add_seconds (
      fluo_explorer_is_local (self->explorer) ? LOCAL_SECONDS : AWS_SECONDS, timer_cb, self);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  FluoInsightReport *report = fluo_xray_client_get_insights_finish (FLUO_XRAY_CLIENT (source),
                                                                    result, &error);
  g_autoptr (FluoInsights) self = question_end (user_data);

  if (!self)
    {
      g_clear_pointer (&report, fluo_insight_report_free);
      return;
    }
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  if (report)
    {
      g_clear_pointer (&self->report, fluo_insight_report_free);
      self->report = report;
    }
  else
    self->error = g_steal_pointer (&error);
  wait (self);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
fluo_insights_reload (FluoInsights *self)
{
  g_return_if_fail (FLUO_IS_INSIGHTS (self));

  g_clear_handle_id (&self->timer_id, g_source_remove);
  drop_question (self);
  if (!self->client || !self->explorer)
    return;
  self->cancellable = g_cancellable_new ();
  fluo_xray_client_get_insights_async (self->client, fluo_explorer_get_span (self->explorer),
                                       self->cancellable, read_cb, question_new (self));
}

static void
enabled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean done = fluo_xray_client_set_default_insights_finish (FLUO_XRAY_CLIENT (source), result,
                                                                &error);
  g_autoptr (FluoInsights) self = question_end (user_data);

  if (!self)
    return;
  if (done)
    {
      fluo_insights_reload (self);
      return;
    }
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
fluo_insights_enable (FluoInsights *self)
{
  g_return_if_fail (FLUO_IS_INSIGHTS (self));

  if (!self->client)
    return;
  drop_question (self);
  self->cancellable = g_cancellable_new ();
  fluo_xray_client_set_default_insights_async (self->client, TRUE, self->cancellable, enabled_cb,
                                               question_new (self));
}

/* What another account said is nobody's news here, and nothing more is asked there. */
static void
leave (FluoInsights *self)
{
  g_clear_handle_id (&self->timer_id, g_source_remove);
  drop_question (self);
  g_clear_object (&self->client);
  g_clear_pointer (&self->report, fluo_insight_report_free);
  g_clear_error (&self->error);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Another connection or another range is another question; everything else waits for the timer. */
static void
follow (FluoInsights *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  gint64 relative_ns = fluo_explorer_get_relative_ns (self->explorer);
  FluoTimeSpan fixed = relative_ns > 0 ? (FluoTimeSpan) { 0, 0 }
                                       : fluo_explorer_get_span (self->explorer);
  gboolean other;

  if (self->client && client != self->client)
    leave (self);
  if (fluo_explorer_get_state (self->explorer) != FLUO_EXPLORER_CONNECTED)
    return;
  other = client != self->client;
  if (!other && relative_ns == self->relative_ns && fluo_time_span_equal (fixed, self->fixed))
    {
      if (!self->cancellable)
        wait (self);
      return;
    }
  self->relative_ns = relative_ns;
  self->fixed = fixed;
  g_set_object (&self->client, client);
  fluo_insights_reload (self);
}

/* More than a live read brings has come: the demo, or a store that was filled. */
static void
summaries_changed_cb (FluoInsights *self, guint n_new)
{
  if (n_new == 0 && self->client && !self->cancellable)
    fluo_insights_reload (self);
}

static void
fluo_insights_dispose (GObject *object)
{
  FluoInsights *self = FLUO_INSIGHTS (object);

  g_clear_handle_id (&self->timer_id, g_source_remove);
  drop_question (self);
  g_clear_object (&self->client);
  g_clear_weak_pointer (&self->explorer);
  G_OBJECT_CLASS (fluo_insights_parent_class)->dispose (object);
}

static void
fluo_insights_finalize (GObject *object)
{
  FluoInsights *self = FLUO_INSIGHTS (object);

  g_clear_pointer (&self->report, fluo_insight_report_free);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (fluo_insights_parent_class)->finalize (object);
}

static void
fluo_insights_class_init (FluoInsightsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_insights_dispose;
  object_class->finalize = fluo_insights_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_insights_init (FluoInsights *self)
{
}

FluoInsights *
fluo_insights_new (FluoExplorer *explorer)
{
  FluoInsights *self;

  g_return_val_if_fail (FLUO_IS_EXPLORER (explorer), NULL);

  self = g_object_new (FLUO_TYPE_INSIGHTS, NULL);
  g_set_weak_pointer (&self->explorer, explorer);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (follow), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "summaries-changed", G_CALLBACK (summaries_changed_cb), self,
                           G_CONNECT_SWAPPED);
  follow (self);
  return self;
}

const FluoInsightReport *
fluo_insights_get_report (FluoInsights *self)
{
  g_return_val_if_fail (FLUO_IS_INSIGHTS (self), NULL);

  return self->report;
}

const GError *
fluo_insights_get_error (FluoInsights *self)
{
  g_return_val_if_fail (FLUO_IS_INSIGHTS (self), NULL);

  return self->error;
}

guint
fluo_insights_get_n_active (FluoInsights *self)
{
  guint n = 0;

  g_return_val_if_fail (FLUO_IS_INSIGHTS (self), 0);

  for (guint i = 0; self->report && i < self->report->insights->len; i++)
    n += ((FluoInsight *) g_ptr_array_index (self->report->insights, i))->active;
  return n;
}

const FluoInsight *
fluo_insights_find (FluoInsights *self, const char *id)
{
  g_return_val_if_fail (FLUO_IS_INSIGHTS (self), NULL);

  for (guint i = 0; self->report && i < self->report->insights->len; i++)
    {
      FluoInsight *insight = g_ptr_array_index (self->report->insights, i);

      if (g_str_equal (insight->id, id))
        return insight;
    }
  return NULL;
}

const FluoInsight *
fluo_insights_get_active (FluoInsights *self)
{
  g_return_val_if_fail (FLUO_IS_INSIGHTS (self), NULL);

  for (guint i = 0; self->report && i < self->report->insights->len; i++)
    {
      FluoInsight *insight = g_ptr_array_index (self->report->insights, i);

      if (insight->active)
        return insight;
    }
  return NULL;
}

char *
fluo_insight_dup_cause (const FluoInsight *insight)
{
  const FluoInsightService *first =
    insight->services->len > 0 ? g_ptr_array_index (insight->services, 0) : NULL;
  const FluoInsightService *cause = insight->cause.name ? &insight->cause : first;

  return cause ? fluo_format_untrusted (fluo_kind_get_display_name (cause->type, cause->name),
                                        NAME_CHARS_MAX)
               : g_strdup (_("a service"));
}
