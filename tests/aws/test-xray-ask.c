/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-xray-ask.h"
#include "fluo-test-util.h"
#include "xray-service.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static const FluoTimeSpan span = { G_GINT64_CONSTANT (1787220672500000000),
                                   G_GINT64_CONSTANT (1787220972000000000) };
static const char *const conditions[] = { "fault", "user = \"\303\274\"", NULL };

typedef struct
{
  GAsyncResult *result;
} Wait;

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Wait *) user_data)->result = g_object_ref (result);
}

static gboolean
is_done (gpointer data)
{
  return ((Wait *) data)->result != NULL;
}

static FluoFilterCounts *
count (FluoXrayClient *client, GError **error)
{
  Wait wait = { NULL };
  FluoFilterCounts *counts;

  fluo_xray_client_count_conditions_async (client, span, conditions, NULL, done_cb, &wait);
  g_assert_true (fluo_test_wait_until (is_done, &wait, PATIENCE_MS));
  counts = fluo_xray_client_count_conditions_finish (client, wait.result, error);
  g_object_unref (wait.result);
  return counts;
}

static FluoXrayVocabulary *
get_vocabulary (FluoXrayClient *client, const char *filter, const char *search, GError **error)
{
  Wait wait = { NULL };
  FluoXrayVocabulary *vocabulary;

  fluo_xray_client_get_vocabulary_async (client, span, filter, search, 20, NULL, done_cb, &wait);
  g_assert_true (fluo_test_wait_until (is_done, &wait, PATIENCE_MS));
  vocabulary = fluo_xray_client_get_vocabulary_finish (client, wait.result, error);
  g_object_unref (wait.result);
  return vocabulary;
}

static void
test_counts (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoFilterCounts) counts = NULL;
  g_autoptr (GError) error = NULL;
  const FluoConditionCount *second;

  xray_service_say (service,
                    "{\"Traces\":12930,\"Complete\":false,\"ScannedFrom\":1787220700,"
                    "\"TracesLeft\":7,\"Matching\":1284,\"Conditions\":["
                    "{\"Expression\":\"fault\",\"After\":2000,\"Alone\":2000,\"Without\":1300},"
                    "{\"Expression\":\"user\",\"After\":1284,\"Alone\":1300,\"Without\":-2000}]}");
  counts = count (service->client, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xray_service_request (service, 0)->method, ==, "POST");
  g_assert_cmpstr (xray_service_request (service, 0)->path, ==, "/fluoroscope/v1/filter/counts");
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==,
                   "{\"StartTime\":1787220672.5,\"EndTime\":1787220972,"
                   "\"Conditions\":[\"fault\",\"user = \\\"\303\274\\\"\"]}");
  g_assert_cmpuint (counts->n_traces, ==, 12930);
  g_assert_cmpuint (counts->n_matching, ==, 1284);
  g_assert_cmpuint (counts->n_left, ==, 7);
  g_assert_false (counts->complete);
  g_assert_true (counts->exact);
  g_assert_cmpint (counts->from_ns, ==, G_GINT64_CONSTANT (1787220700000000000));
  g_assert_cmpuint (counts->conditions->len, ==, 2);
  second = &g_array_index (counts->conditions, FluoConditionCount, 1);
  g_assert_cmpuint (second->after, ==, 1284);
  g_assert_cmpuint (second->alone, ==, 1300);
  g_assert_cmpuint (second->without, ==, 0);
}

static void
test_vocabulary (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoXrayVocabulary) vocabulary = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_say (service, "{\"Traces\":70,\"Complete\":true,\"ScannedFrom\":1787220672.5,"
                             "\"TracesLeft\":0,\"Vocabulary\":{\"Traces\":30}}");
  vocabulary = get_vocabulary (service->client, "fault", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==,
                   "{\"StartTime\":1787220672.5,\"EndTime\":1787220972,"
                   "\"FilterExpression\":\"fault\",\"ValuesMax\":20}");
  g_assert_cmpuint (vocabulary->n_traces, ==, 70);
  g_assert_true (vocabulary->complete);
  g_assert_cmpint (fluo_json_tape_int (vocabulary->tape,
                                       fluo_json_tape_get (vocabulary->tape, vocabulary->node,
                                                           "Traces"),
                                       0),
                   ==, 30);
}

/* Another server than fluoroscoped, and AWS, which is not even asked. */
static void
test_not_offered (void)
{
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoXrayClient) aws = fluo_xray_client_new (NULL, "eu-west-1", NULL);
  const XrayAnswer missing = { .status = 404, .error_type = "UnknownOperationException" };

  for (guint i = 0; i < 3; i++)
    {
      FluoXrayClient *client = i == 2 ? aws : service->client;
      g_autoptr (GError) error = NULL;

      if (i == 0)
        xray_service_answer (service, &missing);
      g_assert_null (count (client, &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
      g_clear_error (&error);
      if (i == 0)
        xray_service_answer (service, &missing);
      g_assert_null (get_vocabulary (client, NULL, "x", &error));
      g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xray-ask/counts", test_counts);
  g_test_add_func ("/xray-ask/vocabulary", test_vocabulary);
  g_test_add_func ("/xray-ask/not-offered", test_not_offered);
  return g_test_run ();
}
