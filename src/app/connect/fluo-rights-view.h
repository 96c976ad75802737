/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "aws/fluo-connection-test.h"

G_BEGIN_DECLS

/* What a connection may do, a row for each right: with how long it took, or what to ask for. */
#define FLUO_TYPE_RIGHTS_VIEW (fluo_rights_view_get_type ())
G_DECLARE_FINAL_TYPE (FluoRightsView, fluo_rights_view, FLUO, RIGHTS_VIEW, GtkWidget)

GtkWidget *fluo_rights_view_new      (void);
/* NULL: nothing was tried yet. */
void       fluo_rights_view_set_test (FluoRightsView *self, FluoConnectionTest *test);

G_END_DECLS
