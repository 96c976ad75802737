/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-vault.h"

G_BEGIN_DECLS

/* Which traces of what is being looked at are kept for good, and keeping more: in the collector
 * that is asked, or, of AWS, in the vault. An explorer has one. Main thread.
 * Signal "changed" (). */

#define FLUO_TYPE_KEPT (fluo_kept_get_type ())
G_DECLARE_FINAL_TYPE (FluoKept, fluo_kept, FLUO, KEPT, GObject)

FluoKept *fluo_kept_new        (void);
/* A collector that is asked itself, or NULL. Reads what it keeps. */
void      fluo_kept_set_client (FluoKept *self, FluoXrayClient *client);
/* What is read with @client is kept in @vault; NULL twice: nothing is. */
void      fluo_kept_set_vault  (FluoKept *self, FluoVault *vault, FluoXrayClient *client);
/* Some other program may have changed it. */
void      fluo_kept_refresh    (FluoKept *self);

/* Whether anything can be kept for good. */
gboolean  fluo_kept_can        (FluoKept *self);
gboolean  fluo_kept_has        (FluoKept *self, const FluoTraceId *id);
guint     fluo_kept_get_n      (FluoKept *self);
/* Keeps all of @ids (FluoTraceId, at most FLUO_XRAY_PINS_MAX), or lets them go again. What the
 * vault does not hold yet is read from AWS first; nothing is kept when that fails. */
void      fluo_kept_change_async  (FluoKept *self, GArray *ids, gboolean keep,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean  fluo_kept_change_finish (FluoKept *self, GAsyncResult *result, GError **error);

G_END_DECLS
