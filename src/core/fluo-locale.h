/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The user's language and way to write numbers. Main thread, first of all in main(). Translations
 * are where they were installed, or in $FLUO_LOCALE_DIR, as what was only built has them
 * elsewhere. */
void fluo_locale_init (void);

G_END_DECLS
