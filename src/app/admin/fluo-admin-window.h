/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"
#include "aws/fluo-xray-change.h"

G_BEGIN_DECLS

/* Administration: the settings of X-Ray of the connection that a view looks at, in sections. It
 * follows that view to another connection and closes with it. */
#define FLUO_TYPE_ADMIN_WINDOW (fluo_admin_window_get_type ())
G_DECLARE_FINAL_TYPE (FluoAdminWindow, fluo_admin_window, FLUO, ADMIN_WINDOW, AdwWindow)

typedef enum
{
  FLUO_ADMIN_SECTION_GROUPS,
  FLUO_ADMIN_SECTION_SAMPLING,
  FLUO_ADMIN_SECTION_ENCRYPTION,
  FLUO_ADMIN_SECTION_SEARCH,
  FLUO_ADMIN_SECTION_POLICIES,
  FLUO_N_ADMIN_SECTIONS
} FluoAdminSection;

/* Shows the administration of what @owner looks at, which has one such window at most. */
FluoAdminWindow *fluo_admin_window_present (GtkWidget *owner, FluoExplorer *explorer);
void             fluo_admin_window_show    (FluoAdminWindow *self, FluoAdminSection section);
/* Opens the dialog for a new group with that filter. */
void             fluo_admin_window_add_group (FluoAdminWindow *self, const char *filter);

/* --- For its sections and dialogs --- */

FluoExplorer   *fluo_admin_window_get_explorer (FluoAdminWindow *self);
/* NULL: not connected, or not known yet to whom. */
FluoXrayClient *fluo_admin_window_get_client   (FluoAdminWindow *self);
/* There is none yet, and there will soon be one. */
gboolean        fluo_admin_window_is_connecting (FluoAdminWindow *self);
/* A collector on this computer, or another one; else AWS, or whoever speaks its API. */
gboolean        fluo_admin_window_is_here      (FluoAdminWindow *self);
/* The keys in use are known to permit no changes. */
gboolean        fluo_admin_window_is_read_only (FluoAdminWindow *self);
void            fluo_admin_window_set_count    (FluoAdminWindow *self, FluoAdminSection section,
                                                guint n);
/* Reads the section in front again, and the others when they are next shown. */
void            fluo_admin_window_reload       (FluoAdminWindow *self);
/* Says so, offers to take it back if there is something in @undo (FluoXrayChange), and reloads. */
void            fluo_admin_window_done         (FluoAdminWindow *self, const char *words,
                                                GPtrArray *undo);
/* The traces that @filter lets through, in the view this belongs to. */
void            fluo_admin_window_show_traces  (FluoAdminWindow *self, const char *filter);

G_END_DECLS
