/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-palette.h"

G_BEGIN_DECLS

/* Which service has which colour, remembered per connection in the user's state directory, so that
 * a service looks the same tomorrow. Errors are logged and otherwise ignored. */
void fluo_color_file_load (FluoServiceColors *colors, const char *connection);
void fluo_color_file_save (FluoServiceColors *colors, const char *connection);

G_END_DECLS
