#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""OTLP over gRPC: gRPC's own client for what is right, frames made by hand for what is not."""

import base64
import concurrent.futures
import gzip
import json
import os
import shutil
import socket
import struct
import threading
import time

import tap

try:
    import grpc
    import hpack
except ImportError:
    grpc = hpack = None

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 1
END_HEADERS = 4
ENHANCE_YOUR_CALM = 11
OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 0, 3, 4, 7, 8, 12, 13, 14


# --- Protobuf, as much as is needed -------------------------------------------------------------------------------

def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def field(number, value):
    """A member of a message: bytes and strings with their length, integers as 64 bits."""
    if isinstance(value, int):
        return varint(number << 3 | 1) + struct.pack("<Q", value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def attribute(key, value):
    return field(1, key) + field(2, field(1, value))


def span(trace, number, text=None, start=1790000000):
    return (field(1, bytes.fromhex(trace)) + field(2, number.to_bytes(8, "big")) + field(5, "work") + b"\x30\x02"
            + field(7, start * 10**9) + field(8, (start + 1) * 10**9) + (field(9, attribute("text", text)) if text else b""))


def request(*spans):
    return field(1, field(1, field(1, attribute("service.name", "shop"))) + field(2, b"".join(field(2, one) for one in spans)))


def recorded():
    with open(os.path.join(tap.DATA, "otlp", "requests.jsonl")) as file:
        for line in file:
            one = json.loads(line)
            if "protobuf" in one["name"]:
                body = base64.b64decode(one["body_base64"])
                yield one["name"], gzip.decompress(body) if "gzip" in one["name"] else body


# --- gRPC's client ------------------------------------------------------------------------------------------------

def need_grpc():
    if not grpc:
        raise tap.Skip("python3-grpcio or python3-hpack is not installed")


def open_channel(collector, which=0, options=(), **more):
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1), *options]
    return grpc.insecure_channel(collector.ready["otlp_grpc"][which], options=options, **more)


def export(channel, body, path=EXPORT, timeout=tap.PATIENCE, wait_for_ready=False, **more):
    """The code, the response or what was said instead of it."""
    try:
        return OK, channel.unary_unary(path)(body, timeout=timeout, wait_for_ready=wait_for_ready, **more)
    except grpc.RpcError as error:
        return error.code().value[0], error.details()


# --- Frames by hand -----------------------------------------------------------------------------------------------

def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def message(body, flag=0, length=None):
    return struct.pack(">BI", flag, len(body) if length is None else length) + body


class Client:
    """A connection that says whatever a test wants."""

    def __init__(self, collector, preface=PREFACE + frame(SETTINGS)):
        self.address = collector.ready["otlp_grpc"][0]
        host, _, port = self.address.rpartition(":")
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=tap.PATIENCE)
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.buffer, self.next = b"", 1
        self.send(preface)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def headers(self, changed=(), flags=END_HEADERS):
        """A new request's headers, with some of them changed, added, or (None) left out."""
        fields = {":method": "POST", ":scheme": "http", ":path": EXPORT, ":authority": self.address, "te": "trailers",
                  "content-type": "application/grpc"}
        fields.update(changed)
        stream, self.next = self.next, self.next + 2
        block = self.encoder.encode([(name, one) for name, value in fields.items() if value is not None
                                     for one in (value if isinstance(value, list) else [value])])
        self.send(frame(HEADERS, flags, stream, block))
        return stream

    def read(self):
        """The next frame: kind, flags, stream, payload; None at the end of the connection."""
        while len(self.buffer) < 9 or len(self.buffer) < 9 + int.from_bytes(self.buffer[:3], "big"):
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not piece:
                return None
            self.buffer += piece
        end = 9 + int.from_bytes(self.buffer[:3], "big")
        head, payload, self.buffer = self.buffer[:9], self.buffer[9:end], self.buffer[end:]
        return head[3], head[4], int.from_bytes(head[5:9], "big"), payload

    def answer(self, stream):
        """HTTP's status, gRPC's code, what it says, and the data."""
        fields, data = {}, b""
        while True:
            got = self.read()
            assert got and got[0] != GOAWAY, f"no answer: {got}"
            kind, flags, of, payload = got
            if kind == HEADERS:  # all of them, for the decoder's sake
                decoded = dict(self.decoder.decode(payload))
                if of == stream:
                    fields.update(decoded)
            elif kind == DATA and of == stream:
                data += payload
            assert kind != RST_STREAM or of != stream, f"reset with {payload!r}"
            if of == stream and flags & END_STREAM:
                return fields[":status"], int(fields.get("grpc-status", -1)), fields.get("grpc-message", ""), data

    def ask(self, body=b"", changed=()):
        stream = self.headers(changed)
        while len(body) > 16384:
            self.send(frame(DATA, 0, stream, body[:16384]))
            body = body[16384:]
        self.send(frame(DATA, END_STREAM, stream, body))
        return self.answer(stream)

    def end(self):
        """The error of the last GOAWAY, once the connection has ended; None without any."""
        code = None
        while True:
            got = self.read()
            if not got:
                return code
            if got[0] == GOAWAY:
                code = int.from_bytes(got[3][4:8], "big")


def send_until_closed(client, data):
    """False when the other side takes it all."""
    try:
        client.send(data)
        return False
    except (BrokenPipeError, ConnectionResetError):
        return True


def check_serves(collector):
    with open_channel(collector) as channel:
        tap.equal(export(channel, b""), (OK, b""), "another client is served")
    tap.equal(collector.process.poll(), None, "the collector runs")


# --- What is right ------------------------------------------------------------------------------------------------

def test_real_clients():
    """what exporters send is stored, plain and compressed; a second time it changes nothing"""
    need_grpc()
    with tap.Collector() as collector:
        for compression in (grpc.Compression.NoCompression, grpc.Compression.Gzip):
            with open_channel(collector, compression=compression) as channel:
                for name, body in recorded():
                    tap.equal(export(channel, body), (OK, b""), name)
        tap.equal(len(collector.summaries()), 4)
        values = collector.status()
        tap.equal((values["Stored"], values["Refused"]["Duplicate"]["Count"]), (16, 16))
        listener = next(one for one in values["Listeners"] if one["Protocol"] == "otlp_grpc")
        tap.equal((listener["State"], listener["Received"]), ("listening", 8))


def test_both_transports():
    """spans of one trace by HTTP and by gRPC meet"""
    need_grpc()
    trace = "6b0000000000000000000000000000b1"
    with tap.Collector() as collector:
        with open_channel(collector) as channel:
            tap.equal(export(channel, request(span(trace, 1)))[0], OK)
        collector.put({"trace_id": f"1-{trace[:8]}-{trace[8:]}", "id": "000000000000000a", "parent_id": f"{1:016x}", "name": "front",
                       "start_time": 1790000000, "end_time": 1790000003})
        tap.equal(len(collector.summaries()), 1)


def test_partial_success():
    """spans that can't be stored are counted and explained, the others stored"""
    need_grpc()
    trace = "6b000000000000000000000000000001"
    with tap.Collector() as collector, open_channel(collector) as channel:
        code, answer = export(channel, request(span(trace, 1), span("0" * 32, 2), span(trace, 3, "x" * 70000)))
        tap.equal(code, OK)
        tap.equal(answer[:1] + answer[2:4], b"\x0a\x08\x02", "partial_success with two rejected spans")
        assert b"zero" in answer, answer
        values = collector.status()
        tap.equal((values["Stored"], values["Received"]), (1, 3))


def test_large_messages():
    """a message far beyond the flow control's windows comes through, one beyond 20 MiB is refused at once"""
    need_grpc()
    with tap.Collector() as collector, open_channel(collector) as channel:
        spans = [span(f"6b{number:030x}", number, os.urandom(25000).hex()) for number in range(1, 201)]
        tap.equal(export(channel, request(*spans)), (OK, b""))
        tap.equal(export(channel, request(*spans), compression=grpc.Compression.Gzip), (OK, b""))
        tap.equal(collector.status()["Stored"], 200)
        code, text = export(channel, bytes(21 << 20))
        tap.equal(code, RESOURCE_EXHAUSTED)
        assert "20 MiB" in text, text
        code, text = export(channel, bytes(19 << 20), compression=grpc.Compression.Gzip)
        tap.equal(code, RESOURCE_EXHAUSTED, "a bomb")
        assert "decompressed" in text, text
        tap.equal(collector.status()["Refused"]["RequestRefused"]["Count"], 2)
        # its length is enough to be refused
        with Client(collector) as client:
            stream = client.headers()
            client.send(frame(DATA, 0, stream, message(b"", length=21 << 20)))
            tap.equal(client.answer(stream)[1], RESOURCE_EXHAUSTED)
            kind, _, of, payload = client.read()
            tap.equal((kind, of, payload), (RST_STREAM, stream, bytes(4)), "the rest is not wanted")
            tap.equal(client.ask(message(b""))[:2], ("200", OK), "the connection goes on")
        check_serves(collector)


def test_many_requests():
    """several clients with many requests at once lose nothing, and none is taken for an attack"""
    need_grpc()
    with tap.Collector() as collector:
        def work(worker):
            with open_channel(collector) as channel:
                call = channel.unary_unary(EXPORT)
                pending = [call.future(request(span(f"6b{worker:06x}{number:024x}", number + 1)), timeout=tap.PATIENCE)
                           for number in range(500)]
                return [answer.result() for answer in pending]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for answers in pool.map(work, range(4)):
                tap.equal(set(answers), {b""})
        tap.equal((collector.status()["Stored"], collector.status()["Traces"]), (2000, 2000))
        # what clients do beside their requests
        with Client(collector) as client:
            for _ in range(400):
                client.send(frame(PING, 0, 0, bytes(8)) * 3 + frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 10)) * 3)
                tap.equal(client.ask(message(b""))[1], OK)


def test_answer_means_stored():
    """what was answered is there after the collector was killed"""
    need_grpc()
    collector = tap.Collector()
    with open_channel(collector) as channel:
        tap.equal(export(channel, request(span("6b0000000000000000000000000000aa", 1)))[0], OK)
    collector.kill()
    with tap.Collector(home=collector.home) as again:
        tap.equal(len(again.summaries()), 1)


def test_addresses():
    """--otlp-grpc is repeatable, “none” is none, a named one that is taken is an error, the default one is not"""
    need_grpc()
    with tap.Collector(otlp_grpc=("127.0.0.1:0", "[::1]:0")) as collector:
        for which in range(2):
            with open_channel(collector, which) as channel:
                tap.equal(export(channel, b"")[0], OK)
    with tap.Collector(otlp_grpc=("none",)) as collector:
        tap.equal(collector.ready["otlp_grpc"], [])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        address = f"127.0.0.1:{holder.getsockname()[1]}"
        try:
            tap.Collector(otlp_grpc=(address,))
            raise RuntimeError("the collector has started")
        except AssertionError as error:
            assert address in str(error) and "taken" in str(error) and "gRPC" in str(error), error
    with socket.socket() as holder:
        try:
            holder.bind(("127.0.0.1", 4317))
            holder.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        with tap.Collector(otlp_grpc=()) as collector:
            assert "127.0.0.1:4317" not in collector.ready["otlp_grpc"], collector.ready
            taken = [one for one in collector.status()["Listeners"] if one["State"] == "taken" and one["Protocol"] == "otlp_grpc"]
            assert "127.0.0.1:4317" in [one["Address"] for one in taken] and "held by" in taken[0]["Detail"], taken
            assert "127.0.0.1:4317" in collector.read_log() and "--otlp-grpc" in collector.read_log()


def test_end():
    """requests under way are answered when the collector is told to end; idle clients are told"""
    need_grpc()
    with tap.Collector() as collector, Client(collector) as idle, open_channel(collector) as channel:
        tap.equal(idle.ask(message(b""))[1], OK)
        codes = []

        def work():
            for number in range(400):
                codes.append(export(channel, request(*(span(f"6c{number:030x}", i + 1) for i in range(40))))[0])
                if codes[-1] != OK:
                    return
        thread = threading.Thread(target=work)
        thread.start()
        tap.wait_until(lambda: len(codes) > 3, "some answers")
        collector.process.terminate()
        tap.equal(idle.end(), 0, "GOAWAY without an error")
        thread.join()
        assert set(codes) <= {OK, UNAVAILABLE}, set(codes)
        collector.process.wait(tap.PATIENCE)
        home, n_stored = collector.home, codes.count(OK)
        with tap.Collector(home=home) as again:
            assert len(again.summaries()) >= n_stored, n_stored


def test_store_full():
    """with the disk full exporters are told to try again"""
    need_grpc()
    if not shutil.which("prlimit"):
        raise tap.Skip("prlimit is not installed")
    with tap.Collector(prefix=["prlimit", "--fsize=2097152:67108864"]) as collector, open_channel(collector) as channel:
        codes = set()
        for number in range(1, 400):
            body = request(*(span(f"6b{number * 50 + i:030x}", i + 1, os.urandom(15000).hex()) for i in range(20)))
            codes.add(export(channel, body)[0])
            if UNAVAILABLE in codes:
                break
        tap.equal(codes, {OK, UNAVAILABLE})
        collector.status()


# --- What is refused ----------------------------------------------------------------------------------------------

def test_refusals():
    """each fault has the code that gRPC and OTLP have for it, and a sentence; the connection goes on"""
    need_grpc()
    good = request(span("6b000000000000000000000000000002", 1))
    zipped = {"grpc-encoding": "gzip"}
    with tap.Collector() as collector, Client(collector) as client:
        port = client.address.rpartition(":")[2]
        for body, changed, status, code, word in [
                (message(b"\xff\xff\xff"), {}, "200", INVALID_ARGUMENT, ""), (message(good[:-3]), {}, "200", INVALID_ARGUMENT, ""),
                (message(b"{}"), {}, "200", INVALID_ARGUMENT, ""), (b"", {}, "200", UNIMPLEMENTED, "one message"),
                (message(good) * 2, {}, "200", UNIMPLEMENTED, "one message"), (message(good) + b"x", {}, "200", UNIMPLEMENTED, ""),
                (message(good, length=len(good) + 1), {}, "200", INTERNAL, "early"), (b"\0\0", {}, "200", INTERNAL, "early"),
                (message(good, flag=2), {}, "200", INTERNAL, "first byte"), (message(gzip.compress(good), 1), {}, "200", INTERNAL, "grpc-encoding"),
                (message(good, 1), zipped, "200", INVALID_ARGUMENT, "gzip"),
                (message(gzip.compress(good)[:-4], 1), zipped, "200", INVALID_ARGUMENT, "gzip"),
                (message(gzip.compress(good) + b"x", 1), zipped, "200", INVALID_ARGUMENT, "follows"),
                (message(gzip.compress(bytes(100 << 20)), 1), zipped, "200", RESOURCE_EXHAUSTED, "decompressed"),
                (message(good), {"grpc-encoding": "deflate"}, "200", UNIMPLEMENTED, "gzip"),
                (message(good), {"grpc-encoding": ["gzip", "identity"]}, "200", INVALID_ARGUMENT, "once"),
                (message(good), {"grpc-timeout": "1"}, "200", INVALID_ARGUMENT, "grpc-timeout"),
                (message(good), {"grpc-timeout": "123456789m"}, "200", INVALID_ARGUMENT, "grpc-timeout"),
                (message(good), {"content-type": "application/json"}, "415", INVALID_ARGUMENT, "application/grpc"),
                (message(good), {"content-type": "application/grpc+json"}, "415", INVALID_ARGUMENT, "application/grpc"),
                (message(good), {"content-type": None}, "415", INVALID_ARGUMENT, "application/grpc"),
                (message(good), {":method": "PUT"}, "405", UNIMPLEMENTED, "POST"),
                (message(b""), {":path": EXPORT.replace("trace", "metrics").replace("Trace", "Metrics")}, "200", UNIMPLEMENTED,
                 "OTEL_METRICS_EXPORTER"),
                (message(b""), {":path": EXPORT.replace("trace", "logs").replace("Trace", "Logs")}, "200", UNIMPLEMENTED, "OTEL_LOGS_EXPORTER"),
                (message(good), {":path": "/v1/traces"}, "200", UNIMPLEMENTED, "TraceService"),
                (message(good), {":path": EXPORT + "?a"}, "200", UNIMPLEMENTED, "TraceService"),
                (message(good), {":path": "/grpc.health.v1.Health/Check"}, "200", UNIMPLEMENTED, "TraceService"),
                (message(good), {":authority": f"evil.example:{port}"}, "200", PERMISSION_DENIED, "Host"),
                (message(good), {":authority": "localhost:1"}, "200", PERMISSION_DENIED, "Host"),
                (message(good), {"host": f"evil.example:{port}"}, "200", INVALID_ARGUMENT, "Host"),
                (message(good), {"origin": "http://localhost:3000"}, "200", PERMISSION_DENIED, "web pages"),
                (message(good), {"sec-fetch-site": "same-origin"}, "200", PERMISSION_DENIED, "web pages"),
                (message(good), {"x-large": "x" * 15000, "y-large": "y" * 1000}, "200", RESOURCE_EXHAUSTED, "16 KiB"),
                (message(good), {f"x-{number}": "x" for number in range(100)}, "200", RESOURCE_EXHAUSTED, "100 entries")]:
            got = client.ask(body, changed)
            tap.equal((got[0], got[1], got[3]), (status, code, b""), f"{changed} {body[:20]!r} {got}")
            assert got[2] and word in got[2] and len(got[2]) < 1024, f"{word}: {got}"
        values = collector.status()
        tap.equal(values["Stored"], 0)
        examples = json.dumps(values["Refused"])
        assert "metadata is too large" in examples and "metrics" not in examples, examples
        # beside them, each of these is right
        for number, changed in enumerate([{}, {"content-type": "application/grpc+proto"}, {"grpc-encoding": "identity"}, zipped, {"te": None},
                                          {":authority": f"localhost:{port}"}, {"host": client.address}, {"grpc-timeout": "99999999H"},
                                          {"x-large": "x" * 12000}, {"grpc-accept-encoding": "identity,deflate,gzip"}], 1):
            own = request(span("6b000000000000000000000000000002", number))
            tap.equal(client.ask(message(own), changed), ("200", OK, "", message(b"")), f"{changed}")
        tap.equal(client.ask(message(gzip.compress(good), 1), zipped)[:2], ("200", OK))
        tap.equal(collector.status()["Stored"], 10)


def test_timeouts():
    """a request that isn't whole, or not stored, within grpc-timeout is told so; the connection goes on"""
    need_grpc()
    with tap.Collector() as collector, Client(collector) as client:
        stream = client.headers({"grpc-timeout": "1m"})
        status, code, text, _ = client.answer(stream)
        tap.equal((status, code), ("200", DEADLINE_EXCEEDED))
        assert "grpc-timeout" in text, text
        tap.equal(client.ask(message(b""), {"grpc-timeout": "20S"})[1], OK)
        # The other side has stopped waiting: the spans are stored all the same.
        stream = client.headers()
        client.send(frame(DATA, END_STREAM, stream, message(request(span("6b000000000000000000000000000003", 1)))))
        client.send(frame(RST_STREAM, 0, stream, struct.pack(">I", 8)))
        tap.wait_until(lambda: collector.status()["Stored"] == 1, "the span is stored")
        check_serves(collector)


def test_wrong_protocol():
    """who speaks HTTP/1 gets the other port told, and TLS or noise an end"""
    need_grpc()
    with tap.Collector() as collector:
        for beginning, expected in [(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\n\r\n", b"4318"), (b"GET / HTTP/1.1\r\n\r\n", b"4318"),
                                    (bytes.fromhex("16030100c8010000c40303") + bytes(100), None), (b"\0" * 100, None),
                                    (PREFACE + frame(PING, 0, 0, bytes(8)), None), (b"PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", b"4318")]:
            with Client(collector, beginning) as client:
                got = b""
                while piece := client.socket.recv(4096):
                    got += piece
                tap.equal(got.startswith(b"HTTP/1.1 400 ") if expected else got, True if expected else b"", f"{beginning[:20]}")
                assert not expected or expected in got, got
        assert "OTLP over HTTP" in json.dumps(collector.status()["Refused"]), "a POST is told in the status"
        check_serves(collector)


def test_bad_frames():
    """frames that break HTTP/2's rules end the connection or the request, never the collector"""
    need_grpc()
    with tap.Collector() as collector:
        block = hpack.Encoder().encode([(":method", "POST")])
        for name, data in [
                ("DATA on stream 0", frame(DATA, 0, 0, b"x")), ("HEADERS on an even stream", frame(HEADERS, END_HEADERS, 2, block)),
                ("an idle stream's DATA", frame(DATA, 0, 5, b"x")), ("PING of 7 bytes", frame(PING, 0, 0, bytes(7))),
                ("SETTINGS of 5 bytes", frame(SETTINGS, 0, 0, bytes(5))), ("SETTINGS on a stream", frame(SETTINGS, 0, 1)),
                ("a window of more than 2^31", frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 0x7fffffff)) * 2),
                ("no window at all", frame(WINDOW_UPDATE, 0, 0, bytes(4))), ("a frame too large", frame(DATA, 0, 1, bytes(20000))),
                ("PUSH_PROMISE", frame(PUSH_PROMISE, END_HEADERS, 1, bytes(4) + block)), ("lone CONTINUATION", frame(CONTINUATION, END_HEADERS, 1, block)),
                ("RST_STREAM of an idle stream", frame(RST_STREAM, 0, 9, bytes(4))), ("HPACK noise", frame(HEADERS, END_HEADERS, 1, b"\xff" * 50)),
                ("padding beyond the frame", frame(DATA, 8, 1, b"\xff"))]:
            with Client(collector) as client:
                client.send(data)
                code = client.end()
                assert code not in (None, 0), f"{name}: {code}"
        for name, changed in [("no path", {":path": None}), ("no authority", {":authority": None}), ("upper case", {"X-A": "b"}),
                              ("connection", {"connection": "close"}), ("twice", {":path": ["/", "/"]}), ("unknown", {":what": "x"})]:
            with Client(collector) as client:
                if name == "upper case":
                    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block + b"\x00\x01X\x01b"))
                else:
                    client.headers(changed, END_HEADERS | END_STREAM)
                while (got := client.read()) and got[0] not in (RST_STREAM, GOAWAY, HEADERS):
                    pass
                assert got, name
        # A length that is none of the body's resets the request only.
        with Client(collector) as client:
            stream = client.headers({"content-length": "7"})
            client.send(frame(DATA, END_STREAM, stream, message(b"")))
            while (got := client.read())[0] != RST_STREAM:
                assert got[0] != GOAWAY, got
            tap.equal(client.ask(message(b""))[1], OK)
        tap.equal(collector.status()["Stored"], 0)
        check_serves(collector)


# --- Too much of it -----------------------------------------------------------------------------------------------

def test_floods():
    """frames that carry nothing, and requests that are reset, end the connection when they are too many"""
    need_grpc()
    n = 20000
    with tap.Collector() as collector:
        for name, data in [("PING", frame(PING, 0, 0, bytes(8)) * n), ("SETTINGS", frame(SETTINGS, 0, 0, b"\0\1\0\0\0\0") * n),
                           ("PRIORITY", frame(PRIORITY, 0, 3, struct.pack(">IB", 0, 1)) * n),
                           ("WINDOW_UPDATE", frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", 1)) * n)]:
            with Client(collector) as client:
                closed = send_until_closed(client, data)
                assert client.end() in (ENHANCE_YOUR_CALM, None) or closed, name
        with Client(collector) as client:
            stream = client.headers()
            send_until_closed(client, frame(DATA, 0, stream) * n)
            assert client.end() in (ENHANCE_YOUR_CALM, None), "empty DATA"
        # Rapid reset, by the client and by what the client makes the server do.
        for name, more in [("reset", lambda stream: frame(RST_STREAM, 0, stream, struct.pack(">I", 8))),
                           ("made reset", lambda stream: frame(DATA, 0, stream, b"x"))]:
            with Client(collector) as client:
                fields = [(":method", "POST"), (":scheme", "http"), (":path", EXPORT), (":authority", client.address),
                          ("content-type", "application/grpc"), ("content-length", "0")]
                block, again = client.encoder.encode(fields), client.encoder.encode(fields)
                send_until_closed(client, b"".join(frame(HEADERS, END_HEADERS, 2 * i + 1, again if i else block) + more(2 * i + 1)
                                                   for i in range(5000)))
                assert client.end() in (ENHANCE_YOUR_CALM, None), name
        with Client(collector) as client:
            send_until_closed(client, frame(HEADERS, 0, 1, client.encoder.encode([(":method", "POST")]))
                              + frame(CONTINUATION, 0, 1, b"\x00\x01a\x01b") * n)
            assert client.end() != 0, "CONTINUATION"
        values = collector.status()
        listener = next(one for one in values["Listeners"] if one["Protocol"] == "otlp_grpc")
        assert listener["Received"] < 1000, f"most of the flood was not even looked at: {listener}"
        check_serves(collector)


def test_too_many_streams():
    """beyond 100 open requests of one connection further ones are refused, to be tried again"""
    need_grpc()
    with tap.Collector() as collector, Client(collector) as client:
        streams = [client.headers() for _ in range(110)]
        refused = set()
        while len(refused) < 10:
            kind, _, stream, payload = client.read()
            assert kind != GOAWAY
            if kind == RST_STREAM:
                tap.equal(payload, struct.pack(">I", 7), "REFUSED_STREAM")
                refused.add(stream)
        tap.equal(refused, set(streams[100:]))
        for stream in streams[:100]:
            client.send(frame(DATA, END_STREAM, stream, message(b"")))
        done = set()
        while len(done) < 100:
            kind, flags, stream, payload = client.read()
            if kind == HEADERS and flags & END_STREAM:
                done.add(stream)
        tap.equal(done, set(streams[:100]))
        # who has said that it knows the limit has no excuse
        client.send(frame(SETTINGS, ACK))
        for _ in range(101):
            client.headers()
        assert client.end() not in (None, 0)


def test_memory():
    """bodies held back all over are bounded, and the rest is told to come again"""
    need_grpc()
    with tap.Collector() as collector:
        clients = [Client(collector) for _ in range(4)]
        codes = []
        piece = bytes(16384)
        for client in clients:
            stream = client.headers()
            client.send(frame(DATA, 0, stream, message(b"", length=20 << 20)))
            client.stream = stream
        for client in clients:
            threading.Thread(target=drain, args=(client, codes), daemon=True).start()
        for client in clients:
            for _ in range((20 << 20) // len(piece) - 1):
                if send_until_closed(client, frame(DATA, 0, client.stream, piece)):
                    break
        tap.wait_until(lambda: codes, "somebody is refused")
        tap.equal(set(codes), {UNAVAILABLE})
        with open(f"/proc/{collector.process.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        if "sanitize" not in os.environ.get("FLUO_BUILD_DIR", "") and "asan" not in os.environ.get("FLUO_BUILD_DIR", ""):
            assert resident < 200 * 1024, f"{resident} KB"
        for client in clients:
            client.socket.close()
        tap.wait_until(lambda: collector.process.poll() is None and served(collector), "room again")


def served(collector):
    with open_channel(collector) as channel:
        return export(channel, b"")[0] == OK


def drain(client, codes):
    """Reads what is said to a client, so that it can go on sending."""
    try:
        while got := client.read():
            if got[0] == HEADERS:
                fields = dict(client.decoder.decode(got[3]))
                if "grpc-status" in fields:
                    codes.append(int(fields["grpc-status"]))
    except OSError:
        pass


def test_slow_clients():
    """clients that say nothing, half of a request, or don't read, are ended after the deadline and make way before"""
    need_grpc()
    with tap.Collector() as collector:
        silent = [Client(collector, b"") for _ in range(60)]
        half = [Client(collector, PREFACE[:10]) for _ in range(30)]
        heads = [Client(collector) for _ in range(38)]
        for client in heads:
            client.send(frame(HEADERS, 0, 1, client.encoder.encode([(":method", "POST")])))
        time.sleep(0.6)  # so that they are slow, not just new
        began = time.monotonic()
        times = []
        # All 128 places are taken: somebody who wants something gets one.
        while time.monotonic() < began + tap.PATIENCE and (len(times) < 3 or any(not is_closed(one) for one in silent + half + heads)):
            now = time.monotonic()
            with open_channel(collector) as channel:
                tap.equal(export(channel, b"", wait_for_ready=True)[0], OK)
            times.append(time.monotonic() - now)
            time.sleep(0.1)
        tap.equal([is_closed(one) for one in silent + half + heads].count(False), 0, "slow clients still there")
        print(f"# {len(times)} good requests meanwhile, the slowest took {max(times):.1f} s")
        for client in silent + half + heads:
            client.socket.close()


def is_closed(client):
    client.socket.setblocking(False)
    try:
        while client.socket.recv(65536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_many_connections():
    """idle connections make way for new ones"""
    need_grpc()
    with tap.Collector() as collector:
        clients = []
        for _ in range(300):
            client = Client(collector)
            tap.equal(client.ask(message(b""))[1], OK)
            clients.append(client)
        tap.equal(len(os.listdir(f"/proc/{collector.process.pid}/fd")) < 200, True, "descriptors")
        check_serves(collector)
        for client in clients:
            client.socket.close()


if __name__ == "__main__":
    tap.run([test_real_clients, test_both_transports, test_partial_success, test_large_messages, test_many_requests, test_answer_means_stored,
             test_addresses, test_end, test_store_full, test_refusals, test_timeouts, test_wrong_protocol, test_bad_frames, test_floods,
             test_too_many_streams, test_memory, test_slow_clients, test_many_connections])
