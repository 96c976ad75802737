#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why is my trace missing? Whatever becomes of a document, the collector can say it, with an example."""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.parse

import tap


def encode(document):
    return json.dumps(document).encode()


def ask(collector, role="read", **question):
    path = "/fluoroscope/v1/missing" + ("?" + urllib.parse.urlencode(question, quote_via=urllib.parse.quote) if question else "")
    status, _, text = collector.request("GET", path, role=role)
    tap.equal(status, 200, f"{path}: {text!r}")
    return json.loads(text)


def kinds(answer, level=None):
    return [each["Kind"] for each in answer["Findings"] if level in (None, each["Level"])]


def recent(**more):
    """A segment of now, so that its id is not too old."""
    document = tap.segment()
    now = int(time.time())
    document.update(trace_id=f"1-{now:08x}-{document['id']:0>24}", start_time=now, end_time=now + 0.25)
    document.update(more)
    return {key: value for key, value in document.items() if value is not None}


def test_empty():
    """a collector that nobody sends to says so, with the addresses"""
    with tap.Collector() as collector:
        answer = ask(collector)
        tap.equal(answer["Verdict"], "problem")
        tap.equal(kinds(answer, "problem"), ["NothingReceived"])
        assert collector.ready["udp"][0] in answer["Findings"][0]["Advice"], answer
        tap.equal(kinds(ask(collector, trace=recent()["trace_id"]), "problem"), ["NothingReceived"])


def test_stored():
    """a trace that is here is found by every form of its id, and nothing else is said"""
    with tap.Collector() as collector:
        document = recent()
        collector.put(document)
        identifier = document["trace_id"]
        for text in (identifier, identifier[2:].replace("-", ""), f" {identifier.upper()}\n", f"Root={identifier};Parent=1;Sampled=1",
                     f"X-Amzn-Trace-Id: Root={identifier}", f"00-{identifier[2:].replace('-', '')}-00f067aa0ba902b7-01"):
            answer = ask(collector, trace=text)
            tap.equal((answer["Verdict"], answer["TraceId"]), ("stored", identifier), text)
            tap.equal(kinds(answer), ["Stored"], text)
        tap.equal(answer["Stored"]["Documents"], 1)
        tap.equal(ask(collector)["Verdict"], "fine")


def test_invalid():
    """an id that is none: which part is wrong"""
    with tap.Collector() as collector:
        for text, words in (("1-5759e988-bd862e3fe1be46a99427279", "last group has 23"), ("1-5759e98-bd862e3fe1be46a994272793", "first group has 7"),
                            ("1-5759e988-bd862e3fe1be46a99427279O", "character 35, “O”"), ("53995c3f42cd8ad8", "segment or span"),
                            ("1-5759e988", "two groups"), ("abc", "3 hexadecimal digits"), ("ü", "character 1, “ü”")):
            answer = ask(collector, trace=text)
            tap.equal((answer["Verdict"], kinds(answer)), ("invalid", ["InvalidId"]), text)
            assert words in answer["Findings"][0]["Text"], (text, answer)
        status, _, _ = collector.request("GET", "/fluoroscope/v1/missing?trace=%zz", role="read")
        tap.equal(status, 400)
        status, _, _ = collector.request("GET", "/fluoroscope/v1/missing", role=None)
        tap.equal(status, 403)


def test_refused():
    """refused documents are found by their trace, with the text and who sent it"""
    with tap.Collector() as collector:
        document = recent(name="bad|name\x07", end_time=None)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            host, _, port = collector.ready["udp"][0].rpartition(":")
            sender.sendto(tap.HEADER + encode(document), (host, int(port)))
            tap.wait_until(lambda: collector.status()["Received"], "received")
            answer = tap.wait_until(lambda: (lambda now: now["Findings"][0]["Examples"][0]["Sender"] and now)(
                ask(collector, trace=document["trace_id"])), "the sender's process is known")
        first = answer["Findings"][0]
        tap.equal((answer["Verdict"], first["Level"]), ("problem", "problem"))
        example = first["Examples"][0]
        tap.equal((example["Source"], example["SegmentId"], example["TraceId"]), ("udp", document["id"], document["trace_id"]))
        assert str(os.getpid()) in example["Sender"], example
        assert example["Text"].startswith('{"trace_id"') and "\\\\u0007" in example["Text"], example
        status = collector.status()
        tap.equal(sum(len(each["Examples"]) for each in status["Refused"].values()), 1)
        collector.put(recent(trace_id="1-not-an-id"))
        answer = ask(collector, trace="1-not-an-id")
        tap.equal(kinds(answer), ["InvalidId", "InvalidTraceId"])
        tap.equal(answer["Findings"][1]["Examples"][0]["Source"], "http")


def test_whole_requests():
    """a request that is refused as a whole is counted and shown too, X-Ray's and OTLP's"""
    with tap.Collector() as collector:
        for body, headers, expected in ((b"{", {"Content-Type": "application/json"}, 1), (b"[]", {"Content-Type": "application/json"}, 1),
                                        (b"{}", {"Content-Type": "text/html"}, 1),
                                        (encode({"TraceSegmentDocuments": [json.dumps(recent())] * 51}), {"Content-Type": "application/json"}, 51),
                                        (encode({"TraceSegmentDocuments": ["{}", 1]}), {"Content-Type": "application/json"}, 2)):
            before = collector.status()["Received"]
            status, _, _ = collector.request("POST", "/TraceSegments", body, headers)
            assert 400 <= status < 500, status
            tap.equal(collector.status()["Received"] - before, expected, repr(body[:40]))
        refused = collector.status()["Refused"]
        tap.equal(list(refused), ["RequestRefused"])
        tap.equal(len(refused["RequestRefused"]["Examples"]), 5)
        assert all(each["Problem"] for each in refused["RequestRefused"]["Examples"]), refused


def test_partial():
    """a trace without its root names what is missing; one that still runs says so"""
    with tap.Collector() as collector:
        child = recent(parent_id="00000000deadbeef", name="charge")
        collector.put(child)
        answer = ask(collector, trace=child["trace_id"])
        tap.equal(answer["Verdict"], "partial")
        assert "“charge” belongs to 00000000deadbeef" in answer["Findings"][1]["Text"], answer
        running = recent(in_progress=True, end_time=None)
        collector.put(running)
        answer = ask(collector, trace=running["trace_id"])
        tap.equal((answer["Verdict"], kinds(answer)), ("stored", ["Stored", "Running"]))
        collector.put(document := recent())
        collector.put(document)
        tap.equal(kinds(ask(collector, trace=document["trace_id"])), ["Stored", "Duplicate"])


def test_age():
    """an id older than what is kept, and one from the future"""
    with tap.Collector() as collector:
        collector.put(recent())
        now = int(time.time())
        tap.equal(kinds(ask(collector, trace=f"1-{now - 8 * 86400:08x}-{1:024x}"), "problem"), ["Expired"])
        assert "AheadOfTime" in kinds(ask(collector, trace=f"1-{now + 86400:08x}-{1:024x}"), "maybe")
        tap.equal(kinds(ask(collector, trace=f"1-{0:08x}-{1:024x}"), "problem"), [])


def test_sampling():
    """what was not sampled: by the header, by the rules, by what programs report"""
    with tap.Collector() as collector:
        document = recent()
        collector.put(document)
        other = recent()["trace_id"]
        tap.equal(kinds(ask(collector, trace=f"Root={other};Sampled=0"), "problem"), ["Unsampled"])
        tap.equal(kinds(ask(collector, trace=other)), ["Sampling"])
        collector.call("/CreateSamplingRule", {"SamplingRule": {
            "RuleName": "few", "Priority": 1, "FixedRate": 0.05, "ReservoirSize": 1, "ServiceName": "*", "ServiceType": "*", "Host": "*",
            "HTTPMethod": "*", "URLPath": "*", "ResourceARN": "*", "Version": 1}})
        answer = ask(collector, trace=other)
        assert "“few” takes 5" in answer["Findings"][-1]["Text"], answer


def test_key():
    """a key that is only metadata"""
    with tap.Collector() as collector:
        document = recent(metadata={"shop": {"user": 1}}, subsegments=[
            {"id": "00000000000000aa", "name": "x", "start_time": 1, "end_time": 2, "annotations": {"plan": "gold"}, "metadata": {"b": {"plan": 1}}}])
        collector.put(document)
        for question in ({"trace": document["trace_id"]}, {}):
            assert "Metadata" in kinds(ask(collector, key="user", **question), "problem")
            assert "Annotation" in kinds(ask(collector, key="plan", **question), "fine")
            assert "Metadata" not in kinds(ask(collector, key="plan", **question))
            assert "NoSuchKey" in kinds(ask(collector, key="name", **question), "maybe")


def test_group():
    """a group that was made later holds nothing of before"""
    with tap.Collector() as collector:
        old = recent()
        old["start_time"] -= 100
        collector.put(old)
        collector.summaries()
        collector.call("/CreateGroup", {"GroupName": "webs", "FilterExpression": 'service("web")'})
        for name, expected in (("web", "Group"), ("other", "GroupOther")):
            document = recent(name=name, start_time=time.time() + 5, end_time=time.time() + 6)
            collector.put(document)
            assert expected in kinds(ask(collector, trace=document["trace_id"], group="webs")), name
        tap.equal(kinds(ask(collector, trace=old["trace_id"], group="webs"), "problem"), ["GroupLater"])
        assert "NoSuchGroup" in kinds(ask(collector, group="Webs"))
        assert "Group" in kinds(ask(collector, group="Default"))


def test_cli():
    """fluoroscope-cli status --why says the same, with an exit code for scripts"""
    with tap.Collector() as collector:
        def cli(*arguments):
            run = subprocess.run([os.path.join(tap.BUILD, "src", "cli", "fluoroscope-cli"), "--endpoint", collector.endpoint, "status", *arguments],
                                 env={**tap.environment(collector.home), "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, timeout=tap.PATIENCE)
            return run.returncode, run.stdout, run.stderr
        document = recent()
        collector.put(document, {**recent(), "id": "\x1b[31mred"})
        code, out, _ = cli("--why", document["trace_id"])
        tap.equal(code, 0)
        assert out.startswith("The trace is here.\n\n✓ It is here"), out
        code, out, _ = cli("--why", "1-5759e988-bd86")
        tap.equal(code, 3)
        assert "the last group has 4 hexadecimal digits where there must be 24" in out, out
        code, out, _ = cli("--why", "--key", "user")
        tap.equal(code, 0)
        assert "\\u001b[31mred" in out and "by http from" in out and "→ " in out and "\x1b" not in out, out
        code, out, _ = cli("--why", "--json")
        tap.equal(json.loads(out)["Verdict"], "maybe")
        assert "status --why" in cli()[1]
        for arguments in (("1-5759e988-bd86",), ("--key", "user")):
            code, _, err = cli(*arguments)
            tap.equal(code, 2)
            assert "--why" in err, err


def test_exact():
    """under many senders at once received is stored and refused, at every moment, and examples stay few"""
    with tap.Collector() as collector:
        def send(number):
            for i in range(60):
                document = recent()
                collector.datagram((tap.HEADER if i % 3 else b"junk\n") + encode(document))
                collector.put(document, "{", {**document, "id": "x"})
                if number == 0:
                    collector.status()
                    ask(collector)
        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        status = tap.wait_until(lambda: (lambda now: now["Received"] == 4 * 60 * 4 and now)(collector.status()), "all is counted")
        tap.equal(status["Refused"]["ParseError"]["Count"], 240)
        tap.equal(status["Refused"]["InvalidId"]["Count"], 240)
        tap.equal(status["Refused"]["HeaderError"]["Count"], 80)
        assert all(len(each["Examples"]) <= 5 for each in status["Refused"].values()), status


tap.run([test_empty, test_stored, test_invalid, test_refused, test_whole_requests, test_partial, test_age, test_sampling, test_key, test_group,
         test_cli, test_exact])
