/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/fluo-trace.h"

G_BEGIN_DECLS

/* Reads traces from a file of any form that fluo_trace_documents_parse() knows. The result: one
 * FluoTrace per trace id (GPtrArray, transfer full), in the file's order, at most
 * FLUO_TRACE_FILE_TRACES_MAX. @ret_refused (nullable) gets how many documents were refused. Works
 * in a thread. */
#define FLUO_TRACE_FILE_TRACES_MAX 50 /* each opens a tab */

void fluo_trace_file_load_async (GFile *file, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fluo_trace_file_load_finish (GFile *file, GAsyncResult *result, guint *ret_refused,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
