#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a screen reader is told of the map as a list, the Traces page and the filter editor: names and roles, over the bus, of the real
application."""
import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "service"))
from tap import BUILD, CLI, PATIENCE, Collector, Skip, environment, equal, run, tie, wait_until  # noqa: E402

APP = os.path.join(BUILD, "src", "app", "fluoroscope")
FILTER = 'service("payments") { responsetime > 0.5 }'
# What GTK calls a widget that nobody gave a name.
NAMELESS = re.compile(r"^((Gtk|Adw|Fluo)[A-Z]\w*)?$")
# Of these their content is read, not they.
CONTAINERS = {"scroll pane", "panel", "filler", "list", "table cell", "frame", "application"}
DEPTH_MAX = 60

# An application that is not ready yet is worth a warning of the library's, and no more.
os.environ.pop("G_DEBUG", None)
try:
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi
except (ImportError, ValueError):
    Atspi = None


class Reader:
    """The application on a collector with the demo, and its tree as the bus has it."""

    # The map behind a page is not its matter.
    skipped = ("FluoMapPage",)

    def __init__(self):
        if not Atspi or not os.environ.get("DISPLAY") or not shutil.which("xdotool"):
            raise Skip("needs a display, xdotool and at-spi")
        self.home = tempfile.mkdtemp(prefix="fluo-reader-")
        self.collector = Collector()
        subprocess.run([CLI, "--endpoint", self.collector.endpoint, "demo", "--traces", "600", "--udp", self.collector.ready["udp"][0]],
                       check=True, stdout=subprocess.DEVNULL, env=environment(self.home))
        variables = environment(self.home)
        for name in ("GTK_A11Y", "NO_AT_BRIDGE"):
            variables.pop(name, None)
        os.makedirs(f"{self.home}/run", mode=0o700, exist_ok=True)
        variables.update(FLUO_COLLECTOR_PORT="0", AWS_CONFIG_FILE="/nonexistent", AWS_SHARED_CREDENTIALS_FILE="/nonexistent")
        self.log = open(f"{self.home}/log", "w+", encoding="utf-8")
        self.process = subprocess.Popen([APP, "--endpoint", self.collector.endpoint], env=variables, stdout=self.log, stderr=self.log, preexec_fn=tie)
        self.window = wait_until(self.find_window, "the window is there")
        wait_until(self.find_application, "the bus has the application")
        self.xdotool("windowfocus", "--sync", self.window)

    def end(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.log.seek(0)
        for line in self.log:
            print("# " + line.rstrip(), flush=True)
        self.log.close()
        self.collector.__exit__(None)
        shutil.rmtree(self.home, ignore_errors=True)

    def find_window(self):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], capture_output=True, text=True, check=False)
        return found.stdout.split()[-1] if found.stdout.split() else None

    @staticmethod
    def xdotool(*words):
        subprocess.run(["xdotool", *words], check=True, stdout=subprocess.DEVNULL)

    def find_application(self):
        desktop = Atspi.get_desktop(0)
        desktop.clear_cache()  # who came while it was asked is not in there
        for i in range(desktop.get_child_count()):
            child = desktop.get_child_at_index(i)
            if child and child.get_process_id() == self.process.pid:
                return child
        return None

    def nodes(self, node=None, depth=0, rows=12):
        """What is visible, from top to bottom; of a long list so many rows. Each question goes to the application and waits for it,
        so that nobody asks more than is needed. Things may go while they are read."""
        try:
            node = node or self.find_application()
            if depth > 2 and not node.get_state_set().contains(Atspi.StateType.VISIBLE):
                return
            yield node
            n = 0 if node.get_name() in self.skipped else node.get_child_count()
            n = min(n, rows if node.get_role() in (Atspi.Role.LIST, Atspi.Role.TREE_TABLE) else 80)
            children = [node.get_child_at_index(i) for i in range(n)]
        except Exception:  # GLib.Error: it is gone
            return
        for child in children if depth < DEPTH_MAX else ():
            if child:
                yield from self.nodes(child, depth + 1, rows)

    def of_role(self, role, read=lambda node: node.get_name(), rows=12):
        """What each is called, one after the other: who has found it asks no more. None is left out."""
        for node in self.nodes(rows=rows):
            try:
                text = read(node) if node.get_role_name() == role else None
            except Exception:  # GLib.Error: it is gone
                continue
            if text is not None:
                yield text.replace("\xa0", " ")

    names = of_role

    def selected(self):
        return self.of_role("table row", lambda row: row.get_name() if row.get_state_set().contains(Atspi.StateType.SELECTED) else None, 80)

    def descriptions(self, role):
        return self.of_role(role, lambda node: node.get_description())

    def see(self, role, *names):
        """Waits until all of them are there."""
        wait_until(lambda: set(names) <= set(self.names(role)), f"{role}: {', '.join(names)}")

    def nameless(self):
        """(role, name) of what the keyboard reaches and nobody gave a name."""
        for node in self.nodes():
            role, name = node.get_role_name(), node.get_name()
            if role not in CONTAINERS and NAMELESS.match(name) and node.get_state_set().contains(Atspi.StateType.FOCUSABLE):
                yield role, name

    def press_until(self, keys, reached, what):
        """A busy server loses some. What a key does is seen on a slow machine too before the next one undoes it."""
        for patience in (10, 20, 40, 80, PATIENCE):
            self.xdotool("key", "--clearmodifiers", keys)
            try:
                return wait_until(reached, what, patience)
            except AssertionError:
                continue
        raise AssertionError(f"never happened: {what}")


@functools.cache
def get_reader():
    """One application for all tests, as one user has it: what comes and goes on the bus is not always told."""
    return Reader()


def map_list():
    """the map as a list: services with their numbers, calls and callers, the inspector"""
    reader = get_reader()
    reader.skipped = ()  # here the map is what it is about
    reader.press_until("ctrl+1", lambda: any(re.match(r"^Service map, [1-9]", name) for name in reader.names("image")), "the map is there")
    reader.see("push button", "Show as Map (V)", "Show as List (V)")
    row = re.compile(r"^checkout, ECS service, [\d.]+ requests a minute, p50 [\d.]+ milliseconds, p99 [\d.]+ \w+, .*1 caller, calls \d services$")
    reader.press_until("v", lambda: any(row.match(name) for name in reader.names("table row")), "services have names")
    assert "Services" in [*reader.names("tree table"), *reader.names("table")], [*reader.names("tree table")]

    def at(beginning):
        return lambda: any(name.startswith(beginning) for name in reader.selected())

    reader.press_until("Home", at("Clients"), "the first row is selected")
    reader.press_until("Down", at("petshop/prod"), "the next row is selected")
    reader.see("label", "petshop/prod")
    reader.press_until("Right", lambda: any(name.startswith("Call: petshop/prod to checkout") for name in reader.names("table row")), "calls are below")
    wait_until(lambda: any(name.startswith("Caller: Clients to petshop/prod") for name in reader.names("table row")), "callers are below")
    reader.press_until("Down", at("Call: petshop/prod to "), "a call is selected")
    reader.press_until("Left", at("petshop/prod"), "back to what calls")
    # The map knows what was selected on the list.
    reader.press_until("v", lambda: any(name.startswith("Service map, ") for name in reader.names("image")), "the map is back")
    wait_until(lambda: any(text.startswith("petshop/prod, ") for text in reader.descriptions("image")), "the same is selected on the map")


def traces_page():
    """the Traces page: field, charts, cards, rows, buttons"""
    reader = get_reader()
    reader.skipped = Reader.skipped
    row = re.compile(r"^\d\d:\d\d:\d\d\.\d+, [^,]+, [\d.]+ (ms|s|µs), \S.*, \S+")
    reader.press_until("ctrl+2", lambda: any(row.match(name) for name in reader.names("table row")), "rows have names")
    reader.see("text", "Filter or search")
    reader.see("image", "Response time of each trace")
    assert "Traces" in [*reader.names("tree table"), *reader.names("table")], [*reader.names("tree table")]
    wait_until(lambda: any(name.endswith("add to the filter") for name in reader.names("push button")), "cards have names")
    reader.see("push button", "Run", "Export list", "Compare more fields", "Saved filters", "Open the editor (Ctrl+Enter)")


def filter_editor():
    """the editor: text, explanation, counts, mistakes, proposals"""
    reader = get_reader()
    reader.press_until("ctrl+2", lambda: "Filter or search" in reader.names("text"), "the field is there")
    reader.xdotool("key", "ctrl+l")
    reader.xdotool("type", "--delay", "20", FILTER)
    reader.press_until("ctrl+Return", lambda: "Filter" in reader.names("text"), "the editor is there")
    reader.xdotool("key", "Return")
    reader.xdotool("type", "--delay", "20", "AND annotaton.tier = 1")
    reader.xdotool("key", "Return")
    reader.xdotool("type", "--delay", "20", "AND annotation.re")
    wait_until(lambda: any("payments took longer than 0.5 s" in name for name in reader.names("label")), "the explanation is read")
    wait_until(lambda: any(re.match(r"^Line 1: [\d,]+ traces left$", name) for name in reader.names("label")), "a count is read")
    wait_until(lambda: any("no keyword annotaton.tier" in name for name in reader.names("label")), "the mistake is read")
    wait_until(lambda: "What can be written here" in reader.names("list"), "the list is there")
    wait_until(lambda: any(name.startswith("annotation.region, text") for name in reader.names("list item")), "a proposal is read")
    reader.see("push button", "Fix the spelling", "Run", "Save as…", "Close the editor")
    # The head of the table is a row of GTK's own; what was not shown yet has no text yet.
    known = (("table row", "GtkListItemWidget"), ("push button", ""), ("label", "GtkLabel"))
    equal([entry for entry in reader.nameless() if entry not in known], [], "what the keyboard reaches without a name")


try:
    run([map_list, traces_page, filter_editor])
finally:
    if get_reader.cache_info().currsize:
        get_reader().end()
