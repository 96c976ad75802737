#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions about all traces at once: counts after each condition, and what occurs in them."""

import json

import tap

START = 1790000000


def put(collector, n, **more):
    documents = []
    for i in range(n):
        document = tap.segment()
        document.update(trace_id=f"1-{START:08x}-{document['id']:0>24}", start_time=START + i, end_time=START + i + 0.25)
        document.update({key: value(i) if callable(value) else value for key, value in more.items()})
        documents.append(document)
    for i in range(0, n, 50):
        collector.put(*documents[i:i + 50])


def ask(collector, path, role="read", expect=200, **question):
    body = json.dumps({"StartTime": START, "EndTime": START + 3600, **question}).encode()
    status, _, text = collector.request("POST", f"/fluoroscope/v1/{path}", body, role=role)
    tap.equal(status, expect, text)
    return json.loads(text)


def counts(collector, *conditions, **question):
    answer = ask(collector, "filter/counts", Conditions=list(conditions), **question)
    return answer, [(each["After"], each["Alone"], each["Without"]) for each in answer["Conditions"]]


def fill(collector):
    put(collector, 60, name="web", annotations=lambda i: {"tier": "gold" if i % 3 == 0 else "basic", "n": i},
        http=lambda i: {"request": {"url": f"http://web/{i % 4}"}, "response": {"status": 500 if i % 2 else 200}}, fault=lambda i: i % 2 == 1)


def test_counts():
    """after each condition, each alone, and each left out"""
    with tap.Collector() as collector:
        fill(collector)
        answer, each = counts(collector, 'annotation.tier = "gold"', "fault", "annotation.n < 6", 'service("nobody")')
        tap.equal(each, [(20, 20, 0), (10, 30, 0), (1, 6, 0), (0, 0, 1)])
        tap.equal((answer["Traces"], answer["Matching"], answer["Complete"], answer["TracesLeft"]), (60, 0, True, 0))
        tap.equal(answer["ScannedFrom"], START)
        # One expression is taken apart where AND joins it.
        answer = ask(collector, "filter/counts", FilterExpression='annotation.tier = "gold" (fault OR ok) !(annotation.n < 6)')
        tap.equal([(one["Expression"], one["After"]) for one in answer["Conditions"]],
                  [('annotation.tier = "gold"', 20), ("fault OR ok", 20), ("!(annotation.n < 6)", 18)])
        # The range counts.
        answer, each = counts(collector, "fault", EndTime=START + 10)
        tap.equal((answer["Traces"], each), (10, [(5, 5, 10)]))
        # Nothing asked: everything matches.
        answer, each = counts(collector)
        tap.equal((answer["Matching"], each), (60, []))


def test_sealed():
    """blocks that the index rules out are counted too"""
    with tap.Collector() as collector:
        fill(collector)
        _, before = counts(collector, 'annotation.tier = "gold"', "responsetime < 1", 'user = "u"')
        collector.stop()
        collector.start()
        answer, after = counts(collector, 'annotation.tier = "gold"', "responsetime < 1", 'user = "u"')
        tap.equal(after, before)
        tap.equal(answer["Traces"], 60)
        answer, each = counts(collector, 'user = "u"')
        tap.equal((answer["Traces"], each), (60, [(0, 0, 60)]))


def test_bad_questions():
    """what can't be counted is refused, with the reason"""
    with tap.Collector() as collector:
        for question, words in (({"Conditions": ["fault", "responsetime >"]}, "Invalid filter"), ({}, "either"),
                                ({"FilterExpression": "ok", "Conditions": []}, "either"), ({"Conditions": [1]}, "list of filter"),
                                ({"Conditions": ["ok"] * 65}, "64"), ({"Conditions": ["ok"], "EndTime": START - 1}, "earlier"),
                                ({"Conditions": ["ok"], "StartTime": None}, "startTime"), ({"Conditions": ['group.name = "x"']}, "Group not found")):
            answer = ask(collector, "filter/counts", expect=400, **question)
            assert words in answer["Message"], (question, answer)
        tap.equal(len(counts(collector, *["ok"] * 64)[1]), 64)
        ask(collector, "filter/counts", role=None, expect=403, Conditions=["ok"])
        ask(collector, "filter/counts", role="full", Conditions=["ok"])
        status, _, _ = collector.request("GET", "/fluoroscope/v1/filter/counts", role="read")
        tap.equal(status, 405)


def values(answer, name, text="Value"):
    return [(each[text], each["Count"]) for each in answer["Vocabulary"][name]]


def annotation(answer, key):
    return next(each for each in answer["Vocabulary"]["Annotations"] if each["Key"] == key)


def test_vocabulary():
    """what occurs, and in how many traces"""
    with tap.Collector() as collector:
        collector.call("/CreateGroup", {"GroupName": "gold", "FilterExpression": 'annotation.tier = "gold"'})
        fill(collector)
        put(collector, 10, name="shop", user=lambda i: f"u{i % 2}", annotations={"tier": True, "note": ["a", "b"][0]},
            subsegments=[{"id": "53995c3f42cd8ad1", "name": "stock", "namespace": "remote", "start_time": START, "end_time": START + 0.1}])
        for again in range(2):
            answer = ask(collector, "vocabulary")
            tap.equal((answer["Traces"], answer["Complete"], answer["Vocabulary"]["Traces"]), (70, True, 70))
            tap.equal(values(answer, "Services", "Name"), [("web", 60), ("shop", 10), ("stock", 10)])
            tap.equal([(each["Source"], each["Destination"], each["Count"]) for each in answer["Vocabulary"]["Edges"]], [("shop", "stock", 10)])
            tier = annotation(answer, "tier")
            tap.equal((tier["Type"], tier["Count"], tier["MoreValues"]), ("string", 70, False))
            tap.equal([(each["Value"], each["Count"]) for each in tier["Values"]], [("basic", 40), ("gold", 20), ("true", 10)])
            tap.equal((annotation(answer, "n")["Type"], len(annotation(answer, "n")["Values"]), annotation(answer, "n")["MoreValues"]),
                      ("number", 50, True))
            tap.equal(values(answer, "Urls"), [(f"http://web/{i}", 15) for i in range(4)])
            tap.equal(values(answer, "Statuses"), [("200", 30), ("500", 30)])
            tap.equal(values(answer, "Users"), [("u0", 5), ("u1", 5)])
            tap.equal(values(answer, "Groups"), [("gold", 20)])
            tap.equal(answer["Vocabulary"]["More"], [])
            # The same of sealed blocks.
            collector.stop()
            collector.start()


def test_versions():
    """the version that a service ran is told, counted and asked for"""
    with tap.Collector() as collector:
        put(collector, 12, name="web", service=lambda i: {"version": "2.1" if i % 3 == 0 else "2.0", "runtime": "node"})
        put(collector, 6, name="shop", service={"version": "2.1"})
        put(collector, 2, name="web")
        for again in range(2):
            listed = ask(collector, "vocabulary")["Vocabulary"]["Versions"]
            tap.equal([(each["Service"], each["Value"], each["Count"]) for each in listed], [("web", "2.0", 8), ("shop", "2.1", 6), ("web", "2.1", 4)])
            found = collector.summaries(StartTime=START, EndTime=START + 3600, FilterExpression='service("web") { version = "2.1" }')
            tap.equal([each["ServiceVersions"] for each in found], [[{"Name": "web", "Version": "2.1"}]] * 4)
            _, each = counts(collector, 'service("web") { version BEGINSWITH "2." }', 'service("web") { !version }', 'service() { version = "2.1" }')
            tap.equal([alone for _, alone, _ in each], [12, 2, 10])
            # Where none is known the answer is X-Ray's own.
            found = collector.summaries(StartTime=START, EndTime=START + 3600, FilterExpression='service("web") { !version }')
            tap.equal(["ServiceVersions" in each for each in found], [False] * 2)
            # The same of sealed blocks.
            collector.stop()
            collector.start()


def test_narrowed():
    """a filter, a search and a ceiling narrow it"""
    with tap.Collector() as collector:
        fill(collector)
        answer = ask(collector, "vocabulary", FilterExpression="fault")
        tap.equal((answer["Traces"], answer["Vocabulary"]["Traces"]), (60, 30))
        tap.equal(values(answer, "Statuses"), [("500", 30)])
        answer = ask(collector, "vocabulary", Search="WEB/3")
        tap.equal(values(answer, "Urls"), [("http://web/3", 15)])
        tap.equal((annotation(answer, "tier")["Count"], annotation(answer, "tier")["Values"]), (60, []))
        answer = ask(collector, "vocabulary", ValuesMax=1)
        tap.equal((values(answer, "Urls"), answer["Vocabulary"]["More"]), ([("http://web/0", 15)], ["Urls", "Statuses"]))
        for question, words in (({"FilterExpression": "x y"}, "Invalid filter"), ({"ValuesMax": 0}, "ValuesMax"), ({"ValuesMax": 501}, "ValuesMax"),
                                ({"Search": "x" * 501}, "Search"), ({"EndTime": None}, "endTime")):
            assert words in ask(collector, "vocabulary", expect=400, **question)["Message"], question
        ask(collector, "vocabulary", role=None, expect=403)


if __name__ == "__main__":
    tap.run([test_counts, test_sealed, test_bad_questions, test_vocabulary, test_versions, test_narrowed])
