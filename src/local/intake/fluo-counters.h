/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-json.h"
#include "core/fluo-segment.h"
#include "local/intake/fluo-losses.h"

G_BEGIN_DECLS

/* What became of every document that reached the collector. A document is counted once, at the
 * moment its fate is known, so that received = stored + the sum of all refusals holds at every
 * read. All functions may be called from any thread. */

typedef enum
{
  /* 0 .. FLUO_N_SEGMENT_ERRORS - 1 are FluoSegmentError values: the document itself is bad. */
  FLUO_REFUSED_DUPLICATE =
    FLUO_N_SEGMENT_ERRORS,      /* a completed document of this id is already stored */
  FLUO_REFUSED_TRACE_TOO_LARGE, /* its trace has reached the size limit */
  FLUO_REFUSED_HEADER,          /* datagram without the X-Ray header line */
  FLUO_REFUSED_FOREIGN_SOURCE,  /* datagram from beyond this computer on a loopback address */
  FLUO_REFUSED_KERNEL_DROP,     /* the socket's buffer was full */
  FLUO_REFUSED_QUEUE_FULL,      /* the writer could not keep up */
  FLUO_REFUSED_REQUEST,         /* in a request that was refused as a whole; it counts as one
                                 * document when nobody knows how many it held */
  FLUO_REFUSED_STORE_FULL,      /* no space on the disk */
  FLUO_REFUSED_STORE_ERROR,     /* the store could not be written */
  FLUO_N_REFUSALS
} FluoRefusedReason;

/* "ParseError", "KernelDrop": stable words. Static. */
const char   *fluo_refused_reason_get_word    (guint reason);
/* The same for a person; translated. Static. */
const char   *fluo_refused_reason_get_meaning (guint reason);
/* What to do about it; translated. Static. */
const char   *fluo_refused_reason_get_advice  (guint reason);

typedef struct _FluoCounters FluoCounters;

typedef struct
{
  guint64 received;
  guint64 stored;
  guint64 refused[FLUO_N_REFUSALS];
  gint64  last_ns; /* when the fate of one was last known; 0 = nothing came yet */
} FluoCountersValues;

FluoCounters *fluo_counters_new    (void);
void          fluo_counters_free   (FluoCounters *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCounters, fluo_counters_free)
/* Each also counts the documents as received. */
void          fluo_counters_stored (FluoCounters *self, guint64 n);
void          fluo_counters_refuse (FluoCounters *self, guint reason, guint64 n);
/* One document that can be shown: it is also kept as an example. */
void          fluo_counters_refuse_one (FluoCounters *self, guint reason, const FluoLoss *loss);
FluoLosses   *fluo_counters_get_losses (FluoCounters *self);
/* One consistent snapshot. */
void          fluo_counters_read   (FluoCounters *self, FluoCountersValues *values);
/* The members Received, Stored and Refused of the status. */
void          fluo_counters_write  (FluoCounters *self, FluoJsonWriter *writer);

G_END_DECLS
