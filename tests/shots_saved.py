#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The saved filters' part of shots.py: a list of them, one that asks for its parameters, and what was run before."""
import time


def scene_saved(window_of, tone, slow_payments):
    window = window_of()
    window.key("ctrl+2")
    for name, text in (("Throttled stock table", 'service("stock") { throttle }'), ("Gold customers over 2 s", 'annotation.tier = "gold" AND duration > 2'),
                       ("Declined cards", "http.status = 402"), ("One order", "annotation.order_id = $order_id AND duration > $seconds"),
                       ("Slow payments", slow_payments)):
        window.key("ctrl+l")
        window.type(text)
        window.key("Escape", "Escape", "ctrl+d", "ctrl+a")
        window.type(name)
        if name == "Slow payments":
            window.shot(f"save-{tone}")
        window.key("Return")
        time.sleep(0.5)
    window.key("ctrl+l")
    window.type(slow_payments)
    window.key("Return")
    time.sleep(1)
    window.click(25, 65)
    time.sleep(0.5)
    window.point(200, 235)
    window.shot(f"saved-{tone}")
    window.type("order")
    window.key("Return")
    time.sleep(0.5)
    window.type("84193")
    window.shot(f"parameters-{tone}")
    window.key("Escape", "ctrl+l", "ctrl+Return")
    window.click(1052, 168)
    window.shot(f"history-{tone}")
    window.key("Escape", "Escape")
    window.resize(360, 640)
    window.click(25, 65)
    time.sleep(0.5)
    window.shot(f"saved-phone-{tone}")
    window.close()
