/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/settings/fluo-settings.h"
#include "local/store/fluo-connection.h"

G_BEGIN_DECLS

/* Private to the fluo-settings files. */

typedef enum
{
  FLUO_SETTINGS_GROUPS   = 1 << 0,
  FLUO_SETTINGS_RULES    = 1 << 1,
  FLUO_SETTINGS_TAGS     = 1 << 2,
  FLUO_SETTINGS_POLICIES = 1 << 3,
  FLUO_SETTINGS_STATE    = 1 << 4,
  FLUO_SETTINGS_ALL      = (1 << 5) - 1
} FluoSettingsParts;

struct _FluoSettings
{
  char         *path;
  FluoClockFunc clock;
  gpointer      clock_data;

  GMutex lock; /* held for everything below */
  FluoConnection *file;
  char       *notice;
  FluoGroups *groups;
  guint32     last_group_key;
  GPtrArray  *rules;    /* FluoSamplingRule, sorted; replaced, never changed */
  gint64      rules_modified_s;
  GHashTable *tags;     /* ARN → GHashTable of key → value; replaced, never changed */
  GPtrArray  *policies; /* FluoPolicy by name */
  double      indexing;
  gint64      indexing_modified_s;
  gboolean    cloudwatch;
};

/* Opens the file and reads what it holds; the lock is held, or nobody else knows @self yet. */
gboolean    fluo_settings_file_open (FluoSettings *self, GError **error);
/* Writes the parts as they are in memory in one transaction. A file that turns out to be damaged is
 * moved aside and everything written anew. */
gboolean    fluo_settings_file_save (FluoSettings *self, FluoSettingsParts parts, GError **error);
/* Runs @sql once. @types: one letter for each argument, s (const char *, may be NULL), i (gint64)
 * or d (double). */
gboolean    fluo_settings_file_run  (FluoSettings *self, GError **error, const char *sql,
                                     const char *types, ...);
/* Calls @func for each row. */
gboolean    fluo_settings_file_read (FluoSettings *self, const char *sql,
                                     void (*func) (sqlite3_stmt *row, gpointer data), gpointer data,
                                     GError **error);

gint64      fluo_settings_now_s      (FluoSettings *self);
/* A rule of this computer: matches everything, keeps nothing. Transfer full. */
FluoSamplingRule *fluo_settings_make_rule (const char *name);
/* [locked] The tags with those of @arn replaced by @tags (NULL: none). Transfer full. */
GHashTable *fluo_settings_tags_with  (FluoSettings *self, const char *arn, GHashTable *tags);
/* FALSE when X-Ray would not take these tags for a new resource. */
gboolean    fluo_settings_check_tags (GHashTable *tags, GError **error);

G_END_DECLS
