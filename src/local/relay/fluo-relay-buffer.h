/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/fluo-json.h"

G_BEGIN_DECLS

/* The documents that wait to be passed on, and the account of what became of every one of them:
 *
 *   accepted = sent + unprocessed + the sum of all drops + waiting
 *
 * holds at every read. The size is bounded: when a document comes and there is no room, the oldest
 * that nobody is sending yet goes. Any thread. */

/* Why a document was dropped. */
typedef enum
{
  FLUO_RELAY_DROP_BUFFER_FULL, /* newer ones needed its room */
  FLUO_RELAY_DROP_REFUSED,     /* the service refused the request, this document alone in it */
  FLUO_RELAY_DROP_ENDED,       /* still waiting when the collector ended */
  FLUO_N_RELAY_DROPS
} FluoRelayDrop;

typedef enum
{
  FLUO_RELAY_FATE_AGAIN, /* back to the head of the queue */
  FLUO_RELAY_FATE_SENT,
  FLUO_RELAY_FATE_UNPROCESSED, /* the service answered with a code for this document */
  FLUO_RELAY_FATE_REFUSED,
  FLUO_RELAY_FATE_ENDED
} FluoRelayFate;

/* One allocation, so that the bound on memory is true. */
typedef struct
{
  guint64       id;     /* the segment's */
  FluoRelayFate fate;   /* of the last attempt */
  char          code[40]; /* of FLUO_RELAY_FATE_UNPROCESSED: the service's ErrorCode */
  gsize         length;
  char          text[];
} FluoRelayDocument;

typedef struct
{
  guint64 accepted;
  guint64 sent;
  guint64 unprocessed; /* all codes together */
  guint64 dropped[FLUO_N_RELAY_DROPS];
  guint64 waiting;     /* those on their way included */
  guint64 waiting_bytes;
} FluoRelayCounts;

typedef struct _FluoRelayBuffer FluoRelayBuffer;

/* What a document takes beside its text: the struct, its place in the queue, the allocator's
 * own. */
#define FLUO_RELAY_DOCUMENT_OVERHEAD 128

FluoRelayBuffer *fluo_relay_buffer_new    (gsize bytes_max);
void             fluo_relay_buffer_free   (FluoRelayBuffer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoRelayBuffer, fluo_relay_buffer_free)
gsize            fluo_relay_buffer_get_size (FluoRelayBuffer *self);
/* Copies the text. */
void fluo_relay_buffer_add (FluoRelayBuffer *self, guint64 id, const char *text, gsize length);
/* The oldest documents that nobody is sending, FluoRelayDocument: at most @n_max of at most
 * @bytes_max together, and never less than one when any is there; NULL when none is. They stay
 * counted as waiting until they are settled. */
GPtrArray *fluo_relay_buffer_take (FluoRelayBuffer *self, guint n_max,
                                   gsize bytes_max) G_GNUC_WARN_UNUSED_RESULT;
/* Takes @documents, each with its fate, and accounts for all of them at once. */
void       fluo_relay_buffer_settle (FluoRelayBuffer *self, GPtrArray *documents);
/* Drops all that nobody is sending, because the collector ends. Returns how many. */
guint64    fluo_relay_buffer_end    (FluoRelayBuffer *self);
/* Documents that nobody is sending yet, and their bytes of text. */
guint      fluo_relay_buffer_get_queued (FluoRelayBuffer *self, gsize *ret_bytes);
/* One consistent snapshot. */
void       fluo_relay_buffer_read   (FluoRelayBuffer *self, FluoRelayCounts *counts);
/* The members Accepted, Sent, Waiting, WaitingBytes, BufferBytes, Unprocessed and Dropped of the
 * status, from one snapshot. */
void       fluo_relay_buffer_write  (FluoRelayBuffer *self, FluoJsonWriter *writer);

G_END_DECLS
