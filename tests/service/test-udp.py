#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes by UDP is stored, or counted under exactly one reason; nasty datagrams: test-nasty.py."""

import json
import os
import signal
import socket
import struct

import tap


def encode(document):
    return json.dumps(document).encode()


def test_sources():
    """datagrams from another address of this computer, without a source port, or to everyone are not taken"""
    with tap.Collector() as collector:
        host, _, port = collector.ready["udp"][0].rpartition(":")
        payload = tap.HEADER + encode(tap.segment())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(payload, ("127.255.255.255", int(port)))  # never arrives: nothing to count
        foreign = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            try:
                sender.connect(("192.0.2.1", 9))  # sends nothing; chooses the address that leads out
                own = sender.getsockname()[0]
            except OSError:
                own = None
        if own and not own.startswith("127."):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((own, 0))
                sender.sendto(payload, (host, int(port)))
            foreign += 1
        if os.geteuid() == 0:
            with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as sender:
                sender.sendto(struct.pack("!HHHH", 0, int(port), 8 + len(payload), 0) + payload, (host, 0))
            foreign += 1
        tap.wait_until(lambda: collector.status()["Received"] == foreign, "received")
        collector.datagram(payload)
        status = tap.wait_until(lambda: (lambda now: now["Stored"] and now)(collector.status()), "stored")
        tap.equal((status["Received"], status["Stored"]), (foreign + 1, 1))
        tap.equal({word: value["Count"] for word, value in status["Refused"].items()}, {"ForeignSource": foreign} if foreign else {})
        if not foreign:
            raise tap.Skip("no other address, and raw sockets need root")


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
    tap.run([test_sources, test_duplicate, test_in_progress, test_burst, test_ipv6])
