/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-cloudwatch.h"
#include "aws/fluo-meter.h"
#include "aws/fluo-permission.h"
#include "fluo-test-util.h"
#include "xray-service.h"

/* Metrics and alarms. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

static const FluoTimeSpan span = { G_GINT64_CONSTANT (1787220672500000000),
                                   G_GINT64_CONSTANT (1787220972000000000) };

/* --- Metrics --------------------------------------------------------------------------------- */

static void
test_metrics (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GPtrArray) metrics = fluo_metrics_for_node (
    "AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders");
  g_autoptr (GPtrArray) series = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  const FluoMetricSeries *first;
  const XrayRequest *request;

  g_assert_cmpuint (metrics->len, ==, 5);
  xray_service_say (service,
                    "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1787220720,"
                    "1787220660],\"Values\":[3,2.5,9],\"StatusCode\":\"PartialData\"},"
                    "{\"Id\":\"m99\",\"Timestamps\":[1],\"Values\":[1]},{\"Id\":\"m1\","
                    "\"Timestamps\":[],\"Values\":[],\"StatusCode\":\"Forbidden\"}],"
                    "\"NextToken\":\"t\\\"1\"}");
  xray_service_say (service, "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1787220780],"
                             "\"Values\":[4],\"StatusCode\":\"Complete\"}]}");
  fluo_xray_client_get_metrics_async (service->client, metrics, span, 60, NULL,
                                      fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  series = fluo_xray_client_get_metrics_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (series->len, ==, metrics->len);
  first = g_ptr_array_index (series, 0);
  g_assert_cmpuint (first->points->len, ==, 3);
  g_assert_cmpfloat (g_array_index (first->points, FluoMetricPoint, 0).value, ==, 2.5);
  g_assert_cmpfloat (g_array_index (first->points, FluoMetricPoint, 2).value, ==, 4);
  g_assert_true (((FluoMetricSeries *) g_ptr_array_index (series, 1))->forbidden);

  request = xray_service_request (service, 0);
  g_assert_cmpstr (xray_request_header (request, "x-amz-target"), ==,
                   "GraniteServiceVersion20100801.GetMetricData");
  g_assert_cmpstr (xray_request_header (request, "content-type"), ==,
                   "application/x-amz-json-1.0");
  g_assert_nonnull (strstr (request->body,
                            "{\"Id\":\"m0\",\"MetricStat\":{\"Metric\":{\"Namespace\":\"AWS/SQS\","
                            "\"MetricName\":\"ApproximateAgeOfOldestMessage\",\"Dimensions\":[{"
                            "\"Name\":\"QueueName\",\"Value\":\"orders\"}]},\"Period\":60,"
                            "\"Stat\":\"Maximum\"}}"));
  g_assert_nonnull (strstr (xray_service_request (service, 1)->body,
                            ",\"NextToken\":\"t\\\"1\"}"));
}

static void
test_metrics_for_node (void)
{
  g_autoptr (GPtrArray) stage = fluo_metrics_for_node ("AWS::ApiGateway::Stage", "shop/prod");
  g_autoptr (GPtrArray) function = fluo_metrics_for_node ("AWS::Lambda::Function", "checkout");
  g_autoptr (GPtrArray) other = fluo_metrics_for_node ("AWS::LambdaEdge", "checkout");
  g_autoptr (GPtrArray) remote = fluo_metrics_for_node ("remote", "bank.example.com");
  const FluoMetric *latency = g_ptr_array_index (stage, 0);
  const gint64 day_ns = 24 * 3600 * FLUO_NSEC_PER_SEC, now_ns = 100 * day_ns;

  g_assert_cmpstr (latency->dimensions[0].value, ==, "shop");
  g_assert_cmpstr (latency->dimensions[1].name, ==, "Stage");
  g_assert_cmpstr (latency->dimensions[1].value, ==, "prod");
  g_assert_cmpuint (function->len, ==, 5);
  g_assert_cmpuint (other->len, ==, 0);
  g_assert_cmpuint (remote->len, ==, 0);

  g_assert_cmpuint (fluo_metrics_period_s ((FluoTimeSpan) { now_ns - day_ns / 96, now_ns }, now_ns),
                    ==, 60);
  g_assert_cmpuint (fluo_metrics_period_s ((FluoTimeSpan) { now_ns - day_ns / 4, now_ns }, now_ns),
                    ==, 900);
  /* After two weeks the values of single minutes are gone. */
  g_assert_cmpuint (fluo_metrics_period_s ((FluoTimeSpan) { now_ns - 20 * day_ns,
                                                            now_ns - 20 * day_ns + day_ns / 96 },
                                           now_ns),
                    ==, 300);
}

/* X-Ray tells the service of ECS, and not its cluster: CloudWatch is told to look for it. */
static void
test_metrics_searched (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GPtrArray) ecs = fluo_metrics_for_node ("AWS::ECS::Fargate", "check\\out (v2)");
  g_autoptr (GPtrArray) eks = fluo_metrics_for_node ("AWS::EKS::Container", "inventory");
  g_autoptr (GPtrArray) bucket = fluo_metrics_for_node ("AWS::S3::Bucket", "arn:aws:s3:::photos");
  g_autoptr (GPtrArray) database = fluo_metrics_for_node (
    "Database::SQL", "orders@orders-db.c9.eu-west-1.rds.amazonaws.com");
  g_autoptr (GPtrArray) own = fluo_metrics_for_node ("Database::SQL", "orders@10.0.0.7");
  g_autoptr (GPtrArray) evil = fluo_metrics_for_node ("AWS::ECS::EC2", "x', 'Sum', 60)) + (1");
  g_autofree char *pods = fluo_metric_dup_search (g_ptr_array_index (eks, 0), 300);
  g_autofree char *latency = fluo_metric_dup_search (g_ptr_array_index (bucket, 0), 60);
  const FluoMetric *cpu = g_ptr_array_index (database, 0);
  g_autoptr (GPtrArray) series = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (pods, ==,
                   "MAX(SEARCH('{ContainerInsights,ClusterName,Namespace,Service} "
                   "MetricName=\"pod_cpu_utilization\" Service=\"inventory\"', 'Average', 300))");
  g_assert_cmpstr (latency, ==,
                   "MAX(SEARCH('{AWS/S3,FilterId,BucketName} MetricName=\"TotalRequestLatency\" "
                   "BucketName=\"photos\"', 'p90', 60))");
  g_assert_cmpstr (cpu->dimensions[0].value, ==, "orders-db");
  g_assert_cmpuint (own->len, ==, 0);
  g_assert_cmpuint (evil->len, ==, 0);
  g_assert_cmpuint (ecs->len, ==, 4);
  xray_service_say (service,
                    "{\"MetricDataResults\":[{\"Id\":\"m0\",\"Timestamps\":[1787220720],"
                    "\"Values\":[71.5],\"StatusCode\":\"Complete\"}]}");
  fluo_xray_client_get_metrics_async (service->client, ecs, span, 60, NULL, fluo_test_result_cb,
                                      &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  series = fluo_xray_client_get_metrics_finish (service->client, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (((FluoMetricSeries *) g_ptr_array_index (series, 0))->points->len, ==, 1);
  g_assert_nonnull (strstr (xray_service_request (service, 0)->body,
                            "{\"Id\":\"m0\",\"Expression\":\"MAX(SEARCH('{AWS/ECS,ClusterName,"
                            "ServiceName} MetricName=\\\"CPUUtilization\\\" ServiceName=\\\"check"
                            "\\\\\\\\out \\\\(v2\\\\)\\\"', 'Average', 60))\"}"));
}

/* --- Alarms ---------------------------------------------------------------------------------- */

#define ALARM_PAGE                                                                                 \
  "{\"MetricAlarms\":[{\"AlarmName\":\"payments-throttles\",\"StateValue\":\"ALARM\","             \
  "\"StateReason\":\"3 datapoints were greater than the threshold (5.0).\","                       \
  "\"StateTransitionedTimestamp\":1787220660.5,\"StateUpdatedTimestamp\":1787220720,"              \
  "\"Namespace\":\"AWS/Lambda\",\"MetricName\":\"Throttles\",\"Dimensions\":["                     \
  "{\"Name\":\"FunctionName\",\"Value\":\"payments\"}]},7,{\"StateReason\":\"no name\"}],"         \
  "\"NextToken\":\"n\"}"
#define MATH_PAGE                                                                                  \
  "{\"MetricAlarms\":[{\"AlarmName\":\"busy\",\"StateUpdatedTimestamp\":1787220720,"               \
  "\"Metrics\":[{\"Id\":\"e1\",\"Expression\":\"m1*100\"},{\"Id\":\"m1\",\"MetricStat\":{"         \
  "\"Metric\":{\"Namespace\":\"AWS/ECS\",\"MetricName\":\"CPUUtilization\",\"Dimensions\":["       \
  "{\"Name\":\"ClusterName\",\"Value\":\"prod\"},{\"Name\":\"ServiceName\","                       \
  "\"Value\":\"checkout\"}]},\"Period\":60,\"Stat\":\"Average\"}}]}]}"

static GPtrArray *
read_alarms (XrayService *service, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  fluo_xray_client_get_alarms_async (service->client, NULL, fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, PATIENCE_MS));
  return fluo_xray_client_get_alarms_finish (service->client, result, error);
}

static gboolean
is_about (const FluoAlarm *alarm, const char *type, const char *name)
{
  g_autoptr (GPtrArray) metrics = fluo_metrics_for_node (type, name);

  return fluo_alarm_is_about (alarm, metrics);
}

/* Which of the map's nodes an alarm is about, whichever of their metrics it watches. */
static void
test_alarms (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  static const char table[] =
    "[prices]\nDate=2026-11-28\n[partition aws]\nScanned=1\nRetrieved=1\nMetrics=10\n";
  g_autoptr (FluoPriceTable) prices = fluo_price_table_new (table, sizeof table - 1, NULL);
  g_autoptr (FluoMeter) meter = fluo_meter_new (prices, "eu-west-1");
  g_autoptr (GPtrArray) alarms = NULL;
  g_autoptr (GError) error = NULL;
  const FluoAlarm *throttles, *busy;

  fluo_xray_client_set_meter (service->client, meter);
  xray_service_say (service, ALARM_PAGE);
  xray_service_say (service, MATH_PAGE);
  alarms = read_alarms (service, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (alarms->len, ==, 2);
  throttles = g_ptr_array_index (alarms, 0);
  busy = g_ptr_array_index (alarms, 1);
  g_assert_cmpstr (throttles->name, ==, "payments-throttles");
  g_assert_cmpint (throttles->since_ns, ==, G_GINT64_CONSTANT (1787220660500000000));
  g_assert_nonnull (strstr (throttles->reason, "3 datapoints"));
  g_assert_true (is_about (throttles, "AWS::Lambda::Function", "payments"));
  g_assert_false (is_about (throttles, "AWS::Lambda::Function", "mailer"));
  g_assert_false (is_about (throttles, "AWS::ECS::Container", "payments"));
  g_assert_true (is_about (busy, "AWS::ECS::Container", "checkout"));
  g_assert_false (is_about (busy, NULL, "checkout"));
  g_assert_cmpint (busy->since_ns, ==, G_GINT64_CONSTANT (1787220720000000000));

  g_assert_cmpstr (xray_request_header (xray_service_request (service, 0), "x-amz-target"), ==,
                   "GraniteServiceVersion20100801.DescribeAlarms");
  g_assert_cmpstr (xray_service_request (service, 0)->body, ==,
                   "{\"StateValue\":\"ALARM\",\"MaxRecords\":100}");
  g_assert_cmpstr (xray_service_request (service, 1)->body, ==,
                   "{\"StateValue\":\"ALARM\",\"MaxRecords\":100,\"NextToken\":\"n\"}");
  /* Both pages are paid for. */
  g_assert_cmpuint (fluo_meter_get_hour (meter).n_calls, ==, 2);
  g_assert_cmpint (fluo_meter_get_hour (meter).nanousd, ==, 20000);
}

/* A service that hands out a token again would be asked for ever; none of what came before counts
 * as all there is. */
static void
test_alarms_in_a_circle (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GError) error = NULL;

  xray_service_say (service, ALARM_PAGE);
  xray_service_say (service, "{\"MetricAlarms\":[],\"NextToken\":\"o\"}");
  xray_service_say (service, ALARM_PAGE);
  g_assert_null (read_alarms (service, &error));
  g_assert_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL);
  g_assert_cmpuint (service->requests->len, ==, 3);
}

/* More alarms than ten pages hold are all there. */
static void
test_many_alarms (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free), alarms = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 30; i++)
    {
      g_autofree char *token = i < 29 ? g_strdup_printf ("\"t%u\"", i) : g_strdup ("null");

      g_ptr_array_add (pages,
                       g_strdup_printf ("{\"MetricAlarms\":[{\"AlarmName\":\"a%u\"}],"
                                        "\"NextToken\":%s}", i, token));
      xray_service_say (service, g_ptr_array_index (pages, i));
    }
  alarms = read_alarms (service, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (alarms->len, ==, 30);
}

static void
test_alarms_refused (void)
{
  g_autoptr (XrayService) service = xray_service_new_with_services ();
  g_autoptr (GPtrArray) alarms = NULL;
  g_autoptr (GError) error = NULL;

  xray_service_answer (service, &(XrayAnswer){ .status = 400,
                                               .body = "{\"__type\":\"AccessDeniedException\"}" });
  alarms = read_alarms (service, &error);
  g_assert_null (alarms);
  g_assert_cmpstr (fluo_permission_of_error (error), ==, "cloudwatch:DescribeAlarms");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/metrics/series", test_metrics);
  g_test_add_func ("/aws/metrics/for-node", test_metrics_for_node);
  g_test_add_func ("/aws/metrics/searched", test_metrics_searched);
  g_test_add_func ("/aws/alarms/read", test_alarms);
  g_test_add_func ("/aws/alarms/in-a-circle", test_alarms_in_a_circle);
  g_test_add_func ("/aws/alarms/many", test_many_alarms);
  g_test_add_func ("/aws/alarms/refused", test_alarms_refused);
  return g_test_run ();
}
