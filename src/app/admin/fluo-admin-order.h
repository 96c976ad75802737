/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-xray-change.h"

G_BEGIN_DECLS

/* The changes of priorities after which the rule at @from stands at @to: as few as can be. @rules
 * is in order, Default last, which stays there. Empty when nothing is to do. Any thread. */
GPtrArray *fluo_admin_move_rule (GPtrArray *rules, guint from, guint to) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
