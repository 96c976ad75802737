# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store keeps and finds: filters, groups, pins."""

import shutil
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


if __name__ == "__main__":
    tap.run([test_filters, test_groups, test_pins])
