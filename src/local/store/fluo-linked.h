/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-query.h"
#include "local/store/fluo-stored-trace.h"

G_BEGIN_DECLS

/* What goes with a trace through links: the traces that its own links name, and, which no document
 * of the trace says, those whose links name it. The index of terms finds these. */

/* Appends the ids (FluoTraceId) of traces with a link to @id, newest first, at most @n_max.
 * @ret_more: there are others, or there was no time to look for all. */
gboolean fluo_linked_find_consumers (FluoConnection *reader, const FluoTraceId *id, guint n_max,
                                     GArray *ids, gboolean *ret_more, GError **error);
/* The trace with up to @n_max of each side under FLUO_SPAN_LINKED. NULL without @error when none of
 * its documents is usable. */
FluoTrace *fluo_linked_assemble (FluoConnection *reader, FluoStoredTrace *stored, guint n_max,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
