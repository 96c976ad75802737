/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-http-scan.h"

#include <string.h>

/* The longest method of a request that is served is OPTIONS. */
#define METHOD_MAX 16
/* Digits of a length: far beyond what is served, and no overflow. */
#define LENGTH_DIGITS_MAX 15
#define CHUNK_DIGITS_MAX 7

/* Where in a chunked body. */
enum
{
  CHUNK_NONE,
  CHUNK_SIZE,    /* digits, then CR */
  CHUNK_SIZE_LF,
  CHUNK_DATA,
  CHUNK_DATA_CR,
  CHUNK_DATA_LF,
  CHUNK_LAST_CR, /* the empty line that ends the body */
  CHUNK_LAST_LF
};

/* What the headers say about the body. */
typedef struct
{
  guint    n_headers;
  guint    n_lengths;
  guint    n_encodings;
  gboolean old;    /* HTTP/1.0 */
  guint64  length;
} Framing;

static gboolean
refuse (FluoHttpScan *self, const char *status)
{
  self->state = FLUO_HTTP_SCAN_REFUSED;
  self->refusal = status;
  return FALSE;
}

static gboolean
refuse_bad (FluoHttpScan *self)
{
  return refuse (self, "400 Bad Request");
}

void
fluo_http_scan_init (FluoHttpScan *self, gsize body_max)
{
  memset (self, 0, sizeof *self);
  self->body_max = body_max;
}

/* --- The head ----------------------------------------------------------- */

static gboolean
is_token (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && !memchr ("!#$%&'*+-.^_`|~", text[i], 15))
      return FALSE;
  return length > 0;
}

static gboolean
equal_word (const char *text, gsize length, const char *word)
{
  return length == strlen (word) && g_ascii_strncasecmp (text, word, length) == 0;
}

/* Escapes are whole and none is a zero byte; "." and ".." are no parts of a path: nobody should
 * have to think about what they would mean. */
static gboolean
is_target (const char *text, gsize length)
{
  const char *query = memchr (text, '?', length);
  gsize path_length = query ? (gsize) (query - text) : length;

  if (!(length > 0 && text[0] == '/') &&
      !(length > 7 && g_ascii_strncasecmp (text, "http://", 7) == 0))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] <= ' ' || text[i] >= 0x7f || memchr ("#\"<>\\^`{|}", text[i], 10))
        return FALSE;
      if (text[i] == '%' && (i + 2 >= length || !g_ascii_isxdigit (text[i + 1])
                             || !g_ascii_isxdigit (text[i + 2])
                             || (text[i + 1] == '0' && text[i + 2] == '0')))
        return FALSE;
    }
  for (gsize i = 0; i < path_length; i++)
    if (text[i] == '/' && i + 1 < path_length && text[i + 1] == '.')
      {
        gsize end = i + 2 < path_length && text[i + 2] == '.' ? i + 3 : i + 2;

        if (end == path_length || text[end] == '/')
          return FALSE;
      }
  return TRUE;
}

static gboolean
check_request_line (FluoHttpScan *self, const char *line, gsize length, Framing *framing)
{
  const char *space = length > 9 ? memchr (line, ' ', length) : NULL;
  gsize method = space ? (gsize) (space - line) : 0;
  const char *version = line + length - 9; /* with the blank before it */

  if (!space || method > METHOD_MAX || !is_token (line, method) || version <= space
      || (memcmp (version, " HTTP/1.1", 9) != 0 && memcmp (version, " HTTP/1.0", 9) != 0))
    return refuse_bad (self);
  framing->old = version[8] == '0';
  if (!is_target (space + 1, (gsize) (version - space - 1)))
    return refuse_bad (self);
  return TRUE;
}

static gboolean
read_length (FluoHttpScan *self, const char *value, gsize length, Framing *framing)
{
  if (framing->n_lengths++ > 0 || length == 0 || length > LENGTH_DIGITS_MAX)
    return refuse_bad (self);
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]))
        return refuse_bad (self);
      framing->length = framing->length * 10 + (guint64) (value[i] - '0');
    }
  return TRUE;
}

static gboolean
check_header (FluoHttpScan *self, const char *line, gsize length, Framing *framing)
{
  const char *colon = memchr (line, ':', length), *value, *end = line + length;
  gsize name = colon ? (gsize) (colon - line) : 0;

  if (++framing->n_headers > FLUO_HTTP_HEADERS_MAX)
    return refuse (self, "431 Request Header Fields Too Large");
  /* A folded line and a blank before the colon are no names. */
  if (!colon || !is_token (line, name))
    return refuse_bad (self);
  for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  if (equal_word (line, name, "Content-Length"))
    return read_length (self, value, (gsize) (end - value), framing);
  if (equal_word (line, name, "Transfer-Encoding"))
    return (framing->n_encodings++ == 0 && equal_word (value, (gsize) (end - value), "chunked"))
           || refuse_bad (self);
  if (equal_word (line, name, "Expect") &&
      !equal_word (value, (gsize) (end - value), "100-continue"))
    return refuse (self, "417 Expectation Failed");
  return TRUE;
}

static gboolean
begin_body (FluoHttpScan *self, const Framing *framing)
{
  if (framing->n_encodings > 0 && (framing->n_lengths > 0 || framing->old))
    return refuse_bad (self);
  if (framing->length > self->body_max)
    return refuse (self, "413 Content Too Large");
  self->body = 0;
  self->seen = 0;
  self->n_lines = 0;
  self->remaining = framing->length;
  self->chunk = framing->n_encodings > 0 ? CHUNK_SIZE : CHUNK_NONE;
  self->n_digits = 0;
  if (self->chunk || self->remaining > 0)
    self->state = FLUO_HTTP_SCAN_BODY;
  return TRUE;
}

/* @length includes the empty line. */
static gboolean
check_head (FluoHttpScan *self, const char *bytes, gsize length)
{
  Framing framing = { 0 };
  const char *line = bytes, *end = bytes + length - 2;

  while (line < end)
    {
      const char *cr = memchr (line, '\r', (gsize) (end - line));
      gsize line_length = (gsize) (cr - line);

      if (line == bytes ? !check_request_line (self, line, line_length, &framing)
                        : !check_header (self, line, line_length, &framing))
        return FALSE;
      line = cr + 2;
    }
  return begin_body (self, &framing);
}

gsize
fluo_http_scan_head (FluoHttpScan *self, const char *bytes, gsize length)
{
  g_return_val_if_fail (self->state == FLUO_HTTP_SCAN_HEAD, 0);

  for (; self->seen < length; self->seen++)
    {
      gsize i = self->seen;
      guchar c = (guchar) bytes[i];
      gboolean after_cr = i > 0 && bytes[i - 1] == '\r';

      if (i >= FLUO_HTTP_HEAD_MAX)
        return (gsize) refuse (self, "431 Request Header Fields Too Large");
      /* No letter begins a TLS greeting, and no empty line a request. */
      if ((i == 0 && !is_token (bytes, 1)) || (c == '\n') != after_cr
          || (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
        return (gsize) refuse_bad (self);
      if (c == '\n' && self->n_lines++ == 0
          && !check_request_line (self, bytes, i - 1, &(Framing) { 0 }))
        return 0;
      if (c == '\n' && i >= 3 && memcmp (bytes + i - 3, "\r\n\r\n", 4) == 0)
        return check_head (self, bytes, i + 1) ? i + 1 : 0;
    }
  return 0;
}

/* --- The body ----------------------------------------------------------- */

static gboolean
take_digit (FluoHttpScan *self, char c)
{
  if (!g_ascii_isxdigit (c) || ++self->n_digits > CHUNK_DIGITS_MAX)
    return refuse_bad (self);
  self->remaining = self->remaining * 16 + (guint64) g_ascii_xdigit_value (c);
  return TRUE;
}

/* One byte that is no data. */
static gboolean
take_chunk_byte (FluoHttpScan *self, char c)
{
  static const char expected[] = { [CHUNK_SIZE_LF] = '\n',
                                   [CHUNK_DATA_CR] = '\r',
                                   [CHUNK_DATA_LF] = '\n',
                                   [CHUNK_LAST_CR] = '\r',
                                   [CHUNK_LAST_LF] = '\n' };

  if (self->chunk == CHUNK_SIZE && (c != '\r' || self->n_digits == 0))
    return take_digit (self, c);
  if (self->chunk != CHUNK_SIZE && c != expected[self->chunk])
    return refuse_bad (self);
  switch (self->chunk)
    {
    case CHUNK_SIZE_LF:
      if (self->body + self->remaining > self->body_max)
        return refuse (self, "413 Content Too Large");
      self->chunk = self->remaining > 0 ? CHUNK_DATA : CHUNK_LAST_CR;
      break;
    case CHUNK_DATA_LF:
      self->chunk = CHUNK_SIZE;
      self->n_digits = 0;
      break;
    case CHUNK_LAST_LF:
      self->state = FLUO_HTTP_SCAN_HEAD;
      break;
    default:
      self->chunk++;
      break;
    }
  return TRUE;
}

static gsize
take_data (FluoHttpScan *self, gsize length)
{
  gsize n = (gsize) MIN (self->remaining, length);

  self->remaining -= n;
  self->body += n;
  if (self->remaining == 0 && self->chunk)
    self->chunk = CHUNK_DATA_CR;
  else if (self->remaining == 0)
    self->state = FLUO_HTTP_SCAN_HEAD;
  return n;
}

gsize
fluo_http_scan_body (FluoHttpScan *self, const char *bytes, gsize length)
{
  gsize taken = 0;

  while (taken < length && self->state == FLUO_HTTP_SCAN_BODY)
    if (self->chunk == CHUNK_NONE || self->chunk == CHUNK_DATA)
      taken += take_data (self, length - taken);
    else if (take_chunk_byte (self, bytes[taken]))
      taken++;
  return taken;
}

gsize
fluo_http_scan_get_plain (const FluoHttpScan *self)
{
  return self->state == FLUO_HTTP_SCAN_BODY && self->chunk == CHUNK_NONE ? (gsize) self->remaining
                                                                         : 0;
}
