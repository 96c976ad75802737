/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-editor-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-foreign.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"

/* The words around the text: what it finds, whether it can run, and what is told to those who can't
 * see it. */

#define SENTENCE_CHARS_MAX 2000

static void
insert_attribute (PangoAttrList *list, PangoAttribute *attribute, guint start, guint end)
{
  attribute->start_index = start;
  attribute->end_index = end;
  pango_attr_list_insert (list, attribute);
}

void
fluo_filter_editor_set_sentence (GtkLabel *label, const FluoSentence *sentence, guint aside)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  guint length = strlen (sentence->text);

  for (guint i = 0; i < sentence->bold->len; i++)
    {
      FluoSentenceRange range = g_array_index (sentence->bold, FluoSentenceRange, i);

      insert_attribute (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD), range.start,
                        range.start + range.length);
    }
  if (aside < length)
    {
      FluoColor color = fluo_theme_get_palette ()->fg2;

      insert_attribute (attributes,
                        pango_attr_foreground_new (color.red * 65535, color.green * 65535,
                                                   color.blue * 65535),
                        aside, length);
    }
  gtk_label_set_text (label, sentence->text);
  gtk_label_set_attributes (label, attributes);
}

/* --- What it says ------------------------------------------------------------------------ */

FluoDraftState
fluo_filter_editor_find_state (FluoFilterEditor *self)
{
  guint cursor = fluo_filter_editor_get_cursor (self);
  guint n = fluo_filter_document_get_n_diagnostics (self->document);

  switch (fluo_query_text_get_kind (self->text, NULL))
    {
    case FLUO_QUERY_EMPTY:
      return FLUO_DRAFT_BLANK;
    case FLUO_QUERY_WORDS:
    case FLUO_QUERY_TRACE:
      return FLUO_DRAFT_WORDS;
    case FLUO_QUERY_EXPRESSION:
    default:
      break;
    }
  if (fluo_filter_document_is_valid (self->document))
    return FLUO_DRAFT_VALID;
  for (guint i = 0; i < n; i++)
    {
      const FluoFilterDiagnostic *diagnostic = fluo_filter_document_get_diagnostic (self->document,
                                                                                    i);

      if (!diagnostic->hint
          && !(fluo_filter_document_is_typing (self->document, cursor)
               && fluo_filter_editor_get_line (self, diagnostic->range.start)
                      == fluo_filter_editor_get_line (self, cursor)))
        return FLUO_DRAFT_WRONG;
    }
  return FLUO_DRAFT_TYPING;
}

/* Where only a number may stand, this and those after it do while the text is explained: nobody
 * writes such numbers. */
#define NUMBER_FIRST 987654001u

/* The names of parameters in the place of the numbers that stood for them. */
static void
name_numbers (FluoSentence *sentence, GPtrArray *parameters, guint *aside)
{
  for (guint i = 0; i < parameters->len; i++)
    {
      const FluoParameter *parameter = g_ptr_array_index (parameters, i);
      g_autofree char *number = g_strdup_printf ("%u", NUMBER_FIRST + i);
      g_autofree char *name = g_strconcat ("$", parameter->name, NULL);
      const int more = (int) strlen (name) - (int) strlen (number);
      const char *at;

      while ((at = strstr (sentence->text, number)))
        {
          const guint place = (guint) (at - sentence->text);
          g_autoptr (GString) text = g_string_new (sentence->text);

          g_string_erase (text, place, strlen (number));
          g_string_insert (text, place, name);
          g_free (sentence->text);
          sentence->text = g_string_free (g_steal_pointer (&text), FALSE);
          *aside += *aside != G_MAXUINT && *aside > place ? more : 0;
          for (guint k = 0; k < sentence->bold->len; k++)
            {
              FluoSentenceRange *range = &g_array_index (sentence->bold, FluoSentenceRange, k);

              if (range->start > place)
                range->start += more;
              else if (range->start + range->length > place)
                range->length += more;
            }
        }
    }
}

/* The explanation with the parameters by their names. */
static FluoSentence *
explain (FluoFilterEditor *self, guint *ret_aside)
{
  g_autoptr (GPtrArray) parameters = fluo_query_parameters_find (self->text);
  g_autoptr (GHashTable) literals = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_autoptr (FluoFilterDocument) named = NULL;
  g_autofree char *text = NULL;
  FluoSentence *sentence;

  if (parameters->len == 0)
    return fluo_filter_document_explain (self->document, fluo_filter_editor_get_cursor (self),
                                         ret_aside);
  for (guint i = 0; i < parameters->len; i++)
    {
      const FluoParameter *parameter = g_ptr_array_index (parameters, i);

      g_hash_table_insert (literals, parameter->name,
                           parameter->types & FLUO_PARAMETER_TEXT
                               ? g_strdup_printf ("\"$%s\"", parameter->name)
                           : parameter->types & FLUO_PARAMETER_NUMBER
                               ? g_strdup_printf ("%u", NUMBER_FIRST + i)
                               : g_strdup ("true"));
    }
  text = fluo_query_parameters_fill (self->text, literals);
  named = fluo_filter_document_new (text, -1, NULL);
  sentence = fluo_filter_document_explain (named, G_MAXUINT, ret_aside);
  name_numbers (sentence, parameters, ret_aside);
  fluo_sentence_append (sentence, " ", FALSE);
  *ret_aside = MIN (*ret_aside, strlen (sentence->text));
  fluo_sentence_append (sentence, _("Its values are asked for when it runs."), FALSE);
  return sentence;
}

void
fluo_filter_editor_update_explanation (FluoFilterEditor *self)
{
  g_autoptr (FluoSentence) sentence = NULL;
  guint aside = G_MAXUINT;

  if (self->state == FLUO_DRAFT_BLANK)
    {
      sentence = fluo_sentence_new ();
      fluo_sentence_append (sentence, _("Every trace."), TRUE);
      fluo_sentence_append (sentence, " ", FALSE);
      aside = strlen (sentence->text);
      fluo_sentence_append (sentence, _("Write a condition, or a word to look for."), FALSE);
    }
  else if (self->state == FLUO_DRAFT_WORDS)
    {
      gboolean trace = fluo_query_text_get_kind (self->text, NULL) == FLUO_QUERY_TRACE;
      g_autofree char *folded = fluo_query_text_fold (self->text);
      g_autofree char *safe = fluo_format_untrusted (folded, SENTENCE_CHARS_MAX);

      sentence = fluo_sentence_new ();
      if (trace)
        fluo_sentence_append (sentence, _("Opens this trace: "), FALSE);
      else
        fluo_sentence_append (
            sentence, _("Traces whose request, service, annotation, user or ID has "), FALSE);
      fluo_sentence_append (sentence, safe, TRUE);
      fluo_sentence_append (sentence, ".", FALSE);
    }
  else
    sentence = explain (self, &aside);
  fluo_filter_editor_set_sentence (self->explanation, sentence, aside);
  fluo_foreign_set_tooltip (GTK_WIDGET (self->explanation), sentence->text);
}

static guint
first_wrong_line (FluoFilterEditor *self)
{
  guint n = fluo_filter_document_get_n_diagnostics (self->document);

  for (guint i = 0; i < n; i++)
    {
      const FluoFilterDiagnostic *diagnostic = fluo_filter_document_get_diagnostic (self->document,
                                                                                    i);

      if (!diagnostic->hint)
        return fluo_filter_editor_get_line (self, diagnostic->range.start) + 1;
    }
  return 1;
}

void
fluo_filter_editor_update_foot (FluoFilterEditor *self)
{
  gboolean runnable = self->state != FLUO_DRAFT_WRONG && self->state != FLUO_DRAFT_TYPING;
  g_autofree char *text = NULL;

  if (self->running)
    text = g_strdup (_("Running"));
  else if (self->state == FLUO_DRAFT_WRONG)
    text = g_strdup_printf (_("Fix line %u to run"), first_wrong_line (self));
  else if (self->state == FLUO_DRAFT_TYPING)
    text = g_strdup_printf (_("Finish line %u to run"), first_wrong_line (self));
  gtk_label_set_text (self->state_label, text ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), text && !self->tiny);
  gtk_widget_set_sensitive (self->run, runnable || self->running);
  gtk_widget_set_sensitive (self->save, self->state != FLUO_DRAFT_BLANK);
}

/* Tells those who can't see it what stands under the lines. */
void
fluo_filter_editor_speak (FluoFilterEditor *self)
{
  g_autoptr (FluoSentence) sentence = NULL;
  guint n = fluo_filter_document_get_n_diagnostics (self->document);

  if (self->state == FLUO_DRAFT_WRONG && n > 0)
    {
      const FluoFilterDiagnostic *diagnostic = fluo_filter_document_get_diagnostic (self->document,
                                                                                    0);

      sentence = fluo_filter_diagnostic_to_sentence (diagnostic);
    }
  if (g_strcmp0 (gtk_label_get_text (self->spoken), sentence ? sentence->text : "") != 0)
    gtk_label_set_text (self->spoken, sentence ? sentence->text : "");
}

/* --- Parts ------------------------------------------------------------------------------- */

GtkWidget *
fluo_filter_editor_make_head (FluoFilterEditor *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-bulb-symbolic");

  gtk_widget_add_css_class (head, "filter-head");
  gtk_widget_add_css_class (icon, "dim-label");
  self->explanation = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->explanation, 0);
  gtk_label_set_wrap (self->explanation, TRUE);
  gtk_label_set_wrap_mode (self->explanation, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (self->explanation, 2);
  gtk_label_set_ellipsize (self->explanation, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->explanation), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->explanation), "dense");
  self->total = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->total), "numeric");
  gtk_box_append (GTK_BOX (head), icon);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->explanation));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->total));
  return head;
}

static GtkWidget *
make_foot_button (const char *icon, const char *text, const char *action)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  if (icon)
    gtk_box_append (GTK_BOX (content), gtk_image_new_from_icon_name (icon));
  if (text)
    gtk_box_append (GTK_BOX (content), gtk_label_new (text));
  gtk_widget_set_halign (content, GTK_ALIGN_CENTER);
  gtk_button_set_child (GTK_BUTTON (button), content);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (text)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                    -1);
  gtk_widget_add_css_class (button, "small-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  return button;
}

void
fluo_filter_editor_show_running (GtkWidget *run, gboolean running)
{
  GtkWidget *content = gtk_button_get_child (GTK_BUTTON (run));
  const char *words = running ? _("Stop") : _("Run");

  gtk_image_set_from_icon_name (GTK_IMAGE (gtk_widget_get_first_child (content)),
                                running ? "fluoroscope-pause-symbolic"
                                        : "fluoroscope-play-symbolic");
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (content)), words);
  gtk_accessible_update_property (GTK_ACCESSIBLE (run), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (run), running ? "query.stop" : "query.run");
}

GtkWidget *
fluo_filter_editor_make_foot (FluoFilterEditor *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *up = make_foot_button ("fluoroscope-up-symbolic", NULL, "query.collapse");

  gtk_widget_add_css_class (foot, "filter-foot");
  self->foot = space;
  gtk_widget_set_hexpand (space, TRUE);
  gtk_widget_set_halign (space, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (foot), space);
  self->save = make_foot_button (NULL, _("Save as…"), "query.save-as");
  gtk_widget_add_css_class (self->save, "flat");
  gtk_widget_set_tooltip_text (self->save, _("Save this filter (Ctrl+D)"));
  gtk_box_append (GTK_BOX (foot), self->save);
  self->state_label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->state_label), "dense");
  gtk_widget_add_css_class (GTK_WIDGET (self->state_label), "dim-label");
  gtk_label_set_ellipsize (self->state_label, PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->state_label));
  self->run = make_foot_button ("fluoroscope-play-symbolic", _("Run"), "query.run");
  gtk_widget_add_css_class (self->run, "suggested-action");
  gtk_widget_add_css_class (self->run, "run-button");
  gtk_widget_set_tooltip_text (self->run, _("Run (Ctrl+Enter)"));
  gtk_box_append (GTK_BOX (foot), self->run);
  gtk_widget_add_css_class (up, "flat");
  gtk_widget_set_tooltip_text (up, _("Close the editor (Esc)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (up), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Close the editor"), -1);
  gtk_box_append (GTK_BOX (foot), up);
  return foot;
}
