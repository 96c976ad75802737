/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "draw/fluo-flame.h"
#include "draw/fluo-waterfall-private.h"

G_BEGIN_DECLS

/* The frames of one level: the first, and one past the last. */
guint32    fluo_flame_get_level (FluoFlame *self, guint level, guint32 *ret_end);
/* Of the frames [first, end), in a time that does not depend on how many they are. */
FluoStatus fluo_flame_get_worst (FluoFlame *self, guint32 first, guint32 end);
gboolean   fluo_flame_has_found (FluoFlame *self, guint32 first, guint32 end);

G_END_DECLS
