/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-collector"

#include "fluo-ready-file.h"

#include "core/fluo-json.h"

#define SIZE_MAX_BYTES 65536

static char *
first_address (const FluoJsonTape *tape, const char *protocol)
{
  guint32 array = fluo_json_tape_get (tape, 0, protocol);

  if (fluo_json_tape_type (tape, array) != FLUO_JSON_ARRAY_BEGIN)
    return NULL;
  return fluo_json_tape_dup (tape, fluo_json_tape_first (tape, array));
}

gboolean
fluo_ready_file_read (const char *path, char **ret_http, char **ret_udp)
{
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autoptr (GBytes) bytes = NULL;
  char *http, *text;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;
  bytes = g_bytes_new_take (text, length);
  if (length == 0 || length > SIZE_MAX_BYTES || !(tape = fluo_json_tape_new (bytes, NULL)))
    return FALSE;
  http = first_address (tape, "http");
  if (!http)
    return FALSE;
  *ret_http = http;
  *ret_udp = first_address (tape, "udp");
  return TRUE;
}
