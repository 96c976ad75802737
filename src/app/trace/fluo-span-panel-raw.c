/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <gtksourceview/gtksource.h>
#include <string.h>

#include "app/ask/fluo-filter-style.h"
#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-text-tool.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"

/* Documents as text: coloured, with a search of their own. */

/* Longer texts stay without colours: they are found in words just the same. */
#define COLOUR_MAX 150000

/* Line by line made safe, long lines cut: what a document holds must not be able to stall or
 * disguise the view. */
static char *
dup_safe_text (const char *text)
{
  GString *result = g_string_new (NULL);

  while (*text != '\0' && result->len < FLUO_PANEL_TEXT_MAX)
    {
      gsize length = strcspn (text, "\n");
      g_autofree char *line = g_strndup (text, length);
      gsize indent = strspn (line, " ");
      g_autofree char *safe = fluo_format_untrusted (line + indent, FLUO_PANEL_LINE_MAX);

      g_string_append_len (result, line, (gssize) MIN (indent, 128));
      g_string_append (result, safe);
      text += length;
      if (*text == '\n')
        {
          g_string_append_c (result, '\n');
          text++;
        }
    }
  if (*text != '\0')
    g_string_append (result, "…");

  return g_string_free (result, FALSE);
}

GtkWidget *
fluo_span_panel_new_source (const char *text, const char *language)
{
  g_autofree char *safe = dup_safe_text (text);
  g_autoptr (GtkSourceBuffer) buffer = gtk_source_buffer_new (NULL);
  GtkWidget *view;

  gtk_source_buffer_set_highlight_matching_brackets (buffer, FALSE);
  fluo_filter_style_follow_as (buffer, strlen (safe) <= COLOUR_MAX ? language : "");
  gtk_text_buffer_set_text (GTK_TEXT_BUFFER (buffer), safe, -1);
  view = gtk_source_view_new_with_buffer (buffer);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_add_css_class (view, "raw-text");

  return view;
}

/* --- Search ------------------------------------------------------------------------------- */

typedef struct
{
  GtkTextView             *view;
  GtkSourceSearchSettings *settings;
  GtkSourceSearchContext  *context;
  GtkLabel                *count;
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_object_unref (search->context);
  g_object_unref (search->settings);
  g_free (search);
}

/* "3 of 43" where a place is selected that was found. */
static void
count_cb (GtkSourceSearchContext *context, GParamSpec *pspec, Search *search)
{
  int n = gtk_source_search_context_get_occurrences_count (context), position;
  g_autofree char *text = NULL;
  GtkTextIter begin, end;

  gtk_text_buffer_get_selection_bounds (gtk_text_view_get_buffer (search->view), &begin, &end);
  position = gtk_source_search_context_get_occurrence_position (context, &begin, &end);
  if (gtk_source_search_settings_get_search_text (search->settings) == NULL)
    text = g_strdup ("");
  else if (n >= 0)
    text = fluo_text_tool_dup_found ((guint) MAX (position, 0), (guint) n);
  if (text != NULL)
    gtk_label_set_text (search->count, text);
}

/* From the cursor on, around the end. */
static void
step (Search *search, gboolean forward)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (search->view);
  GtkTextIter begin, end, match_begin, match_end;
  gboolean found;

  gtk_text_buffer_get_selection_bounds (buffer, &begin, &end);
  found = forward ? gtk_source_search_context_forward (search->context, &end, &match_begin,
                                                       &match_end, NULL)
                  : gtk_source_search_context_backward (search->context, &begin, &match_begin,
                                                        &match_end, NULL);
  if (!found)
    return;
  gtk_text_buffer_select_range (buffer, &match_begin, &match_end);
  gtk_text_view_scroll_to_iter (search->view, &match_begin, 0.1, FALSE, 0, 0);
  count_cb (search->context, NULL, search);
}

static void
changed_cb (GtkEditable *entry, Search *search)
{
  const char *text = gtk_editable_get_text (entry);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (search->view);
  GtkTextIter start;

  gtk_source_search_settings_set_search_text (search->settings, *text != '\0' ? text : NULL);
  gtk_text_buffer_get_start_iter (buffer, &start);
  gtk_text_buffer_place_cursor (buffer, &start);
  count_cb (search->context, NULL, search);
  if (*text != '\0')
    step (search, TRUE);
}

static void
next_cb (Search *search)
{
  step (search, TRUE);
}

static void
previous_cb (Search *search)
{
  step (search, FALSE);
}

static void
stop_cb (GtkSearchEntry *entry)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
}

/* The text stays where it is while its search is above it. */
GtkWidget *
fluo_span_panel_make_raw (GBytes *json)
{
  /* No more of it is shown. */
  g_autofree char *pretty = fluo_json_pretty_start (
    g_bytes_get_data (json, NULL), g_bytes_get_size (json), FLUO_PANEL_TEXT_MAX + 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0),
            *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *entry = gtk_search_entry_new (), *scroll = gtk_scrolled_window_new ();
  Search *search = g_new0 (Search, 1);

  search->view = GTK_TEXT_VIEW (fluo_span_panel_new_source (pretty != NULL ? pretty : "", "json"));
  search->settings = gtk_source_search_settings_new ();
  gtk_source_search_settings_set_wrap_around (search->settings, TRUE);
  search->context = gtk_source_search_context_new (
    GTK_SOURCE_BUFFER (gtk_text_view_get_buffer (search->view)), search->settings);
  search->count = GTK_LABEL (gtk_label_new (NULL));
  g_object_set_data_full (G_OBJECT (box), "fluo-search", search, search_free);
  g_signal_connect (search->context, "notify::occurrences-count", G_CALLBACK (count_cb), search);

  g_object_set (entry, "placeholder-text", _("Find in this text"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Find in this text"), -1);
  gtk_widget_set_hexpand (entry, TRUE);
  g_signal_connect (entry, "search-changed", G_CALLBACK (changed_cb), search);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (next_cb), search);
  g_signal_connect_swapped (entry, "next-match", G_CALLBACK (next_cb), search);
  g_signal_connect_swapped (entry, "previous-match", G_CALLBACK (previous_cb), search);
  g_signal_connect (entry, "stop-search", G_CALLBACK (stop_cb), NULL);
  gtk_widget_add_css_class (GTK_WIDGET (search->count), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (search->count), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (search->count), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (search->count), "raw-count");
  gtk_box_append (GTK_BOX (line), entry);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (search->count));
  gtk_box_append (GTK_BOX (line), fluo_panel_new_copy_json (json, _("Copy all of it")));
  gtk_widget_add_css_class (line, "raw-search");

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), GTK_WIDGET (search->view));
  gtk_widget_set_vexpand (scroll, TRUE);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), scroll);

  return box;
}
