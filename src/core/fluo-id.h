/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A trace id: 16 bytes. X-Ray writes it "1-" 8 hex "-" 24 hex, W3C as 32 hex digits; both mean the
 * same bytes. The first four bytes need not be a time: never show them as one. */
typedef struct
{
  guint8 bytes[16];
} FluoTraceId;

#define FLUO_TRACE_ID_XRAY_LEN 35
#define FLUO_TRACE_ID_W3C_LEN 32
#define FLUO_SPAN_ID_LEN 16

/* Parses either form, hex digits in any case. @length may be -1. FALSE, with @id untouched, for
 * anything else. */
gboolean fluo_trace_id_parse       (const char *text, gssize length, FluoTraceId *id);
/* Write lower-case text and a terminating NUL; @text has room for the form's length + 1 bytes. */
void     fluo_trace_id_format_xray (const FluoTraceId *id, char *text);
void     fluo_trace_id_format_w3c  (const FluoTraceId *id, char *text);
char    *fluo_trace_id_to_string   (const FluoTraceId *id); /* X-Ray form, newly allocated */
/* GHashFunc and GEqualFunc over FluoTraceId pointers. */
guint    fluo_trace_id_hash        (gconstpointer id);
gboolean fluo_trace_id_equal       (gconstpointer a, gconstpointer b);

/* Exactly 16 hex digits, any case. All zero is accepted (callers warn). */
gboolean fluo_span_id_parse        (const char *text, gssize length, guint64 *id);
void     fluo_span_id_format       (guint64 id, char *text); /* 17 bytes of room */

G_END_DECLS
