/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>

#include "aws/fluo-xray-pins.h"

/* Rows copied at once. */
#define COPY_MAX 10000

GPtrArray *
fluo_traces_page_dup_selection (FluoTracesPage *self)
{
  g_autoptr (GtkBitset)
      set = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  GPtrArray *selected = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  GtkBitsetIter iter;
  guint position;
  gboolean more = gtk_bitset_iter_init_first (&iter, set, &position);

  for (; more && selected->len < COPY_MAX; more = gtk_bitset_iter_next (&iter, &position))
    {
      FluoTraceSummary *summary = fluo_trace_list_get_summary (self->list, position);

      if (summary)
        g_ptr_array_add (selected, fluo_trace_summary_ref (summary));
    }
  return selected;
}

void
fluo_traces_page_copy_rows_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  g_autoptr (GPtrArray) rows = fluo_traces_page_dup_selection (self);
  char *(*write) (GPtrArray *) = g_str_equal (name, "traces.copy-csv") ? fluo_trace_list_dup_csv
                                 : g_str_equal (name, "traces.copy-json")
                                   ? fluo_trace_list_dup_json : fluo_trace_list_dup_text;
  g_autofree char *text = write (rows);
  g_autofree char *said = g_strdup_printf (ngettext ("%u row copied", "%u rows copied", rows->len),
                                           rows->len);

  if (rows->len == 0)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  gtk_widget_activate_action (widget, "win.toast", "s", said);
}

/* Two selected rows with each other, the slower one first; one with the usual trace of its kind. */
void
fluo_traces_page_compare_rows_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  g_autoptr (GPtrArray) rows = fluo_traces_page_dup_selection (self);
  g_autofree char *a = NULL;
  g_autofree char *b = NULL;

  if (rows->len == 0 || rows->len > 2)
    {
      gtk_widget_activate_action (widget, "win.toast", "s",
                                  _("Select one trace or two to compare"));
      return;
    }
  if (rows->len == 2)
    {
      FluoTraceSummary *first = g_ptr_array_index (rows, 0);
      FluoTraceSummary *second = g_ptr_array_index (rows, 1);
      gboolean swap = fluo_trace_summary_get_time_ns (second)
                      > fluo_trace_summary_get_time_ns (first);

      a = fluo_trace_id_to_string (swap ? &second->id : &first->id);
      b = fluo_trace_id_to_string (swap ? &first->id : &second->id);
    }
  else
    a = fluo_trace_id_to_string (&((FluoTraceSummary *) g_ptr_array_index (rows, 0))->id);
  gtk_widget_activate_action (widget, "win.compare", "(ss)", a, b ? b : "");
}

/* --- For good ---------------------------------------------------------------------------- */

/* How many of @rows are kept for good. */
static guint
count_kept (FluoTracesPage *self, GPtrArray *rows)
{
  FluoKept *kept = fluo_explorer_get_kept (self->explorer);
  guint n = 0;

  for (guint i = 0; i < rows->len; i++)
    n += fluo_kept_has (kept, &((FluoTraceSummary *) g_ptr_array_index (rows, i))->id);
  return n;
}

void
fluo_traces_page_update_kept (FluoTracesPage *self)
{
  g_autoptr (GPtrArray) rows = fluo_traces_page_dup_selection (self);
  const gboolean can = fluo_kept_can (fluo_explorer_get_kept (self->explorer));
  const guint n = count_kept (self, rows);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "traces.keep",
                                 can && (rows->len == 0 || n < rows->len));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "traces.let-go", can && n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "traces.toggle-kept", can);
}

void
fluo_traces_page_keep_rows_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  g_autoptr (GPtrArray) rows = fluo_traces_page_dup_selection (self);
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const gboolean keep = g_str_equal (name, "traces.toggle-kept")
                            ? count_kept (self, rows) < rows->len
                            : g_str_equal (name, "traces.keep");

  if (rows->len > FLUO_XRAY_PINS_MAX)
    {
      g_autofree char *text = g_strdup_printf (
          _("Select at most %d traces to keep"), FLUO_XRAY_PINS_MAX);

      gtk_widget_activate_action (widget, "win.toast", "s", text);
      return;
    }
  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (ids, fluo_trace_id_to_string (
                              &((FluoTraceSummary *) g_ptr_array_index (rows, i))->id));
  g_ptr_array_add (ids, NULL);
  if (rows->len > 0)
    gtk_widget_activate_action (widget, "win.keep-traces", "(^asb)", ids->pdata, keep);
}
