/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-range-button.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"

const gint64 fluo_range_lengths_s[FLUO_N_RANGES] = { 5 * 60, 15 * 60, 60 * 60, 3 * 60 * 60,
                                                     6 * 60 * 60 };

struct _FluoRangeButton
{
  AdwBin parent_instance;

  FluoExplorer *explorer;
  GtkMenuButton *button;
  GtkLabel *label;
  GtkWidget *arrow;
  GtkWidget *choices[FLUO_N_RANGES];
  GtkEditable *from;
  GtkEditable *to;
  GtkLabel *problem;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE (FluoRangeButton, fluo_range_button, ADW_TYPE_BIN)

char *
fluo_range_dup_label (gint64 length_ns)
{
  gint64 minutes = length_ns / FLUO_NSEC_PER_MIN;

  if (minutes == 60)
    return g_strdup (_("Last hour"));
  if (minutes % (24 * 60) == 0 && minutes > 24 * 60)
    return g_strdup_printf (ngettext ("Last %d day", "Last %d days", minutes / 60 / 24),
                            (int)(minutes / 60 / 24));
  if (minutes % 60 == 0 && minutes > 0)
    return g_strdup_printf (ngettext ("Last %d hour", "Last %d hours", minutes / 60),
                            (int)(minutes / 60));
  return g_strdup_printf (ngettext ("Last %d minute", "Last %d minutes", minutes), (int) minutes);
}

/* "14:17", "14:17:30", "2026-11-19 14:17" in local time, and what fluo_parse_time() reads. A clock
 * time alone means its latest occurrence before @now_ns. */
gboolean
fluo_range_parse_time (const char *text, gint64 now_ns, gint64 *ret_ns)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_local (now_ns / FLUO_NSEC_PER_SEC);
  g_autoptr (GDateTime) time = NULL;
  int year = g_date_time_get_year (now);
  int month = g_date_time_get_month (now);
  int day = g_date_time_get_day_of_month (now);
  int hour;
  int minute;
  int second = 0;
  int used = 0;
  int n = sscanf (text, "%4d-%2d-%2d%n", &year, &month, &day, &used);
  gboolean dated = n == 3;
  const char *clock = dated ? text + used : text;

  if (fluo_parse_time (text, now_ns, ret_ns))
    return TRUE;
  if (!dated)
    g_date_time_get_ymd (now, &year, &month, &day);
  while (*clock == ' ' || *clock == 'T')
    clock++;
  if (sscanf (clock, "%2d:%2d:%2d", &hour, &minute, &second) < 2)
    return FALSE;
  time = g_date_time_new_local (year, month, day, hour, minute, second);
  if (!time)
    return FALSE;
  *ret_ns = g_date_time_to_unix (time) * FLUO_NSEC_PER_SEC;
  if (!dated && *ret_ns > now_ns)
    *ret_ns -= 24 * 60 * FLUO_NSEC_PER_MIN;
  return TRUE;
}

static void
choice_clicked_cb (GtkButton *button, FluoRangeButton *self)
{
  for (guint i = 0; i < FLUO_N_RANGES; i++)
    if (self->choices[i] == GTK_WIDGET (button))
      fluo_explorer_set_relative (self->explorer, fluo_range_lengths_s[i] * FLUO_NSEC_PER_SEC);
  gtk_menu_button_popdown (self->button);
}

static void
apply_cb (GtkWidget *widget, FluoRangeButton *self)
{
  gint64 now_ns = fluo_time_now_ns ();
  FluoTimeSpan span;
  const char *problem = NULL;

  if (!fluo_range_parse_time (gtk_editable_get_text (self->from), now_ns, &span.begin_ns))
    problem = _("“From” is no time; try 14:17 or 2026-11-19 14:17");
  else if (!fluo_range_parse_time (gtk_editable_get_text (self->to), now_ns, &span.end_ns))
    problem = _("“To” is no time; try 14:32 or now");
  else if (span.begin_ns >= span.end_ns)
    problem = _("“From” must be before “To”");
  gtk_label_set_text (self->problem, problem ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  if (problem)
    return;
  fluo_explorer_set_span (self->explorer, span);
  gtk_menu_button_popdown (self->button);
}

char *
fluo_range_dup_time (gint64 time_ns)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (time_ns / FLUO_NSEC_PER_SEC);

  return g_date_time_format (time, "%Y-%m-%d %H:%M:%S");
}

static void
popover_map_cb (GtkWidget *popover, FluoRangeButton *self)
{
  FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  g_autofree char *from = fluo_range_dup_time (span.begin_ns);
  g_autofree char *to = fluo_range_dup_time (span.end_ns);

  gtk_editable_set_text (self->from, from);
  gtk_editable_set_text (self->to, to);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
}

static void
state_changed_cb (FluoExplorer *explorer, FluoRangeButton *self)
{
  gint64 length_ns = fluo_explorer_get_relative_ns (explorer);
  g_autofree char *text = length_ns > 0
                              ? fluo_range_dup_label (length_ns)
                              : fluo_format_range (fluo_explorer_get_span (explorer), NULL);
  g_autofree char *spoken = g_strdup_printf (_("Time range: %s"), text);

  if (!g_str_equal (gtk_label_get_text (self->label), text))
    gtk_label_set_text (self->label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->label), !self->narrow);
  gtk_widget_set_visible (self->arrow, !self->narrow);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), spoken);
  for (guint i = 0; i < FLUO_N_RANGES; i++)
    {
      if (fluo_range_lengths_s[i] * FLUO_NSEC_PER_SEC == length_ns)
        gtk_widget_add_css_class (self->choices[i], "chosen");
      else
        gtk_widget_remove_css_class (self->choices[i], "chosen");
    }
}

static GtkWidget *
make_entry (GtkWidget *grid, int row, const char *name, FluoRangeButton *self)
{
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *entry = gtk_entry_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 18);
  gtk_widget_add_css_class (entry, "numeric");
  gtk_accessible_update_relation (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  g_signal_connect (entry, "activate", G_CALLBACK (apply_cb), self);
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), entry, 1, row, 1, 1);
  return entry;
}

static GtkWidget *
make_popover (FluoRangeButton *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *grid = gtk_grid_new ();
  GtkWidget *apply = gtk_button_new_with_label (_("Show This Range"));

  gtk_widget_add_css_class (popover, "range-popover");
  for (guint i = 0; i < FLUO_N_RANGES; i++)
    {
      g_autofree char *text = fluo_range_dup_label (fluo_range_lengths_s[i] * FLUO_NSEC_PER_SEC);

      self->choices[i] = gtk_button_new_with_label (text);
      gtk_label_set_xalign (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->choices[i]))), 0);
      gtk_widget_add_css_class (self->choices[i], "flat");
      gtk_widget_add_css_class (self->choices[i], "menu-choice");
      g_signal_connect (self->choices[i], "clicked", G_CALLBACK (choice_clicked_cb), self);
      gtk_box_append (GTK_BOX (box), self->choices[i]);
    }
  gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_widget_add_css_class (grid, "range-grid");
  self->from = GTK_EDITABLE (make_entry (grid, 0, _("From"), self));
  self->to = GTK_EDITABLE (make_entry (grid, 1, _("To"), self));
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_xalign (self->problem, 0);
  gtk_label_set_max_width_chars (self->problem, 30);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "error");
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "caption");
  gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (self->problem), 0, 2, 2, 1);
  g_signal_connect (apply, "clicked", G_CALLBACK (apply_cb), self);
  gtk_grid_attach (GTK_GRID (grid), apply, 0, 3, 2, 1);
  gtk_box_append (GTK_BOX (box), grid);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  g_signal_connect (popover, "map", G_CALLBACK (popover_map_cb), self);
  return popover;
}

static void
fluo_range_button_dispose (GObject *object)
{
  FluoRangeButton *self = FLUO_RANGE_BUTTON (object);

  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_range_button_parent_class)->dispose (object);
}

static void
fluo_range_button_class_init (FluoRangeButtonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_range_button_dispose;
}

static void
fluo_range_button_init (FluoRangeButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  self->arrow = gtk_image_new_from_icon_name ("fluoroscope-down-symbolic");
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("fluoroscope-clock-symbolic"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  gtk_box_append (GTK_BOX (box), self->arrow);
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_child (self->button, box);
  gtk_menu_button_set_popover (self->button, make_popover (self));
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "bar-button");
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}

GtkWidget *
fluo_range_button_new (FluoExplorer *explorer)
{
  FluoRangeButton *self = g_object_new (FLUO_TYPE_RANGE_BUTTON, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self, 0);
  state_changed_cb (explorer, self);
  return GTK_WIDGET (self);
}

void
fluo_range_button_set_narrow (FluoRangeButton *self, gboolean narrow)
{
  g_return_if_fail (FLUO_IS_RANGE_BUTTON (self));
  self->narrow = narrow;
  state_changed_cb (self->explorer, self);
}
