/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/intake/fluo-listener.h"
#include "local/store/fluo-writer.h"

G_BEGIN_DECLS

/* Receives X-Ray datagrams on one socket, in a thread of its own: the header line
 * {"format":"json","version":1}, a line feed, one document. Never answers. Every datagram is stored
 * or counted under one reason, also those the kernel dropped. */
typedef struct _FluoIntakeUdp FluoIntakeUdp;

/* Borrows everything; @listener is bound. The thread starts at once. */
FluoIntakeUdp *fluo_intake_udp_new (FluoListener *listener, FluoWriter *writer,
                                    FluoCounters *counters);
/* Reads what the socket still holds, hands it to the writer, and ends the thread. */
void           fluo_intake_udp_free       (FluoIntakeUdp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoIntakeUdp, fluo_intake_udp_free)
/* Counts what the kernel has dropped by now. Any thread. */
void           fluo_intake_udp_poll_drops (FluoIntakeUdp *self);

/* The header line as the X-Ray daemon takes it: exactly these two members, format in any case,
 * version 1. Gives the offset of the document, or 0. */
gsize          fluo_intake_udp_parse_header (const char *text, gsize length);

G_END_DECLS
