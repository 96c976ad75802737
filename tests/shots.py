#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs every page and dialog of the real application on demo data: shots.py BUILD OUT [NAME…].

It runs inside an X server and session bus of its own, drives the window with real key presses and clicks, and
writes OUT/<name>-light.png and OUT/<name>-dark.png."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

BUILD, OUT, ONLY = sys.argv[1], sys.argv[2], sys.argv[3:]
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

    def __init__(self, home):
        ready = os.path.join(home, "ready.json")
        self.process = subprocess.Popen([COLLECTOR, "--data-dir", os.path.join(home, "store"), "--listen", "127.0.0.1:0",
                                         "--udp", "127.0.0.1:0", "--ready-file", ready])
        wait_for("the collector", lambda: os.path.exists(ready) and os.path.getsize(ready))
        with open(ready, encoding="utf-8") as text:
            addresses = json.load(text)
        self.url = "http://" + addresses["http"][0]
        self.udp = addresses["udp"][0]

    def traces(self):
        with urllib.request.urlopen(self.url + "/fluoroscope/v1/status") as answer:
            return json.load(answer)["Traces"]

    def demo(self):
        subprocess.run([CLI, "--endpoint", self.url, "demo", "--udp", self.udp], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()


class Window:
    """The application with a home of its own."""

    def __init__(self, home, dark, endpoint, size=(1440, 900)):
        self.home = tempfile.mkdtemp(dir=home)
        env = dict(os.environ, HOME=self.home, GSK_RENDERER="cairo", GSETTINGS_BACKEND="memory", LC_ALL="C.UTF-8", TZ="Europe/Berlin",
                   GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), GTK_A11Y="none",
                   ADW_DEBUG_COLOR_SCHEME="prefer-dark" if dark else "prefer-light", FLUO_COLLECTOR=COLLECTOR)
        for name in ("CONFIG", "DATA", "CACHE", "STATE", "RUNTIME"):
            path = os.path.join(self.home, name.lower())
            os.makedirs(path, mode=0o700)
            env["XDG_RUNTIME_DIR" if name == "RUNTIME" else f"XDG_{name}_HOME"] = path
        os.makedirs(os.path.join(self.home, "config/gtk-4.0"))
        with open(os.path.join(self.home, "config/gtk-4.0/settings.ini"), "w", encoding="utf-8") as text:
            text.write(SETTINGS)
        words = [APP] + (["--endpoint", endpoint] if endpoint else [])
        self.process = subprocess.Popen(words, env=env)
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
        self.xdotool("windowmove", self.id, 0, 0)
        self.xdotool("windowsize", "--sync", self.id, width, height)
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
        self.xdotool("mousemove", x, y, "sleep", 0.1, "click", button)
        time.sleep(0.4)

    def point(self, x, y):
        self.xdotool("mousemove", x, y)
        time.sleep(0.7)

    def shot(self, name, whole=False):
        """The window alone, or with @whole the screen: dialogs are windows of their own."""
        time.sleep(0.5)
        path = os.path.join(OUT, name + ".png")
        crop = [] if whole else ["-crop", f"{self.size[0]}x{self.size[1]}+0+0", "+repage"]
        subprocess.run(["import", "-window", "root", *crop, path], check=True)
        print(path)

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def main():
    home = tempfile.mkdtemp(prefix="fluoroscope-shots-")
    os.makedirs(OUT, exist_ok=True)
    compositor = subprocess.Popen(["xcompmgr", "-n"])  # popovers have black corners without one
    full = Collector(tempfile.mkdtemp(dir=home))
    empty = Collector(tempfile.mkdtemp(dir=home))
    try:
        full.demo()
        wait_for("the demo's traces", lambda: full.traces() > 12000, 60)
        for dark in (False, True):
            photograph(home, dark, full, empty)
    finally:
        full.stop()
        empty.stop()
        compositor.terminate()
        shutil.rmtree(home, ignore_errors=True)


def photograph(home, dark, full, empty):
    tone = "dark" if dark else "light"
    for scene in SCENES:
        if not ONLY or scene.__name__.removeprefix("scene_") in ONLY:
            scene(lambda **more: Window(home, dark, more.pop("endpoint", full.url), **more), tone, empty)


# Places on the window of 1440 x 900; the demo is the same on every machine, so its map is too.
NODE_PAYMENTS = (813, 173)
EDGE_BANK = (912, 173)
CONNECTION = (105, 27)
RANGE = (300, 27)
MENU = (1372, 27)
FIRST_ROW = (560, 143)


def scene_start(window_of, tone, empty):
    window = window_of(endpoint=empty.url, size=(870, 900))
    window.shot(f"start-{tone}")
    window.resize(1440, 900)
    window.shot(f"start-wide-{tone}")
    window.close()


def scene_map(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+1")
    window.shot(f"map-{tone}")
    window.point(*EDGE_BANK)
    window.shot(f"map-hover-{tone}")
    window.click(*NODE_PAYMENTS)
    window.point(700, 760)
    window.shot(f"map-inspector-{tone}")
    window.resize(900, 600)
    window.shot(f"map-narrow-{tone}")
    window.resize(360, 640)
    window.shot(f"map-phone-{tone}")
    window.close()


def scene_menus(window_of, tone, _empty):
    window = window_of()
    for name, place in (("connection", CONNECTION), ("range", RANGE), ("menu", MENU)):
        window.click(*place)
        window.shot(f"{name}-{tone}")
        window.key("Escape")
    window.close()


def scene_dialogs(window_of, tone, _empty):
    window = window_of()
    for name, key in (("shortcuts", "ctrl+question"), ("preferences", "ctrl+comma"), ("open-by-id", "ctrl+t")):
        window.key(key)
        window.shot(f"{name}-{tone}", whole=True)
        window.key("Escape")
    window.close()


def scene_traces(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+2")
    window.shot(f"traces-{tone}")
    window.key("ctrl+l")
    window.type("/checkout")
    window.click(*FIRST_ROW)
    window.shot(f"traces-preview-{tone}")
    window.resize(900, 600)
    window.shot(f"traces-narrow-{tone}")
    window.resize(1440, 900)
    window.key("ctrl+l", "ctrl+a")
    window.type("no such thing")
    window.shot(f"traces-nothing-{tone}")
    window.close()


def scene_trace(window_of, tone, _empty):
    window = window_of()
    window.key("ctrl+2", "ctrl+l")
    window.type("84193")
    window.click(*FIRST_ROW)
    window.key("Return")
    time.sleep(1)
    window.shot(f"trace-{tone}")
    window.key("n", "n", "n", "n")
    window.shot(f"trace-fault-{tone}")
    window.key("ctrl+f")
    window.type("bank")
    window.shot(f"trace-find-{tone}")
    window.key("Escape", "ctrl+e")
    time.sleep(1)
    window.shot(f"export-{tone}", whole=True)
    window.key("Escape", "shift+F9")
    window.shot(f"trace-bottom-{tone}")
    window.resize(900, 600)
    window.shot(f"trace-narrow-{tone}")
    window.close()


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


SCENES = [scene_start, scene_map, scene_menus, scene_dialogs, scene_traces, scene_trace, scene_gone]

if __name__ == "__main__":
    main()
