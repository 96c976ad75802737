/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lists that many summaries have alike: the services of a hundred thousand traces are a few
 * hundred lists. Equal ones are one, as long as somebody has it. Elements are compared by their
 * bytes, so strings in them must be interned. Any thread. */

/* Takes @array, gives the one that is kept of its kind; not to be changed any more. */
GArray    *fluo_summary_pool_share_array     (GArray *array);
GPtrArray *fluo_summary_pool_share_ptr_array (GPtrArray *array);
/* Gives back what one of these gave. */
void       fluo_summary_pool_release         (gpointer array);
/* Lists that are kept, for tests. */
guint      fluo_summary_pool_get_size        (void);

G_END_DECLS
