/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-sentence.h"

#include <string.h>

FluoSentence *
fluo_sentence_new (void)
{
  FluoSentence *self = g_new0 (FluoSentence, 1);

  self->text = g_strdup ("");
  self->bold = g_array_new (FALSE, FALSE, sizeof (FluoSentenceRange));
  return self;
}

void
fluo_sentence_free (FluoSentence *self)
{
  if (!self)
    return;
  g_free (self->text);
  g_array_unref (self->bold);
  g_free (self);
}

void
fluo_sentence_append (FluoSentence *self, const char *text, gboolean bold)
{
  FluoSentenceRange range = { (guint) strlen (self->text), (guint) strlen (text) };
  char *joined = g_strconcat (self->text, text, NULL);

  g_free (self->text);
  self->text = joined;
  if (bold && range.length > 0)
    g_array_append_val (self->bold, range);
}
