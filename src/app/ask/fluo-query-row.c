/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-row.h"

#include "core/fluo-format.h"
#include "fluo-filter-style.h"
#include "fluo-query-text.h"

#define LIST_PX 432
/* Beside it in a narrow window: paddings and the edge. */
#define MARGIN_PX 32
#define HEIGHT_PX 420
#define TITLE_CHARS_MAX 120
#define FILTER_CHARS_MAX 300

GtkWidget *
fluo_query_row_new (GtkWidget *start, const char *title, const char *filter)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *detail = gtk_label_new (NULL);
  g_autofree char *folded = fluo_query_text_fold (filter);
  g_autofree char *safe = fluo_format_untrusted (folded, FILTER_CHARS_MAX);
  gboolean words = fluo_query_text_get_kind (folded, NULL) != FLUO_QUERY_EXPRESSION;
  g_autoptr (PangoAttrList) attributes = words ? NULL : fluo_filter_style_dup_attributes (safe);
  GtkWidget *text = gtk_label_new (safe);

  gtk_label_set_attributes (GTK_LABEL (text), attributes);
  gtk_label_set_xalign (GTK_LABEL (text), 0);
  gtk_label_set_ellipsize (GTK_LABEL (text), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_add_css_class (text, "query-row-filter");
  if (!words)
    gtk_widget_add_css_class (text, "monospace");
  gtk_widget_add_css_class (detail, "caption");
  gtk_widget_add_css_class (detail, "dim-label");
  gtk_widget_add_css_class (detail, "numeric");
  gtk_label_set_xalign (GTK_LABEL (detail), 1);
  if (start)
    gtk_box_append (GTK_BOX (head), start);
  if (title)
    {
      g_autofree char *shown = fluo_format_untrusted (title, TITLE_CHARS_MAX);
      GtkWidget *label = gtk_label_new (shown);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_widget_add_css_class (label, "query-row-title");
      gtk_box_append (GTK_BOX (head), label);
      gtk_widget_set_margin_start (text, start ? 30 : 0);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, shown,
                                      GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, safe, -1);
    }
  else
    {
      gtk_box_append (GTK_BOX (head), text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, safe,
                                      -1);
    }
  gtk_box_append (GTK_BOX (head), detail);
  gtk_box_append (GTK_BOX (box), head);
  if (title)
    gtk_box_append (GTK_BOX (box), text);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_add_css_class (row, "query-row");
  g_object_set_data (G_OBJECT (row), "detail", detail);
  return row;
}

void
fluo_query_row_add (GtkWidget *row, GtkWidget *child, gboolean quiet)
{
  GtkWidget *detail = g_object_get_data (G_OBJECT (row), "detail");
  GtkWidget *head = gtk_widget_get_parent (detail);

  if (quiet)
    gtk_widget_add_css_class (child, "quiet");
  gtk_box_insert_child_after (GTK_BOX (head), child, gtk_widget_get_prev_sibling (detail));
}

void
fluo_query_row_set_detail (GtkWidget *row, const char *text)
{
  gtk_label_set_text (g_object_get_data (G_OBJECT (row), "detail"), text);
}

void
fluo_query_row_fit_frame (GtkWidget *frame)
{
  GtkRoot *root = gtk_widget_get_root (frame);
  GtkWidget *window = root ? GTK_WIDGET (root) : NULL;
  int width = window ? gtk_widget_get_width (window) : 0;

  gtk_widget_set_size_request (frame, width > 0 ? MIN (LIST_PX, width - MARGIN_PX) : LIST_PX, -1);
}

/* The entry keeps Escape to itself. */
static void
stop_search_cb (GtkWidget *search)
{
  GtkWidget *popover = gtk_widget_get_ancestor (search, GTK_TYPE_POPOVER);

  if (popover)
    gtk_popover_popdown (GTK_POPOVER (popover));
}

GtkWidget *
fluo_query_row_make_frame (const char *placeholder, GtkWidget *list, GtkWidget **ret_search)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *search = gtk_search_entry_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_object_set (search, "placeholder-text", placeholder, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  placeholder, -1);
  gtk_widget_add_css_class (search, "query-search");
  g_signal_connect (search, "stop-search", G_CALLBACK (stop_search_cb), NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), HEIGHT_PX);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_box_append (GTK_BOX (box), search);
  gtk_box_append (GTK_BOX (box), scroller);
  *ret_search = search;
  return box;
}
