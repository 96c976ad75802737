/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longer queries are shown as they were sent. */
#define FLUO_SQL_TEXT_MAX 32768

/* A query with its clauses on lines of their own and its conditions indented; nothing but white
 * space is changed, and none inside quotes. Any text is taken: what is no SQL comes back much as it
 * was. */
char *fluo_sql_text_dup_formatted (const char *query) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
