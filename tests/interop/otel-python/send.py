# SPDX-License-Identifier: GPL-3.0-or-later
"""One trace with the OpenTelemetry SDK: a server's span, a query that fails, an AWS SDK's call, a message.

Where and how it is sent is up to OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_COMPRESSION."""
import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags

service = "interop-otel-python"
if "grpc" in sys.argv[1:]:
    service += "-grpc"
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

provider = TracerProvider(resource=Resource.create({
    "service.name": service, "service.version": "1.2.3", "cloud.provider": "aws", "cloud.platform": "aws_ecs",
    "aws.ecs.launchtype": "fargate"}))
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("interop", "1.0")

earlier = SpanContext(0x5f84c7a5aaaaaaaaaaaaaaaaaaaaaaaa, 0x1111111111111111, True, TraceFlags(1))
with tracer.start_as_current_span("POST /checkout", kind=SpanKind.SERVER, links=[Link(earlier, {"reason": "retry"})], attributes={
        "http.request.method": "POST", "url.scheme": "https", "server.address": "shop.example.com", "url.path": "/checkout",
        "url.query": "cart=7", "user_agent.original": "curl/8", "client.address": "192.0.2.7", "enduser.id": "u-17",
        "language": "python", "tier": "gold", "items": 3, "price": 12.5, "gift": False, "tags": ["a", "b"],
        "aws.xray.annotations": ["language"]}) as server:
    with tracer.start_as_current_span("DynamoDB.PutItem", kind=SpanKind.CLIENT, attributes={
            "rpc.system": "aws-api", "rpc.service": "DynamoDB", "rpc.method": "PutItem", "aws.region": "eu-central-1",
            "aws.dynamodb.table_names": ["orders"], "aws.request_id": "R1", "http.response.status_code": 200}):
        pass
    try:
        with tracer.start_as_current_span("SELECT", kind=SpanKind.CLIENT, attributes={
                "db.system": "postgresql", "db.name": "shop", "db.user": "app", "server.address": "db.example.com",
                "db.statement": "SELECT * FROM carts WHERE id = ?"}) as query:
            query.add_event("retry", {"n": 1})
            raise TimeoutError("no answer from the database")
    except TimeoutError:
        pass
    with tracer.start_as_current_span("calculate") as inner:
        inner.set_attribute("note", "grün")
    with tracer.start_as_current_span("GET", kind=SpanKind.CLIENT, attributes={
            "http.request.method": "GET", "url.full": "https://bank.example.com/rates", "server.address": "bank.example.com",
            "http.response.status_code": 429}):
        pass
    server.set_attribute("http.response.status_code", 502)
    server.set_status(trace.StatusCode.ERROR)
assert provider.force_flush()
provider.shutdown()
