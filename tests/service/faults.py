# SPDX-License-Identifier: GPL-3.0-or-later
"""A collector whose system calls on its files fail, and whose clock moves, when a test says so: fluo-faults.c."""

import errno
import mmap
import os
import struct
import tempfile

import tap

LIBRARY = os.path.join(tap.BUILD, "tests", "service", "libfluo-faults.so")
WRITE, READ, SYNC, TRUNCATE, OPEN, MAP, MEMORY = 1, 2, 4, 8, 16, 32, 64
EVERY_KIND = WRITE | READ | SYNC | TRUNCATE | OPEN  # on files
SIZE = 48


class Faults:
    """The file that the library in the collector reads."""

    def __init__(self):
        if not os.path.exists(LIBRARY):
            raise tap.Skip("the library that makes calls fail was not built")
        file, self.path = tempfile.mkstemp(prefix="fluo-faults-")
        os.ftruncate(file, SIZE)
        self.memory = mmap.mmap(file, SIZE)
        os.close(file)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.memory.close()
        os.unlink(self.path)

    def prefix(self):
        # A sanitizer wants to be loaded first, and is content with being second.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return ["env", f"LD_PRELOAD={LIBRARY}", f"FLUO_FAULTS={self.path}", f"ASAN_OPTIONS={options}"]

    def count(self):
        return struct.unpack_from("q", self.memory, 0)[0]

    def fail(self, first, n=1, error=errno.EIO, kinds=EVERY_KIND):
        """From the call number @first on, @n calls fail."""
        self.stop()
        struct.pack_into("qqq", self.memory, 8, first, n, error)
        struct.pack_into("q", self.memory, 0, 0)
        struct.pack_into("q", self.memory, 32, kinds)

    def stop(self):
        struct.pack_into("q", self.memory, 32, 0)

    def move_clock(self, seconds):
        struct.pack_into("q", self.memory, 40, int(seconds))
