/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/api/fluo-access.h"
#include "local/api/fluo-api.h"

G_BEGIN_DECLS

/* X-Ray's HTTP API on the bound HTTP listeners of the context, and the collector's own paths under
 * /fluoroscope/v1/. Main thread; operations run in workers. */

/* NULL with @error when a socket can't be served. @access is borrowed and outlives the server. */
FluoApiServer *fluo_api_server_new       (const FluoApiContext *context, FluoAccessControl *access,
                                          GError **error);
FluoAccessControl *fluo_api_server_get_access (FluoApiServer *self);
/* Answers further requests with 503 and ends the long polls; requests under way go on. */
void           fluo_api_server_stop      (FluoApiServer *self);
/* Waits for the workers; what was not answered yet is dropped. */
void           fluo_api_server_free      (FluoApiServer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoApiServer, fluo_api_server_free)
/* Any thread: the store has changed. */
void           fluo_api_server_changed   (FluoApiServer *self);
/* Requests are being worked on, or answers being sent. */
gboolean       fluo_api_server_is_busy   (FluoApiServer *self);

G_END_DECLS
