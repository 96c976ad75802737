/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench-documents.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "core/fluo-segment.h"
#include "local/store/fluo-packer.h"

#define SPAN_S (24 * 3600)

static const char *const services[] = { "web.example.com", "checkout", "stock",     "payments",
                                        "mailer",          "search",   "recommend", "ledger",
                                        "profile",         "shipping", "pricing",   "audit" };

guint64
fluo_bench_mix (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

char *
fluo_bench_document (guint i, guint k, const FluoBenchPlan *plan)
{
  guint64 r = fluo_bench_mix ((guint64)i * 31 + k), t = fluo_bench_mix (i), q = fluo_bench_mix (t);
  double begin = FLUO_BENCH_BASE_S + (double)SPAN_S * i / plan->total, start = begin + k * 0.004;
  double seconds = 0.02 + (double)(r % 1000) / 4000 / (k + 1);
  gboolean fault = t % 50 == 0 && k < 2;
  char id[36];

  if (plan->random_ids)
    g_snprintf (id, sizeof id, "1-%08x-%016" G_GINT64_MODIFIER "x%08x", (guint)(q >> 32), t,
                (guint)q);
  else
    g_snprintf (id, sizeof id, "1-%08x-%016" G_GINT64_MODIFIER "x%08x", (guint)begin, t, (guint)q);
  return g_strdup_printf (
      "{\"trace_id\":\"%s\",\"id\":\"%016" G_GINT64_MODIFIER "x\",%s%016" G_GINT64_MODIFIER
      "x%s\"name\":\"%s\","
      "\"start_time\":%.6f,\"end_time\":%.6f,\"http\":{\"request\":{\"method\":\"%s\",\"url\":"
      "\"https://%s/api/v1/%s/%u\",\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) "
      "AppleWebKit/537.36\","
      "\"client_ip\":\"10.1.%u.%u\"},\"response\":{\"status\":%d,\"content_length\":%u}},%s"
      "\"aws\":{\"account_id\":\"123456789012\",\"ec2\":{\"instance_id\":\"i-0b%08x\","
      "\"availability_zone\":"
      "\"eu-west-1%c\"},\"xray\":{\"sdk\":\"X-Ray for "
      "Python\",\"sdk_version\":\"2.12.0\"}},\"origin\":"
      "\"AWS::EC2::Instance\",\"annotations\":{\"customer\":\"c%u\",\"tier\":\"%s\",\"attempt\":%u,"
      "\"cached\":%s},"
      "\"metadata\":{\"default\":{\"request_id\":\"%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER
      "x\",\"flags\":[\"a\",\"b\",\"%x\"],\"build\":\"2026.11.3-release+eu-west-1\",\"node\":{"
      "\"pod\":\"orders-7d9f8b6c5-x2k4\","
      "\"cluster\":\"production\",\"image\":\"registry.example.com/shop/"
      "orders:2026.11.3\",\"cpu\":\"2000m\"},\"cart\":{\"items\":%u,\"total\":%u.%02u}}},"
      "\"subsegments\":[{\"id\":"
      "\"%016" G_GINT64_MODIFIER
      "x\",\"name\":\"orders@db.example.com\",\"start_time\":%.6f,\"end_time\":%.6f,"
      "\"namespace\":\"remote\",\"sql\":{\"url\":\"jdbc:postgresql://db.example.com:5432/orders\","
      "\"database_type\":\"PostgreSQL\",\"sanitized_query\":\"SELECT * FROM orders WHERE customer "
      "= $1 AND state = $2\"}},"
      "{\"id\":\"%016" G_GINT64_MODIFIER
      "x\",\"name\":\"## render\",\"start_time\":%.6f,\"end_time\":%.6f}]}",
      id, fluo_bench_mix (t + k), k ? "\"parent_id\":\"" : "\"user\":\"u",
      k ? fluo_bench_mix (t + (k - 1) / 2) : q % 5000, k ? "\"," : "\",",
      services[k ? (t + k) % G_N_ELEMENTS (services) : 0], start, start + seconds,
      r % 4 ? "GET" : "POST", services[k ? (t + k) % G_N_ELEMENTS (services) : 0],
      k ? "items" : "orders", (guint)(r % 20000), (guint)(r % 7), (guint)(q % 250),
      fault ? 500 : 200, (guint)(r % 60000), fault ? "\"fault\":true," : "", (guint)(r % 40),
      'a' + (char)(r % 3), (guint)(t % 50000), t % 3 ? "gold" : "basic", (guint)(r % 3),
      r % 2 ? "true" : "false", r, q, (guint)(r % 4096), (guint)(r % 30), (guint)(q % 900),
      (guint)(r % 100), fluo_bench_mix (t + 100 + k), start + 0.002, start + 0.002 + seconds / 3,
      fluo_bench_mix (t + 200 + k), start + seconds / 2, start + seconds * 0.9);
}

double
fluo_bench_least (const char *dir, const FluoBenchPlan *plan, guint64 *ret_bytes,
                  double *ret_making)
{
  g_autofree char *path = g_build_filename (dir, "least", NULL);
  g_autoptr (GByteArray) batch = g_byte_array_new ();
  g_autoptr (FluoPacker) packer = fluo_packer_new ();
  g_autoptr (GBytes) dictionary = NULL;
  int file = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  double begin, making = 0;
  guint n = 0;

  g_assert_cmpint (file, >=, 0);
  for (guint i = 0; i < 1200; i++)
    {
      char *text = fluo_bench_document (i, i % FLUO_BENCH_N_DOCUMENTS, plan);
      g_autoptr (GBytes) body = g_bytes_new_take (text, strlen (text));

      fluo_packer_sample (packer, body, 0);
    }
  while (!dictionary)
    {
      guint32 number;

      dictionary = fluo_packer_take_trained (packer, &number);
      g_usleep (1000);
    }
  fluo_packer_add (packer, 1, dictionary);
  begin = fluo_bench_now ();
  *ret_bytes = 0;
  for (guint i = 0; i < plan->n; i++)
    for (guint k = 0; k < FLUO_BENCH_N_DOCUMENTS; k++)
      {
        double made = fluo_bench_now ();
        g_autofree char *text = fluo_bench_document (plan->first + i, k, plan);
        gsize length = strlen (text);
        g_autoptr (GBytes) packed = NULL;
        FluoSegmentHead head;
        guint32 number;

        making += fluo_bench_now () - made;
        *ret_bytes += length;
        g_assert_true (fluo_segment_head_parse (text, length, &head, NULL, NULL));
        packed = fluo_packer_pack (packer, text, length, &number);
        g_byte_array_append (batch, g_bytes_get_data (packed, NULL),
                             (guint)g_bytes_get_size (packed));
        if (++n % 200 == 0)
          {
            g_assert_cmpint (write (file, batch->data, batch->len), ==, batch->len);
            g_assert_cmpint (fdatasync (file), ==, 0);
            g_byte_array_set_size (batch, 0);
          }
      }
  close (file);
  g_unlink (path);
  *ret_making = making;
  return fluo_bench_now () - begin;
}
