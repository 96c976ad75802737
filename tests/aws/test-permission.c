/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-aws-service.h"
#include "aws/fluo-permission.h"
#include "fluo-test-util.h"
#include "xray-service.h"

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static void
test_actions (void)
{
  static const char *const pairs[][2] = {
    { "/TraceSummaries", "xray:GetTraceSummaries" }, { "/Traces", "xray:BatchGetTraces" },
    { "/Groups", "xray:GetGroups" },                 { "/CreateGroup", "xray:CreateGroup" },
    { "/GetIndexingRules", "xray:GetIndexingRules" }, { "/fluoroscope/v1/status", NULL },
    { "/", NULL },                                    { "Traces", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *action = fluo_permission_dup_action (pairs[i][0]);

      g_assert_cmpstr (action, ==, pairs[i][1]);
    }
}

/* Only a name comes out of what a service says. */
static void
test_refused (void)
{
  static const char *const pairs[][2] = {
    { "User: arn:aws:sts::402155889917:assumed-role/oncall/me is not authorized to perform: "
      "xray:GetTraceSummaries because no identity-based policy allows the action",
      "xray:GetTraceSummaries" },
    { "User: x is not authorized to perform: kms:Decrypt on resource: y", "kms:Decrypt" },
    { "not authorized to perform: logs:FilterLogEvents", "logs:FilterLogEvents" },
    { "not authorized to perform: \"xray\":<b>", NULL },
    { "not authorized to perform: xray:", NULL },
    { "not authorized to perform: :Get", NULL },
    { "nothing of that", NULL },
    { NULL, NULL },
  };
  g_autofree char *words = g_strnfill (5000, 'x');
  g_autofree char *long_one = g_strconcat ("not authorized to perform: ", words, ":y", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *action = fluo_permission_dup_refused (pairs[i][0]);

      g_assert_cmpstr (action, ==, pairs[i][1]);
    }
  g_assert_null (fluo_permission_dup_refused (long_one));
}

static void
test_statement (void)
{
  g_autofree char *statement = fluo_permission_dup_statement_for ("PutEncryptionConfig", NULL);
  g_autofree char *all = fluo_permission_dup_policy (TRUE, TRUE);
  g_autofree char *traces = fluo_permission_dup_policy (FALSE, FALSE);
  g_autoptr (GBytes) bytes = g_bytes_new (all, strlen (all));
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (bytes, NULL);

  g_assert_cmpstr (statement, ==,
                   "{\n  \"Effect\": \"Allow\",\n  \"Action\": [\n    \"xray:PutEncryptionConfig\","
                   "\n    \"kms:CreateGrant\",\n    \"kms:DescribeKey\"\n  ],\n"
                   "  \"Resource\": \"*\"\n}");
  g_assert_nonnull (tape);
  g_assert_nonnull (strstr (all, "\"cloudwatch:GetMetricData\""));
  g_assert_nonnull (strstr (all, "\"logs:StartQuery\""));
  g_assert_nonnull (strstr (traces, "\"xray:GetTraceSummaries\""));
  g_assert_null (strstr (traces, "logs:"));
  /* It reads and changes nothing. */
  g_assert_null (strstr (all, ":Put"));
  g_assert_null (strstr (all, ":Create"));
  g_assert_null (strstr (all, ":Update"));
  g_assert_null (strstr (all, ":Delete"));
  g_assert_null (strstr (all, "*:"));
}

/* An error names what is missing, with the service's words or without, and so do its copies. */
static void
test_error (void)
{
  static const XrayAnswer denied = { .status = 403,
                                     .body = "{\"__type\":\"AccessDeniedException\",\"Message\":"
                                             "\"User: x is not authorized to perform: "
                                             "kms:Decrypt on resource: y\"}" };
  static const XrayAnswer wordless = { .status = 403,
                                       .body = "{\"__type\":\"AccessDeniedException\"}" };
  static const XrayAnswer unknown_key = {
    .status = 403, .body = "{\"__type\":\"UnrecognizedClientException\"}"
  };
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (GError) first = NULL, second = NULL, third = NULL, copy = NULL;
  g_autofree char *statement = NULL;

  xray_service_answer (service, &denied);
  g_assert_null (xray_service_call (service, "/Traces", &first));
  g_assert_error (first, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_ACCESS);
  g_assert_cmpstr (fluo_permission_of_error (first), ==, "kms:Decrypt");
  copy = g_error_copy (first);
  g_prefix_error (&copy, "while something: ");
  g_assert_cmpstr (fluo_permission_of_error (copy), ==, "kms:Decrypt");
  xray_service_answer (service, &wordless);
  g_assert_null (xray_service_call (service, "/Traces", &second));
  g_assert_cmpstr (fluo_permission_of_error (second), ==, "xray:BatchGetTraces");
  statement = fluo_permission_dup_statement_of (second);
  g_assert_nonnull (strstr (statement, "\"xray:BatchGetTraces\""));
  /* Another key is needed then, and no permission. */
  xray_service_answer (service, &unknown_key);
  g_assert_null (xray_service_call (service, "/Traces", &third));
  g_assert_null (fluo_permission_of_error (third));
}

/* --- The meter at its place -------------------------------------------------------------- */

static void
test_meter (void)
{
  static const char prices[] = "[prices]\nDate=x\n[partition aws]\nScanned=1\nRetrieved=1\n";
  g_autoptr (FluoPriceTable) table = fluo_price_table_new (prices, sizeof prices - 1, NULL);
  g_autoptr (FluoMeter) meter = fluo_meter_new (table, "eu-west-1");
  g_autoptr (XrayService) service = xray_service_new (NULL);
  g_autoptr (FluoJsonTape) summaries = NULL, traces = NULL, groups = NULL, more = NULL;
  g_autoptr (GError) error = NULL;
  FluoMeterReading reading;

  fluo_xray_client_set_meter (service->client, meter);
  xray_service_say (service, "{\"TraceSummaries\":[],\"TracesProcessedCount\":120}");
  summaries = xray_service_call (service, "/TraceSummaries", NULL);
  xray_service_say (service, "{\"Traces\":[{},{},{}]}");
  traces = xray_service_call (service, "/Traces", NULL);
  xray_service_say (service, "{}");
  groups = xray_service_call (service, "/Groups", NULL);
  reading = fluo_meter_get_hour (meter);
  g_assert_cmpuint (reading.n_calls, ==, 3);
  g_assert_cmpuint (reading.n_scanned, ==, 120);
  g_assert_cmpuint (reading.n_retrieved, ==, 3);
  g_assert_cmpint (reading.nanousd, ==, 123 * 1000);
  /* What costs nothing goes on; what would pass the budget is not asked. */
  fluo_meter_set_budget (meter, 200 * 1000);
  g_assert_null (xray_service_call (service, "/TraceSummaries", &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_BUDGET);
  xray_service_say (service, "{}");
  more = xray_service_call (service, "/Groups", NULL);
  g_assert_nonnull (more);
  g_assert_cmpuint (fluo_meter_get_hour (meter).n_calls, ==, 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/permission/actions", test_actions);
  g_test_add_func ("/permission/refused", test_refused);
  g_test_add_func ("/permission/statement", test_statement);
  g_test_add_func ("/permission/error", test_error);
  g_test_add_func ("/permission/meter", test_meter);
  return g_test_run ();
}
