#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP API: who is served, what is refused, and what each operation answers."""

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
    """only exact paths and methods are served; an operation that is not offered is named"""
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
        status, headers, body = collector.request("POST", "/Insight", {"InsightId": "00000000-0000-1000-8000-000000000000"})
        tap.equal((status, headers["x-amzn-errortype"]), (400, "InvalidRequestException"))
        assert json.loads(body)["Message"].startswith("GetInsight is not offered by this version"), body


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
                ({"StartTime": 1, "EndTime": 2, "FilterExpression": "fault"}, "InvalidRequestException",
                 "filter expressions are not supported by this version of the collector; leave FilterExpression out")]:
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
        answers = []

        def wait():
            answers.append(collector.request("GET", f"/fluoroscope/v1/changes?after={revision}"))

        waiter = threading.Thread(target=wait)
        waiter.start()
        tap.wait_until(lambda: collector.status()["Listeners"][0]["Received"] >= 2, "the poll has arrived")
        begin = time.monotonic()
        collector.put(tap.segment())
        waiter.join(tap.PATIENCE)
        assert time.monotonic() - begin < 5, "long before the poll's own end"
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


if __name__ == "__main__":
    tap.run([test_web_pages, test_host_forms, test_types, test_paths, test_framing, test_put, test_summaries, test_traces,
             test_deep_chain, test_long_poll, test_connections, test_crowd, test_half_close, test_sampling, test_graph_ranges])
