/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-sentence-label.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

#define SENTENCE_CHARS_MAX 600
#define CHIP_CHARS_MAX 60
#define ANNOTATIONS_SHOWN 6
#define SHAPE_PX 30
#define BUTTON_SPACING 12

static void
draw_shape_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  FluoTracePage *self = user_data;
  const FluoPalette *palette = fluo_theme_get_palette ();

  fluo_painter_begin (self->painter, cr, palette);
  fluo_painter_status (self->painter, self->status, 0, 0, MIN (width, height), palette->window);
}

static void
export_cb (GtkButton *button, FluoTracePage *self)
{
  fluo_trace_page_export (self);
}

/* @ret_label: its words, which go where there is no room for them. */
static GtkWidget *
make_button_content (const char *icon, const char *text, GtkWidget **ret_label)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  *ret_label = gtk_label_new (text);
  gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (content), *ret_label);
  gtk_widget_set_halign (content, GTK_ALIGN_CENTER);

  return content;
}

static GtkWidget *
make_compare (FluoTracePage *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  g_menu_append (menu, _("With the usual one (M)"), "trace.compare");
  g_menu_append (menu, _("With the one selected in the list"), "trace.compare-selected");
  self->compare_button = gtk_menu_button_new ();
  gtk_menu_button_set_child (GTK_MENU_BUTTON (self->compare_button),
                             make_button_content ("fluoroscope-compare-symbolic", _("Compare"),
                                                      &self->head_labels[1]));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (self->compare_button), G_MENU_MODEL (menu));
  gtk_widget_set_valign (self->compare_button, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->compare_button, "head-button");
  gtk_widget_set_tooltip_text (self->compare_button, _("Compare with another trace"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->compare_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Compare"), -1);

  return self->compare_button;
}

static GtkWidget *
make_keep (FluoTracePage *self)
{
  self->keep_button = gtk_toggle_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->keep_button),
                        make_button_content ("fluoroscope-pin-symbolic", _("Keep"),
                                             &self->head_labels[0]));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->keep_button), "trace.keep");
  gtk_widget_set_valign (self->keep_button, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->keep_button, "head-button");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->keep_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Keep for good"), -1);

  return self->keep_button;
}

static GtkWidget *
make_logs (FluoTracePage *self)
{
  self->logs_button = gtk_toggle_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->logs_button),
                        make_button_content ("fluoroscope-logs-symbolic", _("Logs"),
                                             &self->head_labels[3]));
  gtk_widget_set_valign (self->logs_button, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->logs_button, "head-button");
  gtk_widget_set_tooltip_text (self->logs_button, _("What the programs wrote meanwhile (L)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->logs_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Logs"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->logs_button), "trace.logs");

  return self->logs_button;
}

static void
show_words (FluoTracePage *self, gboolean shown)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->head_labels); i++)
    gtk_widget_set_visible (self->head_labels[i], shown);
}

static gboolean
fits_one_line (FluoTracePage *self)
{
  int wanted;

  gtk_widget_measure (self->head, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &wanted, NULL, NULL);

  return wanted <= self->width;
}

/* Where the window is a telephone's the sentence has the whole width, and the buttons stand at the
 * end of the chips, which scroll. */
static void
place_buttons (FluoTracePage *self, gboolean tiny)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (self->head);
  GtkLayoutChild *sentence =
    gtk_layout_manager_get_layout_child (layout, GTK_WIDGET (self->sentence));
  GtkLayoutChild *buttons = gtk_layout_manager_get_layout_child (layout, self->head_buttons);

  g_object_set (sentence, "column-span", tiny ? 2 : 1, NULL);
  g_object_set (buttons, "row", tiny ? 1 : 0, "row-span", tiny ? 1 : 2, NULL);
  gtk_box_set_spacing (GTK_BOX (self->head_buttons), tiny ? 0 : BUTTON_SPACING);
  if (tiny)
    gtk_widget_add_css_class (self->head, "tiny");
  else
    gtk_widget_remove_css_class (self->head, "tiny");
}

/* A second line for the sentence costs a row of the waterfall, so the words give way where that
 * spares it. */
void
fluo_trace_page_fold_head (FluoTracePage *self, gboolean fold)
{
  place_buttons (self, fold);
  show_words (self, !fold);
  if (fold || self->width <= 0 || fits_one_line (self))
    return;
  show_words (self, FALSE);
  if (!fits_one_line (self))
    show_words (self, TRUE);
}

/* Pressed while the trace is kept; gone where nothing can be. */
void
fluo_trace_page_update_kept (FluoTracePage *self)
{
  FluoKept *kept = self->explorer != NULL ? fluo_explorer_get_kept (self->explorer) : NULL;
  const gboolean can = kept != NULL && fluo_kept_can (kept) && !self->from_file;
  const gboolean has = can && fluo_kept_has (kept, &self->id);
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "keep");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), can && self->trace != NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (has));
  gtk_widget_set_visible (self->keep_button, can);
  gtk_label_set_text (GTK_LABEL (self->head_labels[0]), has ? _("Kept") : _("Keep"));
  gtk_widget_set_tooltip_text (self->keep_button,
                               has ? _("Kept for good: let it go again (K)")
                                   : _("Keep for good, whatever its age (K)"));
}

GtkWidget *
fluo_trace_page_make_head (FluoTracePage *self)
{
  GtkWidget *head = gtk_grid_new (), *scroll = gtk_scrolled_window_new ();

  self->shape = gtk_drawing_area_new ();
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (self->shape), SHAPE_PX);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (self->shape), SHAPE_PX);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (self->shape), draw_shape_cb, self, NULL);
  gtk_widget_set_valign (self->shape, GTK_ALIGN_START);
  fluo_theme_follow (self->shape);

  self->sentence = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_wrap (self->sentence, TRUE);
  gtk_label_set_wrap_mode (self->sentence, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (self->sentence, 2);
  gtk_label_set_ellipsize (self->sentence, PANGO_ELLIPSIZE_END);
  gtk_label_set_selectable (self->sentence, TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self->sentence), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "root-cause");
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "numeric");

  self->chips = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), self->chips);
  gtk_widget_set_hexpand (scroll, TRUE);

  self->export_button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->export_button),
                        make_button_content ("fluoroscope-export-symbolic", _("Export"),
                                             &self->head_labels[2]));
  gtk_widget_set_valign (self->export_button, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->export_button, "head-button");
  gtk_widget_set_tooltip_text (self->export_button,
                               _("Save as PDF, PNG, SVG or Markdown (Ctrl+E)"));
  g_signal_connect (self->export_button, "clicked", G_CALLBACK (export_cb), self);

  self->head_buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, BUTTON_SPACING);
  gtk_box_append (GTK_BOX (self->head_buttons), make_keep (self));
  gtk_box_append (GTK_BOX (self->head_buttons), make_compare (self));
  gtk_box_append (GTK_BOX (self->head_buttons), make_logs (self));
  gtk_box_append (GTK_BOX (self->head_buttons), self->export_button);
  gtk_grid_set_column_spacing (GTK_GRID (head), BUTTON_SPACING);
  gtk_grid_set_row_spacing (GTK_GRID (head), 7);
  gtk_grid_attach (GTK_GRID (head), self->shape, 0, 0, 1, 2);
  gtk_grid_attach (GTK_GRID (head), GTK_WIDGET (self->sentence), 1, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (head), scroll, 1, 1, 1, 1);
  gtk_grid_attach (GTK_GRID (head), self->head_buttons, 2, 0, 1, 2);
  gtk_widget_add_css_class (head, "trace-head");
  self->head = head;

  return head;
}

/* --- Chips ------------------------------------------------------------------------------------ */

static GtkWidget *
add_chip (FluoTracePage *self, const char *key, const char *value)
{
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  g_autofree char *safe = fluo_format_untrusted (value, CHIP_CHARS_MAX);

  gtk_widget_add_css_class (chip, "chip");
  gtk_widget_set_valign (chip, GTK_ALIGN_CENTER);
  if (key != NULL)
    {
      g_autofree char *safe_key = fluo_format_untrusted (key, CHIP_CHARS_MAX);
      GtkWidget *label = gtk_label_new (safe_key);

      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (chip), label);
    }
  gtk_box_append (GTK_BOX (chip), gtk_label_new (safe));
  gtk_widget_add_css_class (chip, "numeric");
  gtk_box_append (GTK_BOX (self->chips), chip);

  return chip;
}

static void
copy_id_cb (GtkButton *button, FluoTracePage *self)
{
  g_autofree char *id = fluo_trace_id_to_string (&self->id);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), id);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Trace ID copied"));
}

static void
add_id (FluoTracePage *self)
{
  g_autofree char *id = fluo_trace_id_to_string (&self->id);
  GtkWidget *chip = add_chip (self, NULL, id),
            *copy = gtk_button_new_from_icon_name ("fluoroscope-copy-symbolic");

  gtk_widget_add_css_class (chip, "monospace");
  gtk_widget_add_css_class (chip, "id-chip");
  gtk_label_set_selectable (GTK_LABEL (gtk_widget_get_first_child (chip)), TRUE);
  gtk_widget_set_focusable (gtk_widget_get_first_child (chip), FALSE);
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "chip-button");
  gtk_widget_set_tooltip_text (copy, _("Copy trace ID"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Copy trace ID"), -1);
  g_signal_connect (copy, "clicked", G_CALLBACK (copy_id_cb), self);
  gtk_box_append (GTK_BOX (chip), copy);
}

static char *
dup_services (FluoTracePage *self)
{
  guint n_own, n_linked;

  fluo_trace_count_services (self->trace, &n_own, &n_linked);
  if (n_linked > 0)
    return g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u service, %u linked", "%u services, %u linked", n_own),
      n_own, n_linked);

  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u service", "%u services", n_own), n_own);
}

static void
add_status (FluoTracePage *self)
{
  const FluoSpan *spans = fluo_trace_get_spans (self->trace, NULL);
  guint32 root = fluo_trace_get_root (self->trace);
  GtkWidget *chip;

  if (root != FLUO_SPAN_NONE && spans[root].http_status > 0)
    {
      g_autofree char *code = g_strdup_printf ("%d", spans[root].http_status);

      chip = add_chip (self, NULL, code);
    }
  else
    chip = add_chip (self, NULL, fluo_status_to_label (self->status));
  gtk_widget_add_css_class (chip, "status-chip");
  gtk_widget_add_css_class (chip, fluo_status_to_word (self->status));
}

static void
add_annotations (FluoTracePage *self)
{
  const GArray *annotations = self->summary->annotations;

  for (guint i = 0; annotations != NULL && i < MIN (annotations->len, ANNOTATIONS_SHOWN); i++)
    {
      const FluoSummaryAnnotation *annotation =
        &g_array_index (annotations, FluoSummaryAnnotation, i);

      add_chip (self, annotation->key, annotation->value);
    }
}

void
fluo_trace_page_update_sentence (FluoTracePage *self)
{
  gint64 usual =
    self->explorer != NULL
      ? fluo_explorer_get_usual_ns (self->explorer, fluo_trace_get_title (self->trace))
      : 0;
  g_autoptr (FluoSentence) sentence = fluo_trace_dup_root_cause (self->trace, usual);

  fluo_sentence_label_set (self->sentence, sentence, SENTENCE_CHARS_MAX);
}

void
fluo_trace_page_update_head (FluoTracePage *self)
{
  g_autofree char *clock = NULL, *utc = NULL, *services = NULL;
  GtkWidget *child, *chip;
  gint64 start;

  while ((child = gtk_widget_get_first_child (self->chips)) != NULL)
    gtk_box_remove (GTK_BOX (self->chips), child);
  fluo_trace_page_update_kept (self);
  gtk_widget_set_sensitive (self->export_button, self->trace != NULL);
  gtk_widget_set_sensitive (self->compare_button, self->trace != NULL && self->explorer != NULL);
  if (self->trace == NULL)
    {
      gtk_label_set_text (self->sentence, "");
      add_id (self);
      return;
    }

  self->status = fluo_trace_get_status (self->trace);
  gtk_widget_queue_draw (self->shape);
  fluo_trace_page_update_sentence (self);

  add_status (self);
  add_chip (self, NULL, fluo_trace_get_title (self->trace));
  start = fluo_trace_get_start_ns (self->trace);
  clock = fluo_format_clock (start, FLUO_CLOCK_MILLISECONDS, NULL);
  utc = fluo_format_date_time_utc (start);
  chip = add_chip (self, NULL, clock);
  gtk_widget_set_tooltip_text (chip, utc);
  services = dup_services (self);
  add_chip (self, NULL, services);
  if (fluo_trace_is_partial (self->trace))
    add_chip (self, NULL, _("incomplete"));
  if (self->reader.from_vault)
    gtk_widget_set_tooltip_text (add_chip (self, NULL, _("from the vault")),
                                 _("What was read before, kept on this computer"));
  add_annotations (self);
  add_id (self);
}
