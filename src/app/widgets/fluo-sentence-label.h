/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "core/fluo-sentence.h"

G_BEGIN_DECLS

/* The sentence with its facts in bold; each run of it made safe, at most @chars_max characters. */
void fluo_sentence_label_set (GtkLabel *label, const FluoSentence *sentence, gsize chars_max);

G_END_DECLS
