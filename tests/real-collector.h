/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-local-keys.h"
#include "aws/fluo-xray-client.h"

G_BEGIN_DECLS

/* A running fluoroscoped of the build on a free port, with a store of its own. */
typedef struct _RealCollector RealCollector;

RealCollector  *real_collector_new          (void);
void            real_collector_free         (RealCollector *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RealCollector, real_collector_free)
/* "http://127.0.0.1:PORT" */
const char     *real_collector_get_endpoint (RealCollector *self);
/* Signs with one of its two key pairs. */
FluoXrayClient *real_collector_dup_client   (RealCollector *self, FluoRole role);

G_END_DECLS
