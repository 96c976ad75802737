/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-otlp"
#include "fluo-config.h"

#include <string.h>

#include "otlp/fluo-otlp-map-private.h"

/* A document holds 64 KB; the frames nearest to the failure tell most. */
#define N_FRAMES_MAX 50
#define N_CAUSES_MAX 8

static void
exception_clear (gpointer data)
{
  FluoOtlpException *exception = data;

  g_free (exception->type);
  g_free (exception->message);
  g_string_free (exception->frames, TRUE);
}

static FluoOtlpException *
add_exception (GArray *list, const char *type, const char *message)
{
  FluoOtlpException exception = { g_strdup (type), g_strdup (message), g_string_new (NULL) };

  g_array_append_val (list, exception);
  return &g_array_index (list, FluoOtlpException, list->len - 1);
}

static FluoOtlpException *
last_exception (GArray *list)
{
  return &g_array_index (list, FluoOtlpException, list->len - 1);
}

/* @path and @label may be NULL; @line 0 = unknown. */
static void
add_frame (FluoOtlpException *exception, const char *path, gint64 line, const char *label,
           gboolean prepend)
{
  g_autoptr (GString) frame = g_string_new (NULL);
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, frame);
  fluo_json_writer_begin (&writer, '{');
  if (path && path[0])
    {
      fluo_json_writer_key (&writer, "path");
      fluo_json_writer_string (&writer, path);
    }
  if (line > 0)
    {
      fluo_json_writer_key (&writer, "line");
      fluo_json_writer_int (&writer, line);
    }
  fluo_json_writer_key (&writer, "label");
  fluo_json_writer_string (&writer, label ? label : "");
  fluo_json_writer_end (&writer, '}');
  if (exception->n_frames > 0)
    g_string_insert_c (prepend ? frame : exception->frames,
                       (gssize) (prepend ? frame->len : exception->frames->len), ',');
  g_string_insert_len (exception->frames, prepend ? 0 : -1, frame->str, (gssize) frame->len);
  exception->n_frames++;
}

static gboolean
is_full (FluoOtlpException *exception)
{
  if (exception->n_frames < N_FRAMES_MAX)
    return FALSE;
  exception->n_truncated++;
  return TRUE;
}

/* "path:12" → "path" and 12; the colon counts from the end. Leaves the text alone otherwise. */
static gint64
cut_line_number (char *path)
{
  char *colon = strrchr (path, ':');
  gint64 line;

  if (!colon || !g_ascii_string_to_signed (colon + 1, 10, 0, G_MAXINT, &line, NULL))
    return 0;
  *colon = '\0';
  return line;
}

/* "type: message" as runtimes print it. */
static void
split_head (const char *text, char **ret_type, char **ret_message)
{
  const char *colon = strstr (text, ": ");

  *ret_type = colon ? g_strndup (text, (gsize) (colon - text)) : g_strdup (text);
  *ret_message = g_strdup (colon ? colon + 2 : "");
}

/* "label(File.java:12)" or, of JavaScript, "label (path:10:32)", "path:10:32". */
static void
add_call_frame (FluoOtlpException *exception, const char *text, gboolean with_column)
{
  g_autofree char *copy = g_strdup (text);
  gsize length = strlen (copy);
  char *open = length > 0 && copy[length - 1] == ')' ? strrchr (copy, '(') : NULL;
  char *path = open ? open + 1 : copy;
  gint64 line;

  if (open)
    {
      copy[length - 1] = '\0';
      *open = '\0';
      g_strchomp (copy);
    }
  line = open || with_column ? cut_line_number (path) : 0;
  if (with_column && line > 0)
    {
      gint64 above = cut_line_number (path);

      line = above > 0 ? above : line;
    }
  add_frame (exception, open || line > 0 ? path : NULL, line, open ? copy : line > 0 ? "" : copy,
             FALSE);
}

/* Java, and PHP in the same form: "\tat …", "Caused by: …", "\t... 12 more". */
static void
parse_java (GArray *list, char **lines)
{
  for (char **line = lines; *line; line++)
    {
      const char *text = g_strchug (*line);

      if (g_str_has_prefix (text, "at "))
        {
          if (!is_full (last_exception (list)))
            add_call_frame (last_exception (list), text + 3, FALSE);
        }
      else if (g_str_has_prefix (text, "Caused by: ") && list->len < N_CAUSES_MAX)
        {
          g_autofree char *type = NULL;
          g_autofree char *message = NULL;

          split_head (text + strlen ("Caused by: "), &type, &message);
          add_exception (list, type, message);
        }
    }
}

static void
parse_javascript (GArray *list, char **lines)
{
  for (char **line = lines; *line; line++)
    {
      const char *text = g_strchug (*line);

      if (g_str_has_prefix (text, "at ") && !is_full (last_exception (list)))
        add_call_frame (last_exception (list), text + 3, TRUE);
    }
}

/* "   at Shop.Cart.Add(Item item) in /src/Cart.cs:line 12" */
static void
parse_dotnet (GArray *list, char **lines)
{
  for (char **line = lines; *line; line++)
    {
      char *text = g_strchug (*line);
      char *in, *number;
      gint64 n = 0;

      if (!g_str_has_prefix (text, "at ") || is_full (last_exception (list)))
        continue;
      in = strstr (text, " in ");
      if (in)
        *in = '\0';
      number = in ? g_strrstr (in + 4, ":line ") : NULL;
      if (number)
        {
          *number = '\0';
          g_ascii_string_to_signed (g_strstrip (number + 6), 10, 0, G_MAXINT, &n, NULL);
        }
      add_frame (last_exception (list), in ? in + 4 : NULL, n, text + 3, FALSE);
    }
}

/* A line with the function, and one with a tab and "/path/file.go:12 +0x1d". */
static void
parse_go (GArray *list, char **lines)
{
  const char *label = NULL;

  for (char **line = lines; *line; line++)
    {
      char *text = *line, *space;
      gint64 n;

      if (text[0] != '\t')
        {
          label = g_str_has_prefix (text, "goroutine ") ? NULL : text;
          continue;
        }
      if (!label || is_full (last_exception (list)))
        continue;
      text++;
      space = strchr (text, ' ');
      if (space)
        *space = '\0';
      n = cut_line_number (text);
      add_frame (last_exception (list), text, n, label, FALSE);
      label = NULL;
    }
}

/* '  File "/srv/app.py", line 12, in handler', innermost last. */
static void
add_python_frame (FluoOtlpException *exception, const char *text)
{
  const char *path = text + strlen ("File \"");
  const char *quote = strstr (path, "\", line ");
  const char *in = quote ? strstr (quote, ", in ") : NULL;
  g_autofree char *copy = NULL;

  if (!quote)
    return;
  copy = g_strndup (path, (gsize) (quote - path));
  add_frame (exception, copy, (gint64) g_ascii_strtoull (quote + strlen ("\", line "), NULL, 10),
             in ? in + strlen (", in ") : NULL, TRUE);
}

/* Python prints causes first; a block is what lies between two of its joining sentences. */
static void
parse_python_block (FluoOtlpException *exception, char **lines, guint begin, guint end)
{
  guint n_frames = 0, skip;

  for (guint i = begin; i < end; i++)
    if (g_str_has_prefix (g_strchug (lines[i]), "File \""))
      n_frames++;
  skip = n_frames > N_FRAMES_MAX ? n_frames - N_FRAMES_MAX : 0;
  exception->n_truncated = skip;
  /* The innermost are the last: the first make way. */
  for (guint i = begin; i < end; i++)
    if (g_str_has_prefix (lines[i], "File \""))
      {
        if (skip > 0)
          skip--;
        else
          add_python_frame (exception, lines[i]);
      }
}

static gboolean
joins_python_blocks (const char *line)
{
  return g_str_has_prefix (line, "During handling of the above exception") ||
         g_str_has_prefix (line, "The above exception was the direct cause");
}

static void
parse_python (GArray *list, char **lines)
{
  guint end = g_strv_length (lines);
  gboolean main_block = TRUE;

  for (guint i = end; i > 0; i--)
    {
      FluoOtlpException *exception = last_exception (list);

      if (i > 1 && !joins_python_blocks (lines[i - 1]))
        continue;
      if (!main_block)
        {
          g_autofree char *type = NULL;
          g_autofree char *message = NULL;
          guint head = end;

          if (list->len == N_CAUSES_MAX)
            return;
          while (head > i && g_strchomp (lines[head - 1])[0] == '\0')
            head--;
          split_head (head > i ? lines[head - 1] : "", &type, &message);
          exception = add_exception (list, type, message);
        }
      parse_python_block (exception, lines, i > 1 ? i : 0, end);
      main_block = FALSE;
      end = i - 1;
    }
}

/* Whatever it is, line by line, so that nothing is lost. */
static void
parse_other (GArray *list, char **lines)
{
  for (char **line = lines; *line; line++)
    if (g_strstrip (*line)[0] && !is_full (last_exception (list)))
      add_frame (last_exception (list), NULL, 0, *line, FALSE);
}

GArray *
fluo_otlp_parse_stack (const char *language, const char *type, const char *message,
                       const char *stack)
{
  static const struct
  {
    const char *language;
    void (*parse) (GArray *list, char **lines);
  } parsers[] = {
    { "java", parse_java },        { "php", parse_java },
    { "python", parse_python },    { "nodejs", parse_javascript },
    { "webjs", parse_javascript }, { "javascript", parse_javascript },
    { "dotnet", parse_dotnet },    { "go", parse_go },
  };
  GArray *list = g_array_new (FALSE, FALSE, sizeof (FluoOtlpException));
  g_auto (GStrv) lines = g_strsplit (stack, "\n", -1);
  void (*parse) (GArray *list, char **lines) = parse_other;

  g_array_set_clear_func (list, exception_clear);
  add_exception (list, type, message);
  for (guint i = 0; i < G_N_ELEMENTS (parsers); i++)
    if (strcmp (parsers[i].language, language) == 0)
      parse = parsers[i].parse;
  parse (list, lines);
  return list;
}
