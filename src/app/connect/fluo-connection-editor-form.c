/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-connection-editor-private.h"

#include <glib/gi18n.h>

#include "aws/fluo-region.h"
#include "fluo-connection-words.h"
#include "fluo-rights-view.h"

#define BUDGET_STEP_USD .05
#define BUDGET_MAX_USD 1000

static GtkEditable *
add_entry (FluoConnectionEditor *self, GtkWidget *group, GtkWidget *row, const char *title)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_object (row, "changed", G_CALLBACK (fluo_connection_editor_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "entry-activated", G_CALLBACK (fluo_connection_editor_connect),
                           self, G_CONNECT_SWAPPED);
  return GTK_EDITABLE (row);
}

/* A row of a group, or of one that unfolds. */
static GtkSwitch *
add_switch (FluoConnectionEditor *self, GtkWidget *parent, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *button = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
  if (ADW_IS_EXPANDER_ROW (parent))
    adw_expander_row_add_row (ADW_EXPANDER_ROW (parent), row);
  else
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (parent), row);
  g_signal_connect_object (button, "notify::active", G_CALLBACK (fluo_connection_editor_changed),
                           self, G_CONNECT_SWAPPED);
  return GTK_SWITCH (button);
}

static GtkWidget *
make_region_row (FluoConnectionEditor *self)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new_with_free_func (g_free);
  GtkStringList *model;
  const FluoRegion *regions;
  guint n;

  regions = fluo_regions_get (&n);
  g_ptr_array_add (titles, g_strdup (_("The profile’s own")));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (titles, fluo_region_dup_title (regions[i].name));
  g_ptr_array_add (titles, g_strdup (_("Another one…")));
  g_ptr_array_add (titles, NULL);
  model = gtk_string_list_new ((const char *const *) titles->pdata);
  self->region = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->region), _("Region"));
  adw_combo_row_set_model (self->region, G_LIST_MODEL (model));
  g_object_unref (model);
  g_signal_connect_object (self->region, "notify::selected",
                           G_CALLBACK (fluo_connection_editor_changed), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self->region);
}

static GtkWidget *
add_verb (FluoConnectionEditor *self, AdwActionRow *row, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (row, button);
  return button;
}

static GtkWidget *
make_sso_row (FluoConnectionEditor *self)
{
  self->sso_row = ADW_ACTION_ROW (adw_action_row_new ());
  /* Names of roles are text, never markup. */
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->sso_row), FALSE);
  adw_action_row_set_title_lines (self->sso_row, 2);
  adw_action_row_set_subtitle_lines (self->sso_row, 1);
  add_verb (self, self->sso_row, _("Choose Again…"), G_CALLBACK (fluo_connection_editor_choose));
  return GTK_WIDGET (self->sso_row);
}

/* Below the rows: what is kept of it, and where. */
static GtkWidget *
make_sso_note (FluoConnectionEditor *self)
{
  GtkWidget *note = gtk_label_new (
      _("Kept are these names alone, in Fluoroscope’s own list. The sign-in itself is in "
        "~/.aws/sso/cache, where the AWS tools keep theirs; ~/.aws/config stays as it is."));
  GtkWidget *copy = gtk_button_new_with_label (_("Copy as a Profile"));

  self->sso_note = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_label_set_wrap (GTK_LABEL (note), TRUE);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_widget_add_css_class (note, "lite");
  gtk_widget_add_css_class (note, "dense");
  gtk_widget_set_halign (copy, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (copy, _("For ~/.aws/config, so that the AWS tools know it too"));
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "small-button");
  g_signal_connect_object (copy, "clicked", G_CALLBACK (fluo_connection_editor_copy_profile), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->sso_note), note);
  gtk_box_append (GTK_BOX (self->sso_note), copy);
  return self->sso_note;
}

static GtkWidget *
make_target (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  const char *const none[] = { _("Key pair…"), NULL };

  self->name = add_entry (self, group, adw_entry_row_new (), _("Name"));
  self->profile_names = gtk_string_list_new (none);
  self->profile = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->profile), _("Profile"));
  adw_combo_row_set_model (self->profile, G_LIST_MODEL (self->profile_names));
  g_object_unref (self->profile_names);
  g_signal_connect_object (self->profile, "notify::selected",
                           G_CALLBACK (fluo_connection_editor_profile_changed), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->profile));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_sso_row (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_region_row (self));
  self->other_region = add_entry (self, group, adw_entry_row_new (),
                                  _("Name of the region (eu-west-1)"));
  self->sign_in_row = ADW_ACTION_ROW (adw_action_row_new ());
  adw_action_row_add_prefix (self->sign_in_row,
                             gtk_image_new_from_icon_name ("fluoroscope-key-symbolic"));
  self->sign_in = add_verb (self, self->sign_in_row, _("Sign In"),
                            G_CALLBACK (fluo_connection_editor_sign_in));
  self->choose = add_verb (self, self->sign_in_row, _("Choose a Role…"),
                           G_CALLBACK (fluo_connection_editor_choose));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->sign_in_row));
  return group;
}

static GtkWidget *
make_keys (FluoConnectionEditor *self)
{
  self->keys = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->keys), _("Key pair"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->keys),
                                         _("Kept in the keyring, and nowhere else."));
  self->access_key = add_entry (self, self->keys, adw_entry_row_new (), _("Access key ID"));
  self->secret = add_entry (self, self->keys, adw_password_entry_row_new (),
                            _("Secret access key"));
  self->token = add_entry (self, self->keys, adw_password_entry_row_new (),
                           _("Session token, if there is one"));
  return self->keys;
}

static GtkWidget *
make_uses (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Use for, besides traces"));
  self->metrics = add_switch (self, group, _("CloudWatch metrics and alarms"), NULL);
  self->logs = add_switch (self, group, _("Logs"), NULL);
  return group;
}

static GtkWidget *
make_details (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->role = add_entry (self, group, adw_entry_row_new (), _("Role to take on (ARN), or none"));
  self->endpoint = add_entry (self, group, adw_entry_row_new (),
                              _("Endpoint, empty for the region’s own"));
  self->variants = adw_expander_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->variants),
                                 _("Variants of the endpoint"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->variants);
  self->fips = add_switch (self, self->variants, _("FIPS"),
                           _("Validated cryptography; few regions"));
  self->dual_stack = add_switch (self, self->variants, _("Dual stack"),
                                 _("IPv6 as well as IPv4"));
  return group;
}

static GtkWidget *
make_accents (FluoConnectionEditor *self)
{
  const char *names[FLUO_N_ACCENTS] = { _("No colour"), _("Red"),  _("Orange"),
                                        _("Green"),     _("Blue"), _("Purple") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  for (guint i = 0; i < FLUO_N_ACCENTS; i++)
    {
      GtkWidget *button = gtk_toggle_button_new ();

      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (button),
                                     GTK_TOGGLE_BUTTON (self->accents[0]));
      gtk_widget_set_tooltip_text (button, names[i]);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      names[i], -1);
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "swatch");
      fluo_accent_apply (button, i);
      g_signal_connect_object (button, "toggled", G_CALLBACK (fluo_connection_editor_changed), self,
                               G_CONNECT_SWAPPED);
      self->accents[i] = button;
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
make_mark (FluoConnectionEditor *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *colour = adw_action_row_new ();
  GtkWidget *budget = adw_action_row_new ();
  GtkWidget *dollar = gtk_label_new ("$");

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Be careful here"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (colour), _("Colour of the window"));
  self->preview = fluo_badge_new ();
  adw_action_row_add_suffix (ADW_ACTION_ROW (colour), self->preview);
  adw_action_row_add_suffix (ADW_ACTION_ROW (colour), make_accents (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), colour);
  self->badge = add_entry (self, group, adw_entry_row_new (), _("Badge, such as PROD"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (budget), _("Budget an hour"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (budget),
                               _("Reading asks before it is passed. 0: no limit"));
  self->budget = GTK_SPIN_BUTTON (gtk_spin_button_new_with_range (0, BUDGET_MAX_USD,
                                                                  BUDGET_STEP_USD));
  gtk_spin_button_set_digits (self->budget, 2);
  gtk_widget_set_valign (GTK_WIDGET (self->budget), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->budget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Budget an hour in dollars"), -1);
  g_signal_connect_object (self->budget, "value-changed",
                           G_CALLBACK (fluo_connection_editor_changed), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (budget), dollar);
  adw_action_row_add_suffix (ADW_ACTION_ROW (budget), GTK_WIDGET (self->budget));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), budget);
  return group;
}

static GtkWidget *
make_vault (FluoConnectionEditor *self)
{
  const char *const names[] = { _("Nothing"), "250 MB", "1 GB", "5 GB", "20 GB", NULL };
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("On this computer"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Keep what is opened"));
  adw_action_row_set_subtitle (
      ADW_ACTION_ROW (row),
      _("In an encrypted vault, to be found offline and when AWS has dropped it. The oldest goes "
        "first"));
  self->vault = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (names));
  gtk_widget_set_valign (GTK_WIDGET (self->vault), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->vault), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("How much of what is opened is kept"), -1);
  g_signal_connect_object (self->vault, "notify::selected",
                           G_CALLBACK (fluo_connection_editor_changed), self, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->vault));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  return group;
}

static GtkWidget *
make_test (FluoConnectionEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (_("Test"));
  GtkWidget *copy = gtk_button_new_with_label (_("Copy a Policy for Reading"));

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_tooltip_text (copy, _("The least that IAM has to allow, as JSON"));
  gtk_widget_add_css_class (copy, "small-button");
  gtk_widget_add_css_class (copy, "flat");
  g_signal_connect_object (copy, "clicked", G_CALLBACK (fluo_connection_editor_copy_policy), self,
                           G_CONNECT_SWAPPED);
  self->test_button = gtk_button_new_with_label (_("Test"));
  gtk_widget_add_css_class (self->test_button, "small-button");
  g_signal_connect_object (self->test_button, "clicked", G_CALLBACK (fluo_connection_editor_test),
                           self, G_CONNECT_SWAPPED);
  self->rights = fluo_rights_view_new ();
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), copy);
  gtk_box_append (GTK_BOX (head), self->test_button);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), self->rights);
  return box;
}

static GtkWidget *
make_foot (FluoConnectionEditor *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  self->remove = gtk_button_new_with_mnemonic (_("_Remove"));
  gtk_widget_add_css_class (self->remove, "flat");
  gtk_widget_add_css_class (self->remove, "error");
  self->save = gtk_button_new_with_mnemonic (_("_Save"));
  self->connect = gtk_button_new_with_mnemonic (_("Save and C_onnect"));
  gtk_widget_add_css_class (self->connect, "suggested-action");
  g_signal_connect_object (self->remove, "clicked", G_CALLBACK (fluo_connection_editor_remove),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (fluo_connection_editor_cancel), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (fluo_connection_editor_save), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connect, "clicked", G_CALLBACK (fluo_connection_editor_connect),
                           self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (cancel, "pill-button");
  gtk_widget_add_css_class (self->save, "pill-button");
  gtk_widget_add_css_class (self->connect, "pill-button");
  gtk_box_append (GTK_BOX (foot), self->remove);
  gtk_widget_set_hexpand (space, TRUE);
  gtk_box_append (GTK_BOX (foot), space);
  gtk_box_append (GTK_BOX (foot), cancel);
  gtk_box_append (GTK_BOX (foot), self->save);
  gtk_box_append (GTK_BOX (foot), self->connect);
  gtk_widget_add_css_class (foot, "editor-foot");
  return foot;
}

void
fluo_connection_editor_build (FluoConnectionEditor *self)
{
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *clamp = adw_clamp_new ();

  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_wrap_mode (self->problem, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->problem, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "notice");
  gtk_widget_add_css_class (column, "editor-column");
  gtk_box_append (GTK_BOX (column), make_target (self));
  gtk_box_append (GTK_BOX (column), make_sso_note (self));
  gtk_box_append (GTK_BOX (column), make_keys (self));
  gtk_box_append (GTK_BOX (column), make_uses (self));
  gtk_box_append (GTK_BOX (column), make_details (self));
  gtk_box_append (GTK_BOX (column), make_mark (self));
  gtk_box_append (GTK_BOX (column), make_vault (self));
  gtk_box_append (GTK_BOX (column), make_test (self));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 640);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), clamp);
  gtk_widget_set_vexpand (scroller, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), scroller);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (self->box), make_foot (self));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}
