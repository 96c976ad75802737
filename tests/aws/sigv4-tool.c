/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-sigv4.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Signs what it is told, for comparing with another implementation. One request is lines of "NAME
 * VALUE", the values in base64, and an empty line; the answer is one line, the Authorization
 * header. With "--time N" it signs one X-Ray request N times instead and prints the microseconds of
 * the processor that one takes. */

static char *
decode (const char *base64)
{
  gsize length;
  g_autofree guchar *bytes = g_base64_decode (base64, &length);

  return g_strndup ((const char *) bytes, length);
}

static void
answer (GHashTable *fields, GArray *headers)
{
  const char *token = g_hash_table_lookup (fields, "token"),
             *body = g_hash_table_lookup (fields, "body");
  g_autoptr (FluoCredentials) credentials = fluo_credentials_new (
    g_hash_table_lookup (fields, "access"), g_hash_table_lookup (fields, "secret"), token, "stdin");
  FluoSigv4Scope scope = { g_hash_table_lookup (fields, "timestamp"),
                           g_hash_table_lookup (fields, "region"),
                           g_hash_table_lookup (fields, "service") };
  FluoSigv4Request request = { g_hash_table_lookup (fields, "method"),
                               g_hash_table_lookup (fields, "path"),
                               g_hash_table_lookup (fields, "query"),
                               (FluoSigv4Header *) headers->data,
                               headers->len,
                               body,
                               body ? strlen (body) : 0 };
  g_autofree char *authorization = fluo_sigv4_sign (&request, &scope, credentials);

  puts (authorization);
  fflush (stdout);
}

static int
serve (void)
{
  g_autoptr (GHashTable) fields = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GArray) headers = g_array_new (FALSE, FALSE, sizeof (FluoSigv4Header));
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  static char line[1 << 20];

  while (fgets (line, sizeof line, stdin))
    {
      g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", 3);
      guint n = g_strv_length (words);

      if (n == 0 || *words[0] == '\0')
        {
          answer (fields, headers);
          g_hash_table_remove_all (fields);
          g_array_set_size (headers, 0);
          g_ptr_array_set_size (strings, 0);
        }
      else if (n == 3)
        {
          FluoSigv4Header header = { decode (words[1]), decode (words[2]) };

          g_ptr_array_add (strings, (gpointer) header.name);
          g_ptr_array_add (strings, (gpointer) header.value);
          g_array_append_val (headers, header);
        }
      else
        g_hash_table_replace (fields, g_strdup (words[0]),
                              n > 1 ? decode (words[1]) : g_strdup (""));
    }
  return 0;
}

static int
time_it (guint n)
{
  static const FluoSigv4Header headers[] = {
    { "host", "xray.eu-west-1.amazonaws.com" }, { "x-amz-date", "20260820T101112Z" },
    { "content-type", "application/json" }, { "x-amz-security-token", "TOKENEXAMPLE==" },
  };
  static const char body[] = "{\"StartTime\":1787220672,\"EndTime\":1787220972,\"TimeRangeType\":"
                             "\"Event\",\"Sampling\":false}";
  g_autoptr (FluoCredentials) credentials = fluo_credentials_new (
    "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "TOKENEXAMPLE==", "test");
  FluoSigv4Scope scope = { "20260820T101112Z", "eu-west-1", "xray" };
  FluoSigv4Request request = { "POST", "/TraceSummaries", NULL, headers, G_N_ELEMENTS (headers),
                               body,   strlen (body) };
  const clock_t begin = clock ();

  for (guint i = 0; i < n; i++)
    g_free (fluo_sigv4_sign (&request, &scope, credentials));
  printf ("%.2f\n", (double) (clock () - begin) * 1e6 / CLOCKS_PER_SEC / n);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc == 3 && strcmp (argv[1], "--time") == 0)
    return time_it ((guint) g_ascii_strtoull (argv[2], NULL, 10));
  return serve ();
}
