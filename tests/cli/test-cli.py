#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fluoroscope-cli as a user runs it: against a real collector, and against servers that misbehave."""
import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "service"))
import tap  # pylint: disable=wrong-import-position

BUILD = os.environ["FLUO_BUILD_DIR"]
CLI = os.path.join(BUILD, "src/cli/fluoroscope-cli")
COLLECTOR = os.path.join(BUILD, "src/collector/fluoroscoped")
HOME = tempfile.mkdtemp(prefix="fluo-cli-")
NBSP = "\u00a0"
# 2026-11-19 13:31:48.214 UTC
BASE = 1795095108.214
TRACE_ID = "1-6afefa44-946d071d87f412683d601dea"


def environment(**more):
    env = {name: value for name, value in os.environ.items()
           if not name.startswith(("AWS_", "FLUOROSCOPE_", "XDG_")) and name not in ("COLUMNS", "NO_COLOR")}
    env.update(HOME=HOME, XDG_DATA_HOME=HOME + "/data", XDG_CONFIG_HOME=HOME + "/config", XDG_CACHE_HOME=HOME + "/cache",
               XDG_RUNTIME_DIR=HOME + "/run", LC_ALL="C.UTF-8", TZ="UTC", AWS_EC2_METADATA_DISABLED="true")
    env.update(more)
    return env


def cli(*words, code=0, **more):
    """Runs the program; its output with no-break spaces as spaces, and what it said on stderr."""
    done = subprocess.run([CLI, *words], capture_output=True, text=True, env=environment(**more), timeout=tap.PATIENCE, check=False)
    assert done.returncode == code, f"{' '.join(words)}: exit {done.returncode}, not {code}\n{done.stdout}{done.stderr}"
    return done.stdout.replace(NBSP, " "), done.stderr.replace(NBSP, " ")


class Collector(tap.Collector):
    """A collector with a store of its own, whose keys the program finds."""

    def __init__(self, directory):
        self.directory = directory
        super().__init__(home=HOME, arguments=("--data-dir", directory + "/store"), otlp_grpc=("none",))

    def put(self, *documents):
        tap.equal(super().put(*documents)["UnprocessedTraceSegments"], [], "what was not taken")


@contextlib.contextmanager
def collector():
    with tempfile.TemporaryDirectory(prefix="fluo-cli-store-") as directory, Collector(directory) as running:
        yield running


def checkout_trace():
    """Two services and a bank that gives no answer."""
    return [
        {"trace_id": TRACE_ID, "id": "00000000000000a1", "name": "checkout", "origin": "AWS::ECS::Container", "fault": True,
         "start_time": BASE, "end_time": BASE + 2.0, "annotations": {"tier": "gold", "order_id": 84193},
         "http": {"request": {"method": "POST", "url": "https://petshop.example.com/checkout?q=1"}, "response": {"status": 502}},
         "subsegments": [
             {"id": "00000000000000a2", "name": "check basket", "start_time": BASE + 0.1, "end_time": BASE + 0.2},
             {"id": "00000000000000a3", "name": "payments", "namespace": "remote", "fault": True, "start_time": BASE + 0.2,
              "end_time": BASE + 1.95, "http": {"request": {"method": "POST", "url": "http://payments/charge"}, "response": {"status": 504}}}]},
        {"trace_id": TRACE_ID, "id": "00000000000000b1", "parent_id": "00000000000000a3", "name": "payments", "fault": True,
         "origin": "AWS::Lambda::Function", "start_time": BASE + 0.2, "end_time": BASE + 1.95,
         "http": {"request": {"method": "POST", "url": "http://payments/charge"}, "response": {"status": 504}},
         "subsegments": [
             {"id": "00000000000000b2", "name": "bank.example.com", "namespace": "remote", "fault": True, "start_time": BASE + 0.25,
              "end_time": BASE + 1.85, "http": {"request": {"method": "POST", "url": "https://bank.example.com/v2/charge"}},
              "cause": {"working_directory": "/", "exceptions": [
                  {"id": "00000000000000e1", "type": "TimeoutError", "message": "No answer within 2.0 s", "remote": False,
                   "stack": [{"path": "bank.py", "line": 88, "label": "charge"}]}]}}]},
    ]


RANGE = ("--from", "2026-11-19T13:20:00Z", "--to", "2026-11-19T13:40:00Z")


# --- Usage ------------------------------------------------------------------------------------------------------------

def help_and_version():
    out, err = cli("--help")
    for command in ("traces", "filter", "trace", "map", "status", "sampling", "groups", "keep", "export", "demo", "credentials", "sign-in", "tour"):
        assert f"\n  {command} " in out, out
        about, _ = cli(command, "--help")
        assert "Common options" in about or "--endpoint" in about or "--help-common" in about, about
    assert err == ""
    out, _ = cli("--version")
    assert re.fullmatch(r"fluoroscope-cli \d+\.\d+\.\d+\n", out), out


def wrong_usage():
    for words, needle in [
            ((), "Name a command"),
            (("statsu",), "Did you mean “status”?"),
            (("trces",), "Did you mean “traces”?"),
            (("xyzzy",), "There is no command “xyzzy”"),
            (("traces", "--nonsense"), "--nonsense"),
            (("--nonsense", "traces"), "--nonsense"),
            (("traces", "--last", "soon"), "“soon” is no duration"),
            (("traces", "--from", "yesterday"), "“yesterday” is no time"),
            (("traces", "--from", "-5m", "--to", "-10m"), "ends before it begins"),
            (("traces", "--from", "-5m", "--last", "1h"), "not both"),
            (("traces", "--limit", "-1"), "--limit"),
            (("trace",), "needs an argument"),
            (("trace", "x", "y"), "fewer arguments"),
            (("trace", "nonsense"), "is no trace ID"),
            (("export", TRACE_ID), "-o"),
            (("export", TRACE_ID, "-o", "x.doc"), "ends in no known format"),
            (("export", TRACE_ID, "-o", "x.png", "--scale", "99"), "--scale"),
            (("demo", "--minutes", "0"), "--minutes"),
            (("demo", "--profile", "x"), "on this computer only"),
            (("status", "--region", "eu-central-1"), "AWS has no status"),
            (("sampling",), "needs an argument"),
            (("sampling", "dice"), "“dice” is nothing of sampling"),
            (("sampling", "simulate", "--attribute", "tier"), "“tier” is no attribute"),
            (("filter", "check"), "needs an argument"),
            (("filter", "frobnicate", "ok"), "filter check"),
            (("filter", "complete", "ok", "--cursor", "9"), "--cursor"),
            (("filter", "complete", "ok", "--limit", "-1"), "--limit"),
            (("credentials", "--format", "xml"), "--format"),
            (("credentials", "--role", "root"), "--role"),
            (("--endpoint", "127.0.0.1:2000", "traces"), "is no address of a server")]:
        out, err = cli(*words, code=2)
        assert needle in err, f"{words}: {err}"
        assert err.startswith("fluoroscope-cli: ") and err.count("\n") == 1, err
        assert out == "", out


def unreachable():
    for command in (("traces",), ("map",), ("status",), ("demo",), ("trace", TRACE_ID), ("tour", "--out", HOME + "/tour")):
        _, err = cli("--endpoint", "http://127.0.0.1:9", *command, code=4)
        assert "Start the collector with “fluoroscoped”" in err, err
    _, err = cli("traces", code=4, FLUOROSCOPE_ENDPOINT="http://127.0.0.1:9")
    assert "127.0.0.1:9" in err, err


# --- Servers that misbehave -------------------------------------------------------------------------------------------

@contextlib.contextmanager
def answering(status, body, content_type="application/json", headers=()):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def exit_codes():
    for status, kind, code in [(403, "AccessDeniedException", 5), (403, "ExpiredTokenException", 5),
                               (400, "InvalidRequestException", 1), (404, "ResourceNotFoundException", 3)]:
        body = json.dumps({"__type": kind, "Message": "said the server"}).encode()
        with answering(status, body, headers=[("x-amzn-ErrorType", kind)]) as endpoint:
            _, err = cli("--endpoint", endpoint, "map", code=code)
            assert err.startswith("fluoroscope-cli: "), err
    # A profile's own address is asked instead of AWS.
    body = json.dumps({"__type": "AccessDeniedException", "Message": "said the server"}).encode()
    with answering(403, body, headers=[("x-amzn-ErrorType", "AccessDeniedException")]) as endpoint:
        _, err = cli("--region", "eu-west-1", "map", code=5, AWS_ENDPOINT_URL_XRAY=endpoint, AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
                     AWS_SECRET_ACCESS_KEY="secret")
        assert "said the server" in err, err
    with answering(200, b"<html>", "text/html") as endpoint:
        _, err = cli("--endpoint", endpoint, "map", code=1)
        assert err.startswith("fluoroscope-cli: "), err


def terminal_escapes():
    """Nothing that a server sends reaches the terminal as a control character."""
    evil = "\x1b]0;owned\x07\x1b[2J\u202egnp\r\n\x00"
    body = json.dumps({"__type": "InvalidRequestException", "Message": evil}).encode()
    with answering(400, body, headers=[("x-amzn-ErrorType", "InvalidRequestException")]) as endpoint:
        _, err = cli("--endpoint", endpoint, "traces", code=1)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", err), repr(err)
        assert err.count("\n") == 1, repr(err)
    with collector() as local:
        documents = checkout_trace()
        documents[0]["subsegments"][0]["name"] = evil
        documents[0]["annotations"]["tier"] = evil
        documents[1]["subsegments"][0]["cause"]["exceptions"][0]["type"] = evil
        local.put(*documents)
        for words in (("traces", *RANGE), ("trace", TRACE_ID), ("map", *RANGE), ("--json", "trace", TRACE_ID), ("--json", "traces", *RANGE)):
            out, err = cli("--endpoint", local.endpoint, *words)
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", out + err), (words, repr(out))


# --- Reading ----------------------------------------------------------------------------------------------------------

def reading():
    with collector() as local:
        at = ("--endpoint", local.endpoint)
        out, err = cli(*at, "traces", *RANGE)
        assert out == "" and "No traces from" in err, out + err
        local.put(*checkout_trace())

        out, err = cli(*at, "traces", *RANGE)
        head, row = out.splitlines()
        assert head.split() == ["Time", "Status", "Duration", "Request", "Services", "ID"], head
        assert re.split(r"  +", row) == ["13:31:48.214", "fault", "2.00 s", "POST /checkout", "checkout, payments, bank.example.com", TRACE_ID], row
        assert "\x1b" not in out and err == ""

        out, _ = cli("traces", *RANGE, *at, "--json")
        summaries = json.loads(out)["TraceSummaries"]
        assert [summary["Id"] for summary in summaries] == [TRACE_ID] and summaries[0]["HasFault"] is True, out
        assert summaries[0]["Http"]["HttpStatus"] == 502, out

        out, _ = cli(*at, "trace", TRACE_ID)
        lines = out.splitlines()
        assert lines[0] == "80% of 2.00 s was spent waiting for bank.example.com from payments; fault: TimeoutError", lines[0]
        assert lines[1] == "fault · 502 · POST /checkout · 2.00 s · 13:31:48.214 · 3 services", lines[1]
        assert lines[2] == "tier gold · order_id 84193", lines[2]
        tree = [re.split(r"  +", line.strip()) for line in lines[4:]]
        assert [row[0] for row in tree] == ["checkout POST /checkout", "check basket", "payments POST /charge",
                                            "bank.example.com POST /v2/charge (TimeoutError)"], tree
        assert lines[4].endswith("█") and "░" in lines[4], lines[4]
        w3c, _ = cli(*at, "trace", TRACE_ID[2:].replace("-", ""))
        assert w3c == out

        out, _ = cli(*at, "--json", "trace", TRACE_ID)
        trace = json.loads(out)
        assert trace["Id"] == TRACE_ID and len(trace["Segments"]) >= 2, out

        out, _ = cli(*at, "map", *RANGE)
        assert re.search(r"^payments +Lambda function +1 ", out, re.M), out
        assert re.search(r"^payments +bank\.example\.com +1 .*100%", out, re.M), out
        out, _ = cli(*at, "map", *RANGE, "--json")
        assert {service["Name"] for service in json.loads(out)["Services"]} == {"checkout", "payments", "bank.example.com"}, out

        _, err = cli(*at, "trace", "1-6afefa44-000000000000000000000000", code=3)
        assert "1-6afefa44-000000000000000000000000" in err or "not" in err, err
        _, err = cli(*at, "--json", "trace", "1-6afefa44-000000000000000000000000", code=3)

        out, _ = cli(*at, "status")
        assert local.ready["udp"][0] in out and "refused" in out, out
        out, _ = cli(*at, "status", "--json")
        json.loads(out)


def keeping():
    """a trace is kept for good and let go again; what isn't there can't be kept"""
    with collector() as running:
        running.put(*checkout_trace())
        there = ("--endpoint", running.endpoint)
        assert cli(*there, "keep")[0] == ""
        assert cli(*there, "keep", TRACE_ID)[0] == TRACE_ID + "\n"
        assert json.loads(cli(*there, "--json", "keep")[0]) == {"TraceIds": [TRACE_ID]}
        _, err = cli(*there, "keep", TRACE_ID[:-1] + "b", code=3)
        assert "is not there" in err, err
        assert cli(*there, "keep", "--undo", TRACE_ID)[0] == ""
        _, err = cli(*there, "keep", "--undo", code=2)
        assert "needs the ID" in err, err


def filters():
    out, err = cli("filter", "check", "FAULT or duration<.5e0", code=1)
    assert "character" in err, err
    out, err = cli("filter", "check", "FAULT or duration<0.50")
    assert out == "fault OR duration < 0.5\n" and err == "", out + err
    out, err = cli("filter", "check", "user IN (\"a\", 'b') && responsetime > 500ms", code=1)
    assert out == "", out
    assert 'character 6: there is no operator “in”' in err and '(user = "a" OR user = "b") &&' in err, err
    assert 'responsetime > 0.5' in err, err
    out, _ = cli("filter", "explain", 'service("payments") { responsetime > 0.5 } AND annotation.tier = "gold"')
    assert out == "Traces where payments took longer than 0.5 s and tier is gold.\n", out
    out, err = cli("filter", "explain", "fault AND foo", code=1)
    assert out.endswith("The rest does not count yet.\n") and "“foo”" in err, out + err
    said = json.loads(cli("filter", "check", "metadata.x = 1", "--json", code=1)[0])
    assert said["Valid"] is False and said["Diagnostics"][0]["Fix"] == "annotation.x", said
    assert said["Diagnostics"][0]["Range"] == [0, 10], said
    out, _ = cli("filter", "complete", "respo AND ok", "--cursor", "5")
    assert re.search(r"^responsetime +number +Time until the answer, in seconds\.$", out, re.M), out
    said = json.loads(cli("filter", "complete", "user ", "--json")[0])
    assert [row["Label"] for row in said["Proposals"]][:3] == ["=", "!=", "CONTAINS"], said
    out, err = cli("filter", "check", "user = \"\x1b[2J\u202e", code=1)
    assert not re.search(r"[\x1b\u202e]", out + err), repr(out + err)
    with collector() as local:
        at = ("--endpoint", local.endpoint)
        local.put(*checkout_trace())
        found = 'service("payments") { fault } AND annotation.tier = "gold"'
        for words in (("filter", "run", found), ("traces", "--filter", found)):
            out, _ = cli(*at, *words, *RANGE)
            assert out.splitlines()[1].endswith(TRACE_ID), out
        out, err = cli(*at, "traces", "--filter", "ok", *RANGE)
        assert out == "" and "fits" in err, out + err
        assert json.loads(cli(*at, "filter", "run", "ok", *RANGE, "--json")[0])["TraceSummaries"] == []
        _, err = cli(*at, "traces", "--filter", "fuult", *RANGE, code=1)
        assert "did you mean “fault”" in err, err
        out, _ = cli(*at, "filter", "complete", "annotation.ti", "--values", *RANGE)
        assert re.search(r"^annotation\.tier +text +1 ", out, re.M), out
        out, _ = cli(*at, "filter", "complete", "84193", "--values", *RANGE)
        assert re.search(r"^annotation\.order_id = 84193 +1$", out, re.M), out


def narrow_terminal():
    with collector() as local:
        local.put(*checkout_trace())
        for width in (60, 80, 132):
            out, _ = cli("--endpoint", local.endpoint, "trace", TRACE_ID, COLUMNS=str(width))
            assert max(len(line) for line in out.splitlines()[4:]) <= width, out
        out, _ = cli("--endpoint", local.endpoint, "traces", *RANGE, COLUMNS="100")
        assert max(map(len, out.splitlines())) <= 100 and TRACE_ID in out and "…" in out, out


def exports():
    with collector() as local:
        at = ("--endpoint", local.endpoint)
        local.put(*checkout_trace())
        with tempfile.TemporaryDirectory() as directory:
            for ending, magic in (("png", b"\x89PNG\r\n\x1a\n"), ("pdf", b"%PDF-"), ("svg", b"<?xml")):
                for words in (("export", TRACE_ID), ("map", *RANGE)):
                    path = os.path.join(directory, f"{words[0]}.{ending}")
                    cli(*at, *words, "-o", path)
                    with open(path, "rb") as file:
                        assert file.read(len(magic)) == magic, path
            path = os.path.join(directory, "trace.json")
            cli(*at, "export", TRACE_ID, "-o", path)
            with open(path, encoding="utf-8") as file:
                saved = json.load(file)
            assert saved["Id"] == TRACE_ID, saved
            assert {json.loads(segment["Document"])["name"] for segment in saved["Segments"]} >= {"checkout", "payments"}, saved
            _, err = cli(*at, "export", TRACE_ID, "-o", os.path.join(directory, "missing", "x.png"), code=1)
            assert "missing" in err, err


def credentials():
    with collector() as local:
        at = ("--endpoint", local.endpoint)
        out, err = cli(*at, "credentials")
        full = json.loads(out)
        assert full.keys() == {"Version", "AccessKeyId", "SecretAccessKey"} and err == "", out + err
        assert full["AccessKeyId"].startswith("FLUOFULL") and len(full["AccessKeyId"]) == 20, full
        read = json.loads(cli(*at, "credentials", "--role", "read")[0])
        assert read["AccessKeyId"].startswith("FLUOREAD") and read["SecretAccessKey"] != full["SecretAccessKey"], read
        out, _ = cli(*at, "credentials", "--format", "env")
        shell = subprocess.run(["sh", "-c", 'export $(cat); printf %s "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_ENDPOINT_URL_XRAY"'],
                               input=out, capture_output=True, text=True, check=True)
        assert shell.stdout == f"{full['AccessKeyId']} {full['SecretAccessKey']} {local.endpoint}", shell.stdout
        out, _ = cli(*at, "credentials", "--format", "profile", "--role", "read")
        assert f"endpoint_url = {local.endpoint}\n" in out, out
        process = re.search(r"^credential_process = (.*)$", out, re.M).group(1)
        said = subprocess.run(["sh", "-c", process], capture_output=True, text=True, env=environment(), check=True)
        assert json.loads(said.stdout) == read, said.stdout
        store = local.directory + "/store"
        assert json.loads(cli("credentials", "--data-dir", store)[0]) == full
        assert json.loads(cli("credentials", FLUOROSCOPE_DATA_DIR=store)[0]) == full
        os.chmod(store + "/credentials", 0o644)
        _, err = cli(*at, "status", code=5)
        assert "others may read it" in err and "credentials --format env" in err, err
    _, err = cli("credentials", "--data-dir", HOME + "/nowhere", code=5)
    assert "nowhere" in err, err
    _, err = cli("--endpoint", "http://127.0.0.1:9", "credentials", code=4)
    assert "Start the collector" in err, err
    os.makedirs(HOME + "/.aws", exist_ok=True)
    with open(HOME + "/.aws/credentials", "w", encoding="utf-8") as file:
        file.write("[shop]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = it'ssecret\naws_session_token = token\n")
    with open(HOME + "/.aws/config", "w", encoding="utf-8") as file:
        file.write("[profile shop]\nregion = eu-central-1\n")
    out, err = cli("credentials", "--profile", "shop")
    assert json.loads(out) == {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "it'ssecret", "SessionToken": "token"}, out
    assert err == "", err
    out, _ = cli("credentials", "--profile", "shop", "--format", "env")
    shell = subprocess.run(["sh", "-c", 'export $(cat); printf %s "$AWS_SECRET_ACCESS_KEY/$AWS_DEFAULT_REGION"'], input=out, capture_output=True,
                           text=True, check=True)
    assert shell.stdout == "it'ssecret/eu-central-1", shell.stdout
    _, err = cli("credentials", "--profile", "nobody", code=5)
    assert "nobody" in err and "shop" in err, err


# --- Demo and tour ----------------------------------------------------------------------------------------------------

def demo_and_tour():
    with collector() as local, tempfile.TemporaryDirectory() as directory:
        at = ("--endpoint", local.endpoint)
        _, err = cli(*at, "tour", "--out", directory, code=3)
        assert "fluoroscope-cli demo" in err, err
        out, _ = cli(*at, "demo", "--traces", "1500")
        assert re.match(r"Sent 1,500 traces in [45],\d{3} datagrams to " + re.escape(local.ready["udp"][0]) + " in ", out), out

        status = json.loads(cli(*at, "status", "--json")[0])
        assert status["Stored"] == status["Received"], status
        out, _ = cli(*at, "tour", "--last", "20m", "--out", directory + "/pictures")
        for name in ("petshop/prod", "checkout", "payments", "bank.example.com", "emails", "orders@orders-db", "stock"):
            assert re.search(r"^" + re.escape(name) + r"\b", out, re.M), out
        assert re.search(r"^\d\d% of 2\.\d\d s was spent waiting for bank\.example\.com from payments; fault: TimeoutError$", out, re.M), out
        assert sorted(os.listdir(directory + "/pictures")) == ["petshop-map.png", "trace.pdf", "trace.png", "trace.svg"], out

        slowest = json.loads(cli(*at, "--json", "traces", "--last", "20m", "--limit", "0")[0])["TraceSummaries"]
        heroes = [summary for summary in slowest if summary["Id"].endswith("-946d071d87f412683d601dea")]
        assert len(heroes) == 1, len(slowest)
        out, _ = cli(*at, "trace", heroes[0]["Id"])
        assert out.startswith("92% of 2.31 s was spent waiting for bank.example.com from payments; fault: TimeoutError\n"), out
        assert "tier gold · region eu · order_id 84193 · bank_api v2" in out, out
        assert re.search(r"^mailer", out, re.M) and "2 calls running" in out, out


def live_demo():
    with collector() as local:
        process = subprocess.Popen([CLI, "--endpoint", local.endpoint, "demo", "--live", "--minutes", "1", "--traces", "3000"],
                                   env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=tap.tie)
        deadline = time.monotonic() + tap.PATIENCE
        stored = 0
        while stored < 20 and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.1)
            stored = json.loads(cli("--endpoint", local.endpoint, "status", "--json")[0])["Stored"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=tap.PATIENCE)
        assert stored >= 20, err
        assert process.returncode == 130 and "Stopped after" in err, (process.returncode, err)


def demo_to_an_address():
    with collector() as local:
        out, _ = cli("--endpoint", local.endpoint, "demo", "--traces", "5", "--udp", local.ready["udp"][0])
        assert out.startswith("Sent 5 traces"), out
        # What was sent can be read back at once.
        sent = int(re.search(r"in (\d+) datagrams", out).group(1))
        status, _ = cli("--endpoint", local.endpoint, "--json", "status")
        assert json.loads(status)["Stored"] == sent, (sent, status)


TESTS = [help_and_version, wrong_usage, filters, unreachable, exit_codes, credentials, terminal_escapes, reading, keeping, narrow_terminal, exports, demo_to_an_address,
         demo_and_tour, live_demo]


def main():
    print(f"1..{len(TESTS)}", flush=True)
    failed = 0
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}", flush=True)
        except Exception:  # a TAP program goes on after a failure
            failed += 1
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            print(f"not ok {number} - {test.__name__}", flush=True)
    shutil.rmtree(HOME, ignore_errors=True)
    sys.exit(1 if failed else 0)


main()
