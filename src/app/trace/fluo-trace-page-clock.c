/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-trace-page-private.h"
#include "core/fluo-format.h"
#include "core/fluo-trace-skew.h"

/* Hosts whose clocks seem to be wrong: told above the calls, and shifted when that is asked for.
 * Larger traces are prepared in a worker, so that no frame is late while one opens. */

#define ROWS_AT_ONCE_MAX 20000
#define NOTICES_MAX 3
#define HOST_CHARS_MAX 80
#define HOST_KEY "fluo-host"

/* --- Preparing ---------------------------------------------------------------------------- */

typedef struct
{
  FluoTrace         *read;
  GHashTable        *on;    /* hosts to be shifted */
  gint64             now_ns; /* 0: it stays as it is */
  /* What comes of it. */
  GPtrArray         *skews; /* FluoTraceSkew of what was read */
  FluoTrace         *shown;
  FluoWaterfallRows *rows;
  FluoTraceSummary  *summary;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  fluo_trace_unref (job->read);
  g_hash_table_unref (job->on);
  g_clear_pointer (&job->skews, g_ptr_array_unref);
  g_clear_pointer (&job->shown, fluo_trace_unref);
  g_clear_pointer (&job->rows, fluo_waterfall_rows_free);
  g_clear_pointer (&job->summary, fluo_trace_summary_unref);
  g_free (job);
}

static void
mark_hosts (Job *job)
{
  const FluoSpan *spans = fluo_trace_get_spans (job->read, NULL);

  for (guint k = 0; k < job->skews->len; k++)
    {
      const FluoTraceSkew *skew = g_ptr_array_index (job->skews, k);
      gboolean shifted = g_hash_table_contains (job->on, skew->host);

      for (guint i = 0; i < skew->segments->len; i++)
        {
          guint32 segment = g_array_index (skew->segments, guint32, i);

          if (job->shown != job->read)
            segment = fluo_trace_find (job->shown, spans[segment].id);
          fluo_waterfall_rows_mark_clock (job->rows, segment, skew->shift_ns, shifted);
        }
    }
}

/* [worker] */
static void
prepare (Job *job)
{
  g_autoptr (GPtrArray) chosen = g_ptr_array_new ();

  job->skews = fluo_trace_dup_skews (job->read);
  for (guint i = 0; i < job->skews->len; i++)
    {
      FluoTraceSkew *skew = g_ptr_array_index (job->skews, i);

      if (g_hash_table_contains (job->on, skew->host))
        g_ptr_array_add (chosen, skew);
    }
  if (chosen->len > 0)
    job->shown = fluo_trace_shift (job->read, chosen);
  else if (job->now_ns > 0 && job->skews->len == 0 &&
           fluo_trace_page_is_running (job->read, job->now_ns))
    job->shown = fluo_trace_extend (job->read, job->now_ns);
  else
    job->shown = fluo_trace_ref (job->read);
  job->rows = fluo_waterfall_rows_new (job->shown);
  job->summary = fluo_trace_summary_from_trace (job->shown);
  mark_hosts (job);
}

/* --- Notices ------------------------------------------------------------------------------ */

static char *
dup_words (const FluoTraceSkew *skew, gboolean shifted)
{
  g_autofree char *host = fluo_format_untrusted (skew->host, HOST_CHARS_MAX);
  g_autofree char *shift = fluo_format_duration_exact (ABS (skew->shift_ns));
  g_autofree char *calls = NULL;

  if (shifted && skew->shift_ns > 0)
    return g_strdup_printf (_("What %s did is shown %s later than it was sent."), host, shift);
  if (shifted)
    return g_strdup_printf (_("What %s did is shown %s earlier than it was sent."), host, shift);

  calls = g_strdup_printf (
    ngettext ("%u of %u call it answered", "%u of %u calls it answered", skew->n_calls),
    skew->n_outside, skew->n_calls);
  if (skew->shift_ns > 0)
    return g_strdup_printf (
      _("The clock of %s seems to be %s slow: it stands outside %s"), host,
      shift, calls);

  return g_strdup_printf (
    _("The clock of %s seems to be %s fast: it stands outside %s"), host,
    shift, calls);
}

static void
shift_cb (GtkButton *button, FluoTracePage *self)
{
  fluo_trace_page_toggle_clock (self, g_object_get_data (G_OBJECT (button), HOST_KEY));
}

static GtkWidget *
new_notice (FluoTracePage *self, const FluoTraceSkew *skew)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *label, *button;
  gboolean shifted = g_hash_table_contains (self->clock.on, skew->host);
  g_autofree char *words = dup_words (skew, shifted);
  g_autofree char *length = fluo_format_duration (ABS (skew->shift_ns));
  g_autofree char *text =
    shifted             ? g_strdup (_("Show as sent"))
    : skew->shift_ns > 0 ? g_strdup_printf (_("Shift by +%s"), length)
                         : g_strdup_printf (_("Shift by −%s"), length);
  g_autofree char *slack = fluo_format_duration (skew->slack_ns);
  g_autofree char *tip =
    skew->slack_ns > 0 ? g_strdup_printf (_("Give or take %s (S)"), slack) : g_strdup ("(S)");

  label = gtk_label_new (words);
  /* Lines that wrap are measured over and over while a page finds its place. */
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, words);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  button = gtk_button_new_with_label (text);
  gtk_widget_set_tooltip_text (button, tip);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_object_set_data_full (G_OBJECT (button), HOST_KEY, g_strdup (skew->host), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (shift_cb), self, 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("fluoroscope-clock-symbolic"));
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), button);
  gtk_widget_add_css_class (box, "clock-notice");
  if (shifted)
    gtk_widget_add_css_class (box, "shifted");

  return box;
}

static void
update_notices (FluoTracePage *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->clock.notices)) != NULL)
    gtk_box_remove (GTK_BOX (self->clock.notices), child);
  for (guint i = 0; i < MIN (self->clock.skews->len, NOTICES_MAX); i++)
    gtk_box_append (GTK_BOX (self->clock.notices),
                    new_notice (self, g_ptr_array_index (self->clock.skews, i)));
  gtk_widget_set_visible (self->clock.notices, self->clock.skews->len > 0);
}

GtkWidget *
fluo_trace_page_make_clock (FluoTracePage *self)
{
  self->clock.on = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->clock.notices = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_widget_set_visible (self->clock.notices, FALSE);

  return self->clock.notices;
}

/* --- Showing ------------------------------------------------------------------------------ */

static void
show (FluoTracePage *self, Job *job)
{
  g_clear_pointer (&self->clock.skews, g_ptr_array_unref);
  g_clear_pointer (&self->clock.read, fluo_trace_unref);
  self->clock.skews = g_steal_pointer (&job->skews);
  self->clock.read = fluo_trace_ref (job->read);
  update_notices (self);
  fluo_trace_page_show_rows (self, job->shown, g_steal_pointer (&job->rows),
                             g_steal_pointer (&job->summary));
  fluo_trace_page_follow_clock (self);
}

/* [worker] */
static void
prepare_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  prepare (task_data);
  g_task_return_boolean (task, TRUE);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FluoTracePage *self = FLUO_TRACE_PAGE (source);

  if (GPOINTER_TO_UINT (user_data) == self->reader.generation)
    show (self, g_task_get_task_data (G_TASK (result)));
}

void
fluo_trace_page_show_trace (FluoTracePage *self, FluoTrace *trace)
{
  g_autoptr (GTask) task = NULL;
  Job *job = g_new0 (Job, 1);
  GHashTableIter iter;
  gpointer host;
  guint n;

  job->read = fluo_trace_ref (trace);
  job->now_ns = self->from_file ? 0 : fluo_time_now_ns ();
  job->on = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, self->clock.on);
  while (g_hash_table_iter_next (&iter, &host, NULL))
    g_hash_table_add (job->on, g_strdup (host));

  fluo_trace_get_spans (trace, &n);
  if (n <= ROWS_AT_ONCE_MAX)
    {
      prepare (job);
      show (self, job);
      job_free (job);
      return;
    }

  if (self->trace == NULL)
    gtk_stack_set_visible_child_name (self->stack, "loading");
  task = g_task_new (self, NULL, prepared_cb, GUINT_TO_POINTER (++self->reader.generation));
  g_task_set_source_tag (task, fluo_trace_page_show_trace);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, prepare_thread);
}

/* --- Switching ---------------------------------------------------------------------------- */

/* The host that a call of the trace ran on, if its clock is under suspicion. */
static const char *
suspect_of (FluoTracePage *self, guint32 span)
{
  FluoWaterfallRows *rows = fluo_waterfall_view_get_rows (self->waterfall);
  guint32 segment = rows != NULL ? fluo_waterfall_rows_get_segment (rows, span) : FLUO_SPAN_NONE;
  guint64 id;

  if (segment == FLUO_SPAN_NONE)
    return NULL;
  id = fluo_trace_get_spans (self->trace, NULL)[segment].id;
  segment = fluo_trace_find (self->clock.read, id);
  for (guint k = 0; k < self->clock.skews->len; k++)
    {
      const FluoTraceSkew *skew = g_ptr_array_index (self->clock.skews, k);

      for (guint i = 0; i < skew->segments->len; i++)
        if (g_array_index (skew->segments, guint32, i) == segment)
          return skew->host;
    }

  return NULL;
}

void
fluo_trace_page_toggle_clock (FluoTracePage *self, const char *host)
{
  g_autoptr (FluoTrace) read = NULL;
  g_autofree char *name = NULL;

  if (self->clock.skews == NULL || self->clock.skews->len == 0)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }
  if (host == NULL)
    host = suspect_of (self, fluo_waterfall_view_get_selected (self->waterfall));
  if (host == NULL)
    host = ((FluoTraceSkew *) g_ptr_array_index (self->clock.skews, 0))->host;

  name = g_strdup (host);
  if (!g_hash_table_remove (self->clock.on, name))
    g_hash_table_add (self->clock.on, g_strdup (name));
  read = fluo_trace_ref (self->clock.read);
  fluo_trace_page_show_trace (self, read);
}

void
fluo_trace_page_clear_clock (FluoTracePage *self)
{
  g_clear_pointer (&self->clock.skews, g_ptr_array_unref);
  g_clear_pointer (&self->clock.on, g_hash_table_unref);
  g_clear_pointer (&self->clock.read, fluo_trace_unref);
}
