#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real components: the X-Ray SDK for Python sends, the AWS CLI reads back, botocore's service model checks every answer."""

import json
import os
import shutil
import subprocess
import sys
import time

import tap

try:
    import botocore.model
except ImportError:
    botocore = None

# Members that X-Ray itself answers though its model doesn't have them; ServiceVersions is the collector's own (docs/api.md).
UNMODELLED = {"Service": {"Region", "HostedIn", "KeyAttributes"}, "TraceSummary": {"MatchedService", "MatchedEdge", "ServiceVersions"}}

# Run in a process of its own: the SDK is a library of the program that is observed.
PROGRAM = r'''
import sys
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models.http import METHOD, STATUS, URL
xray_recorder.configure(service="orders", sampling=False, daemon_address=sys.argv[1], context_missing="LOG_ERROR")
segment = xray_recorder.begin_segment("orders")
segment.put_http_meta(METHOD, "POST")
segment.put_http_meta(URL, "http://shop.example.com/orders?x=1")
segment.put_http_meta(STATUS, 500)
segment.put_annotation("customer", "c-17")
segment.put_annotation("items", 3)
segment.put_metadata("basket", {"tea": 2, "cup": 1}, "shop")
segment.set_user("ada")
@xray_recorder.capture("validate address")
def validate_address():
    pass
@xray_recorder.capture("validate")
def validate():
    validate_address()
@xray_recorder.capture("charge")
def charge():
    raise ValueError("card declined")
validate()
remote = xray_recorder.begin_subsegment("bank.example.com", namespace="remote")
remote.put_http_meta(METHOD, "POST")
remote.put_http_meta(URL, "https://bank.example.com/charge")
remote.put_http_meta(STATUS, 200)
xray_recorder.end_subsegment()
try:
    charge()
except ValueError:
    pass
xray_recorder.end_segment()
print(segment.trace_id)
'''


def check(shape, value, where, errors):
    """Holds a parsed JSON answer against a shape of the model."""
    if value is None:
        return
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            errors.append(f"{where}: not an object")
            return
        for key, member in value.items():
            if key in shape.members:
                check(shape.members[key], member, f"{where}.{key}", errors)
            elif key not in UNMODELLED.get(shape.name, ()):
                errors.append(f"{where}.{key}: not in the model")
        for key in shape.required_members:
            if value.get(key) is None:
                errors.append(f"{where}.{key}: required")
    elif kind == "list":
        if not isinstance(value, list):
            errors.append(f"{where}: not a list")
            return
        for index, member in enumerate(value):
            check(shape.member, member, f"{where}[{index}]", errors)
    elif kind == "map":
        if not isinstance(value, dict):
            errors.append(f"{where}: not a map")
            return
        for key, member in value.items():
            check(shape.value, member, f"{where}[{key}]", errors)
    else:
        python = {"string": str, "boolean": bool, "integer": int, "long": int, "double": (int, float), "timestamp": (int, float)}[kind]
        if not isinstance(value, python) or (kind != "boolean" and isinstance(value, bool)):
            errors.append(f"{where}: {value!r} is no {kind}")
        elif kind == "string":
            low, high = shape.metadata.get("min"), shape.metadata.get("max")
            if (low is not None and len(value) < low) or (high is not None and len(value) > high):
                errors.append(f"{where}: {len(value)} characters")
            if shape.metadata.get("enum") and value not in shape.metadata["enum"]:
                errors.append(f"{where}: {value!r} is not one of {shape.metadata['enum']}")


def send(collector):
    program = os.path.join(collector.home, "program.py")
    with open(program, "w") as file:
        file.write(PROGRAM)
    result = subprocess.run([sys.executable, program, collector.ready["udp"][0]], env=tap.environment(collector.home), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=tap.PATIENCE, check=False)
    if "No module named 'aws_xray_sdk'" in result.stderr:
        raise tap.Skip("python3-aws-xray-sdk is not installed")
    tap.equal(result.returncode, 0, result.stderr)
    tap.wait_until(lambda: collector.status()["Stored"] >= 1, "the segment is stored")
    return result.stdout.strip()


def aws(collector, *arguments):
    if not shutil.which("aws"):
        raise tap.Skip("awscli is not installed")
    environment = tap.environment(collector.home)
    environment.update(AWS_ACCESS_KEY_ID=collector.keys["full"][0], AWS_SECRET_ACCESS_KEY=collector.keys["full"][1], AWS_DEFAULT_REGION="eu-central-1",
                       AWS_EC2_METADATA_DISABLED="true")
    result = subprocess.run(["aws", "--endpoint-url", collector.endpoint, "--output", "json", "xray", *arguments], env=environment,
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=2 * tap.PATIENCE, check=False)
    tap.equal(result.returncode, 0, result.stderr)
    return json.loads(result.stdout)


def test_sdk():
    """what the X-Ray SDK for Python sends is stored whole"""
    with tap.Collector() as collector:
        trace_id = send(collector)
        status = collector.status()
        tap.equal((status["Received"], status["Stored"], status["Refused"]), (1, 1, {}))
        summary = collector.summaries()[0]
        tap.equal(summary["Id"], trace_id)
        tap.equal((summary["HasFault"], summary["Http"]["HttpStatus"], summary["Http"]["HttpMethod"]), (True, 500, "POST"))
        tap.equal(summary["Annotations"]["customer"][0]["AnnotationValue"]["StringValue"], "c-17")
        tap.equal(summary["Annotations"]["items"][0]["AnnotationValue"]["NumberValue"], 3)
        tap.equal([user["UserName"] for user in summary["Users"]], ["ada"])
        document = json.loads(collector.call("/Traces", {"TraceIds": [trace_id]})["Traces"][0]["Segments"][0]["Document"])
        tap.equal([each["name"] for each in document["subsegments"]], ["validate", "bank.example.com", "charge"])
        tap.equal(document["subsegments"][0]["subsegments"][0]["name"], "validate address")
        tap.equal(document["metadata"]["shop"]["basket"], {"tea": 2, "cup": 1})
        failed = document["subsegments"][2]
        tap.equal((failed["fault"], failed["cause"]["exceptions"][0]["message"]), (True, "card declined"))


def test_cli():
    """the AWS CLI reads summaries, traces, graphs, rules and groups"""
    with tap.Collector() as collector:
        trace_id = send(collector)
        now = int(time.time())
        window = ["--start-time", str(now - 3600), "--end-time", str(now + 60)]
        summaries = aws(collector, "get-trace-summaries", *window)
        tap.equal([each["Id"] for each in summaries["TraceSummaries"]], [trace_id])
        # A version, which X-Ray's model has no member for, is in nobody's way.
        collector.put(tap.segment(start_time=now - 10, end_time=now - 9, service={"version": "2.1"}))
        tap.equal(len(aws(collector, "get-trace-summaries", *window, "--filter-expression", 'service() { version = "2.1" }')["TraceSummaries"]), 1)
        traces = aws(collector, "batch-get-traces", "--trace-ids", trace_id)
        tap.equal(json.loads(traces["Traces"][0]["Segments"][0]["Document"])["name"], "orders")
        graph = aws(collector, "get-service-graph", *window)
        names = {(each["Name"], each.get("Type")) for each in graph["Services"]}
        assert {("orders", None), ("orders", "client"), ("bank.example.com", "remote")} <= names, names
        graph = aws(collector, "get-trace-graph", "--trace-ids", trace_id)
        assert len(graph["Services"]) == 3, graph
        rules = aws(collector, "get-sampling-rules")
        tap.equal([each["SamplingRule"]["RuleName"] for each in rules["SamplingRuleRecords"]], ["Default"])
        tap.equal([each["GroupName"] for each in aws(collector, "get-groups")["Groups"]], ["Default"])
        put = aws(collector, "put-trace-segments", "--trace-segment-documents", json.dumps(tap.segment()), "nonsense")
        tap.equal([each["ErrorCode"] for each in put["UnprocessedTraceSegments"]], ["ParseError"])


def test_model():
    """every answer has the shape that X-Ray's service model gives it"""
    if botocore is None:
        raise tap.Skip("python3-botocore is not installed")
    with open(os.path.join(tap.DATA, "model", "xray-service-2.json")) as file:
        model = botocore.model.ServiceModel(json.load(file), "xray")
    with tap.Collector() as collector:
        for name in ("sdk-node.jsonl", "sdk-python.jsonl", "developer-guide.jsonl"):
            with open(os.path.join(tap.DATA, "segments", name)) as file:
                documents = [json.loads(line)["document"] for line in file]
            documents = [each if isinstance(each, str) else json.dumps(each) for each in documents]
            for i in range(0, len(documents), 50):
                collector.call("/TraceSegments", {"TraceSegmentDocuments": documents[i:i + 50]})
        ids = [each["Id"] for each in collector.summaries()]
        assert len(ids) > 30
        starts = sorted(each["StartTime"] for each in collector.summaries())
        report = {"RuleName": "Default", "ClientID": "0" * 24, "Timestamp": 1790000000, "RequestCount": 1, "SampledCount": 1}
        questions = [
            ("PutTraceSegments", {"TraceSegmentDocuments": [json.dumps(tap.segment()), "{}"]}),
            ("GetTraceSummaries", {"StartTime": 0, "EndTime": 4102444800}),
            ("GetTraceSummaries", {"StartTime": 0, "EndTime": 4102444800, "TimeRangeType": "Event"}),
            ("GetServiceGraph", {"StartTime": starts[-1] - 20000, "EndTime": starts[-1] + 60}),
            ("GetServiceGraph", {"StartTime": 1000, "EndTime": 2000}),
            ("GetSamplingRules", {}),
            ("GetSamplingTargets", {"SamplingStatisticsDocuments": [report, {**report, "RuleName": "x"}]}),
            ("GetSamplingTargets", {"SamplingStatisticsDocuments": [report]}),
            ("GetGroups", {}),
        ]
        for i in range(0, len(ids), 5):
            questions.append(("BatchGetTraces", {"TraceIds": ids[i:i + 5]}))
        questions += [("GetTraceGraph", {"TraceIds": [each]}) for each in ids]
        errors = []
        for name, question in questions:
            operation = model.operation_model(name)
            answer = collector.call(operation.http["requestUri"], question)
            check(operation.output_shape, answer, name, errors)
        tap.equal(errors[:20], [])


def test_nodes():
    """the service graph of the SDKs' own traces joins callers and callees"""
    with tap.Collector() as collector:
        with open(os.path.join(tap.DATA, "segments", "sdk-node.jsonl")) as file:
            documents = [json.loads(line)["document"] for line in file]
        documents = [each if isinstance(each, str) else json.dumps(each) for each in documents]
        for i in range(0, len(documents), 50):
            collector.call("/TraceSegments", {"TraceSegmentDocuments": documents[i:i + 50]})
        summaries = collector.summaries()
        first, last = min(each["StartTime"] for each in summaries), max(each["StartTime"] for each in summaries)
        graph = collector.call("/ServiceGraph", {"StartTime": first, "EndTime": last + 1})["Services"]
        client = [each for each in graph if each["Type"] == "client"][0]
        roots = sum(each["EntryPoint"] is not None for each in summaries)
        tap.equal(sum(edge["SummaryStatistics"]["TotalCount"] for edge in client["Edges"]), roots)


if __name__ == "__main__":
    tap.run([test_sdk, test_cli, test_model, test_nodes])
