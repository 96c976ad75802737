#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vault's part of shots.py: traces that are kept for good, what is kept of AWS, and AWS gone."""
import contextlib
import os
import subprocess
import tempfile
import time

CONNECTIONS = """[connections]
Version=1
Order=a;
[connection a]
Kind=profile
Name=petshop-prod
Profile=petshop-prod
Badge=PROD
Accent=red
VaultMB=250
BudgetMicroUsd={budget}
"""


# Places on a window of 1440 x 900.
LOOK_IN_VAULT = (1248, 168)
CLEAR_VAULT = (197, 301)


@contextlib.contextmanager
def keyring(home):
    """libsecret's file keyring, for a moment."""
    names = {"SECRET_BACKEND": "file", "SECRET_FILE_TEST_PATH": os.path.join(home, "test.keyring"), "SECRET_FILE_TEST_PASSWORD": "test"}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


def open_connection(window):
    window.key("ctrl+k")
    time.sleep(1)
    window.key("Down", "Return")
    time.sleep(2)


def keep(window_of, tone):
    window = window_of()
    time.sleep(2)
    window.key("ctrl+2", "space", "k")
    time.sleep(0.5)
    window.key("Down", "Down", "k")
    time.sleep(0.5)
    window.shot(f"kept-table-{tone}")
    window.click(600, 500, 3)
    window.shot(f"kept-menu-{tone}")
    window.key("Escape", "Return")
    time.sleep(1)
    window.shot(f"kept-trace-{tone}")
    window.resize(360, 640)
    window.shot(f"kept-trace-phone-{tone}")
    window.key("ctrl+w")
    window.shot(f"kept-table-phone-{tone}")
    window.close()


def vault(window_of, tone, collector, cli, profiles_of):
    with tempfile.TemporaryDirectory() as home, keyring(home):
        aws = collector(home)
        subprocess.run([cli, "--endpoint", aws.url, "demo", "--traces", "400", "--udp", aws.udp], check=True, stdout=subprocess.DEVNULL)
        time.sleep(2)
        window = window_of(endpoint=None, profiles=lambda _url: profiles_of(aws.url, 1), connections=CONNECTIONS.format(budget=0))
        open_connection(window)
        window.key("ctrl+2")
        for _ in range(3):
            window.key("Down", "Return")
            time.sleep(1)
            window.key("k")
            time.sleep(1)
            window.key("ctrl+1", "ctrl+2")
        window.key("ctrl+k")
        time.sleep(1)
        window.shot(f"cockpit-vault-{tone}")
        window.key("Escape")
        aws.process.kill()
        aws.process.wait()
        window.key("F5")
        time.sleep(2)
        window.shot(f"vault-offered-{tone}")
        window.resize(900, 600)
        window.shot(f"vault-offered-narrow-{tone}")
        window.resize(1440, 900)
        window.click(*LOOK_IN_VAULT)
        time.sleep(2)
        window.shot(f"vault-{tone}")
        window.key("ctrl+k")
        time.sleep(1)
        window.click(*CLEAR_VAULT)
        time.sleep(1)
        window.shot(f"vault-clear-{tone}")
        window.close()


def budget(window_of, tone, profiles_of):
    """A budget that is used up by the first look."""
    window = window_of(profiles=lambda url: profiles_of(url, 1), connections=CONNECTIONS.format(budget=1))
    open_connection(window)
    window.key("ctrl+2")
    window.shot(f"budget-{tone}")
    window.key("ctrl+k")
    time.sleep(1)
    window.shot(f"cockpit-budget-{tone}")
    window.close()


def make_scene(collector, cli, profiles_of):
    def scene_vault(window_of, tone, _empty):
        keep(window_of, tone)
        vault(window_of, tone, collector, cli, profiles_of)
        budget(window_of, tone, profiles_of)

    return scene_vault
