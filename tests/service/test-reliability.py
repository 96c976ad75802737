#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that was acknowledged is lost, and trouble is told, survived, and over without a restart."""

import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile

import tap


def launch(home, *arguments):
    """A start that is meant to fail: exit code and what was said."""
    result = subprocess.run([tap.BINARY, *arguments], env=tap.environment(home), text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=tap.PATIENCE, check=False)
    return result.returncode, result.stdout


def test_term():
    """SIGTERM stores what has come, empties the log into the database and exits with 0"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        collector = tap.Collector(home=home)
        for _ in range(500):
            collector.datagram(tap.HEADER + json.dumps(tap.segment()).encode())
        tap.equal(collector.stop(), 0)
        directory = os.path.join(home, "data", "fluoroscope")
        tap.equal(sorted(os.listdir(directory)), ["credentials", "lock", "settings.db", "traces.db"])
        assert not os.path.exists(os.path.join(home, "ready")), "the ready file is gone"
        with tap.Collector(home=home) as again:
            tap.equal(len(again.summaries()), 500)
    finally:
        shutil.rmtree(home)


def test_ready():
    """the service manager is told when it serves and when it stops"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(os.path.join(home, "notify"))
            manager.settimeout(tap.PATIENCE)
            os.environ["NOTIFY_SOCKET"] = os.path.join(home, "notify")
            try:
                collector = tap.Collector(home=home)
            finally:
                del os.environ["NOTIFY_SOCKET"]
            tap.equal(manager.recv(100), b"READY=1")
            collector.stop()
            tap.equal(manager.recv(100), b"STOPPING=1")
    finally:
        shutil.rmtree(home)


def test_taken():
    """a taken port: says who has it and how to choose another"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        for kind, option, other in ((socket.SOCK_STREAM, "--listen", "--udp"), (socket.SOCK_DGRAM, "--udp", "--listen")):
            with socket.socket(socket.AF_INET, kind) as holder:
                holder.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    holder.listen()
                address = f"127.0.0.1:{holder.getsockname()[1]}"
                code, said = launch(home, option, address, other, "127.0.0.1:0")
                tap.equal(code, 69, said)
                for part in (address, f"process {os.getpid()}", "python", "--listen 127.0.0.1:2001", "AWS_XRAY_DAEMON_ADDRESS"):
                    assert part in said, (part, said)
    finally:
        shutil.rmtree(home)


def test_options():
    """options that make no sense are told, each by name"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        for arguments, part in [(("--listen", "2000"), "“2000”"), (("--udp", "::1:2000"), "“::1:2000”"),
                                (("--listen", "127.0.0.1:65536"), "65536"), (("--retention", "soon"), "“soon”"),
                                (("--max-size", "-3"), "“-3”"), (("--max-size", "0"), "“0”"), (("extra",), "“extra”"),
                                (("--nonsense",), "nonsense")]:
            code, said = launch(home, *arguments)
            tap.equal(code, 64, said)
            assert part in said, (part, said)
        code, said = launch(home, "--version")
        tap.equal(code, 0)
        assert said.startswith("fluoroscoped "), said
    finally:
        shutil.rmtree(home)


def test_directory():
    """the store is private, and used by one collector only"""
    with tap.Collector() as collector:
        collector.put(tap.segment())
        directory = os.path.join(collector.home, "data", "fluoroscope")
        tap.equal(stat.S_IMODE(os.stat(directory).st_mode), 0o700)
        for name in os.listdir(directory):
            tap.equal(stat.S_IMODE(os.stat(os.path.join(directory, name)).st_mode), 0o600, name)
        code, said = launch(collector.home, "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0")
        tap.equal(code, 75, said)
        assert f"process {collector.process.pid}" in said, said
        shared = os.path.join(collector.home, "shared")
        os.mkdir(shared)
        os.chmod(shared, 0o770)
        code, said = launch(collector.home, "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0", "--data-dir", shared)
        tap.equal(code, 73, said)
        assert "others may write" in said, said


def test_damage():
    """a damaged store is moved aside, a new one begun, and the status tells"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        directory = os.path.join(home, "data", "fluoroscope")
        os.makedirs(directory, mode=0o700)
        os.chmod(directory, 0o700)
        with open(os.path.join(directory, "traces.db"), "wb") as file:
            file.write(b"this is no database " * 1000)
        with tap.Collector(home=home) as collector:
            assert "damaged" in collector.status()["LastError"]
            moved = [name for name in os.listdir(directory) if name.startswith("traces.db.damaged-")]
            tap.equal(len(moved), 1)
            collector.put(tap.segment())
            tap.equal(len(collector.summaries()), 1)
    finally:
        shutil.rmtree(home)


def test_damage_while_running():
    """damage that shows while it runs: the same, and what comes meanwhile is stored"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        collector = tap.Collector(home=home)
        for _ in range(20):
            collector.put(*[tap.segment(metadata={"x": "y" * 500}) for _ in range(50)])
        collector.stop()
        database = os.path.join(home, "data", "fluoroscope", "traces.db")
        size = os.path.getsize(database)
        with open(database, "r+b") as file:
            file.seek(16384)
            file.write(b"\xff" * (size - 16384))
        with tap.Collector(home=home) as again:
            again.put(tap.segment())
            tap.wait_until(lambda: "damaged" in (again.status()["LastError"] or ""), "the damage is told")
            again.put(tap.segment())
            assert again.summaries()
    finally:
        shutil.rmtree(home)


def fill(collector):
    """Sends until the store is full; the answer that says so."""
    for _ in range(2000):
        body = {"TraceSegmentDocuments": [json.dumps(tap.segment(metadata={"x": "y" * 20000})) for _ in range(20)]}
        status, headers, text = collector.request("POST", "/TraceSegments", body)
        if status != 200:
            return status, headers, json.loads(text)
    raise AssertionError("the store never became full")


def check_full(collector, make_room):
    status, headers, answer = fill(collector)
    tap.equal((status, headers["x-amzn-errortype"]), (503, "ServiceUnavailable"))
    assert int(headers["retry-after"]) > 0
    assert "the disk is full" in answer["Message"], answer
    counted = collector.status()
    assert counted["Refused"]["StoreFull"]["Count"] >= 20, counted["Refused"]
    assert "the disk is full" in counted["LastError"]

    def one_datagram_more():
        before = collector.status()
        collector.datagram(tap.HEADER + json.dumps(tap.segment(metadata={"x": "y" * 60000})).encode())
        after = tap.wait_until(lambda: (lambda now: now["Received"] > before["Received"] and now)(collector.status()), "accounted for")
        return after["Refused"]["StoreFull"]["Count"] > before["Refused"]["StoreFull"]["Count"]

    # A little may still fit.
    tap.wait_until(one_datagram_more, "a datagram is counted too")
    kept = len(collector.summaries())
    assert kept > 0, "reading goes on"
    make_room()
    tap.wait_until(lambda: collector.status()["LastError"] is None, "it finds out by itself that there is room")
    collector.put(tap.segment())
    tap.equal(len(collector.summaries()), kept + 1)


def test_full_disk():
    """a full disk: 503 with Retry-After, counted, told, and over when there is room again"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    directory = os.path.join(home, "small")
    os.mkdir(directory)
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", directory], stderr=subprocess.DEVNULL, check=False).returncode == 0
    try:
        if not mounted:
            raise tap.Skip("a small file system can't be mounted here")
        with tap.Collector(home=home, arguments=["--data-dir", directory]) as collector:
            check_full(collector, lambda: subprocess.run(["mount", "-o", "remount,size=64m", directory], check=True))
    finally:
        if mounted:
            subprocess.run(["umount", directory], check=True)
        shutil.rmtree(home)


def test_full_limit():
    """the same for a limit on the size of files"""
    if not shutil.which("prlimit"):
        raise tap.Skip("prlimit is not installed")
    with tap.Collector(prefix=["prlimit", "--fsize=4194304:67108864"]) as collector:
        check_full(collector, lambda: subprocess.run(["prlimit", f"--pid={collector.process.pid}", "--fsize=67108864:67108864"],
                                                     check=True))


def test_max_size():
    """--max-size lets the oldest traces go, and the graph with them"""
    with tap.Collector(arguments=["--max-size", "2M"]) as collector:
        newest = None
        for _ in range(10):
            documents = [tap.segment(metadata={"x": os.urandom(7500).hex()}) for _ in range(50)]
            collector.put(*documents)
            newest = documents[-1]
        tap.wait_until(lambda: collector.status()["Traces"] < 250, "the oldest are gone")
        found = {each["Id"] for each in collector.summaries()}
        assert newest["trace_id"] in found
        tap.wait_until(lambda: tap.graph_totals(collector) == len(collector.summaries()), "the graph follows")


def test_retention():
    """--retention lets traces go by themselves"""
    with tap.Collector(arguments=["--retention", "1s"]) as collector:
        collector.put(*[tap.segment() for _ in range(50)])
        tap.wait_until(lambda: collector.status()["Traces"] == 0, "they are gone")
        tap.equal(collector.summaries(), [])
        tap.equal(tap.graph_totals(collector), 0)


def test_groups_of_the_moment():
    """a trace belongs to the groups that were there when its first document was stored, whatever is made or comes later"""
    def members(collector, name):
        return {each["Id"] for each in collector.summaries(FilterExpression=f'group.name = "{name}"')}

    with tap.Collector() as collector:
        collector.call("/CreateGroup", {"GroupName": "before", "FilterExpression": 'service("web")'})
        for number in range(10):
            first, second = tap.segment(), tap.segment()
            collector.put(first)
            name = f"after{number}"
            collector.call("/CreateGroup", {"GroupName": name, "FilterExpression": 'service("web")'})
            collector.put({**tap.segment(), "trace_id": first["trace_id"], "parent_id": first["id"]}, second)
            tap.wait_until(lambda: members(collector, name) == {second["trace_id"]}, "the later one alone is in the new group")
            tap.equal({first["trace_id"], second["trace_id"]} - members(collector, "before"), set())
            collector.call("/DeleteGroup", {"GroupName": name})


def test_groups_after_kill():
    """what was stored right before a kill is in the groups that there were then, not in those of the next start"""
    with tap.Collector() as collector:
        collector.call("/CreateGroup", {"GroupName": "shop", "FilterExpression": 'service("web")'})
        traces = [tap.segment() for _ in range(50)]
        collector.put(*traces)
        collector.call("/UpdateGroup", {"GroupName": "shop", "FilterExpression": 'service("other")'})
        collector.call("/CreateGroup", {"GroupName": "late", "FilterExpression": ""})
        collector.process.kill()
        collector.process.wait()
        collector.start()
        found = {each["Id"] for each in collector.summaries(FilterExpression='group.name = "shop"')}
        tap.equal(found, {each["trace_id"] for each in traces})
        tap.equal(collector.summaries(FilterExpression='group.name = "late"'), [])


if __name__ == "__main__":
    tap.run([test_term, test_ready, test_taken, test_options, test_directory, test_damage, test_damage_while_running,
             test_full_disk, test_full_limit, test_max_size, test_retention,
             test_groups_of_the_moment, test_groups_after_kill])
