/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-connection-test.h"
#include "aws/fluo-profile-list.h"
#include "fluo-connection-editor.h"

G_BEGIN_DECLS

/* Shared by the form's files: the object, what its rows do, and how they are made. */

struct _FluoConnectionEditor
{
  GtkWidget parent_instance;

  GtkWidget *box;
  FluoConnection *connection; /* as it was given */
  gboolean fresh;
  gboolean filling;
  FluoProfileList *profiles;

  GtkEditable *name;
  AdwComboRow *profile;
  GtkStringList *profile_names; /* the profiles, then the key pair */
  AdwComboRow *region;
  GtkEditable *other_region;
  AdwActionRow *sso_row;
  GtkWidget *sso_note; /* what is stored, and where */
  AdwActionRow *sign_in_row;
  GtkWidget *choose;
  GtkWidget *sign_in;
  GtkWidget *keys;
  GtkEditable *access_key;
  GtkEditable *secret;
  GtkEditable *token;
  GtkSwitch *metrics;
  GtkSwitch *logs;
  GtkEditable *endpoint;
  GtkEditable *role;
  GtkWidget *variants; /* what it unfolds: */
  GtkSwitch *fips;
  GtkSwitch *dual_stack;
  GtkWidget *accents[FLUO_N_ACCENTS];
  GtkEditable *badge;
  GtkSpinButton *budget;
  GtkDropDown *vault;
  GtkWidget *preview;
  GtkWidget *rights;
  GtkWidget *test_button;
  GtkWidget *remove;
  GtkWidget *save;
  GtkWidget *connect;
  GtkLabel *problem;

  FluoConnectionTest *test;
  FluoOpenConnection *open; /* of the test, for signing in */
  GCancellable *opening;
};

/* fluo-connection-editor.c */
void fluo_connection_editor_changed         (FluoConnectionEditor *self);
void fluo_connection_editor_profile_changed (FluoConnectionEditor *self);
void fluo_connection_editor_sign_in         (FluoConnectionEditor *self);
void fluo_connection_editor_copy_policy     (FluoConnectionEditor *self);
void fluo_connection_editor_choose          (FluoConnectionEditor *self);
void fluo_connection_editor_copy_profile    (FluoConnectionEditor *self);
void fluo_connection_editor_save            (FluoConnectionEditor *self);
void fluo_connection_editor_connect         (FluoConnectionEditor *self);
void fluo_connection_editor_remove          (FluoConnectionEditor *self);
void fluo_connection_editor_cancel          (FluoConnectionEditor *self);

/* fluo-connection-editor-form.c */
void fluo_connection_editor_build           (FluoConnectionEditor *self);

G_END_DECLS
