/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* One thing that only the user can do while a provider waits for its keys: read a code off a
 * device, or sign in with a browser. The provider makes it and hands it to whoever was named in
 * fluo_credential_provider_sign_in_async(), who shows it, answers or cancels it, and listens to
 * "closed". Main context only. Holds no secret but the code, which is wiped.
 *
 * Signal "closed": the provider needs nothing more; it has signed in, was cancelled, or gave up.
 * What came of it is the result of the call that began it. */

typedef enum
{
  FLUO_SIGN_IN_CODE,    /* type the six digits that the device fluo_sign_in_get_subject() shows */
  FLUO_SIGN_IN_BROWSER, /* open fluo_sign_in_get_url(); the browser tells us by itself */
  FLUO_SIGN_IN_DEVICE,  /* open the URL on any computer and compare fluo_sign_in_get_user_code() */
  FLUO_SIGN_IN_COMMAND  /* run fluo_sign_in_get_command() in a terminal; what it does is noticed */
} FluoSignInKind;

#define FLUO_TYPE_SIGN_IN (fluo_sign_in_get_type ())
G_DECLARE_FINAL_TYPE (FluoSignIn, fluo_sign_in, FLUO, SIGN_IN, GObject)

/* Called on the provider's main context. @sign_in is borrowed: take a reference to keep it. */
typedef void (*FluoSignInFunc) (FluoSignIn *sign_in, gpointer user_data);

FluoSignInKind fluo_sign_in_get_kind (FluoSignIn *self);
/* The profile whose keys are wanted, or NULL. */
const char *fluo_sign_in_get_profile (FluoSignIn *self);
/* The serial number or ARN of the device; else the SSO session's name, or its start URL. */
const char *fluo_sign_in_get_subject (FluoSignIn *self);
/* https, at a host of AWS, and checked; may be opened without asking. NULL for a code. */
const char *fluo_sign_in_get_url (FluoSignIn *self);
const char *fluo_sign_in_get_user_code (FluoSignIn *self); /* of a device; else NULL */
/* A command of the AWS tools, quoted for a shell; NULL for other kinds. */
const char *fluo_sign_in_get_command (FluoSignIn *self);
gint64      fluo_sign_in_get_expires (FluoSignIn *self);   /* unix seconds, 0 = never */
gboolean    fluo_sign_in_is_open (FluoSignIn *self);       /* "closed" has not been emitted */
gboolean    fluo_sign_in_is_again (FluoSignIn *self);      /* the code before was not taken */

/* Six digits, with blanks between them or without. FALSE for anything else: nothing happens then,
 * and the user can type again. */
gboolean fluo_sign_in_answer (FluoSignIn *self, const char *code);
/* For FLUO_SIGN_IN_BROWSER: the browser is on another computer. This one is closed, and another
 * one of FLUO_SIGN_IN_DEVICE follows. */
void fluo_sign_in_use_device (FluoSignIn *self);
/* The call that waits ends with G_IO_ERROR_CANCELLED. */
void fluo_sign_in_cancel (FluoSignIn *self);

/* --- For providers -------------------------------------------------------- */

typedef enum
{
  FLUO_SIGN_IN_ANSWERED,
  FLUO_SIGN_IN_WANTS_DEVICE,
  FLUO_SIGN_IN_CANCELLED
} FluoSignInReply;

/* @code is set for FLUO_SIGN_IN_ANSWERED alone and gone afterwards. Called at most once. */
typedef void (*FluoSignInReplyFunc) (FluoSignInReply reply, const char *code, gpointer user_data);

/* @user_code is the command of FLUO_SIGN_IN_COMMAND. */
FluoSignIn *fluo_sign_in_new (FluoSignInKind kind, const char *profile, const char *subject,
                              const char *url, const char *user_code, gint64 expires_s,
                              FluoSignInReplyFunc reply,
                              gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void fluo_sign_in_set_again (FluoSignIn *self, gboolean again);
/* No reply comes after it. Emits "closed" once. */
void fluo_sign_in_close (FluoSignIn *self);

G_END_DECLS
