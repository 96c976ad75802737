/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"

G_BEGIN_DECLS

/* OTLP/gRPC on the bound FLUO_LISTENER_OTLP_GRPC listeners of the context: TraceService/Export over
 * HTTP/2 without TLS, of which clients must know beforehand. Main thread; messages are decoded in
 * workers. Needs no signature, and can read nothing. */
typedef struct _FluoOtlpGrpc FluoOtlpGrpc;

FluoOtlpGrpc *fluo_otlp_grpc_new     (const FluoApiContext *context, gboolean index_all);
/* Tells the clients that no further request is taken; requests under way go on. */
void          fluo_otlp_grpc_stop    (FluoOtlpGrpc *self);
/* Waits for the workers, which use the writer. */
void          fluo_otlp_grpc_join    (FluoOtlpGrpc *self);
/* The writer must have ended, after the workers: it answers what is under way. */
void          fluo_otlp_grpc_free    (FluoOtlpGrpc *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOtlpGrpc, fluo_otlp_grpc_free)
/* Requests are being worked on, or answers being sent. */
gboolean      fluo_otlp_grpc_is_busy (FluoOtlpGrpc *self);

G_END_DECLS
