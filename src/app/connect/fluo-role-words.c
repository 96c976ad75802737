/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-role-words.h"

#include <string.h>

#include <glib/gi18n.h>

/* The permission sets that AWS offers ready-made, by the names it proposes. */
static const struct
{
  const char *name;
  const char *words;
} known[] = {
  { "AdministratorAccess", N_("May do everything, so take care") },
  { "PowerUserAccess", N_("May change everything but users and their rights") },
  { "ReadOnlyAccess", N_("Reads everything, traces too, and changes nothing") },
  { "ViewOnlyAccess", N_("Sees what there is, but hardly its content") },
  { "SecurityAudit", N_("Reads how everything is set up, and few traces") },
  { "SupportUser", N_("Reads, and talks to AWS’s support") },
  { "SystemAdministrator", N_("Runs what there is; may change a lot") },
  { "NetworkAdministrator", N_("Changes networks; hardly for traces") },
  { "DatabaseAdministrator", N_("Changes databases; hardly for traces") },
  { "DataScientist", N_("Works with data; hardly for traces") },
  { "Billing", N_("Bills alone, no traces") },
};

/* Roles that organisations make themselves, by a word in their name. The first that is found
 * counts: "AdminReadOnly" reads. */
static const struct
{
  const char *part;
  const char *words;
} guesses[] = {
  { "read", N_("By its name: for reading") },
  { "view", N_("By its name: for reading") },
  { "audit", N_("By its name: for reading") },
  { "admin", N_("By its name: may do everything, so take care") },
  { "power", N_("By its name: may change a lot") },
  { "write", N_("By its name: may change things") },
  { "deploy", N_("By its name: may change things") },
  { "dev", N_("By its name: for developing") },
  { "bill", N_("By its name: for bills") },
};

const char *
fluo_role_get_words (const char *role)
{
  const char *plain = g_str_has_prefix (role, "AWS") ? role + strlen ("AWS") : role;
  g_autofree char *lower = g_ascii_strdown (role, -1);

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (plain, known[i].name) == 0)
      return _ (known[i].words);
  for (guint i = 0; i < G_N_ELEMENTS (guesses); i++)
    if (strstr (lower, guesses[i].part))
      return _ (guesses[i].words);
  return _("A role of your organisation");
}
