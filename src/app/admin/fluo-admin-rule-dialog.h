/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* Makes a rule like @rule, or changes it when @known. */
void fluo_admin_rule_dialog_present (FluoAdminWindow *admin, const FluoSamplingRule *rule,
                                     gboolean known);

G_END_DECLS
