/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "local/store/fluo-sealed-vfs.h"

/* A store is plain, readable by its user alone, and what protects it from somebody with the disk is
 * the disk's encryption; or it is sealed with the key of whoever started it. Saying KMS would be a
 * lie in either case. */
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
                           fluo_sealed_vfs_is_active ()
                             ? _("there is no KMS on this computer: traces are kept encrypted "
                                 "with the key that the collector was started with")
                             : _("there is no KMS on this computer: traces are kept unencrypted in "
                                 "files that only you can read; use the encryption of the disk"));
  else if (key)
    fluo_api_call_invalid (call, "KeyId can't be given with the type NONE");
  else
    answer_config (call);
}
