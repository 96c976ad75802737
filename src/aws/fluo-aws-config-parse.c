/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-aws-config-private.h"

/* Generous against any real file, small against a mistake or an attack. */
#define LINE_BYTES_MAX (64 * 1024)
#define VALUE_BYTES_MAX (64 * 1024)
#define SECTIONS_MAX 10000
#define KEYS_PER_SECTION_MAX 1000
#define NAME_BYTES_MAX 256

/* A value of these is one word, so what follows a blank and a "#" is a comment. */
static const char *const single_word_keys[] = { "aws_access_key_id",
                                                "aws_account_id",
                                                "credential_source",
                                                "duration_seconds",
                                                "endpoint_url",
                                                "external_id",
                                                "ignore_configured_endpoint_urls",
                                                "login_session",
                                                "max_attempts",
                                                "mfa_serial",
                                                "output",
                                                "region",
                                                "retry_mode",
                                                "role_arn",
                                                "role_session_name",
                                                "services",
                                                "source_profile",
                                                "sso_account_id",
                                                "sso_region",
                                                "sso_role_name",
                                                "sso_session",
                                                "sso_start_url",
                                                "use_dualstack_endpoint",
                                                "use_fips_endpoint" };

/* May hold blanks and "#", or are too precious to guess about. */
static const char *const opaque_keys[] = {
  "aws_secret_access_key", "aws_session_token", "credential_process", "sso_registration_scopes",
  "web_identity_token_file",
};

static const char *const section_words[FLUO_AWS_N_SECTIONS] = {
  "profile", "sso-session", "services"
};

typedef struct
{
  FluoAwsConfig        *config;
  FluoAwsFile           file;
  const char           *path;
  guint                 line;
  guint                 n_sections;
  gboolean              seen_header;
  FluoAwsConfigSection *section;  /* NULL before the first header and inside a skipped section */
  char                 *key;      /* the last property, which indented lines continue */
  gsize                 indent;   /* of that property */
  gboolean              is_block; /* that property's value was empty */
} Parser;

#define WARN(parser, ...) \
  fluo_aws_config_warn ((parser)->config, (parser)->path, (parser)->line, __VA_ARGS__)

static gboolean
is_one_of (const char *key, const char *const *keys, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (key, keys[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

/* A newly allocated copy of [begin, end) without blanks at its ends. */
static char *
dup_stripped (const char *begin, const char *end)
{
  while (begin < end && is_blank (*begin))
    begin++;
  while (end > begin && is_blank (end[-1]))
    end--;
  return g_strndup (begin, (gsize) (end - begin));
}

static gboolean
is_good_name (const char *name)
{
  if (*name == '\0' || strlen (name) > NAME_BYTES_MAX || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const char *p = name; *p; p = g_utf8_next_char (p))
    if (!g_unichar_isprint (g_utf8_get_char (p)))
      return FALSE;
  return TRUE;
}

/* A section's name as written: in quotes it may hold blanks, without them it is one word. NULL for
 * anything else. */
static char *
parse_name (const char *text)
{
  if (strpbrk (text, "\"'"))
    {
      g_auto (GStrv) words = NULL;
      int n = 0;

      if (!g_shell_parse_argv (text, &n, &words, NULL) || n != 1)
        return NULL;
      return is_good_name (words[0]) ? g_strdup (words[0]) : NULL;
    }
  if (strpbrk (text, " \t") || !is_good_name (text))
    return NULL;
  return g_strdup (text);
}

static void
open_section (Parser *self, FluoAwsSection kind, const char *name, gboolean prefixed)
{
  GHashTable *table = self->config->sections[self->file][kind];
  FluoAwsConfigSection *section = g_hash_table_lookup (table, name);

  if (section && section->prefixed != prefixed)
    {
      WARN (self, _("both [default] and [profile default] are present; [profile default] is used, "
                    "remove the other"));
      if (!prefixed)
        return;
      g_hash_table_remove_all (section->values);
      section->prefixed = TRUE;
    }
  else if (section)
    WARN (self, _("section \"%s\" is repeated; its settings are added to the first one's"), name);
  else
    {
      if (++self->n_sections > SECTIONS_MAX)
        {
          if (self->n_sections == SECTIONS_MAX + 1)
            WARN (self, _("more than %d sections; this one and what follows is ignored"),
                  SECTIONS_MAX);
          return;
        }
      section = g_new0 (FluoAwsConfigSection, 1);
      section->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                               fluo_aws_config_value_free);
      section->prefixed = prefixed;
      g_hash_table_insert (table, g_strdup (name), section);
    }
  self->section = section;
}

/* The index of the word that begins @text, or FLUO_AWS_N_SECTIONS. @ret_rest is what follows it,
 * blanks skipped. */
static FluoAwsSection
split_word (const char *text, const char **ret_rest)
{
  gsize length = strcspn (text, " \t");
  guint kind;

  for (kind = 0; kind < FLUO_AWS_N_SECTIONS; kind++)
    if (strlen (section_words[kind]) == length && strncmp (text, section_words[kind], length) == 0)
      break;
  text += length;
  *ret_rest = text + strspn (text, " \t");
  return kind;
}

static void
open_config_section (Parser *self, const char *inner)
{
  g_autofree char *name = NULL;
  const char *rest;
  FluoAwsSection kind = split_word (inner, &rest);

  if (strcmp (inner, "default") == 0)
    open_section (self, FLUO_AWS_SECTION_PROFILE, inner, FALSE);
  else if (kind < FLUO_AWS_N_SECTIONS)
    {
      name = parse_name (rest);
      if (name)
        open_section (self, kind, name,
                      kind == FLUO_AWS_SECTION_PROFILE && strcmp (name, "default") == 0);
      else
        WARN (self,
              _("the %s's name is missing, malformed or longer than %d bytes, so the section is "
                "ignored; write [%s NAME], with quotes around a name that has blanks"),
              section_words[kind], NAME_BYTES_MAX, section_words[kind]);
    }
  else if (strcmp (inner, "plugins") != 0 && strcmp (inner, "preview") != 0)
    {
      if (strcmp (inner, "DEFAULT") == 0)
        WARN (self, _("section [DEFAULT] is ignored, other profiles inherit nothing from it; did "
                      "you mean [default]?"));
      else
        WARN (self, _("section [%s] is no profile and is ignored; did you mean [profile %s]?"),
              inner,
              inner);
    }
}

static void
open_credentials_section (Parser *self, const char *inner)
{
  const char *rest;
  FluoAwsSection kind = split_word (inner, &rest);

  if (kind == FLUO_AWS_SECTION_PROFILE)
    WARN (self,
          _("section [%s] is ignored; in this file profiles are written without the word "
            "\"profile\""),
          inner);
  else if (kind < FLUO_AWS_N_SECTIONS)
    WARN (self, _("section [%s] is ignored in this file; move it to the config file"), inner);
  else
    {
      if (strcmp (inner, "DEFAULT") == 0)
        WARN (self, _("[DEFAULT] is an ordinary profile, others inherit nothing from it; did you "
                      "mean [default]?"));
      open_section (self, FLUO_AWS_SECTION_PROFILE, inner, FALSE);
    }
}

static void
parse_header (Parser *self, const char *text)
{
  g_autofree char *inner = NULL, *rest = NULL;
  const char *end = strchr (text, ']');

  self->seen_header = TRUE;
  self->section = NULL;
  g_clear_pointer (&self->key, g_free);
  if (!end)
    {
      WARN (self, _("the section's closing bracket is missing, so the section is ignored; add "
                    "\"]\""));
      return;
    }
  rest = dup_stripped (end + 1, end + strlen (end));
  if (*rest != '\0' && *rest != '#' && *rest != ';')
    WARN (self, _("text after the section's closing bracket is ignored; remove it"));
  inner = dup_stripped (text + 1, end);
  for (char *p = inner; *p; p++)
    if (*p == '\t')
      *p = ' ';
  if (!is_good_name (inner))
    {
      WARN (self,
            _("the section's name is empty, longer than %d bytes or not printable UTF-8, so the "
              "section is ignored; rename it"),
            NAME_BYTES_MAX);
      return;
    }
  if (self->file == FLUO_AWS_FILE_CONFIG)
    open_config_section (self, inner);
  else
    open_credentials_section (self, inner);
}

static void
store (Parser *self, const char *key, char *value)
{
  if (g_hash_table_contains (self->section->values, key))
    {
      g_autofree char *shown = g_strdelimit (g_strdup (key), FLUO_AWS_NESTED_SEPARATOR, '.');

      WARN (self, _("\"%s\" is set twice; the later value is used"), shown);
    }
  else if (g_hash_table_size (self->section->values) >= KEYS_PER_SECTION_MAX)
    {
      WARN (self, _("more than %d settings in this section; the rest is ignored"),
            KEYS_PER_SECTION_MAX);
      fluo_aws_config_value_free (value);
      return;
    }
  g_hash_table_replace (self->section->values, g_strdup (key), value);
}

/* Some tools take " # ..." as part of a value, others as a comment. A value that is always one word
 * decides it. */
static void
strip_comment (Parser *self, const char *key, char *value)
{
  for (char *p = value; *p; p++)
    if ((*p == '#' || *p == ';') && (p == value || is_blank (p[-1])))
      {
        if (is_one_of (key, single_word_keys, G_N_ELEMENTS (single_word_keys)))
          {
            WARN (self,
                  _("the text after \"%s\" is taken as a comment; other tools take it as part of "
                    "the value, so put it on a line of its own"),
                  key);
            *p = '\0';
            g_strchomp (value);
          }
        else
          WARN (self,
                _("the value of \"%s\" keeps what looks like a comment; put comments on a line of "
                  "their own"),
                key);
        return;
      }
}

/* Splits "key = value"; the key comes out in lower case. FALSE with a warning when it is no
 * property. */
static gboolean
split_property (Parser *self, const char *text, char **ret_key, char **ret_value)
{
  const char *end = text + strlen (text), *delimiter = strchr (text, '=');
  g_autofree char *key = NULL;
  char *value;

  if (!delimiter)
    {
      delimiter = strchr (text, ':');
      if (!delimiter || memchr (text, '/', (gsize) (delimiter - text)))
        {
          WARN (self, _("the line has no \"=\" and is ignored; write \"key = value\""));
          return FALSE;
        }
      WARN (self, _("\":\" is taken as \"=\"; other tools refuse it, write \"key = value\""));
    }
  key = dup_stripped (text, delimiter);
  if (*key == '\0' || strlen (key) > NAME_BYTES_MAX || !g_utf8_validate (key, -1, NULL))
    {
      WARN (self, _("the line's key is empty, too long or not UTF-8, so the line is ignored; "
                    "write \"key = value\""));
      return FALSE;
    }
  g_strdelimit (key, "\t", ' ');
  for (char *p = key; *p; p++)
    *p = g_ascii_tolower (*p);

  value = dup_stripped (delimiter + 1, end);
  if (!g_utf8_validate (value, -1, NULL))
    {
      gboolean known = is_one_of (key, single_word_keys, G_N_ELEMENTS (single_word_keys))
                       || is_one_of (key, opaque_keys, G_N_ELEMENTS (opaque_keys));

      WARN (self, _("the value of \"%s\" is not UTF-8%s; save the file as UTF-8"), key,
            known ? _(" and is ignored") : "");
      if (known)
        {
          fluo_aws_config_value_free (value);
          return FALSE;
        }
    }
  strip_comment (self, key, value);
  *ret_key = g_steal_pointer (&key);
  *ret_value = value;
  return TRUE;
}

static void
parse_property (Parser *self, const char *text, gsize indent)
{
  char *key, *value;

  g_clear_pointer (&self->key, g_free);
  if (!self->section)
    {
      if (!self->seen_header)
        WARN (self, _("a setting before the first section is ignored; put it under [default]"));
      return;
    }
  if (!split_property (self, text, &key, &value))
    return;
  self->key = key;
  self->indent = indent;
  self->is_block = *value == '\0';
  store (self, key, value);
}

static void
parse_continuation (Parser *self, const char *text)
{
  if (self->is_block)
    {
      char *key, *value;

      if (split_property (self, text, &key, &value))
        {
          g_autofree char *full = g_strconcat (self->key, FLUO_AWS_NESTED_SEPARATOR, key, NULL);

          store (self, full, value);
          g_free (key);
        }
    }
  else
    {
      const char *old = g_hash_table_lookup (self->section->values, self->key);
      g_autofree char *more = dup_stripped (text, text + strlen (text));

      if (!old || !g_utf8_validate (more, -1, NULL)
          || strlen (old) + strlen (more) + 1 > VALUE_BYTES_MAX)
        WARN (self,
              _("the line can't continue the value of \"%s\" and is ignored; a value is UTF-8 of "
                "at most %d bytes"),
              self->key, VALUE_BYTES_MAX);
      else
        g_hash_table_replace (self->section->values, g_strdup (self->key),
                              g_strconcat (old, "\n", more, NULL));
      explicit_bzero (more, strlen (more));
    }
}

static void
parse_line (Parser *self, const char *line)
{
  gsize indent = 0;

  while (is_blank (line[indent]))
    indent++;
  line += indent;
  if (*line == '\0' || *line == '#' || *line == ';')
    return;
  if (*line == '[')
    parse_header (self, line);
  else if (self->section && self->key && indent > self->indent)
    parse_continuation (self, line);
  else
    parse_property (self, line, indent);
}

static gboolean
check_encoding (const char *path, const char *text, gsize length, GError **error)
{
  if (length >= 2 && (memcmp (text, "\xff\xfe", 2) == 0 || memcmp (text, "\xfe\xff", 2) == 0))
    g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_ENCODING,
                 _("\"%s\" is in UTF-16; save it as UTF-8"), path);
  else if (memchr (text, '\0', length))
    g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_ENCODING,
                 _("\"%s\" holds NUL bytes and is no text file; save it as UTF-8"), path);
  else
    return TRUE;
  return FALSE;
}

gboolean
fluo_aws_config_parse (FluoAwsConfig *self, FluoAwsFile file, const char *path, const char *text,
                       gsize length, GError **error)
{
  Parser parser = { .config = self, .file = file, .path = path };
  g_autoptr (GString) line = g_string_new (NULL);
  const char *p = text, *end = text + length;

  g_return_val_if_fail (self != NULL && file < FLUO_AWS_N_FILES && path != NULL, FALSE);

  if (!check_encoding (path, text, length, error))
    return FALSE;
  if (length >= 3 && memcmp (p, "\xef\xbb\xbf", 3) == 0)
    p += 3;
  while (p < end)
    {
      const char *stop = p;

      while (stop < end && *stop != '\n' && *stop != '\r')
        stop++;
      parser.line++;
      if (stop - p > LINE_BYTES_MAX)
        WARN (&parser, _("the line is longer than %d KiB and is ignored"), LINE_BYTES_MAX / 1024);
      else
        {
          g_string_truncate (line, 0);
          g_string_append_len (line, p, stop - p);
          parse_line (&parser, line->str);
        }
      p = stop + 1;
      if (stop + 1 < end && stop[0] == '\r' && stop[1] == '\n')
        p++;
    }
  explicit_bzero (line->str, line->allocated_len);
  g_free (parser.key);
  return TRUE;
}
