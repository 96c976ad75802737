#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes by UDP is stored, or counted under exactly one reason."""

import json
import os
import signal
import socket

import tap


def encode(document):
    return json.dumps(document).encode()


# Each a datagram and what becomes of it; None = stored.
CASES = [
    ("a datagram without anything", b"", "HeaderError"),
    ("a header only", tap.HEADER, "ParseError"),
    ("a header without a line feed", tap.HEADER.strip(), "HeaderError"),
    ("CR LF after the header", lambda: tap.HEADER.strip() + b"\r\n" + encode(tap.segment()), None),
    ("blanks in the header", lambda: b'{ "format" : "json", "version" : 1 }\n' + encode(tap.segment()), None),
    ("version 2", lambda: b'{"format":"json","version":2}\n' + encode(tap.segment()), "HeaderError"),
    ("version as text", lambda: b'{"format":"json","version":"1"}\n' + encode(tap.segment()), "HeaderError"),
    ("no version", lambda: b'{"format":"json"}\n' + encode(tap.segment()), "HeaderError"),
    ("format JSON", lambda: b'{"format":"JSON","version":1}\n' + encode(tap.segment()), None),
    ("format xml", lambda: b'{"format":"xml","version":1}\n' + encode(tap.segment()), "HeaderError"),
    ("a document without header", lambda: encode(tap.segment()), "HeaderError"),
    ("65507 bytes of brackets", b"[" * 65507, "HeaderError"),
    ("brackets after a header", tap.HEADER + b"[" * (65507 - len(tap.HEADER)), "ParseError"),
    ("two documents", lambda: tap.HEADER + encode(tap.segment()) + b"\n" + encode(tap.segment()), "ParseError"),
    ("cut inside a character", lambda: tap.HEADER + json.dumps(tap.segment(name="blüte"), ensure_ascii=False).encode()
     .split(b"\xbc")[0], "ParseError"),
    ("gzip", bytes.fromhex("1f8b0800000000000003abae0500432a") + b"\0" * 20, "HeaderError"),
    ("a DNS query", bytes.fromhex("abcd01000001000000000000076578616d706c6503636f6d0000010001"), "HeaderError"),
    ("SSDP", b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n", "HeaderError"),
    ("StatsD", b"a:1|c", "HeaderError"),
    ("no trace id", lambda: tap.HEADER + encode(tap.segment(trace_id=None)), "MissingTraceId"),
    ("a bad id", lambda: tap.HEADER + encode(tap.segment(id="xyz")), "InvalidId"),
    ("no end", lambda: tap.HEADER + encode(tap.segment(end_time=None)), "MissingEndTime"),
    ("still running", lambda: tap.HEADER + encode(tap.segment(end_time=None, in_progress=True)), None),
    ("running with an end", lambda: tap.HEADER + encode(tap.segment(in_progress=True)), "InProgressSegmentHasEndTime"),
    ("an unknown type", lambda: tap.HEADER + encode(tap.segment(type="span")), "UnknownType"),
    ("an orphan without parent_id", lambda: tap.HEADER + encode(tap.segment(type="subsegment")), "MissingParentId"),
]


def test_cases():
    """every bad datagram is counted under its reason and nothing else"""
    with tap.Collector() as collector:
        before = collector.status()
        for name, payload, reason in CASES:
            collector.datagram(payload() if callable(payload) else payload)
            after = tap.wait_until(lambda: (lambda now: now["Received"] > before["Received"] and now)(collector.status()), name)
            tap.equal(after["Received"], before["Received"] + 1, name)
            tap.equal(after["Stored"] - before["Stored"], 0 if reason else 1, f"{name}: {after['Refused']}")
            changed = {word: value["Count"] for word, value in after["Refused"].items()
                       if value["Count"] != before["Refused"].get(word, {"Count": 0})["Count"]}
            tap.equal(set(changed), {reason} if reason else set(), name)
            before = after
        for value in before["Refused"].values():
            assert value["Meaning"], "each reason is told in words"


def test_duplicate():
    """a second completed document of an id is a duplicate, and the first stays"""
    with tap.Collector() as collector:
        document = tap.segment(name="first")
        for name in ("first", "second"):
            collector.datagram(tap.HEADER + encode({**document, "name": name}))
            tap.wait_until(lambda: collector.status()["Received"] >= (1 if name == "first" else 2), "received")
        tap.equal(collector.status()["Refused"]["Duplicate"]["Count"], 1)
        stored = collector.call("/Traces", {"TraceIds": [document["trace_id"]]})["Traces"][0]["Segments"]
        tap.equal([json.loads(each["Document"])["name"] for each in stored], ["first"])


def test_in_progress():
    """a completed document replaces the one in progress"""
    with tap.Collector() as collector:
        document = tap.segment()
        running = {key: value for key, value in document.items() if key != "end_time"}
        collector.datagram(tap.HEADER + encode({**running, "in_progress": True}))
        tap.wait_until(lambda: collector.status()["Stored"] == 1, "stored")
        assert collector.summaries()[0]["IsPartial"]
        collector.datagram(tap.HEADER + encode(document))
        tap.wait_until(lambda: collector.status()["Stored"] == 2, "stored")
        summary = collector.summaries()[0]
        assert not summary["IsPartial"]
        tap.equal(summary["Duration"], 0.25)
        tap.equal(summary["Revision"], 2)


def test_burst():
    """what the kernel drops in a burst is counted though nothing follows"""
    total = 20000
    with tap.Collector() as collector:
        host, _, port = collector.ready["udp"][0].rpartition(":")
        filler = "x" * 3500
        # The receiver stands still, so that the buffer overflows for sure.
        os.kill(collector.process.pid, signal.SIGSTOP)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for _ in range(total):
                sender.sendto(tap.HEADER + encode(tap.segment(metadata={"filler": filler})), (host, int(port)))
        os.kill(collector.process.pid, signal.SIGCONT)
        status = tap.wait_until(lambda: (lambda now: now["Received"] == total and now)(collector.status()), "all accounted for")
        assert status["Refused"]["KernelDrop"]["Count"] > 0, status["Refused"]
        tap.equal(status["Traces"], status["Stored"])


def test_ipv6():
    """datagrams to ::1 arrive"""
    if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
        raise tap.Skip("no IPv6")
    with tap.Collector(udp=("127.0.0.1:0", "[::1]:0")) as collector:
        collector.datagram(tap.HEADER + encode(tap.segment()), which=1)
        tap.wait_until(lambda: collector.status()["Stored"] == 1, "stored")
        listener = [each for each in collector.status()["Listeners"] if each["Address"] == collector.ready["udp"][1]][0]
        tap.equal(listener["Received"], 1)
        assert listener["LastReceived"] > 1.7e9


if __name__ == "__main__":
    tap.run([test_cases, test_duplicate, test_in_progress, test_burst, test_ipv6])
