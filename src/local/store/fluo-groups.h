/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filter/fluo-filter.h"

G_BEGIN_DECLS

/* The X-Ray groups of one moment. Immutable, atomic reference count. The writer takes the newest at
 * each batch: a trace belongs to the groups whose filter it satisfied when it was stored. */
typedef struct _FluoGroups FluoGroups;

/* A group's key is the second it was made in, counted from 2020 on, or one more than the last
 * group's. */
#define FLUO_GROUP_KEY_EPOCH_S G_GINT64_CONSTANT (1577836800)

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

/* The filter expression of group @name is parsed; NULL with FLUO_FILTER_ERROR when it is none.
 * Everything is copied. Free with fluo_group_free() or give to fluo_groups_new(). */
FluoGroup       *fluo_group_new    (guint32 key, guint32 version, const char *name, const char *arn,
                                    const char *expression, GError **error);
FluoGroup       *fluo_group_copy   (const FluoGroup *self);
void             fluo_group_free   (FluoGroup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGroup, fluo_group_free)

/* Takes the FluoGroup in @groups, in their order, and the Default group's own. */
FluoGroups      *fluo_groups_new   (GPtrArray *groups, FluoGroup *by_default);
FluoGroups      *fluo_groups_ref   (FluoGroups *self);
void             fluo_groups_unref (FluoGroups *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoGroups, fluo_groups_unref)
/* Without the Default group, which holds every trace. */
const FluoGroup *fluo_groups_get   (FluoGroups *self, guint *ret_n);
/* Key 0: it is nowhere stored that a trace belongs to it. */
const FluoGroup *fluo_groups_get_default (FluoGroups *self);
/* By name or, when that is NULL, by ARN; Default too. When both are given both must be right. NULL
 * when there is none. */
const FluoGroup *fluo_groups_find  (FluoGroups *self, const char *name, const char *arn);
/* Keys of the groups the trace belongs to, sorted; transfer full GArray of guint32. */
GArray          *fluo_groups_match (FluoGroups *self, const FluoTraceFacts *facts);

G_END_DECLS
