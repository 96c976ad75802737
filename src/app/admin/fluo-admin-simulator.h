/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* Which rule a request would hit, and why none before it: a form, and the answer below it as it is
 * typed. */
#define FLUO_TYPE_ADMIN_SIMULATOR (fluo_admin_simulator_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminSimulator, fluo_admin_simulator, FLUO, ADMIN_SIMULATOR, GtkBox)

GtkWidget *fluo_admin_simulator_new       (FluoAdminWindow *admin);
/* FluoSamplingRule in the order they are tried. */
void       fluo_admin_simulator_set_rules (FluoAdminSimulator *self, GPtrArray *rules);

G_END_DECLS
