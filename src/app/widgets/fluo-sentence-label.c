/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/widgets/fluo-sentence-label.h"

#include <string.h>

#include "core/fluo-format.h"

/* Each run is made safe by itself, so that the bold ranges are counted in what is really shown. */
void
fluo_sentence_label_set (GtkLabel *label, const FluoSentence *sentence, gsize chars_max)
{
  g_autoptr (GString) text = g_string_new (NULL);
  PangoAttrList *attributes = pango_attr_list_new ();
  gsize length = strlen (sentence->text);
  guint at = 0;

  for (guint i = 0; i <= sentence->bold->len; i++)
    {
      FluoSentenceRange range = i < sentence->bold->len
                                  ? g_array_index (sentence->bold, FluoSentenceRange, i)
                                  : (FluoSentenceRange) { (guint) length, 0 };
      g_autofree char *plain = NULL, *bold = NULL, *safe_plain = NULL, *safe_bold = NULL;
      PangoAttribute *weight;

      if (range.start < at || range.start + range.length > length)
        continue;
      plain = g_strndup (sentence->text + at, range.start - at);
      bold = g_strndup (sentence->text + range.start, range.length);
      safe_plain = fluo_format_untrusted (plain, chars_max);
      safe_bold = fluo_format_untrusted (bold, chars_max);
      g_string_append (text, safe_plain);
      weight = pango_attr_weight_new (PANGO_WEIGHT_BOLD);
      weight->start_index = (guint) text->len;
      g_string_append (text, safe_bold);
      weight->end_index = (guint) text->len;
      pango_attr_list_insert (attributes, weight);
      at = range.start + range.length;
    }

  gtk_label_set_text (label, text->str);
  gtk_label_set_attributes (label, attributes);
  pango_attr_list_unref (attributes);
}
