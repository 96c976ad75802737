/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-key-json.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* A number above is milliseconds: as seconds it would be the year 5138. */
#define MILLISECONDS_MIN 100000000000
#define UNIX_S_MAX 253402300799 /* the last second of 9999 */

void
fluo_key_text_clear (char **text)
{
  if (*text)
    explicit_bzero (*text, strlen (*text));
  g_clear_pointer (text, g_free);
}

static guint32
find (const FluoJsonTape *tape, guint32 object, const char *const *names)
{
  for (; *names; names++)
    {
      guint32 node = fluo_json_tape_get (tape, object, *names);

      if (fluo_json_tape_type (tape, node) != FLUO_JSON_NULL)
        return node;
    }
  return FLUO_JSON_NONE;
}

static gboolean
parse_time (const char *text, gint64 *ret_s)
{
  g_autofree char *plain = g_str_has_suffix (text, "UTC")
                             ? g_strdup_printf ("%.*sZ", (int) strlen (text) - 3, text)
                             : g_strdup (text);
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (plain, utc);
  gint64 seconds = time ? g_date_time_to_unix (time) : -1;

  if (seconds < 0 || seconds > UNIX_S_MAX)
    return FALSE;
  *ret_s = seconds;
  return TRUE;
}

gboolean
fluo_key_json_read_time (const FluoJsonTape *tape, guint32 node, gint64 *ret_s)
{
  double number;

  if (fluo_json_tape_type (tape, node) == FLUO_JSON_STRING)
    {
      g_autofree char *text = fluo_json_tape_dup (tape, node);

      return parse_time (text, ret_s);
    }
  if (fluo_json_tape_type (tape, node) != FLUO_JSON_NUMBER)
    return FALSE;
  number = fluo_json_tape_double (tape, node, -1);
  if (number >= MILLISECONDS_MIN)
    number /= 1000;
  if (number < 0 || number > UNIX_S_MAX)
    return FALSE;
  *ret_s = (gint64) number;
  return TRUE;
}

static gboolean
is_account (const char *text)
{
  return text && strlen (text) == 12 && strspn (text, "0123456789") == 12;
}

FluoCredentials *
fluo_key_json_read (const FluoJsonTape *tape, guint32 object, const FluoKeyOrigin *origin,
                    gint64 now_s, GError **error)
{
  static const char *const id_names[] = { "AccessKeyId", "accessKeyId", NULL };
  static const char *const secret_names[] = { "SecretAccessKey", "secretAccessKey", NULL };
  static const char *const token_names[] = { "SessionToken", "sessionToken", "Token", NULL };
  static const char *const end_names[] = { "Expiration", "expiration", "expiresAt", NULL };
  static const char *const account_names[] = { "AccountId", "accountId", NULL };
  char *secret = fluo_json_tape_dup (tape, find (tape, object, secret_names));
  char *token = fluo_json_tape_dup (tape, find (tape, object, token_names));
  g_autofree char *id = fluo_json_tape_dup (tape, find (tape, object, id_names));
  g_autofree char *account = fluo_json_tape_dup (tape, find (tape, object, account_names));
  guint32 end = find (tape, object, end_names);
  FluoCredentials *keys = NULL;
  const char *problem = NULL;
  gint64 expires_s = 0;

  if (!id || !secret)
    problem = id ? _("no secret access key") : _("no access key id");
  else if (!fluo_credentials_is_key_text (id) || strchr (id, '/')
           || !fluo_credentials_is_key_text (secret)
           || (token && *token != '\0' && !fluo_credentials_is_key_text (token)))
    problem = _("a key with blanks, control characters or letters outside ASCII");
  else if (end != FLUO_JSON_NONE && !fluo_key_json_read_time (tape, end, &expires_s))
    problem = _("keys with an end that is no time");
  else if (end != FLUO_JSON_NONE && expires_s <= now_s)
    problem = _("keys that have expired already; look at the computer's clock");
  else
    keys = fluo_credentials_new_full (id, secret, token, origin->source, expires_s,
                                      is_account (account) ? account : origin->account,
                                      origin->arn);
  if (problem)
    g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE, _("%s gave %s"),
                 origin->source, problem);
  fluo_key_text_clear (&secret);
  fluo_key_text_clear (&token);
  return keys;
}

FluoCredentials *
fluo_key_json_read_text (GBytes *text, const FluoKeyOrigin *origin, gint64 now_s, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (FluoJsonTape) tape = fluo_json_tape_new (text, &local_error);

  if (!tape || fluo_json_tape_type (tape, 0) != FLUO_JSON_OBJECT_BEGIN)
    {
      g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_SOURCE,
                   _("%s gave no JSON object%s%s"), origin->source, local_error ? ": " : "",
                   local_error ? local_error->message : "");
      return NULL;
    }
  return fluo_key_json_read (tape, 0, origin, now_s, error);
}
