/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-segment.h"

G_BEGIN_DECLS

/* Examples of what was refused, so that somebody who misses a trace can see why: the last few of
 * each reason, and of which traces documents were refused. Counting is fluo-counters' business;
 * here everything is bounded and the oldest goes. All functions may be called from any thread. */

/* Examples of one reason. */
#define FLUO_LOSS_EXAMPLES 5
/* Bytes of a refused document that are kept. */
#define FLUO_LOSS_TEXT_BYTES 200
/* Pairs of trace and reason that are remembered. */
#define FLUO_LOSS_TRACES_MAX 4096

typedef enum
{
  FLUO_ORIGIN_UNKNOWN,
  FLUO_ORIGIN_UDP,
  FLUO_ORIGIN_HTTP,
  FLUO_ORIGIN_OTLP
} FluoOriginProtocol;

/* Where a document came from. */
typedef struct
{
  guint8  protocol; /* FluoOriginProtocol */
  guint16 port;     /* of the sender's socket when it is on this computer; 0 = not known */
} FluoOrigin;

/* One refused document as it is told. What is unknown stays zero. */
typedef struct
{
  FluoOrigin             origin;
  const char            *text;    /* as it was received; not NUL-terminated */
  gsize                  length;
  const FluoSegmentHead *head;    /* NULL: what can be read of it is taken from the text */
  const char            *problem; /* what exactly was wrong; NULL: the reason says it all */
} FluoLoss;

typedef struct _FluoLosses FluoLosses;

FluoLosses *fluo_losses_new  (guint n_reasons);
void        fluo_losses_free (FluoLosses *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLosses, fluo_losses_free)
void        fluo_losses_add  (FluoLosses *self, guint reason, const FluoLoss *loss);
/* [tests] Waits until the senders' processes have been looked up. */
void        fluo_losses_flush (FluoLosses *self);

/* What is remembered of one trace. */
typedef struct
{
  guint   reason;
  guint64 n;
  gint64  first_ns, last_ns;
  char    problem[160];
} FluoTraceLoss;

/* FluoTraceLoss, by the time of the last one, newest first. Transfer full. */
GArray *fluo_losses_find (FluoLosses *self, const FluoTraceId *id);
/* An array with the examples of @reason, newest first; those with this trace id as it was written
 * when @trace is given. */
void    fluo_losses_write (FluoLosses *self, guint reason, const char *trace,
                           FluoJsonWriter *writer);
/* Are there examples with this trace id as it was written? */
gboolean fluo_losses_has_text (FluoLosses *self, guint reason, const char *trace);

G_END_DECLS
