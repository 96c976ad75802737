/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-json.h"
#include "core/fluo-sampling-rule.h"
#include "local/store/fluo-groups.h"

G_BEGIN_DECLS

/* What the user has set: groups, sampling rules, tags, resource policies, and the answers about
 * encryption, indexing and destination. Kept in settings.db beside the traces and wholly in memory;
 * a change is on the disk before the function returns, or has not happened. Any thread. */
typedef struct _FluoSettings FluoSettings;

#define FLUO_SETTINGS_FILE_NAME "settings.db"
#define FLUO_SETTINGS_APPLICATION_ID 0x464c5345 /* "FLSE" */
#define FLUO_SETTINGS_FORMAT 1                  /* PRAGMA user_version */

/* X-Ray's quotas. */
#define FLUO_N_GROUPS_MAX 25 /* with Default */
#define FLUO_N_RULES_MAX 25  /* without Default */
#define FLUO_N_TAGS_MAX 50
#define FLUO_N_POLICIES_MAX 5
#define FLUO_POLICY_BYTES_MAX (5 * 1024)

/* Resources of this computer: no region and no account. */
#define FLUO_ARN_PREFIX "arn:aws:xray:local:000000000000:"
#define FLUO_DEFAULT_GROUP "Default"
#define FLUO_DEFAULT_GROUP_ARN FLUO_ARN_PREFIX "group/" FLUO_DEFAULT_GROUP

/* One for each exception of the service's model. */
typedef enum
{
  FLUO_SETTINGS_ERROR_INVALID,         /* InvalidRequestException */
  FLUO_SETTINGS_ERROR_NOT_FOUND,       /* ResourceNotFoundException */
  FLUO_SETTINGS_ERROR_RULE_LIMIT,      /* RuleLimitExceededException */
  FLUO_SETTINGS_ERROR_TOO_MANY_TAGS,   /* TooManyTagsException */
  FLUO_SETTINGS_ERROR_POLICY_DOCUMENT, /* MalformedPolicyDocumentException */
  FLUO_SETTINGS_ERROR_POLICY_LOCKOUT,  /* LockoutPreventionException */
  FLUO_SETTINGS_ERROR_POLICY_REVISION, /* InvalidPolicyRevisionIdException */
  FLUO_SETTINGS_ERROR_POLICY_SIZE,     /* PolicySizeLimitExceededException */
  FLUO_SETTINGS_ERROR_POLICY_COUNT     /* PolicyCountLimitExceededException */
} FluoSettingsError;

/* Functions that change something also fail with FLUO_STORE_ERROR when the file can't be
 * written. */
#define FLUO_SETTINGS_ERROR (fluo_settings_error_quark ())
GQuark fluo_settings_error_quark (void);

/* Nanoseconds since 1970. Any thread. */
typedef gint64 (*FluoClockFunc) (gpointer data);

/* @directory is there, private, and locked by its store. A damaged file is moved aside and a new
 * one begun. @clock NULL = the real one. */
FluoSettings *fluo_settings_open (const char *directory, FluoClockFunc clock, gpointer clock_data,
                                  GError **error);
void          fluo_settings_free       (FluoSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSettings, fluo_settings_free)
/* What happened to the file, for the user to read; NULL when all is well. Newly allocated. */
char         *fluo_settings_dup_notice (FluoSettings *self);
gint64        fluo_settings_now_ns     (FluoSettings *self);

/* --- Groups --- */

/* NULL or -1: not given. */
typedef struct
{
  const char *name;
  const char *arn;
  const char *expression;
  int         insights;
  int         notifications;
} FluoGroupChange;

/* The groups as they are now. Transfer full. Cheap. */
FluoGroups *fluo_settings_ref_groups   (FluoSettings *self);
/* Each gives the groups after the change, transfer full; NULL with @error. @tags: key → value, may
 * be NULL. */
FluoGroups *fluo_settings_create_group (FluoSettings *self, const FluoGroupChange *change,
                                        GHashTable *tags, GError **error);
FluoGroups *fluo_settings_update_group (FluoSettings *self, const FluoGroupChange *change,
                                        GError **error);
gboolean    fluo_settings_delete_group (FluoSettings *self, const char *name, const char *arn,
                                        GError **error);

/* --- Sampling rules --- */

/* FluoSamplingRule in the order they are tried, Default last; the array is shared: don't change
 * it. Transfer full. @ret_modified_s may be NULL. */
GPtrArray        *fluo_settings_ref_rules   (FluoSettings *self, gint64 *ret_modified_s);
/* @node of @tape: a SamplingRule of the model. Transfer full. */
FluoSamplingRule *fluo_settings_create_rule (FluoSettings *self, const FluoJsonTape *tape,
                                             guint32 node, GHashTable *tags, GError **error);
/* @node: a SamplingRuleUpdate. */
FluoSamplingRule *fluo_settings_update_rule (FluoSettings *self, const FluoJsonTape *tape,
                                             guint32 node, GError **error);
/* The rule as it was. */
FluoSamplingRule *fluo_settings_delete_rule (FluoSettings *self, const char *name, const char *arn,
                                             GError **error);

/* --- Tags --- */

/* Key → value of a group or sampling rule, in alphabetical order: GPtrArray of alternating char *.
 * NULL with NOT_FOUND. */
GPtrArray *fluo_settings_list_tags (FluoSettings *self, const char *arn, GError **error);
gboolean fluo_settings_tag (FluoSettings *self, const char *arn, GHashTable *tags, GError **error);
gboolean   fluo_settings_untag     (FluoSettings *self, const char *arn, const char *const *keys,
                                    GError **error);

/* --- Resource policies --- */

typedef struct
{
  char   *name;
  char   *document;
  gint64  revision;
  gint64  updated_s;
} FluoPolicy;

void        fluo_policy_free            (FluoPolicy *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoPolicy, fluo_policy_free)
/* FluoPolicy by name. */
GPtrArray  *fluo_settings_list_policies (FluoSettings *self);
/* @revision NULL = whatever it is; "0" = there must be none yet. Transfer full. */
FluoPolicy *fluo_settings_put_policy (FluoSettings *self, const char *name, const char *document,
                                      const char *revision, gboolean bypass_lockout,
                                      GError **error);
gboolean    fluo_settings_delete_policy (FluoSettings *self, const char *name, const char *revision,
                                         GError **error);

/* --- Single values --- */

/* Percent of the spans that are to be indexed, and when that was last changed. */
double      fluo_settings_get_indexing    (FluoSettings *self, gint64 *ret_modified_s);
gboolean    fluo_settings_set_indexing    (FluoSettings *self, double percentage, GError **error);
/* "XRay" or "CloudWatchLogs"; static. */
const char *fluo_settings_get_destination (FluoSettings *self);
gboolean fluo_settings_set_destination (FluoSettings *self, const char *destination,
                                        GError **error);

/* --- Sampling statistics --- */

/* What clients reported of one rule in ten seconds. */
typedef struct
{
  char   rule[32 * 4 + 1]; /* 32 characters */
  gint64 begin_s;
  gint64 requests, borrowed, sampled;
} FluoSamplingWindow;

/* Replaces what was saved; FluoSamplingWindow. */
gboolean fluo_settings_save_windows (FluoSettings *self, const GArray *windows, GError **error);
/* What was saved last. Transfer full. */
GArray     *fluo_settings_load_windows    (FluoSettings *self);

G_END_DECLS
