/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The collector of this computer, found or started. Whatever already answers on port 2000 is used
 * as it is; otherwise fluoroscoped is started, on free ports when others hold 2000, restarted when
 * it dies, and stopped by fluo_collector_stop(). Only what was started here is ever stopped. Main
 * thread.
 *
 * Environment: FLUO_COLLECTOR names the program; FLUO_COLLECTOR_PORT another port than 2000, 0 to
 * start one of our own on free ports without asking first. */

#define FLUO_TYPE_COLLECTOR (fluo_collector_get_type ())
G_DECLARE_FINAL_TYPE (FluoCollector, fluo_collector, FLUO, COLLECTOR, GObject)

/* Signal "changed" (): found, started, or died. */

FluoCollector *fluo_collector_new           (void);
/* One of our own for the encrypted store in @directory, which serves this program alone: HTTP on a
 * free port of the loopback, nothing else. @key: 64 hexadecimal digits, copied. Nothing is kept
 * longer than @size_max bytes allow. */
FluoCollector *fluo_collector_new_sealed    (const char *directory, const char *key,
                                             guint64 size_max);
/* Makes sure that a collector answers. Several calls at once share one search. */
void fluo_collector_ensure_async (FluoCollector *self, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
/* FALSE with what went wrong and what to do. */
gboolean fluo_collector_ensure_finish (FluoCollector *self, GAsyncResult *result, GError **error);
/* "http://127.0.0.1:2000", or NULL before the first success. */
const char    *fluo_collector_get_endpoint  (FluoCollector *self);
/* Why the usual port could not be had, in the collector's own words, or NULL. */
const char    *fluo_collector_get_conflict  (FluoCollector *self);
/* Ends what was started here and waits until it is gone (it drains and commits first); a few
 * seconds at most. */
void           fluo_collector_stop          (FluoCollector *self);

G_END_DECLS
