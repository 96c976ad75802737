#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the single checks of a meson test run from its log and prints "N passed, N failed"."""
import json
import re
import sys

passed = failed = skipped = 0
with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
    for line in log:
        test = json.loads(line)
        bad = test["result"] in ("FAIL", "TIMEOUT", "ERROR", "UNEXPECTEDPASS")
        ok_here = bad_here = 0
        for row in test.get("stdout", "").splitlines():
            # Nested subtests are indented and summed up by their parent's own line.
            match = re.match(r"(not )?ok\b(.*)", row)
            if not match:
                continue
            if re.search(r"#\s*skip", match[2], re.I):
                skipped += 1
                print("skipped:", test["name"], match[2].strip())
            elif match[1]:
                bad_here += 1
            else:
                ok_here += 1
        if test["result"] == "SKIP" and not ok_here:
            skipped += 1
            print("skipped:", test["name"])
        elif not ok_here and not bad_here:
            ok_here, bad_here = (0, 1) if bad else (1, 0)
        elif bad and not bad_here:
            bad_here = 1
        passed += ok_here
        failed += bad_here
if skipped:
    print(f"{skipped} skipped")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
