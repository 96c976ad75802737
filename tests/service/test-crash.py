#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collector is killed at any moment: nothing that was acknowledged is lost, and nothing is counted twice.

FLUO_TEST_KILLS says how many times (1000 before a release), FLUO_TEST_SEED where the random numbers begin."""

import concurrent.futures
import http.client
import json
import os
import random
import shutil
import socket
import sqlite3
import tempfile
import threading
import time

import tap

KILLS = int(os.environ.get("FLUO_TEST_KILLS", "200"))
SEED = int(os.environ.get("FLUO_TEST_SEED", "1"))
CHECK_EVERY = 20


class Ledger:
    """What was sent and what was acknowledged, of all runs."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}          # document id → document, the last that was sent
        self.acknowledged = {}  # document id → document
        self.fresh = []         # ids that the run before acknowledged

    def note_sent(self, documents):
        with self.lock:
            for document in documents:
                self.sent[document["id"]] = document

    def note_acknowledged(self, documents):
        with self.lock:
            for document in documents:
                self.acknowledged[document["id"]] = document
                self.fresh.append(document["id"])


def make_batch(ledger, numbers):
    """New traces, further segments of old ones, repetitions, and segments that still run or just ended."""
    documents = []
    for _ in range(numbers.randrange(1, 12)):
        with ledger.lock:
            known = list(ledger.acknowledged.values()) if numbers.random() < 0.4 else []
        roots = [each for each in known if each["name"] == "web"]
        if roots and numbers.random() < 0.5:
            root = numbers.choice(roots)
            documents.append({**tap.segment(name="late"), "trace_id": root["trace_id"], "parent_id": root["id"],
                              "start_time": root["start_time"], "end_time": root["start_time"] + 0.1})
        elif known:
            again = numbers.choice(known)
            documents.append(again if "end_time" in again else
                             {**{key: value for key, value in again.items() if key != "in_progress"},
                              "end_time": again["start_time"] + 0.25})
        else:
            document = tap.segment(metadata={"x": "y" * numbers.randrange(2000)})
            if numbers.random() < 0.2:
                del document["end_time"]
                document["in_progress"] = True
            documents.append(document)
    return documents


def send_http(collector, ledger, seed, stop):
    numbers = random.Random(seed)
    try:
        connection = http.client.HTTPConnection(collector.host, collector.port, timeout=tap.PATIENCE)
        while not stop.is_set():
            documents = make_batch(ledger, numbers)
            ledger.note_sent(documents)
            connection.request("POST", "/TraceSegments", json.dumps(
                {"TraceSegmentDocuments": [json.dumps(each) for each in documents]}), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 503:
                continue  # it is ending
            tap.equal((answer.status, json.loads(text)["UnprocessedTraceSegments"]), (200, []), text)
            ledger.note_acknowledged(documents)
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        pass  # killed


def send_udp(collector, ledger, seed, stop):
    numbers = random.Random(seed)
    host, _, port = collector.ready["udp"][0].rpartition(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while not stop.wait(0.0005):
            document = tap.segment(name="udp", metadata={"x": "y" * numbers.randrange(500)})
            ledger.note_sent([document])
            sender.sendto(tap.HEADER + json.dumps(document).encode(), (host, int(port)))


def kill_under_load(collector, ledger, numbers):
    stop = threading.Event()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        senders = [pool.submit(send, collector, ledger, numbers.random(), stop) for send in (send_http, send_http, send_udp)]
        time.sleep(numbers.random() * 0.08)  # any moment will do
        if numbers.random() < 0.3:
            # In the middle of a clean end, when everything that is open is packed.
            collector.process.terminate()
            time.sleep(numbers.random() * 0.03)
        collector.kill()
        stop.set()
        for sender in senders:
            sender.result()


def read_documents(collector, trace_ids):
    """Document id → document, of the traces."""
    found = {}
    for i in range(0, len(trace_ids), 5):
        answer = collector.call("/Traces", {"TraceIds": trace_ids[i:i + 5]})
        tap.equal({trace["Id"] for trace in answer["Traces"]}, set(trace_ids[i:i + 5]), "traces that are there")
        for trace in answer["Traces"]:
            for segment in trace["Segments"]:
                assert segment["Id"] not in found, "twice: " + segment["Id"]
                found[segment["Id"]] = json.loads(segment["Document"])
    return found


def is_kept(ledger, found, identifier):
    """The acknowledged document is there, or what was sent after it in its place."""
    acknowledged = ledger.acknowledged[identifier]
    return identifier in found and (found[identifier] == acknowledged or "in_progress" in acknowledged)


def check_fresh(collector, ledger):
    """What the last run acknowledged is there."""
    fresh, ledger.fresh = ledger.fresh, []
    some = {ledger.acknowledged[each]["trace_id"] for each in fresh[-60:]}
    found = read_documents(collector, sorted(some))
    lost = [each for each in fresh[-60:] if not is_kept(ledger, found, each)]
    tap.equal(lost, [], "lost")


def check_all(collector, ledger):
    """Everything is there, once, and list, graph and figures say the same."""
    summaries = {each["Id"]: each for each in collector.summaries()}
    tap.equal(collector.status()["Traces"], len(summaries), "traces in the status")
    found = read_documents(collector, sorted(summaries))
    lost = [each for each in ledger.acknowledged if not is_kept(ledger, found, each)]
    tap.equal(lost, [], "lost")
    tap.equal([each for each in found if each not in ledger.sent], [], "made up")
    for name in ("web", "late", "udp"):
        ended = [each for each in found.values() if each["name"] == name and "end_time" in each]
        tap.equal(tap.graph_totals(collector, name), len(ended), f"requests of {name} in the service graph")
    return len(found)


def check_files(home):
    """SQLite finds nothing wrong with what a kill has left."""
    copy = os.path.join(home, "copy")
    shutil.copytree(os.path.join(home, "data", "fluoroscope"), copy)
    for name in ("traces.db", "settings.db"):
        database = sqlite3.connect(os.path.join(copy, name))
        tap.equal(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)], name)
        database.close()
    shutil.rmtree(copy)


def test_kill():
    """kill -9 at random moments of mixed load: nothing acknowledged is lost, nothing counted twice, nothing damaged"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    numbers = random.Random(SEED)
    ledger = Ledger()
    slowest = 0
    try:
        for cycle in range(KILLS):
            begin = time.monotonic()
            collector = tap.Collector(home=home, arguments=["--auth=none"])
            check_fresh(collector, ledger)
            slowest = max(slowest, time.monotonic() - begin)
            if cycle % CHECK_EVERY == CHECK_EVERY - 1:
                check_all(collector, ledger)
            kill_under_load(collector, ledger, numbers)
            if cycle % CHECK_EVERY == 0:
                check_files(home)
        with tap.Collector(home=home, arguments=["--auth=none"]) as collector:
            n = check_all(collector, ledger)
            tap.equal(collector.status()["LastError"], None)
        tap.equal([name for name in os.listdir(os.path.join(home, "data", "fluoroscope")) if "damaged" in name], [])
        print(f"# {KILLS} kills, {len(ledger.acknowledged)} documents acknowledged, {n} stored of {len(ledger.sent)} sent; "
              f"started and asked in {slowest:.2f} s at most", flush=True)
    finally:
        shutil.rmtree(home)


def test_kill_while_expiring():
    """the same when old traces are let go all the time: list, graph and figures agree after every kill"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    numbers = random.Random(SEED)
    try:
        for _ in range(max(KILLS // 10, 1)):
            collector = tap.Collector(home=home, arguments=["--auth=none", "--max-size", "1M"])
            for _ in range(numbers.randrange(2, 8)):
                collector.put(*[tap.segment(metadata={"x": numbers.randbytes(1500).hex()}) for _ in range(50)])
            if numbers.random() < 0.5:
                collector.process.terminate()
            time.sleep(numbers.random() * 0.05)
            collector.kill()
            # Large enough that nothing goes while it is looked at.
            with tap.Collector(home=home, arguments=["--auth=none"]) as collector:
                n = len(collector.summaries())
                tap.equal(collector.status()["Traces"], n)
                tap.equal(tap.graph_totals(collector), n, "the service graph")
            check_files(home)
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    tap.run([test_kill, test_kill_while_expiring])
