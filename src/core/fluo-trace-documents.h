/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace.h"

G_BEGIN_DECLS

/* Traces from the bytes of a file, whatever of these they are: the answer of BatchGetTraces, one
 * trace of it, a JSON array of segment documents, one document, or one document a line (lines of
 * the form {"format": "json", "version": 1} are passed over). Each document is scanned once and
 * stays where it is: the traces share @bytes.
 *
 * The result holds one FluoTrace for each trace id, in the order of their first documents, at most
 * @traces_max (documents of further ones are passed over); transfer full. @ret_refused (nullable)
 * gets how many documents were refused; a text that ends inside a document counts as one. NULL
 * with an error when no trace is left: a FLUO_SEGMENT_ERROR when that is why, else
 * G_FILE_ERROR_INVAL. Any thread; long lists are read by others beside it. */
GPtrArray *fluo_trace_documents_parse (GBytes *bytes, guint traces_max, guint *ret_refused,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same with @n_parts threads (1 to 16), however short the text. For tests and measurements: the
 * outcome does not depend on them. */
GPtrArray *fluo_trace_documents_parse_in_parts (GBytes *bytes, guint traces_max, guint n_parts,
                                                guint *ret_refused, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
