/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-history-popover.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-foreign.h"
#include "core/fluo-format.h"
#include "fluo-query-history.h"
#include "fluo-query-row.h"

typedef struct
{
  GtkWidget *popover; /* owns this */
  GtkListBox *list;
  GtkWidget *search;
  GtkWidget *clear;
} History;

/* "14:31" of today, with the day otherwise. */
static char *
dup_when (const FluoQueryVisit *visit)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (visit->time_ns / FLUO_NSEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = fluo_format_clock (visit->time_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *day = NULL;

  if (!then || g_date_time_get_day_of_year (then) != g_date_time_get_day_of_year (now)
      || g_date_time_get_year (then) != g_date_time_get_year (now))
    day = then ? g_date_time_format (then, "%x") : NULL;
  return day ? g_strdup_printf ("%s, %s", day, clock) : g_steal_pointer (&clock);
}

static GtkWidget *
make_row (const FluoQueryVisit *visit)
{
  GtkWidget *row = fluo_query_row_new (NULL, NULL, visit->text);
  g_autofree char *when = dup_when (visit);
  g_autofree char *found = visit->matching >= 0 ? fluo_format_count (visit->matching) : NULL;
  g_autofree char *detail = found ? g_strdup_printf (
                                        ngettext ("%s trace · %s", "%s traces · %s",
                                                  (gulong) MIN (visit->matching, 1000000)),
                                        found, when)
                                  : g_strdup (when);

  fluo_query_row_set_detail (row, detail);
  g_object_set_data_full (G_OBJECT (row), "filter", g_strdup (visit->text), g_free);
  fluo_foreign_set_tooltip (row, visit->connection);
  return row;
}

static void
fill (History *self)
{
  GPtrArray *all = fluo_query_history_get_all (fluo_query_history_get_default ());
  g_autofree char *words = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)),
                                            -1);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list)))
         && GTK_IS_LIST_BOX_ROW (child))
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < all->len; i++)
    {
      const FluoQueryVisit *visit = g_ptr_array_index (all, i);
      g_autofree char *folded = g_utf8_casefold (visit->text, -1);

      if (strstr (folded, words))
        gtk_list_box_append (self->list, make_row (visit));
    }
  gtk_widget_set_visible (self->clear, all->len > 0);
}

static void
activated_cb (GtkListBox *list, GtkListBoxRow *row, History *self)
{
  const char *filter = g_object_get_data (G_OBJECT (row), "filter");

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  gtk_widget_activate_action (self->popover, "query.use", "s", filter);
}

static void
mapped_cb (History *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  fluo_query_row_fit_frame (gtk_popover_get_child (GTK_POPOVER (self->popover)));
  fill (self);
  gtk_widget_grab_focus (self->search);
}

static void
search_activated_cb (History *self)
{
  GtkListBoxRow *first = gtk_list_box_get_row_at_index (self->list, 0);

  if (first)
    activated_cb (self->list, first, self);
}

static void
clear_clicked_cb (History *self)
{
  gtk_widget_activate_action (self->popover, "query.clear-history", NULL);
  fill (self);
}

GtkWidget *
fluo_query_history_popover_new (FluoExplorer *explorer)
{
  History *self = g_new0 (History, 1);
  GtkWidget *box;
  GtkWidget *empty = gtk_label_new (
    _("Filters that you run and words you look for are listed here."));

  self->popover = gtk_popover_new ();
  gtk_widget_add_css_class (self->popover, "query-popover");
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("History"), -1);
  gtk_widget_add_css_class (empty, "query-empty");
  gtk_list_box_set_placeholder (self->list, empty);
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  g_signal_connect (self->list, "row-activated", G_CALLBACK (activated_cb), self);
  box = fluo_query_row_make_frame (_("Search the history"), GTK_WIDGET (self->list),
                                   &self->search);
  self->clear = gtk_button_new_with_label (_("Clear the History"));
  gtk_widget_add_css_class (self->clear, "flat");
  gtk_widget_add_css_class (self->clear, "small-button");
  gtk_widget_set_halign (self->clear, GTK_ALIGN_START);
  g_signal_connect_swapped (self->clear, "clicked", G_CALLBACK (clear_clicked_cb), self);
  gtk_box_append (GTK_BOX (box), self->clear);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (fill), self);
  g_signal_connect_swapped (self->search, "activate", G_CALLBACK (search_activated_cb), self);
  g_signal_connect_swapped (self->popover, "map", G_CALLBACK (mapped_cb), self);
  gtk_popover_set_child (GTK_POPOVER (self->popover), box);
  g_object_set_data_full (G_OBJECT (self->popover), "fluo-history", self, g_free);
  return self->popover;
}
