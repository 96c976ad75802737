/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-collector.h"
#include "fluo-vault.h"

G_BEGIN_DECLS

/* Shared by the files of the vault alone. */

struct _FluoVault
{
  GObject parent_instance;

  char *connection;
  char *directory;
  guint64 size_max;

  FluoCollector *collector; /* NULL until there is a key */
  FluoXrayClient *client;   /* NULL until it answers */
  GPtrArray *opening;       /* GTask */
  gboolean is_opening;
  gboolean create;          /* somebody who waits wants a new vault */

  GPtrArray *attached; /* GWeakRef * to FluoXrayClient */
  GQueue waiting;      /* char * documents, the next to be kept first */
  gsize waiting_bytes;
  gboolean is_putting;
  guint64 n_kept, n_lost;
  GError *error;
  char *notice; /* what was told last of what went wrong, or NULL */
};

/* fluo-vault.c */
void fluo_vault_changed   (FluoVault *self);
void fluo_vault_set_error (FluoVault *self, const GError *error);

/* Asks the collector whether the store had to be begun anew, and tells it once. */
void fluo_vault_look      (FluoVault *self);

/* fluo-vault-keep.c: a FluoXrayKeepFunc. */
void fluo_vault_keep_cb   (const FluoTraceId *id, GPtrArray *documents, gpointer user_data);

G_END_DECLS
