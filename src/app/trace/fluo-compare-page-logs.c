/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-compare-page-private.h"

/* The log lines of either trace beside the comparison. */

static guint
get_side (FluoComparePage *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->logs.sides[1])) ? 1 : 0;
}

void
fluo_compare_page_update_logs (FluoComparePage *self)
{
  guint side;

  if (self->logs.panel == NULL)
    return;
  side = get_side (self);
  fluo_logs_panel_set_title (self->logs.panel, side == 0 ? _("Log lines of A")
                                                         : _("Log lines of B"));
  fluo_logs_panel_set_trace (self->logs.panel, self->sides[side].trace);
  fluo_compare_page_select_logs (self);
}

void
fluo_compare_page_select_logs (FluoComparePage *self)
{
  FluoCompareTable *table = fluo_compare_view_get_table (self->view);
  guint32 selected = fluo_compare_view_get_selected (self->view), span = FLUO_SPAN_NONE;

  if (self->logs.panel == NULL || self->logs.jumping || table == NULL)
    return;
  if (selected != FLUO_SPAN_NONE)
    {
      const FluoCompareRow *row = &g_array_index (fluo_compare_table_get_comparison (table)->rows,
                                                  FluoCompareRow, selected);

      span = get_side (self) == 0 ? row->a : row->b;
    }
  fluo_logs_panel_set_span (self->logs.panel, span);
}

static guint32
find_row (FluoComparePage *self, guint span)
{
  FluoCompareTable *table = fluo_compare_view_get_table (self->view);

  return table == NULL ? FLUO_SPAN_NONE
                       : fluo_trace_comparison_find_row (fluo_compare_table_get_comparison (table),
                                                         get_side (self) == 0, span);
}

/* The row follows the line, and the line stays where it is. */
static void
jump_cb (FluoLogsPanel *panel, guint span, FluoComparePage *self)
{
  self->logs.jumping = TRUE;
  fluo_compare_view_reveal (self->view, find_row (self, span));
  self->logs.jumping = FALSE;
  fluo_logs_panel_set_span (panel, span);
}

static void
hover_cb (FluoLogsPanel *panel, guint span, FluoComparePage *self)
{
  fluo_compare_view_set_hover (self->view, find_row (self, span));
}

static GtkWidget *
make_sides (FluoComparePage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "segmented");
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  for (guint i = 0; i < 2; i++)
    {
      self->logs.sides[i] = gtk_toggle_button_new_with_label (i == 0 ? "A" : "B");
      gtk_box_append (GTK_BOX (box), self->logs.sides[i]);
    }
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->logs.sides[1]),
                               GTK_TOGGLE_BUTTON (self->logs.sides[0]));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->logs.sides[0]), TRUE);
  g_signal_connect_object (self->logs.sides[1], "toggled",
                           G_CALLBACK (fluo_compare_page_update_logs), self, G_CONNECT_SWAPPED);
  return box;
}

static void
close_cb (FluoComparePage *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->logs.toggle), FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
fluo_compare_page_toggle_logs (FluoComparePage *self)
{
  const gboolean shown = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->logs.toggle));

  if (shown && self->logs.panel == NULL)
    {
      self->logs.panel = FLUO_LOGS_PANEL (fluo_logs_panel_new (self->explorer));
      fluo_logs_panel_add_head (self->logs.panel, make_sides (self));
      gtk_widget_add_css_class (GTK_WIDGET (self->logs.panel), "trace-side");
      g_signal_connect_object (self->logs.panel, "jump", G_CALLBACK (jump_cb), self, 0);
      g_signal_connect_object (self->logs.panel, "hover", G_CALLBACK (hover_cb), self, 0);
      g_signal_connect_object (self->logs.panel, "close", G_CALLBACK (close_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_box_append (GTK_BOX (self->logs.split), GTK_WIDGET (self->logs.panel));
      fluo_compare_page_update_logs (self);
    }
  if (self->logs.panel != NULL)
    gtk_widget_set_visible (GTK_WIDGET (self->logs.panel), shown);
  fluo_compare_page_fold (self);
}
