/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-maker.h"

#include <string.h>

#include "fluo-test-util.h"

#define ID "1-6afefa44-946d071d87f412683d601dea"
#define START 1795095108.0

FluoTrace *
fluo_hero_trace_new (void)
{
  g_autofree char *path = fluo_test_data ("segments/petshop-hero.jsonl");
  g_autofree char *text = fluo_test_read (path, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  FluoTraceBuilder *builder;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  builder = fluo_trace_builder_new (&id);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GBytes) document = g_bytes_new (lines[i], strlen (lines[i]));
      g_autoptr (GError) error = NULL;

      if (*lines[i] == '\0')
        continue;
      if (g_str_has_prefix (lines[i], "{\"trace_id\":\"" ID "\""))
        fluo_trace_builder_add (builder, document, &error);
      else
        fluo_trace_builder_add_linked (builder, document, &error);
      g_assert_no_error (error);
    }

  return fluo_trace_builder_end (builder, G_GINT64_CONSTANT (1795095110914000000));
}

FluoTrace *
fluo_random_trace_new (guint32 seed, guint n_spans)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  g_autofree double *begins = g_new (double, n_spans), *ends = g_new (double, n_spans);
  FluoTraceBuilder *builder;
  FluoTraceId id;

  g_assert_true (fluo_trace_id_parse (ID, -1, &id));
  builder = fluo_trace_builder_new (&id);
  for (guint i = 0; i < n_spans; i++)
    {
      /* Recent spans are likelier parents, so that there are deep and wide parts. */
      guint parent = i == 0
                       ? 0
                       : (guint) g_rand_int_range (
                           random, (gint) (g_rand_boolean (random) ? i - MIN (i, 8) : 0), (gint) i);
      double length;
      g_autofree char *text = NULL, *link = NULL;
      g_autoptr (GBytes) document = NULL;
      g_autoptr (GError) error = NULL;
      char begin_text[G_ASCII_DTOSTR_BUF_SIZE], end_text[G_ASCII_DTOSTR_BUF_SIZE];

      length = i == 0 ? 10 : ends[parent] - begins[parent];
      begins[i] = i == 0 ? START : begins[parent] + length * g_rand_double (random) * 0.8;
      ends[i] =
        i == 0 ? START + 10 : begins[i] + (ends[parent] - begins[i]) * g_rand_double (random);
      g_ascii_formatd (begin_text, sizeof begin_text, "%.6f", begins[i]);
      g_ascii_formatd (end_text, sizeof end_text, "%.6f", ends[i]);
      link = i == 0 ? g_strdup ("") : g_strdup_printf ("\"parent_id\":\"%016x\",", parent + 1);
      text = g_strdup_printf (
        "{\"trace_id\":\"" ID
        "\",\"id\":\"%016x\",%s\"name\":\"service-%u\",\"start_time\":%s,\"end_time\":%s%s}",
        i + 1, link, i % 17, begin_text, end_text,
        g_rand_int_range (random, 0, 50) == 0 ? ",\"fault\":true" : "");
      document = g_bytes_new (text, strlen (text));
      fluo_trace_builder_add (builder, document, &error);
      g_assert_no_error (error);
    }

  return fluo_trace_builder_end (builder, 0);
}
