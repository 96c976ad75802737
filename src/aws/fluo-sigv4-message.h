/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "aws/fluo-sigv4.h"

G_BEGIN_DECLS

/* Signs what libsoup will send: from the message's own URI, with host, date, content type and
 * token. Replaces whatever signature the message had. @body is what a POST carries. FALSE when
 * @unix_s is no time that a signature can hold. */
gboolean fluo_sigv4_sign_message (SoupMessage *message, GBytes *body, const char *service,
                                  const char *region, const FluoCredentials *credentials,
                                  gint64 unix_s);

G_END_DECLS
