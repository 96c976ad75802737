/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "documents-outcome.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* A file of documents: in how many parts it is read does not change what comes of it. The first
 * byte says in how many, and how many traces are taken. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *expected = NULL, *found = NULL;
  guint n_parts, traces_max;

  if (size == 0)
    return 0;
  n_parts = data[0] % 5 + 2;
  traces_max = data[0] / 5 % 4 + 1;
  bytes = g_bytes_new (data + 1, size - 1);
  expected = documents_outcome (bytes, traces_max, 1);
  found = documents_outcome (bytes, traces_max, n_parts);
  g_assert_cmpstr (found, ==, expected);
  return 0;
}
