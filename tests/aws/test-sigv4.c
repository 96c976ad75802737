/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-sigv4.h"

#include <string.h>

#include "fluo-test-util.h"

/* The constants of the published test suite. */
#define ACCESS_KEY "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define SESSION_TOKEN "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"
#define N_VECTORS 34

static const FluoSigv4Scope suite_scope = { "20150830T123600Z", "us-east-1", "service" };

/* A request file cut into its parts; the strings point into @text. */
typedef struct
{
  char            *text;
  GArray          *headers;
  FluoSigv4Request request;
} Vector;

static void
vector_free (Vector *self)
{
  g_free (self->text);
  g_array_unref (self->headers);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Vector, vector_free)

/* Drops carriage returns, which some of the suite's files have. */
static char *
read_text (const char *path)
{
  char *text = fluo_test_read (path, NULL), *out = text;

  for (char *p = text; *p; p++)
    if (*p != '\r')
      *out++ = *p;
  *out = '\0';
  return text;
}

static Vector *
vector_new (const char *path)
{
  Vector *self = g_new0 (Vector, 1);
  char *line, *body, *end;

  self->text = read_text (path);
  self->headers = g_array_new (FALSE, FALSE, sizeof (FluoSigv4Header));
  body = strstr (self->text, "\n\n");
  if (body)
    {
      *body = '\0';
      self->request.body = body + 2;
      self->request.body_length = strlen (body + 2);
    }

  /* Request targets of the suite are raw: they may hold blanks. */
  line = self->text;
  end = strchr (line, '\n');
  *end = '\0';
  self->request.method = line;
  line = strchr (line, ' ');
  *line++ = '\0';
  *strrchr (line, ' ') = '\0';
  self->request.path = line;
  if ((line = strchr (line, '?')))
    {
      *line = '\0';
      self->request.query = line + 1;
    }

  for (line = end + 1; line && *line; line = end ? end + 1 : NULL)
    {
      FluoSigv4Header header = { line, NULL };
      char *colon = strchr (line, ':');

      for (end = strchr (line, '\n'); end && (end[1] == ' ' || end[1] == '\t');
           end = strchr (end + 1, '\n'))
        ;
      if (end)
        *end = '\0';
      g_assert_nonnull (colon);
      *colon = '\0';
      header.value = colon + 1;
      g_array_append_val (self->headers, header);
    }
  /* This case's request lacks the token that a signer with session credentials adds before it
   * signs. */
  if (strstr (path, "get-vanilla-with-session-token"))
    {
      FluoSigv4Header token = { "X-Amz-Security-Token", SESSION_TOKEN };

      g_array_append_val (self->headers, token);
    }
  self->request.headers = (FluoSigv4Header *) self->headers->data;
  self->request.n_headers = self->headers->len;
  return self;
}

static char *
expected (const char *stem, const char *extension)
{
  g_autofree char *path = g_strconcat (stem, extension, NULL);

  return read_text (path);
}

static void
check_vector (const char *directory)
{
  g_autofree char *name = g_path_get_basename (directory);
  g_autofree char *stem = g_build_filename (directory, name, NULL);
  g_autofree char *path = g_strconcat (stem, ".req", NULL);
  g_autoptr (Vector) vector = vector_new (path);
  g_autofree char *creq = expected (stem, ".creq"), *sts = expected (stem, ".sts"),
                  *authz = expected (stem, ".authz");
  g_autofree char *signed_headers = NULL, *canonical = NULL, *string_to_sign = NULL,
                  *authorization = NULL;
  guint8 key[FLUO_SIGV4_KEY_LEN];
  char signature[FLUO_SIGV4_HEX_LEN + 1];

  g_test_message ("%s", name);
  canonical = fluo_sigv4_canonical_request (&vector->request, &signed_headers);
  g_assert_cmpstr (canonical, ==, creq);
  string_to_sign = fluo_sigv4_string_to_sign (canonical, &suite_scope);
  g_assert_cmpstr (string_to_sign, ==, sts);
  fluo_sigv4_signing_key (SECRET, &suite_scope, key);
  fluo_sigv4_signature (key, string_to_sign, signature);
  authorization = fluo_sigv4_authorization (ACCESS_KEY, &suite_scope, signed_headers, signature);
  g_assert_cmpstr (authorization, ==, authz);
}

static guint
check_directory (const char *directory)
{
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (directory, name, NULL);
      g_autofree char *request = g_strdup_printf ("%s/%s.req", child, name);

      if (g_file_test (request, G_FILE_TEST_EXISTS))
        {
          check_vector (child);
          n++;
        }
      else if (g_file_test (child, G_FILE_TEST_IS_DIR))
        n += check_directory (child);
    }
  return n;
}

static void
test_vectors (void)
{
  g_autofree char *directory = fluo_test_data ("sigv4");

  g_assert_cmpuint (check_directory (directory), ==, N_VECTORS);
}

static char *
hex (const guint8 *bytes)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; i < FLUO_SIGV4_KEY_LEN; i++)
    g_string_append_printf (out, "%02x", bytes[i]);
  return g_string_free (out, FALSE);
}

static void
test_signing_key (void)
{
  guint8 key[FLUO_SIGV4_KEY_LEN];
  g_autofree char *text = NULL, *long_secret = g_strnfill (100, 'k');
  g_autofree char *with_prefix = g_strconcat ("AWS4", long_secret, NULL), *other = NULL;
  guint8 step[FLUO_SIGV4_KEY_LEN];
  gsize length = sizeof step;
  const char *parts[] = { "20150830", "us-east-1", "service", "aws4_request" };

  fluo_sigv4_signing_key (SECRET, &suite_scope, key);
  text = hex (key);
  g_assert_cmpstr (text, ==, "938127b5336810ddb6a5d6af445fcac9e371f9ed418ed386b022aed82901be75");

  /* A key longer than the hash's block takes another way; GLib's own HMAC is the oracle. */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, i == 0 ? (const guchar *) with_prefix : step,
                                i == 0 ? strlen (with_prefix) : sizeof step);

      g_hmac_update (hmac, (const guchar *) parts[i], -1);
      g_hmac_get_digest (hmac, step, &length);
      g_hmac_unref (hmac);
    }
  fluo_sigv4_signing_key (long_secret, &suite_scope, key);
  other = hex (key);
  g_clear_pointer (&text, g_free);
  text = hex (step);
  g_assert_cmpstr (other, ==, text);
}

/* What the client sends to X-Ray, with a session token. */
static void
test_xray_request (void)
{
  static const char body[] = "{\"StartTime\":1787220672,\"EndTime\":1787220972,\"TimeRangeType\":"
                             "\"Event\",\"Sampling\":false}";
  static const FluoSigv4Header headers[] = {
    { "User-Agent", "Fluoroscope/1" },
    { "Content-Type", "application/json" },
    { "Host", "xray.eu-west-1.amazonaws.com" },
    { "X-Amz-Date", "20260820T101112Z" },
    { "X-Amz-Security-Token", "TOKENEXAMPLE==" },
  };
  FluoSigv4Scope scope = { "20260820T101112Z", "eu-west-1", "xray" };
  FluoSigv4Request request = { "POST", "/TraceSummaries", NULL, headers, G_N_ELEMENTS (headers),
                               body,   strlen (body) };
  g_autoptr (FluoCredentials) credentials =
    fluo_credentials_new (ACCESS_KEY, SECRET, "TOKENEXAMPLE==", "test");
  g_autofree char *canonical = NULL, *digest = NULL, *authorization = NULL;
  FluoSigv4Request covered = request;

  covered.headers = headers + 1;
  covered.n_headers = request.n_headers - 1;
  canonical = fluo_sigv4_canonical_request (&covered, NULL);
  g_assert_true (g_str_has_suffix (
    canonical, "\n5d3fed0a808496e0d34012ddfa6594a01656fb7d70f75f8732bf8d83b52edd59"));
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);
  g_assert_cmpstr (digest, ==, "b5355d0db81b3149f61b4b6da6e72f134cf12dcfa700e5acc7c79f5b5415329d");
  /* The whole signer leaves the User-Agent out by itself. */
  authorization = fluo_sigv4_sign (&request, &scope, credentials);
  g_assert_cmpstr (authorization, ==,
                   "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260820/eu-west-1/xray/aws4_request, "
                   "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
                   "Signature=15ab1d51f00f7acdf9f4d0b5cffcf704dd7edc1006c021b1919c794274d134bd");
}

static void
test_paths_and_queries (void)
{
  static const struct
  {
    const char *path, *query, *canonical;
  } cases[] = {
    { "", NULL, "GET\n/\n\n" },
    { "/..", NULL, "GET\n/\n\n" },
    { "/a/../../b/", NULL, "GET\n/b/\n\n" },
    { "/a%20b", NULL, "GET\n/a%2520b\n\n" },
    { "/a", "b=1&&a=2&", "GET\n/a\na=2&b=1\n" },
    { "/a", "a=%7e+%zz%4", "GET\n/a\na=~%2B%25zz%254\n" },
    { "/a", "Param=1&Param-3=2&Param=0", "GET\n/a\nParam=0&Param=1&Param-3=2\n" },
    { "/a", "x=y=z&w", "GET\n/a\nw=&x=y%3Dz\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FluoSigv4Request request = { "GET", cases[i].path, cases[i].query, NULL, 0, NULL, 0 };
      g_autofree char *canonical = fluo_sigv4_canonical_request (&request, NULL);
      g_autofree char *whole =
        g_strconcat (cases[i].canonical,
                     "\n\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                     NULL);

      g_assert_cmpstr (canonical, ==, whole);
    }
}

static void
test_timestamp (void)
{
  char text[FLUO_SIGV4_TIMESTAMP_LEN + 1];

  g_assert_true (fluo_sigv4_format_timestamp (1440938160, text));
  g_assert_cmpstr (text, ==, "20150830T123600Z");
  g_assert_true (fluo_sigv4_format_timestamp (0, text));
  g_assert_cmpstr (text, ==, "19700101T000000Z");
  g_assert_false (fluo_sigv4_format_timestamp (-1, text));
  g_assert_false (fluo_sigv4_format_timestamp (G_GINT64_CONSTANT (253402300800), text));
  g_assert_cmpstr (text, ==, "19700101T000000Z");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/sigv4/vectors", test_vectors);
  g_test_add_func ("/aws/sigv4/signing-key", test_signing_key);
  g_test_add_func ("/aws/sigv4/xray-request", test_xray_request);
  g_test_add_func ("/aws/sigv4/paths-and-queries", test_paths_and_queries);
  g_test_add_func ("/aws/sigv4/timestamp", test_timestamp);
  return g_test_run ();
}
