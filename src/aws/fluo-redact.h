/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text of a program or a service, fit to be shown: its first line that says something, printable
 * and at most @max_chars long, with "…" in place of all that may be a secret: access keys, long
 * runs of letters and digits, and what follows a word such as "secret" or "token". Pure. @text NULL
 * is "". */
char *fluo_redact_line (const char *text, gsize length, gsize max_chars);

G_END_DECLS
