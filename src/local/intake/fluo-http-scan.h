/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A strict reading of where HTTP/1.1 requests begin and end. What two programs could read in two
 * ways is refused: bare line ends, folded headers, two lengths, chunk extensions, trailers. Pure;
 * bytes go in, and what may be passed on comes out. */

#define FLUO_HTTP_HEAD_MAX (16 * 1024) /* request line and headers */
#define FLUO_HTTP_HEADERS_MAX 100

typedef enum
{
  FLUO_HTTP_SCAN_HEAD,  /* waiting for the rest of a head, or for a request */
  FLUO_HTTP_SCAN_BODY,
  FLUO_HTTP_SCAN_REFUSED
} FluoHttpScanState;

typedef struct
{
  FluoHttpScanState state;
  const char       *refusal;   /* "400 Bad Request" */
  gsize             body_max;  /* bytes of content */
  gsize             seen;      /* bytes of the head that were looked at */
  guint             n_lines;   /* of the head */
  gsize             body;      /* content so far */
  guint64           remaining; /* content of the body, or of the chunk, that is still to come */
  guint             chunk;     /* where in a chunked body; 0 = it has a length instead */
  guint             n_digits;
} FluoHttpScan;

void     fluo_http_scan_init (FluoHttpScan *self, gsize body_max);
/* @bytes begins with the head of a request and has no more than one read added to what was shown
 * before. The length of the head when it is whole and good, else 0: refused, or more is needed. */
gsize    fluo_http_scan_head (FluoHttpScan *self, const char *bytes, gsize length);
/* Goes on in the body; how many of @bytes belong to it. The state is FLUO_HTTP_SCAN_HEAD when that
 * was its end. */
gsize    fluo_http_scan_body (FluoHttpScan *self, const char *bytes, gsize length);
/* How much may be read without going beyond the body, when that is known; else 0. */
gsize    fluo_http_scan_get_plain (const FluoHttpScan *self);

G_END_DECLS
