/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include <gio/gio.h>

#include "local/intake/fluo-counters.h"
#include "fluo-test-util.h"

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
      g_assert_nonnull (fluo_refused_reason_get_advice (i));
      g_assert_cmpstr (fluo_refused_reason_get_advice (i), !=, "");
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
                   "\"Meaning\":\"not a JSON object\",\"Advice\":\"Send one whole JSON object in "
                   "UTF-8; a datagram of over 64 KB arrives cut off\",\"Examples\":[]}}}");
}

static char *
dup_examples (FluoCounters *counters, guint reason, const char *trace)
{
  g_autoptr (GString) out = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, out);
  fluo_losses_write (fluo_counters_get_losses (counters), reason, trace, &writer);
  g_assert_true (fluo_json_validate (out->str, out->len, NULL));
  return g_strdup (out->str);
}

static void
refuse (FluoCounters *counters, const char *text, gssize length)
{
  FluoLoss loss = { { FLUO_ORIGIN_UDP, 0 }, text, length < 0 ? strlen (text) : (gsize) length, NULL,
                    "because" };

  fluo_counters_refuse_one (counters, FLUO_SEGMENT_ERROR_INVALID_ID, &loss);
}

/* The last five are kept, newest first, and as much of each as may be shown. */
static void
test_examples (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  g_autofree char *large = g_strnfill (100000, '[');
  FluoCountersValues values;

  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"name\":\"n%u\"}", i);

      refuse (counters, text, -1);
    }
  {
    g_autofree char *json = dup_examples (counters, FLUO_SEGMENT_ERROR_INVALID_ID, NULL);
    const char *at = json;

    for (guint i = 7; i-- > 2;)
      {
        g_autofree char *name = g_strdup_printf ("\"Name\":\"n%u\"", i);

        at = strstr (at, name);
        g_assert_nonnull (at);
      }
    g_assert_null (strstr (json, "n1"));
  }
  refuse (counters, large, 100000);
  refuse (counters, "\xff\0\x1b[31m\n", 8);
  {
    g_autofree char *json = dup_examples (counters, FLUO_SEGMENT_ERROR_INVALID_ID, NULL);

    g_assert_nonnull (strstr (json, "\"Text\":\"\\\\xff\\\\x00\\\\x1b[31m\\\\n\""));
    g_assert_nonnull (strstr (json, "[[[…\",\"Bytes\":100000"));
    g_assert_cmpuint (strlen (json), <, 3000);
  }
  fluo_counters_read (counters, &values);
  g_assert_cmpuint (values.refused[FLUO_SEGMENT_ERROR_INVALID_ID], ==, 9);
  g_assert_cmpuint (values.received, ==, 9);
  g_assert_cmpint (values.last_ns, >, 0);
}

/* Of which traces documents were refused is remembered longer than the examples, and not for
 * ever. */
static void
test_traces (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  FluoLosses *losses = fluo_counters_get_losses (counters);

  for (guint i = 0; i < FLUO_LOSS_TRACES_MAX + 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"trace_id\":\"1-00000000-%024x\",\"id\":1", i);

      refuse (counters, text, -1);
      if (i % 2)
        refuse (counters, text, -1);
    }
  for (guint i = 0; i < FLUO_LOSS_TRACES_MAX + 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("1-00000000-%024x", i);
      g_autoptr (GArray) found = NULL;
      FluoTraceId id;

      g_assert_true (fluo_trace_id_parse (text, -1, &id));
      found = fluo_losses_find (losses, &id);
      g_assert_cmpuint (found->len, ==, i < 10 ? 0 : 1);
      if (i >= 10)
        {
          FluoTraceLoss *loss = &g_array_index (found, FluoTraceLoss, 0);

          g_assert_cmpuint (loss->reason, ==, FLUO_SEGMENT_ERROR_INVALID_ID);
          g_assert_cmpuint (loss->n, ==, 1 + i % 2);
          g_assert_cmpint (loss->first_ns, <=, loss->last_ns);
        }
    }
}

/* An id that is none is found by its text. */
static void
test_bad_id (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  FluoLosses *losses = fluo_counters_get_losses (counters);

  refuse (counters, "{\"name\":\"a\",\"trace_id\":\"1-Bad\",\"x\":{\"trace_id\":\"deep\"}}", -1);
  g_assert_true (fluo_losses_has_text (losses, FLUO_SEGMENT_ERROR_INVALID_ID, "1-bad"));
  g_assert_false (fluo_losses_has_text (losses, FLUO_SEGMENT_ERROR_INVALID_ID, "deep"));
  g_assert_false (fluo_losses_has_text (losses, FLUO_SEGMENT_ERROR_PARSE, "1-bad"));
}

/* This very process has the socket. */
static void
test_sender (void)
{
  g_autoptr (FluoCounters) counters = fluo_counters_new ();
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                             G_SOCKET_PROTOCOL_DEFAULT, NULL);
  g_autoptr (GInetAddress) host = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (host, 0);
  g_autoptr (GSocketAddress) local = NULL;
  g_autofree char *process = g_strdup_printf ("(process %d)", (int) getpid ());
  FluoLoss loss = { .text = "junk", .length = 4 };

  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  local = g_socket_get_local_address (socket, NULL);
  loss.origin = (FluoOrigin) { FLUO_ORIGIN_UDP,
                               g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local)) };
  for (guint i = 0; i < 3; i++)
    fluo_counters_refuse_one (counters, FLUO_REFUSED_HEADER, &loss);
  fluo_losses_flush (fluo_counters_get_losses (counters));
  {
    g_autofree char *json = dup_examples (counters, FLUO_REFUSED_HEADER, NULL);
    const char *at = json;

    for (guint i = 0; i < 3; i++)
      {
        at = strstr (at + 1, process);
        g_assert_nonnull (at);
      }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/counters/identity", test_identity);
  g_test_add_func ("/local/counters/words", test_words);
  g_test_add_func ("/local/counters/write", test_write);
  g_test_add_func ("/local/counters/examples", test_examples);
  g_test_add_func ("/local/counters/traces", test_traces);
  g_test_add_func ("/local/counters/bad-id", test_bad_id);
  g_test_add_func ("/local/counters/sender", test_sender);
  return g_test_run ();
}
