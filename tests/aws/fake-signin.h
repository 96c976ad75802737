/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-profile-provider.h"
#include "fluo-test-util.h"

G_BEGIN_DECLS

/* The part of everybody who gives out keys, played in the test's own main context: STS, IAM
 * Identity Center with its sign-in service, the service of "aws login", a container's endpoint and
 * an instance's metadata. All secrets it gives hold the word CANARY. */

#define FAKE_NOW_S 1800000000 /* 2027-01-15T08:00:00Z */
#define FAKE_WAIT_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  SoupServer *server;
  char       *url;
  char       *dir;  /* the home of the test, with its config file */
  GPtrArray  *log;  /* char *: "METHOD PATH?QUERY BODY" in order */
  gint64      now_s;

  /* What it does; set by tests. */
  guint       n_pending, n_slow;   /* answers to a device's questions before the token */
  const char *token_error;         /* then, instead of a token */
  gboolean    refuses_renewal;
  guint       renewal_status;      /* of that refusal; 0: 400 */
  const char *good_token;          /* the portal takes no other; NULL: any */
  const char *login_error;
  guint       n_pages;             /* of the list of accounts */
  guint       n_accounts;          /* in pages of a hundred, instead of that; 0: as n_pages says */
  gboolean    no_accounts, no_roles;
  guint       n_busy;              /* answers of 503 first */
  const char *verification;        /* URL of a device's sign-in; NULL: a good one */
  gboolean    html;                /* answers of 200 are pages */
  const char *metadata_code;       /* NULL: "Success" */
  guint       metadata_token_status; /* 0: 200 */
  const char *code;                /* the one that STS takes */
  const char *external_id;         /* … and the only one it takes; NULL: any */

  /* What was asked. */
  gboolean    proof_was_good;      /* of the last renewal of "aws login" */
  char       *authorization;       /* of the last question to the container's endpoint */

  /* What the user does; see fake_signin_ask(). */
  FluoSignIn *question;            /* the last one, owned */
  guint       n_questions;
  void      (*user) (gpointer self); /* called for each question, or NULL */
} FakeSignin;

/* Makes HOME, the config files and AWS_ENDPOINT_URL point to itself. Once a process, before
 * anything reads HOME. */
FakeSignin *fake_signin_new  (void);
/* A new config file, an empty cache and no script. */
void        fake_signin_reset (FakeSignin *self, const char *config);
void        fake_signin_free (FakeSignin *self);
char       *fake_signin_path (FakeSignin *self, const char *name) G_GNUC_WARN_UNUSED_RESULT;
void        fake_signin_write (FakeSignin *self, const char *name, const char *text);
/* How often the log has a line that begins so. */
guint       fake_signin_count (FakeSignin *self, const char *prefix);
/* Is a FluoSignInFunc; @user_data is the fake. */
void        fake_signin_ask (FluoSignIn *question, gpointer user_data);
/* Signs in with the browser: comes back to where @url says. */
void        fake_signin_browse_url (FakeSignin *self, const char *url);
/* Is a user: signs in with the browser, as the URL of the question says. */
void        fake_signin_browse (gpointer self);

FluoAwsSeams            fake_signin_seams (FakeSignin *self);
FluoCredentialProvider *fake_signin_provider (FakeSignin *self, const char *profile)
  G_GNUC_WARN_UNUSED_RESULT;
/* Waits for keys; @sign_in: the user may be asked. */
FluoCredentials        *fake_signin_get (FakeSignin *self, FluoCredentialProvider *provider,
                                         gboolean sign_in, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
/* Step @i of how the keys were found is just this one. */
void fake_signin_check_step (const FluoCredentialFacts *facts, guint i,
                             FluoCredentialStepKind kind, const char *name, const char *detail);

G_END_DECLS
