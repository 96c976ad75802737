#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The large traces' part of shots.py."""
import os
import tempfile
import time


def large_file(path, n_spans):
    """A trace of so many spans: services of fifty calls each, every call of one leading to three more, and queries in loops."""
    begin = time.time() - 60
    n = n_spans // 50
    spans = [(0.0, 10.0)] + [None] * (n - 1)
    with open(path, "w", encoding="utf-8") as out:
        for i in range(n):
            start, end = spans[i]
            step = (end - start) / 50
            for child in range(3):
                k = 3 * i + child + 1
                if k < n:
                    spans[k] = (start + (16 * child + 1) * step, start + (16 * child + 14) * step)
            parent = ',"parent_id":"%016x"' % ((i - 1) // 3 * 64 + 16 * ((i - 1) % 3) + 2) if i else ""
            calls = []
            for k in range(1, 50):
                at = start + k * step
                until = at + step * (13 if k in (1, 17, 33) else 0.8)
                name = f"call-{k % 7}" if k in (1, 17, 33) or k % 16 > 12 else "orders-db"
                calls.append('{"id":"%016x","name":"%s","namespace":"remote","start_time":%.7f,"end_time":%.7f%s}'
                             % (i * 64 + 1 + k, name, begin + at, begin + until, ',"fault":true' if (i * 50 + k) % 4001 == 7 else ""))
            out.write('%s{"trace_id":"1-%08x-%024x","id":"%016x","name":"service-%d","start_time":%.7f,"end_time":%.7f%s,"subsegments":[%s]}'
                      % ("[" if i == 0 else ",\n", int(begin), n_spans, i * 64 + 1, i % 17, begin + start, begin + end, parent, ",".join(calls)))
        out.write("]")
    return path


def make_scene(views):
    def scene_large(window_of, tone, empty):
        """Ten thousand and a million spans, from files."""
        with tempfile.TemporaryDirectory() as home:
            for n_spans, name in ((10_000, "10k"), (1_000_000, "1m")):
                window = window_of(endpoint=empty.url, files=[large_file(os.path.join(home, f"{name}.json"), n_spans)])
                time.sleep(2 if n_spans < 100_000 else 12)
                window.shot(f"large-{name}-{tone}")
                window.key("g", "Next", "Next")
                window.shot(f"large-{name}-single-{tone}")
                window.key("n", "z")
                window.shot(f"large-{name}-zoomed-{tone}")
                window.key("f")
                time.sleep(1 if n_spans < 100_000 else 4)
                window.shot(f"large-{name}-flame-{tone}")
                window.key("f", "Home", "ctrl+0", "w")
                window.shot(f"large-{name}-folded-{tone}")
                window.key("w")
                window.resize(900, 600)
                window.shot(f"large-{name}-narrow-{tone}")
                window.resize(1440, 900)
                window.click(*views)
                window.key("Down", "Down", "Down", "Return")
                time.sleep(1 if n_spans < 100_000 else 4)
                window.shot(f"large-{name}-statistics-{tone}")
                window.close()

    return scene_large
