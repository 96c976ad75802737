/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-group-dialog.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/ask/fluo-filter-style.h"
#include "app/widgets/fluo-switch-row.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter-explain.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-parts.h"
#include "fluo-admin-tags.h"

/* Between typing and counting. */
#define COUNT_DELAY_MS 300
#define TEXT_HEIGHT_PX 72

/* Owned by the dialog; its widgets live in the dialog's form. */
typedef struct
{
  FluoAdminWindow *admin; /* weak */
  FluoAdminDialog *dialog; /* borrowed: it owns this */
  FluoXrayGroup *before;  /* of a known one, else NULL */
  GtkEditable *name;      /* NULL of a known one */
  GtkTextBuffer *text;    /* NULL of Default, which has no expression */
  GtkLabel *words;
  GtkLabel *count;
  GtkWidget *insights;
  GtkWidget *notifications;
  FluoAdminTags *tags;    /* NULL without an ARN */
  GCancellable *cancellable;
  guint count_id;
} Form;

static void
form_free (gpointer data)
{
  Form *self = data;

  g_clear_handle_id (&self->count_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_clear_weak_pointer (&self->admin);
  g_clear_object (&self->text);
  g_clear_pointer (&self->before, fluo_xray_group_free);
  g_free (self);
}

static char *
dup_filter (Form *self)
{
  GtkTextIter begin, end;
  char *text;

  if (!self->text)
    return g_strdup (self->before->filter);
  gtk_text_buffer_get_bounds (self->text, &begin, &end);
  text = gtk_text_buffer_get_text (self->text, &begin, &end, FALSE);
  return g_strstrip (text);
}

/* --- The plan ---------------------------------------------------------------------------- */

static char *
find_problem (Form *self, const FluoXrayGroup *group, GPtrArray *tags)
{
  g_autoptr (FluoFilter) filter = fluo_filter_new (group->filter, -1, NULL, NULL);
  const char *problem = self->name ? fluo_xray_check_group_name (group->name) : NULL;

  if (!problem && !filter)
    return g_strdup (_("The filter expression is not valid yet."));
  if (!problem && self->text && !*group->filter)
    problem = _("A group needs a filter expression; all traces are in Default anyway.");
  if (!problem && tags)
    problem = fluo_xray_check_tags (tags);
  return g_strdup (problem);
}

static void
add_tag_changes (Form *self, GPtrArray *tags, FluoAdminPlan *ret_plan)
{
  GPtrArray *before = fluo_admin_tags_get_before (self->tags);
  g_autoptr (GPtrArray) changes = NULL, back = NULL;

  if (!before)
    return;
  changes = fluo_xray_change_tags (self->before->name, self->before->arn, before, tags);
  back = fluo_xray_change_tags (self->before->name, self->before->arn, tags, before);
  ret_plan->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);
  for (guint i = 0; i < ret_plan->changes->len; i++)
    {
      FluoXrayChange *change = g_ptr_array_index (ret_plan->changes, i);

      if (change->inverse)
        g_ptr_array_add (ret_plan->undo, fluo_xray_change_ref (change->inverse));
    }
  for (guint i = 0; i < back->len; i++)
    g_ptr_array_add (ret_plan->undo, fluo_xray_change_ref (g_ptr_array_index (back, i)));
  for (guint i = 0; i < changes->len; i++)
    g_ptr_array_add (ret_plan->changes, fluo_xray_change_ref (g_ptr_array_index (changes, i)));
}

static void
plan (gpointer data, FluoAdminPlan *ret_plan)
{
  Form *self = data;
  g_autofree char *filter = dup_filter (self);
  g_autoptr (GPtrArray) tags = self->tags ? fluo_admin_tags_dup (self->tags) : NULL;
  gboolean insights = gtk_switch_get_active (GTK_SWITCH (self->insights));
  FluoXrayGroup group = {
    self->name ? (char *) gtk_editable_get_text (self->name) : self->before->name,
    self->before ? self->before->arn : NULL, filter, insights,
    insights && gtk_switch_get_active (GTK_SWITCH (self->notifications))
  };
  FluoXrayChange *change;

  gtk_widget_set_sensitive (gtk_widget_get_ancestor (self->notifications, ADW_TYPE_ACTION_ROW),
                            insights);
  ret_plan->problem = find_problem (self, &group, tags);
  if (ret_plan->problem)
    return;
  change = fluo_xray_change_group (self->before, &group, self->before ? NULL : tags);
  if (change)
    g_ptr_array_add (ret_plan->changes, change);
  if (self->before && self->tags)
    add_tag_changes (self, tags, ret_plan);
}

/* --- The expression ---------------------------------------------------------------------- */

typedef struct
{
  FluoAdminDialog *dialog;
  Form *form;
} Counting;

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Counting *counting = user_data;
  g_autoptr (FluoAdminDialog) dialog = counting->dialog;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoFilterCounts) counts =
    fluo_explorer_count_finish (FLUO_EXPLORER (source), result, &error);
  Form *self = counting->form;
  g_autofree char *matching = NULL, *all = NULL, *text = NULL;

  if (!counts)
    {
      /* Another question took its place, or the dialog is closed. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        gtk_label_set_text (self->count, _("How many traces match can’t be told now."));
      return;
    }
  matching = fluo_format_count (counts->n_matching);
  all = fluo_format_count (counts->n_traces);
  /* Translators: “1,284 of 12,930 traces of the range on screen match.” */
  text = g_strdup_printf (
    counts->exact ? _("%s of %s traces of the range on screen match.")
                  : _("%s of the %s traces that were read match, as far as that can be told."),
    matching, all);
  gtk_label_set_text (self->count, text);
}

static gboolean
count_cb (gpointer data)
{
  Form *self = data;
  g_autofree char *filter = dup_filter (self);
  const char *conditions[] = { filter, NULL };
  Counting *counting;

  self->count_id = 0;
  if (!self->admin)
    return G_SOURCE_REMOVE;
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  self->cancellable = g_cancellable_new ();
  counting = g_new (Counting, 1);
  *counting = (Counting) { g_object_ref (self->dialog), self };
  fluo_explorer_count_async (fluo_admin_window_get_explorer (self->admin), conditions, NULL,
                             self->cancellable, counted_cb, counting);
  return G_SOURCE_REMOVE;
}

static void
mark_error (Form *self, gboolean bad, guint offset)
{
  GtkTextTagTable *table = gtk_text_buffer_get_tag_table (self->text);
  GtkTextTag *tag = gtk_text_tag_table_lookup (table, "problem");
  GtkTextIter begin, end;
  g_autofree char *all = NULL;

  if (!tag)
    tag = gtk_text_buffer_create_tag (self->text, "problem", "underline", PANGO_UNDERLINE_ERROR,
                                      NULL);
  gtk_text_buffer_get_bounds (self->text, &begin, &end);
  gtk_text_buffer_remove_tag (self->text, tag, &begin, &end);
  if (!bad)
    return;
  all = gtk_text_buffer_get_text (self->text, &begin, &end, FALSE);
  if (offset > strlen (all))
    return;
  gtk_text_iter_set_offset (&begin, (int) g_utf8_pointer_to_offset (all, all + offset));
  end = begin;
  if (!gtk_text_iter_forward_word_end (&end))
    gtk_text_iter_forward_to_end (&end);
  gtk_text_buffer_apply_tag (self->text, tag, &begin, &end);
}

static void
text_changed_cb (Form *self)
{
  GtkTextIter begin, end;
  g_autofree char *text = NULL;
  g_autoptr (FluoFilter) filter = NULL;
  g_autoptr (GError) error = NULL;
  guint offset = 0;

  gtk_text_buffer_get_bounds (self->text, &begin, &end);
  text = gtk_text_buffer_get_text (self->text, &begin, &end, FALSE);
  filter = fluo_filter_new (text, -1, &offset, &error);
  mark_error (self, !filter, offset);
  g_clear_handle_id (&self->count_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  gtk_label_set_text (self->count, "");
  gtk_label_set_attributes (self->words, NULL);
  if (filter)
    {
      g_autoptr (FluoSentence) sentence = fluo_filter_explain (filter);
      g_autofree char *blank = g_strstrip (g_strdup (text));

      fluo_admin_set_sentence (self->words, sentence);
      gtk_widget_remove_css_class (GTK_WIDGET (self->words), "problem");
      if (*blank)
        self->count_id = g_timeout_add (COUNT_DELAY_MS, count_cb, self);
    }
  else
    {
      fluo_admin_set_label (self->words, error->message);
      gtk_widget_add_css_class (GTK_WIDGET (self->words), "problem");
    }
  fluo_admin_dialog_update (self->dialog);
}

static GtkWidget *
make_expression (Form *self, const char *filter)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkSourceBuffer *buffer = gtk_source_buffer_new (NULL);
  GtkWidget *view = gtk_source_view_new_with_buffer (buffer);
  GtkTextView *text = GTK_TEXT_VIEW (view);

  self->text = GTK_TEXT_BUFFER (buffer);
  fluo_filter_style_follow (buffer);
  gtk_text_view_set_monospace (text, TRUE);
  gtk_text_view_set_wrap_mode (text, GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (text, FALSE);
  gtk_text_view_set_left_margin (text, 12);
  gtk_text_view_set_right_margin (text, 12);
  gtk_text_view_set_top_margin (text, 10);
  gtk_text_view_set_bottom_margin (text, 10);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Filter expression"), -1);
  gtk_widget_add_css_class (view, "filter-text");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), TEXT_HEIGHT_PX);
  gtk_widget_add_css_class (scroller, "fluo-card");
  gtk_widget_set_overflow (scroller, GTK_OVERFLOW_HIDDEN);
  self->words = GTK_LABEL (fluo_admin_make_label ("", "dense"));
  self->count = GTK_LABEL (fluo_admin_make_label ("", "dense"));
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "dim-label");
  gtk_box_append (GTK_BOX (box), fluo_admin_make_heading (_("Filter expression")));
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->words));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->count));
  gtk_text_buffer_set_text (self->text, filter, -1);
  g_signal_connect_swapped (self->text, "changed", G_CALLBACK (text_changed_cb), self);
  return box;
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_switches (Form *self, const FluoXrayGroup *group)
{
  GtkWidget *list = adw_preferences_group_new ();
  gboolean here = fluo_admin_window_is_here (self->admin);

  self->insights = fluo_switch_row_add (
    list, _("Insights"),
    here ? _("Tell of services of this group that fail more than they usually do")
         : _("Tell of services of this group that fail more than they usually do. AWS charges "
             "for every trace that is looked at"),
    group->insights);
  self->notifications = fluo_switch_row_add (
    list, _("Notifications"),
    here ? _("Kept for programs that ask; nothing is sent from this computer")
         : _("Events for Amazon EventBridge when an insight begins, changes and ends"),
    group->notifications);
  g_signal_connect_object (self->insights, "notify::active", G_CALLBACK (fluo_admin_dialog_update),
                           self->dialog, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->notifications, "notify::active",
                           G_CALLBACK (fluo_admin_dialog_update), self->dialog, G_CONNECT_SWAPPED);
  return list;
}

static GtkWidget *
make_form (Form *self, const FluoXrayGroup *group)
{
  GtkWidget *form = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);

  if (!self->before)
    {
      GtkWidget *list = adw_preferences_group_new ();

      self->name = fluo_admin_make_entry_row (list, _("Name"), group->name,
                                              _("Letters, digits and hyphens; it stays"));
      gtk_box_append (GTK_BOX (form), list);
    }
  if (!self->before || !g_str_equal (group->name, FLUO_DEFAULT_GROUP_NAME))
    gtk_box_append (GTK_BOX (form), make_expression (self, group->filter));
  gtk_box_append (GTK_BOX (form), make_switches (self, group));
  if (!self->before || self->before->arn)
    {
      GtkWidget *tags =
        fluo_admin_tags_new (self->admin, self->before ? self->before->arn : NULL);

      self->tags = FLUO_ADMIN_TAGS (tags);
      g_signal_connect_object (tags, "changed", G_CALLBACK (fluo_admin_dialog_update),
                               self->dialog, G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (form), tags);
    }
  return form;
}

void
fluo_admin_group_dialog_present (FluoAdminWindow *admin, const FluoXrayGroup *group,
                                 gboolean known)
{
  g_autofree char *safe = fluo_format_untrusted (group->name, FLUO_GROUP_NAME_CHARS_MAX);
  g_autofree char *title = known ? g_strdup_printf (_("Group “%s”"), safe) : NULL;
  FluoAdminDialog *dialog = fluo_admin_dialog_new (
    admin, known ? title : _("New Group"), known ? _("_Change Group") : _("_Make Group"), FALSE,
    known ? _("A changed filter counts for traces that arrive from then on.")
          : _("A group has its own map, statistics and insights, of the traces that its filter "
              "lets through from now on."));
  Form *self = g_new0 (Form, 1);

  g_set_weak_pointer (&self->admin, admin);
  self->dialog = dialog;
  self->cancellable = g_cancellable_new ();
  self->before = known ? fluo_xray_group_copy (group) : NULL;
  fluo_admin_dialog_set_form (dialog, make_form (self, group));
  fluo_admin_dialog_set_plan (dialog, plan, self, form_free);
  if (self->name)
    fluo_admin_dialog_follow (dialog, self->name);
  if (self->text)
    text_changed_cb (self);
  if (self->name)
    gtk_widget_grab_focus (GTK_WIDGET (self->name));
  gtk_window_present (GTK_WINDOW (dialog));
}
