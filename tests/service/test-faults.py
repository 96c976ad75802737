#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that fail, directories that vanish and clocks that jump: told in words, survived, and over without a restart.

FLUO_TEST_FAULTS says up to which call each is made to fail (500 before a release)."""

import errno
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import faults
import tap

N_CALLS = int(os.environ.get("FLUO_TEST_FAULTS", "60"))
OPEN = ["--auth=none"]
TEN_YEARS = 10 * 366 * 86400


def put(collector, documents):
    """TRUE when they were acknowledged; else 503 with everything that belongs to it."""
    status, headers, text = collector.request("POST", "/TraceSegments", {"TraceSegmentDocuments": [
        json.dumps(each) for each in documents]})
    if status == 200:
        tap.equal(json.loads(text), {"UnprocessedTraceSegments": []})
        return True
    tap.equal((status, headers["x-amzn-errortype"]), (503, "ServiceUnavailable"), text)
    assert int(headers["retry-after"]) > 0 and json.loads(text)["Message"], (headers, text)
    return False


def read_all(collector):
    return {each["Id"] for each in collector.summaries()}


def settle_down(collector, kept, what):
    """After the trouble is over: writing works without a restart, and nothing that was acknowledged is missing."""
    fresh = tap.segment()
    tap.wait_until(lambda: put(collector, [fresh]), what + ": writing works again")
    kept.add(fresh["trace_id"])
    tap.wait_until(lambda: collector.status()["LastError"] is None, what + ": found out that it is over")
    tap.wait_until(lambda: kept <= read_all(collector), f"{what}: all {len(kept)} are there")
    tap.wait_until(lambda: tap.graph_totals(collector) == len(read_all(collector)), what + ": the graph agrees")


def moved_aside(home):
    return [each for each in os.listdir(os.path.join(home, "data", "fluoroscope")) if "damaged" in each]


def check_again(home, kept):
    """The next start finds a sound store."""
    with tap.Collector(home=home, arguments=OPEN) as collector:
        found = read_all(collector)
        assert kept <= found, f"{len(kept - found)} of {len(kept)} lost"
        tap.equal((collector.status()["LastError"], tap.graph_totals(collector)), (None, len(found)))
    tap.equal(moved_aside(home), [])


def round_of_work(collector, kept):
    """A few documents and a question; whether they were acknowledged."""
    documents = [tap.segment() for _ in range(3)]
    taken = put(collector, documents)
    if taken:
        kept.update(each["trace_id"] for each in documents)
    # Reading meets its share of failures, and says so.
    status, _, text = collector.request("POST", "/TraceSummaries", {"StartTime": 0, "EndTime": 4102444800})
    assert status in (200, 503), text
    return taken


def fail_each_call(error, kinds, steps=1):
    """@steps: between one call that fails and the next that does."""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    kept, refused = set(), 0
    try:
        with faults.Faults() as control:
            with tap.Collector(home=home, arguments=OPEN, prefix=control.prefix()) as collector:
                put(collector, [tap.segment()])
                for first in range(1, N_CALLS * steps + 1, steps):
                    control.fail(first, n=1 + first % 3, error=error, kinds=kinds)
                    tries = 0
                    while control.count() < first + 3 and tries < N_CALLS:
                        tries += 1
                        refused += not round_of_work(collector, kept)
                    control.stop()
                    tap.equal(collector.process.poll(), None, collector.read_log())
                settle_down(collector, kept, os.strerror(error))
        assert refused > 0, "no call failed"
        print(f"# {os.strerror(error)}: {refused} requests refused, {len(kept)} traces acknowledged", flush=True)
        check_again(home, kept)
    finally:
        shutil.rmtree(home)


def test_io_error():
    """each call on the files fails with EIO once: 503 at most, nothing acknowledged is lost, over without a restart"""
    fail_each_call(errno.EIO, faults.EVERY_KIND)


def test_no_space():
    """the same for ENOSPC on all that writes"""
    fail_each_call(errno.ENOSPC, faults.WRITE | faults.SYNC | faults.TRUNCATE)


def test_no_memory():
    """the same when SQLite gets no memory, whatever for"""
    fail_each_call(errno.ENOMEM, faults.MEMORY, 7)


def test_starts():
    """a start while a call fails: it ends and says why, or is as always; what was there stays"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    kinds = ((errno.EIO, faults.EVERY_KIND | faults.MAP, 1), (errno.EMFILE, faults.OPEN, 1), (errno.ENOMEM, faults.MEMORY, 23),
             (errno.ENOMEM, faults.MAP, 1), (errno.ENOSPC, faults.WRITE | faults.SYNC | faults.TRUNCATE, 1))
    ends = 0
    try:
        with tap.Collector(home=home, arguments=OPEN) as collector:
            traces = [tap.segment() for _ in range(20)]
            assert put(collector, traces)
            kept = {each["trace_id"] for each in traces}
            for name in ("one", "two"):
                collector.call("/CreateGroup", {"GroupName": name, "FilterExpression": "fault"})
            collector.call("/CreateSamplingRule", {"SamplingRule": {
                "RuleName": "kept", "ResourceARN": "*", "Priority": 1, "FixedRate": 0.5, "ReservoirSize": 1, "ServiceName": "*",
                "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1}})
        with faults.Faults() as control:
            for error, which, steps in kinds:
                for first in range(1, N_CALLS * steps + 1, steps):
                    # The log tells of the last start only.
                    open(os.path.join(home, "log"), "w").close()
                    control.fail(first, n=1 + first % 2, error=error, kinds=which)
                    what = f"{os.strerror(error)}, call {first}"
                    try:
                        collector = tap.Collector(home=home, arguments=OPEN, prefix=control.prefix())
                        control.stop()
                        tap.equal(collector.stop(), 0, what)
                    except AssertionError as problem:
                        assert "the collector ended" in str(problem) and home in str(problem), f"{what}: {problem}"
                        ends += 1
                    is_over = control.count() < first
                    control.stop()
                    tap.equal(moved_aside(home), [], f"{what}: {open(os.path.join(home, 'log')).read()}")
                    if is_over:
                        break
            assert ends > 0, "no start has failed"
            print(f"# {ends} starts have ended", flush=True)
        check_again(home, kept)
        with tap.Collector(home=home, arguments=OPEN) as collector:
            tap.equal(sorted(each["GroupName"] for each in collector.call("/Groups")["Groups"]), ["Default", "one", "two"])
            names = [each["SamplingRule"]["RuleName"] for each in collector.call("/GetSamplingRules")["SamplingRuleRecords"]]
            assert "kept" in names, names
    finally:
        shutil.rmtree(home)


def test_no_space_for_long():
    """no space for long: HTTP is told, UDP counted, reading goes on, the error is shown"""
    with faults.Faults() as control, tap.Collector(arguments=OPEN, prefix=control.prefix()) as collector:
        kept = {tap.segment()["trace_id"] for _ in range(0)}
        first = tap.segment()
        assert put(collector, [first])
        kept.add(first["trace_id"])
        control.fail(1, n=1 << 40, error=errno.ENOSPC, kinds=faults.WRITE)
        for _ in range(5):
            assert not put(collector, [tap.segment()])
        before = collector.status()
        assert "the disk is full" in before["LastError"], before
        for _ in range(20):
            collector.datagram(tap.HEADER + json.dumps(tap.segment()).encode())
        after = tap.wait_until(lambda: (lambda now: now["Received"] == before["Received"] + 20 and now)(collector.status()), "counted")
        tap.equal(after["Refused"]["StoreFull"]["Count"], 25)
        tap.equal(read_all(collector), kept, "what was there before")
        control.stop()
        settle_down(collector, kept, "space again")


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rests(collector, what):
    """What is left to do ends, and then it takes less than 2 % of a processor, of which half a second is looked at."""
    def is_quiet():
        before, begin = cpu_seconds(collector.process), time.monotonic()
        time.sleep(0.5)
        used, passed = cpu_seconds(collector.process) - before, time.monotonic() - begin
        return used <= 0.02 * passed + 0.01  # that clock ticks in hundredths
    tap.wait_until(is_quiet, what + ": at rest")


def test_no_busy_loop():
    """while every call fails it waits for better times and does not spin"""
    with faults.Faults() as control, tap.Collector(arguments=OPEN, prefix=control.prefix()) as collector:
        kept = set()
        for error, kinds in ((errno.ENOSPC, faults.WRITE), (errno.EIO, faults.EVERY_KIND), (errno.EIO, faults.READ)):
            documents = [tap.segment() for _ in range(20)]
            assert put(collector, documents)
            kept.update(each["trace_id"] for each in documents)
            control.fail(1, n=1 << 40, error=error, kinds=kinds)
            put(collector, [tap.segment()])
            tap.equal(collector.request("GET", "/fluoroscope/v1/status")[0], 200)
            rests(collector, f"{os.strerror(error)}, {kinds}")
            control.stop()
            settle_down(collector, kept, os.strerror(error))


def test_clock():
    """the clock jumps ten years and back: everything is stored and found, nothing is thrown away, nothing spins"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with faults.Faults() as control:
            kept = set()
            with tap.Collector(home=home, arguments=OPEN, prefix=control.prefix()) as collector:
                for seconds in (0, TEN_YEARS, -TEN_YEARS, 3600, -3600, 0):
                    control.move_clock(seconds)
                    now = time.time() + seconds
                    document = tap.segment()
                    document.update(trace_id=f"1-{int(now):08x}-{document['trace_id'][11:]}", start_time=now, end_time=now + 0.5)
                    assert put(collector, [document]), seconds
                    kept.add(document["trace_id"])
                    tap.wait_until(lambda: document["trace_id"] in read_all(collector), f"{seconds}: found")
                    found = collector.call("/TraceSummaries", {"StartTime": now - 1, "EndTime": now + 1})["TraceSummaries"]
                    assert document["trace_id"] in [each["Id"] for each in found], f"{seconds}: at its time"
                    live = collector.status()
                    tap.equal(live["LastError"], None, seconds)
                    rests(collector, f"{seconds}")
            control.move_clock(TEN_YEARS)
            with tap.Collector(home=home, arguments=OPEN + ["--retention", "36500d"], prefix=control.prefix()) as collector:
                tap.equal(read_all(collector), kept, "after a start ten years later")
            control.move_clock(-TEN_YEARS)
            with tap.Collector(home=home, arguments=OPEN, prefix=control.prefix()) as collector:
                tap.equal(read_all(collector), kept, "after a start ten years before")
    finally:
        shutil.rmtree(home)


def test_summer_time():
    """an hour that comes twice, or never, changes nothing: times are counted in seconds since 1970"""
    lists = []
    serial = tap._serial
    for zone in ("Europe/Berlin", "America/New_York", "UTC"):
        os.environ["TZ"] = zone
        tap._serial = serial
        try:
            with tap.Collector(arguments=OPEN) as collector:
                for begin in (1761438600, 1774745400):  # 00:30 UTC of the nights in October 2025 and March 2026
                    for minutes in range(0, 120, 10):
                        now = begin + 60 * minutes
                        document = tap.segment()
                        document.update(trace_id=f"1-{now:08x}-{document['trace_id'][11:]}", start_time=now, end_time=now + 0.5)
                        assert put(collector, [document])
                lists.append([(each["Id"], each["StartTime"], each["Duration"]) for each in collector.summaries()])
        finally:
            os.environ["TZ"] = "UTC"
    tap.equal(len(lists[0]), 24)
    assert lists[0] == lists[1] == lists[2], lists


def test_read_only():
    """a directory that can't be written to: the start says which, and ends"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    directory = os.path.join(home, "data", "fluoroscope")
    os.makedirs(directory, mode=0o700)
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m,mode=700", "tmpfs", directory],
                                                   stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        if not mounted and os.geteuid() == 0:
            raise tap.Skip("root may write everywhere, and a read-only file system can't be mounted here")
        os.chmod(directory, 0o500) if not mounted else None
        try:
            tap.Collector(home=home, arguments=OPEN)
        except AssertionError as error:
            assert directory in str(error), error
            assert "Read-only" in str(error) or "Permission denied" in str(error), error
        else:
            raise AssertionError("it started")
    finally:
        if mounted:
            subprocess.run(["umount", directory], check=True)
        else:
            os.chmod(directory, 0o700)
        shutil.rmtree(home)


def test_becomes_read_only():
    """a file system that becomes read-only: 503 and told, reading goes on, and it is over when it can be written to again"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    with faults.Faults() as control:
        with tap.Collector(home=home, arguments=OPEN, prefix=control.prefix()) as collector:
            first = tap.segment()
            assert put(collector, [first])
            control.fail(1, n=1 << 40, error=errno.EROFS, kinds=faults.WRITE | faults.TRUNCATE)
            assert not put(collector, [tap.segment()])
            assert collector.status()["LastError"], "told"
            tap.equal(read_all(collector), {first["trace_id"]})
            control.stop()
            settle_down(collector, {first["trace_id"]}, "writable again")
    shutil.rmtree(home)


def test_vanished():
    """the directory is deleted under a running collector: no crash, no spinning, an answer to everything, a clean end"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    collector = tap.Collector(home=home, arguments=OPEN)
    try:
        assert put(collector, [tap.segment()])
        shutil.rmtree(os.path.join(home, "data"))
        for _ in range(10):
            put(collector, [tap.segment()])
            status, _, text = collector.request("POST", "/TraceSummaries", {"StartTime": 0, "EndTime": 4102444800})
            assert status in (200, 503), text
            status, _, text = collector.request("POST", "/CreateGroup", {"GroupName": tap.segment()["id"]})
            assert status in (200, 503), text
        rests(collector, "without a directory")
        collector.status()
    finally:
        tap.equal(collector.stop(), 0, collector.read_log())
        shutil.rmtree(home)


def test_too_few_files():
    """no more files may be opened: connections wait or are refused, and all is well afterwards"""
    with tap.Collector(arguments=OPEN) as collector:
        assert put(collector, [tap.segment()])
        pid = collector.process.pid
        usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        open_now = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (open_now + 3, usual[1]))
        connections = []
        for _ in range(20):
            connection = socket.create_connection((collector.host, collector.port))
            connection.settimeout(0.05)
            connections.append(connection)
        rests(collector, "without files")
        for _ in range(10):
            collector.datagram(tap.HEADER + json.dumps(tap.segment()).encode())
        for connection in connections:
            connection.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
        tap.wait_until(lambda: collector.status()["Stored"] == 11, "datagrams were stored meanwhile")
        settle_down(collector, set(), "files again")


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    tap.run([test_io_error, test_no_space, test_no_memory, test_starts, test_no_space_for_long, test_no_busy_loop, test_clock, test_summer_time, test_read_only,
             test_becomes_read_only, test_vanished, test_too_few_files])
