/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "collector/fluo-memory.h"

#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

/* Documents are made in one thread and freed in another: with fewer arenas the intake's threads
 * wait for each other's locks; with more, each keeps holes of its own. */
#define N_ARENAS 3

/* What is as large as this is mapped and unmapped; and what an arena may keep at its end. */
#define MAPPED_BYTES_MIN (512 * 1024)
#define KEPT_BYTES_MAX (2 * 1024 * 1024)

/* What two libraries keep of freed pieces holds on to thousands of pages after a flood: GLib before
 * 2.76 in lists of its own, the C library in lists of each thread, which are no faster where
 * another thread frees. They can be told otherwise only by the environment, at which they look
 * before main(). */
static void
keep_nothing_freed (char **argv)
{
  gboolean changed = FALSE;
  char path[PATH_MAX];
  ssize_t length;

  if (glib_check_version (2, 76, 0) && !getenv ("G_SLICE"))
    changed |= setenv ("G_SLICE", "always-malloc", TRUE) == 0;
  if (!getenv ("GLIBC_TUNABLES"))
    changed |= setenv ("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", TRUE) == 0;
  length = changed ? readlink ("/proc/self/exe", path, sizeof path - 1) : 0;
  if (length <= 0)
    return;
  path[length] = '\0';
  /* Where this is forbidden the program goes on, and takes some megabytes more. */
  execv (path, argv);
}

/* Left alone, the C library raises both bounds as large pieces are freed, and then keeps the end of
 * every arena but the first whatever is asked of it. */
void
fluo_memory_prepare (char **argv)
{
  keep_nothing_freed (argv);
  mallopt (M_ARENA_MAX, N_ARENAS);
  mallopt (M_MMAP_THRESHOLD, MAPPED_BYTES_MIN);
  mallopt (M_TRIM_THRESHOLD, KEPT_BYTES_MAX);
}
