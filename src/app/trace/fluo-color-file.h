/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-service-colors.h"

G_BEGIN_DECLS

/* Which service has which colour, remembered per connection in the user's state directory, so that
 * a service looks the same tomorrow. Main thread.
 *
 * A key file with the group "services": "order" lists "name\ntype" in order of appearance, "chosen"
 * lists "colour\nname\ntype" with the colour's name. Version 1 had no "chosen". */

/* The colours of a connection, as they were kept: one object for all who look at it, in whatever
 * window, as long as one of them holds it. What is chosen is saved at once. A damaged file is read
 * as far as it goes and kept beside the new one with ".damaged" at its end; of what can't be read
 * or written the log tells. */
FluoServiceColors *fluo_color_file_open      (const char *connection) G_GNUC_WARN_UNUSED_RESULT;
/* Saves when there are services that the file does not have yet. */
void               fluo_color_file_keep      (FluoServiceColors *colors);
/* The same connection is called otherwise from now on. */
void               fluo_color_file_rename    (FluoServiceColors *colors, const char *connection);
/* Why the colours were not saved when they were last to be, or NULL. */
const GError      *fluo_color_file_get_error (FluoServiceColors *colors);

G_END_DECLS
