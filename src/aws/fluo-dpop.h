/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Proof that who renews a session of "aws login" has its key (RFC 9449, ES256). @pem is a private
 * key on the curve P-256; @url is where a POST goes; @id is unique. NULL with
 * FLUO_CREDENTIALS_ERROR_SOURCE for a key that is none. */
char *fluo_dpop_write (const char *pem, const char *url, gint64 now_s, const char *id,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
