#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the cases of tests/data/nasty as seeds: seeds.py FOLDER makes FOLDER/json, trace, documents and datagram."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "service"))
os.environ.setdefault("FLUO_TEST_DATA", os.path.join(HERE, "..", "data"))

import nasty  # noqa: E402  (found by the lines above)

for file, targets in (("documents.json", ("json", "trace", "documents")), ("datagrams.json", ("datagram",))):
    for target in targets:
        folder = os.path.join(sys.argv[1], target)
        os.makedirs(folder, exist_ok=True)
        for case in nasty.load(file):
            with open(os.path.join(folder, f"nasty-{case['number']}"), "wb") as seed:
                seed.write(case["bytes"])
