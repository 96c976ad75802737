/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-segment.h"
#include "local/intake/fluo-intake-udp.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* A datagram as the collector takes it: the header's line, then the document. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  gsize offset = fluo_intake_udp_parse_header (text, size);
  g_autoptr (GError) error = NULL;
  g_autofree char *id = NULL;
  FluoSegmentHead head;

  g_assert_cmpuint (offset, <=, size);
  if (offset == 0)
    return 0;
  g_assert_true (text[offset - 1] == '\n');
  if (fluo_segment_head_parse (text + offset, size - offset, &head, &id, &error))
    g_assert_cmpint (head.end_ns, >=, head.start_ns);
  else
    g_assert_true (error->domain == FLUO_SEGMENT_ERROR &&
                   g_utf8_validate (error->message, -1, NULL));
  return 0;
}
