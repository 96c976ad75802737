# SPDX-License-Identifier: GPL-3.0-or-later
"""A store that only its key opens."""

import os
import shutil
import subprocess
import tempfile

import tap

KEY = "00112233445566778899aabbccddeeff" * 2
SECRETS = (b"canary-service", b"canary-annotation", b"canary-metadata", b"canary-url", b"SQLite format 3", b"CREATE TABLE")


def data_dir(home):
    for directory, _, files in os.walk(home):
        if "traces.db" in files:
            return directory
    raise AssertionError("there is no store")


def look_for_secrets(home):
    """Everything on the disk but the log of the program and its keys."""
    for directory, _, files in os.walk(data_dir(home)):
        for name in files:
            with open(os.path.join(directory, name), "rb") as file:
                content = file.read()
            for secret in SECRETS:
                assert secret not in content, f"{secret!r} is in {name}"


def documents(n):
    return [tap.segment(name="canary-service", annotations={"who": "canary-annotation"}, metadata={"a": {"b": "canary-metadata"}},
                        http={"request": {"method": "GET", "url": f"https://example.com/canary-url/{i}"}}) for i in range(n)]


def test_nothing_in_the_clear():
    """neither documents nor ids nor names are on the disk in the clear, before, during and after"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with tap.Collector(home=home, key=KEY) as collector:
            sent = documents(400)
            for i in range(0, 400, 50):
                collector.put(*sent[i:i + 50])
            look_for_secrets(home)
            tap.equal(len(collector.summaries(FilterExpression='annotation.who = "canary-annotation"')), 400)
            look_for_secrets(home)
        look_for_secrets(home)
        with tap.Collector(home=home, key=KEY) as collector:
            tap.equal(len(collector.summaries(FilterExpression='service("canary-service")')), 400)
            answer = collector.call("/Traces", {"TraceIds": [sent[7]["trace_id"]]})
            assert "canary-url/7" in answer["Traces"][0]["Segments"][0]["Document"]
    finally:
        shutil.rmtree(home)


def test_killed():
    """what was acknowledged is there after kill -9, and the log is read as far as it was whole"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        stored = 0
        for _ in range(5):
            collector = tap.Collector(home=home, key=KEY)
            tap.equal(len(collector.summaries()), stored)
            for _ in range(4):
                collector.put(*documents(25))
                stored += 25
            collector.kill()
        # A frame that was not finished, as a disk leaves it when the power goes.
        with open(os.path.join(data_dir(home), "traces.db-wal"), "ab") as log:
            log.write(os.urandom(2000))
        with tap.Collector(home=home, key=KEY) as collector:
            tap.equal(len(collector.summaries()), stored)
            tap.equal([name for name in os.listdir(data_dir(home)) if "damaged" in name], [])
    finally:
        shutil.rmtree(home)


def refused(home, key, *arguments):
    result = subprocess.run([tap.BINARY, "--listen", "127.0.0.1:0", "--udp", "none", "--otlp", "none", "--otlp-grpc", "none", *arguments],
                            input=key, env=tap.environment(home), capture_output=True, text=True, timeout=tap.PATIENCE, check=False)
    tap.equal(result.returncode, 73, result.stderr)
    return result.stderr


def test_wrong_key():
    """a wrong key, none, or one for a plain store is refused, and the store stays as it is"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    plain = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with tap.Collector(home=home, key=KEY) as collector:
            collector.put(*documents(3))
        assert "the key does not open the store" in refused(home, "f" * 64 + "\n", "--sealed")
        assert "is encrypted" in refused(home, "")
        for bad in ("", "f" * 63 + "\n", "f" * 64, "g" * 64 + "\n", "f" * 65 + "\n"):
            assert "64 hexadecimal digits" in refused(home, bad, "--sealed")
        with tap.Collector(home=home, key=KEY) as collector:
            tap.equal(len(collector.summaries()), 3)
        with tap.Collector(home=plain) as collector:
            collector.put(*documents(1))
        assert "not encrypted" in refused(plain, KEY + "\n", "--sealed")
    finally:
        shutil.rmtree(home)
        shutil.rmtree(plain)


def test_altered():
    """a page that was changed or moved is damage that is found, and never an answer"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        with tap.Collector(home=home, key=KEY) as collector:
            collector.put(*documents(50))
        path = os.path.join(data_dir(home), "traces.db")
        with open(path, "r+b") as file:  # two pages exchanged: both are ours, neither is in its place
            page = 12 + 4096 + 16
            first, second = file.read(page), file.read(page)
            file.seek(0)
            file.write(second + first)
        with tap.Collector(home=home, key=KEY) as collector:
            tap.equal(len(collector.summaries()), 0)
            assert [name for name in os.listdir(data_dir(home)) if "damaged" in name], "the damaged store was not kept"
    finally:
        shutil.rmtree(home)


def test_full():
    """a vault that is full lets the oldest go; what is kept for good stays, and is whole"""
    with tap.Collector(key=KEY, arguments=["--max-size", "2M", "--retention", "36500d"]) as collector:
        def large():
            return tap.segment(name="canary-service", metadata={"a": {"b": os.urandom(15000).hex()}})

        first, second = large(), large()
        collector.put(first, second)
        collector.call("/fluoroscope/v1/pins", {"TraceIds": [first["trace_id"]], "Pinned": True})
        sent = 2

        def second_is_gone():
            nonlocal sent
            collector.put(*[large() for _ in range(20)])
            sent += 20
            return not collector.call("/Traces", {"TraceIds": [second["trace_id"]]})["Traces"]

        tap.wait_until(second_is_gone, "the oldest is gone")
        assert collector.status()["Traces"] < sent
        kept = collector.call("/Traces", {"TraceIds": [first["trace_id"]]})["Traces"]
        tap.equal(len(kept), 1)
        assert first["metadata"]["a"]["b"] in kept[0]["Segments"][0]["Document"]


def test_ends_with_its_input():
    """the program ends by itself when whoever gave the key is gone"""
    home = tempfile.mkdtemp(prefix="fluo-service-")
    try:
        collector = tap.Collector(home=home, key=KEY)
        collector.put(*documents(1))
        collector.process.stdin.close()
        tap.equal(collector.process.wait(tap.PATIENCE), 0)
        collector.log.close()
    finally:
        shutil.rmtree(home)


if __name__ == "__main__":
    tap.run([test_nothing_in_the_clear, test_killed, test_wrong_key, test_altered, test_full, test_ends_with_its_input])
