/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-inspector-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "aws/fluo-cloudwatch.h"
#include "core/fluo-format.h"

/* The alarms of CloudWatch that ring for the node: name, since when, and CloudWatch's reason; or
 * why they could not be read. */

#define TEXT_CHARS_MAX 500
#define REASON_LINES 4
/* More would push everything else away. */
#define SHOWN_MAX 5

static GtkWidget *
make_text (const char *text,
           const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* "since 14:23", with the date when that is not today. */
static char *
dup_since (gint64 since_ns)
{
  g_autoptr (GDateTime) since = g_date_time_new_from_unix_local (since_ns / FLUO_NSEC_PER_SEC);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = fluo_format_clock (since_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *date = NULL;

  if (since_ns <= 0 || !since)
    return g_strdup ("");
  if (g_date_time_get_day_of_year (since) == g_date_time_get_day_of_year (now)
      && g_date_time_get_year (since) == g_date_time_get_year (now))
    return g_strdup_printf (_("since %s"), clock);
  date = g_date_time_format (since, "%x");
  return g_strdup_printf (_("since %s, %s"), date, clock);
}

static GtkWidget *
make_row (const FluoAlarm *alarm)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *bell = gtk_image_new_from_icon_name ("fluoroscope-bell-symbolic");
  g_autofree char *safe = fluo_format_untrusted (alarm->name, TEXT_CHARS_MAX);
  g_autofree char *reason =
    fluo_format_untrusted (alarm->reason ? alarm->reason : "", TEXT_CHARS_MAX);
  g_autofree char *since = dup_since (alarm->since_ns);
  GtkWidget *name = make_text (safe, "alarm-name");

  gtk_widget_add_css_class (bell, "alarm");
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_tooltip_text (name, safe);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), bell);
  gtk_box_append (GTK_BOX (head), name);
  if (*since)
    {
      GtkWidget *label = make_text (since, "caption");

      gtk_widget_add_css_class (label, "numeric");
      gtk_box_append (GTK_BOX (head), label);
    }
  gtk_box_append (GTK_BOX (row), head);
  if (*reason)
    {
      GtkWidget *label = make_text (reason, "caption");

      gtk_widget_add_css_class (label, "dim-label");
      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
      gtk_label_set_lines (GTK_LABEL (label), REASON_LINES);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
      gtk_widget_set_tooltip_text (label, reason);
      gtk_box_append (GTK_BOX (row), label);
    }
  return row;
}

static GtkWidget *
make_error (const GError *error)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *again = gtk_button_new_with_label (_("Read Again"));
  GtkWidget *statement = fluo_statement_button_new ();
  g_autofree char *words = fluo_error_dup_words (error);
  g_autofree char *text = g_strdup_printf (_("The alarms could not be read: %s."), words);
  GtkWidget *label = make_text (text, "caption");

  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (again), "map-page.read-alarms");
  fluo_statement_button_set_error (statement, error);
  gtk_box_append (GTK_BOX (buttons), again);
  gtk_box_append (GTK_BOX (buttons), statement);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), buttons);
  return row;
}

static GtkWidget *
make_box (int margin_top)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);

  gtk_widget_set_margin_start (box, PADDING_PX);
  gtk_widget_set_margin_end (box, PADDING_PX);
  gtk_widget_set_margin_top (box, margin_top);
  gtk_widget_set_visible (box, FALSE);
  return box;
}

GtkWidget *
fluo_inspector_make_alarms (FluoInspector *self)
{
  self->alarms = make_box (14);
  return self->alarms;
}

/* Beside the metrics: it says less than any alarm would. */
GtkWidget *
fluo_inspector_make_alarms_error (FluoInspector *self)
{
  self->alarms_error = make_box (18);
  return self->alarms_error;
}

static void
add_rest (FluoInspector *self,
          guint          n)
{
  g_autofree char *text = g_strdup_printf (ngettext ("and %u more alarm", "and %u more alarms", n),
                                           n);
  GtkWidget *label = make_text (text, "caption");

  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (self->alarms), label);
}

/* The chart of requests shows where the newest began. */
static void
mark_series (FluoInspector *self,
             GPtrArray     *alarms)
{
  const FluoAlarm *newest = NULL;

  for (guint i = 0; alarms && i < alarms->len; i++)
    {
      const FluoAlarm *alarm = g_ptr_array_index (alarms, i);

      if (!newest || alarm->since_ns > newest->since_ns)
        newest = alarm;
    }
  g_clear_pointer (&self->alarm_name, g_free);
  self->alarm_name = newest ? fluo_format_untrusted (newest->name, TEXT_CHARS_MAX) : NULL;
  self->alarm_since_ns = newest ? newest->since_ns : 0;
  fluo_canvas_set_size (
    FLUO_CANVAS (self->series), CONTENT_WIDTH_PX,
    SERIES_HEIGHT_PX + (self->alarm_name ? (int) FLUO_TIME_CHART_ALARM_PX : 0));
  gtk_widget_queue_draw (self->series);
}

void
fluo_inspector_set_alarms (FluoInspector *self,
                           GPtrArray     *alarms,
                           const GError  *error)
{
  GtkWidget *child;

  g_return_if_fail (FLUO_IS_INSPECTOR (self));

  while ((child = gtk_widget_get_first_child (self->alarms)))
    gtk_box_remove (GTK_BOX (self->alarms), child);
  while ((child = gtk_widget_get_first_child (self->alarms_error)))
    gtk_box_remove (GTK_BOX (self->alarms_error), child);
  for (guint i = 0; alarms && i < MIN (alarms->len, SHOWN_MAX); i++)
    gtk_box_append (GTK_BOX (self->alarms), make_row (g_ptr_array_index (alarms, i)));
  if (alarms && alarms->len > SHOWN_MAX)
    add_rest (self, alarms->len - SHOWN_MAX);
  if (error)
    gtk_box_append (GTK_BOX (self->alarms_error), make_error (error));
  gtk_widget_set_visible (self->alarms, alarms != NULL);
  gtk_widget_set_visible (self->alarms_error, error != NULL);
  mark_series (self, alarms);
}
