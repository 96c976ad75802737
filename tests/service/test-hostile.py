#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON of every kind, tokens of no kind, and filter expressions by the thousand.

FLUO_TEST_EXPRESSIONS says how many expressions are made (2000 before a release), FLUO_TEST_SEED where the random numbers begin."""

import json
import os
import random

import tap

N_EXPRESSIONS = int(os.environ.get("FLUO_TEST_EXPRESSIONS", "300"))
SEED = int(os.environ.get("FLUO_TEST_SEED", "1"))
OPEN = ("--auth=none",)
EVER = {"StartTime": 0, "EndTime": 4102444800}


# --- JSON ---------------------------------------------------------------------


def load_json_suite():
    """Name, bytes; y_ is JSON, n_ is none, i_ is for each reader to decide."""
    with open(os.path.join(tap.DATA, "json-test-suite", "cases.json"), encoding="utf-8") as file:
        for case in json.load(file):
            if "hex" in case:
                yield case["name"], bytes.fromhex(case["hex"])
            elif "piece" in case:
                yield case["name"], (case["piece"] * case["times"] + case["end"]).encode()
            else:
                yield case["name"], case["text"].encode()


def embed(value):
    """A segment document that is JSON when @value is, and its trace."""
    document = tap.segment()
    return json.dumps(document)[:-1].encode() + b',"metadata":{"default":{"value":' + value + b"}}}", document["trace_id"]


def check_fate(name, kept, reasons):
    if name.startswith("y_"):
        tap.equal((kept, reasons), (1, []), name)
    elif name.startswith("n_"):
        tap.equal((kept, reasons), (0, ["ParseError"]), name)
    else:
        assert kept == 1 or reasons == ["ParseError"], (name, kept, reasons)


def grown(before, after):
    return [word for word, value in after["Refused"].items()
            if value["Count"] > before["Refused"].get(word, {"Count": 0})["Count"]]


def test_json_udp():
    """JSON's test suite inside documents, by UDP: JSON is stored, anything else is a parse error"""
    with tap.Collector(arguments=OPEN) as collector:
        n = 0
        for name, value in load_json_suite():
            document, _ = embed(value)
            if len(tap.HEADER) + len(document) > 65507:
                continue  # by HTTP below
            before = collector.status()
            collector.datagram(tap.HEADER + document)
            after = tap.wait_until(lambda: (lambda now: now["Received"] > before["Received"] and now)(collector.status()), name)
            tap.equal(after["Received"], before["Received"] + 1, name)
            check_fate(name, after["Stored"] - before["Stored"], grown(before, after))
            n += 1
        assert n > 300, n


def test_json_http():
    """the same by HTTP, between good neighbours; what was stored is given back to the byte"""
    with tap.Collector(arguments=OPEN) as collector:
        for name, value in load_json_suite():
            document, trace_id = embed(value)
            try:
                text = document.decode()
            except UnicodeDecodeError:
                continue  # no JSON string holds it
            before = collector.status()
            answer = collector.put(tap.segment(), text, tap.segment())
            after = collector.status()
            kept = after["Stored"] - before["Stored"] - 2
            tap.equal(len(answer["UnprocessedTraceSegments"]), 1 - kept, name)
            check_fate(name, kept, grown(before, after))
            if kept:
                found = collector.call("/Traces", {"TraceIds": [trace_id]})["Traces"]
                tap.equal([each["Document"] for each in found[0]["Segments"]], [text], name)


def test_json_requests():
    """the same as bodies of requests: never anything but 200 or 400 with a message"""
    with tap.Collector(arguments=OPEN) as collector:
        for path in ("/TraceSegments", "/TraceSummaries", "/CreateGroup"):
            for name, value in load_json_suite():
                status, headers, text = collector.request("POST", path, value, {"Content-Type": "application/json"})
                assert status in ((400,) if name.startswith("n_") and value.strip() else (200, 400)), (name, status, text)
                if status == 400:
                    assert headers["x-amzn-errortype"] in ("SerializationException", "ValidationException",
                                                           "InvalidRequestException"), (name, headers)
                    assert json.loads(text)["Message"], name


# --- Pages --------------------------------------------------------------------


def fill(collector, n):
    documents = [tap.segment(annotations={"k": i % 7}) for i in range(n)]
    for i in range(0, n, 50):
        collector.put(*documents[i:i + 50])
    tap.wait_until(lambda: len(collector.summaries()) == n, "all is there")
    return documents


def page(collector, **more):
    answer = collector.call("/TraceSummaries", {**EVER, **more})
    return [each["Id"] for each in answer["TraceSummaries"]], answer["NextToken"]


def test_pages():
    """pages: each trace once, an end, the same token gives the same page, and new traces disturb nothing"""
    with tap.Collector(arguments=OPEN) as collector:
        ids = {each["trace_id"] for each in fill(collector, 2600)}
        found, token, n_pages = [], None, 0
        while True:
            some, following = page(collector, **({"NextToken": token} if token else {}))
            if token:
                tap.equal(page(collector, NextToken=token), (some, following), "asked twice")
            found += some
            n_pages += 1
            assert n_pages < 1001, "no end"
            if not following:
                break
            assert following != token, "a token that leads to itself"
            token = following
            collector.put(tap.segment(start_time=1790000000 - n_pages, end_time=1790000001, trace=n_pages + (1 << 90)),
                          tap.segment(start_time=1890000000, end_time=1890000001, trace=n_pages + (1 << 91)))
        tap.equal(len(found), len(set(found)), "each once")
        assert ids <= set(found), "all that was there at the beginning"
        assert n_pages > 5, n_pages


def test_no_hits():
    """a filter that nothing satisfies comes to an end"""
    with tap.Collector(arguments=OPEN) as collector:
        fill(collector, 1000)
        token = None
        for _ in range(1001):
            some, token = page(collector, FilterExpression="annotation.k = 77", **({"NextToken": token} if token else {}))
            tap.equal(some, [])
            if not token:
                return
        raise AssertionError("no end")


def test_tokens():
    """tokens that are none: refused, each one, and never taken for another question's"""
    with tap.Collector(arguments=OPEN) as collector:
        fill(collector, 600)
        _, token = page(collector)
        numbers = random.Random(SEED)
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-"
        tokens = ["x", "=", "A" * 65536, "\0", "é" * 100, token + "A", token[:-1], token[1:], token * 2, " " + token]
        for i in range(len(token)):
            tokens.append(token[:i] + numbers.choice(letters) + token[i + 1:])
        for each in tokens:
            status, headers, text = collector.request("POST", "/TraceSummaries", {**EVER, "NextToken": each})
            assert status == 400 or (status == 200 and len(each) == len(token)), (each[:100], status, text[:100])
            if status == 400:
                tap.equal(headers["x-amzn-errortype"], "InvalidRequestException", each[:100])
                assert len(text) < 2048, "a message of reasonable length"
        for other in ({"FilterExpression": "fault"}, {"EndTime": 4102444799}, {"TimeRangeType": "Event"}):
            status, headers, text = collector.request("POST", "/TraceSummaries", {**EVER, "NextToken": token, **other})
            tap.equal((status, headers["x-amzn-errortype"]), (400, "InvalidRequestException"), other)


# --- Filters ------------------------------------------------------------------


def make_document(numbers):
    status = numbers.choice([200, 200, 204, 301, 404, 429, 500, 503])
    document = tap.segment(
        name=numbers.choice(["web", "api", "db"]),
        http={"request": {"url": f"http://{numbers.choice(['a', 'b'])}.example/{numbers.choice(['x', 'y/z', ''])}",
                          "method": numbers.choice(["GET", "POST"])}, "response": {"status": status}},
        annotations={"k": numbers.randrange(5), "n": numbers.choice(["a", "b", "ab"]), "b": numbers.random() < 0.5})
    document["end_time"] = document["start_time"] + numbers.choice([0.125, 0.25, 0.5, 1, 2.5])
    if status >= 500:
        document["fault"] = True
    elif status >= 400:
        document["error"] = True
        document.update({"throttle": True} if status == 429 else {})
    for key, chance in (("user", 0.3), ("annotations", 0.8)):
        if key == "user" and numbers.random() < chance:
            document["user"] = numbers.choice(["ann", "bob"])
        elif key == "annotations" and numbers.random() > chance:
            del document["annotations"]
    return document


COMPARE = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b,
           ">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "CONTAINS": lambda a, b: b in a,
           "BEGINSWITH": lambda a, b: a.startswith(b), "ENDSWITH": lambda a, b: a.endswith(b)}


def values_of(document, word):
    """What the document has of that, in the simplest way that could be right."""
    if word.startswith("annotation."):
        return [document["annotations"][word[11:]]] if "annotations" in document else []
    return {"http.status": [document["http"]["response"]["status"]], "http.url": [document["http"]["request"]["url"]],
            "http.method": [document["http"]["request"]["method"]], "user": [document["user"]] if "user" in document else [],
            "duration": [document["end_time"] - document["start_time"]],
            "responsetime": [document["end_time"] - document["start_time"]]}[word]


def make_term(numbers):
    """An expression and what it means."""
    kind = numbers.randrange(5)
    if kind == 0:
        word = numbers.choice(["fault", "error", "throttle"])
        # Each is of one class only, and what was throttled is no other error.
        return word, lambda document: document.get(word, False) and not (word == "error" and document.get("throttle"))
    if kind == 1:
        return "ok", lambda document: not (document.get("fault") or document.get("error") or document.get("throttle"))
    if kind == 2:
        name = numbers.choice(["web", "api", "db", "none"])
        return f'service("{name}")', lambda document: document["name"] == name
    if kind == 3:
        word, value = numbers.choice([("http.status", numbers.choice([200, 404, 429, 500])), ("annotation.k", numbers.randrange(6)),
                                      ("duration", numbers.choice([0.25, 0.3, 1])), ("responsetime", numbers.choice([0.5, 2.5]))])
        sign = numbers.choice(["=", "!=", "<", "<=", ">", ">="])
        return f"{word} {sign} {value}", lambda document: any(COMPARE[sign](each, value) for each in values_of(document, word))
    word, value = numbers.choice([("http.url", "http://a"), ("http.url", "z"), ("http.method", "GET"), ("user", "ann"),
                                  ("user", "b"), ("annotation.n", "a"), ("annotation.n", "b")])
    sign = numbers.choice(["=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"])
    return f'{word} {sign} "{value}"', lambda document: any(COMPARE[sign](each, value) for each in values_of(document, word))


def make_expression(numbers, depth):
    if depth == 0 or numbers.random() < 0.3:
        return make_term(numbers)
    left, left_means = make_expression(numbers, depth - 1)
    kind = numbers.choice(["AND", "OR", "NOT"])
    if kind == "NOT":
        return f"!({left})", lambda document: not left_means(document)
    right, right_means = make_expression(numbers, depth - 1)
    if kind == "AND":
        return f"({left}) AND ({right})", lambda document: left_means(document) and right_means(document)
    return f"({left}) OR ({right})", lambda document: left_means(document) or right_means(document)


def test_filters():
    """expressions made at random find what a plain evaluator finds, in open and in packed traces"""
    numbers = random.Random(SEED)
    home = tap.tempfile.mkdtemp(prefix="fluo-service-")
    documents = [make_document(numbers) for _ in range(1000)]
    try:
        with tap.Collector(home=home, arguments=OPEN) as collector:
            for i in range(0, 700, 50):
                collector.put(*documents[i:i + 50])
        # The first 700 are packed now.
        with tap.Collector(home=home, arguments=OPEN) as collector:
            for i in range(700, 1000, 50):
                collector.put(*documents[i:i + 50])
            tap.wait_until(lambda: len(collector.summaries()) == 1000, "all is there")
            n_found = 0
            for _ in range(N_EXPRESSIONS):
                expression, means = make_expression(numbers, numbers.randrange(4))
                expected = {each["trace_id"] for each in documents if means(each)}
                found = {each["Id"] for each in collector.summaries(FilterExpression=expression)}
                assert found == expected, (expression, len(found), len(expected), sorted(found ^ expected)[:3])
                n_found += len(found)
            print(f"# {N_EXPRESSIONS} expressions found {n_found} traces", flush=True)
    finally:
        tap.shutil.rmtree(home)


def test_deep_filters():
    """expressions a thousand deep or very long: an error in words, never a crash"""
    with tap.Collector(arguments=OPEN) as collector:
        fill(collector, 100)
        for expression in ("(" * 1000 + "fault" + ")" * 1000, "(" * 100000 + "fault" + ")" * 100000, "!(" * 5000 + "ok" + ")" * 5000,
                           "(" * 100000, " AND ".join(["fault"] * 20000), "!" * 100000 + "ok", 'service("' + "x" * 100000 + '")'):
            status, headers, text = collector.request("POST", "/TraceSummaries", {**EVER, "FilterExpression": expression})
            tap.equal((status, headers["x-amzn-errortype"]), (400, "InvalidRequestException"), expression[:40])
            assert 0 < len(json.loads(text)["Message"]) < 2048, text[:300]
        tap.equal(len(collector.summaries()), 100)


if __name__ == "__main__":
    tap.run([test_json_udp, test_json_http, test_json_requests, test_pages, test_no_hits, test_tokens, test_filters, test_deep_filters])
