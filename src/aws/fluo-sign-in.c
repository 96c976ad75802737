/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-sign-in.h"

#include <string.h>

#define CODE_DIGITS 6

struct _FluoSignIn
{
  GObject             parent_instance;
  FluoSignInKind      kind;
  char               *profile;
  char               *subject;
  char               *url;
  char               *user_code;
  gint64              expires_s;
  gboolean            is_closed;
  gboolean            is_again;
  FluoSignInReplyFunc reply; /* NULL once it was called, or will not be */
  gpointer            reply_data;
};

enum
{
  SIGNAL_CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoSignIn, fluo_sign_in, G_TYPE_OBJECT)

static void
reply_once (FluoSignIn *self, FluoSignInReply reply, const char *code)
{
  FluoSignInReplyFunc func = self->reply;

  self->reply = NULL;
  if (func)
    func (reply, code, self->reply_data);
}

static void
fluo_sign_in_finalize (GObject *object)
{
  FluoSignIn *self = FLUO_SIGN_IN (object);

  g_free (self->profile);
  g_free (self->subject);
  g_free (self->url);
  g_free (self->user_code);
  G_OBJECT_CLASS (fluo_sign_in_parent_class)->finalize (object);
}

static void
fluo_sign_in_class_init (FluoSignInClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_sign_in_finalize;
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_sign_in_init (FluoSignIn *self)
{
}

FluoSignIn *
fluo_sign_in_new (FluoSignInKind kind, const char *profile, const char *subject, const char *url,
                  const char *user_code, gint64 expires_s, FluoSignInReplyFunc reply,
                  gpointer user_data)
{
  FluoSignIn *self = g_object_new (FLUO_TYPE_SIGN_IN, NULL);

  self->kind = kind;
  self->profile = g_strdup (profile);
  self->subject = g_strdup (subject);
  self->url = g_strdup (url);
  self->user_code = g_strdup (user_code);
  self->expires_s = expires_s;
  self->reply = reply;
  self->reply_data = user_data;
  return self;
}

FluoSignInKind
fluo_sign_in_get_kind (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), FLUO_SIGN_IN_CODE);

  return self->kind;
}

const char *
fluo_sign_in_get_profile (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), NULL);

  return self->profile;
}

const char *
fluo_sign_in_get_subject (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), NULL);

  return self->subject;
}

const char *
fluo_sign_in_get_url (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), NULL);

  return self->url;
}

const char *
fluo_sign_in_get_user_code (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), NULL);

  return self->kind == FLUO_SIGN_IN_COMMAND ? NULL : self->user_code;
}

const char *
fluo_sign_in_get_command (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), NULL);

  return self->kind == FLUO_SIGN_IN_COMMAND ? self->user_code : NULL;
}

gint64
fluo_sign_in_get_expires (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), 0);

  return self->expires_s;
}

gboolean
fluo_sign_in_is_open (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), FALSE);

  return !self->is_closed;
}

gboolean
fluo_sign_in_is_again (FluoSignIn *self)
{
  g_return_val_if_fail (FLUO_IS_SIGN_IN (self), FALSE);

  return self->is_again;
}

void
fluo_sign_in_set_again (FluoSignIn *self, gboolean again)
{
  g_return_if_fail (FLUO_IS_SIGN_IN (self));

  self->is_again = again;
}

gboolean
fluo_sign_in_answer (FluoSignIn *self, const char *code)
{
  char digits[CODE_DIGITS + 1] = { 0 };
  guint n = 0;

  g_return_val_if_fail (FLUO_IS_SIGN_IN (self) && code != NULL, FALSE);

  for (const char *p = code; *p; p++)
    if (g_ascii_isdigit (*p) && n < CODE_DIGITS)
      digits[n++] = *p;
    else if (!g_ascii_isspace (*p))
      n = CODE_DIGITS + 1;
  if (self->kind != FLUO_SIGN_IN_CODE || n != CODE_DIGITS || !self->reply)
    return FALSE;
  reply_once (self, FLUO_SIGN_IN_ANSWERED, digits);
  explicit_bzero (digits, sizeof digits);
  return TRUE;
}

void
fluo_sign_in_use_device (FluoSignIn *self)
{
  g_return_if_fail (FLUO_IS_SIGN_IN (self));

  if (self->kind == FLUO_SIGN_IN_BROWSER)
    reply_once (self, FLUO_SIGN_IN_WANTS_DEVICE, NULL);
}

void
fluo_sign_in_cancel (FluoSignIn *self)
{
  g_return_if_fail (FLUO_IS_SIGN_IN (self));

  reply_once (self, FLUO_SIGN_IN_CANCELLED, NULL);
}

void
fluo_sign_in_close (FluoSignIn *self)
{
  g_return_if_fail (FLUO_IS_SIGN_IN (self));

  self->reply = NULL;
  if (self->is_closed)
    return;
  self->is_closed = TRUE;
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}
