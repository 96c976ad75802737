/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-sentence-label.h"

#include "draw/fluo-paint.h"

void
fluo_sentence_label_set (GtkLabel *label, const FluoSentence *sentence, gsize chars_max)
{
  PangoAttrList *attributes = pango_attr_list_new ();
  g_autofree char *text = fluo_paint_dup_sentence (sentence, chars_max, attributes);

  gtk_label_set_text (label, text);
  gtk_label_set_attributes (label, attributes);
  pango_attr_list_unref (attributes);
}
