/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-json.h"

G_BEGIN_DECLS

/* What the tokens' scanner and the reading of their values share. */

static inline gboolean
fluo_json_is_digit (char c)
{
  return c >= '0' && c <= '9';
}

static inline gboolean
fluo_json_hex4 (const char *p, gsize left, guint *value)
{
  guint v = 0;

  if (left < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        return FALSE;
      v = v << 4 | (guint) g_ascii_xdigit_value (p[i]);
    }
  *value = v;
  return TRUE;
}

/* @text in JSON's grammar of numbers. Infinite when it is too large. */
double fluo_json_to_double (const char *text, gsize length);

G_END_DECLS
