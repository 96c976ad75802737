# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads tests/data/nasty; its README says what the files hold. tests/core/test-nasty.c reads them likewise."""

import json
import os

import tap


def expand(parts, number):
    """The bytes of a case; @number makes its trace its own."""
    own = f"{number:024x}"
    trace = f'"trace_id":"1-5f84c7a5-{own}"'
    words = {"%N%": own, "%TRACE%": trace, "%HEAD%": f'"name":"a","id":"00000000000000aa",{trace}',
             "%TIMES%": '"start_time":1600000000.5,"end_time":1600000001'}

    def bytes_of(text):
        for word, value in words.items():
            text = text.replace(word, value)
        return text.encode()

    pieces = []
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, str):
            pieces.append(bytes_of(part))
        elif "hex" in part:
            pieces.append(bytes.fromhex(part["hex"]))
        elif "times" in part:
            pieces.append(b"".join(bytes_of(part["text"].replace("%I%", str(i))) for i in range(part["times"])))
        else:
            pieces.append(part)
    known = sum(len(piece) for piece in pieces if isinstance(piece, bytes))
    return b"".join(piece if isinstance(piece, bytes) else piece["text"].encode() * (piece["total"] - known) for piece in pieces)


def load(name):
    """All cases of a file, each with its number and its bytes."""
    with open(os.path.join(tap.DATA, "nasty", name), encoding="utf-8") as file:
        cases = json.load(file)
    for number, case in enumerate(cases, 1):
        case["number"] = number
        case["bytes"] = expand(case["document" if "document" in case else "datagram"], number)
    return cases
