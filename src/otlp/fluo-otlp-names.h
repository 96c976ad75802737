/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "otlp/fluo-otlp-model.h"

G_BEGIN_DECLS

/* The attributes of OpenTelemetry's semantic conventions, old and new, that have a place of their
 * own in a segment document. Each attribute is looked up once; after that finding one by its number
 * costs nothing. */

#define FLUO_OTLP_NAMES(N) \
  N (AWS_ACCOUNT_ID, "aws.account_id") \
  N (TELEMETRY_AUTO_VERSION, "telemetry.auto.version") \
  N (AWS_DYNAMODB_TABLE_NAMES, "aws.dynamodb.table_names") \
  N (AWS_ECS_CLUSTER_ARN, "aws.ecs.cluster.arn") \
  N (AWS_ECS_CONTAINER_ARN, "aws.ecs.container.arn") \
  N (AWS_ECS_LAUNCHTYPE, "aws.ecs.launchtype") \
  N (AWS_ECS_TASK_ARN, "aws.ecs.task.arn") \
  N (AWS_ECS_TASK_FAMILY, "aws.ecs.task.family") \
  N (AWS_HTTP_ERROR_MESSAGE, "aws.http.error_message") \
  N (AWS_LOCAL_SERVICE, "aws.local.service") \
  N (AWS_LOG_GROUP_ARNS, "aws.log.group.arns") \
  N (AWS_LOG_GROUP_NAMES, "aws.log.group.names") \
  N (AWS_OPERATION, "aws.operation") \
  N (AWS_QUEUE_URL_DOT, "aws.queue.url") \
  N (AWS_QUEUE_URL, "aws.queue_url") \
  N (AWS_REGION, "aws.region") \
  N (AWS_REMOTE_SERVICE, "aws.remote.service") \
  N (AWS_REQUEST_ID, "aws.request_id") \
  N (AWS_REQUEST_ID_CAMEL, "aws.requestId") \
  N (AWS_S3_BUCKET, "aws.s3.bucket") \
  N (AWS_SERVICE, "aws.service") \
  N (AWS_SNS_TOPIC_ARN, "aws.sns.topic.arn") \
  N (AWS_SPAN_KIND, "aws.span.kind") \
  N (AWS_SQS_QUEUE_URL, "aws.sqs.queue.url") \
  N (AWS_TABLE_NAME_DOT, "aws.table.name") \
  N (AWS_TABLE_NAME, "aws.table_name") \
  N (AWS_XRAY_ANNOTATIONS, "aws.xray.annotations") \
  N (AWS_XRAY_FLAGS, "aws.xray.flags") \
  N (AWS_XRAY_INPROGRESS, "aws.xray.inprogress") \
  N (AWS_XRAY_ORIGIN, "aws.xray.origin") \
  N (AWS_XRAY_RESOURCE_ARN, "aws.xray.resource_arn") \
  N (AWS_XRAY_RETRIES, "aws.xray.retries") \
  N (AWS_XRAY_TRACED, "aws.xray.traced") \
  N (AWS_XRAY_X_FORWARDED_FOR, "aws.xray.x_forwarded_for") \
  N (CLIENT_ADDRESS, "client.address") \
  N (CLOUD_ACCOUNT_ID, "cloud.account.id") \
  N (CLOUD_AVAILABILITY_ZONE, "cloud.availability_zone") \
  N (CLOUD_PLATFORM, "cloud.platform") \
  N (CLOUD_PROVIDER, "cloud.provider") \
  N (CLOUD_REGION, "cloud.region") \
  N (CLOUD_RESOURCE_ID, "cloud.resource_id") \
  N (CONTAINER_ID, "container.id") \
  N (CONTAINER_IMAGE_TAG, "container.image.tag") \
  N (CONTAINER_IMAGE_TAGS, "container.image.tags") \
  N (CONTAINER_NAME, "container.name") \
  N (DB_CONNECTION_STRING, "db.connection_string") \
  N (DB_NAME, "db.name") \
  N (DB_NAMESPACE, "db.namespace") \
  N (DB_QUERY_TEXT, "db.query.text") \
  N (DB_STATEMENT, "db.statement") \
  N (DB_SYSTEM, "db.system") \
  N (DB_SYSTEM_NAME, "db.system.name") \
  N (DB_USER, "db.user") \
  N (ENDUSER_ID, "enduser.id") \
  N (EXCEPTION_MESSAGE, "exception.message") \
  N (EXCEPTION_STACKTRACE, "exception.stacktrace") \
  N (EXCEPTION_TYPE, "exception.type") \
  N (FAAS_INVOKED_NAME, "faas.invoked_name") \
  N (HOST_ID, "host.id") \
  N (HOST_IMAGE_ID, "host.image.id") \
  N (HOST_TYPE, "host.type") \
  N (HTTP_CLIENT_IP, "http.client_ip") \
  N (HTTP_HOST, "http.host") \
  N (HTTP_METHOD, "http.method") \
  N (HTTP_REQUEST_METHOD, "http.request.method") \
  N (HTTP_RESPONSE_BODY_SIZE, "http.response.body.size") \
  N (HTTP_RESPONSE_CONTENT_LENGTH, "http.response_content_length") \
  N (HTTP_RESPONSE_STATUS_CODE, "http.response.status_code") \
  N (HTTP_SCHEME, "http.scheme") \
  N (HTTP_STATUS_CODE, "http.status_code") \
  N (HTTP_STATUS_TEXT, "http.status_text") \
  N (HTTP_TARGET, "http.target") \
  N (HTTP_URL, "http.url") \
  N (HTTP_USER_AGENT, "http.user_agent") \
  N (K8S_CLUSTER_NAME, "k8s.cluster.name") \
  N (K8S_POD_NAME, "k8s.pod.name") \
  N (MESSAGE_SIZE, "message.uncompressed_size") \
  N (MESSAGE_TYPE, "message.type") \
  N (MESSAGING_DESTINATION_NAME, "messaging.destination.name") \
  N (MESSAGING_URL, "messaging.url") \
  N (NET_HOST_NAME, "net.host.name") \
  N (NET_HOST_PORT, "net.host.port") \
  N (NET_PEER_IP, "net.peer.ip") \
  N (NET_PEER_NAME, "net.peer.name") \
  N (NET_PEER_PORT, "net.peer.port") \
  N (NETWORK_PEER_ADDRESS, "network.peer.address") \
  N (PEER_SERVICE, "peer.service") \
  N (RPC_METHOD, "rpc.method") \
  N (RPC_SERVICE, "rpc.service") \
  N (RPC_SYSTEM, "rpc.system") \
  N (RPC_SYSTEM_NAME, "rpc.system.name") \
  N (SERVER_ADDRESS, "server.address") \
  N (SERVER_PORT, "server.port") \
  N (SERVICE_INSTANCE_ID, "service.instance.id") \
  N (SERVICE_NAME, "service.name") \
  N (SERVICE_NAMESPACE, "service.namespace") \
  N (SERVICE_VERSION, "service.version") \
  N (TELEMETRY_LANGUAGE, "telemetry.sdk.language") \
  N (TELEMETRY_NAME, "telemetry.sdk.name") \
  N (TELEMETRY_VERSION, "telemetry.sdk.version") \
  N (URL_FULL, "url.full") \
  N (URL_PATH, "url.path") \
  N (URL_QUERY, "url.query") \
  N (URL_SCHEME, "url.scheme") \
  N (USER_AGENT_ORIGINAL, "user_agent.original")

typedef enum
{
#define NAME(id, text) FLUO_OTLP_##id,
  FLUO_OTLP_NAMES (NAME)
#undef NAME
  FLUO_OTLP_N_NAMES
} FluoOtlpName;

/* The known ones among a list of attributes; borrowed. */
typedef struct
{
  FluoOtlpAttribute *slots[FLUO_OTLP_N_NAMES];
} FluoOtlpIndex;

/* Where one key comes twice the first counts. */
void         fluo_otlp_index_fill (FluoOtlpIndex *self, GArray *attributes);

/* The value of the first of the names that is there with such a type; it counts as used then. The
 * list ends with FLUO_OTLP_N_NAMES. Strings must not be empty. */
const FluoOtlpValue *fluo_otlp_index_string (FluoOtlpIndex *self, const FluoOtlpName *names);
const FluoOtlpValue *fluo_otlp_index_int    (FluoOtlpIndex *self, const FluoOtlpName *names);
/* The same for one name, without marking it as used; NULL when it isn't there or not of the
 * type. */
const FluoOtlpValue *fluo_otlp_index_peek   (FluoOtlpIndex *self, FluoOtlpName name,
                                             FluoOtlpType type);
gboolean             fluo_otlp_index_is     (FluoOtlpIndex *self, FluoOtlpName name,
                                             const char *text);
void                 fluo_otlp_index_use    (FluoOtlpIndex *self, FluoOtlpName name);

#define FLUO_OTLP_ANY(...) ((const FluoOtlpName[]) { __VA_ARGS__, FLUO_OTLP_N_NAMES })

G_END_DECLS
