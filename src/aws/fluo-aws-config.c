/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-aws-config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Generous against any real file, small against a mistake or an attack. */
#define FILE_BYTES_MAX (4 * 1024 * 1024)
#define LINE_BYTES_MAX (64 * 1024)
#define VALUE_BYTES_MAX (64 * 1024)
#define SECTIONS_MAX 10000
#define KEYS_PER_SECTION_MAX 1000
#define NAME_BYTES_MAX 256

/* Joins a key and a key of its nested block in one table; no key can hold a line feed. */
#define NESTED_SEPARATOR "\n"

/* A value of these is one word, so what follows a blank and a "#" is a comment. */
static const char *const single_word_keys[] = {
  "aws_access_key_id", "aws_account_id", "credential_source", "duration_seconds", "endpoint_url", "external_id",
  "ignore_configured_endpoint_urls", "login_session", "max_attempts", "mfa_serial", "output", "region", "retry_mode",
  "role_arn", "role_session_name", "services", "source_profile", "sso_account_id", "sso_region", "sso_role_name",
  "sso_session", "sso_start_url", "use_dualstack_endpoint", "use_fips_endpoint",
};

/* May hold blanks and "#", or are too precious to guess about. */
static const char *const opaque_keys[] = {
  "aws_secret_access_key", "aws_session_token", "credential_process", "sso_registration_scopes",
  "web_identity_token_file",
};

static const char *const section_words[FLUO_AWS_N_SECTIONS] = { "profile", "sso-session", "services" };

typedef struct
{
  GHashTable *values;   /* key, or key NESTED_SEPARATOR nested key -> value */
  gboolean    prefixed; /* "[profile default]", which beats "[default]" */
} Section;

struct _FluoAwsConfig
{
  GHashTable *sections[FLUO_AWS_N_FILES][FLUO_AWS_N_SECTIONS]; /* name -> Section */
  GPtrArray  *warnings;
  guint       n_left_out;
};

typedef struct
{
  FluoAwsConfig *config;
  FluoAwsFile    file;
  const char    *path;
  guint          line;
  guint          n_sections;
  gboolean       seen_header;
  Section       *section;  /* NULL before the first header and inside a skipped section */
  char          *key;      /* the last property, which indented lines continue; NULL = none */
  gsize          indent;   /* of that property */
  gboolean       is_block; /* that property's value was empty */
} Parser;

G_DEFINE_QUARK (fluo-aws-config-error-quark, fluo_aws_config_error)

static void
section_free (gpointer data)
{
  Section *section = data;

  g_hash_table_unref (section->values);
  g_free (section);
}

/* Values may be secrets. */
static void
value_free (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

static gboolean
is_one_of (const char *key, const char *const *keys, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (key, keys[i]) == 0)
      return TRUE;
  return FALSE;
}

static void G_GNUC_PRINTF (2, 3)
warn (Parser *self, const char *format, ...)
{
  GPtrArray *warnings = self->config->warnings;
  g_autofree char *text = NULL;
  va_list args;

  if (warnings->len >= FLUO_AWS_WARNINGS_MAX - 1)
    {
      self->config->n_left_out++;
      g_ptr_array_set_size (warnings, FLUO_AWS_WARNINGS_MAX - 1);
      g_ptr_array_add (warnings, g_strdup_printf ("%u more warnings left out", self->config->n_left_out));
      return;
    }
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (self->line > 0)
    g_ptr_array_add (warnings, g_strdup_printf ("%s:%u: %s", self->path, self->line, text));
  else
    g_ptr_array_add (warnings, g_strdup_printf ("%s: %s", self->path, text));
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

/* A section's name as written: in quotes it may hold blanks, without them it is one word. NULL for anything else. */
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
  Section *section = g_hash_table_lookup (table, name);

  if (section && section->prefixed != prefixed)
    {
      warn (self, "both [default] and [profile default] are present; [profile default] is used, remove the other");
      if (!prefixed)
        return;
      g_hash_table_remove_all (section->values);
      section->prefixed = TRUE;
    }
  else if (section)
    warn (self, "section \"%s\" is repeated; its settings are added to the first one's", name);
  else
    {
      if (++self->n_sections > SECTIONS_MAX)
        {
          if (self->n_sections == SECTIONS_MAX + 1)
            warn (self, "more than %d sections; this one and what follows is ignored", SECTIONS_MAX);
          return;
        }
      section = g_new0 (Section, 1);
      section->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, value_free);
      section->prefixed = prefixed;
      g_hash_table_insert (table, g_strdup (name), section);
    }
  self->section = section;
}

/* The index of the word that begins @text, or FLUO_AWS_N_SECTIONS. @ret_rest is what follows it, blanks skipped. */
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
        open_section (self, kind, name, kind == FLUO_AWS_SECTION_PROFILE && strcmp (name, "default") == 0);
      else
        warn (self, "the %s's name is missing, malformed or longer than %d bytes, so the section is ignored; write "
              "[%s NAME], with quotes around a name that has blanks", section_words[kind], NAME_BYTES_MAX,
              section_words[kind]);
    }
  else if (strcmp (inner, "plugins") != 0 && strcmp (inner, "preview") != 0)
    {
      if (strcmp (inner, "DEFAULT") == 0)
        warn (self, "section [DEFAULT] is ignored, other profiles inherit nothing from it; did you mean [default]?");
      else
        warn (self, "section [%s] is no profile and is ignored; did you mean [profile %s]?", inner, inner);
    }
}

static void
open_credentials_section (Parser *self, const char *inner)
{
  const char *rest;
  FluoAwsSection kind = split_word (inner, &rest);

  if (kind == FLUO_AWS_SECTION_PROFILE)
    warn (self, "section [%s] is ignored; in this file profiles are written without the word \"profile\"", inner);
  else if (kind < FLUO_AWS_N_SECTIONS)
    warn (self, "section [%s] is ignored in this file; move it to the config file", inner);
  else
    {
      if (strcmp (inner, "DEFAULT") == 0)
        warn (self, "[DEFAULT] is an ordinary profile, others inherit nothing from it; did you mean [default]?");
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
      warn (self, "the section's closing bracket is missing, so the section is ignored; add \"]\"");
      return;
    }
  rest = dup_stripped (end + 1, end + strlen (end));
  if (*rest != '\0' && *rest != '#' && *rest != ';')
    warn (self, "text after the section's closing bracket is ignored; remove it");
  inner = dup_stripped (text + 1, end);
  for (char *p = inner; *p; p++)
    if (*p == '\t')
      *p = ' ';
  if (!is_good_name (inner))
    {
      warn (self, "the section's name is empty, longer than %d bytes or not printable UTF-8, so the section is ignored; "
            "rename it", NAME_BYTES_MAX);
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
      g_autofree char *shown = g_strdelimit (g_strdup (key), NESTED_SEPARATOR, '.');

      warn (self, "\"%s\" is set twice; the later value is used", shown);
    }
  else if (g_hash_table_size (self->section->values) >= KEYS_PER_SECTION_MAX)
    {
      warn (self, "more than %d settings in this section; the rest is ignored", KEYS_PER_SECTION_MAX);
      value_free (value);
      return;
    }
  g_hash_table_replace (self->section->values, g_strdup (key), value);
}

/* Some tools take " # ..." as part of a value, others as a comment. A value that is always one word decides it. */
static void
strip_comment (Parser *self, const char *key, char *value)
{
  for (char *p = value; *p; p++)
    if ((*p == '#' || *p == ';') && (p == value || is_blank (p[-1])))
      {
        if (is_one_of (key, single_word_keys, G_N_ELEMENTS (single_word_keys)))
          {
            warn (self, "the text after \"%s\" is taken as a comment; other tools take it as part of the value, so put it "
                  "on a line of its own", key);
            *p = '\0';
            g_strchomp (value);
          }
        else
          warn (self, "the value of \"%s\" keeps what looks like a comment; put comments on a line of their own", key);
        return;
      }
}

/* Splits "key = value"; the key comes out in lower case. FALSE with a warning when it is no property. */
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
          warn (self, "the line has no \"=\" and is ignored; write \"key = value\"");
          return FALSE;
        }
      warn (self, "\":\" is taken as \"=\"; other tools refuse it, write \"key = value\"");
    }
  key = dup_stripped (text, delimiter);
  if (*key == '\0' || strlen (key) > NAME_BYTES_MAX || !g_utf8_validate (key, -1, NULL))
    {
      warn (self, "the line's key is empty, too long or not UTF-8, so the line is ignored; write \"key = value\"");
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

      warn (self, "the value of \"%s\" is not UTF-8%s; save the file as UTF-8", key, known ? " and is ignored" : "");
      if (known)
        {
          value_free (value);
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
        warn (self, "a setting before the first section is ignored; put it under [default]");
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
          g_autofree char *full = g_strconcat (self->key, NESTED_SEPARATOR, key, NULL);

          store (self, full, value);
          g_free (key);
        }
    }
  else
    {
      const char *old = g_hash_table_lookup (self->section->values, self->key);
      g_autofree char *more = dup_stripped (text, text + strlen (text));

      if (!old || !g_utf8_validate (more, -1, NULL) || strlen (old) + strlen (more) + 1 > VALUE_BYTES_MAX)
        warn (self, "the line can't continue the value of \"%s\" and is ignored; a value is UTF-8 of at most %d bytes",
              self->key, VALUE_BYTES_MAX);
      else
        g_hash_table_replace (self->section->values, g_strdup (self->key), g_strconcat (old, "\n", more, NULL));
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
                 "\"%s\" is in UTF-16; save it as UTF-8", path);
  else if (memchr (text, '\0', length))
    g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_ENCODING,
                 "\"%s\" holds NUL bytes and is no text file; save it as UTF-8", path);
  else
    return TRUE;
  return FALSE;
}

/* Reads a regular file within the limit. Pipes and devices would block for ever, so the file is opened without waiting
 * and looked at first. @ret_text NULL when there is no such file. */
static gboolean
read_file (const char *path, char **ret_text, gsize *ret_length, gboolean *ret_exposed, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  struct stat info;
  int fd = g_open (path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0);
  int why = errno;

  *ret_text = NULL;
  if (fd < 0 && (why == ENOENT || why == ENOTDIR))
    return TRUE;
  if (fd < 0 || fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      if (fd >= 0)
        close (fd);
      g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_UNREADABLE, "can't read \"%s\": %s", path,
                   fd < 0 ? g_strerror (why) : "it is not a regular file");
      return FALSE;
    }
  *ret_exposed = (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
  text = g_malloc (FILE_BYTES_MAX + 1);
  for (;;)
    {
      gssize n = read (fd, text + length, FILE_BYTES_MAX + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }
  close (fd);
  if (length > FILE_BYTES_MAX)
    {
      explicit_bzero (text, length);
      g_set_error (error, FLUO_AWS_CONFIG_ERROR, FLUO_AWS_CONFIG_ERROR_TOO_LARGE,
                   "\"%s\" is larger than %d MiB; is it the right file?", path, FILE_BYTES_MAX / (1024 * 1024));
      return FALSE;
    }
  *ret_text = g_steal_pointer (&text);
  *ret_length = length;
  return TRUE;
}

FluoAwsConfig *
fluo_aws_config_new (void)
{
  FluoAwsConfig *self = g_new0 (FluoAwsConfig, 1);

  for (guint i = 0; i < FLUO_AWS_N_FILES; i++)
    for (guint j = 0; j < FLUO_AWS_N_SECTIONS; j++)
      self->sections[i][j] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, section_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fluo_aws_config_free (FluoAwsConfig *self)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < FLUO_AWS_N_FILES; i++)
    for (guint j = 0; j < FLUO_AWS_N_SECTIONS; j++)
      g_hash_table_unref (self->sections[i][j]);
  g_ptr_array_unref (self->warnings);
  g_free (self);
}

char *
fluo_aws_config_dup_path (FluoAwsFile file)
{
  const char *path = g_getenv (file == FLUO_AWS_FILE_CONFIG ? "AWS_CONFIG_FILE" : "AWS_SHARED_CREDENTIALS_FILE");

  if (!path || *path == '\0')
    return g_build_filename (g_get_home_dir (), ".aws", file == FLUO_AWS_FILE_CONFIG ? "config" : "credentials", NULL);
  if (path[0] == '~' && path[1] == G_DIR_SEPARATOR)
    return g_build_filename (g_get_home_dir (), path + 2, NULL);
  return g_strdup (path);
}

gboolean
fluo_aws_config_parse (FluoAwsConfig *self, FluoAwsFile file, const char *path, const char *text, gsize length,
                       GError **error)
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
        warn (&parser, "the line is longer than %d KiB and is ignored", LINE_BYTES_MAX / 1024);
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

gboolean
fluo_aws_config_load (FluoAwsConfig *self, FluoAwsFile file, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  gboolean exposed = FALSE, ok;

  g_return_val_if_fail (self != NULL && file < FLUO_AWS_N_FILES && path != NULL, FALSE);

  if (!read_file (path, &text, &length, &exposed, error))
    return FALSE;
  if (!text)
    return TRUE;
  if (file == FLUO_AWS_FILE_CREDENTIALS && exposed)
    {
      Parser whole_file = { .config = self, .path = path };

      warn (&whole_file, "other users of this computer can read the file; run \"chmod 600\" on it");
    }
  ok = fluo_aws_config_parse (self, file, path, text, length, error);
  explicit_bzero (text, length);
  return ok;
}

const char *
fluo_aws_config_get (const FluoAwsConfig *self, FluoAwsFile file, FluoAwsSection section, const char *name,
                     const char *key, const char *nested)
{
  g_autofree char *full = NULL;
  const Section *found;
  const char *value;

  g_return_val_if_fail (self != NULL && name != NULL && key != NULL, NULL);

  found = g_hash_table_lookup (self->sections[file][section], name);
  if (!found)
    return NULL;
  full = nested ? g_strconcat (key, NESTED_SEPARATOR, nested, NULL) : g_strdup (key);
  value = g_hash_table_lookup (found->values, full);
  return value && *value != '\0' ? value : NULL;
}

const char *
fluo_aws_config_get_profile (const FluoAwsConfig *self, const char *profile, const char *key)
{
  const char *value = fluo_aws_config_get (self, FLUO_AWS_FILE_CREDENTIALS, FLUO_AWS_SECTION_PROFILE, profile, key, NULL);

  if (!value)
    value = fluo_aws_config_get (self, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_PROFILE, profile, key, NULL);
  return value;
}

gboolean
fluo_aws_config_has_section (const FluoAwsConfig *self, FluoAwsFile file, FluoAwsSection section, const char *name)
{
  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  return g_hash_table_contains (self->sections[file][section], name);
}

gboolean
fluo_aws_config_has_profile (const FluoAwsConfig *self, const char *profile)
{
  return fluo_aws_config_has_section (self, FLUO_AWS_FILE_CREDENTIALS, FLUO_AWS_SECTION_PROFILE, profile)
         || fluo_aws_config_has_section (self, FLUO_AWS_FILE_CONFIG, FLUO_AWS_SECTION_PROFILE, profile);
}

static int
string_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
fluo_aws_config_dup_profiles (const FluoAwsConfig *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_return_val_if_fail (self != NULL, NULL);

  for (guint file = 0; file < FLUO_AWS_N_FILES; file++)
    {
      g_hash_table_iter_init (&iter, self->sections[file][FLUO_AWS_SECTION_PROFILE]);
      while (g_hash_table_iter_next (&iter, &name, NULL))
        if (file == 0 || !g_hash_table_contains (self->sections[0][FLUO_AWS_SECTION_PROFILE], name))
          g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, string_compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

GPtrArray *
fluo_aws_config_get_warnings (const FluoAwsConfig *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->warnings;
}
