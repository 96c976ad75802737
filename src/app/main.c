/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-resources.h"

int
main (int argc, char **argv)
{
  fluo_app_register_resources ();
  return 0;
}
