/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-console-link.h"

G_BEGIN_DECLS

/* Shared by what reads addresses of consoles and what writes them. */

/* Where the consoles are; the commercial one has regional names ("eu-west-1.console.aws.…") too.
 * A region that has none of these beginnings is commercial, which is the last. */
typedef struct
{
  const char *region_prefix;
  const char *host;
} FluoConsole;

extern const FluoConsole fluo_consoles[6];

gboolean fluo_console_is_region (const char *text); /* as a DNS label; NULL is none */

G_END_DECLS
