/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* The X-Ray groups of one moment. Immutable, atomic reference count. The writer takes the newest at each batch: a trace
 * belongs to the groups whose filter it satisfied when it was stored. */
typedef struct _FluoGroups FluoGroups;

typedef struct
{
  guint32     key;     /* never used again, not even for a group of the same name; > 0 */
  guint32     version; /* of the filter expression */
  const char *name;
  const char *arn;
  const char *expression; /* "" = every trace */
  FluoFilter *filter;
  gboolean    insights, notifications;
} FluoGroup;

FluoGroups      *fluo_groups_ref   (FluoGroups *self);
void             fluo_groups_unref (FluoGroups *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGroups, fluo_groups_unref)
/* Without the Default group, which holds every trace. */
const FluoGroup *fluo_groups_get   (FluoGroups *self, guint *ret_n);
const FluoGroup *fluo_groups_find  (FluoGroups *self, const char *name, const char *arn);
/* Keys of the groups the trace belongs to, sorted; transfer full GArray of guint32. */
GArray          *fluo_groups_match (FluoGroups *self, const FluoTraceFacts *facts);

G_END_DECLS
