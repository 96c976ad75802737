/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "aws/fluo-xray-change.h"

G_BEGIN_DECLS

/* What changes will do: the operation's name, each field before and after, and the request itself
 * for who wants to see it. */
GtkWidget *fluo_admin_change_view_new (GPtrArray *changes /* FluoXrayChange */);

G_END_DECLS
