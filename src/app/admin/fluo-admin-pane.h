/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-admin-window.h"

G_BEGIN_DECLS

/* One section: what it is about, and what is set. It reads by itself when it is shown and has not
 * read yet; what was shown stays while it reads and when that fails. */
#define FLUO_TYPE_ADMIN_PANE (fluo_admin_pane_get_type ())
G_DECLARE_DERIVABLE_TYPE (FluoAdminPane, fluo_admin_pane, FLUO, ADMIN_PANE, GtkBox)

struct _FluoAdminPaneClass
{
  GtkBoxClass parent_class;

  /* An answer came; @items is the pane's to keep a reference on. */
  void (*answered) (FluoAdminPane *self, FluoSetting setting, GPtrArray *items);
};

/* Once, by the subclass. @settings: what is read, NULL-less, outliving the pane. */
void fluo_admin_pane_set_up (FluoAdminPane *self, FluoAdminWindow *admin, const char *title,
                             const char *text, const FluoSetting *settings, guint n_settings);
FluoAdminWindow *fluo_admin_pane_get_admin   (FluoAdminPane *self);
/* The main button, at the right of the title; insensitive while nothing may be changed. */
GtkWidget       *fluo_admin_pane_add_button  (FluoAdminPane *self, const char *label,
                                              const char *tooltip);
/* A box for the section's own widgets. */
GtkBox          *fluo_admin_pane_get_content (FluoAdminPane *self);
gboolean         fluo_admin_pane_may_change  (FluoAdminPane *self);
/* Reads everything, or one thing, again. */
void             fluo_admin_pane_read        (FluoAdminPane *self);
void             fluo_admin_pane_read_one    (FluoAdminPane *self, FluoSetting setting);
/* Reads when it is next shown, or now. */
void             fluo_admin_pane_outdate     (FluoAdminPane *self);
/* Another connection: what was read is none of it. */
void             fluo_admin_pane_forget      (FluoAdminPane *self);

GtkWidget *fluo_admin_groups_new     (FluoAdminWindow *admin);
GtkWidget *fluo_admin_sampling_new   (FluoAdminWindow *admin);
GtkWidget *fluo_admin_encryption_new (FluoAdminWindow *admin);
GtkWidget *fluo_admin_search_new     (FluoAdminWindow *admin);
GtkWidget *fluo_admin_policies_new   (FluoAdminWindow *admin);

G_END_DECLS
