/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-style.h"

#include <string.h>

#include <adwaita.h>

#include "fluo-resources.h"

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

static GtkSourceStyleScheme *
get_scheme (void)
{
  static GtkSourceStyleSchemeManager *manager = NULL;
  AdwStyleManager *style = adw_style_manager_get_default ();
  gboolean contrast = adw_style_manager_get_high_contrast (style);
  const char *name = adw_style_manager_get_dark (style)
                         ? contrast ? "fluo-dark-contrast" : "fluo-dark"
                     : contrast ? "fluo-light-contrast"
                                : "fluo-light";

  if (!manager)
    {
      const char *path[] = { "resource://" FLUO_RESOURCE_PATH "/styles/", NULL };

      fluo_app_register_resources ();
      manager = gtk_source_style_scheme_manager_new ();
      gtk_source_style_scheme_manager_set_search_path (manager, path);
    }
  return gtk_source_style_scheme_manager_get_scheme (manager, name);
}

static void
style_changed_cb (GtkSourceBuffer *buffer)
{
  gtk_source_buffer_set_style_scheme (buffer, get_scheme ());
}

void
fluo_filter_style_follow (GtkSourceBuffer *buffer)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  gtk_source_buffer_set_language (buffer, get_language ());
  gtk_source_buffer_set_highlight_syntax (buffer, TRUE);
  style_changed_cb (buffer);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (style_changed_cb), buffer,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (style_changed_cb), buffer,
                           G_CONNECT_SWAPPED);
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
  guint at = 0;

  if (!buffer)
    {
      buffer = gtk_source_buffer_new (NULL);
      gtk_source_buffer_set_highlight_matching_brackets (buffer, FALSE);
      fluo_filter_style_follow (buffer);
    }
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (buffer), text,
                            MIN (strlen (text), FLUO_FILTER_STYLE_BYTES_MAX));
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
