/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-credential-facts.h"
#include "aws/fluo-key-json.h"
#include "aws/fluo-sts.h"
#include "aws/fluo-xray-client.h"

/* GMarkup knows no document types, so no entity can grow. What is left to bound: */
#define DEPTH_MAX 32
#define TEXT_MAX (64 * 1024)

/* One value to take out of a document. */
typedef struct
{
  const char *path; /* "/AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId" */
  char      **ret_text;
} Wanted;

typedef struct
{
  const Wanted *wanted;
  gsize         n_wanted;
  GString      *path;
  GString      *text; /* of the element that is open */
  guint         depth;
} Reader;

static void
start_element (GMarkupParseContext *context, const char *name, const char **keys,
               const char **values, gpointer user_data, GError **error)
{
  Reader *self = user_data;

  if (++self->depth > DEPTH_MAX)
    {
      g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                           _("too many elements in each other"));
      return;
    }
  g_string_append_printf (self->path, "/%s", name);
  g_string_truncate (self->text, 0);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer user_data, GError **error)
{
  Reader *self = user_data;

  for (gsize i = 0; i < self->n_wanted; i++)
    if (strcmp (self->path->str, self->wanted[i].path) == 0 && !*self->wanted[i].ret_text)
      *self->wanted[i].ret_text = g_strstrip (g_strdup (self->text->str));
  g_string_truncate (self->path, self->path->len - strlen (name) - 1);
  g_string_truncate (self->text, 0);
  self->depth--;
}

static void
take_text (GMarkupParseContext *context, const char *text, gsize length, gpointer user_data,
           GError **error)
{
  Reader *self = user_data;

  if (self->text->len + length > TEXT_MAX)
    g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT,
                         _("a value is too long"));
  else
    g_string_append_len (self->text, text, (gssize) length);
}

/* What was found before an error counts too; the caller looks for what it needs. */
static gboolean
read_xml (GBytes *xml, const Wanted *wanted, gsize n_wanted, GError **error)
{
  static const GMarkupParser parser = { start_element, end_element, take_text, NULL, NULL };
  g_autoptr (GString) path = g_string_new (NULL), text = g_string_new (NULL);
  Reader reader = { wanted, n_wanted, path, text, 0 };
  g_autoptr (GMarkupParseContext) context =
    g_markup_parse_context_new (&parser, G_MARKUP_PREFIX_ERROR_POSITION, &reader, NULL);
  gsize length;
  const char *bytes = g_bytes_get_data (xml, &length);
  gboolean ok = g_markup_parse_context_parse (context, bytes ? bytes : "", (gssize) length, error)
                && g_markup_parse_context_end_parse (context, error);

  /* Keys went through it. */
  explicit_bzero (text->str, text->allocated_len);
  return ok;
}

#define RESULT "/AssumeRoleResponse/AssumeRoleResult/"
#define WEB_RESULT "/AssumeRoleWithWebIdentityResponse/AssumeRoleWithWebIdentityResult/"
#define CALLER "/GetCallerIdentityResponse/GetCallerIdentityResult/"

FluoCredentials *
fluo_sts_read_assume_role (GBytes *xml, const char *source, gint64 now_s, GError **error)
{
  char *key = NULL, *secret = NULL, *token = NULL;
  g_autofree char *expiration = NULL, *arn = NULL, *account = NULL;
  /* Both ways of assuming a role answer the same under names of their own. */
  const Wanted wanted[] = {
    { RESULT "Credentials/AccessKeyId", &key },
    { RESULT "Credentials/SecretAccessKey", &secret },
    { RESULT "Credentials/SessionToken", &token },
    { RESULT "Credentials/Expiration", &expiration },
    { RESULT "AssumedRoleUser/Arn", &arn },
    { WEB_RESULT "Credentials/AccessKeyId", &key },
    { WEB_RESULT "Credentials/SecretAccessKey", &secret },
    { WEB_RESULT "Credentials/SessionToken", &token },
    { WEB_RESULT "Credentials/Expiration", &expiration },
    { WEB_RESULT "AssumedRoleUser/Arn", &arn },
  };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDateTime) time = NULL;
  FluoCredentials *found = NULL;
  const char *problem = NULL;

  if (!read_xml (xml, wanted, G_N_ELEMENTS (wanted), &local_error))
    problem = _("it is not the XML that STS sends");
  else if (!fluo_credentials_is_key_text (key) || strchr (key, '/')
           || !fluo_credentials_is_key_text (secret) || !fluo_credentials_is_key_text (token))
    problem = _("a key is missing or malformed");
  else if (!expiration || !(time = g_date_time_new_from_iso8601 (expiration, NULL)))
    problem = _("it doesn't say when the keys expire");
  else if (g_date_time_to_unix (time) <= now_s)
    problem = _("the keys have expired already; look at the computer's clock");
  else
    {
      account = fluo_aws_arn_dup_account (arn);
      found = fluo_credentials_new_full (key, secret, token, source, g_date_time_to_unix (time),
                                         account, arn);
    }
  if (problem)
    g_set_error (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                 _("can't use the answer of STS: %s"), problem);
  fluo_key_text_clear (&key);
  fluo_key_text_clear (&secret);
  fluo_key_text_clear (&token);
  return found;
}

char *
fluo_sts_read_caller (GBytes *xml, char **ret_account, GError **error)
{
  g_autofree char *arn = NULL, *account = NULL;
  const Wanted wanted[] = { { CALLER "Arn", &arn }, { CALLER "Account", &account } };

  if (!read_xml (xml, wanted, G_N_ELEMENTS (wanted), NULL) || !arn || !account)
    {
      g_set_error_literal (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_PROTOCOL,
                           _("can't use the answer of STS: it doesn't say whose keys they are"));
      return NULL;
    }
  if (ret_account)
    *ret_account = g_steal_pointer (&account);
  return g_steal_pointer (&arn);
}

gboolean
fluo_sts_read_error (GBytes *xml, char **ret_code, char **ret_message)
{
  g_autofree char *code = NULL, *message = NULL;
  const Wanted wanted[] = {
    { "/ErrorResponse/Error/Code", &code },
    { "/ErrorResponse/Error/Message", &message },
  };

  if (!read_xml (xml, wanted, G_N_ELEMENTS (wanted), NULL) || !code
      || strspn (code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
           != strlen (code)
      || strlen (code) > 100)
    return FALSE;
  *ret_code = g_steal_pointer (&code);
  *ret_message = g_steal_pointer (&message);
  return TRUE;
}
