// SPDX-License-Identifier: GPL-3.0-or-later
// One trace with the OpenTelemetry SDK: node send.js [json|protobuf] [gzip], to OTEL_EXPORTER_OTLP_ENDPOINT.
const { SpanKind, SpanStatusCode, context, trace } = require('@opentelemetry/api');
const { resourceFromAttributes } = require('@opentelemetry/resources');
const { BasicTracerProvider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

const words = process.argv.slice(2);
const { OTLPTraceExporter } = words.includes('protobuf')
  ? require('@opentelemetry/exporter-trace-otlp-proto') : require('@opentelemetry/exporter-trace-otlp-http');
const exporter = new OTLPTraceExporter({ compression: words.includes('gzip') ? 'gzip' : 'none' });
const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'interop-otel-node', 'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.version': '2' }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
const tracer = provider.getTracer('interop', '1.0');

const server = tracer.startSpan('POST /checkout', { kind: SpanKind.SERVER, attributes: {
  'http.method': 'POST', 'http.scheme': 'https', 'http.host': 'shop.example.com', 'http.target': '/checkout', 'http.status_code': 500,
  'http.user_agent': 'curl/8', 'http.client_ip': '192.0.2.7', language: 'node', large: 2 ** 40, ratio: 0.5, list: ['a', 'b'],
  'aws.xray.annotations': ['language'] } });
const inside = trace.setSpan(context.active(), server);
const queue = tracer.startSpan('SQS.SendMessage', { kind: SpanKind.PRODUCER, attributes: {
  'rpc.system': 'aws-api', 'rpc.service': 'SQS', 'rpc.method': 'SendMessage', 'messaging.url': 'https://sqs.eu-central-1.amazonaws.com/1/orders' } }, inside);
queue.end();
const bank = tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes: { 'http.method': 'GET', 'http.url': 'https://bank.example.com/rates',
  'net.peer.name': 'bank.example.com' } }, inside);
bank.recordException(new Error('no answer from bank'));
bank.setStatus({ code: SpanStatusCode.ERROR, message: 'no answer' });
bank.end();
server.end();
provider.forceFlush().then(() => provider.shutdown());
