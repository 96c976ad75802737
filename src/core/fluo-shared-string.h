/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Text that many have in common: one copy with a reference count. What GRefString's interning is,
 * but safe when one thread lets go of the last reference while another asks for the same text,
 * which GLib before 2.80 is not. Any thread. */

/* A reference on the one copy of @text. */
char *fluo_shared_string_new      (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* A copy of its own, for text that hardly repeats. */
char *fluo_shared_string_new_own  (const char *text) G_GNUC_WARN_UNUSED_RESULT;
void  fluo_shared_string_unref    (char *self);

G_END_DECLS
