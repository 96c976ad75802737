#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every nasty document and datagram meets its expected fate in the real collector, and hurts no neighbour."""

import json

import nasty
import tap

HEADER_MAX = 65507 - len(tap.HEADER)


def changes(before, after):
    """Reasons whose count grew, and by how much."""
    grown = {word: value["Count"] - before["Refused"].get(word, {"Count": 0})["Count"] for word, value in after["Refused"].items()}
    return {word: count for word, count in grown.items() if count}


def send(collector, payload, n=1):
    """Sends one datagram and waits until its fate is known."""
    before = collector.status()
    collector.datagram(payload)
    after = tap.wait_until(lambda: (lambda now: now["Received"] >= before["Received"] + n and now)(collector.status()), "received")
    tap.equal(after["Received"], before["Received"] + n)
    return after["Stored"] - before["Stored"], changes(before, after)


def documents_of(collector, trace_id):
    answer = collector.call("/Traces", {"TraceIds": [trace_id]})
    return {each["Id"]: json.loads(each["Document"]) for trace in answer["Traces"] for each in trace["Segments"]}


def read_back(collector, n_stored):
    """All that was stored can be listed, read and drawn, whatever it holds."""
    summaries = collector.summaries(EndTime=9000000001)  # farther than any time that is kept
    tap.equal(len(summaries), n_stored, "traces")
    for summary in summaries:
        assert documents_of(collector, summary["Id"]), summary
        collector.call("/TraceGraph", {"TraceIds": [summary["Id"]]})
        assert summary["Duration"] >= 0, summary
    for start in (0, 1600000000 - 100, 1790000000 - 100):
        collector.call("/ServiceGraph", {"StartTime": start, "EndTime": start + 3600})


def test_documents_udp():
    """every nasty document, by UDP: stored or counted under its code"""
    with tap.Collector() as collector:
        stored = 0
        for case in nasty.load("documents.json"):
            if len(case["bytes"]) > HEADER_MAX:
                continue  # no datagram holds it; HTTP does
            name = f"{case['case']}: {case['name']}"
            kept, refused = send(collector, tap.HEADER + case["bytes"])
            tap.equal((kept, refused), (0, {case["error"]: 1}) if "error" in case else (1, {}), name)
            stored += kept
            kept, refused = send(collector, tap.HEADER + json.dumps(tap.segment()).encode())
            tap.equal((kept, refused), (1, {}), "the neighbour of " + name)
            stored += kept
        assert stored > 150
        read_back(collector, stored)


def test_documents_http():
    """every nasty document, by HTTP between good neighbours: one code, one id, and the neighbours are kept"""
    with tap.Collector() as collector:
        stored = 0
        for case in nasty.load("documents.json"):
            name = f"{case['case']}: {case['name']}"
            try:
                text = case["bytes"].decode()
            except UnicodeDecodeError:
                continue  # no JSON string holds it; the next test does
            neighbours = [tap.segment(), tap.segment()]
            before = collector.status()
            answer = collector.put(neighbours[0], text, neighbours[1])
            after = collector.status()
            refused = [(each["ErrorCode"], each["Id"]) for each in answer["UnprocessedTraceSegments"]]
            tap.equal(refused, [(case["error"], case.get("id"))] if "error" in case else [], name)
            tap.equal(changes(before, after), {case["error"]: 1} if "error" in case else {}, name)
            tap.equal(after["Received"] - before["Received"], 3, name)
            assert all(each["Message"] for each in answer["UnprocessedTraceSegments"])
            stored += 2 if "error" in case else 3
            tap.equal(after["Stored"], stored, name)
        read_back(collector, stored)


def test_not_text():
    """bytes that are no UTF-8 make the whole request no JSON; nothing of it is stored"""
    with tap.Collector() as collector:
        for case in nasty.load("documents.json"):
            try:
                case["bytes"].decode()
            except UnicodeDecodeError:
                quoted = case["bytes"].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
                neighbour = json.dumps(json.dumps(tap.segment())).encode()
                status, headers, body = collector.request(
                    "POST", "/TraceSegments", b'{"TraceSegmentDocuments":[' + neighbour + b',"' + quoted + b'"]}',
                    {"Content-Type": "application/json"})
                tap.equal((status, headers["x-amzn-errortype"]), (400, "SerializationException"), case["name"])
                assert json.loads(body)["Message"]
        tap.equal(collector.status()["Stored"], 0)
        tap.equal(collector.put(tap.segment()), {"UnprocessedTraceSegments": []})


def test_datagrams():
    """every nasty datagram: stored or counted under its reason, no answer, and the next one is stored"""
    with tap.Collector() as collector:
        stored = 0
        for case in nasty.load("datagrams.json"):
            name = f"{case['case']}: {case['name']}"
            kept, refused = send(collector, case["bytes"])
            tap.equal((kept, refused), (0, {case["reason"]: 1}) if "reason" in case else (1, {}), name)
            stored += kept
            kept, refused = send(collector, tap.HEADER + json.dumps(tap.segment()).encode())
            tap.equal((kept, refused), (1, {}), "the neighbour of " + name)
            stored += kept
        read_back(collector, stored)
        for value in collector.status()["Refused"].values():
            assert value["Meaning"], "each reason is told in words"


def test_containers():
    """documents that are no strings, and lists that are no lists, refuse the request as a whole"""
    with tap.Collector() as collector:
        good = json.dumps(tap.segment())
        for documents in ([tap.segment()], [good, None], [good, 1], [good, [good]], [good, True], {"0": good}, good, None, 7):
            status, headers, body = collector.request("POST", "/TraceSegments", {"TraceSegmentDocuments": documents})
            assert status == 400 and headers["x-amzn-errortype"] in ("SerializationException", "ValidationException"), (documents, body)
        tap.equal(collector.status()["Stored"], 0)
        collector.put(good)
        read_back(collector, 1)


def test_parents():
    """circles, long chains and parents elsewhere: nothing hangs, everything is read back"""
    with tap.Collector() as collector:
        circle = tap.segment(id="a" * 16, parent_id="b" * 16)
        other = {**circle, "id": "b" * 16, "parent_id": "a" * 16, "name": "other"}
        collector.put(circle, other)
        tap.equal(set(documents_of(collector, circle["trace_id"])), {"a" * 16, "b" * 16})
        away = tap.segment(parent_id="a" * 16)
        collector.put(away)
        tap.equal(list(documents_of(collector, away["trace_id"])), [away["id"]])
        first = tap.segment(id=f"{1:016x}")
        chain = [first] + [{**first, "id": f"{i:016x}", "parent_id": f"{i - 1:016x}", "name": f"n{i % 7}"} for i in range(2, 10001)]
        for i in range(0, len(chain), 50):
            tap.equal(collector.put(*chain[i:i + 50]), {"UnprocessedTraceSegments": []})
        tap.equal(len(documents_of(collector, first["trace_id"])), 10000)
        graph = collector.call("/TraceGraph", {"TraceIds": [first["trace_id"]]})
        assert len(graph["Services"]) >= 7
        read_back(collector, 3)


def test_same_id():
    """one id, several documents: completed wins over in progress, the first completed over later ones, each counted"""
    with tap.Collector() as collector:
        document = tap.segment(name="complete")
        running = {**document, "name": "running", "in_progress": True}
        del running["end_time"]
        collector.put(document)
        before = collector.status()
        collector.put(running)
        tap.equal(changes(before, collector.status()), {"Duplicate": 1}, "in progress after completed")
        collector.put({**document, "name": "later"})
        tap.equal(changes(before, collector.status()), {"Duplicate": 2}, "completed again")
        tap.equal(documents_of(collector, document["trace_id"])[document["id"]]["name"], "complete")


if __name__ == "__main__":
    tap.run([test_documents_udp, test_documents_http, test_not_text, test_datagrams, test_containers, test_parents, test_same_id])
