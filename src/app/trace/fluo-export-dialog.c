/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-export-dialog-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"


G_DEFINE_FINAL_TYPE (FluoExportDialog, fluo_export_dialog, ADW_TYPE_WINDOW)

/* --- Options ---------------------------------------------------------------------------------- */

FluoExportOptions
fluo_export_dialog_get_options (FluoExportDialog *self)
{
  static const double scales[] = { 1, 2 };
  static const FluoExportFormat formats[] = { FLUO_EXPORT_PDF, FLUO_EXPORT_PNG, FLUO_EXPORT_SVG,
                                              FLUO_EXPORT_MARKDOWN };
  FluoExportOptions options = self->base;
  const char *title = gtk_editable_get_text (self->title),
             *event = gtk_editable_get_text (self->event);

  options.format = formats[MIN (gtk_drop_down_get_selected (self->format),
                                G_N_ELEMENTS (formats) - 1)];
  options.visible_only = gtk_drop_down_get_selected (self->extent) == 1;
  options.flame = gtk_drop_down_get_selected (self->picture) == 1;
  options.fold = gtk_drop_down_get_selected (self->waits) == 1;
  options.scale = scales[MIN (gtk_drop_down_get_selected (self->scale), G_N_ELEMENTS (scales) - 1)];
  options.lines = (FluoExportLines) gtk_drop_down_get_selected (self->lines);
  options.title = *title != '\0' ? title : NULL;
  options.event = *event != '\0' ? event : NULL;
  options.redact = (gtk_switch_get_active (self->cards) ? FLUO_REDACT_CARDS : 0) |
                   (gtk_switch_get_active (self->tokens) ? FLUO_REDACT_TOKENS : 0) |
                   (gtk_switch_get_active (self->emails) ? FLUO_REDACT_EMAILS : 0) |
                   (gtk_switch_get_active (self->queries) ? FLUO_REDACT_QUERIES : 0);

  return options;
}

static void
changed_cb (FluoExportDialog *self)
{
  gtk_widget_set_visible (self->scale_row, gtk_drop_down_get_selected (self->format) == 1);
  /* Markdown has tables, and a flame graph no waits to fold. */
  gtk_widget_set_sensitive (self->picture_row, gtk_drop_down_get_selected (self->format) != 3);
  gtk_widget_set_sensitive (self->waits_row, gtk_drop_down_get_selected (self->picture) != 1);
  fluo_export_dialog_preview (self);
}

/* --- Saving ----------------------------------------------------------------------------------- */

static void
chosen_cb (GtkNativeDialog *native, int response, FluoExportDialog *self)
{
  g_autoptr (GFile) file =
    response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (native)) : NULL;

  if (file != NULL)
    fluo_export_dialog_save (self, file);
  g_clear_object (&self->chooser);
}

static void
save_cb (GtkButton *button, FluoExportDialog *self)
{
  const FluoExportFormat format = fluo_export_dialog_get_options (self).format;
  g_autofree char *name = self->table != NULL
                            ? fluo_compare_export_suggest_name (self->table, format)
                            : fluo_export_suggest_name (self->trace, format);

  if (self->chooser != NULL)
    return;

  self->chooser = gtk_file_chooser_native_new (_("Save export"), GTK_WINDOW (self),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _("Save"), NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

/* --- Form ------------------------------------------------------------------------------------- */

static GtkDropDown *
new_choice (FluoExportDialog *self, const char *const *choices, guint selected)
{
  GtkWidget *drop_down = gtk_drop_down_new_from_strings (choices);

  gtk_drop_down_set_selected (GTK_DROP_DOWN (drop_down), selected);
  gtk_widget_set_valign (drop_down, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (drop_down, "notify::selected", G_CALLBACK (changed_cb), self);

  return GTK_DROP_DOWN (drop_down);
}

static GtkWidget *
new_row (const char *title, GtkWidget *control)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);

  return row;
}

/* Nothing is read for an export: what the log panel has not read is not in it. */
static GtkWidget *
new_lines_row (FluoExportDialog *self, GtkWidget *control)
{
  GtkWidget *row = new_row (_("What the programs wrote"), control);

  self->lines_row = row;

  return row;
}

static GtkEditable *
add_entry (FluoExportDialog *self, GtkWidget *group, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  g_signal_connect_swapped (row, "changed", G_CALLBACK (changed_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);

  return GTK_EDITABLE (row);
}

static GtkSwitch *
add_switch (FluoExportDialog *self, GtkWidget *group, const char *title, gboolean active)
{
  GtkWidget *control = gtk_switch_new ();

  gtk_switch_set_active (GTK_SWITCH (control), active);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (control, "notify::active", G_CALLBACK (changed_cb), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_row (title, control));

  return GTK_SWITCH (control);
}

static GtkWidget *
new_form (FluoExportDialog *self)
{
  const char *const formats[] = { _("PDF, A4"), _("PNG"), _("SVG"), _("Markdown"),
                                  NULL };
  const char *const pictures[] = { _("Waterfall"), _("Flame graph"), NULL };
  const char *const extents[] = { _("Whole trace"), _("What is visible"), NULL };
  const char *const waits[] = { _("True to scale"), _("Folded"), NULL };
  const char *const lines[] = { _("None"), _("Errors"), _("Errors and warnings"), _("All"), NULL };
  const char *const scales[] = { _("1122 px wide"), _("2245 px wide"), NULL };
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18),
            *group = adw_preferences_group_new ();

  self->format = new_choice (self, formats, 0);
  self->picture = new_choice (self, pictures, 0);
  self->extent = new_choice (self, extents, 0);
  self->waits = new_choice (self, waits, 0);
  self->lines = new_choice (self, lines, 0);
  self->scale = new_choice (self, scales, 1);
  self->scale_row = new_row (_("Size"), GTK_WIDGET (self->scale));
  gtk_widget_set_visible (self->scale_row, FALSE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_row (_("Format"), GTK_WIDGET (self->format)));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->scale_row);
  self->picture_row = new_row (_("Picture"), GTK_WIDGET (self->picture));
  self->waits_row = new_row (_("Long waits"), GTK_WIDGET (self->waits));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->picture_row);
  self->extent_row = new_row (_("Time"), GTK_WIDGET (self->extent));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->extent_row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->waits_row);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_lines_row (self, GTK_WIDGET (self->lines)));
  self->title = add_entry (self, group, _("Title"));
  self->event = add_entry (self, group, _("Occasion, at the upper right"));
  gtk_box_append (GTK_BOX (page), group);

  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Remove"));
  self->cards = add_switch (self, group, _("Card numbers"), TRUE);
  self->tokens = add_switch (self, group, _("Tokens, keys and passwords"), TRUE);
  self->emails = add_switch (self, group, _("Email addresses"), FALSE);
  self->queries = add_switch (self, group, _("Queries of URLs"), FALSE);
  gtk_box_append (GTK_BOX (page), group);

  return page;
}

static GtkWidget *
new_preview (FluoExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *frame = gtk_frame_new (NULL);

  self->preview = GTK_PICTURE (gtk_picture_new ());
  gtk_widget_set_size_request (GTK_WIDGET (self->preview), FLUO_EXPORT_PREVIEW_WIDTH,
                               FLUO_EXPORT_PREVIEW_WIDTH * 210 / 297);
  gtk_picture_set_can_shrink (self->preview, TRUE);
  gtk_picture_set_alternative_text (self->preview, _("Preview of the first page"));
  gtk_frame_set_child (GTK_FRAME (frame), GTK_WIDGET (self->preview));
  self->pages = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->pages), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->pages), "dim-label");
  gtk_box_append (GTK_BOX (box), frame);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->pages));

  self->progress = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_progress_bar_set_show_text (self->progress, TRUE);
  self->progress_revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->progress_revealer, GTK_WIDGET (self->progress));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->progress_revealer));

  self->error = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->error, TRUE);
  gtk_label_set_wrap_mode (self->error, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (self->error, 40);
  gtk_label_set_xalign (self->error, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->error), "error");
  self->error_revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->error_revealer, GTK_WIDGET (self->error));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->error_revealer));

  return box;
}

static void
fluo_export_dialog_dispose (GObject *object)
{
  FluoExportDialog *self = FLUO_EXPORT_DIALOG (object);

  fluo_export_dialog_stop (self);
  g_clear_object (&self->saving);
  g_clear_handle_id (&self->progress_source, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->preview_source, g_source_remove);
  g_clear_weak_pointer (&self->parent);
  g_clear_object (&self->chooser);
  self->preview = NULL;

  G_OBJECT_CLASS (fluo_export_dialog_parent_class)->dispose (object);
}

static void
fluo_export_dialog_finalize (GObject *object)
{
  FluoExportDialog *self = FLUO_EXPORT_DIALOG (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->base.trace_lines, fluo_trace_lines_unref);
  g_clear_object (&self->base.colors);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_clear_pointer (&self->table, fluo_compare_table_free);

  G_OBJECT_CLASS (fluo_export_dialog_parent_class)->finalize (object);
}

static void
fluo_export_dialog_class_init (FluoExportDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = fluo_export_dialog_dispose;
  object_class->finalize = fluo_export_dialog_finalize;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
fluo_export_dialog_init (FluoExportDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 24),
            *scroll = gtk_scrolled_window_new (), *form;

  self->cancellable = g_cancellable_new ();
  gtk_window_set_title (GTK_WINDOW (self), _("Export trace"));
  gtk_window_set_default_size (GTK_WINDOW (self), 860, 600);
  self->save = gtk_button_new_with_mnemonic (_("_Save…"));
  gtk_widget_add_css_class (self->save, "suggested-action");
  g_signal_connect (self->save, "clicked", G_CALLBACK (save_cb), self);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->save);
  self->stop = gtk_button_new_with_mnemonic (_("_Stop"));
  gtk_widget_set_visible (self->stop, FALSE);
  g_signal_connect_swapped (self->stop, "clicked", G_CALLBACK (fluo_export_dialog_stop), self);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->stop);

  self->form = form = new_form (self);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), form);
  gtk_widget_set_hexpand (scroll, TRUE);
  gtk_widget_set_vexpand (content, TRUE);
  gtk_widget_set_margin_top (content, 18);
  gtk_widget_set_margin_bottom (content, 18);
  gtk_widget_set_margin_start (content, 18);
  gtk_widget_set_margin_end (content, 18);
  gtk_box_append (GTK_BOX (content), scroll);
  gtk_box_append (GTK_BOX (content), new_preview (self));
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), content);
  adw_window_set_content (ADW_WINDOW (self), box);
}

static FluoExportDialog *
new_dialog (GtkWidget *parent, const FluoExportOptions *options)
{
  FluoExportDialog *self = g_object_new (FLUO_TYPE_EXPORT_DIALOG, NULL);
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;

  if (GTK_IS_WINDOW (root))
    fluo_compat_set_parent (GTK_WINDOW (self), GTK_WINDOW (root));
  g_set_weak_pointer (&self->parent, parent);
  self->base = *options;
  self->base.title = self->base.event = NULL;
  if (self->base.trace_lines != NULL)
    fluo_trace_lines_ref (self->base.trace_lines);
  if (self->base.colors != NULL)
    g_object_ref (self->base.colors);

  return self;
}

GtkWidget *
fluo_export_dialog_new (GtkWidget *parent, FluoTrace *trace, const FluoExportOptions *options)
{
  FluoExportDialog *self = new_dialog (parent, options);

  self->trace = fluo_trace_ref (trace);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->lines_row),
                               options->trace_lines != NULL
                                 ? _("Numbered, each at its time on the call’s bar")
                                 : _("Exceptions and events; log lines once they were read"));
  gtk_drop_down_set_selected (self->extent, options->visible_only ? 1 : 0);
  gtk_drop_down_set_selected (self->waits, options->fold ? 1 : 0);
  gtk_drop_down_set_selected (self->picture, options->flame ? 1 : 0);
  gtk_drop_down_set_selected (self->lines, (guint) options->lines);
  changed_cb (self);

  return GTK_WIDGET (self);
}

GtkWidget *
fluo_export_dialog_new_for_comparison (GtkWidget *parent, FluoCompareTable *table,
                                       const FluoExportOptions *options)
{
  FluoExportDialog *self = new_dialog (parent, options);
  GtkWidget *const of_traces[] = { self->picture_row, self->extent_row, self->waits_row,
                                   self->lines_row };

  gtk_window_set_title (GTK_WINDOW (self), _("Export comparison"));
  self->table = fluo_compare_table_copy (table);
  for (guint i = 0; i < G_N_ELEMENTS (of_traces); i++)
    gtk_widget_set_visible (of_traces[i], FALSE);
  changed_cb (self);

  return GTK_WIDGET (self);
}
