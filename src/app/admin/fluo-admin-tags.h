/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* Tags in a form: rows of key and value, to be added and removed. Those of something that is there
 * are read first. Signal "changed" (). */
#define FLUO_TYPE_ADMIN_TAGS (fluo_admin_tags_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminTags, fluo_admin_tags, FLUO, ADMIN_TAGS, GtkBox)

/* @arn NULL: of something new. */
GtkWidget *fluo_admin_tags_new        (FluoAdminWindow *admin, const char *arn);
/* FluoTag as they were read: NULL while that is not known, and then none can be changed.
 * Borrowed. */
GPtrArray *fluo_admin_tags_get_before (FluoAdminTags *self);
/* FluoTag as they are in the form. Transfer full. */
GPtrArray *fluo_admin_tags_dup        (FluoAdminTags *self);

G_END_DECLS
