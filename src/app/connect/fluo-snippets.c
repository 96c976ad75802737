/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-snippets.h"

#include <string.h>

#include <glib/gi18n.h>

const char *
fluo_snippet_get_name (FluoSnippet snippet)
{
  static const char *const names[FLUO_N_SNIPPETS] = { "Shell",  "Docker", "Node.js",
                                                      "Python", "Java",   "Go" };

  g_return_val_if_fail (snippet < FLUO_N_SNIPPETS, "");
  /* Only one of them is a word of a language and not a name. */
  return snippet == FLUO_SNIPPET_SHELL ? _("Shell") : names[snippet];
}

static const char *
port_of (const char *address)
{
  const char *colon = strrchr (address, ':');

  return colon ? colon + 1 : "2000";
}

char *
fluo_snippet_dup_text (FluoSnippet snippet, const char *udp, const char *http, const char *otlp)
{
  GString *text = g_string_new (NULL);

  switch (snippet)
    {
    case FLUO_SNIPPET_SHELL:
      g_string_append_printf (
          text, "export AWS_XRAY_DAEMON_ADDRESS=%s\nexport AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
          udp);
      if (otlp)
        g_string_append_printf (text, "\n# %s\nexport OTEL_EXPORTER_OTLP_ENDPOINT=http://%s",
                                _("or, with OpenTelemetry:"), otlp);
      break;
    case FLUO_SNIPPET_DOCKER:
      g_string_append_printf (
          text,
          "# %s\ndocker run --network host \\\n  -e AWS_XRAY_DAEMON_ADDRESS=%s \\\n"
          "  -e AWS_XRAY_CONTEXT_MISSING=LOG_ERROR IMAGE",
          _("the container shares this computer’s network"), udp);
      break;
    case FLUO_SNIPPET_NODE:
      g_string_append_printf (
          text,
          "// npm install aws-xray-sdk\nconst AWSXRay = require('aws-xray-sdk');\n"
          "AWSXRay.setDaemonAddress('%s');\napp.use(AWSXRay.express.openSegment('my-service'));",
          udp);
      break;
    case FLUO_SNIPPET_PYTHON:
      g_string_append_printf (
          text,
          "# pip install aws-xray-sdk\nfrom aws_xray_sdk.core import xray_recorder, patch_all\n"
          "xray_recorder.configure(service='my-service', daemon_address='%s')\npatch_all()",
          udp);
      break;
    case FLUO_SNIPPET_JAVA:
      g_string_append_printf (
          text,
          "// com.amazonaws:aws-xray-recorder-sdk-core\nexport AWS_XRAY_DAEMON_ADDRESS=%s\n"
          "java -Dcom.amazonaws.xray.emitters.daemonAddress=%s -jar my-service.jar",
          udp, udp);
      break;
    case FLUO_SNIPPET_GO:
      g_string_append_printf (text,
                              "// go get github.com/aws/aws-xray-sdk-go/v2\nimport "
                              "\"github.com/aws/aws-xray-sdk-go/v2/xray\"\n"
                              "xray.Configure(xray.Config{DaemonAddr: \"%s\"})",
                              udp);
      break;
    case FLUO_N_SNIPPETS:
    default:
      g_assert_not_reached ();
    }
  /* SDKs ask for sampling rules on the same port over TCP; only when the two differ must it be
   * said. */
  if (snippet == FLUO_SNIPPET_SHELL && !g_str_equal (port_of (udp), port_of (http)))
    {
      g_autofree char *both = g_strdup_printf ("\"tcp:%s udp:%s\"", http, udp);
      g_autofree char *plain = g_strconcat ("ADDRESS=", udp, NULL);
      g_autofree char *full = g_strconcat ("ADDRESS=", both, NULL);

      g_string_replace (text, plain, full, 1);
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_keyword (const char *word, gsize length)
{
  static const char *const keywords[] = { "export", "docker", "const", "from", "import", "java" };

  for (guint i = 0; i < G_N_ELEMENTS (keywords); i++)
    if (strlen (keywords[i]) == length && strncmp (word, keywords[i], length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_variable (const char *word, gsize length)
{
  gboolean underscore = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (g_ascii_islower (word[i]))
        return FALSE;
      underscore |= word[i] == '_';
    }
  return underscore && length > 3;
}

static void
append_line (GString *markup, const char *line, gboolean dark)
{
  const char *at = line;

  if (*line == '#' || g_str_has_prefix (line, "//"))
    {
      g_autofree char *escaped = g_markup_escape_text (line, -1);

      g_string_append_printf (markup, "<span foreground=\"%s\">%s</span>",
                              dark ? "#9a9aa2" : "#73737b", escaped);
      return;
    }
  while (*at)
    {
      gsize length = strspn (at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");
      gsize step = MAX (length, 1);
      g_autofree char *escaped = NULL;
      const char *color = NULL;

      if (length == 0)
        while (at[step] && !g_ascii_isalpha (at[step]) && at[step] != '_')
          step++;
      escaped = g_markup_escape_text (at, step);
      if (is_keyword (at, length))
        color = dark ? "#dca0ec" : "#8a3a9a";
      else if (is_variable (at, length))
        color = dark ? "#7fd3e6" : "#0b6275";
      if (color)
        g_string_append_printf (markup, "<span foreground=\"%s\">%s</span>", color, escaped);
      else
        g_string_append (markup, escaped);
      at += step;
    }
}

char *
fluo_snippet_dup_markup (const char *text, gboolean dark)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *markup = g_string_new (NULL);

  for (guint i = 0; lines[i]; i++)
    {
      if (i > 0)
        g_string_append_c (markup, '\n');
      append_line (markup, lines[i], dark);
    }
  return g_string_free (markup, FALSE);
}
