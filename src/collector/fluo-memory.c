/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "collector/fluo-memory.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

/* Documents are made in one thread and freed in another, so that more arenas do not spare threads
 * each other's locks; with a single one everything takes a third longer. */
#define N_ARENAS 2

/* What is as large as this is mapped and unmapped; and what an arena may keep at its end. */
#define MAPPED_BYTES_MIN (512 * 1024)
#define KEPT_BYTES_MAX (2 * 1024 * 1024)

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

/* Left alone, the C library raises both bounds as large pieces are freed, and then keeps the end of
 * every arena but the first whatever is asked of it. */
void
fluo_memory_prepare (char **argv)
{
  bypass_slices (argv);
  mallopt (M_ARENA_MAX, N_ARENAS);
  mallopt (M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
}
