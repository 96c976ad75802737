/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include "collector/fluo-daemon-config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <yaml.h>

#include "core/fluo-format.h"

/* The daemon's own example has 2 KB. Maps nest two deep and nothing else is taken, aliases, tags
 * and lists included, so the size bounds everything. */
#define FILE_BYTES_MAX (64 * 1024)
#define SHOWN_CHARS_MAX 60
#define VERSION_MIN 1
#define VERSION_MAX 2
#define CONCURRENCY_MAX 64
#define BUFFER_MB_MAX 1024

typedef enum
{
  KIND_STRING,
  KIND_BOOLEAN,
  KIND_NUMBER,
} Kind;

typedef struct
{
  const char *path;    /* "Socket.UDPAddress" */
  Kind        kind;
  gsize       offset;  /* into FluoDaemonConfig */
  gint64      max;     /* of a number */
  const char *ignored; /* why, when it means nothing here; NULL = it is taken */
} Key;

#define CONFIG(member) G_STRUCT_OFFSET (FluoDaemonConfig, member)
/* Where values go that nobody reads. */
#define NOWHERE G_MAXSIZE

static const Key keys[] = {
  { "Version", KIND_NUMBER, CONFIG (version), VERSION_MAX, NULL },
  { "TotalBufferSizeMB", KIND_NUMBER, CONFIG (buffer_mb), BUFFER_MB_MAX, NULL },
  { "Concurrency", KIND_NUMBER, CONFIG (concurrency), CONCURRENCY_MAX, NULL },
  { "Region", KIND_STRING, CONFIG (region), 0, NULL },
  { "Endpoint", KIND_STRING, CONFIG (endpoint), 0, NULL },
  { "Socket.UDPAddress", KIND_STRING, CONFIG (udp), 0, NULL },
  { "Socket.TCPAddress", KIND_STRING, CONFIG (tcp), 0, NULL },
  { "Logging.LogPath", KIND_STRING, CONFIG (log_path), 0, NULL },
  { "Logging.LogLevel", KIND_STRING, CONFIG (log_level), 0, NULL },
  { "Logging.LogRotation", KIND_BOOLEAN, CONFIG (log_rotation), 0,
    N_("the log file is left to logrotate") },
  { "LocalMode", KIND_BOOLEAN, CONFIG (local_mode), 0, NULL },
  { "ResourceARN", KIND_STRING, CONFIG (resource_arn), 0, NULL },
  { "RoleARN", KIND_STRING, CONFIG (role_arn), 0, NULL },
  { "NoVerifySSL", KIND_BOOLEAN, CONFIG (no_verify_ssl), 0,
    N_("certificates are always checked") },
  { "ProxyAddress", KIND_STRING, CONFIG (proxy), 0, NULL },
  { "ProxyServer.IdleConnTimeout", KIND_NUMBER, NOWHERE, G_MAXINT32,
    N_("connections are kept as long as it makes sense") },
  { "ProxyServer.MaxIdleConnsPerHost", KIND_NUMBER, NOWHERE, G_MAXINT32,
    N_("connections are kept as long as it makes sense") },
  { "ProxyServer.MaxIdleConns", KIND_NUMBER, NOWHERE, G_MAXINT32,
    N_("connections are kept as long as it makes sense") },
};

/* One file while it is read. */
typedef struct
{
  const char       *name;
  const char       *text;
  gsize             length;
  FluoDaemonConfig *config;
  char             *section; /* "Socket", or NULL at the top */
  gboolean          seen[G_N_ELEMENTS (keys)];
} Reader;

G_DEFINE_QUARK (fluo-daemon-config-error-quark, fluo_daemon_config_error)

static gboolean G_GNUC_PRINTF (4, 5)
fail (const Reader *self, const yaml_mark_t *mark, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, FLUO_DAEMON_CONFIG_ERROR, FLUO_DAEMON_CONFIG_ERROR_FAILED,
               "%s:%" G_GSIZE_FORMAT ": %s", self->name, (gsize) mark->line + 1, message);
  return FALSE;
}

static const Key *
find_key (const char *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].path, path) == 0)
      return &keys[i];
  return NULL;
}

static gboolean
is_section (const char *name)
{
  g_autofree char *prefix = g_strconcat (name, ".", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_str_has_prefix (keys[i].path, prefix))
      return TRUE;
  return FALSE;
}

/* --- Values ------------------------------------------------------------- */

static gboolean
parse_boolean (const char *text, gboolean *ret_value)
{
  static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      {
        *ret_value = i % 2 == 1;
        return TRUE;
      }
  return FALSE;
}

static gboolean
store_value (Reader *self, const Key *key, const char *text, const yaml_mark_t *mark,
             GError **error)
{
  gpointer member = key->offset == NOWHERE ? NULL : G_STRUCT_MEMBER_P (self->config, key->offset);
  g_autofree char *shown = fluo_format_untrusted (text, SHOWN_CHARS_MAX);
  gboolean flag = FALSE;
  gint64 number = 0;

  /* An empty value is no value, in the daemon's own example too. */
  if (*text == '\0')
    return TRUE;
  switch (key->kind)
    {
    case KIND_BOOLEAN:
      if (!parse_boolean (text, &flag))
        return fail (self, mark, error, _("“%s” must be true or false, not “%s”"), key->path,
                     shown);
      if (member)
        *(gboolean *) member = flag;
      break;
    case KIND_NUMBER:
      if (!g_ascii_string_to_signed (text, 10, 0, key->max, &number, NULL))
        {
          /* A macro would cut the sentence that is translated. */
          g_autofree char *max = g_strdup_printf ("%" G_GINT64_FORMAT, key->max);

          return fail (self, mark, error, _("“%s” must be a whole number from 0 to %s, not “%s”"),
                       key->path, max, shown);
        }
      if (member)
        *(gint64 *) member = number;
      break;
    case KIND_STRING:
    default:
      if (member)
        *(char **) member = g_strdup (text);
      break;
    }
  if (key->ignored && (key->kind != KIND_BOOLEAN || flag))
    g_ptr_array_add (self->config->ignored,
                     g_strdup_printf (_("%s: “%s” is ignored: %s"), self->name, key->path,
                                      _(key->ignored)));
  return TRUE;
}

/* --- Structure ---------------------------------------------------------- */

/* The parser gives the line of wrong structure, but only the offset of a wrong character. */
static gboolean
fail_to_parse (Reader *self, const yaml_parser_t *parser, GError **error)
{
  yaml_mark_t mark = parser->problem_mark;
  const char *problem = parser->problem ? parser->problem : _("not YAML");

  if (parser->error == YAML_READER_ERROR)
    {
      mark.line = 0;
      for (gsize i = 0; i < MIN (parser->problem_offset, self->length); i++)
        mark.line += self->text[i] == '\n';
    }
  return fail (self, &mark, error, "%s", problem);
}

/* The next event; an anchor or a tag on it is an error like any other. */
static gboolean
next_event (Reader *self, yaml_parser_t *parser, yaml_event_t *event, GError **error)
{
  gboolean plain = TRUE;

  if (!yaml_parser_parse (parser, event))
    return fail_to_parse (self, parser, error);
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      plain = !event->data.scalar.anchor && !event->data.scalar.tag;
      break;
    case YAML_MAPPING_START_EVENT:
      plain = !event->data.mapping_start.anchor && !event->data.mapping_start.tag;
      break;
    case YAML_ALIAS_EVENT:
      plain = FALSE;
      break;
    default:
      break;
    }
  if (plain)
    return TRUE;
  fail (self, &event->start_mark, error, "%s", _("anchors, aliases and tags are not taken"));
  yaml_event_delete (event);
  return FALSE;
}

static gboolean
expect (Reader *self, yaml_parser_t *parser, yaml_event_type_t type, const char *what,
        GError **error)
{
  yaml_event_t event;
  gboolean good;

  if (!next_event (self, parser, &event, error))
    return FALSE;
  good = event.type == type;
  if (!good)
    fail (self, &event.start_mark, error, _("expected %s"), what);
  yaml_event_delete (&event);
  return good;
}

/* The scalar as text; NULL with @error when a NUL is in it. */
static char *
dup_scalar (Reader *self, const yaml_event_t *event, GError **error)
{
  const char *value = (const char *) event->data.scalar.value;

  if (strlen (value) == event->data.scalar.length)
    return g_strdup (value);
  fail (self, &event->start_mark, error, "%s", _("a NUL character"));
  return NULL;
}

/* After the key of a value. */
static gboolean
read_value (Reader *self, yaml_parser_t *parser, const char *path, const yaml_mark_t *key_mark,
            GError **error)
{
  /* The dot is how the table names what is indented, not how files do. */
  const Key *key = self->section || !strchr (path, '.') ? find_key (path) : NULL;
  g_autofree char *shown = fluo_format_untrusted (path, SHOWN_CHARS_MAX);
  g_autofree char *text = NULL;
  yaml_event_t event;
  gboolean good = FALSE;

  if (!key)
    return fail (self, key_mark, error,
                 _("unknown key “%s”; fluoroscoped(1) lists those that are known"), shown);
  if (self->seen[key - keys])
    return fail (self, key_mark, error, _("“%s” is there twice"), shown);
  self->seen[key - keys] = TRUE;
  if (!next_event (self, parser, &event, error))
    return FALSE;
  if (event.type != YAML_SCALAR_EVENT)
    fail (self, &event.start_mark, error, _("“%s” must be a plain value"), shown);
  else if ((text = dup_scalar (self, &event, error)))
    good = store_value (self, key, text, &event.start_mark, error);
  yaml_event_delete (&event);
  return good;
}

/* One key with what belongs to it; *ret_end at the end of the map. */
static gboolean
read_pair (Reader *self, yaml_parser_t *parser, gboolean *ret_end, GError **error)
{
  g_autofree char *name = NULL, *path = NULL;
  yaml_event_t event;
  yaml_mark_t mark;
  yaml_event_type_t type;

  if (!next_event (self, parser, &event, error))
    return FALSE;
  type = event.type;
  mark = event.start_mark;
  if (type == YAML_SCALAR_EVENT)
    name = dup_scalar (self, &event, error);
  yaml_event_delete (&event);
  if (type == YAML_MAPPING_END_EVENT)
    {
      *ret_end = self->section == NULL;
      g_clear_pointer (&self->section, g_free);
      return TRUE;
    }
  if (type != YAML_SCALAR_EVENT)
    return fail (self, &mark, error, "%s", _("expected a key, such as “Region”"));
  if (!name)
    return FALSE;
  if (!self->section && is_section (name))
    {
      g_autofree char *what = g_strdup_printf (_("the keys of “%s” below it, indented"), name);

      self->section = g_strdup (name);
      return expect (self, parser, YAML_MAPPING_START_EVENT, what, error);
    }
  path = self->section ? g_strconcat (self->section, ".", name, NULL) : g_strdup (name);
  return read_value (self, parser, path, &mark, error);
}

static gboolean
read_file (Reader *self, yaml_parser_t *parser, GError **error)
{
  gboolean end = FALSE;

  if (!expect (self, parser, YAML_STREAM_START_EVENT, "YAML", error) ||
      !expect (self, parser, YAML_DOCUMENT_START_EVENT, _("keys and values"), error) ||
      !expect (self, parser, YAML_MAPPING_START_EVENT, _("keys and values"), error))
    return FALSE;
  while (!end)
    if (!read_pair (self, parser, &end, error))
      return FALSE;
  return expect (self, parser, YAML_DOCUMENT_END_EVENT, _("the end of the file"), error) &&
         expect (self, parser, YAML_STREAM_END_EVENT, _("the end of the file"), error);
}

/* --- Public ------------------------------------------------------------- */

static FluoDaemonConfig *
parse (const char *name, const char *text, gsize length, GError **error)
{
  g_autoptr (FluoDaemonConfig) config = g_new0 (FluoDaemonConfig, 1);
  Reader reader = { .name = name, .text = text, .length = length, .config = config };
  yaml_parser_t parser;
  gboolean good;

  config->ignored = g_ptr_array_new_with_free_func (g_free);
  if (!yaml_parser_initialize (&parser))
    g_error ("no memory for the YAML parser");
  yaml_parser_set_encoding (&parser, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string (&parser, (const unsigned char *) text, length);
  good = read_file (&reader, &parser, error);
  yaml_parser_delete (&parser);
  g_free (reader.section);
  if (!good)
    return NULL;
  if (config->version < VERSION_MIN)
    {
      g_set_error (error, FLUO_DAEMON_CONFIG_ERROR, FLUO_DAEMON_CONFIG_ERROR_FAILED,
                   _("%s: the key “Version” is missing; add “Version: 2”"), name);
      return NULL;
    }
  return g_steal_pointer (&config);
}

FluoDaemonConfig *
fluo_daemon_config_load (const char *path, GError **error)
{
  g_autofree char *text = g_malloc (FILE_BYTES_MAX + 1);
  const char *problem = NULL;
  gsize length = 0;
  gssize n = 0;
  struct stat info;
  /* A FIFO must not hang the start. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

  if (fd < 0 || fstat (fd, &info) != 0)
    problem = g_strerror (errno);
  else if (!S_ISREG (info.st_mode))
    problem = _("it is no file");
  while (!problem && length <= FILE_BYTES_MAX &&
         (n = read (fd, text + length, FILE_BYTES_MAX + 1 - length)) > 0)
    length += (gsize) n;
  if (!problem && n < 0)
    problem = g_strerror (errno);
  else if (!problem && length > FILE_BYTES_MAX)
    problem = _("it has more than 64 KiB");
  if (fd >= 0)
    close (fd);
  if (problem)
    {
      g_set_error (error, FLUO_DAEMON_CONFIG_ERROR, FLUO_DAEMON_CONFIG_ERROR_FAILED,
                   _("the configuration “%s” can't be used: %s"), path, problem);
      return NULL;
    }
  return parse (path, text, length, error);
}

void
fluo_daemon_config_free (FluoDaemonConfig *self)
{
  g_free (self->udp);
  g_free (self->tcp);
  g_free (self->region);
  g_free (self->endpoint);
  g_free (self->resource_arn);
  g_free (self->role_arn);
  g_free (self->proxy);
  g_free (self->log_path);
  g_free (self->log_level);
  g_ptr_array_unref (self->ignored);
  g_free (self);
}
