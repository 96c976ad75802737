/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/fluo-collector.h"

G_BEGIN_DECLS

/* What the command line and the X-Ray daemon's configuration file say, checked and merged: a flag
 * beats the file. */

typedef struct
{
  FluoCollectorOptions collector; /* its pointers live as long as the program */
  FluoRelayOptions     relay;
  const char          *ready_file;
  gboolean             sealed;    /* the key comes from the standard input */
  gboolean             version;   /* only print it */
} FluoOptions;

/* FALSE when something makes no sense; it has been told on stderr then. */
gboolean fluo_options_parse (FluoOptions *self, int *argc, char ***argv);

G_END_DECLS
