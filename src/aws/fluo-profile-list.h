/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-sso.h"

G_BEGIN_DECLS

/* The profiles in the shared AWS files, to choose from: what each is, without reading any key. */

typedef enum
{
  FLUO_PROFILE_OTHER, /* nothing says where its keys come from */
  FLUO_PROFILE_KEYS,
  FLUO_PROFILE_SSO,
  FLUO_PROFILE_ROLE,
  FLUO_PROFILE_WEB_IDENTITY,
  FLUO_PROFILE_PROCESS,
  FLUO_PROFILE_LOGIN
} FluoProfileKind;

typedef struct
{
  char *name;
  char *region;   /* or NULL */
  FluoProfileKind kind;
  FluoSsoSession *sso; /* that it signs in to, without saying to which account and role; or NULL */
} FluoProfileInfo;

typedef struct
{
  GPtrArray *profiles; /* FluoProfileInfo, sorted by name, "default" first */
  GPtrArray *sessions; /* FluoSsoSession: sections [sso-session …] of the file */
  GPtrArray *warnings; /* char *: what is wrong with the files, and what to do */
  char      *place;    /* the configuration file, "~/.aws/config" */
} FluoProfileList;

void             fluo_profile_list_free (FluoProfileList *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoProfileList, fluo_profile_list_free)
/* Reads the files in a worker. A file that can't be used is a warning. */
void             fluo_profile_list_load_async  (GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);
FluoProfileList *fluo_profile_list_load_finish (GAsyncResult *result, GError **error);
const FluoProfileInfo *fluo_profile_list_find  (const FluoProfileList *self, const char *name);

G_END_DECLS
