/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How gRPC writes things into HTTP/2, as its PROTOCOL-HTTP2.md has it. Pure functions. */

/* Before each message: whether it is compressed (1 byte), and its length (4 bytes, big endian). */
#define FLUO_GRPC_PREFIX_BYTES 5

/* grpc-timeout: at most eight digits and one of H, M, S, m, u, n. Milliseconds, rounded up, and no
 * more than a day; FALSE when it is none. */
gboolean fluo_grpc_parse_timeout (const char *text, guint *ret_ms);
/* For grpc-message: what is not printable ASCII as %XX. Bounded. Newly allocated. */
char    *fluo_grpc_encode_text   (const char *text);
/* "application/grpc", with "+proto" or without: messages in protobuf. */
gboolean fluo_grpc_type_is_known (const char *type);
/* Takes the prefix apart. FALSE while it isn't whole. */
gboolean fluo_grpc_read_prefix   (const guint8 *data, gsize length, guint8 *ret_flag,
                                  guint32 *ret_length);
void     fluo_grpc_write_prefix  (guint8 *data, guint32 length);

G_END_DECLS
