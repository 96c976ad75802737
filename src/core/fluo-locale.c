/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include "fluo-locale.h"

#include <libintl.h>
#include <locale.h>

void
fluo_locale_init (void)
{
  const char *dir = g_getenv ("FLUO_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, dir ? dir : FLUO_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
