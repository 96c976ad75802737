/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/otlp/fluo-otlp-grpc-words.h"

#include <string.h>

/* A message of an error, before it is encoded; the longest encoding stays below what clients take
 * as trailers (8 KiB). */
#define TEXT_MAX 1024

#define TIMEOUT_DIGITS_MAX 8
#define TIMEOUT_MS_MAX (24 * 60 * 60 * 1000)

gboolean
fluo_grpc_parse_timeout (const char *text, guint *ret_ms)
{
  static const struct
  {
    char   unit;
    gint64 ns;
  } units[] = {
    { 'H', G_GINT64_CONSTANT (3600000000000) }, { 'M', G_GINT64_CONSTANT (60000000000) },
    { 'S', 1000000000 }, { 'm', 1000000 }, { 'u', 1000 }, { 'n', 1 },
  };
  gsize n_digits = strspn (text, "0123456789");
  gint64 value = 0;

  if (n_digits == 0 || n_digits > TIMEOUT_DIGITS_MAX || strlen (text) != n_digits + 1)
    return FALSE;
  for (gsize i = 0; i < n_digits; i++)
    value = value * 10 + (text[i] - '0');
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (text[n_digits] == units[i].unit)
      {
        /* Eight digits of hours are 3.6e20 nanoseconds. */
        gint64 ns = MIN (value, (gint64) TIMEOUT_MS_MAX * 1000000 / units[i].ns) * units[i].ns;

        *ret_ms = (guint) ((ns + 999999) / 1000000);
        return TRUE;
      }
  return FALSE;
}

char *
fluo_grpc_encode_text (const char *text)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < TEXT_MAX && text[i]; i++)
    if (text[i] >= ' ' && text[i] <= '~' && text[i] != '%')
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "%%%02X", (guint8) text[i]);
  return g_string_free (out, FALSE);
}

gboolean
fluo_grpc_type_is_known (const char *type)
{
  static const char plain[] = "application/grpc";
  gsize length = strcspn (type, "; ");

  return (length == strlen (plain) && g_ascii_strncasecmp (type, plain, length) == 0) ||
         (length == strlen ("application/grpc+proto") &&
          g_ascii_strncasecmp (type, "application/grpc+proto", length) == 0);
}

gboolean
fluo_grpc_read_prefix (const guint8 *data, gsize length, guint8 *ret_flag, guint32 *ret_length)
{
  guint32 value;

  if (length < FLUO_GRPC_PREFIX_BYTES)
    return FALSE;
  memcpy (&value, data + 1, sizeof value);
  *ret_flag = data[0];
  *ret_length = GUINT32_FROM_BE (value);
  return TRUE;
}

void
fluo_grpc_write_prefix (guint8 *data, guint32 length)
{
  guint32 value = GUINT32_TO_BE (length);

  data[0] = 0;
  memcpy (data + 1, &value, sizeof value);
}
