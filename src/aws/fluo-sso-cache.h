/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the AWS tools keep in JSON files of their own: tokens of IAM Identity Center in
 * ~/.aws/sso/cache, sessions of "aws login" in ~/.aws/login/cache. They are read and written in the
 * tools' own format, so that signing in here is signing in there and the other way round. Blocks:
 * call from a worker. */

/* Reads the file's JSON object. The AWS CLI writes in place, so half a file is read again a few
 * times over a second. NULL without @error when there is none, or none that can be understood;
 * with FLUO_CREDENTIALS_ERROR_SOURCE when it belongs to somebody else, or is no regular file. The
 * bytes are secret: free with fluo_aws_cache_free(). */
GBytes *fluo_aws_cache_load (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void    fluo_aws_cache_free (GBytes *text);

/* One member to write: a text, or an object's text when @is_raw. */
typedef struct
{
  const char *name;
  const char *value; /* NULL: removed */
  gboolean    is_raw;
} FluoAwsCacheMember;

/* Replaces the file as a whole, readable by the user alone; members of the old one that are not
 * named here stay. */
gboolean fluo_aws_cache_save (const char *path, const FluoAwsCacheMember *members, gsize n_members,
                              GError **error);

/* A token and what it is renewed with. */
typedef struct
{
  char  *start_url;
  char  *region;
  char  *access_token;
  gint64 expires_s;
  char  *refresh_token; /* this and the rest: or NULL and 0 */
  char  *client_id;
  char  *client_secret;
  gint64 registration_expires_s;
} FluoSsoToken;

void fluo_sso_token_free (FluoSsoToken *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSsoToken, fluo_sso_token_free)

/* The file for a session's name, or for a start URL. */
char         *fluo_sso_token_dup_path (const char *key) G_GNUC_WARN_UNUSED_RESULT;
FluoSsoToken *fluo_sso_token_load (const char *key, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean      fluo_sso_token_save (const char *key, const FluoSsoToken *token, GError **error);

G_END_DECLS
