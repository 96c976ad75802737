# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store keeps and finds: filters, groups, pins."""

import json
import shutil
import subprocess
import tempfile

import tap


def ids(summaries):
    return {each["Id"] for each in summaries}


def test_filters():
    """filter expressions find the same before and after a restart, and when a sealed trace goes on"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with tap.Collector(home=home) as collector:
            documents = [tap.segment(annotations={"customer": f"c{i % 5}"}, fault=i % 4 == 0, user=f"u{i % 3}") for i in range(60)]
            for i in range(0, 60, 20):
                collector.put(*documents[i:i + 20])
            expected = {
                'annotation.customer = "c2"': {each["trace_id"] for each in documents if each["annotations"]["customer"] == "c2"},
                "fault": {each["trace_id"] for each in documents if each["fault"]},
                '!fault AND user = "u1"': {each["trace_id"] for each in documents if not each["fault"] and each["user"] == "u1"},
                'annotation.customer = "nobody"': set(),
            }
            for text, found in expected.items():
                tap.equal(ids(collector.summaries(FilterExpression=text)), found, text)
        with tap.Collector(home=home) as collector:
            for text, found in expected.items():
                tap.equal(ids(collector.summaries(FilterExpression=text)), found, text)
            late = documents[7]
            collector.put(tap.segment(trace_id=late["trace_id"], parent_id=late["id"], annotations={"customer": "nobody"}))
            tap.equal(ids(collector.summaries(FilterExpression='annotation.customer = "nobody"')), {late["trace_id"]})
            tap.equal(len(collector.summaries()), 60)
            tap.equal(collector.status()["Traces"], 60)
    finally:
        shutil.rmtree(home)


def test_groups():
    """a trace belongs to the groups of the moment it came; graph and filter agree, after a restart too"""
    home = tempfile.mkdtemp(prefix="fluo-service-")

    def check(collector, n):
        begin = 1790000000
        body = {"StartTime": begin - 21600 + 60000, "EndTime": begin + 60000, "GroupName": "faults"}
        counted = 0
        for start in range(begin - 21600, begin + 64800, 21600):
            body.update(StartTime=start, EndTime=start + 21600)
            for service in collector.call("/ServiceGraph", body)["Services"]:
                if service["Type"] is None:
                    counted += service["SummaryStatistics"]["TotalCount"]
        tap.equal(counted, n, "the group's graph")
        tap.equal(len(collector.summaries(FilterExpression='group.name = "faults"')), n)

    try:
        with tap.Collector(home=home) as collector:
            collector.put(tap.segment(fault=True))
            tap.equal(len(collector.summaries()), 1)
            collector.call("/CreateGroup", {"GroupName": "faults", "FilterExpression": "fault"})
            collector.put(*[tap.segment(fault=i % 2 == 0) for i in range(10)])
            check(collector, 5)
        with tap.Collector(home=home) as collector:
            check(collector, 5)
    finally:
        shutil.rmtree(home)


def test_pins():
    """a pinned trace outlives the others until it is let go"""
    with tap.Collector(arguments=["--retention", "2s"]) as collector:
        documents = [tap.segment() for _ in range(20)]
        collector.put(*documents)
        pinned = documents[3]["trace_id"]
        tap.equal(collector.call("/fluoroscope/v1/pins", {"TraceIds": [pinned], "Pinned": True}), {"TraceIds": [pinned]})
        tap.wait_until(lambda: collector.status()["Traces"] == 1, "the others are gone")
        tap.equal(ids(collector.summaries()), {pinned})
        tap.equal(len(collector.call("/Traces", {"TraceIds": [pinned]})["Traces"]), 1)
        tap.equal(collector.call("/fluoroscope/v1/pins", {"TraceIds": [pinned], "Pinned": False}), {"TraceIds": []})
        tap.wait_until(lambda: collector.status()["Traces"] == 0, "it goes too")


def test_links():
    """a trace tells who links to it, open and sealed, after a kill and a restart; the graph and the command line show the consumer"""
    home = tempfile.mkdtemp(prefix="fluo-service-")

    def linked_from(collector, trace):
        status, _, text = collector.request("GET", f"/fluoroscope/v1/links?trace={trace}", role="read")
        tap.equal(status, 200, text)
        answer = json.loads(text)
        tap.equal((answer["TraceId"], answer["More"]), (trace, False))
        return set(answer["LinkedFrom"])

    def check(collector):
        tap.equal(linked_from(collector, sent["trace_id"]), {each["trace_id"] for each in consumers})
        tap.equal(linked_from(collector, other["trace_id"]), {consumers[0]["trace_id"]})
        tap.equal(linked_from(collector, consumers[0]["trace_id"]), set())
        services = collector.call("/TraceGraph", {"TraceIds": [sent["trace_id"]]})["Services"]
        names = {each["ReferenceId"]: each["Name"] for each in services}
        edges = {(each["Name"], names[edge["ReferenceId"]], edge.get("EdgeType")) for each in services for edge in each["Edges"]}
        assert ("sender", "worker", "link") in edges, edges
        shown = subprocess.run([tap.CLI, "--endpoint", collector.endpoint, "trace", sent["trace_id"]], env=tap.environment(home),
                               capture_output=True, text=True, timeout=tap.PATIENCE)
        assert "sender" in shown.stdout and "worker" in shown.stdout, shown

    try:
        sent, other = tap.segment(name="sender"), tap.segment(name="sender")
        link = {"trace_id": sent["trace_id"], "id": sent["id"]}
        consumers = [tap.segment(name="worker", links=[link, {"trace_id": other["trace_id"], "id": other["id"]}]),
                     tap.segment(name="worker", links=[link, link])]
        noise = [tap.segment(name="worker", links=[{"trace_id": tap.segment()["trace_id"], "id": "00000000000000aa"}]) for _ in range(600)]
        with tap.Collector(home=home) as collector:
            collector.put(sent, other)
            tap.equal(linked_from(collector, sent["trace_id"]), set())
            collector.put(*consumers)
            check(collector)
            for i in range(0, len(noise), 50):
                collector.put(*noise[i:i + 50])
            check(collector)
            collector.process.kill()
            collector.process.wait()
            collector.start()
            check(collector)
        with tap.Collector(home=home) as collector:
            check(collector)
            consumers.append(tap.segment(trace_id=noise[5]["trace_id"], parent_id=noise[5]["id"], links=[link]))
            collector.put(consumers[-1])
            check(collector)
            for target in ("", "?trace=", "?trace=x", "?trace=%zz"):
                tap.equal(collector.request("GET", f"/fluoroscope/v1/links{target}")[0], 400, target)
            tap.equal(collector.request("GET", f"/fluoroscope/v1/links?trace={sent['trace_id']}", role=None)[0], 403)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    tap.run([test_filters, test_groups, test_pins, test_links])
