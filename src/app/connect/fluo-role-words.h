/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a role of IAM Identity Center is for, in words: AWS's own permission sets by what they
 * allow as far as traces go, others by a guess that says so. Borrowed, translated. */
const char *fluo_role_get_words (const char *role);

G_END_DECLS
