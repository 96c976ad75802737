/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* The Petshop: fifteen made-up minutes (by default) in which a bank gets slow. Deterministic for a
 * seed. Segment documents in X-Ray's format, one trace after the other by start time; faults begin
 * 40 % into the range, when the bank slows. */
typedef struct _FluoDemo FluoDemo;

typedef struct
{
  guint32      seed;       /* 20261119 by default */
  FluoTimeSpan span;       /* where the traces start */
  guint        n_traces;   /* 12930 by default for 15 minutes */
} FluoDemoOptions;

FluoDemo   *fluo_demo_new         (const FluoDemoOptions *options);
/* Another reference; fluo_demo_free() drops one. A running send holds its own. Immutable: reading
 * is safe in any thread. */
FluoDemo   *fluo_demo_ref         (FluoDemo *self);
void        fluo_demo_free        (FluoDemo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoDemo, fluo_demo_free)
guint       fluo_demo_get_n_traces (FluoDemo *self);
/* When the @i-th trace starts, and its documents (char *, GPtrArray, transfer full), each under 64
 * KB. */
gint64      fluo_demo_get_start   (FluoDemo *self, guint i);
GPtrArray  *fluo_demo_dup_trace   (FluoDemo *self, guint i);
/* The trace that the pictures show: POST /checkout, 2.31 s, TimeoutError at the bank. Index. */
guint       fluo_demo_get_hero    (FluoDemo *self);

/* Called now and then; @done of @total traces. */
typedef void (*FluoDemoProgress) (guint done, guint total, gpointer user_data);

/* Flow control for those who can ask the receiver how far it is, which UDP itself does not tell.
 * The sender keeps at most FLUO_DEMO_WINDOW datagrams on their way beyond the number last
 * acknowledged, so it goes as fast as the receiver and loses nothing. Atomic reference count, any
 * thread. */
#define FLUO_DEMO_WINDOW 4000
typedef struct _FluoDemoFlow FluoDemoFlow;
FluoDemoFlow *fluo_demo_flow_new         (void);
void          fluo_demo_flow_unref       (FluoDemoFlow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoDemoFlow, fluo_demo_flow_unref)
/* @n datagrams of this send have been dealt with. */
void          fluo_demo_flow_acknowledge (FluoDemoFlow *self, guint64 n);

/* Sends every trace as genuine UDP datagrams to @address ("127.0.0.1:2000"), in a worker thread;
 * cancelling stops between traces. With @flow (or NULL) it fails with G_IO_ERROR_TIMED_OUT when
 * nothing is acknowledged for ten seconds. @per_second datagrams at the most: 0 is no limit with
 * @flow, and without it 6000, with which a collector on this computer keeps up. */
void     fluo_demo_send_async  (FluoDemo *self, const char *address, guint per_second,
                                FluoDemoFlow *flow, FluoDemoProgress progress,
                                gpointer progress_data, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data);
gboolean fluo_demo_send_finish (FluoDemo *self, GAsyncResult *result, guint *ret_datagrams,
                                GError **error);
/* One document as one datagram, header line first. Blocking, any thread. */
gboolean fluo_demo_send_document (GSocket *socket, GSocketAddress *address, const char *document,
                                  GError **error);

G_END_DECLS
