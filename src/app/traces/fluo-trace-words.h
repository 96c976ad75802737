/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/fluo-trace-summary.h"

G_BEGIN_DECLS

/* Words that are looked for in what a summary shows: request, services, annotations, users,
 * exceptions, status and id. Case is ignored; all of them must occur somewhere. */

/* NULL for no words. */
char   **fluo_trace_words_split (const char *text);
gboolean fluo_trace_words_match (char **words, const FluoTraceSummary *summary);
/* The same as a filter: for each word where it occurs in those of @summaries that all words match,
 * in as few conditions as find them all. "" when there is nothing to say. @ret_left (may be NULL):
 * the first word that a filter can't say, as a part of an id or of many numbers; NULL when there is
 * none. Newly allocated. */
char    *fluo_trace_words_dup_filter (const char *text, GPtrArray *summaries, char **ret_left);

G_END_DECLS
