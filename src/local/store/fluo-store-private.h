/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-store.h"

G_BEGIN_DECLS

/* fluo-store.c has the file and its writer, fluo-store-readers.c lends readers out. */
struct _FluoStore
{
  char *directory;
  char *path;
  int   lock_fd;
  FluoLive   *live;
  FluoPacker *packer;

  struct
  {
    FluoConnection *connection;
  } writer;

  /* Held for reading while a reader is lent out, for writing while the file is swapped. */
  GRWLock swap_lock;

  struct
  {
    GMutex     lock;
    GPtrArray *idle_readers;
    guint64    revision;
    guint64    n_traces;
    char      *last_error;
    void     (*settle_func) (gpointer);
    gpointer   settle_data;
    void     (*damage_func) (gpointer);
    gpointer   damage_data;
    FluoDamage damage; /* that readers found in the file that is open */
  } shared;
};

G_END_DECLS
