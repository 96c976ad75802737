#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of whole programs: bench-programs.py BUILD, inside an X server and a session bus. Prints a JSON array that
fluo-bench shows among its own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

BUILD = sys.argv[1]
RUNS = 7
APP = os.path.join(BUILD, "src/app/fluoroscope")
CLI = os.path.join(BUILD, "src/cli/fluoroscope-cli")
COLLECTOR = os.path.join(BUILD, "src/collector/fluoroscoped")
PATIENCE = 60


def environment(home):
    env = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "AWS_"))}
    env.update(HOME=home, GSETTINGS_BACKEND="memory", GSK_RENDERER="cairo", GTK_A11Y="none", LC_ALL="C.UTF-8", PATH="/nowhere",
               GSETTINGS_SCHEMA_DIR=os.path.join(BUILD, "data"), FLUO_COLLECTOR="/nowhere/fluoroscoped")
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        env[f"XDG_{name}_HOME"] = os.path.join(home, name.lower())
    env["XDG_RUNTIME_DIR"] = os.path.join(home, "run")
    os.makedirs(env["XDG_RUNTIME_DIR"], mode=0o700, exist_ok=True)
    return env


def resident_mb(pid):
    """Resident memory, shared libraries included, as people see it."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024


def settled(pid):
    """The memory once it has not moved for half a second."""
    end, last, since = time.monotonic() + PATIENCE, None, time.monotonic()
    while time.monotonic() < end:
        now = resident_mb(pid)
        if now != last:
            last, since = now, time.monotonic()
        elif time.monotonic() - since > 0.5:
            return now
        time.sleep(0.05)
    return last


def trace_file(path, n_spans):
    """A trace in documents of 50 spans, one a line."""
    with open(path, "w", encoding="utf-8") as file:
        for i in range(n_spans // 50):
            start = 1790000000 + i * 0.001
            document = {"trace_id": "1-6ab13b80-00000000000000000000abcd", "id": f"{i * 50 + 1:016x}", "name": f"service-{i % 23}",
                        "start_time": start, "end_time": 1790000010 - i * 0.001,
                        "http": {"request": {"method": "GET", "url": f"http://service-{i % 23}.example.com/orders/{i}"},
                                 "response": {"status": 200}},
                        "annotations": {"order": i},
                        "subsegments": [{"id": f"{i * 50 + k + 1:016x}", "name": f"step-{k % 7}", "start_time": start + k * 0.001,
                                         "end_time": start + k * 0.001 + 0.0009} for k in range(1, 50)]}
            if i:
                document["parent_id"] = f"{(i - 1) * 50 + 1 + i % 40:016x}"
            file.write(json.dumps(document) + "\n")


def start_app(home, *words):
    """Milliseconds to the first frame, and to the file's trace when there is one."""
    done = subprocess.run([APP, "--quit-after-first-frame", *words], env=environment(home), capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    found = dict(re.findall(r"^(first frame|file shown) (\d+) ms$", done.stdout, re.M))
    if not found:
        raise SystemExit(f"bench: the application showed nothing:\n{done.stdout}{done.stderr}")
    return {key: float(value) for key, value in found.items()}


def app_memory(home):
    app = subprocess.Popen([APP], env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        return settled(app.pid)
    finally:
        app.terminate()
        app.wait(PATIENCE)


def collector(home):
    ready = os.path.join(home, "ready")
    if os.path.exists(ready):
        os.unlink(ready)
    begin = time.monotonic()
    process = subprocess.Popen([COLLECTOR, "--data-dir", os.path.join(home, "store"), "--listen", "127.0.0.1:0", "--udp", "127.0.0.1:0",
                                "--otlp", "127.0.0.1:0", "--otlp-grpc", "none",
                                "--ready-file", ready], env=environment(home), stderr=subprocess.DEVNULL)
    while not os.path.exists(ready) and process.poll() is None and time.monotonic() - begin < PATIENCE:
        time.sleep(0.001)
    elapsed_ms = (time.monotonic() - begin) * 1000
    with open(ready, encoding="ascii") as file:
        return process, json.load(file), elapsed_ms


def run_collector(home, demo):
    process, addresses, elapsed_ms = collector(home)
    try:
        if demo:
            subprocess.run([CLI, "--endpoint", "http://" + addresses["http"][0], "demo", "--udp", addresses["udp"][0], "--seed", "1"],
                           env=environment(home), check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE)
        return settled(process.pid), elapsed_ms
    finally:
        process.terminate()
        process.wait(PATIENCE)


def main():
    figures = []

    def figure(name, unit, values, base, base_name):
        figures.append({"name": name, "unit": unit, "values": values, "base": base, "base_name": base_name})

    home = tempfile.mkdtemp(prefix="fluoroscope-bench-")
    try:
        path = os.path.join(home, "big.xray.json")
        trace_file(path, 10000)
        start_app(home)  # fills the caches; does not count
        alone = [start_app(home)["first frame"] for _ in range(RUNS)]
        figure("programs/first-frame", "ms", alone, 500, "a target of 500 ms")
        # From the start of the process to the waterfall; the file is read while the window comes up.
        shown = [start_app(home, path)["file shown"] for _ in range(RUNS)]
        figure("programs/open-10k-spans", "ms", shown, sorted(alone)[RUNS // 2], "first-frame")
        figure("programs/app-memory", "MB", [app_memory(home) for _ in range(RUNS)], 120, "a target of 120 MB")
        rests = [run_collector(home, False) for _ in range(RUNS)]
        figure("programs/collector-start", "ms", [each[1] for each in rests], 300, "a target of 300 ms")
        figure("programs/collector-memory", "MB", [each[0] for each in rests], 15, "a target of 15 MB")
        fed = [run_collector(home, True)[0] for _ in range(RUNS)]
        figure("programs/collector-memory-fed", "MB", fed, 200, "a target of 200 MB")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main()
