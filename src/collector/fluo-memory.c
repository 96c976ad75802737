/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "collector/fluo-memory.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

/* What is as large as this is mapped and unmapped; and what the heap may keep at its end. */
#define MAPPED_BYTES_MIN (512 * 1024)
#define KEPT_BYTES_MAX (16 * 1024 * 1024)

/* Before 2.76 GLib keeps what it has freed in lists of its own, which hold on to thousands of pages
 * after a flood. It can be told otherwise only by the environment: it looks there before main(). */
static void
bypass_slices (char **argv)
{
  char path[PATH_MAX];
  ssize_t length;

  if (!glib_check_version (2, 76, 0) || getenv ("G_SLICE"))
    return;
  length = readlink ("/proc/self/exe", path, sizeof path - 1);
  if (length <= 0)
    return;
  path[length] = '\0';
  /* Where this is forbidden the program goes on, and takes some megabytes more. */
  if (setenv ("G_SLICE", "always-malloc", TRUE) == 0)
    execv (path, argv);
}

/* The C library keeps the end of every arena but the first for good, and raises its bound for
 * separate mappings as large ones are freed. Documents are made in one thread and freed in another,
 * so arenas of their own would not spare the threads each other's locks. */
void
fluo_memory_prepare (char **argv)
{
  bypass_slices (argv);
  mallopt (M_ARENA_MAX, 1);
  mallopt (M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
}
