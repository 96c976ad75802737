/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-rights-view.h"

#include <glib/gi18n.h>

#include "aws/fluo-permission.h"
#include "core/fluo-format.h"
#include "fluo-connection-words.h"

#define TEXT_CHARS_MAX 300

typedef struct
{
  GtkWidget *row;
  GtkWidget *icon;
  GtkWidget *spinner;
  GtkLabel *title;
  GtkLabel *text;
  GtkLabel *took;
  GtkWidget *copy;
} Row;

struct _FluoRightsView
{
  GtkWidget parent_instance;

  GtkWidget *box;
  Row rows[FLUO_N_RIGHTS];
  FluoConnectionTest *test;
};

G_DEFINE_FINAL_TYPE (FluoRightsView, fluo_rights_view, GTK_TYPE_WIDGET)

static const char *
title_of (FluoRight right, gboolean ok)
{
  const char *titles[FLUO_N_RIGHTS][2] = {
    { _("Not signed in"), _("Signed in") },
    { _("Traces cannot be found"), _("Traces can be found") },
    { _("Traces cannot be opened"), _("Traces can be opened") },
    { _("The map cannot be read"), _("The map can be read") },
    { _("Groups cannot be read"), _("Groups can be read") },
    { _("Metrics cannot be read"), _("Metrics can be read") },
    { _("Alarms cannot be read"), _("Alarms can be read") },
    { _("Logs cannot be read"), _("Logs can be read") },
  };

  return titles[right][ok];
}

/* What is asked for, while it is not known yet whether it may be had. */
static const char *
question_of (FluoRight right)
{
  const char *titles[FLUO_N_RIGHTS] = { _("Sign in"), _("Find traces"), _("Open traces"),
                                        _("Map"),     _("Groups"),      _("Metrics"),
                                        _("Alarms"),  _("Logs") };

  return titles[right];
}

static char *
dup_who (FluoConnectionTest *test)
{
  g_autofree char *account = NULL;
  g_autofree char *who = fluo_connection_test_dup_who (test, &account);
  g_autofree char *number = account ? fluo_account_dup_words (account) : NULL;
  g_autofree char *text = NULL;

  if (!number)
    return NULL;
  /* Translators: the number of an account; then the same, and the user or the role. */
  text = who ? g_strdup_printf (_("Account %s, %s"), number, who)
             : g_strdup_printf (_("Account %s"), number);
  return fluo_format_untrusted (text, TEXT_CHARS_MAX);
}

static char *
dup_text (FluoConnectionTest *test, FluoRight right, const FluoRightResult *result)
{
  if (right == FLUO_RIGHT_SIGN_IN && result->state == FLUO_RIGHT_OK)
    return dup_who (test);
  if (result->state == FLUO_RIGHT_MISSING)
    return g_strdup_printf (_("The role is not allowed to do %s. Ask for it."),
                            fluo_permission_of_error (result->error));
  if (result->error && fluo_permission_get_role (result->error))
    return fluo_error_dup_words (result->error);
  if (result->error)
    return fluo_format_untrusted (result->error->message, TEXT_CHARS_MAX);
  if (right == FLUO_RIGHT_SUMMARIES && result->state == FLUO_RIGHT_OK)
    {
      g_autofree char *count = fluo_format_count (result->n_traces);

      return g_strdup_printf (_("%s in the last minute"), count);
    }
  return NULL;
}

static void
show_row (FluoRightsView *self, FluoRight right)
{
  static const char *const icons[] = { "", "", "fluoroscope-status-ok-symbolic",
                                       "fluoroscope-status-fault-symbolic",
                                       "fluoroscope-status-error-symbolic" };
  static const char *const classes[] = { "", "", "ok", "fault", "error" };
  Row *row = &self->rows[right];
  const FluoRightResult *result = self->test ? fluo_connection_test_get (self->test, right) : NULL;
  FluoRightState state = result ? result->state : FLUO_RIGHT_SKIPPED;
  gboolean done = state >= FLUO_RIGHT_OK;
  g_autofree char *text = result ? dup_text (self->test, right, result) : NULL;
  g_autofree char *took = done ? fluo_format_duration (result->usec * FLUO_NSEC_PER_USEC) : NULL;

  gtk_widget_set_visible (row->row, state != FLUO_RIGHT_SKIPPED);
  gtk_widget_set_visible (row->spinner, state == FLUO_RIGHT_RUNNING);
  gtk_spinner_set_spinning (GTK_SPINNER (row->spinner), state == FLUO_RIGHT_RUNNING);
  gtk_widget_set_visible (row->icon, done);
  if (done)
    {
      for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
        if (*classes[i])
          gtk_widget_remove_css_class (row->icon, classes[i]);
      gtk_widget_add_css_class (row->icon, classes[state]);
      gtk_image_set_from_icon_name (GTK_IMAGE (row->icon), icons[state]);
    }
  gtk_label_set_text (row->title,
                      done ? title_of (right, state == FLUO_RIGHT_OK) : question_of (right));
  gtk_label_set_text (row->text, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (row->text), text != NULL);
  gtk_label_set_text (row->took, took ? took : "");
  fluo_statement_button_set_error (row->copy, result ? result->error : NULL);
}

static void
show (FluoRightsView *self)
{
  for (FluoRight right = 0; right < FLUO_N_RIGHTS; right++)
    show_row (self, right);
  gtk_widget_set_visible (GTK_WIDGET (self), self->test != NULL);
}

static void
make_row (FluoRightsView *self, FluoRight right)
{
  Row *row = &self->rows[right];
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *sign = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  row->row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  row->icon = gtk_image_new ();
  gtk_widget_add_css_class (row->icon, "status-icon");
  row->spinner = gtk_spinner_new ();
  gtk_widget_set_size_request (sign, 16, 16);
  gtk_widget_set_valign (sign, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (sign), row->icon);
  gtk_box_append (GTK_BOX (sign), row->spinner);
  row->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (row->title, 0);
  gtk_label_set_wrap (row->title, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (row->title), "strong");
  row->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (row->text, 0);
  gtk_label_set_wrap (row->text, TRUE);
  gtk_label_set_wrap_mode (row->text, PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (GTK_WIDGET (row->text), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (row->text), "dim-label");
  row->copy = fluo_statement_button_new ();
  gtk_widget_add_css_class (row->copy, "small-button");
  gtk_widget_set_halign (row->copy, GTK_ALIGN_START);
  gtk_widget_set_margin_top (row->copy, 4);
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (row->title));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (row->text));
  gtk_box_append (GTK_BOX (words), row->copy);
  gtk_widget_set_hexpand (words, TRUE);
  row->took = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_set_valign (GTK_WIDGET (row->took), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (row->took), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (row->took), "lite");
  gtk_box_append (GTK_BOX (row->row), sign);
  gtk_box_append (GTK_BOX (row->row), words);
  gtk_box_append (GTK_BOX (row->row), GTK_WIDGET (row->took));
  gtk_widget_add_css_class (row->row, "right-row");
  gtk_box_append (GTK_BOX (self->box), row->row);
}

static void
fluo_rights_view_dispose (GObject *object)
{
  FluoRightsView *self = FLUO_RIGHTS_VIEW (object);

  if (self->test)
    g_signal_handlers_disconnect_by_data (self->test, self);
  g_clear_object (&self->test);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_rights_view_parent_class)->dispose (object);
}

static void
fluo_rights_view_class_init (FluoRightsViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_rights_view_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
fluo_rights_view_init (FluoRightsView *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_add_css_class (self->box, "fluo-card");
  gtk_widget_add_css_class (self->box, "dense");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  for (FluoRight right = 0; right < FLUO_N_RIGHTS; right++)
    make_row (self, right);
  show (self);
}

GtkWidget *
fluo_rights_view_new (void)
{
  return g_object_new (FLUO_TYPE_RIGHTS_VIEW, NULL);
}

void
fluo_rights_view_set_test (FluoRightsView *self, FluoConnectionTest *test)
{
  g_return_if_fail (FLUO_IS_RIGHTS_VIEW (self));
  if (self->test)
    g_signal_handlers_disconnect_by_data (self->test, self);
  g_set_object (&self->test, test);
  if (test)
    g_signal_connect_object (test, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  show (self);
}
