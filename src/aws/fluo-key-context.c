/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-key-context.h"

void
fluo_key_context_copy (FluoKeyContext *to, const FluoKeyContext *from)
{
  *to = *from;
  to->session = g_object_ref (from->session);
  to->profile = g_strdup (from->profile);
  fluo_aws_seams_complete (&to->seams);
}

void
fluo_key_context_clear (FluoKeyContext *self)
{
  g_clear_object (&self->session);
  g_free ((char *) self->profile);
  self->profile = NULL;
}
