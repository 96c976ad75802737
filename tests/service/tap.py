# SPDX-License-Identifier: GPL-3.0-or-later
"""Shared by the service tests: TAP on stdout, and a collector of one's own in a directory of one's own."""

import configparser
import ctypes
import hashlib
import hmac
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback

DATA = os.environ.get("FLUO_TEST_DATA") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data")
BUILD = os.environ.get("FLUO_BUILD_DIR", ".")
BINARY = os.path.join(BUILD, "src", "collector", "fluoroscoped")
CLI = os.path.join(BUILD, "src", "cli", "fluoroscope-cli")
HEADER = b'{"format":"json","version":1}\n'

# How long anything may take before the test has failed; never how long something must take.
PATIENCE = 180


class Skip(Exception):
    """The machine lacks what the test needs."""


def run(tests):
    """Runs functions one by one; an assertion that fails is a test that fails."""
    print("TAP version 13", flush=True)
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__doc__ or test.__name__
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {name}", flush=True)
            for line in traceback.format_exc().splitlines():
                print(f"# {line}", flush=True)
    sys.exit(1 if failed else 0)


def equal(actual, expected, what=""):
    assert actual == expected, f"{what}: {actual!r} is not {expected!r}"


def wait_until(predicate, what, patience=PATIENCE):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        value = predicate()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl


def tie():
    """The preexec_fn of every child that lives on: it is killed when the test ends, however that ends."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment(home):
    """An environment in which nothing of the person who runs the tests is found."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "XDG_", "HTTP_PROXY", "http_proxy"))}
    kept.update(HOME=home, XDG_DATA_HOME=f"{home}/data", XDG_CONFIG_HOME=f"{home}/config", XDG_STATE_HOME=f"{home}/state",
                XDG_CACHE_HOME=f"{home}/cache", XDG_RUNTIME_DIR=f"{home}/run", NO_PROXY="*", no_proxy="*")
    kept.pop("G_DEBUG", None)  # a warning about a full disk is what some tests are about
    return kept


def sign(keys, method, target, host, body=b"", now=None, headers=(), region="us-east-1", service="xray"):
    """The headers of AWS's Signature Version 4, made independently of the code under test."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    path, _, query = target.partition("?")
    signed = {"host": host, "x-amz-date": stamp, **{name.lower(): value for name, value in headers}}
    names = ";".join(sorted(signed))
    pairs = sorted(tuple((piece + "=").split("=")[:2]) for piece in query.split("&") if piece)
    canonical = "\n".join([method, path, "&".join("=".join(pair) for pair in pairs),
                           *(f"{name}:{signed[name]}" for name in sorted(signed)), "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + keys[1].encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return {"X-Amz-Date": stamp, **dict(headers),
            "Authorization": f"AWS4-HMAC-SHA256 Credential={keys[0]}/{scope}, SignedHeaders={names}, Signature={signature}"}


def read_keys(path):
    """Role → access key and secret, of the file that a collector has made."""
    file = configparser.ConfigParser()
    with open(path) as text:
        file.read_file(text)
    return {role: (file[role]["aws_access_key_id"], file[role]["aws_secret_access_key"]) for role in file.sections()}


class Collector:
    """A running fluoroscoped on free ports."""

    def __init__(self, home=None, arguments=(), prefix=(), listen=("127.0.0.1:0",), udp=("127.0.0.1:0",), leaks=False,
                 otlp=("127.0.0.1:0",), otlp_grpc=("127.0.0.1:0",), key=None):
        self.own_home = home is None
        self.home = home or tempfile.mkdtemp(prefix="fluo-service-")
        self.arguments = list(arguments)
        self.prefix = list(prefix)
        self.listen = listen
        self.udp = udp
        self.otlp = otlp
        self.otlp_grpc = otlp_grpc
        self.leaks = leaks  # a library's known leak: a leak checker shall not look
        self.key = key  # of a sealed store, 64 hexadecimal digits
        self.process = None
        self.start()

    def start(self):
        ready = os.path.join(self.home, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        command = self.prefix + [BINARY, "--ready-file", ready]
        for address in self.listen:
            command += ["--listen", address]
        for address in self.udp:
            command += ["--udp", address]
        for address in self.otlp:
            command += ["--otlp", address]
        for address in self.otlp_grpc:
            command += ["--otlp-grpc", address]
        self.log = open(os.path.join(self.home, "log"), "a+")
        variables = environment(self.home)
        if self.leaks:
            variables["ASAN_OPTIONS"] = variables.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        if self.key:
            command.append("--sealed")
        self.process = subprocess.Popen(command + self.arguments, env=variables, stderr=self.log, stdout=self.log,
                                        stdin=subprocess.PIPE if self.key else None, preexec_fn=tie)
        if self.key:
            self.process.stdin.write(self.key.encode() + b"\n")
            self.process.stdin.flush()
        wait_until(lambda: os.path.exists(ready) or self.process.poll() is not None, "the collector is ready")
        assert self.process.poll() is None, "the collector ended: " + self.read_log()
        with open(ready) as file:
            self.ready = json.load(file)
        self.host, _, port = self.ready["http"][0].rpartition(":")
        self.host = self.host.strip("[]")
        self.port = int(port)
        self.endpoint = "http://" + self.ready["http"][0]
        self.keys = read_keys(self.ready["credentials"]) if self.ready["credentials"] else {}

    def read_log(self):
        with open(os.path.join(self.home, "log")) as file:
            return file.read()

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        code = self.stop()
        if kind is None:
            equal(code, 0, "the collector's end: " + self.read_log())
        else:
            print(f"# the collector ended with {code}:", *self.read_log().splitlines(), sep="\n# ", flush=True)
        if self.own_home:
            shutil.rmtree(self.home, ignore_errors=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)
        self.log.close()
        assert "runtime error:" not in self.read_log(), self.read_log()  # of a sanitizer
        return self.process.returncode

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)
        self.log.close()

    def sign(self, method, path, body=b"", role="full", host=None):
        """The headers of a signed request."""
        return sign(self.keys[role], method, path, host or self.ready["http"][0], body) if self.keys else {}

    def request(self, method, path, body=None, headers=None, role="full"):
        """Signed with the keys of a role; None: not at all."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body).encode()
            given = {"Content-Type": "application/json"} if body is not None and headers is None else dict(headers or {})
            if role:
                given.update(self.sign(method, path, body or b"", role, given.get("Host")))
            connection.request(method, path, body, given)
            answer = connection.getresponse()
            return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def call(self, path, body=None):
        """An operation that must succeed."""
        status, _, text = self.request("POST", path, body or {})
        equal(status, 200, f"{path}: {text[:300]!r}")
        return json.loads(text)

    def status(self):
        status, _, text = self.request("GET", "/fluoroscope/v1/status")
        equal(status, 200, "status")
        values = json.loads(text)
        equal(values["Received"], values["Stored"] + sum(reason["Count"] for reason in values["Refused"].values()),
              "received = stored + refused")
        return values

    def put(self, *documents):
        return self.call("/TraceSegments", {"TraceSegmentDocuments": [
            document if isinstance(document, str) else json.dumps(document) for document in documents]})

    def datagram(self, payload, which=0):
        host, _, port = self.ready["udp"][which].rpartition(":")
        family = socket.AF_INET6 if "[" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.sendto(payload, (host.strip("[]"), int(port)))

    def summaries(self, **more):
        question = {"StartTime": 0, "EndTime": 4102444800, **more}
        found = []
        while True:
            answer = self.call("/TraceSummaries", question)
            found += answer["TraceSummaries"]
            if not answer["NextToken"]:
                return found
            question["NextToken"] = answer["NextToken"]


def graph_totals(collector, name="web"):
    """Requests of a node of the service graph over all times that segment() has used."""
    total = 0
    for begin in range(1790000000 - 1790000000 % 21600, 1790000000 + _serial + 60, 21600):
        for service in collector.call("/ServiceGraph", {"StartTime": begin, "EndTime": begin + 21600})["Services"]:
            if service["Name"] == name and service["Type"] is None:
                total += service["SummaryStatistics"]["TotalCount"]
    return total


_serial = 0
_serial_lock = threading.Lock()


def segment(trace=None, **more):
    """A small complete segment in a trace of its own, from any thread."""
    global _serial
    with _serial_lock:
        _serial += 1
        serial = _serial
    start = 1790000000 + serial
    document = {"trace_id": f"1-{start:08x}-{trace or serial:024x}", "id": f"{serial:016x}", "name": "web",
                "start_time": start, "end_time": start + 0.25}
    document.update(more)
    return {key: value for key, value in document.items() if value is not None}
