/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* Makes a group, or changes @group when @known. */
void fluo_admin_group_dialog_present (FluoAdminWindow *admin, const FluoXrayGroup *group,
                                      gboolean known);

G_END_DECLS
