/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Loaded before the C library: fails chosen calls on the store's files, refuses SQLite memory, and
 * moves the clock. What it does is in a file of the test's, so that it can be changed while the
 * collector runs. */

#undef _FILE_OFFSET_BITS /* the names below are to be those of the library */
#undef _FORTIFY_SOURCE
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum
{
  CALL_WRITE = 1,
  CALL_READ = 2,
  CALL_SYNC = 4,
  CALL_TRUNCATE = 8,
  CALL_OPEN = 16,
  CALL_MAP = 32,   /* of the log's index */
  CALL_MEMORY = 64 /* SQLite's */
};

/* faults.py writes the same. */
typedef struct
{
  _Atomic int64_t n_calls; /* of the chosen kinds, so far */
  int64_t         first;   /* the call that fails, counted from 1; 0 = none */
  int64_t         n;       /* how many fail from there on */
  int64_t         error;
  int64_t         kinds;
  int64_t         clock_s; /* added to the time of day */
} Control;

static Control no_control;
static Control *control = &no_control;
static sqlite3_mem_methods sqlite_memory;

static int
counts_as_failed (void)
{
  int64_t call = atomic_fetch_add (&control->n_calls, 1) + 1;

  return control->first > 0 && call >= control->first && call - control->first < control->n;
}

static void *
allocate (int size)
{
  return control->kinds & CALL_MEMORY && counts_as_failed () ? NULL : sqlite_memory.xMalloc (size);
}

static void *
reallocate (void *old, int size)
{
  return control->kinds & CALL_MEMORY && counts_as_failed () ? NULL
                                                              : sqlite_memory.xRealloc (old, size);
}

/* Only the collector has SQLite, and it has not used it yet. */
static void
refuse_memory (void)
{
  int (*config) (int, ...) = (int (*) (int, ...)) dlsym (RTLD_DEFAULT, "sqlite3_config");
  sqlite3_mem_methods methods;

  if (!config || config (SQLITE_CONFIG_GETMALLOC, &sqlite_memory) != SQLITE_OK)
    return;
  methods = sqlite_memory;
  methods.xMalloc = allocate;
  methods.xRealloc = reallocate;
  config (SQLITE_CONFIG_MALLOC, &methods);
}

__attribute__ ((constructor)) static void
map_control (void)
{
  const char *path = getenv ("FLUO_FAULTS");
  int fd = path ? open (path, O_RDWR | O_CLOEXEC) : -1;
  void *memory;

  if (fd < 0)
    return;
  memory = mmap (NULL, sizeof (Control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (memory != MAP_FAILED)
    control = memory;
  close (fd);
  refuse_memory ();
}

static int
is_store (const char *path)
{
  return strstr (path, "/traces.db") != NULL || strstr (path, "/settings.db") != NULL;
}

/* Whether this call is one that fails; errno is set. */
static int
fails (int kind, int fd, const char *path)
{
  char link[64], target[4096];
  ssize_t length;

  if (!(control->kinds & kind))
    return 0;
  if (!path)
    {
      snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
      length = readlink (link, target, sizeof target - 1);
      if (length < 0)
        return 0;
      target[length] = '\0';
      path = target;
    }
  if (!is_store (path) || !counts_as_failed ())
    return 0;
  errno = (int) control->error;
  return 1;
}

#define NEXT(type, name, ...)                               \
  static type (*next) (__VA_ARGS__);                        \
  if (!next)                                                \
    next = (type (*) (__VA_ARGS__)) dlsym (RTLD_NEXT, name)

ssize_t
pread64 (int fd, void *buffer, size_t size, off64_t offset)
{
  NEXT (ssize_t, "pread64", int, void *, size_t, off64_t);
  return fails (CALL_READ, fd, NULL) ? -1 : next (fd, buffer, size, offset);
}

ssize_t
pwrite64 (int fd, const void *buffer, size_t size, off64_t offset)
{
  NEXT (ssize_t, "pwrite64", int, const void *, size_t, off64_t);
  return fails (CALL_WRITE, fd, NULL) ? -1 : next (fd, buffer, size, offset);
}

int
fdatasync (int fd)
{
  NEXT (int, "fdatasync", int);
  return fails (CALL_SYNC, fd, NULL) ? -1 : next (fd);
}

int
ftruncate64 (int fd, off64_t size)
{
  NEXT (int, "ftruncate64", int, off64_t);
  return fails (CALL_TRUNCATE, fd, NULL) ? -1 : next (fd, size);
}

int
open64 (const char *path, int flags, ...)
{
  va_list arguments;
  mode_t mode;

  NEXT (int, "open64", const char *, int, ...);
  va_start (arguments, flags);
  mode = flags & (O_CREAT | O_TMPFILE) ? va_arg (arguments, mode_t) : 0;
  va_end (arguments);
  return fails (CALL_OPEN, -1, path) ? -1 : next (path, flags, mode);
}

void *
mmap64 (void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
  NEXT (void *, "mmap64", void *, size_t, int, int, int, off64_t);
  return fd >= 0 && fails (CALL_MAP, fd, NULL)
           ? MAP_FAILED
           : next (address, length, protection, flags, fd, offset);
}

int
clock_gettime (clockid_t clock, struct timespec *ret_time)
{
  int result;

  NEXT (int, "clock_gettime", clockid_t, struct timespec *);
  result = next (clock, ret_time);
  if (clock == CLOCK_REALTIME)
    ret_time->tv_sec += control->clock_s;
  return result;
}

int
gettimeofday (struct timeval *restrict ret_time, void *restrict zone)
{
  int result;

  NEXT (int, "gettimeofday", struct timeval *, void *);
  result = next (ret_time, zone);
  ret_time->tv_sec += control->clock_s;
  return result;
}

time_t
time (time_t *ret_time)
{
  struct timespec now;

  clock_gettime (CLOCK_REALTIME, &now);
  if (ret_time)
    *ret_time = now.tv_sec;
  return now.tv_sec;
}
