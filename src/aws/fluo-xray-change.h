/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-admin.h"

G_BEGIN_DECLS

/* A change of X-Ray's settings as a value: what is asked of whom, and what is different afterwards,
 * known before anything is done. Immutable; atomic reference count. */

typedef struct
{
  const char *field;  /* AWS's name, "FilterExpression"; static */
  char       *before; /* as words; NULL = not there */
  char       *after;
} FluoXrayChangeRow;

typedef struct _FluoXrayChange FluoXrayChange;
struct _FluoXrayChange
{
  int             ref_count;
  const char     *operation; /* "UpdateGroup"; static */
  char           *body;      /* JSON */
  char           *name;      /* of what changes: the group's, the rule's… */
  char           *arn;       /* of it, or NULL */
  GPtrArray      *rows;      /* FluoXrayChangeRow, at least one */
  FluoXrayChange *inverse;   /* what takes it back as far as that can be, or NULL */
};

FluoXrayChange *fluo_xray_change_ref   (FluoXrayChange *self);
void            fluo_xray_change_unref (FluoXrayChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoXrayChange, fluo_xray_change_unref)

/* From @before to @after; a group or rule that is NULL is made or removed. NULL when nothing would
 * be different. An update asks for nothing but the differences. A new group or rule gets @tags
 * (FluoTag; may be NULL). */
FluoXrayChange *fluo_xray_change_group (const FluoXrayGroup *before, const FluoXrayGroup *after,
                                        GPtrArray *tags);
/* A boost can be set and changed; nothing takes it away but removing the rule. */
FluoXrayChange *fluo_xray_change_rule (const FluoSamplingRule *before,
                                       const FluoSamplingRule *after, GPtrArray *tags);
FluoXrayChange *fluo_xray_change_encryption  (const FluoEncryptionConfig *before,
                                              const FluoEncryptionConfig *after);
FluoXrayChange *fluo_xray_change_indexing    (const FluoIndexingRule *before, double desired);
FluoXrayChange *fluo_xray_change_destination (const FluoSegmentDestination *before, gboolean logs);
/* UntagResource for keys that go and TagResource for what is new or other, as many of them as it
 * takes: FluoXrayChange in the order to do them, possibly none, without inverses (that is the same
 * with @before and @after the other way round). Transfer full. */
GPtrArray *fluo_xray_change_tags (const char *name, const char *arn, GPtrArray *before,
                                  GPtrArray *after) G_GNUC_WARN_UNUSED_RESULT;

/* Does it. Without an answer (cancelled, broken) it may have happened all the same. */
void     fluo_xray_client_change_async  (FluoXrayClient *self, FluoXrayChange *change,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean fluo_xray_client_change_finish (FluoXrayClient *self, GAsyncResult *result,
                                         GError **error);

/* What AWS would refuse, found before it is asked: a sentence, static and translated, or NULL. */
const char *fluo_xray_check_group_name (const char *name);
const char *fluo_xray_check_rule       (const FluoSamplingRule *rule);
const char *fluo_xray_check_key        (const char *key);
const char *fluo_xray_check_tags       (GPtrArray *tags);

G_END_DECLS
