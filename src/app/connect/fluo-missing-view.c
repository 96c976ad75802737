/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-missing-view.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* What a server says in one place. */
#define TEXT_CHARS_MAX 1500

/* --- Parts ------------------------------------------------------------------------------- */

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  g_autofree char *safe = fluo_format_untrusted (text, TEXT_CHARS_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
new_sign (FluoFindingLevel level)
{
  static const FluoStatus statuses[] = { FLUO_STATUS_FAULT, FLUO_STATUS_ERROR, FLUO_STATUS_OK };
  const char *const words[] = { _("Reason"), _("Possible reason"), _("Fine"), _("Note") };
  GtkWidget *image = level == FLUO_FINDING_NOTE
                         ? gtk_image_new_from_icon_name ("fluoroscope-info-symbolic")
                         : fluo_theme_status_image (statuses[level]);

  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (image, words[level]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words[level], -1);
  gtk_widget_add_css_class (image, "missing-sign");
  if (level == FLUO_FINDING_NOTE)
    gtk_widget_add_css_class (image, "dim-label");
  return image;
}

GtkWidget *
fluo_missing_view_make_card (FluoFindingLevel level, const char *title, const char *text,
                             const char *advice, GtkWidget *more)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  gtk_widget_add_css_class (card, "fluo-card");
  gtk_widget_add_css_class (card, "missing-card");
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (card), new_sign (level));
  gtk_box_append (GTK_BOX (card), words);
  gtk_box_append (GTK_BOX (words), new_label (title, "heading"));
  if (text && *text)
    {
      GtkWidget *label = new_label (text, "dense");

      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      /* It is there to be marked with the pointer; Tab shall go from one button to the next. */
      gtk_widget_set_focusable (label, FALSE);
      gtk_box_append (GTK_BOX (words), label);
    }
  if (advice && *advice)
    {
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
      GtkWidget *bulb = gtk_image_new_from_icon_name ("fluoroscope-bulb-symbolic");
      GtkWidget *label = new_label (advice, "dense");

      gtk_widget_set_valign (bulb, GTK_ALIGN_START);
      gtk_widget_set_margin_top (bulb, 1);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_widget_add_css_class (row, "dim-label");
      gtk_box_append (GTK_BOX (row), bulb);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (words), row);
    }
  if (more)
    gtk_box_append (GTK_BOX (words), more);
  return card;
}

/* "14:31:48 · UDP · python3 (process 4711) · 512 B" */
static char *
describe_example (const FluoRefusedExample *example)
{
  g_autofree char *clock = fluo_format_clock (example->time_ns, FLUO_CLOCK_SECONDS, NULL);
  g_autofree char *source = g_ascii_strup (example->source ? example->source : "–", -1);
  g_autofree char *size = fluo_format_bytes (example->bytes);

  if (example->sender)
    return g_strdup_printf ("%s · %s · %s · %s", clock, source, example->sender, size);
  return g_strdup_printf ("%s · %s · %s", clock, source, size);
}

static GtkWidget *
new_example (const FluoRefusedExample *example)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  g_autofree char *head = describe_example (example);
  GtkWidget *head_label = new_label (head, "caption");

  gtk_widget_add_css_class (head_label, "dim-label");
  gtk_widget_add_css_class (head_label, "numeric");
  gtk_box_append (GTK_BOX (box), head_label);
  if (example->problem && *example->problem)
    gtk_box_append (GTK_BOX (box), new_label (example->problem, "dense"));
  if (*example->text)
    {
      GtkWidget *code = new_label (example->text, "missing-text");
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
      gtk_label_set_attributes (GTK_LABEL (code), attributes);
      gtk_label_set_wrap_mode (GTK_LABEL (code), PANGO_WRAP_CHAR);
      gtk_label_set_selectable (GTK_LABEL (code), TRUE);
      gtk_widget_set_focusable (code, FALSE);
      gtk_widget_add_css_class (code, "monospace");
      gtk_box_append (GTK_BOX (box), code);
    }
  return box;
}

static GtkWidget *
new_examples (const GPtrArray *examples)
{
  g_autofree char *title = NULL;
  GtkWidget *expander, *box;

  if (examples->len == 0)
    return NULL;
  title = g_strdup_printf (
      ngettext ("The last refused document", "The last %u refused documents", examples->len),
      examples->len);
  expander = gtk_expander_new (title);
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  for (guint i = 0; i < examples->len; i++)
    gtk_box_append (GTK_BOX (box), new_example (examples->pdata[i]));
  gtk_widget_set_margin_top (box, 6);
  gtk_expander_set_child (GTK_EXPANDER (expander), box);
  gtk_widget_add_css_class (expander, "dense");
  return expander;
}

/* --- The answer -------------------------------------------------------------------------- */

static const char *
class_of (const FluoMissingReport *report)
{
  static const struct
  {
    const char *verdict;
    const char *css_class;
  } classes[] = { { "stored", "ok" },     { "fine", "ok" },   { "partial", "error" },
                  { "problem", "fault" }, { "invalid", "fault" }, { "maybe", "error" } };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_str_equal (report->verdict, classes[i].verdict))
      return classes[i].css_class;
  return "running";
}

static GtkWidget *
new_summary (const FluoMissingReport *report)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *label = new_label (report->summary, "strong");
  GtkWidget *copy = gtk_button_new_from_icon_name ("fluoroscope-copy-symbolic");

  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (box, "sentence-box");
  gtk_widget_add_css_class (box, class_of (report));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_tooltip_text (copy, _("Copy the answer as text"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Copy the answer as text"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (copy), "missing.copy");
  gtk_widget_set_valign (copy, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "small");
  gtk_box_append (GTK_BOX (box), copy);
  if (report->start_ns > 0 && report->trace_id)
    {
      GtkWidget *button = gtk_button_new_with_mnemonic (_("_Open Trace"));

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "missing.open");
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "small-button");
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
new_range_card (const FluoMissingReport *report, FluoTimeSpan span)
{
  g_autofree char *range = fluo_format_range (span, NULL);
  g_autofree char *began = fluo_format_range (
      (FluoTimeSpan) { report->start_ns, report->start_ns + FLUO_NSEC_PER_MIN }, NULL);
  g_autofree char *text = g_strdup_printf (
      _("The window shows %s, and the trace began in %s."), range, began);
  GtkWidget *button = gtk_button_new_with_mnemonic (_("_Show That Time"));

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "missing.show-time");
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "small-button");
  return fluo_missing_view_make_card (FLUO_FINDING_PROBLEM, _("The range on screen leaves it out"),
                                      text, NULL, button);
}

GtkWidget *
fluo_missing_view_new (const FluoMissingReport *report, FluoTimeSpan span)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);

  gtk_box_append (GTK_BOX (box), new_summary (report));
  if (report->start_ns > 0 && !fluo_time_span_contains (span, report->start_ns))
    gtk_box_append (GTK_BOX (box), new_range_card (report, span));
  for (guint i = 0; i < report->findings->len; i++)
    {
      const FluoFinding *finding = g_ptr_array_index (report->findings, i);

      gtk_box_append (GTK_BOX (box), fluo_missing_view_make_card (
                                         finding->level, finding->title, finding->text,
                                         finding->advice, new_examples (finding->examples)));
    }
  return box;
}

char *
fluo_missing_view_dup_text (const FluoMissingReport *report)
{
  GString *out = g_string_new (NULL);

  if (report->trace_id)
    g_string_append_printf (out, "%s\n", report->trace_id);
  g_string_append_printf (out, "%s\n", report->summary);
  for (guint i = 0; i < report->findings->len; i++)
    {
      const FluoFinding *finding = g_ptr_array_index (report->findings, i);

      g_string_append_printf (out, "\n%s (%s)\n%s\n", finding->title, finding->kind,
                              finding->text);
      if (finding->advice)
        g_string_append_printf (out, "→ %s\n", finding->advice);
      for (guint k = 0; k < finding->examples->len; k++)
        {
          const FluoRefusedExample *example = g_ptr_array_index (finding->examples, k);
          g_autofree char *head = describe_example (example);

          g_string_append_printf (out, "  %s\n", head);
          if (example->problem)
            g_string_append_printf (out, "  %s\n", example->problem);
          if (*example->text)
            g_string_append_printf (out, "  %s\n", example->text);
        }
    }
  return g_string_free (out, FALSE);
}
