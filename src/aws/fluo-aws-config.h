/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The two files that the AWS tools share, ~/.aws/config and ~/.aws/credentials, read by one
 * tolerant grammar: whatever botocore or the other SDKs accept is accepted, what they refuse is
 * skipped with a warning, and a bad line never costs more than itself. Not thread-safe while
 * loading; reading is. */

typedef enum
{
  FLUO_AWS_FILE_CONFIG, /* sections "[default]", "[profile NAME]", "[sso-session NAME]", "[services
                           NAME]" */
  FLUO_AWS_FILE_CREDENTIALS, /* sections "[NAME]" */
  FLUO_AWS_N_FILES
} FluoAwsFile;

typedef enum
{
  FLUO_AWS_SECTION_PROFILE,
  FLUO_AWS_SECTION_SSO_SESSION,
  FLUO_AWS_SECTION_SERVICES,
  FLUO_AWS_N_SECTIONS
} FluoAwsSection;

typedef enum
{
  FLUO_AWS_CONFIG_ERROR_UNREADABLE, /* not a regular file, no permission */
  FLUO_AWS_CONFIG_ERROR_TOO_LARGE,
  FLUO_AWS_CONFIG_ERROR_ENCODING    /* NUL bytes, UTF-16 */
} FluoAwsConfigError;
#define FLUO_AWS_CONFIG_ERROR (fluo_aws_config_error_quark ())
GQuark         fluo_aws_config_error_quark    (void);

typedef struct _FluoAwsConfig FluoAwsConfig;

FluoAwsConfig *fluo_aws_config_new            (void);
void           fluo_aws_config_free           (FluoAwsConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoAwsConfig, fluo_aws_config_free)
/* Where the file is: AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE ("~" expanded), else under
 * ~/.aws. */
char          *fluo_aws_config_dup_path       (FluoAwsFile file);
/* A file that doesn't exist is an empty one. FALSE with a FLUO_AWS_CONFIG_ERROR when it can't be
 * used at all. */
gboolean fluo_aws_config_load (FluoAwsConfig *self, FluoAwsFile file, const char *path,
                               GError **error);
gboolean fluo_aws_config_parse (FluoAwsConfig *self, FluoAwsFile file, const char *path,
                                const char *text, gsize length, GError **error);

/* A non-empty value or NULL. @key in lower case; @nested (nullable) is a key inside the block of
 * @key. */
const char *fluo_aws_config_get (const FluoAwsConfig *self, FluoAwsFile file,
                                 FluoAwsSection section, const char *name, const char *key,
                                 const char *nested);
/* A profile's value: the credentials file's, else the config file's. */
const char *fluo_aws_config_get_profile (const FluoAwsConfig *self, const char *profile,
                                         const char *key);
gboolean fluo_aws_config_has_section (const FluoAwsConfig *self, FluoAwsFile file,
                                      FluoAwsSection section, const char *name);
gboolean       fluo_aws_config_has_profile    (const FluoAwsConfig *self, const char *profile);
char **fluo_aws_config_dup_profiles (const FluoAwsConfig *self); /* of both files, sorted */
/* Names of the sections of one kind in one file, sorted. */
char **fluo_aws_config_dup_sections (const FluoAwsConfig *self, FluoAwsFile file,
                                     FluoAwsSection section) G_GNUC_WARN_UNUSED_RESULT;
/* char *: "FILE:LINE: what is wrong; what to do". Never holds a value. At most
 * FLUO_AWS_WARNINGS_MAX. */
GPtrArray     *fluo_aws_config_get_warnings   (const FluoAwsConfig *self);

#define FLUO_AWS_WARNINGS_MAX 100 /* more help nobody; a last line says how many were left out */

/* A profile's name as a shell takes it: in quotes where it needs them. */
char *fluo_aws_profile_dup_quoted (const char *profile) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
