/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-connection.h"

G_BEGIN_DECLS

/* Makes the tables of a new file, or those of an older format into what they are now. FALSE with
 * FLUO_STORE_ERROR_CORRUPT when the file is another program's, with FLUO_STORE_ERROR_NEWER when it
 * is a later version's. */
gboolean fluo_store_format_prepare (FluoConnection *connection, GError **error);

G_END_DECLS
