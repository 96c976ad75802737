/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "local/intake/fluo-intake-udp.h"
#include "local/intake/fluo-listener.h"
#include "fluo-test-util.h"

static void
test_addresses (void)
{
  static const struct
  {
    const char *text;
    const char *normal; /* NULL = refused */
  } cases[] = {
    { "127.0.0.1:2000", "127.0.0.1:2000" },
    { "localhost:2000", "127.0.0.1:2000" },
    { "[::1]:0", "[::1]:0" },
    { "0.0.0.0:65535", "0.0.0.0:65535" },
    { "2000", NULL },
    { ":2000", NULL },
    { "::1:2000", NULL },
    { "[::1]", NULL },
    { "127.0.0.1:65536", NULL },
    { "127.0.0.1:-1", NULL },
    { "127.0.0.1:", NULL },
    { "example.com:2000", NULL },
    { "", NULL },
    { "127.0.0.1: 2000", NULL },
    { "[127.0.0.1:2000", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoListener) listener =
        fluo_listener_new (FLUO_LISTENER_UDP, cases[i].text, &error);

      if (cases[i].normal)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (listener->text, ==, cases[i].normal);
        }
      else
        g_assert_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_ADDRESS);
    }
}

/* The second to come is told who was first: this very process. */
static void
test_taken (void)
{
  for (guint protocol = FLUO_LISTENER_UDP; protocol <= FLUO_LISTENER_HTTP; protocol++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoListener) first = fluo_listener_new (protocol, "127.0.0.1:0", &error);
      g_autoptr (FluoListener) second = NULL;
      g_autofree char *process = g_strdup_printf ("(process %d)", (int) getpid ());

      g_assert_true (fluo_listener_bind (first, &error));
      second = fluo_listener_new (protocol, first->text, &error);
      g_assert_false (fluo_listener_bind (second, &error));
      g_assert_error (error, FLUO_LISTENER_ERROR, FLUO_LISTENER_ERROR_TAKEN);
      g_assert_nonnull (strstr (error->message, process));
      g_assert_nonnull (strstr (error->message, first->text));
    }
}

static void
test_header (void)
{
  static const struct
  {
    const char *text;
    gsize       offset;
  } cases[] = {
    { "{\"format\":\"json\",\"version\":1}\n{}", 30 },
    { "{\"format\": \"json\", \"version\": 1}\n{}", 33 },
    { "{\"version\":1,\"format\":\"JsOn\"}\n{}", 30 },
    { "{\"format\":\"json\",\"version\":1}\r\n{}", 31 },
    { "{\"format\":\"json\",\"version\":1}{}", 0 },
    { "{\"format\":\"json\",\"version\":2}\n{}", 0 },
    { "{\"format\":\"json\",\"version\":\"1\"}\n{}", 0 },
    { "{\"format\":\"jsonx\",\"version\":1}\n{}", 0 },
    { "{\"format\":\"json\"}\n{}", 0 },
    { "{\"format\":\"json\",\"version\":1} x\n{}", 0 },
    { "\n{}", 0 },
    { "", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].text);
      g_assert_cmpuint (fluo_intake_udp_parse_header (cases[i].text, strlen (cases[i].text)), ==,
                        cases[i].offset);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local/listener/addresses", test_addresses);
  g_test_add_func ("/local/listener/taken", test_taken);
  g_test_add_func ("/local/listener/header", test_header);
  return g_test_run ();
}
