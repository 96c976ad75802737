#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns the one filled path of every symbolic icon into a C table of absolute path commands.

usage: gen-icons.py OUTPUT.c ICON.svg...

Only the commands M m L l H h V v C c Z z are understood; anything else stops the build, so that an
icon never loses a part silently.
"""
import os
import re
import sys
import xml.etree.ElementTree as ET

PREFIX, SUFFIX = 'fluoroscope-', '-symbolic.svg'
ARGUMENTS = {'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'Z': 0}
TOKEN = re.compile(r'([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)')


def parse(data):
    """Yields (command, absolute coordinates) with command one of M, L, C, Z."""
    tokens = [(m.group(1), m.group(2)) for m in TOKEN.finditer(data)]
    i, command = 0, None
    x = y = start_x = start_y = 0.0
    while i < len(tokens):
        if tokens[i][0]:
            command = tokens[i][0]
            i += 1
        elif command in 'Zz':
            raise ValueError('numbers after z')
        upper = command.upper()
        if upper not in ARGUMENTS:
            raise ValueError(f'path command "{command}" is not supported')
        n = ARGUMENTS[upper]
        values = [float(t[1]) for t in tokens[i:i + n] if t[1] is not None]
        if len(values) != n:
            raise ValueError(f'"{command}" needs {n} numbers')
        i += n
        relative = command.islower()
        if upper == 'Z':
            x, y = start_x, start_y
            yield 'Z', []
            continue
        if upper == 'H':
            values = [values[0] + (x if relative else 0), y]
            upper = 'L'
        elif upper == 'V':
            values = [x, values[0] + (y if relative else 0)]
            upper = 'L'
        elif relative:
            values = [v + (x if k % 2 == 0 else y) for k, v in enumerate(values)]
        x, y = values[-2], values[-1]
        yield upper, values
        if upper == 'M':
            start_x, start_y = x, y
            # Further pairs after a moveto are linetos.
            command = 'l' if relative else 'L'


def main():
    output, files = sys.argv[1], sys.argv[2:]
    icons = {}
    for file in files:
        base = os.path.basename(file)
        name = base[len(PREFIX):-len(SUFFIX)]
        root = ET.parse(file).getroot()
        if root.get('viewBox') != '0 0 16 16':
            raise SystemExit(f'{file}: the view box must be 0 0 16 16')
        paths = [e for e in root.iter() if e.tag.endswith('path')]
        try:
            icons[name] = [c for p in paths for c in parse(p.get('d'))]
        except ValueError as error:
            raise SystemExit(f'{file}: {error}')
    out = ['/* Made by gen-icons.py from resources/icons. */', '#include "draw/fluo-icon-table.h"', '']
    for i, name in enumerate(sorted(icons)):
        out.append(f'static const char commands_{i}[] = "{"".join(c for c, _ in icons[name])}";')
        out.append(f'static const float points_{i}[] = {{')
        for command, values in icons[name]:
            if values:
                out.append('  ' + ', '.join(f'{v:.3f}f' for v in values) + ',')
        out.append('};')
    out.append('')
    out.append('const FluoIconPath fluo_icon_table[] = {')
    for i, name in enumerate(sorted(icons)):
        out.append(f'  {{ "{name}", commands_{i}, points_{i} }},')
    out.append('};')
    out.append(f'const unsigned int fluo_icon_table_length = {len(icons)};')
    with open(output, 'w', encoding='utf-8') as stream:
        stream.write('\n'.join(out) + '\n')


if __name__ == '__main__':
    main()
