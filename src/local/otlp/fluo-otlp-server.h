/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-api.h"
#include "local/otlp/fluo-otlp-intake.h"

G_BEGIN_DECLS

/* OTLP/HTTP on the bound OTLP listeners of the context: POST /v1/traces as protobuf and JSON. Main
 * thread; bodies are decoded in workers. Needs no signature, and can read nothing. */
typedef struct _FluoOtlpServer FluoOtlpServer;

FluoOtlpServer *fluo_otlp_server_new     (const FluoApiContext *context, gboolean index_all);
/* Answers further requests with 503; requests under way go on. */
void            fluo_otlp_server_stop    (FluoOtlpServer *self);
/* Waits for the workers, which use the writer. */
void            fluo_otlp_server_join    (FluoOtlpServer *self);
/* The writer must have ended, after the workers: it answers what is under way. */
void            fluo_otlp_server_free    (FluoOtlpServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoOtlpServer, fluo_otlp_server_free)
/* Requests are being worked on, or answers being sent. */
gboolean        fluo_otlp_server_is_busy (FluoOtlpServer *self);

G_END_DECLS
