/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes allocated memory go back to the system when it is freed. Called first in main(), before any
 * thread; may begin the program anew with the same @argv. */
void fluo_memory_prepare (char **argv);

G_END_DECLS
