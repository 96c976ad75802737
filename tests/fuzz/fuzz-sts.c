/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/fluo-sts.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes as an answer of STS: keys that can stand in a header and have an end, or an error. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoCredentials) keys = fluo_sts_read_assume_role (bytes, "fuzz", 1800000000, &error);
  g_autofree char *code = NULL, *message = NULL;

  g_assert_true ((keys != NULL) == (error == NULL));
  if (keys)
    {
      g_assert_cmpint (fluo_credentials_get_expires (keys), >, 1800000000);
      g_assert_null (strpbrk (fluo_credentials_get_token (keys), "\r\n "));
    }
  if (fluo_sts_read_error (bytes, &code, &message))
    g_assert_null (strpbrk (code, "\r\n<>"));
  return 0;
}
