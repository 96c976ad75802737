/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "local/otlp/fluo-otlp-grpc-words.h"
#include "fluo-test-util.h"

static void
test_timeout (void)
{
  static const struct
  {
    const char *text;
    gint64      ms; /* -1 = none */
  } rows[] = {
    { "1H", 3600000 },     { "2M", 120000 },         { "10S", 10000 }, { "250m", 250 },
    { "1500u", 2 },        { "1n", 1 },              { "0n", 0 },      { "99999999n", 100 },
    { "24H", 86400000 },   { "99999999H", 86400000 }, { "99999999S", 86400000 },
    { "99999999m", 86400000 }, { "99999999u", 100000 },
    { "", -1 },            { "S", -1 },              { "1", -1 },      { "123456789m", -1 },
    { "1s", -1 },          { "-1S", -1 },            { "1 S", -1 },    { "1SS", -1 },
    { "+1S", -1 },         { "1.5S", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint ms = 7;

      g_test_message ("“%s”", rows[i].text);
      g_assert_cmpint (fluo_grpc_parse_timeout (rows[i].text, &ms), ==, rows[i].ms >= 0);
      g_assert_cmpint (ms, ==, rows[i].ms >= 0 ? rows[i].ms : 7);
    }
}

static void
test_text (void)
{
  g_autofree char *plain = fluo_grpc_encode_text ("no answer (5)!");
  g_autofree char *odd = fluo_grpc_encode_text ("100 % “grün”\n");
  g_autofree char *large = g_strnfill (100000, '\n');
  g_autofree char *bounded = fluo_grpc_encode_text (large);

  g_assert_cmpstr (plain, ==, "no answer (5)!");
  g_assert_cmpstr (odd, ==, "100 %25 %E2%80%9Cgr%C3%BCn%E2%80%9D%0A");
  g_assert_cmpuint (strlen (bounded), <, 8192);
  g_assert_true (g_str_has_prefix (bounded, "%0A%0A"));
}

static void
test_type (void)
{
  static const char *const good[] = { "application/grpc", "application/grpc+proto",
                                      "Application/gRPC", "application/grpc; charset=utf-8",
                                      "application/grpc+proto;x" };
  static const char *const bad[] = { "", "application/grpc+json", "application/grpc-web",
                                     "application/json", "application/grpc+protobuf", "grpc" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (fluo_grpc_type_is_known (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (fluo_grpc_type_is_known (bad[i]));
}

static void
test_prefix (void)
{
  guint8 data[FLUO_GRPC_PREFIX_BYTES] = { 1, 0x12, 0x34, 0x56, 0x78 };
  guint32 length = 0;
  guint8 flag = 0;

  g_assert_false (fluo_grpc_read_prefix (data, 4, &flag, &length));
  g_assert_true (fluo_grpc_read_prefix (data, 5, &flag, &length));
  g_assert_cmpuint (flag, ==, 1);
  g_assert_cmphex (length, ==, 0x12345678);
  fluo_grpc_write_prefix (data, 0x01020304);
  g_assert_cmpmem (data, sizeof data, "\0\1\2\3\4", 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/otlp-grpc/timeout", test_timeout);
  g_test_add_func ("/otlp-grpc/text", test_text);
  g_test_add_func ("/otlp-grpc/type", test_type);
  g_test_add_func ("/otlp-grpc/prefix", test_prefix);
  return g_test_run ();
}
