#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""OTLP over HTTP: what real exporters send, what is refused and how, and that it all meets X-Ray's own in one trace."""

import base64
import gzip
import http.client
import json
import os
import socket
import threading
import zlib

import tap

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}


def post(collector, body, headers, path="/v1/traces", method="POST", which=0):
    host, _, port = collector.ready["otlp"][which].rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=tap.PATIENCE)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def recorded():
    with open(os.path.join(tap.DATA, "otlp", "requests.jsonl")) as file:
        for line in file:
            request = json.loads(line)
            headers = {key: value for key, value in request["headers"].items()
                       if key.lower() in ("content-type", "content-encoding", "user-agent", "accept")}
            yield request["name"], headers, base64.b64decode(request["body_base64"])


def attribute(key, value):
    kind = {str: "stringValue", bool: "boolValue", int: "intValue", float: "doubleValue"}[type(value)]
    return {"key": key, "value": {kind: value}}


def span(trace, number, parent=0, kind=2, name="work", start=1790000000, seconds=1, attributes=None, **more):
    return {"traceId": trace, "spanId": f"{number:016x}", "parentSpanId": f"{parent:016x}" if parent else "", "name": name,
            "kind": kind, "startTimeUnixNano": str(start * 10**9), "endTimeUnixNano": str(int((start + seconds) * 10**9)),
            "attributes": [attribute(key, value) for key, value in (attributes or {}).items()], **more}


def request(*spans, service="shop", **resource):
    return {"resourceSpans": [{"resource": {"attributes": [attribute("service.name", service),
                                                           *(attribute(key, value) for key, value in resource.items())]},
                               "scopeSpans": [{"scope": {"name": "test"}, "spans": list(spans)}]}]}


def send(collector, *spans, **resource):
    """A request that must be taken whole."""
    status, headers, body = post(collector, json.dumps(request(*spans, **resource)).encode(), JSON)
    tap.equal((status, body), (200, b"{}"), "answer")
    tap.equal(headers["content-type"], "application/json")


def trace_documents(collector, trace):
    answer = collector.call("/Traces", {"TraceIds": [f"1-{trace[:8]}-{trace[8:]}"]})
    return [json.loads(segment["Document"]) for segment in answer["Traces"][0]["Segments"]]


def test_real_exporters():
    """what the exporters of Python and Node send is stored, in every form of it"""
    with tap.Collector() as collector:
        for name, headers, body in recorded():
            status, answer, text = post(collector, body, headers)
            tap.equal(status, 200, name)
            tap.equal(answer["content-type"], headers.get("Content-Type", headers.get("content-type")), name)
            tap.equal(text, b"{}" if "json" in name else b"", name)
        summaries = collector.summaries()
        tap.equal(len(summaries), 6)
        for summary in summaries:
            tap.equal(summary["HasFault"], True, "fault")
            name = summary["EntryPoint"]["Name"]
            assert name in ("interop-otel-python", "interop-otel-node"), name
            assert "language" in summary["Annotations"], summary["Annotations"]
        tap.equal(collector.status()["Stored"], 2 * 5 + 4 * 3)
        # The same again changes nothing and is no error for who sends it.
        for name, headers, body in recorded():
            status, _, text = post(collector, body, headers)
            tap.equal((status, text), (200, b"{}" if "json" in name else b""), name)
        tap.equal(collector.status()["Refused"]["Duplicate"]["Count"], 22)
        python = next(summary for summary in summaries if summary["EntryPoint"]["Name"] == "interop-otel-python")
        graph = collector.call("/TraceGraph", {"TraceIds": [python["Id"]]})
        nodes = {(node["Name"], node["Type"]) for node in graph["Services"]}
        assert ("orders", "AWS::DynamoDB::Table") in nodes and ("shop@db.example.com", "Database::SQL") in nodes, nodes
        assert ("bank.example.com", "remote") in nodes and ("interop-otel-python", "AWS::ECS::Fargate") in nodes, nodes


def test_both_formats_in_one_trace():
    """a service that speaks X-Ray and one that speaks OTLP are one trace and one map"""
    with tap.Collector() as collector:
        trace = "6b0000000123456789abcdef01234567"
        collector.put({
            "trace_id": f"1-{trace[:8]}-{trace[8:]}", "id": "000000000000000a", "name": "front", "start_time": 1790000000,
            "end_time": 1790000003, "service": {"version": "2.1"}, "subsegments": [
                {"id": "000000000000000b", "name": "back.example.com", "namespace": "remote", "start_time": 1790000000.5,
                 "end_time": 1790000002.5}]})
        send(collector, span(trace, 12, parent=11, attributes={"http.response.status_code": 503}),
             span(trace, 13, parent=12, kind=3, attributes={"peer.service": "bank"}), service="back", **{"service.version": "3.0"})
        graph = collector.call("/TraceGraph", {"TraceIds": [f"1-{trace[:8]}-{trace[8:]}"]})["Services"]
        names = {node["ReferenceId"]: node["Name"] for node in graph}
        edges = {(node["Name"], names[edge["ReferenceId"]]) for node in graph for edge in node["Edges"]}
        assert ("front", "back") in edges and ("back", "bank") in edges, edges
        tap.equal(len(collector.summaries()), 1, "traces")
        # Both say what they run, and are found by it.
        summary, = collector.summaries(FilterExpression='service("front") { version = "2.1" } AND service("back") { version = "3.0" }')
        tap.equal(summary["ServiceVersions"], [{"Name": "front", "Version": "2.1"}, {"Name": "back", "Version": "3.0"}])
        tap.equal(collector.summaries(FilterExpression='service("front") { version = "3.0" }'), [])
        tap.equal({document["name"] for document in trace_documents(collector, trace)} - {"bank"}, {"front", "back"})


def test_partial_success():
    """spans that can't be stored are counted and explained, the others stored"""
    trace = "6b000000000000000000000000000001"
    with tap.Collector() as collector:
        large = span(trace, 5, attributes={"text": "x" * 70000})
        deep = {"key": "deep", "value": {"intValue": 1}}
        for _ in range(17):
            deep = {"key": "deep", "value": {"arrayValue": {"values": [deep["value"]]}}}
        bad = [dict(span(trace, 2), traceId="0" * 32), dict(span(trace, 3), spanId="12"), large,
               dict(span(trace, 6), attributes=[deep])]
        status, _, body = post(collector, json.dumps(request(span(trace, 1), *bad)).encode(), JSON)
        tap.equal(status, 200)
        answer = json.loads(body)["partialSuccess"]
        tap.equal(answer["rejectedSpans"], "4")
        assert "zero" in answer["errorMessage"], answer
        values = collector.status()
        tap.equal((values["Stored"], values["Received"]), (1, 5))
        status, _, body = post(collector, json.dumps(request(large)).encode(), JSON)
        assert "65536" in json.loads(body)["partialSuccess"]["errorMessage"], body


def test_refusals():
    """what can't be read is refused with a Status in the same form"""
    with tap.Collector() as collector:
        good = json.dumps(request(span("6b" + "0" * 29 + "1", 1))).encode()
        for body, headers, expected in [
                (b"{", JSON, 400), (b"[]", JSON, 400), (b"\xff\xff\xff", PROTOBUF, 400), (good, PROTOBUF, 400),
                (b"\x0a\x01", JSON, 400), (b"x", {**JSON, "Content-Encoding": "gzip"}, 400),
                (gzip.compress(good) + b"x", {**JSON, "Content-Encoding": "gzip"}, 400),
                (gzip.compress(good)[:-4], {**JSON, "Content-Encoding": "gzip"}, 400),
                (gzip.compress(bytes(100 << 20)), {**PROTOBUF, "Content-Encoding": "gzip"}, 413),
                (gzip.compress(gzip.compress(bytes(10 << 20))), {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
                (zlib.compress(good), {**JSON, "Content-Encoding": "deflate"}, 415),
                (good, {**JSON, "Content-Encoding": "br"}, 415),
                (good, {**JSON, "Content-Encoding": "gzip, gzip"}, 415),
                (good, {"Content-Type": "text/plain"}, 415), (good, {}, 415),
                (good, {"Content-Type": "application/json; charset=utf-7"}, 415)]:
            status, answer, text = post(collector, body, headers)
            tap.equal(status, expected, f"{headers} {body[:20]!r}")
            kind = "application/x-protobuf" if headers.get("Content-Type") == "application/x-protobuf" else "application/json"
            tap.equal(answer["content-type"], kind, f"{headers}")
            assert len(text) < 1024, text
            if kind == "application/json":
                assert json.loads(text)["code"] and json.loads(text)["message"], text
            else:
                tap.equal(text[:1], b"\x08", "a Status begins with its code")
        tap.equal(collector.status()["Stored"], 0)
        for headers in [{"Content-Type": "application/json; charset=utf-8"}, {**JSON, "Content-Encoding": "identity"}]:
            tap.equal(post(collector, good, headers)[0], 200, f"{headers}")
        tap.equal(post(collector, gzip.compress(good), {**JSON, "Content-Encoding": "gzip"})[0], 200)
        tap.equal(post(collector, b"", PROTOBUF)[0], 200, "an empty request")
        tap.equal(collector.status()["Stored"], 1)


def test_routes():
    """metrics and logs are told where they are not wanted; other paths and methods don't exist"""
    with tap.Collector() as collector:
        for path, word in [("/v1/metrics", "OTEL_METRICS_EXPORTER"), ("/v1/logs", "OTEL_LOGS_EXPORTER"), ("/", "/v1/traces"),
                           ("/v1/traces/", "/v1/traces"), ("/TraceSegments", "/v1/traces"),
                           ("/fluoroscope/v1/status", "/v1/traces")]:
            status, _, text = post(collector, b"{}", JSON, path)
            tap.equal(status, 404, path)
            assert word in json.loads(text)["message"], text
        for method in ("GET", "PUT", "DELETE"):
            status, headers, _ = post(collector, None, JSON, method=method)
            tap.equal((status, headers.get("allow")), (405, "POST"), method)
        # and OTLP isn't served where X-Ray is
        tap.equal(collector.request("POST", "/v1/traces", b"{}", JSON)[0], 404)


def test_web_pages():
    """web pages and foreign host names are not served"""
    with tap.Collector() as collector:
        port = collector.ready["otlp"][0].rpartition(":")[2]
        for headers, expected in [({}, 200), ({"Sec-Fetch-Mode": "cors"}, 200), ({"Origin": "http://localhost:3000"}, 403),
                                  ({"Origin": "null"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
                                  ({"Host": f"localhost:{port}"}, 200), ({"Host": f"evil.com:{port}"}, 403),
                                  ({"Host": "localhost"}, 403), ({"Host": f"localhost:{collector.port}"}, 403)]:
            status, answer, _ = post(collector, b"{}", {**JSON, **headers})
            tap.equal(status, expected, str(headers))
            assert not [name for name in answer if name.startswith("access-control")], answer
        tap.equal(post(collector, None, {"Origin": "http://a"}, method="OPTIONS")[0], 403, "preflight")


def test_large_bodies():
    """bodies beyond 20 MiB are refused at once, with and without a length"""
    with tap.Collector() as collector:
        host, _, port = collector.ready["otlp"][0].rpartition(":")
        head = f"POST /v1/traces HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        with socket.create_connection((host, int(port)), timeout=tap.PATIENCE) as connection:
            connection.sendall(f"{head}Content-Length: {21 << 20}\r\n\r\n".encode())
            assert b" 413 " in connection.recv(4096).split(b"\r\n")[0] + b" "
        with socket.create_connection((host, int(port)), timeout=tap.PATIENCE) as connection:
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            try:
                for _ in range(22):
                    connection.sendall(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
            except (BrokenPipeError, ConnectionResetError):
                pass
            try:
                answer = connection.recv(4096)
            except ConnectionResetError:
                answer = b""
            assert not answer or b" 413 " in answer.split(b"\r\n")[0] + b" ", answer
        collector.status()


def test_many_clients():
    """eight exporters at once lose nothing"""
    with tap.Collector() as collector:
        def export(worker):
            for batch in range(10):
                trace = f"6b{worker:06x}{batch:024x}"
                send(collector, *(span(trace, worker * 1000 + batch * 100 + i + 1, parent=(worker * 1000 + batch * 100 + 1) if i else 0,
                                       kind=1 if i else 2) for i in range(50)))
        threads = [threading.Thread(target=export, args=(worker,)) for worker in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        values = collector.status()
        tap.equal((values["Stored"], values["Received"], values["Traces"]), (4000, 4000, 80))


def test_answer_means_stored():
    """what was answered is there after the collector was killed"""
    collector = tap.Collector()
    trace = "6b0000000000000000000000000000aa"
    send(collector, span(trace, 1))
    collector.kill()
    with tap.Collector(home=collector.home) as again:
        tap.equal(len(again.summaries()), 1)


def test_index_all_attributes():
    """--index-all-attributes makes annotations of what is metadata otherwise"""
    trace = "6b0000000000000000000000000000ab"
    for arguments, expected in [((), set()), (("--index-all-attributes",), {"tier", "otel.resource.service.name", "otel.resource.team"})]:
        with tap.Collector(arguments=arguments) as collector:
            send(collector, span(trace, 1, attributes={"tier": "gold"}), team="a")
            document, = trace_documents(collector, trace)
            tap.equal(set(document.get("annotations", {})), expected)


def test_addresses():
    """--otlp is repeatable, “none” is none, a named one that is taken is an error, the default one is not"""
    with tap.Collector(otlp=("127.0.0.1:0", "127.0.0.1:0")) as collector:
        tap.equal(len(collector.ready["otlp"]), 2)
        for which in range(2):
            tap.equal(post(collector, b"{}", JSON, which=which)[0], 200)
        listeners = [listener for listener in collector.status()["Listeners"] if listener["Protocol"] == "otlp"]
        tap.equal([(listener["State"], listener["Received"]) for listener in listeners], [("listening", 1)] * 2)
    with tap.Collector(otlp=("none",)) as collector:
        tap.equal(collector.ready["otlp"], [])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        try:
            tap.Collector(otlp=(address,))
            raise RuntimeError("the collector has started")
        except AssertionError as error:
            assert address in str(error) and "taken" in str(error), error
    with socket.socket() as holder:
        try:
            holder.bind(("127.0.0.1", 4318))
            holder.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        with tap.Collector(otlp=()) as collector:
            assert "127.0.0.1:4318" not in collector.ready["otlp"], collector.ready
            taken = [listener for listener in collector.status()["Listeners"] if listener["State"] == "taken"]
            assert "127.0.0.1:4318" in [listener["Address"] for listener in taken], taken
            assert "held by" in taken[0]["Detail"], taken
            assert "127.0.0.1:4318" in collector.read_log()


def test_end_answers():
    """requests under way are answered when the collector is told to end"""
    with tap.Collector() as collector:
        codes = []

        def export():
            for batch in range(200):
                try:
                    codes.append(post(collector, json.dumps(request(
                        *(span(f"6c{batch:030x}", i + 1) for i in range(40)))).encode(), JSON)[0])
                except OSError:
                    return
        thread = threading.Thread(target=export)
        thread.start()
        tap.wait_until(lambda: len(codes) > 3, "some answers")
        collector.process.terminate()
        thread.join()
        assert set(codes) <= {200, 503}, set(codes)
        n_stored = codes.count(200)
        collector.process.wait(tap.PATIENCE)
    assert n_stored > 3


if __name__ == "__main__":
    tap.run([test_real_exporters, test_both_formats_in_one_trace, test_partial_success, test_refusals, test_routes, test_web_pages,
             test_large_bodies, test_many_clients, test_answer_means_stored, test_index_all_attributes, test_addresses,
             test_end_answers])
