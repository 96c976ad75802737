/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/connect/fluo-explorer.h"

G_BEGIN_DECLS

/* Why nothing matches, and what to ask instead. All texts are translated and safe to show. */

typedef enum
{
  FLUO_WHY_DROP,        /* without one condition */
  FLUO_WHY_PREFIX,      /* only the conditions before the one after which nothing is left */
  FLUO_WHY_ANY_SERVICE, /* a condition about the root asked of every service */
  FLUO_WHY_KEY,         /* an annotation whose key looks much like it */
  FLUO_WHY_LONGER,      /* a longer range */
  FLUO_WHY_METADATA,    /* the key is metadata, or nobody has recorded it: nothing to be asked */
  FLUO_WHY_SAMPLING,    /* what is not sampled is not here */
  FLUO_WHY_INDEXING     /* AWS indexes a part of the traces only: Transaction Search */
} FluoWhyKind;

typedef struct
{
  FluoWhyKind  kind;
  char        *sentence;
  char        *expression; /* to ask instead; NULL = the same, or nothing can be done here */
  gint64       relative_ns; /* to look at instead: the last so long; 0 = the same range */
  gint64       count;      /* traces that it finds; -1 = not known */
} FluoWhyProposal;

typedef struct
{
  char             *looked_at; /* "12,930 traces of 14:02–14:17 were looked at." */
  char             *reason;    /* "After “fault” none is left."; or NULL */
  FluoFilterCounts *counts;    /* after each condition; never NULL */
  guint             culprit;   /* the condition after which nothing is left; G_MAXUINT = none */
  GPtrArray        *proposals; /* FluoWhyProposal, best first */
} FluoWhyNothing;

void fluo_why_nothing_free (FluoWhyNothing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoWhyNothing, fluo_why_nothing_free)

/* Of the explorer's filter and range, which should have found nothing; with a range that holds
 * nothing at all the counts say so. Asks the server several things one after the other. */
void fluo_why_nothing_async (FluoExplorer *explorer, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data);
FluoWhyNothing *fluo_why_nothing_finish (FluoExplorer *explorer, GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
