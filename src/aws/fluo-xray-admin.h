/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-client.h"
#include "core/fluo-sampling-verdict.h"

G_BEGIN_DECLS

/* The settings of X-Ray: groups, sampling rules, encryption, Transaction Search, policies and tags.
 * What is set is read here; fluo-xray-change.h changes it. All texts are the server's: made safe by
 * whoever shows them. */

#define FLUO_DEFAULT_GROUP_NAME "Default"
/* X-Ray's quotas; whoever has other ones answers with the error. */
#define FLUO_GROUP_NAME_CHARS_MAX 32
#define FLUO_RULE_NAME_CHARS_MAX 32
#define FLUO_TAGS_MAX 50

typedef struct
{
  char    *name;
  char    *arn;    /* or NULL */
  char    *filter; /* "" = every trace */
  gboolean insights;
  gboolean notifications; /* of insights; never without them */
} FluoXrayGroup;

/* What programs told of one rule in ten seconds. */
typedef struct
{
  char   *rule;
  gint64  begin_ns;
  guint64 requests; /* that the rule matched */
  guint64 sampled;
  guint64 borrowed; /* sampled before the reservoir's share was known; some count them in sampled */
} FluoSamplingCount;

typedef struct
{
  gboolean kms;      /* a key of KMS; else AWS's own, or none on this computer */
  char    *key;      /* id, ARN or alias, or NULL */
  gboolean updating; /* the change before is not in effect yet */
} FluoEncryptionConfig;

/* How many of the spans that go to CloudWatch Logs are also indexed as traces. */
typedef struct
{
  char  *name;
  double desired; /* percent */
  double actual;
  gint64 modified_ns; /* 0 = not known */
} FluoIndexingRule;

typedef struct
{
  gboolean logs;    /* CloudWatch Logs: Transaction Search is on; else X-Ray */
  gboolean pending; /* not in effect yet */
} FluoSegmentDestination;

typedef struct
{
  char  *name;
  char  *document; /* JSON, as it was put */
  char  *revision;
  gint64 updated_ns; /* 0 = not known */
} FluoResourcePolicy;

typedef struct
{
  char *key;
  char *value;
} FluoTag;

FluoXrayGroup        *fluo_xray_group_copy        (const FluoXrayGroup *self);
void                  fluo_xray_group_free        (FluoXrayGroup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoXrayGroup, fluo_xray_group_free)
FluoEncryptionConfig *fluo_encryption_config_copy (const FluoEncryptionConfig *self);
void                  fluo_encryption_config_free (FluoEncryptionConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoEncryptionConfig, fluo_encryption_config_free)
FluoTag              *fluo_tag_new                (const char *key, const char *value);
void                  fluo_tag_free               (FluoTag *self);

typedef enum
{
  FLUO_SETTING_GROUPS,      /* FluoXrayGroup, Default first */
  FLUO_SETTING_RULES,       /* FluoSamplingRule, in the order they are tried */
  FLUO_SETTING_COUNTS,      /* FluoSamplingCount, oldest first */
  FLUO_SETTING_ENCRYPTION,  /* one FluoEncryptionConfig */
  FLUO_SETTING_INDEXING,    /* FluoIndexingRule */
  FLUO_SETTING_DESTINATION, /* one FluoSegmentDestination */
  FLUO_SETTING_POLICIES,    /* FluoResourcePolicy by name */
  FLUO_SETTING_TAGS,        /* FluoTag by key */
  FLUO_N_SETTINGS
} FluoSetting;

/* "GetGroups". Static. */
const char *fluo_setting_get_operation (FluoSetting setting);
/* All pages of it. @arn: the group or rule whose tags are asked for, NULL for all others. The
 * result is an array of what the enumeration says, transfer full; where one thing is expected there
 * is one. */
void fluo_xray_client_get_setting_async (FluoXrayClient *self, FluoSetting setting, const char *arn,
                                         GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
GPtrArray *fluo_xray_client_get_setting_finish (FluoXrayClient *self, GAsyncResult *result,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Which rule such a request would hit. The collector is asked, as it knows boosts; elsewhere @rules
 * (FluoSamplingRule in order) are evaluated. */
void fluo_xray_client_simulate_async (FluoXrayClient *self, GPtrArray *rules,
                                      const FluoSamplingQuestion *question,
                                      GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data);
FluoSamplingVerdict *fluo_xray_client_simulate_finish (FluoXrayClient *self, GAsyncResult *result,
                                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
