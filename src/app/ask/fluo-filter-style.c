/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-style.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gstdio.h>

#include "app/fluo-resources.h"
#include "draw/fluo-palette.h"

#define LANGUAGE "fluo-filter"

static GtkSourceLanguage *
get_language (void)
{
  static GtkSourceLanguageManager *manager = NULL;

  if (!manager)
    {
      fluo_app_register_resources ();
      manager = gtk_source_language_manager_new ();
      gtk_source_language_manager_append_search_path (
          manager, "resource://" FLUO_RESOURCE_PATH "/language-specs/");
    }
  return gtk_source_language_manager_get_language (manager, LANGUAGE);
}

/* The order of FluoPaletteKind; paper needs none. */
static const char *const scheme_names[] = { "fluo-light", "fluo-dark", "fluo-light-contrast",
                                            "fluo-dark-contrast" };

static void
append_style (GString *out, const char *name, FluoColor color, const char *rest)
{
  g_string_append_printf (out, "<style name=\"%s\" foreground=\"#%02x%02x%02x\"%s/>", name,
                          (int) (color.red * 255 + .5f), (int) (color.green * 255 + .5f),
                          (int) (color.blue * 255 + .5f), rest);
}

/* As a style's attribute; @color is laid over the view's background. */
static char *
dup_background (const FluoPalette *palette, FluoColor color)
{
  FluoColor opaque = { color.red, color.green, color.blue, 1 };
  FluoColor seen = fluo_color_over (opaque, color.alpha, palette->view);

  return g_strdup_printf (" background=\"#%02x%02x%02x\"", (int) (seen.red * 255 + .5f),
                          (int) (seen.green * 255 + .5f), (int) (seen.blue * 255 + .5f));
}

static char *
dup_scheme (const char *name, const FluoPalette *palette)
{
  GString *out = g_string_new (NULL);
  g_autofree char *view = dup_background (palette, palette->view);
  g_autofree char *line = dup_background (palette, palette->hover);
  g_autofree char *selection = dup_background (palette, palette->accent_mid);
  g_autofree char *found = dup_background (palette, palette->found);

  g_string_append_printf (out, "<style-scheme id=\"%s\" name=\"Fluoroscope\" version=\"1.0\">",
                          name);
  append_style (out, "text", palette->fg, view);
  append_style (out, "selection", palette->fg, selection);
  append_style (out, "cursor", palette->accent, "");
  append_style (out, "current-line", palette->fg, line);
  append_style (out, "current-line-number", palette->fg3, line);
  append_style (out, "line-numbers", palette->fg3, view);
  append_style (out, "bracket-match", palette->fg, " bold=\"true\" underline=\"single\"");
  append_style (out, "bracket-mismatch", palette->syntax.bracket, "");
  append_style (out, "def:function", palette->syntax.function, " bold=\"true\"");
  append_style (out, "def:keyword", palette->syntax.keyword, " bold=\"true\"");
  append_style (out, "def:string", palette->syntax.text, "");
  append_style (out, "def:special-char", palette->syntax.text, " bold=\"true\"");
  append_style (out, "def:number", palette->syntax.number, " bold=\"true\"");
  append_style (out, "def:identifier", palette->syntax.field, "");
  append_style (out, "def:type", palette->syntax.field, "");
  append_style (out, "def:property", palette->syntax.field, "");
  append_style (out, "def:constant", palette->syntax.keyword, "");
  append_style (out, "def:special-constant", palette->syntax.keyword, "");
  append_style (out, "def:boolean", palette->syntax.keyword, "");
  append_style (out, "def:comment", palette->fg2, "");
  append_style (out, "search-match", palette->fg, found);
  append_style (out, "def:operator", palette->syntax.op, "");
  append_style (out, "def:preprocessor", palette->syntax.number,
                " bold=\"true\" italic=\"true\"");
  append_style (out, "fluo-filter:bracket", palette->syntax.bracket, "");
  g_string_append (out, "</style-scheme>\n");
  return g_string_free (out, FALSE);
}

/* GtkSourceView reads schemes from files alone, and not from resources: they are written for a
 * moment, so that FluoPalette stays the one place of colours. */
static GtkSourceStyleSchemeManager *
make_schemes (void)
{
  GtkSourceStyleSchemeManager *manager = gtk_source_style_scheme_manager_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp (NULL, &error);
  const char *path[] = { dir, NULL };

  if (!dir)
    {
      g_message ("filters stay without colours: %s", error->message);
      return manager;
    }
  for (guint i = 0; i < G_N_ELEMENTS (scheme_names); i++)
    {
      g_autofree char *name = g_strconcat (dir, "/", scheme_names[i], ".xml", NULL);
      g_autofree char *text = dup_scheme (scheme_names[i], fluo_palette_get (i));

      g_file_set_contents (name, text, -1, NULL);
    }
  gtk_source_style_scheme_manager_set_search_path (manager, path);
  gtk_source_style_scheme_manager_get_scheme_ids (manager);
  for (guint i = 0; i < G_N_ELEMENTS (scheme_names); i++)
    {
      g_autofree char *name = g_strconcat (dir, "/", scheme_names[i], ".xml", NULL);

      g_unlink (name);
    }
  g_rmdir (dir);
  return manager;
}

static GtkSourceStyleScheme *
get_scheme (void)
{
  static GtkSourceStyleSchemeManager *manager = NULL;
  AdwStyleManager *style = adw_style_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (style);
  gboolean contrast = adw_style_manager_get_high_contrast (style);

  if (!manager)
    manager = make_schemes ();
  return gtk_source_style_scheme_manager_get_scheme (manager,
                                                     scheme_names[(contrast ? 2 : 0) + dark]);
}

static void
style_changed_cb (GtkSourceBuffer *buffer)
{
  gtk_source_buffer_set_style_scheme (buffer, get_scheme ());
}

static void
follow (GtkSourceBuffer *buffer, GtkSourceLanguage *language)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  gtk_source_buffer_set_language (buffer, language);
  gtk_source_buffer_set_highlight_syntax (buffer, TRUE);
  style_changed_cb (buffer);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (style_changed_cb), buffer,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (style_changed_cb), buffer,
                           G_CONNECT_SWAPPED);
}

void
fluo_filter_style_follow (GtkSourceBuffer *buffer)
{
  follow (buffer, get_language ());
}

void
fluo_filter_style_follow_as (GtkSourceBuffer *buffer, const char *language)
{
  follow (buffer, gtk_source_language_manager_get_language (
                    gtk_source_language_manager_get_default (), language));
}

static void
insert (PangoAttrList *list, PangoAttribute *attribute, guint start, guint end)
{
  attribute->start_index = start;
  attribute->end_index = end;
  pango_attr_list_insert (list, attribute);
}

/* What @tag says of colour and weight. */
static void
insert_tag (PangoAttrList *list, GtkTextTag *tag, guint start, guint end)
{
  g_autoptr (GdkRGBA) color = NULL;
  gboolean has_color;
  gboolean has_weight;
  gboolean has_style;
  int weight;
  PangoStyle style;

  g_object_get (tag, "foreground-set", &has_color, "foreground-rgba", &color, "weight-set",
                &has_weight, "weight", &weight, "style-set", &has_style, "style", &style, NULL);
  if (has_color && color)
    insert (list,
            pango_attr_foreground_new (color->red * 65535, color->green * 65535,
                                       color->blue * 65535),
            start, end);
  if (has_weight)
    insert (list, pango_attr_weight_new (weight), start, end);
  if (has_style)
    insert (list, pango_attr_style_new (style), start, end);
}

PangoAttrList *
fluo_filter_style_dup_attributes (const char *text)
{
  static GtkSourceBuffer *buffer = NULL;
  PangoAttrList *list = pango_attr_list_new ();
  GtkTextIter start;
  GtkTextIter end;
  gsize length = MIN (strlen (text), FLUO_FILTER_STYLE_BYTES_MAX);
  guint at = 0;

  /* Not in the middle of a character. */
  while (length > 0 && ((guchar) text[length] & 0xc0) == 0x80)
    length--;
  if (!buffer)
    {
      buffer = gtk_source_buffer_new (NULL);
      gtk_source_buffer_set_highlight_matching_brackets (buffer, FALSE);
      fluo_filter_style_follow (buffer);
    }
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (buffer), text, length);
  gtk_text_buffer_get_bounds (GTK_TEXT_BUFFER (buffer), &start, &end);
  gtk_source_buffer_ensure_highlight (buffer, &start, &end);
  gtk_text_buffer_get_start_iter (GTK_TEXT_BUFFER (buffer), &start);
  while (!gtk_text_iter_is_end (&start))
    {
      g_autofree char *run = NULL;
      g_autoptr (GSList) tags = gtk_text_iter_get_tags (&start);

      end = start;
      if (!gtk_text_iter_forward_to_tag_toggle (&end, NULL))
        gtk_text_iter_forward_to_end (&end);
      run = gtk_text_iter_get_text (&start, &end);
      for (GSList *tag = tags; tag; tag = tag->next)
        insert_tag (list, tag->data, at, at + strlen (run));
      at += strlen (run);
      start = end;
    }
  return list;
}
