/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-types.h"

G_BEGIN_DECLS

/* A sentence with its facts set off, independent of any toolkit: plain UTF-8 text and the byte
 * ranges to show bold. */
typedef struct
{
  guint start;
  guint length;
} FluoSentenceRange;

struct _FluoSentence
{
  char   *text;
  GArray *bold; /* FluoSentenceRange, ascending */
};

FluoSentence *fluo_sentence_new    (void);
void          fluo_sentence_free   (FluoSentence *self);
void          fluo_sentence_append (FluoSentence *self, const char *text, gboolean bold);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoSentence, fluo_sentence_free)

G_END_DECLS
