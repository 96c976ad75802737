/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a provider comes by its keys, to be shown; nothing in it is secret. Texts are as the files
 * and services say them and not to be trusted as markup. */

typedef enum
{
  FLUO_CREDENTIAL_STEP_PROFILE,      /* name: the profile */
  FLUO_CREDENTIAL_STEP_ENVIRONMENT,  /* AWS_ACCESS_KEY_ID; no name */
  FLUO_CREDENTIAL_STEP_KEYS,         /* keys in a file; name: "credentials" or "config" */
  FLUO_CREDENTIAL_STEP_SSO,          /* name: the SSO session or the start URL; detail: the role */
  FLUO_CREDENTIAL_STEP_WEB_IDENTITY, /* name: the token's file; detail: the role */
  FLUO_CREDENTIAL_STEP_LOGIN,        /* "aws login"; name: who signed in, an ARN */
  FLUO_CREDENTIAL_STEP_PROCESS,      /* name: the program's name */
  FLUO_CREDENTIAL_STEP_CONTAINER,    /* name: the endpoint's host */
  FLUO_CREDENTIAL_STEP_MACHINE,      /* the instance's metadata service; name: its host */
  FLUO_CREDENTIAL_STEP_STORED,       /* typed in; name: the connection */
  FLUO_CREDENTIAL_STEP_ROLE          /* assumed; name: the role; detail: its ARN */
} FluoCredentialStepKind;

typedef struct
{
  FluoCredentialStepKind kind;
  char                  *name;   /* or NULL */
  char                  *detail; /* or NULL */
} FluoCredentialStep;

typedef struct
{
  GPtrArray *steps;  /* FluoCredentialStep: from the profile to its keys, then the roles in order */
  GPtrArray *passed; /* char *: what was looked at first and why it was not taken */
  char      *account;    /* twelve digits, or NULL when nobody has said it yet */
  char      *arn;        /* who the keys are: an assumed role's session or a role, or NULL */
  char      *access_key; /* the public half, or NULL while there are no keys */
  gint64     expires_s;  /* unix seconds, 0 = never or no keys */
  gboolean   needs_sign_in; /* fluo_credential_provider_sign_in_async() would help */
  char      *problem;       /* why the last fetch failed, or NULL */
} FluoCredentialFacts;

FluoCredentialFacts *fluo_credential_facts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void fluo_credential_facts_free (FluoCredentialFacts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoCredentialFacts, fluo_credential_facts_free)
void fluo_credential_facts_add (FluoCredentialFacts *self, FluoCredentialStepKind kind,
                                const char *name, const char *detail);
/* Takes what STS told, both nullable, where nothing is known. */
void  fluo_credential_facts_complete (FluoCredentialFacts *self, const char *arn,
                                      const char *account);
/* Whose the keys are, newly allocated, or NULL when nobody has said it yet: the role that was taken
 * on, with the name of its session where somebody chose that; else the end of the ARN. */
char *fluo_credential_facts_dup_who (const FluoCredentialFacts *self);
/* The account in an ARN, newly allocated, or NULL. */
char *fluo_aws_arn_dup_account (const char *arn);
/* What follows the last "/" of an ARN, borrowed; the whole of it without one. */
const char *fluo_aws_arn_get_name (const char *arn);

G_END_DECLS
