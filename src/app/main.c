/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"


#include <glib/gi18n.h>

#include "core/fluo-locale.h"
#include "fluo-application.h"

int
main (int argc, char **argv)
{
  gint64 start_usec = g_get_monotonic_time ();
  g_autoptr (FluoApplication) application = NULL;

  fluo_locale_init ();
  g_set_application_name (_("Fluoroscope"));
  application = fluo_application_new ();
  fluo_application_set_start (application, start_usec);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
