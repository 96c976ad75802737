/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-connection-test.h"

#include "aws/fluo-aws-service.h"
#include "aws/fluo-caller.h"
#include "aws/fluo-permission.h"
#include "core/fluo-time-span.h"

struct _FluoConnectionTest
{
  GObject parent_instance;

  FluoXrayClient *client;
  FluoCredentialProvider *provider;
  GCancellable *cancellable;
  gboolean wanted[FLUO_N_RIGHTS];
  FluoRightResult results[FLUO_N_RIGHTS];
  gint64 begun_usec[FLUO_N_RIGHTS];
  char *arn; /* that STS told, or NULL */
  char *account;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoConnectionTest, fluo_connection_test, G_TYPE_OBJECT)

/* The question for each right; of X-Ray its path. @BEGIN@ and @END@ are those of the last minute in
 * seconds, @HEX@ the end as a trace's id has it: one that nothing has. StartQuery names a group
 * that is not there: who may ask is told so, others are refused. */
static const struct
{
  FluoAwsService service;
  const char *call;
  const char *body;
  const char *action;
} questions[FLUO_N_RIGHTS] = {
  [FLUO_RIGHT_SUMMARIES] = { FLUO_AWS_XRAY, "/TraceSummaries",
                             "{\"StartTime\":@BEGIN@,\"EndTime\":@END@}",
                             "xray:GetTraceSummaries" },
  [FLUO_RIGHT_TRACES] = { FLUO_AWS_XRAY, "/Traces",
                          "{\"TraceIds\":[\"1-@HEX@-000000000000000000000001\"]}",
                          "xray:BatchGetTraces" },
  [FLUO_RIGHT_GRAPH] = { FLUO_AWS_XRAY, "/ServiceGraph",
                         "{\"StartTime\":@BEGIN@,\"EndTime\":@END@}",
                         "xray:GetServiceGraph" },
  [FLUO_RIGHT_GROUPS] = { FLUO_AWS_XRAY, "/Groups", "{}", "xray:GetGroups" },
  [FLUO_RIGHT_METRICS] = { FLUO_AWS_CLOUDWATCH, "GetMetricData",
                           "{\"MetricDataQueries\":[{\"Id\":\"m\",\"MetricStat\":{\"Metric\":{"
                           "\"Namespace\":\"AWS/Lambda\",\"MetricName\":\"Invocations\"},"
                           "\"Period\":60,\"Stat\":\"Sum\"}}],\"StartTime\":@BEGIN@"
                           ",\"EndTime\":@END@}",
                           "cloudwatch:GetMetricData" },
  [FLUO_RIGHT_ALARMS] = { FLUO_AWS_CLOUDWATCH, "DescribeAlarms", "{\"MaxRecords\":1}",
                          "cloudwatch:DescribeAlarms" },
  [FLUO_RIGHT_LOGS] = { FLUO_AWS_LOGS, "StartQuery",
                        "{\"logGroupNames\":[\"/fluoroscope/no-such-group\"],"
                        "\"startTime\":@BEGIN@,\"endTime\":@END@,"
                        "\"queryString\":\"fields @message | limit 1\",\"limit\":1}",
                        "logs:StartQuery" },
};

const char *
fluo_right_get_action (FluoRight right)
{
  return right < FLUO_N_RIGHTS ? questions[right].action : NULL;
}

/* Holds the test while the question is on its way; stopping cancels it. */
typedef struct
{
  FluoConnectionTest *self;
  FluoRight right;
} Question;

static void
finish (FluoConnectionTest *self, FluoRight right, FluoRightState state, GError *error)
{
  FluoRightResult *result = &self->results[right];

  result->state = state;
  result->usec = g_get_monotonic_time () - self->begun_usec[right];
  result->error = error;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (FluoConnectionTest) self = question->self;
  FluoRight right = question->right;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoJsonTape) tape =
    fluo_xray_client_call_service_finish (FLUO_XRAY_CLIENT (source), result, &error);

  g_free (question);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (tape && right == FLUO_RIGHT_SUMMARIES)
    self->results[right].n_traces = (guint64) MAX (
      0, fluo_json_tape_int (tape, fluo_json_tape_get (tape, 0, "TracesProcessedCount"), 0));
  if (tape
      || (right == FLUO_RIGHT_LOGS
          && g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND)))
    finish (self, right, FLUO_RIGHT_OK, NULL);
  else
    {
      FluoRightState state =
        fluo_permission_of_error (error) ? FLUO_RIGHT_MISSING : FLUO_RIGHT_FAILED;

      finish (self, right, state, g_steal_pointer (&error));
    }
}

static char *
make_body (const char *text)
{
  gint64 end_s = fluo_time_now_ns () / FLUO_NSEC_PER_SEC;
  g_autofree char *begin = g_strdup_printf ("%" G_GINT64_FORMAT, end_s - 60);
  g_autofree char *end = g_strdup_printf ("%" G_GINT64_FORMAT, end_s);
  g_autofree char *hex = g_strdup_printf ("%08x", (guint) end_s);
  GString *body = g_string_new (text);

  g_string_replace (body, "@BEGIN@", begin, 0);
  g_string_replace (body, "@END@", end, 0);
  g_string_replace (body, "@HEX@", hex, 0);
  return g_string_free (body, FALSE);
}

static void
ask (FluoConnectionTest *self, FluoRight right)
{
  g_autofree char *body = make_body (questions[right].body);
  Question *question = g_new (Question, 1);

  *question = (Question) { g_object_ref (self), right };
  self->begun_usec[right] = g_get_monotonic_time ();
  self->results[right].state = FLUO_RIGHT_RUNNING;
  fluo_xray_client_call_service_async (self->client, questions[right].service,
                                       questions[right].call, body, self->cancellable,
                                       answered_cb, question);
}

static void
signed_in (FluoConnectionTest *self)
{
  for (FluoRight right = FLUO_RIGHT_SUMMARIES; right < FLUO_N_RIGHTS; right++)
    if (self->wanted[right]
        && fluo_xray_client_has_service (self->client, questions[right].service))
      ask (self, right);
  finish (self, FLUO_RIGHT_SIGN_IN, FLUO_RIGHT_OK, NULL);
}

static void
got_keys_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionTest) self = user_data;
  GError *error = NULL;
  g_autoptr (FluoCredentials) keys =
    fluo_credential_provider_get_finish (FLUO_CREDENTIAL_PROVIDER (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    g_clear_error (&error);
  else if (keys)
    signed_in (self);
  else
    finish (self, FLUO_RIGHT_SIGN_IN, FLUO_RIGHT_FAILED, error);
}

static void
fluo_connection_test_finalize (GObject *object)
{
  FluoConnectionTest *self = FLUO_CONNECTION_TEST (object);

  for (guint i = 0; i < FLUO_N_RIGHTS; i++)
    g_clear_error (&self->results[i].error);
  g_clear_object (&self->client);
  g_clear_object (&self->provider);
  g_clear_object (&self->cancellable);
  g_free (self->arn);
  g_free (self->account);
  G_OBJECT_CLASS (fluo_connection_test_parent_class)->finalize (object);
}

static void
fluo_connection_test_class_init (FluoConnectionTestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_connection_test_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_connection_test_init (FluoConnectionTest *self)
{
  self->cancellable = g_cancellable_new ();
}

static gboolean
begin_cb (gpointer data)
{
  FluoConnectionTest *self = data;

  if (!g_cancellable_is_cancelled (self->cancellable))
    signed_in (self);
  return G_SOURCE_REMOVE;
}

static void
told_caller_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoConnectionTest) self = user_data;

  /* Whatever keeps STS from telling it shows with the rights. */
  self->arn = fluo_caller_ask_finish (result, &self->account, NULL);
  if (self->arn && !g_cancellable_is_cancelled (self->cancellable))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
ask_caller (FluoConnectionTest *self, const FluoOpenConnection *open)
{
  g_autofree char *account = NULL, *who = fluo_connection_test_dup_who (self, &account);

  if (!account && fluo_caller_can_ask (open))
    fluo_caller_ask_async (open, self->cancellable, told_caller_cb, g_object_ref (self));
}

FluoConnectionTest *
fluo_connection_test_new (FluoOpenConnection *open, gboolean metrics, gboolean logs)
{
  FluoConnectionTest *self = g_object_new (FLUO_TYPE_CONNECTION_TEST, NULL);

  self->client = g_object_ref (open->client);
  for (FluoRight right = 0; right < FLUO_N_RIGHTS; right++)
    self->wanted[right] = right == FLUO_RIGHT_LOGS      ? logs
                          : right >= FLUO_RIGHT_METRICS ? metrics
                                                        : TRUE;
  self->begun_usec[FLUO_RIGHT_SIGN_IN] = g_get_monotonic_time ();
  self->results[FLUO_RIGHT_SIGN_IN].state = FLUO_RIGHT_RUNNING;
  if (open->provider)
    {
      self->provider = g_object_ref (open->provider);
      fluo_credential_provider_get_async (self->provider, self->cancellable, got_keys_cb,
                                          g_object_ref (self));
    }
  else
    g_idle_add_full (G_PRIORITY_DEFAULT, begin_cb, g_object_ref (self), g_object_unref);
  ask_caller (self, open);
  return self;
}

char *
fluo_connection_test_dup_who (FluoConnectionTest *self, char **ret_account)
{
  g_autoptr (FluoCredentialFacts) facts = NULL;

  g_return_val_if_fail (FLUO_IS_CONNECTION_TEST (self), NULL);
  facts = self->provider ? fluo_credential_provider_dup_facts (self->provider)
                         : fluo_credential_facts_new ();
  fluo_credential_facts_complete (facts, self->arn, self->account);
  *ret_account = g_strdup (facts->account);
  return fluo_credential_facts_dup_who (facts);
}

void
fluo_connection_test_stop (FluoConnectionTest *self)
{
  g_return_if_fail (FLUO_IS_CONNECTION_TEST (self));
  g_cancellable_cancel (self->cancellable);
}

gboolean
fluo_connection_test_is_running (FluoConnectionTest *self)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_TEST (self), FALSE);
  for (guint i = 0; i < FLUO_N_RIGHTS; i++)
    if (self->results[i].state == FLUO_RIGHT_RUNNING)
      return TRUE;
  return FALSE;
}

const FluoRightResult *
fluo_connection_test_get (FluoConnectionTest *self, FluoRight right)
{
  g_return_val_if_fail (FLUO_IS_CONNECTION_TEST (self) && right < FLUO_N_RIGHTS, NULL);
  return &self->results[right];
}
