/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* The store does not encrypt: its files are readable by their user alone, and what protects them
 * from somebody with the disk is the disk's encryption. Saying KMS would be a lie. */
static void
answer_config (FluoApiCall *call)
{
  g_string_append (
    call->out, "{\"EncryptionConfig\":{\"KeyId\":null,\"Status\":\"ACTIVE\",\"Type\":\"NONE\"}}");
}

void
fluo_api_get_encryption_config (FluoApiCall *call)
{
  answer_config (call);
}

void
fluo_api_put_encryption_config (FluoApiCall *call)
{
  g_autofree char *type = fluo_api_call_dup (call, "Type");
  g_autofree char *key = fluo_api_call_dup (call, "KeyId");

  if (strcmp (type, "KMS") == 0 && !key)
    fluo_api_call_invalid (call, "KeyId is needed with the type KMS");
  else if (strcmp (type, "KMS") == 0)
    fluo_api_call_invalid (call, "%s",
                           _("there is no KMS on this computer: traces are kept unencrypted in "
                             "files that only you can read; use the encryption of the disk"));
  else if (key)
    fluo_api_call_invalid (call, "KeyId can't be given with the type NONE");
  else
    answer_config (call);
}
