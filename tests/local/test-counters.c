/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-test-util.h"
#include "local/fluo-counters.h"

/* Whatever happens at the same time, received is what was stored and refused. */
static gpointer
count_thread (gpointer data)
{
  for (guint i = 0; i < 20000; i++)
    if (i % 3)
      fluo_counters_stored (data, 2);
    else
      fluo_counters_refuse (data, i % FLUO_N_REFUSALS, 1);
  return NULL;
}

static void
test_identity (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  GThread *threads[2];
  FluoCountersValues values = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("count", count_thread, counters);
  while (values.received < 2 * (13333 * 2 + 6667))
    {
      guint64 sum;

      fluo_counters_read (counters, &values);
      sum = values.stored;
      for (guint i = 0; i < FLUO_N_REFUSALS; i++)
        sum += values.refused[i];
      g_assert_cmpuint (sum, ==, values.received);
    }
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static void
test_words (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < FLUO_N_REFUSALS; i++)
    {
      g_assert_true (g_hash_table_add (seen, (char *) fluo_refused_reason_get_word (i)));
      g_assert_cmpstr (fluo_refused_reason_get_meaning (i), !=, "");
    }
}

static void
test_write (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_counters_stored (counters, 5);
  fluo_counters_refuse (counters, FLUO_SEGMENT_ERROR_PARSE, 3);
  fluo_json_writer_init (&writer, out);
  fluo_json_writer_begin (&writer, '{');
  fluo_counters_write (counters, &writer);
  fluo_json_writer_end (&writer, '}');
  g_assert_cmpstr (out->str, ==,
                   "{\"Received\":8,\"Stored\":5,\"Refused\":{\"ParseError\":{\"Count\":3,"
                   "\"Meaning\":\"not a JSON object\"}}}");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/counters/identity", test_identity);
  g_test_add_func ("/local/counters/words", test_words);
  g_test_add_func ("/local/counters/write", test_write);
  return g_test_run ();
}
