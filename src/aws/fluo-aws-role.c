/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "fluo-config.h"

#include "aws/fluo-aws-role.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "aws/fluo-credential-facts.h"
#include "aws/fluo-key-json.h"
#include "aws/fluo-sso-cache.h"

/* What STS takes. */
#define ARN_LEN_MIN 20
#define ARN_LEN_MAX 2048
#define EXTERNAL_ID_LEN_MIN 2
#define EXTERNAL_ID_LEN_MAX 1224
#define SESSION_NAME_LEN_MIN 2
#define SESSION_NAME_LEN_MAX 64
#define SERIAL_LEN_MIN 9
#define SERIAL_LEN_MAX 256
#define DURATION_S_MIN 900
#define DURATION_S_MAX 43200

FluoAwsRole *
fluo_aws_role_new (const char *arn)
{
  FluoAwsRole *self = g_new0 (FluoAwsRole, 1);

  self->arn = g_strdup (arn);
  return self;
}

void
fluo_aws_role_free (FluoAwsRole *self)
{
  g_return_if_fail (self != NULL);

  g_free (self->arn);
  g_free (self->session_name);
  g_free (self->external_id);
  g_free (self->mfa_serial);
  g_free (self->profile);
  g_clear_pointer (&self->cached, fluo_credentials_unref);
  g_free (self);
}

gboolean
fluo_aws_role_equal (const FluoAwsRole *a, const FluoAwsRole *b)
{
  return g_strcmp0 (a->arn, b->arn) == 0 && g_strcmp0 (a->session_name, b->session_name) == 0
         && g_strcmp0 (a->external_id, b->external_id) == 0
         && g_strcmp0 (a->mfa_serial, b->mfa_serial) == 0 && a->duration_s == b->duration_s;
}

/* The text goes into a form, so only its length and control characters matter; who may assume what
 * is the service's to say. */
static gboolean
has_bounds (const char *text, gsize min, gsize max)
{
  gsize length = strlen (text);

  return length >= min && length <= max && fluo_credentials_is_key_text (text);
}

gboolean
fluo_aws_role_arn_check (const char *arn, GError **error)
{
  if (has_bounds (arn, ARN_LEN_MIN, ARN_LEN_MAX) && g_str_has_prefix (arn, "arn:"))
    return TRUE;
  g_set_error_literal (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
                       _("the role is malformed; expected its ARN, such as "
                         "\"arn:aws:iam::111122223333:role/traces\""));
  return FALSE;
}

static gboolean
refuse_key (const char *profile, const char *key, const char *expected, GError **error)
{
  g_set_error (error, FLUO_CREDENTIALS_ERROR, FLUO_CREDENTIALS_ERROR_INVALID,
               _("profile \"%s\" has a malformed %s; expected %s"), profile, key, expected);
  return FALSE;
}

static gboolean
read_duration (const char *profile, const char *text, guint *ret_s, GError **error)
{
  guint64 value;

  if (!text)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, DURATION_S_MIN, DURATION_S_MAX, &value, NULL))
    return refuse_key (profile, "duration_seconds", _("a number from 900 to 43200"), error);
  *ret_s = (guint) value;
  return TRUE;
}

FluoAwsRole *
fluo_aws_role_read (const FluoAwsConfig *config, const char *profile, GError **error)
{
  const char *arn = fluo_aws_config_get_profile (config, profile, "role_arn");
  const char *session = fluo_aws_config_get_profile (config, profile, "role_session_name");
  const char *external_id = fluo_aws_config_get_profile (config, profile, "external_id");
  const char *serial = fluo_aws_config_get_profile (config, profile, "mfa_serial");
  const char *duration = fluo_aws_config_get_profile (config, profile, "duration_seconds");
  FluoAwsRole *role;
  guint duration_s = 0;

  if (!fluo_aws_role_arn_check (arn, error))
    {
      g_prefix_error (error, _("profile \"%s\": "), profile);
      return NULL;
    }
  if (external_id && !has_bounds (external_id, EXTERNAL_ID_LEN_MIN, EXTERNAL_ID_LEN_MAX)
      && !refuse_key (profile, "external_id", _("2 to 1224 characters"), error))
    return NULL;
  if (session && !has_bounds (session, SESSION_NAME_LEN_MIN, SESSION_NAME_LEN_MAX)
      && !refuse_key (profile, "role_session_name", _("2 to 64 letters, digits and =,.@-"), error))
    return NULL;
  if (serial && !has_bounds (serial, SERIAL_LEN_MIN, SERIAL_LEN_MAX)
      && !refuse_key (profile, "mfa_serial", _("a device's ARN or serial number"), error))
    return NULL;
  if (!read_duration (profile, duration, &duration_s, error))
    return NULL;
  role = fluo_aws_role_new (arn);
  role->session_name = g_strdup (session);
  role->external_id = g_strdup (external_id);
  role->mfa_serial = g_strdup (serial);
  role->duration_s = duration_s;
  role->profile = g_strdup (profile);
  return role;
}

/* --- The AWS CLI's cache ---------------------------------------------------- */

static void
append_argument (GString *json, const char *name, const char *value)
{
  FluoJsonWriter writer;

  if (!value)
    return;
  g_string_append_printf (json, "%s\"%s\": ", json->len > 1 ? ", " : "", name);
  fluo_json_writer_init (&writer, json);
  fluo_json_writer_string (&writer, value);
}

char *
fluo_aws_role_dup_cache_path (const FluoAwsRole *self)
{
  g_autoptr (GString) json = g_string_new ("{");
  g_autofree char *sum = NULL, *name = NULL;

  /* In the order and with the blanks that Python's json.dumps() gives. */
  if (self->duration_s > 0)
    g_string_append_printf (json, "\"DurationSeconds\": %u", self->duration_s);
  append_argument (json, "ExternalId", self->external_id);
  append_argument (json, "RoleArn", self->arn);
  append_argument (json, "RoleSessionName", self->session_name);
  append_argument (json, "SerialNumber", self->mfa_serial);
  g_string_append_c (json, '}');
  sum = g_compute_checksum_for_string (G_CHECKSUM_SHA1, json->str, (gssize) json->len);
  name = g_strconcat (sum, ".json", NULL);
  return g_build_filename (g_get_home_dir (), ".aws", "cli", "cache", name, NULL);
}

void
fluo_aws_role_load_cached (FluoAwsRole *self)
{
  g_autofree char *path = fluo_aws_role_dup_cache_path (self);
  g_autofree char *source = g_strdup_printf (_("role %s, kept by the AWS CLI"), self->arn);
  g_autofree char *account = fluo_aws_arn_dup_account (self->arn);
  const FluoKeyOrigin origin = { source, account, self->arn };
  GBytes *text = fluo_aws_cache_load (path, NULL);
  FluoJsonTape *tape;

  if (!text)
    return;
  tape = fluo_json_tape_new (text, NULL);
  g_clear_pointer (&self->cached, fluo_credentials_unref);
  self->cached = fluo_key_json_read (tape, fluo_json_tape_get (tape, 0, "Credentials"), &origin, 0,
                                     NULL);
  fluo_json_tape_free (tape);
  fluo_aws_cache_free (text);
}
