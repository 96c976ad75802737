#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that were damaged on the disk: told, moved aside or refused in words; never a crash, never in the way for long.

FLUO_TEST_DAMAGES says how many times each file is damaged, FLUO_TEST_SEED where the random numbers begin."""

import json
import os
import random
import re
import shutil
import sqlite3
import tempfile

import tap

N = int(os.environ.get("FLUO_TEST_DAMAGES", "25"))
SEED = int(os.environ.get("FLUO_TEST_SEED", "1"))
OPEN = ("--auth=none",)
EVER = {"StartTime": 0, "EndTime": 4102444800}


class Original:
    """A data directory with some of everything in it, to be copied and damaged."""

    def __init__(self, crash=False):
        self.home = tempfile.mkdtemp(prefix="fluo-service-")
        random_bytes = random.Random(SEED)
        self.documents = []
        with tap.Collector(home=self.home, arguments=OPEN) as collector:
            collector.call("/CreateGroup", {"GroupName": "web", "FilterExpression": 'service("web")'})
            collector.call("/CreateSamplingRule", {"SamplingRule": {
                "RuleName": "some", "ResourceARN": "*", "Priority": 10, "FixedRate": 0.5, "ReservoirSize": 1, "ServiceName": "*",
                "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1}})
            for _ in range(24):
                some = [tap.segment(name=random_bytes.choice(["web", "api", "db"]), annotations={"k": i},
                                    metadata={"x": random_bytes.randbytes(100).hex()},
                                    http={"request": {"url": f"http://x/{i}"}, "response": {"status": 200}}) for i in range(50)]
                collector.put(*some)
                self.documents += some
            tap.wait_until(lambda: len(collector.summaries()) == len(self.documents), "all is there")
        if crash:
            collector = tap.Collector(home=self.home, arguments=OPEN)
            some = [tap.segment() for _ in range(200)]
            for i in range(0, 200, 50):
                collector.put(*some[i:i + 50])
            self.documents += some
            collector.call("/CreateGroup", {"GroupName": "api", "FilterExpression": 'service("api")'})
            collector.kill()
        self.directory = data_directory(self.home)

    def copy(self):
        home = tempfile.mkdtemp(prefix="fluo-service-")
        shutil.copytree(self.directory, data_directory(home))
        os.chmod(data_directory(home), 0o700)
        return home

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        shutil.rmtree(self.home)


def data_directory(home):
    return os.path.join(home, "data", "fluoroscope")


def damage(path, numbers):
    """One flipped bit, most of the time; else bytes, a page of zeros, or the end is missing."""
    size = os.path.getsize(path)
    offset = numbers.randrange(size if numbers.random() < 0.8 else min(size, 8192))
    kind = numbers.choice(["bit", "bit", "bit", "bytes", "zeros", "cut"])
    with open(path, "r+b") as file:
        file.seek(offset)
        if kind == "bit":
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1 << numbers.randrange(8)]))
        elif kind == "cut":
            file.truncate(offset)
        else:
            file.write(numbers.randbytes(64) if kind == "bytes" else bytes(4096))
    return f"{kind} at {offset} of {size}"


def ask(collector, path, body):
    """The answer's status and text; whatever there is stored, no request may fail otherwise than with 503."""
    status, _, text = collector.request("POST", path, body)
    assert status in (200, 400, 503), (path, status, text)
    if status != 200:
        assert json.loads(text)["Message"], (path, text)
    return status, text


def use_everything(collector, documents):
    """Asks for everything once, and adds to what is there; the failures."""
    requests = [("/TraceSummaries", EVER),
                ("/TraceSummaries", {**EVER, "FilterExpression": 'service("api") AND annotation.k = 3'}),
                ("/ServiceGraph", {"StartTime": 1790000000, "EndTime": 1790020000}),
                ("/ServiceGraph", {"StartTime": 1790000000, "EndTime": 1790020000, "GroupName": "web"}),
                ("/TimeSeriesServiceStatistics", {"StartTime": 1790000000, "EndTime": 1790020000}),
                ("/Groups", {}), ("/GetSamplingRules", {})]
    for document in documents[::150]:
        requests += [("/Traces", {"TraceIds": [document["trace_id"]]}), ("/TraceGraph", {"TraceIds": [document["trace_id"]]})]
        late = {**document, "id": tap.segment()["id"], "parent_id": document["id"]}
        requests.append(("/TraceSegments", {"TraceSegmentDocuments": [json.dumps(late)]}))
    requests += [("/CreateGroup", {"GroupName": tap.segment()["id"]}), ("/TraceSummaries", EVER)]
    return [(path, answer) for path, body in requests for answer in [ask(collector, path, body)] if answer[0] == 503]


def survive(home, documents, what):
    """Starts on damaged files. TRUE when damage was told."""
    try:
        collector = tap.Collector(home=home, arguments=OPEN)
    except AssertionError as error:
        # Refused in words: a format that this version does not know.
        assert "use the newer version" in str(error), (what, error)
        return True
    with collector:
        if use_everything(collector, documents):
            tap.wait_until(lambda: collector.status()["LastError"], what + ": is told")
            tap.equal(use_everything(collector, documents), [], what + ": out of the way")
        told = collector.status()["LastError"] or ""
        fresh = tap.segment()
        collector.put(fresh)
        assert fresh["trace_id"] in {each["Id"] for each in collector.summaries()}, what
        moved = [name for name in os.listdir(data_directory(home)) if ".damaged-" in name]
        tap.equal(bool(moved), "damaged" in told + collector.read_log(), f"{what}: {moved}, {told}")
        assert "CRITICAL" not in collector.read_log(), (what, collector.read_log())
        return bool(moved)


def check_file(original, name):
    n_told = 0
    for number in range(N):
        numbers = random.Random(f"{name} {SEED + number}")
        home = original.copy()
        what = f"{name}, {number}: " + damage(os.path.join(data_directory(home), name), numbers)
        try:
            n_told += survive(home, original.documents, what)
        except Exception as error:
            raise AssertionError(f"{what} (kept in {home})") from error
        shutil.rmtree(home)
    print(f"# {name}: {n_told} of {N} told", flush=True)


def test_databases():
    """bits, pages and ends of the databases: moved aside when it matters, and a new one begun"""
    with Original() as original:
        for name in ("traces.db", "settings.db"):
            check_file(original, name)


def test_logs():
    """the same for the write-ahead logs that a killed collector left"""
    with Original(crash=True) as original:
        for name in ("traces.db-wal", "traces.db-shm", "settings.db-wal"):
            if os.path.exists(os.path.join(original.directory, name)):
                check_file(original, name)


def flip_rows(home, sql, numbers, column):
    """Flips a bit inside the value of every row that @sql names by rowid or key."""
    database = sqlite3.connect(os.path.join(data_directory(home), "traces.db"))
    table = sql.split()[0]
    key = sql.split()[1]
    rows = database.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
    for row, value in rows:
        changed = bytearray(value)
        changed[numbers.randrange(len(changed))] ^= 1 << numbers.randrange(8)
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (bytes(changed), row))
    database.commit()
    database.close()
    return len(rows)


def test_rows():
    """damage that SQLite can't see: inside documents, facts, lists, graphs and dictionaries"""
    with Original() as original:
        for sql, column in (("documents document", "body"), ("block_facts chunk", "facts"), ("blocks block", "traces"),
                            ("blocks block", "ids"), ("graph_minutes key", "graph"), ("block_graphs key", "graph"),
                            ("block_terms chunk", "terms")):
            for number in range(max(N // 10, 2)):
                numbers = random.Random(f"{sql} {column} {SEED + number}")
                home = original.copy()
                assert flip_rows(home, sql, numbers, column) > 0, sql
                survive(home, original.documents, f"{sql}, {column}, {number}")
                shutil.rmtree(home)


def test_document_is_never_changed():
    """a document with a flipped bit is refused, not shown"""
    with Original() as original:
        home = original.copy()
        flip_rows(home, "documents document", random.Random(SEED), "body")
        with tap.Collector(home=home, arguments=OPEN) as collector:
            document = original.documents[77]
            status, text = ask(collector, "/Traces", {"TraceIds": [document["trace_id"]]})
            tap.equal(status, 503, text)
            assert "damaged" in json.loads(text)["Message"], text
            told = tap.wait_until(lambda: (lambda said: said and "moved" in said and said)(collector.status()["LastError"]), "told")
            moved = re.search("“(.*)”", told).group(1)
            assert moved.startswith(os.path.join(data_directory(home), "traces.db.damaged-")) and os.path.exists(moved), told
            tap.equal(collector.summaries(), [])
        shutil.rmtree(home)


def test_schema():
    """a table that is missing, or a format of none, is damage too"""
    with Original() as original:
        for script in ("DROP TABLE documents", "DROP TABLE blocks", "ALTER TABLE graph_minutes RENAME COLUMN graph TO grapf",
                       "PRAGMA user_version = 0", "PRAGMA user_version = -7", "PRAGMA application_id = 1"):
            home = original.copy()
            database = sqlite3.connect(os.path.join(data_directory(home), "traces.db"))
            database.execute(script)
            database.commit()
            database.close()
            assert survive(home, original.documents, script), script
            shutil.rmtree(home)


def test_newer():
    """a store of a newer format is left alone, and the start says so"""
    with Original() as original:
        for name in ("traces.db", "settings.db"):
            home = original.copy()
            path = os.path.join(data_directory(home), name)
            database = sqlite3.connect(path)
            database.execute("PRAGMA user_version = 1000")
            database.commit()
            database.close()
            with open(path, "rb") as file:
                before = file.read()
            try:
                tap.Collector(home=home, arguments=OPEN)
            except AssertionError as error:
                for part in (name, "1000", "newer version", "--data-dir"):
                    assert part in str(error), error
            else:
                raise AssertionError("it started")
            with open(path, "rb") as file:
                assert file.read() == before, name
            shutil.rmtree(home)


if __name__ == "__main__":
    tap.run([test_databases, test_logs, test_rows, test_document_is_never_changed, test_schema, test_newer])
