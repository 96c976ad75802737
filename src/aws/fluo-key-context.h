/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-request.h"
#include "aws/fluo-sign-in.h"

G_BEGIN_DECLS

/* With what keys are got: how to reach the services, and whom to ask. Borrowed for the call that it
 * is given to, which copies it. */
typedef struct
{
  SoupSession   *session;  /* fluo_aws_session_new() */
  FluoAwsSeams   seams;
  FluoSignInFunc ask;      /* NULL: nobody may be asked */
  gpointer       ask_data;
  gboolean       anew;      /* to be asked even where what is kept would do */
  const char    *profile;  /* for whom, to be shown; or NULL */
  guint          second_ms; /* how long a second between two questions lasts; 0: 1000 */
} FluoKeyContext;

/* Takes references. */
void fluo_key_context_copy (FluoKeyContext *to, const FluoKeyContext *from);
void fluo_key_context_clear (FluoKeyContext *self);

G_END_DECLS
