/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-endpoint.h"

#include <string.h>

#include "fluo-test-util.h"

static const char *const names[FLUO_AWS_N_SERVICES] = {
  [FLUO_AWS_XRAY] = "xray", [FLUO_AWS_CLOUDWATCH] = "cloudwatch", [FLUO_AWS_LOGS] = "logs",
  [FLUO_AWS_STS] = "sts",   [FLUO_AWS_SSO] = "sso",               [FLUO_AWS_SSO_OIDC] = "sso-oidc",
  [FLUO_AWS_SIGNIN] = "signin",
};

/* 14 regions, 7 services, 4 switches: every host is the one that botocore's rules give. */
static void
test_table (void)
{
  g_autofree char *path = fluo_test_data ("endpoints.tsv");
  g_autofree char *text = fluo_test_read (path, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_rows = 0;

  for (guint i = 0; lines[i]; i++)
    {
      g_auto (GStrv) cells = g_strsplit (lines[i], "\t", 5);
      g_autoptr (GError) error = NULL;
      g_autofree char *url = NULL;
      guint service = 0;

      if (g_strv_length (cells) != 5)
        continue;
      while (strcmp (names[service], cells[0]) != 0)
        service++;
      url = fluo_endpoint_for_service (service, cells[1], cells[2][0] == '1', cells[3][0] == '1',
                                       &error);
      g_assert_no_error (error);
      g_assert_cmpstr (url, ==, cells[4]);
      n_rows++;
    }
  g_assert_cmpuint (n_rows, ==, 14 * FLUO_AWS_N_SERVICES * 4);
}

/* A region that is no label never becomes a host, whatever the service. */
static void
test_hostile_regions (void)
{
  static const char *const regions[] = {
    "x.evil.com/", "a@b", "..", "eu-west-1\n", "EU-WEST-1", "eu\xe2\x80\x90west-1", "１", "a%2eb",
    "-a", "a-", "", "us-east-1#", "[::1]", "a b",
  };
  g_autofree char *long_one = g_strnfill (300, 'a');

  for (guint service = 0; service < FLUO_AWS_N_SERVICES; service++)
    for (gsize i = 0; i <= G_N_ELEMENTS (regions); i++)
      {
        g_autoptr (GError) error = NULL;
        const char *region = i < G_N_ELEMENTS (regions) ? regions[i] : long_one;

        g_assert_null (fluo_endpoint_for_service (service, region, i % 2, i % 3 == 0, &error));
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
        if (*region != '\0')
          g_assert_nonnull (strstr (error->message, "malformed"));
      }
}

/* What is configured comes before the rules, for the service first and for all of them then. */
static void
test_configured (void)
{
  g_autofree char *dir = fluo_test_dir_new (), *config = NULL;
  static const char text[] =
    "[profile own]\nservices = s\n[services s]\ncloudwatch_logs =\n  endpoint_url = "
    "http://127.0.0.1:1\nsso_oidc =\n  endpoint_url = http://127.0.0.1:2\n"
    "[profile fips]\nuse_fips_endpoint = true\n";
  static const struct
  {
    FluoAwsService service;
    const char    *profile, *url;
  } rows[] = {
    { FLUO_AWS_LOGS, "own", "http://127.0.0.1:1" },
    { FLUO_AWS_SSO_OIDC, "own", "http://127.0.0.1:2" },
    { FLUO_AWS_SSO, "own", "https://portal.sso.eu-west-1.amazonaws.com" },
    { FLUO_AWS_CLOUDWATCH, "fips", "https://monitoring-fips.eu-west-1.amazonaws.com" },
  };

  config = g_build_filename (dir, "config", NULL);
  g_assert_true (g_file_set_contents (config, text, -1, NULL));
  g_setenv ("AWS_CONFIG_FILE", config, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *region = NULL;
      g_autofree char *url = fluo_endpoint_resolve_service (rows[i].service, rows[i].profile,
                                                            "eu-west-1", &region, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (url, ==, rows[i].url);
      g_assert_cmpstr (region, ==, "eu-west-1");
    }
  fluo_test_dir_free (g_steal_pointer (&dir));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/endpoint/table", test_table);
  g_test_add_func ("/aws/endpoint/hostile-regions", test_hostile_regions);
  g_test_add_func ("/aws/endpoint/configured", test_configured);
  return g_test_run ();
}
