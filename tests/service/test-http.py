#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP API: who is served, what is refused, and what each operation answers."""

import gzip
import http.client
import json
import os
import random
import socket
import threading
import time

import tap


def raw(collector, data, half_close=False):
    """What comes back for these very bytes, until the server closes or is silent."""
    with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(3)
        answer = b""
        try:
            while chunk := connection.recv(65536):
                answer += chunk
                head, _, body = answer.partition(b"\r\n\r\n")
                for line in head.split(b"\r\n"):
                    if line.lower().startswith(b"content-length:") and len(body) >= int(line.split(b":")[1]):
                        return answer
        except (socket.timeout, ConnectionResetError):
            pass
        return answer


def plain(collector, method, target, body=b"", headers=None):
    """The bytes of a request, signed unless headers are given."""
    given = collector.sign(method, target, body) if headers is None else headers
    lines = [f"{method} {target} HTTP/1.1", f"Host: {collector.ready['http'][0]}", *(f"{name}: {value}" for name, value in given.items())]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def status_of(answer):
    return int(answer.split()[1]) if answer else 0


def test_web_pages():
    """web pages and foreign host names are not served"""
    with tap.Collector() as collector:
        port = collector.port
        good = {"Content-Type": "application/json"}
        for headers, expected in [
                ({}, 200),
                ({"Sec-Fetch-Mode": "cors"}, 200),
                ({"Sec-Fetch-Site": "none"}, 200),
                ({"Origin": "null"}, 403),
                ({"Origin": "http://localhost:3000"}, 403),
                ({"Sec-Fetch-Site": "same-origin"}, 403),
                ({"Sec-Fetch-Site": "cross-site"}, 403),
                ({"Host": f"localhost:{port}"}, 200),
                ({"Host": f"LOCALHOST:{port}"}, 200),
                ({"Host": f"[::1]:{port}"}, 200),
                ({"Host": f"127.0.0.1:{port}.evil.com"}, 400),  # not even a host
                ({"Host": f"evil.com:{port}"}, 403),
                ({"Host": f"localhost.:{port}"}, 403),
                ({"Host": "localhost"}, 403),
                ({"Host": f"localhost:{port + 1}"}, 403),
                ({"Host": f"host.docker.internal:{port}"}, 403)]:
            status, answer, _ = collector.request("POST", "/Groups", b"{}", {**good, **headers})
            tap.equal(status, expected, str(headers))
            assert not [name for name in answer if name.startswith("access-control")], answer
            status, _, _ = collector.request("GET", "/fluoroscope/v1/status", None, headers)
            tap.equal(status, expected, f"status with {headers}")
        status, _, _ = collector.request("OPTIONS", "/TraceSegments", None, {})
        tap.equal(status, 403, "preflight")
        tap.equal(collector.status()["Received"], 0)


def test_host_forms():
    """two hosts, none, and an absolute form are refused unless they are ours"""
    with tap.Collector() as collector:
        host = f"Host: 127.0.0.1:{collector.port}\r\n".encode()
        path = b"/GetSamplingRules"
        rest = b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        for request, expected in [
                (b"POST " + path + b" HTTP/1.1\r\n" + host + rest, {200}),
                (b"POST " + path + b" HTTP/1.1\r\n" + host + b"Host: evil\r\n" + rest, {400}),
                (b"POST " + path + b" HTTP/1.1\r\nHost: evil\r\n" + host + rest, {400}),
                (b"POST " + path + b" HTTP/1.1\r\nHost: \r\n" + rest, {400, 403}),
                (b"POST " + path + b" HTTP/1.0\r\n" + rest, {400}),
                (b"POST http://evil" + path + b" HTTP/1.1\r\n" + host + rest, {400, 403}),
                (f"POST http://127.0.0.1:{collector.port}".encode() + path + b" HTTP/1.1\r\n" + host + rest, {200})]:
            answer = raw(collector, request)
            assert status_of(answer) in expected, (request, answer[:200])


def test_types():
    """a body must say that it is JSON"""
    with tap.Collector() as collector:
        body = json.dumps({"TraceSegmentDocuments": [json.dumps(tap.segment())]}).encode()
        for headers, expected in [
                ({"Content-Type": "application/json"}, 200),
                ({"Content-Type": "application/json; charset=utf-8"}, 200),
                ({"Content-Type": "application/json;charset=UTF-8"}, 200),
                ({"Content-Type": "application/json; charset=utf-7"}, 415),
                ({"Content-Type": "text/plain"}, 415),
                ({"Content-Type": "application/x-amz-json-1.1"}, 415),
                ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
                ({}, 415),
                ({"Content-Type": "application/json", "Content-Encoding": "gzip"}, 415),
                ({"Content-Type": "application/json", "Content-Encoding": "identity"}, 200)]:
            status, _, _ = collector.request("POST", "/TraceSegments", body, headers)
            tap.equal(status, expected, str(headers))
        status, _, _ = collector.request("POST", "/GetSamplingRules", b"", {})
        tap.equal(status, 200, "an empty body needs no type")


def test_paths():
    """only exact paths and methods are served"""
    with tap.Collector() as collector:
        for method, path, expected in [
                ("POST", "/", 404), ("GET", "/", 404), ("HEAD", "/", 404), ("POST", "/TraceSegments/", 404), ("POST", "//TraceSegments", 404),
                ("POST", "/TraceSegments?x", 404), ("GET", "/TraceSegments", 405),
                ("TRACE", "/TraceSegments", 405), ("post", "/TraceSegments", 405), ("PUT", "/TraceSegments", 405),
                ("POST", "/fluoroscope/v1/status", 405), ("GET", "/fluoroscope/v2/status", 404), ("GET", "/v1/traces", 404)]:
            status, headers, body = collector.request(method, path, b"{}" if method != "GET" else None,
                                                      {"Content-Type": "application/json"})
            tap.equal(status, expected, f"{method} {path}")
            if method != "HEAD":
                assert json.loads(body)["Message"], body
            assert headers["x-amzn-errortype"]
        tap.equal(collector.request("POST", "/TraceSegments%00", b"{}")[0], 400)


def test_framing():
    """requests whose length is doubtful are closed, not guessed at"""
    # libsoup 3.2 loses the path of a request whose headers it refuses by itself.
    with tap.Collector(leaks=True) as collector:
        head = (f"POST /TraceSegments HTTP/1.1\r\nHost: 127.0.0.1:{collector.port}\r\nContent-Type: application/json\r\n").encode()
        for extra, body in [
                (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
                (b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
                (b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{}"),
                (b"Content-Length: +2\r\n", b"{}"),
                (b"Content-Length: 0x2\r\n", b"{}"),
                (b"Content-Length: 2,2\r\n", b"{}"),
                (b"Content-Length: -1\r\n", b"{}"),
                (b"Content-Length: 18446744073709551616\r\n", b"{}"),
                (b"Content-Length: 4194305\r\n", b""),
                (b"Transfer-Encoding: chunked, identity\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
                (b"Transfer-Encoding: xchunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
                (b"Transfer-Encoding: chunked\r\n", b"-1\r\n{}\r\n0\r\n\r\n"),
                (b"Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"),
                (b"Expect: 200-ok\r\nContent-Length: 2\r\n", b"{}"),
                (b"X: y\r\n" * 101 + b"Content-Length: 2\r\n", b"{}")]:
            answer = raw(collector, head + extra + b"\r\n" + body)
            assert status_of(answer) in (0, 400, 413, 417, 431, 501), (extra[:60], answer[:200])
        # A body without end stops at the ceiling.
        chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
        answer = b""
        try:
            answer = raw(collector, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 80)
        except OSError:
            pass
        assert status_of(answer) in (0, 413), answer[:200]
        tap.equal(collector.status()["Received"], 0)


def test_put():
    """PutTraceSegments takes good documents, names the bad ones, and counts both"""
    with tap.Collector() as collector:
        good, other = tap.segment(), tap.segment()
        answer = collector.put(good, "{", {**tap.segment(), "id": "short"}, other, "[]")
        codes = [(each["ErrorCode"], each["Id"]) for each in answer["UnprocessedTraceSegments"]]
        tap.equal(codes, [("ParseError", None), ("InvalidId", "short"), ("ParseError", None)])
        assert all(each["Message"] for each in answer["UnprocessedTraceSegments"])
        found = {trace["Id"] for trace in collector.summaries()}
        tap.equal(found, {good["trace_id"], other["trace_id"]})
        tap.equal(collector.put(good), {"UnprocessedTraceSegments": []}, "again")
        status = collector.status()
        tap.equal((status["Stored"], status["Refused"]["Duplicate"]["Count"]), (2, 1))
        same = tap.segment()
        collector.put(*[same] * 50)
        tap.equal(collector.status()["Stored"], 3)
        for body, kind, text in [
                ({"TraceSegmentDocuments": []}, "InvalidRequestException", "Segments can not be empty"),
                ({"TraceSegmentDocuments": ["{}"] * 51}, "InvalidRequestException", "Exceeding maximum segment count: 50"),
                ({}, "ValidationException", "traceSegmentDocuments"),
                ({"TraceSegmentDocuments": [{}]}, "SerializationException", "string"),
                ({"TraceSegmentDocuments": "x"}, "SerializationException", "list"),
                (b"{", "SerializationException", "line"), (b"[]", "SerializationException", "object"),
                (b"[" * 100000, "SerializationException", ""), (b"{}{}", "SerializationException", "")]:
            status, headers, answer = collector.request("POST", "/TraceSegments", body, {"Content-Type": "application/json"}
                                                        if isinstance(body, bytes) else None)
            tap.equal((status, headers["x-amzn-errortype"]), (400, kind), str(body)[:80])
            assert text in json.loads(answer)["Message"], answer
        collector.status()
        size = len(json.dumps(tap.segment(metadata={"x": ""})))
        collector.put(tap.segment(metadata={"x": "a" * (65536 - size)}))
        answer = collector.put(tap.segment(metadata={"x": "a" * (65537 - size)}))
        tap.equal(answer["UnprocessedTraceSegments"][0]["ErrorCode"], "InvalidSegment")


def test_summaries():
    """GetTraceSummaries pages newest first and refuses what it can't answer"""
    with tap.Collector() as collector:
        for _ in range(24):
            collector.put(*[tap.segment() for _ in range(50)])
        answer = collector.call("/TraceSummaries", {"StartTime": 1790000000, "EndTime": 1791000000})
        tap.equal(len(answer["TraceSummaries"]), 500)
        tap.equal(answer["TracesProcessedCount"], 500)
        everything = collector.summaries()
        tap.equal(len({each["Id"] for each in everything}), 1200)
        starts = [each["StartTime"] for each in everything]
        tap.equal(starts, sorted(starts, reverse=True))
        few = collector.summaries(StartTime=starts[9], EndTime=starts[4])
        tap.equal([each["StartTime"] for each in few], starts[5:10], "the range is half-open")
        now = time.time()
        tap.equal(len(collector.summaries(StartTime=now - 600, EndTime=now + 60, TimeRangeType="Event")), 1200)
        event = collector.call("/TraceSummaries", {"StartTime": now - 600, "EndTime": now + 60, "TimeRangeType": "Event"})
        assert abs(event["TraceSummaries"][0]["MatchedEventTime"] - now) < 120
        tap.equal(collector.summaries(StartTime=now - 600, EndTime=now + 60), [])
        ended = collector.summaries(StartTime=starts[0] + 0.25, EndTime=starts[0] + 1, TimeRangeType="Service")
        tap.equal(len(ended), 1)
        for body, kind, text in [
                ({"EndTime": 1}, "ValidationException", "startTime"), ({"StartTime": 1}, "ValidationException", "endTime"),
                ({"StartTime": 2, "EndTime": 1}, "InvalidRequestException", "End time cannot be earlier than start time"),
                ({"StartTime": "2026-01-01", "EndTime": 1}, "SerializationException", "seconds"),
                ({"StartTime": 1, "EndTime": 2, "TimeRangeType": "X"}, "ValidationException", "timeRangeType"),
                ({"StartTime": 1, "EndTime": 2, "NextToken": "AAAA"}, "InvalidRequestException", "NextToken"),
                ({"StartTime": 1, "EndTime": 2, "NextToken": answer["NextToken"]}, "InvalidRequestException", "NextToken"),
                ({"StartTime": 1, "EndTime": 2, "FilterExpression": "fault ="}, "InvalidRequestException", "filter expression"),
                ({"StartTime": 1, "EndTime": 2, "FilterExpression": "group.name = \"none\""}, "InvalidRequestException",
                 "Group not found.")]:
            status, headers, text_of = collector.request("POST", "/TraceSummaries", body)
            tap.equal((status, headers["x-amzn-errortype"]), (400, kind), str(body))
            assert text in json.loads(text_of)["Message"], text_of


def test_traces():
    """BatchGetTraces folds subsegments into their parents and keeps orphans"""
    with tap.Collector() as collector:
        root = tap.segment(name="root", subsegments=[{"id": "aaaaaaaaaaaaaaaa", "name": "inner", "start_time": 1790000000.1,
                                                      "end_time": 1790000000.2}])
        common = {"trace_id": root["trace_id"], "type": "subsegment", "start_time": root["start_time"], "end_time": root["end_time"]}
        late = {**common, "id": "bbbbbbbbbbbbbbbb", "name": "late", "parent_id": "aaaaaaaaaaaaaaaa"}
        deep = {**common, "id": "cccccccccccccccc", "name": "deep", "parent_id": "bbbbbbbbbbbbbbbb"}
        direct = {**common, "id": "dddddddddddddddd", "name": "direct", "parent_id": root["id"]}
        orphan = {**common, "id": "eeeeeeeeeeeeeeee", "name": "orphan", "parent_id": "1234567890abcdef"}
        ring = [{**common, "id": one * 16, "name": one, "parent_id": two * 16} for one, two in (("1", "2"), ("2", "1"))]
        collector.put(deep, late, orphan, *ring)
        collector.put(root, direct)
        trace = collector.call("/Traces", {"TraceIds": [root["trace_id"]]})["Traces"][0]
        documents = {each["Id"]: json.loads(each["Document"]) for each in trace["Segments"]}
        tap.equal(set(documents), {root["id"], "e" * 16, "1" * 16, "2" * 16})
        tree = documents[root["id"]]["subsegments"]
        tap.equal([each["name"] for each in tree], ["inner", "direct"])
        folded = tree[0]["subsegments"][0]
        tap.equal((folded["name"], folded["subsegments"][0]["name"]), ("late", "deep"))
        assert not {"type", "trace_id", "parent_id"} & (set(folded) | set(tree[1])), folded
        tap.equal(documents["e" * 16], orphan, "as it was stored")
        w3c = root["trace_id"].replace("1-", "", 1).replace("-", "")
        tap.equal(collector.call("/Traces", {"TraceIds": [w3c]})["Traces"][0]["Id"], root["trace_id"])
        tap.equal(collector.call("/Traces", {"TraceIds": ["1-00000000-000000000000000000000000"]}),
                  {"NextToken": None, "Traces": [], "UnprocessedTraceIds": []})
        for body, text in [
                ({"TraceIds": [f"1-0000000{i}-000000000000000000000000" for i in range(6)]}, "Exceeding maximum query size: 5"),
                ({"TraceIds": ["nonsense"]}, "Invalid trace id nonsense: incorrect id format"),
                ({"TraceIds": [root["trace_id"], w3c]}, "Containing duplicate trace ids"),
                ({"TraceIds": [], "NextToken": "x"}, "NextToken is currently not supported")]:
            status, _, answer = collector.request("POST", "/Traces", body)
            tap.equal((status, json.loads(answer)["Message"]), (400, text))


def test_deep_chain():
    """a chain of 2,000 subsegments is read back whole, however deep it would nest"""
    with tap.Collector() as collector:
        root = tap.segment()
        chain = [{"trace_id": root["trace_id"], "type": "subsegment", "id": f"{0xa000000000000000 + i:016x}", "name": f"s{i}",
                  "parent_id": root["id"] if i == 0 else f"{0xa000000000000000 + i - 1:016x}",
                  "start_time": root["start_time"], "end_time": root["end_time"]} for i in range(2000)]
        for i in range(0, 2000, 50):
            tap.equal(collector.put(*chain[i:i + 50]), {"UnprocessedTraceSegments": []})
        collector.put(root)
        segments = collector.call("/Traces", {"TraceIds": [root["trace_id"]]})["Traces"][0]["Segments"]
        names = []
        for each in segments:
            open_list = [json.loads(each["Document"])]
            while open_list:
                entity = open_list.pop()
                names.append(entity["name"])
                open_list += entity.get("subsegments", [])
        tap.equal(len(set(names)), 2001)
        tap.equal(len(names), 2001)


def test_long_poll():
    """/fluoroscope/v1/changes answers when something new is stored, and to a client that wants to know now"""
    with tap.Collector() as collector:
        revision = collector.status()["Revision"]
        answers, ended = [], []

        def wait():
            answers.append(collector.request("GET", f"/fluoroscope/v1/changes?after={revision}"))

        def wait_in_vain():
            try:
                ended.append(collector.request("GET", f"/fluoroscope/v1/changes?after={revision + 1000}"))
            except (OSError, http.client.HTTPException):
                pass  # the collector has ended

        threading.Thread(target=wait_in_vain, daemon=True).start()
        tap.wait_until(lambda: collector.status()["Listeners"][0]["Received"] >= 2, "a poll has arrived")
        waiter = threading.Thread(target=wait)
        waiter.start()
        tap.wait_until(lambda: collector.status()["Listeners"][0]["Received"] >= 3, "the poll has arrived")
        collector.put(tap.segment())
        waiter.join(tap.PATIENCE)
        tap.equal(ended, [], "an older poll that has reached its end")
        status, _, body = answers[0]
        tap.equal(status, 200)
        assert json.loads(body)["Revision"] > revision
        status, _, body = collector.request("GET", "/fluoroscope/v1/changes?after=0")
        assert json.loads(body)["Revision"] > 0
        tap.equal(collector.request("GET", "/fluoroscope/v1/changes?after=x")[0], 400)


def test_connections():
    """idle connections that clients close are given back"""
    with tap.Collector() as collector:
        descriptors = f"/proc/{collector.process.pid}/fd"
        collector.status()
        at_rest = len(os.listdir(descriptors))
        # Far more than may be open at once, and faster than any clock ticks.
        for _ in range(1000):
            answer = raw(collector, plain(collector, "GET", "/fluoroscope/v1/status"))
            tap.equal(status_of(answer), 200)
        tap.wait_until(lambda: len(os.listdir(descriptors)) <= at_rest + 2, "descriptors are back")


def test_crowd():
    """idle connections beyond the ceiling make room for new ones; requests under way are not disturbed"""
    with tap.Collector() as collector:
        request = plain(collector, "GET", "/fluoroscope/v1/status")
        poll = plain(collector, "GET", "/fluoroscope/v1/changes?after=999999")
        waiting = socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE)
        waiting.sendall(poll)
        crowd = []
        for _ in range(200):
            connection = socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE)
            connection.sendall(request)
            assert connection.recv(12) == b"HTTP/1.1 200", "a newcomer is served"
            crowd.append(connection)
        waiting.settimeout(0.2)
        try:
            tap.equal(waiting.recv(1) or "closed", "nothing yet")
        except socket.timeout:
            pass
        for connection in [waiting, *crowd]:
            connection.close()


def test_half_close():
    """a client that has said all may still hear the answer"""
    with tap.Collector() as collector:
        body = json.dumps({"TraceSegmentDocuments": [json.dumps(tap.segment())]}).encode()
        request = (f"POST /TraceSegments HTTP/1.1\r\nHost: 127.0.0.1:{collector.port}\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(body)}\r\n\r\n").encode() + body
        tap.equal(status_of(raw(collector, request, half_close=True)), 200)
        tap.equal(collector.status()["Stored"], 1)


def test_sampling():
    """sampling: the Default rule records everything; the first report gets no quota, later ones do"""
    with tap.Collector() as collector:
        rule = collector.call("/GetSamplingRules")["SamplingRuleRecords"][0]["SamplingRule"]
        tap.equal((rule["RuleName"], rule["FixedRate"], rule["ReservoirSize"]), ("Default", 1, 1))
        report = {"RuleName": "Default", "ClientID": "0123456789abcdef01234567", "Timestamp": 1790000000, "RequestCount": 3,
                  "SampledCount": 3, "BorrowCount": 0}
        first = collector.call("/SamplingTargets", {"SamplingStatisticsDocuments": [report]})["SamplingTargetDocuments"][0]
        tap.equal((first["FixedRate"], first["ReservoirQuota"], first["Interval"]), (1, None, None))
        answer = collector.call("/SamplingTargets", {"SamplingStatisticsDocuments": [report, {**report, "RuleName": "other"}]})
        target = answer["SamplingTargetDocuments"][0]
        tap.equal((target["ReservoirQuota"], target["Interval"]), (1, 10))
        assert abs(target["ReservoirQuotaTTL"] - time.time() - 300) < 60
        tap.equal(answer["UnprocessedStatistics"], [{"RuleName": "other", "ErrorCode": "400", "Message": "Unknown rule"}])
        listener = [each for each in collector.status()["Listeners"] if each["Protocol"] == "http"][0]
        tap.equal(listener["SamplingRequests"], 3)


def test_graph_ranges():
    """GetServiceGraph counts exactly the traces that start in the range, wherever its edges fall"""
    with tap.Collector() as collector:
        numbers = random.Random(5)
        base = 1790000040  # a whole minute
        starts = []
        for _ in range(12):
            documents = []
            for _ in range(50):
                start = round(base + numbers.uniform(0, 240), 3)
                starts.append(start)
                documents.append(tap.segment(start_time=start, end_time=start + 0.1))
            collector.put(*documents)
        edges = [(base, base + 240), (base, base + 60), (base - 30, base + 300), (base + 59, base + 61)]
        edges += [tuple(sorted(round(base + numbers.uniform(-20, 260), 3) for _ in range(2))) for _ in range(40)]
        for begin, end in edges:
            services = collector.call("/ServiceGraph", {"StartTime": begin, "EndTime": end})["Services"]
            counted = sum(each["SummaryStatistics"]["TotalCount"] for each in services if each["Type"] is None)
            tap.equal(counted, sum(begin <= start < end for start in starts), f"{begin} to {end}")
        for body, text in [({"StartTime": 0, "EndTime": 21601}, "6 hours"), ({"StartTime": 2, "EndTime": 1}, "End time"),
                           ({"StartTime": 1, "EndTime": 2, "GroupName": "other"}, "Group not found."),
                           ({"StartTime": 1, "EndTime": 2, "NextToken": "x"}, "NextToken is currently not supported")]:
            status, _, answer = collector.request("POST", "/ServiceGraph", body)
            tap.equal(status, 400)
            assert text in json.loads(answer)["Message"], answer
        tap.equal(collector.call("/ServiceGraph", {"StartTime": 1, "EndTime": 2}),
                  {"ContainsOldGroupVersions": False, "EndTime": None, "NextToken": None, "Services": [], "StartTime": None})
        for body, text in [({"TraceIds": []}, "Zero trace ids provided"), ({"TraceIds": ["a", "b"]}, "Currently only one trace Id"),
                           ({"TraceIds": ["a"]}, "Invalid traceId. ErrorCode: InvalidId"),
                           ({"TraceIds": ["1-00000000-000000000000000000000000"]}, "Trace id not found")]:
            status, _, answer = collector.request("POST", "/TraceGraph", body)
            tap.equal(status, 400)
            assert text in json.loads(answer)["Message"], answer


# --- Shapes that two programs could read in two ways ---------------------------------------------------------------------------------

def hostile(host):
    """Name, bytes, and the statuses that are right; 0 is a connection that is closed without a word."""
    head = f"POST /TraceSegments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
    body = b"Content-Length: 2\r\n\r\n{}"
    get = f" HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    bad = {400}

    def line(first):
        return first + head[head.index(b"\r\n"):] + body

    def framed(*extra, content=b"{}"):
        return head + b"".join(each + b"\r\n" for each in extra) + b"\r\n" + content

    chunked = b"Transfer-Encoding: chunked"
    return [
        # Host
        ("two hosts, ours first", head + b"Host: evil\r\n" + body, bad),
        ("two hosts, ours last", b"POST /TraceSegments HTTP/1.1\r\nHost: evil\r\n" + head.split(b"\r\n", 1)[1] + body, bad),
        ("host with a suffix", head.replace(host.encode(), host.encode() + b".evil.com") + body, {400, 403}),
        ("host with a dot at its end", head.replace(b"127.0.0.1", b"localhost.") + body, {403}),
        ("empty host", head.replace(host.encode(), b"") + body, {400, 403}),
        ("two equal hosts", head + f"Host: {host}\r\n".encode() + body, bad),
        ("no host", b"POST /TraceSegments HTTP/1.1\r\nContent-Type: application/json\r\n" + body, bad),
        ("HTTP/1.0 without host", b"POST /TraceSegments HTTP/1.0\r\nContent-Type: application/json\r\n" + body, bad),
        ("absolute form of a foreign name", line(b"POST http://evil/TraceSegments HTTP/1.1"), {403}),
        ("absolute form with a user", line(f"POST http://{host}@evil/TraceSegments HTTP/1.1".encode()), {400, 403}),
        # Lengths
        ("length and chunks", framed(b"Content-Length: 2", chunked), bad),
        ("chunks and length", framed(chunked, b"Content-Length: 2"), bad),
        ("two codings", framed(b"Transfer-Encoding: chunked, identity"), bad),
        ("two coding headers", framed(chunked, chunked), bad),
        ("identity, chunked", framed(b"Transfer-Encoding: identity, chunked"), bad),
        ("blank before the colon", framed(b"Transfer-Encoding : chunked"), bad),
        ("xchunked", framed(b"Transfer-Encoding: xchunked"), bad),
        ("vertical tab before chunked", framed(b"Transfer-Encoding: \x0bchunked"), bad),
        ("quoted chunked", framed(b'Transfer-Encoding: "chunked"'), bad),
        ("empty coding", framed(b"Transfer-Encoding:"), bad),
        ("chunks in HTTP/1.0", framed(chunked).replace(b"HTTP/1.1", b"HTTP/1.0"), bad),
        ("two equal lengths", framed(b"Content-Length: 2", b"Content-Length: 2"), bad),
        ("two lengths", framed(b"Content-Length: 2", b"Content-Length: 3"), bad),
        *[(f"length {text}", framed(b"Content-Length: " + text.encode()), {400, 413})
          for text in ("+2", "0x2", "2,2", "2, 2", "-1", "18446744073709551616", "18446744073709551618", "2 2", "2;", "", "2.0", "1e1", "\u0662")],
        ("length over the limit", framed(b"Content-Length: 4194305", content=b""), {413}),
        ("length of a tebibyte", framed(b"Content-Length: 1099511627776", content=b""), {413}),
        # Chunks
        *[(f"chunk {text[:20]!r}", framed(chunked, content=text), bad) for text in (
            b"-1\r\n{}\r\n0\r\n\r\n", b"FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", b"100000002\r\n{}\r\n0\r\n\r\n", b"2;ext=1\r\n{}\r\n0\r\n\r\n",
            b"2;" + b"e" * 1000000, b"2 \r\n{}\r\n0\r\n\r\n", b" 2\r\n{}\r\n0\r\n\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", b"+2\r\n{}\r\n0\r\n\r\n",
            b"2\n{}\r\n0\r\n\r\n", b"2\r\n{}0\r\n\r\n", b"2\r\n{}\n0\n\n", b"2\r\n{}X\r\n0\r\n\r\n", b"\r\n2\r\n{}\r\n0\r\n\r\n", b"g\r\n",
            b"2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n", b"2\r\n{}\r\n0\r\n" + b"T: " + b"x" * 65536 + b"\r\n\r\n", b"2\r\n{}\r\n0\r\n0\r\n\r\n")],
        ("chunks over the limit", framed(chunked, content=(b"10000\r\n" + b" " * 65536 + b"\r\n") * 80), {413}),
        ("one huge chunk", framed(chunked, content=b"FFFFFFF\r\n"), {413}),
        # Headers
        ("folded header", framed(b"X: y", b" z", b"Content-Length: 2"), bad),
        ("folded with a tab", framed(b"X: y", b"\tz", b"Content-Length: 2"), bad),
        ("folded length", framed(b"Content-Length:", b" 2"), bad),
        ("bare line feeds", (head + body).replace(b"\r\n", b"\n"), bad),
        ("one bare line feed", framed(b"X: y\nContent-Length: 2"), bad),
        ("bare carriage return", framed(b"X: y\rContent-Length: 2", b"Content-Length: 2"), bad),
        ("two carriage returns", framed(b"X: y\r", b"Content-Length: 2"), bad),
        ("zero byte in a value", framed(b"X: y\0z", b"Content-Length: 2"), bad),
        ("zero byte in a name", framed(b"X\0: y", b"Content-Length: 2"), bad),
        ("blank in a name", framed(b"X y: z", b"Content-Length: 2"), bad),
        ("no name", framed(b": z", b"Content-Length: 2"), bad),
        ("no colon", framed(b"Host", b"Content-Length: 2"), bad),
        ("letter outside ASCII in a name", framed("X\u00e9: z".encode(), b"Content-Length: 2"), bad),
        ("DEL in a value", framed(b"X: \x7f", b"Content-Length: 2"), bad),
        ("101 headers", framed(*[b"X: y"] * 99, b"Content-Length: 2"), {431}),
        ("cookie of 64 KiB", framed(b"Cookie: " + b"x" * 65536, b"Content-Length: 2"), {431}),
        ("header without end", head + b"X: " + b"x" * 1000000, {431}),
        # Methods, versions, other protocols
        ("GET with a body", line(b"GET /TraceSegments HTTP/1.1"), {400, 405}),
        ("GET of status with a body", line(b"GET /fluoroscope/v1/status HTTP/1.1"), {400}),
        ("lower case", line(b"post /TraceSegments HTTP/1.1"), {405}),
        ("TRACE", b"TRACE /TraceSegments" + get, {405}),
        ("CONNECT", b"CONNECT 127.0.0.1:22" + get, bad),
        ("CONNECT with a path", b"CONNECT /TraceSegments" + get, {400, 405}),
        ("method of 10 KB", line(b"P" * 10240 + b" /TraceSegments HTTP/1.1"), bad),
        ("no method", line(b" /TraceSegments HTTP/1.1"), bad),
        ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad),
        ("HTTP/1.2", line(b"POST /TraceSegments HTTP/1.2"), bad),
        ("HTTP/11", line(b"POST /TraceSegments HTTP/11"), bad),
        ("http/1.1", line(b"POST /TraceSegments http/1.1"), bad),
        ("HTTP/0.9", b"GET /\r\n\r\n", bad),
        ("no version", line(b"POST /TraceSegments "), bad),
        ("two blanks", line(b"POST  /TraceSegments HTTP/1.1"), bad),
        ("tab", line(b"POST\t/TraceSegments\tHTTP/1.1"), bad),
        ("blank in the target", line(b"POST /Trace Segments HTTP/1.1"), bad),
        ("empty lines first", b"\r\n\r\n" + head + body, bad),
        ("TLS ClientHello", bytes.fromhex("16030100f1010000ed0303") + bytes(230), bad),
        ("SSH", b"SSH-2.0-OpenSSH_9.2\r\n", bad | {0}),
        ("Expect of something else", framed(b"Expect: 200-ok", b"Content-Length: 2"), {417}),
        ("upgrade to a WebSocket", f"GET /fluoroscope/v1/status HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://evil\r\n\r\n".encode(), {403}),
        # Paths: exactly, or not at all
        *[(f"path {path[:30]}", line(f"POST {path} HTTP/1.1".encode()), {400, 404}) for path in (
            "/TraceSegments/", "//TraceSegments", "/%54raceSegments", "/TraceSegments?x", "/TraceSegments?", "/../TraceSegments", "/./TraceSegments",
            "/x/../TraceSegments", "/TraceSegments/.", "/TraceSegments%00", "/TraceSegments%zz", "/TraceSegments%2", "/TraceSegments#x", "*",
            "/tracesegments", "/TraceSegments;x", "/TraceSegments%20", "\\TraceSegments", "TraceSegments", "/" + "x" * 8000, "http://",
            "/\u00e9".encode().decode("latin-1"))],
        # Web pages
        ("origin null", framed(b"Origin: null", b"Content-Length: 2"), {403}),
        ("origin", framed(b"Origin: http://localhost:3000", b"Content-Length: 2"), {403}),
        ("fetch of the same origin", framed(b"Sec-Fetch-Site: same-origin", b"Content-Length: 2"), {403}),
        ("two types", framed(b"Content-Type: text/plain", b"Content-Length: 2"), {415}),
        # Codings of the content
        *[(f"Content-Encoding {coding}", framed(b"Content-Encoding: " + coding.encode(), b"Content-Length: 2"), {415})
          for coding in ("gzip", "gzip, gzip", "identity, gzip", "br", "deflate", ",".join(["gzip"] * 10))],
    ]


def test_hostile():
    """100 and more shapes of requests that can be read in two ways are refused at once, and none of them is stored"""
    slowest = 0
    with tap.Collector(leaks=True) as collector:
        rows = hostile(collector.ready["http"][0])
        assert len(rows) >= 100, len(rows)
        for name, request, expected in rows:
            began = time.monotonic()
            answer = answer_of(collector, request)
            took = time.monotonic() - began
            slowest = max(slowest, took)
            assert status_of(answer) in expected, (name, answer[:200])
            assert len(answer) < 1500 and b"evil" not in answer, (name, answer)
        tap.equal(collector.status()["Stored"], 0)
    print(f"# {len(rows)} shapes; the slowest answer took {slowest * 1000:.1f} ms")


def answer_of(collector, request):
    """The answer to bytes that may be more than the server will read."""
    with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
        try:
            connection.sendall(request)
        except OSError:
            pass
        answer = b""
        try:
            while b"\r\n\r\n" not in answer and (chunk := connection.recv(65536)):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


def test_good_shapes():
    """unusual but sound requests are served: chunks, absolute form, a body byte by byte, 100-continue, 200 at once"""
    with tap.Collector() as collector:
        host = collector.ready["http"][0]
        head = f"POST /TraceSegments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()

        def body():
            return json.dumps({"TraceSegmentDocuments": [json.dumps(tap.segment())]}).encode()

        one = body()
        tap.equal(status_of(raw(collector, head + b"transfer-encoding:CHUNKED \r\n\r\n" + b"".join(
            b"%x\r\n%s\r\n" % (len(one[i:i + 7]), one[i:i + 7]) for i in range(0, len(one), 7)) + b"0\r\n\r\n")), 200)
        one = body()
        with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in head + f"Content-Length: {len(one)}\r\n\r\n".encode() + one:
                connection.send(bytes([byte]))
            tap.equal(status_of(connection.recv(65536)), 200, "byte by byte")
        one = body()
        with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
            connection.sendall(head + f"Expect: 100-continue\r\nContent-Length: {len(one)}\r\n\r\n".encode())
            tap.equal(status_of(connection.recv(65536)), 100)
            connection.sendall(one)
            tap.equal(status_of(connection.recv(65536)), 200)
        tap.equal(collector.status()["Stored"], 3)
        # Many in one write, then no more: all are answered, in order.
        with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
            requests = b""
            for _ in range(200):
                one = body()
                requests += head + f"Content-Length: {len(one)}\r\n\r\n".encode() + one
            connection.sendall(requests)
            connection.shutdown(socket.SHUT_WR)
            answers = b""
            while chunk := connection.recv(65536):
                answers += chunk
        tap.equal(answers.count(b"HTTP/1.1 200"), 200)
        tap.equal(collector.status()["Stored"], 203)
        # A sound request, then a doubtful one.
        with socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE) as connection:
            one = body()
            connection.sendall(head + f"Content-Length: {len(one)}\r\n\r\n".encode() + one + head.replace(b"\r\n", b"\n"))
            answers = b""
            while chunk := connection.recv(65536):
                answers += chunk
        assert answers.startswith(b"HTTP/1.1 200") and b"HTTP/1.1 400" in answers, answers


def test_slow():
    """400 clients that send a byte now and then are ended after the deadline, and disturb nobody"""
    with tap.Collector() as collector:
        host = collector.ready["http"][0]
        head = f"POST /TraceSegments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
        slow, times = [], []

        def more(beginning):
            for _ in range(200):
                connection = socket.create_connection((collector.host, collector.port), timeout=tap.PATIENCE)
                connection.sendall(beginning)
                connection.setblocking(False)
                slow.append((beginning, connection))

        more(head + b"Content-Length: 1000\r\n\r\n")
        time.sleep(2.5)  # so that they are slow, not just new
        more(head + b"X: ")
        heads_began, heads_ended = time.monotonic(), 0
        while time.monotonic() < heads_began + tap.PATIENCE and any(beginning.endswith(b"X: ") for beginning, _ in slow):
            for each in list(slow):
                try:
                    each[1].send(b"x")
                    if each[1].recv(1) == b"":
                        raise ConnectionResetError
                except BlockingIOError:
                    continue
                except OSError:
                    each[1].close()
                    slow.remove(each)
                    heads_ended = time.monotonic() - heads_began
            if time.monotonic() < heads_began + 1:
                continue
            before = time.monotonic()
            collector.put(tap.segment())
            times.append(time.monotonic() - before)
            time.sleep(0.05)
        tap.equal(sum(beginning.endswith(b"X: ") for beginning, _ in slow), 0, "heads still there")
        for _, connection in slow:
            connection.close()
        times.sort()
        print(f"# 200 slow heads ended after {heads_ended:.1f} s; {len(times)} good requests meanwhile: "
              f"p99 {times[len(times) * 99 // 100] * 1000:.0f} ms")


def test_flood():
    """thousands of connections: the ceiling holds, and afterwards all is as before"""
    with tap.Collector() as collector:
        descriptors = f"/proc/{collector.process.pid}/fd"
        collector.status()
        at_rest, most, crowd = len(os.listdir(descriptors)), 0, []
        for i in range(5000):
            try:
                crowd.append(socket.create_connection((collector.host, collector.port), timeout=2))
            except OSError:
                pass
            if i % 200 == 0:
                most = max(most, len(os.listdir(descriptors)))
            if len(crowd) > 400:
                crowd.pop(0).close()
        assert most <= at_rest + 130, (at_rest, most)
        for connection in crowd:
            connection.close()
        began = time.monotonic()
        tap.wait_until(lambda: len(os.listdir(descriptors)) <= at_rest + 2, "descriptors are back")
        took = time.monotonic() - began
        tap.equal(collector.request("POST", "/GetSamplingRules", b"{}", {"Content-Type": "application/json"}, role=None)[0], 200)
        print(f"# 5,000 connections: at most {most - at_rest} open at once; back after {took:.1f} s")


def test_bombs():
    """compressed, nested and endless bodies cost little memory"""
    def memory(collector):
        with open(f"/proc/{collector.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) // 1024

    with tap.Collector() as collector:
        collector.put(tap.segment())
        before = memory(collector)
        host = collector.ready["http"][0]
        head = f"POST /TraceSegments HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n".encode()
        bomb = gzip.compress(gzip.compress(bytes(100_000_000)))
        slowest = 0
        for name, request, expected in [
                ("twice compressed", head + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode() + bomb, 415),
                ("nested", head + b"Content-Length: 4000000\r\n\r\n" + b"[" * 4000000, 400),
                ("nested in a document", head + b"Content-Length: 200030\r\n\r\n" + b'{"TraceSegmentDocuments":["' + b"[" * 200000 + b'"]}', 200),
                ("many documents", head + b"Content-Length: 3000028\r\n\r\n" + b'{"TraceSegmentDocuments":[' + b'"",' * 1000000 + b"]}", 400),
                ("endless chunks", head + b"Transfer-Encoding: chunked\r\n\r\n" + (b"FFFF\r\n" + b"x" * 65535 + b"\r\n") * 100, 413)]:
            began = time.monotonic()
            answer = answer_of(collector, request)
            slowest = max(slowest, time.monotonic() - began)
            assert status_of(answer) in (expected, 0), (name, answer[:200])
        grown = memory(collector) - before
        with open(f"/proc/{collector.process.pid}/maps") as file:
            assert grown < 64 or "libasan" in file.read(), f"{grown} MiB"
        print(f"# bombs: {grown} MiB more at the peak, the slowest answer after {slowest * 1000:.0f} ms")


if __name__ == "__main__":
    tap.run([test_web_pages, test_host_forms, test_types, test_paths, test_framing, test_put, test_summaries, test_traces,
             test_deep_chain, test_long_poll, test_connections, test_crowd, test_half_close, test_sampling, test_graph_ranges,
             test_hostile, test_good_shapes, test_slow, test_flood, test_bombs])
