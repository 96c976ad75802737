/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "core/fluo-json.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Whatever the scanner accepts must survive the tape and the printer, and be accepted again. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  const char *text = g_bytes_get_data (bytes, NULL);
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autofree char *pretty = NULL, *string = NULL;

  if (!fluo_json_validate (text ? text : "", size, NULL))
    return 0;
  tape = fluo_json_tape_new (bytes, NULL);
  g_assert_nonnull (tape);
  string = fluo_json_tape_dup (tape, fluo_json_tape_first (tape, 0));
  pretty = fluo_json_pretty (text, size);
  g_assert_true (fluo_json_validate (pretty, strlen (pretty), NULL));
  return 0;
}
