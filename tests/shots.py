#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs every page and dialog of the real application on demo data: shots.py BUILD OUT [NAME…] [light|dark] [de].

It runs inside an X server and session bus of its own, drives the window with real key presses and clicks, and
writes OUT/<name>-light.png and OUT/<name>-dark.png."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import shots_admin
import shots_language
import shots_large
import shots_logs
import shots_saved
import shots_server
import shots_sign_on
import shots_vault

BUILD, OUT = sys.argv[1], sys.argv[2]
ONLY = [word for word in sys.argv[3:] if word not in shots_language.COUNTRIES]
LANGUAGE = {}
APP = os.path.join(BUILD, "src/app/fluoroscope")
CLI = os.path.join(BUILD, "src/cli/fluoroscope-cli")
COLLECTOR = os.path.join(BUILD, "src/collector/fluoroscoped")

SETTINGS = """[Settings]
gtk-font-name=Cantarell 11
gtk-enable-animations=false
gtk-cursor-blink=false
gtk-xft-antialias=1
gtk-xft-hinting=1
gtk-xft-hintstyle=hintslight
gtk-xft-rgba=none
gtk-xft-dpi=98304
gtk-decoration-layout=:close
"""


# The frame that GTK draws by itself where the window manager gives no shadows.
FRAME = 5
COMPLAINT = re.compile(r"-(WARNING|CRITICAL|ERROR)\b")
complaints = []


def wait_for(what, check, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(0.05)
    raise SystemExit(f"shots: {what} did not happen within {seconds} s")


class Collector:
    """A collector on free ports with a store of its own."""

    full = None  # the one with the demo's traces

    def __init__(self, home):
        ready = os.path.join(home, "ready.json")
        self.process = subprocess.Popen([COLLECTOR, "--data-dir", os.path.join(home, "store"), "--listen", "127.0.0.1:0",
                                         "--udp", "127.0.0.1:0", "--otlp", "127.0.0.1:0", "--otlp-grpc", "none", "--ready-file", ready])
        wait_for("the collector", lambda: os.path.exists(ready) and os.path.getsize(ready))
        with open(ready, encoding="utf-8") as text:
            addresses = json.load(text)
        self.url = "http://" + addresses["http"][0]
        self.udp = addresses["udp"][0]

    def traces(self):
        told = subprocess.run([CLI, "--endpoint", self.url, "--json", "status"], check=True, stdout=subprocess.PIPE)
        return json.loads(told.stdout)["Traces"]

    def demo(self):
        subprocess.run([CLI, "--endpoint", self.url, "demo", "--udp", self.udp], check=True, stdout=subprocess.DEVNULL)

    def send(self, documents):
        """Segments, as PutTraceSegments takes them: at most 50 at once."""
        for i in range(0, len(documents), 50):
            body = json.dumps({"TraceSegmentDocuments": [json.dumps(document) for document in documents[i:i + 50]]}).encode()
            request = urllib.request.Request(self.url + "/TraceSegments", body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as answer:
                for refused in json.load(answer)["UnprocessedTraceSegments"]:
                    raise SystemExit(f"shots: a segment was refused: {refused}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Other(shots_server.Server):
    """Another server at an X-Ray address: one that never answers, or one that refuses everything."""

    def __init__(self, refuses):
        def answer(_path, _headers, _body):
            if not refuses:
                time.sleep(3600)
            return 403, {"x-amzn-ErrorType": "AccessDeniedException", "Content-Type": "application/json"}, (
                b'{"__type": "AccessDeniedException", "message": "User: arn:aws:iam::402155889917:user/oncall is not authorized to perform: xray:GetTraceSummaries"}')

        super().__init__(answer)


class SignIn(Other):
    """Where one signs in with a browser, as the AWS tools do; nobody ever does."""

    def __init__(self):
        super().__init__(True)
        answers = {"/client/register": {"clientId": "c", "clientSecret": "s", "clientIdIssuedAt": 1, "clientSecretExpiresAt": 4102444800},
                   "/device_authorization": {"deviceCode": "d", "userCode": "WXYZ-ABCD", "verificationUri": "https://device.sso.eu-central-1.amazonaws.com/",
                                             "expiresIn": 600, "interval": 5}}

        def answer(handler):
            found = answers.get(handler.path)
            body = json.dumps(found or {"error": "authorization_pending"}).encode()
            handler.send_response(200 if found else 400)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        self.server.RequestHandlerClass.do_POST = answer


class Window:
    """The application with a home of its own."""

    def __init__(self, home, dark, endpoint, size=(1440, 900), contrast=False, files=(), profiles=None, connections=None):
        self.home = tempfile.mkdtemp(dir=home)
        config = os.path.join(self.home, "aws-config")
        if profiles is not None:
            with open(config, "w", encoding="utf-8") as text:
                text.write(profiles(endpoint))
        env = dict(os.environ, HOME=self.home, GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory", TZ="Europe/Berlin",
                   GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), GTK_A11Y="none", FLUO_COLLECTOR_PORT="0",
                   ADW_DEBUG_HIGH_CONTRAST="1" if contrast else "0", AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE="/nonexistent",
                   ADW_DEBUG_COLOR_SCHEME="prefer-dark" if dark else "prefer-light", FLUO_COLLECTOR=COLLECTOR,
                   **LANGUAGE)
        for name in ("CONFIG", "DATA", "CACHE", "STATE", "RUNTIME"):
            path = os.path.join(self.home, name.lower())
            os.makedirs(path, mode=0o700)
            env["XDG_RUNTIME_DIR" if name == "RUNTIME" else f"XDG_{name}_HOME"] = path
        os.makedirs(os.path.join(self.home, "config/gtk-4.0"))
        if connections:
            os.makedirs(os.path.join(self.home, "config/fluoroscope"))
            with open(os.path.join(self.home, "config/fluoroscope/connections.ini"), "w", encoding="utf-8") as text:
                text.write(connections)
        with open(os.path.join(self.home, "config/gtk-4.0/settings.ini"), "w", encoding="utf-8") as text:
            text.write(SETTINGS)
        words = [APP] + (["--endpoint", endpoint] if endpoint else []) + list(files)
        self.log = os.path.join(self.home, "stderr")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(words, env=env, stderr=log)
        self.id = wait_for("the window", self.find)
        self.resize(*size)
        time.sleep(1.5)

    def find(self):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], capture_output=True, text=True)
        return found.stdout.split()[-1] if found.stdout.split() else None

    def xdotool(self, *words):
        subprocess.run(["xdotool", *map(str, words)], check=True, stdout=subprocess.DEVNULL)

    def resize(self, width, height):
        self.size = (width, height)
        self.xdotool("windowsize", self.id, width + 2 * FRAME, height + 2 * FRAME)
        self.xdotool("windowmove", self.id, 0, 0)
        self.xdotool("windowfocus", self.id)
        time.sleep(0.5)

    def key(self, *keys):
        for key in keys:
            self.xdotool("key", key)
            time.sleep(0.25)

    def type(self, text):
        self.xdotool("type", "--delay", 15, text)
        time.sleep(0.4)

    def click(self, x, y, button=1):
        self.xdotool("mousemove", x + FRAME, y + FRAME, "sleep", 0.2, "click", button)
        time.sleep(0.4)

    def drag(self, x1, y1, x2, y2):
        self.xdotool("mousemove", x1 + FRAME, y1 + FRAME, "sleep", 0.2, "mousedown", 1, "mousemove", x1 + FRAME, (y1 + y2) // 2 + FRAME, "sleep", 0.1,
                     "mousemove", x2 + FRAME, y2 + FRAME, "sleep", 0.2, "mouseup", 1)
        time.sleep(0.6)

    def point(self, x, y):
        self.xdotool("mousemove", x + FRAME, y + FRAME)
        time.sleep(0.7)

    def shot(self, name):
        """The window's part of the screen, with what lies over it: dialogs are windows of their own."""
        time.sleep(0.5)
        path = os.path.join(OUT, name + ".png")
        subprocess.run(["import", "-window", "root", "-crop", f"{self.size[0]}x{self.size[1]}+{FRAME}+{FRAME}", "+repage", path], check=True)
        print(path, flush=True)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        with open(self.log, encoding="utf-8", errors="replace") as log:
            for line in log:
                if COMPLAINT.search(line):
                    complaints.append(line.strip())


def main():
    home = tempfile.mkdtemp(prefix="fluoroscope-shots-")
    os.makedirs(OUT, exist_ok=True)
    LANGUAGE.update(shots_language.environment_of(sys.argv[3:], home, BUILD))
    # Popovers have black corners without the one; dialogs lie anywhere without the other.
    helpers = [subprocess.Popen(["xcompmgr", "-n"], stderr=subprocess.DEVNULL), subprocess.Popen(["openbox", "--sm-disable"], stderr=subprocess.DEVNULL)]
    time.sleep(1)
    full = Collector.full = Collector(tempfile.mkdtemp(dir=home))
    empty = Collector(tempfile.mkdtemp(dir=home))
    try:
        full.demo()
        wait_for("the demo's traces", lambda: full.traces() > 12000, 60)
        for dark in (False, True):
            if ONLY and {"light", "dark"} & set(ONLY) and ("dark" if dark else "light") not in ONLY:
                continue
            photograph(home, dark, full, empty)
    finally:
        full.stop()
        empty.stop()
        for helper in helpers:
            helper.terminate()
        shutil.rmtree(home, ignore_errors=True)
    if complaints:
        raise SystemExit("shots: the application complained:\n  " + "\n  ".join(sorted(set(complaints))))


def photograph(home, dark, full, empty):
    tone = "dark" if dark else "light"
    for scene in [*SCENES, scene_compare]:
        if not set(ONLY) - {"light", "dark"} or scene.__name__.removeprefix("scene_") in ONLY:
            scene(lambda **more: Window(home, dark, more.pop("endpoint", full.url), **more), tone, empty)


# Places on the window of 1440 x 900; the demo is the same on every machine, so its map is too.
NODE_PAYMENTS = (813, 194)
NODE_WITH_INSPECTOR = (632, 194)  # the map is fitted anew beside the panel
EDGE_BANK = (905, 194)
COMPARE = (1222, 807)
CONNECTION = (105, 22)
RANGE = (300, 22)
VIEWS = (350, 176)
VIEWS_OF_STATISTICS = (946, 176)
MENU = (1372, 22)
# On the traces page.
BRUSH = (600, 195, 606, 120)  # from the middle up
ERROR_BUTTON = (1372, 122)
CONNECT_TO_AWS = (1105, 704)  # on the start page
ADD_CONNECTION = (469, 98)
EDIT_CONNECTION = (207, 281)
TEST_CONNECTION = (934, 730)
CHARTS_MENU = (1412, 106)
MORE_FIELDS = (1350, 312)
FIRST_CARD = (130, 362)


def scene_start(window_of, tone, empty):
    window = window_of(endpoint=empty.url, size=(870, 900))
    window.shot(f"start-{tone}")
    window.resize(1440, 900)
    window.shot(f"start-wide-{tone}")
    window.resize(360, 640)
    window.shot(f"start-phone-{tone}")
    window.close()


def scene_map(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+1")
    window.shot(f"map-{tone}")
    window.point(*EDGE_BANK)
    window.shot(f"map-hover-{tone}")
    window.click(*EDGE_BANK)
    window.point(700, 760)
    window.shot(f"map-edge-{tone}")
    window.click(*NODE_WITH_INSPECTOR)
    window.point(700, 760)
    window.shot(f"map-inspector-{tone}")
    window.point(1250, 633)
    window.key("Tab", "Tab", "Tab")
    window.shot(f"map-causes-{tone}")
    window.resize(900, 600)
    window.shot(f"map-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"map-phone-inspector-{tone}")
    window.key("Escape")
    window.shot(f"map-phone-{tone}")
    window.key("ctrl+l")
    window.type('service("payments") { fault }')
    window.key("Return", "ctrl+1")
    window.point(180, 460)
    window.shot(f"map-filter-phone-{tone}")
    window.resize(900, 600)
    window.key("ctrl+f")
    window.type("pay")
    time.sleep(1)
    window.shot(f"map-filter-narrow-{tone}")
    window.resize(1440, 900)
    window.shot(f"map-filter-{tone}")
    window.close()


def scene_insights(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+3")
    window.shot(f"insights-{tone}")
    window.resize(360, 640)
    window.shot(f"insights-phone-{tone}")
    window.close()


def scene_states(window_of, tone, _empty):
    """Nothing in the range, an answer that takes long, an answer that refuses."""
    with tempfile.TemporaryDirectory() as home:
        old = Collector(home)
        begin = time.time() - 3000
        old.send([{"trace_id": f"1-{int(begin):08x}-{'%024x' % 1}", "id": "%016x" % 1, "name": "shop", "start_time": begin,
                   "end_time": begin + 0.2, "http": {"response": {"status": 200}}}])
        window = window_of(endpoint=old.url)
        window.shot(f"map-empty-{tone}")
        window.key("ctrl+2")
        window.shot(f"traces-empty-{tone}")
        window.close()
        old.stop()
    for name, refuses in (("loading", False), ("refused", True)):
        other = Other(refuses)
        window = window_of(endpoint=other.url)
        time.sleep(1)
        window.shot(f"map-{name}-{tone}")
        window.key("ctrl+2")
        window.shot(f"traces-{name}-{tone}")
        window.close()
        other.stop()


def long_names(now):
    """Segments with the longest names, addresses and messages that X-Ray takes, and some in other scripts."""
    segments = []
    long = "payments-settlement-reconciliation-orchestrator-"
    names = [(long * 5)[:200], "注文サービス", "خدمة-الدفع", "<b>&amp; %s</b>", "a"]
    for i in range(100):
        name = names[i % len(names)]
        trace = f"1-{int(now - 60 - i):08x}-{'%024x' % (i + 1)}"
        segments.append({"trace_id": trace, "id": "%016x" % (2 * i + 1), "name": "gateway." + long[:40], "start_time": now - 60 - i,
                         "end_time": now - 59 - i, "http": {"request": {"method": "GET", "url": "https://shop.example.com/" + "very/" * 60},
                                                            "response": {"status": 500 if i % 5 == 3 else 200}},
                         "fault": i % 5 == 3, "annotations": {"a_key_that_is_rather_long_" + "x" * 40: "value " * 30, "ok": True},
                         "subsegments": [{"id": "%016x" % (1000000 + i), "name": name, "namespace": "remote", "start_time": now - 60 - i + 0.1,
                                          "end_time": now - 59 - i - 0.1, "fault": i % 5 == 3,
                                          "cause": {"working_directory": "/", "exceptions": [{"id": "%016x" % (9000 + i), "type": "E" * 120, "message": "word " * 120}]}
                                          if i % 5 == 3 else {}}]})
    return segments


def scene_names(window_of, tone, _empty):
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        other.send(long_names(time.time()))
        window = window_of(endpoint=other.url)
        window.shot(f"names-map-{tone}")
        window.key("ctrl+1", "Right", "Return")
        window.shot(f"names-map-inspector-{tone}")
        window.key("ctrl+2")
        window.key("space", "Down", "Down")
        window.shot(f"names-traces-{tone}")
        window.key("Return")
        time.sleep(1)
        window.key("n")
        window.shot(f"names-trace-{tone}")
        window.close()
        other.stop()


def many_services(now, n):
    """Traces through N services, in teams: every service has one caller or two, and one call in thirty fails."""
    teams = ["checkout", "search", "orders", "account", "media", "billing"]
    segments = []

    def name(i):
        return "gateway" if i == 0 else f"{teams[i % len(teams)]}-{i}"

    def caller(i, other):
        return max(0, (i - 1) // 3 - other) if i else None

    for i in range(n):
        for other in range(2 if i % 7 == 3 else 1):
            path, at = [i], i
            while at:
                at = caller(at, other if at == i else 0)
                path.append(at)
            trace = f"1-{int(now - 60 - i % 600):08x}-{'%024x' % (2 * i + other + 1)}"
            begin, parent = now - 60 - i % 600, None
            for depth, service in enumerate(reversed(path)):
                last = depth == len(path) - 1
                number = (2 * i + other) * 64 + 2 * depth + 1
                segment = {"trace_id": trace, "id": "%016x" % number, "name": name(service), "start_time": begin + 0.01 * depth,
                           "end_time": begin + 1 - 0.01 * depth, "fault": last and i % 30 == 7,
                           "http": {"request": {"method": "GET", "url": "https://shop.example.com/"}, "response": {"status": 200}}}
                if parent:
                    segment["parent_id"] = parent
                if not last:
                    parent = "%016x" % (number + 1)
                    segment["subsegments"] = [{"id": parent, "name": name(list(reversed(path))[depth + 1]), "namespace": "remote",
                                               "start_time": begin + 0.01 * depth, "end_time": begin + 1 - 0.01 * depth}]
                segments.append(segment)
    return segments


def deployment(now):
    """A quarter of an hour before a deployment and one after it: payments and what it calls became slow and fail, search became
    fast, catalog fails no more, the mailer was replaced."""
    segments = []

    def call(trace, number, parent, name, begin, length, callees, fault=False):
        segment = {"trace_id": trace, "id": "%016x" % number, "name": name, "start_time": begin, "end_time": begin + length, "fault": fault,
                   "http": {"request": {"method": "GET", "url": f"https://{name}.example.com/"}, "response": {"status": 500 if fault else 200}}}
        if parent:
            segment["parent_id"] = "%016x" % parent
        for i, (callee, callee_length, callee_fault, deeper) in enumerate(callees):
            sub = number * 8 + i + 1
            segment.setdefault("subsegments", []).append({"id": "%016x" % sub, "name": callee, "namespace": "remote", "start_time": begin + 0.002,
                                                          "end_time": begin + 0.006 + callee_length, "fault": callee_fault})
            call(trace, sub * 8 + 7, sub, callee, begin + 0.004, callee_length, deeper, callee_fault)
        segments.append(segment)

    for i in range(1200):
        late = i % 2
        begin = now - 30 - 840 * (i // 2) / 600 - (0 if late else 900)
        trace = f"1-{int(begin):08x}-{'%024x' % (i + 1)}"
        failed = bool(late and i % 14 == 1)
        slow = 2.4 if late else 1
        jitter = 1 + (i * 37 % 50) / 100
        if i % 3:
            callees = [("payments", 0.2 * slow * jitter, failed, [("bank.example.com", 0.15 * slow * jitter, failed, [])]),
                       ("mail-api" if late else "legacy-mailer", 0.02 * jitter, False, []), ("stock", 0.008 * jitter, False, [])]
            call(trace, (i + 1) << 24, None, "checkout", begin, 0.4 * slow * jitter, callees, failed)
        else:
            broken = not late and i % 18 == 0
            call(trace, (i + 1) << 24, None, "search", begin, (0.05 if late else 0.13) * jitter, [("catalog", 0.03 * jitter, broken, [])])
    return segments


def scene_compare(window_of, tone, _empty):
    """The map of what a deployment changed."""
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        other.send(deployment(time.time()))
        window = window_of(endpoint=other.url)
        time.sleep(2)
        window.shot(f"map-usual-{tone}")
        window.key("ctrl+1", "v", "Down", "Down")
        time.sleep(1)
        window.shot(f"map-usual-list-{tone}")
        window.key("v", "Escape")
        time.sleep(1)
        window.click(*COMPARE)
        window.shot(f"map-compare-menu-{tone}")
        window.key("Return")
        time.sleep(2)
        window.point(700, 700)
        window.shot(f"map-compare-{tone}")
        window.key("ctrl+1", "Right", "Right", "Right", "Return")
        time.sleep(1)
        window.shot(f"map-compare-inspector-{tone}")
        window.close()
        other.stop()


def scene_graphs(window_of, tone, _empty):
    """Maps of 5, 60, 300 and 1,000 services: whole, near by, narrowed and searched."""
    for n in (5, 60, 300, 1000):
        with tempfile.TemporaryDirectory() as home:
            other = Collector(home)
            other.send(many_services(time.time(), n))
            window = window_of(endpoint=other.url)
            time.sleep(2)
            window.shot(f"graph-{n}-{tone}")
            if n == 60:
                window.key("ctrl+f")
                window.type("orders-1")
                time.sleep(1)
                window.shot(f"graph-search-{tone}")
                window.key("Escape")
                window.key("shift+F10")
                time.sleep(1)
                window.shot(f"graph-menu-{tone}")
            window.close()
            other.stop()


def scene_list(window_of, tone, _empty):
    """The map as a list: with a call selected, and in narrow windows."""
    window = window_of()
    window.key("ctrl+1", "v", "Home", "Down", "Right", "Down", "Down")
    time.sleep(1)
    window.shot(f"map-list-{tone}")
    window.key("Escape")
    window.resize(900, 600)
    window.shot(f"map-list-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"map-list-phone-{tone}")
    window.close()


def scene_contrast(window_of, tone, _empty):
    window = window_of(contrast=True)
    window.click(*NODE_PAYMENTS)
    window.shot(f"contrast-map-{tone}")
    window.key("ctrl+2", "ctrl+l")
    window.type("84193")
    window.key("Return", "space")
    window.shot(f"contrast-traces-{tone}")
    window.key("Return")
    time.sleep(1)
    window.shot(f"contrast-trace-{tone}")
    window.key("ctrl+2", "ctrl+l", "ctrl+a")
    window.type("/checkout")
    window.key("Return")
    time.sleep(1)
    window.drag(*BRUSH)
    time.sleep(1)
    window.shot(f"contrast-traces-brush-{tone}")
    window.key("ctrl+l", "ctrl+Return", "ctrl+a")
    window.type('annotaton.tier = "gold"')
    window.key("Return")
    window.type("AND annotation.re")
    time.sleep(1)
    window.shot(f"contrast-editor-{tone}")
    window.close()


def scene_heat(window_of, tone, _empty):
    """More traces than there are places for dots: density, whole and brushed, wide and narrow; then nothing at all."""
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        subprocess.run([CLI, "--endpoint", other.url, "demo", "--traces", "26000", "--udp", other.udp], check=True, stdout=subprocess.DEVNULL)
        wait_for("the demo's traces", lambda: other.traces() > 24000, 120)
        window = window_of(endpoint=other.url)
        time.sleep(3)  # what is read first takes the focus
        window.key("ctrl+2")
        time.sleep(1)
        window.shot(f"heat-{tone}")
        window.drag(*BRUSH)
        time.sleep(1)
        window.shot(f"heat-brush-{tone}")
        window.resize(900, 600)
        window.shot(f"heat-narrow-{tone}")
        window.close()
        window = window_of(endpoint=other.url, contrast=True)
        time.sleep(3)
        window.key("ctrl+2", "ctrl+2")
        window.drag(*BRUSH)
        time.sleep(1)
        window.shot(f"heat-contrast-{tone}")
        window.close()
        other.stop()


def scene_menus(window_of, tone, _empty):
    window = window_of()
    for name, place in (("connection", CONNECTION), ("range", RANGE)):
        window.click(*place)
        window.point(700, 760)
        window.shot(f"{name}-{tone}")
        window.key("Escape")
    window.key("F10")
    window.shot(f"menu-{tone}")
    window.key("Escape")
    window.click(*NODE_PAYMENTS, button=3)
    window.shot(f"node-menu-{tone}")
    window.key("Up", "Up", "Up", "Return")
    window.shot(f"node-colour-{tone}")
    window.close()


def scene_dialogs(window_of, tone, empty):
    window = window_of()
    for name, keys in (("shortcuts", ["ctrl+question"]), ("preferences", ["ctrl+comma"]), ("open-by-id", ["ctrl+t"]),
                       ("about", ["F10", "Up", "Return"])):
        window.key(*keys)
        window.shot(f"{name}-{tone}")
        window.key("Escape")
    window.close()


KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n"
SSO = "sso_session = corp\nsso_account_id = 402155889917\nsso_role_name = oncall-read\n"
LONG = "petshop-production-settlement-reconciliation-orchestrator-frankfurt"


def profiles_of(url, n):
    """N profiles of every kind; the first answers from the demo's collector."""
    kinds = [KEYS, SSO,
             "role_arn = arn:aws:iam::402155889917:role/oncall\nsource_profile = petshop-prod\n", "credential_process = /usr/bin/keys\n", ""]
    regions = ["eu-central-1", "us-east-1", "ap-southeast-2", ""]
    given = subprocess.run([CLI, "--endpoint", url, "credentials", "--format", "process"], check=True, stdout=subprocess.PIPE).stdout
    keys = json.loads(given)
    text = (f"[profile petshop-prod]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
            f"region = eu-central-1\nendpoint_url = {url}\n")
    for i in range(1, n):
        name = LONG if i == 2 else f"petshop-{['staging', 'test', 'load', 'audit', 'shared'][i % 5]}-{i}"
        region = regions[i % 4]
        text += f"[profile {name}]\n{kinds[i % 5]}" + (f"region = {region}\n" if region else "")
    return text + "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\n"


CONNECTIONS = f"""[connections]
Version=1
Order=a;b;c;
[connection a]
Kind=profile
Name=petshop-prod
Profile=petshop-prod
Badge=PROD
Accent=red
BudgetMicroUsd=250000
[connection b]
Kind=profile
Name={LONG[:58]}
Profile={LONG}
Region=ap-southeast-2
Accent=orange
[connection c]
Kind=keys
Name=Audit
AccessKey=AKIAIOSFODNN7EXAMPLE
Region=eu-west-1
"""


def scene_connections(window_of, tone, empty):
    """The list with nothing, three and thirty profiles; the form, a test with its result; the cockpit; a marked window."""
    window = window_of(endpoint=empty.url)
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-local-{tone}")
    window.key("Escape")
    window.click(*CONNECT_TO_AWS)
    time.sleep(1)
    window.shot(f"connections-none-{tone}")
    window.close()
    window = window_of(profiles=lambda url: profiles_of(url, 30), connections=CONNECTIONS)
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-many-{tone}")
    window.type("petshop-prod")
    window.key("Return")
    time.sleep(2)
    window.shot(f"connected-{tone}")
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-{tone}")
    window.key("Escape", "ctrl+shift+k")
    time.sleep(1)
    window.shot(f"connections-many-{tone}")
    window.click(*ADD_CONNECTION)
    time.sleep(1)
    window.shot(f"connection-new-{tone}")
    window.key("Escape")
    window.key("ctrl+k")
    time.sleep(1)
    window.click(*EDIT_CONNECTION)
    time.sleep(1)
    window.shot(f"connection-{tone}")
    window.point(700, 500)
    for _ in range(12):
        window.xdotool("click", 5)
    window.shot(f"connection-mark-{tone}")
    window.click(*TEST_CONNECTION)
    time.sleep(2)
    for _ in range(12):
        window.xdotool("click", 5)
    window.shot(f"connection-test-{tone}")
    window.key("Escape")
    window.resize(900, 600)
    window.shot(f"connected-narrow-{tone}")
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-narrow-{tone}")
    window.close()


def scene_tabs(window_of, tone, _empty):
    """Connections side by side: this computer, one in production, one that can't sign in, one still being chosen."""
    window = window_of(profiles=lambda url: profiles_of(url, 30), connections=CONNECTIONS)
    for name in ("petshop-prod", LONG[:30]):
        window.key("ctrl+t")
        time.sleep(1)
        window.type(name)
        window.key("Return")
        time.sleep(2)
    window.shot(f"tabs-trouble-{tone}")
    window.key("ctrl+t")
    time.sleep(1)
    window.shot(f"tabs-new-{tone}")
    window.key("Escape", "alt+2")
    window.point(700, 760)
    window.shot(f"tabs-{tone}")
    window.resize(900, 600)
    window.shot(f"tabs-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"tabs-phone-{tone}")
    window.close()


def scene_sign_in(window_of, tone, empty):
    """A profile of single sign-on that nobody has signed in to, and a right that is missing."""
    elsewhere = SignIn()
    profile = ("[profile corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-central-1\nsso_account_id = 402155889917\n"
               f"sso_role_name = oncall-read\nregion = eu-central-1\nendpoint_url = {elsewhere.url}\n")
    window = window_of(endpoint=empty.url, profiles=lambda _url: profile)
    window.key("ctrl+k")
    time.sleep(1)
    window.key("Down", "Return")
    time.sleep(2)
    window.shot(f"signed-out-{tone}")
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-signed-out-{tone}")
    window.key("Escape")
    window.click(*ERROR_BUTTON)
    time.sleep(2)
    window.shot(f"sign-in-{tone}")
    window.close()
    elsewhere.stop()


# The last one of the main menu's first section.
WHY_MISSING = ("F10", "Down", "Down", "Down", "Down", "Return")


def scene_missing(window_of, tone, empty):
    """Why is my trace missing: nothing sent, refused documents, a trace that is here but in part, a wrong id."""
    window = window_of(endpoint=empty.url, size=(870, 900))
    window.click(122, 605)
    window.shot(f"missing-nothing-{tone}")
    window.close()
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        now = time.time()
        trace = f"1-{int(now):08x}-{'%024x' % 7}"
        part = {"trace_id": trace, "id": "%016x" % 7, "parent_id": "%016x" % 99, "name": "payments", "start_time": now - 20, "end_time": now - 19}
        other.send([part, {**part, "id": "%016x" % 8, "name": "stock", "in_progress": True, "end_time": None}])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            host, _, port = other.udp.rpartition(":")
            for document in ({**part, "id": "x1"}, {**part, "id": "%016x" % 9, "end_time": None}, {**part, "name": "a|b"}):
                sender.sendto(b'{"format":"json","version":1}\n' + json.dumps(document).encode(), (host, int(port)))
            sender.sendto(b"hello?", (host, int(port)))
            time.sleep(1)
        window = window_of(endpoint=other.url)
        window.key(*WHY_MISSING)
        window.shot(f"missing-{tone}")
        window.key("Escape")
        for name, text in (("partial", trace), ("invalid", trace[:-1] + "O"), ("unsampled", f"Root={trace[:-1]}8;Sampled=0")):
            window.key(*WHY_MISSING)
            window.type(text)
            window.key("Return")
            window.shot(f"missing-{name}-{tone}")
            window.key("Escape")
        window.resize(360, 640)
        window.key(*WHY_MISSING)
        window.shot(f"missing-phone-{tone}")
        window.close()
        other.stop()
    elsewhere = Other(True)
    window = window_of(endpoint=elsewhere.url)
    window.key(*WHY_MISSING)
    window.shot(f"missing-elsewhere-{tone}")
    window.close()
    elsewhere.stop()


def scene_traces(window_of, tone, _empty):
    window = window_of()
    time.sleep(2)  # what is read first takes the focus
    window.key("ctrl+2")
    window.shot(f"traces-{tone}")
    window.key("ctrl+l")
    window.type("/checkout")
    window.key("Return")
    time.sleep(1)
    window.drag(*BRUSH)
    time.sleep(1)
    window.shot(f"traces-brush-{tone}")
    window.click(*CHARTS_MENU)
    window.shot(f"traces-menu-{tone}")
    window.key("Escape")
    window.click(*MORE_FIELDS)
    time.sleep(1)
    window.shot(f"traces-compare-{tone}")
    window.key("Escape")
    window.click(*CHARTS_MENU)
    window.key("Up", "Return")
    time.sleep(1)
    window.shot(f"traces-groups-{tone}")
    window.key("Escape")
    time.sleep(1)
    window.click(*FIRST_CARD)
    time.sleep(1)
    window.shot(f"traces-card-{tone}")
    window.click(*FIRST_CARD)
    time.sleep(1)
    window.click(420, 420, 3)
    window.shot(f"traces-columns-{tone}")
    window.key("Escape")
    window.key("ctrl+2", "space")
    window.point(560, 700)
    window.shot(f"traces-preview-{tone}")
    window.resize(900, 600)
    window.shot(f"traces-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"traces-phone-preview-{tone}")
    window.key("Escape")
    window.shot(f"traces-phone-{tone}")
    window.resize(900, 600)
    window.shot(f"traces-narrow-list-{tone}")
    window.resize(1440, 900)
    window.key("ctrl+l", "ctrl+a")
    window.type("no such thing")
    window.shot(f"traces-nothing-{tone}")
    window.close()


def scene_trace(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+2", "ctrl+l")
    window.type("84193")
    window.key("Return", "Return")
    time.sleep(1)
    window.point(700, 800)
    window.shot(f"trace-{tone}")
    window.key("w")
    window.shot(f"trace-folded-{tone}")
    window.key("w")
    window.key("n", "n", "n", "n")
    window.shot(f"trace-fault-{tone}")
    window.key("m")
    time.sleep(1)
    window.shot(f"compare-{tone}")
    window.resize(900, 600)
    window.shot(f"compare-narrow-{tone}")
    window.resize(1440, 900)
    window.key("ctrl+w")
    window.click(180, 279)
    window.key("f")
    window.point(700, 800)
    window.shot(f"trace-flame-{tone}")
    window.key("Down", "Return")
    window.point(300, 330)
    window.shot(f"trace-flame-zoomed-{tone}")
    window.key("Escape", "f")
    window.click(*VIEWS)
    window.key("Down", "Down", "Down", "Return")
    window.shot(f"trace-statistics-{tone}")
    window.click(*VIEWS_OF_STATISTICS)
    window.key("Return")
    window.key("ctrl+f")
    window.type("bank")
    window.shot(f"trace-find-{tone}")
    window.key("Escape", "ctrl+e")
    time.sleep(1)
    window.shot(f"export-{tone}")
    window.key("Escape", "shift+F9")
    window.shot(f"trace-bottom-{tone}")
    window.resize(900, 600)
    window.shot(f"trace-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"trace-phone-{tone}")
    window.close()


def slow_clock(now):
    """A trace in which one host answers by a clock that is two seconds slow."""
    trace = f"1-{int(now - 60):08x}-{'%024x' % 77}"
    calls = [(i, now - 60 + 0.3 * i) for i in range(4)]
    web = {"trace_id": trace, "id": "%016x" % 255, "name": "web", "start_time": now - 60, "end_time": now - 58.7,
           "http": {"request": {"method": "GET", "url": "https://shop.example.com/cart"}, "response": {"status": 200}},
           "subsegments": [{"id": "%016x" % (i + 1), "name": "prices", "namespace": "remote", "start_time": at, "end_time": at + 0.1 + 0.03 * i,
                            "http": {"response": {"status": 200}}} for i, at in calls]}
    return [web] + [{"trace_id": trace, "id": "%016x" % (256 + i), "parent_id": "%016x" % (i + 1), "name": "prices", "start_time": at - 1.98,
                     "end_time": at - 1.92, "http": {"request": {"method": "GET", "url": f"https://prices/{i}"}, "response": {"status": 200}}}
                    for i, at in calls]


def scene_clock(window_of, tone, _empty):
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        other.send(slow_clock(time.time()))
        window = window_of(endpoint=other.url)
        window.key("ctrl+2", "space", "Down", "Return")
        time.sleep(1)
        window.key("Down")
        window.shot(f"trace-clock-{tone}")
        window.key("s")
        window.shot(f"trace-clock-shifted-{tone}")
        window.close()
        other.stop()


def scene_gone(window_of, tone, _empty):
    """The collector dies while somebody looks."""
    with tempfile.TemporaryDirectory() as home:
        other = Collector(home)
        subprocess.run([CLI, "--endpoint", other.url, "demo", "--traces", "500", "--udp", other.udp], check=True, stdout=subprocess.DEVNULL)
        window = window_of(endpoint=other.url)
        other.process.kill()
        other.process.wait()
        time.sleep(2)
        window.shot(f"gone-{tone}")
        window.close()


FILTER = 'service("payments") { responsetime > 0.5 } AND http.method = "POST"'


def scene_editor(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+2", "ctrl+l")
    window.type(FILTER)
    window.key("Return")
    time.sleep(1)
    window.point(700, 700)
    window.shot(f"query-{tone}")
    window.key("ctrl+1")
    time.sleep(0.5)
    window.shot(f"query-map-{tone}")
    window.key("ctrl+2", "ctrl+l")
    window.type('annotation.tier = "gold" AND http.status = 418')
    window.key("Return")
    time.sleep(2)
    window.shot(f"why-nothing-{tone}")
    window.key("ctrl+l")
    window.type(FILTER)
    window.key("Return")
    window.key("ctrl+l", "ctrl+Return")
    for line in ('AND annotation.tier = "gold"', 'AND annotaton.bank_api = "v2"', "AND annotation.re"):
        window.key("Return")
        window.type(line)
    time.sleep(1)
    window.shot(f"editor-{tone}")
    window.resize(900, 600)
    window.shot(f"editor-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"editor-phone-{tone}")
    window.close()


def scene_saved(window_of, tone, full):
    shots_saved.scene_saved(window_of, tone, FILTER)


SCENES = [scene_start, scene_map, scene_insights, scene_states, scene_missing, scene_names, scene_graphs, scene_list, scene_contrast, scene_heat, scene_menus, scene_dialogs, scene_connections,
          scene_tabs, scene_sign_in, scene_traces, scene_trace, scene_clock, scene_editor, scene_saved, scene_gone]
SCENES.append(shots_large.make_scene(VIEWS))
SCENES.append(shots_admin.make_scene(Collector, CLI))
SCENES.append(shots_sign_on.make_scene(Other, CONNECT_TO_AWS))
SCENES.append(shots_vault.make_scene(Collector, CLI, profiles_of))
SCENES.append(shots_logs.make_scene(lambda: Collector.full.url, CLI))

if __name__ == "__main__":
    main()
