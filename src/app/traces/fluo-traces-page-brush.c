/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-traces-page-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"
#include "fluo-brush-words.h"
#include "fluo-cohort-words.h"
#include "fluo-compare-dialog.h"
#include "fluo-trace-words.h"

/* While a brush is dragged the table follows this often. */
#define NARROW_DELAY_MS 60
#define WORD_CHARS_MAX 40

static void
update_compare (FluoTracesPage *self)
{
  FluoTracesCharts *charts = FLUO_TRACES_CHARTS (self->charts);
  const FluoBrush brush = fluo_traces_charts_get_brush (charts);

  fluo_traces_compare_set_span (FLUO_TRACES_COMPARE (self->compare),
                                fluo_explorer_get_span (self->explorer));
  fluo_traces_compare_set_data (FLUO_TRACES_COMPARE (self->compare), self->matching,
                                fluo_traces_charts_get_points (charts), &brush);
}

void
fluo_traces_page_update_charts (FluoTracesPage *self)
{
  fluo_traces_charts_set_data (FLUO_TRACES_CHARTS (self->charts), self->matching,
                               fluo_explorer_get_span (self->explorer));
  update_compare (self);
}

static gboolean
narrow_cb (gpointer data)
{
  FluoTracesPage *self = data;

  self->narrow_id = 0;
  fluo_traces_page_refresh_table (self);
  update_compare (self);
  return G_SOURCE_REMOVE;
}

static void
brush_changed_cb (FluoTracesCharts *charts, gboolean done, FluoTracesPage *self)
{
  if (done)
    {
      fluo_traces_page_refresh_table (self);
      update_compare (self);
    }
  else if (self->narrow_id == 0)
    self->narrow_id = g_timeout_add (NARROW_DELAY_MS, narrow_cb, self);
}

static void
point_picked_cb (FluoTracesCharts *charts, guint index, FluoTracesPage *self)
{
  const FluoTraceSummary *summary;
  guint position;

  if (index >= self->matching->len)
    return;
  summary = g_ptr_array_index (self->matching, index);
  position = fluo_trace_list_find (self->list, &summary->id);
  if (position == G_MAXUINT)
    return;
  fluo_trace_list_hurry (self->list);
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
  fluo_compat_scroll_to_item (self->table, position);
}

/* --- Filter ------------------------------------------------------------------------------ */

static void
set_filter (FluoTracesPage *self, const char *filter)
{
  g_autoptr (GError) error = NULL;

  if (!fluo_explorer_set_filter (self->explorer, filter, &error))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", error->message);
}

/* A filter takes the place of words that were looked for: they become conditions, or more would be
 * found than before. */
static char *
dup_filter (FluoTracesPage *self)
{
  const char *filter = fluo_explorer_get_filter (self->explorer);
  g_autofree char *left = NULL;
  g_autofree char *words = fluo_trace_words_dup_filter (self->text, self->matching, &left);

  if (left)
    {
      g_autofree char *word = fluo_format_untrusted (left, WORD_CHARS_MAX);
      g_autofree char *text = g_strdup_printf (
        _("“%s” was left out: filters can't look for parts of IDs and numbers"), word);

      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", text);
    }
  return *words ? fluo_filter_add_condition (filter, words) : g_strdup (filter);
}

void
fluo_traces_page_toggle_condition (FluoTracesPage *self, const char *condition)
{
  g_autofree char *before = dup_filter (self);
  g_autofree char *after = NULL;

  g_return_if_fail (FLUO_IS_TRACES_PAGE (self) && condition != NULL);
  after = fluo_filter_has_condition (before, condition)
            ? fluo_filter_remove_condition (before, condition)
            : fluo_filter_add_condition (before, condition);
  set_filter (self, after);
}

/* A time has no condition: it narrows the range, and the second time widens it again to what it
 * was. */
static void
toggle_time (FluoTracesPage *self, const FluoTerm *term)
{
  FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  const gboolean cut = self->cut.span.end_ns > 0
                       && fluo_time_span_equal (self->cut.span, span)
                       && fluo_cohort_term_bounds (term, span);

  if (cut)
    {
      self->cut.span = (FluoTimeSpan) { 0, 0 };
      if (self->cut.relative_ns > 0)
        fluo_explorer_set_relative (self->explorer, self->cut.relative_ns);
      else
        fluo_explorer_set_span (self->explorer, self->cut.before);
    }
  else
    {
      self->cut.before = span;
      self->cut.relative_ns = fluo_explorer_get_relative_ns (self->explorer);
      if (term->operator == FLUO_COHORT_UNDER)
        span.end_ns = term->time_ns;
      else
        span.begin_ns = term->time_ns;
      self->cut.span = span;
      fluo_explorer_set_span (self->explorer, span);
    }
  fluo_traces_compare_set_span (FLUO_TRACES_COMPARE (self->compare),
                                fluo_explorer_get_span (self->explorer));
}

void
fluo_traces_page_toggle_term (FluoTracesPage *self, const FluoTerm *term)
{
  g_autofree char *condition = fluo_cohort_dup_expression (term);

  g_return_if_fail (FLUO_IS_TRACES_PAGE (self));
  if (condition)
    {
      fluo_traces_page_toggle_condition (self, condition);
      return;
    }
  toggle_time (self, term);
}

static void
term_clicked_cb (FluoTracesCompare *compare, FluoTerm *term, FluoTracesPage *self)
{
  fluo_traces_page_toggle_term (self, term);
}

/* The brush becomes text: response times a condition, times the range. */
static void
add_brush_to_filter (FluoTracesPage *self)
{
  FluoTracesCharts *charts = FLUO_TRACES_CHARTS (self->charts);
  const FluoBrush brush = fluo_traces_charts_get_brush (charts);
  const FluoBrush none = FLUO_BRUSH_NONE;
  g_autofree char *before = dup_filter (self);
  g_autofree char *condition = fluo_brush_dup_expression (&brush);
  g_autofree char *filter = NULL;

  if (fluo_brush_is_empty (&brush))
    return;
  fluo_traces_charts_set_brush (charts, &none);
  if (condition && !fluo_filter_has_condition (before, condition))
    {
      filter = fluo_filter_add_condition (before, condition);
      set_filter (self, filter);
    }
  if (fluo_brush_has_span (&brush))
    fluo_explorer_set_span (self->explorer, brush.span);
}

void
fluo_traces_page_add_to_filter_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  add_brush_to_filter (FLUO_TRACES_PAGE (widget));
}

static void
dialog_term_cb (FluoCompareDialog *dialog, FluoTerm *term, FluoTracesPage *self)
{
  fluo_traces_page_toggle_term (self, term);
  fluo_compare_dialog_set_filter (dialog, fluo_explorer_get_filter (self->explorer),
                                  fluo_explorer_get_span (self->explorer));
}

void
fluo_traces_page_compare_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoTracesPage *self = FLUO_TRACES_PAGE (widget);
  FluoTracesCharts *charts = FLUO_TRACES_CHARTS (self->charts);
  const FluoBrush brush = fluo_traces_charts_get_brush (charts);
  FluoCompareDialog *dialog;

  if (self->matching->len == 0)
    return;
  if (self->dialog)
    gtk_window_destroy (GTK_WINDOW (self->dialog));
  dialog = fluo_compare_dialog_new (
      GTK_WINDOW (gtk_widget_get_root (widget)), self->matching,
      fluo_traces_charts_get_points (charts), &brush,
      g_str_has_prefix (name, "traces.compare") ? FLUO_COMPARE_DIFFERENCES
                                                : FLUO_COMPARE_GROUPS_PAGE);
  fluo_compare_dialog_set_filter (dialog, fluo_explorer_get_filter (self->explorer),
                                  fluo_explorer_get_span (self->explorer));
  g_signal_connect_object (dialog, "term-clicked", G_CALLBACK (dialog_term_cb), self, 0);
  g_set_weak_pointer (&self->dialog, GTK_WIDGET (dialog));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
more_cb (FluoTracesPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "traces.compare-fields", NULL);
}

void
fluo_traces_page_make_charts (FluoTracesPage *self)
{
  self->charts = fluo_traces_charts_new ();
  g_signal_connect_object (self->charts, "brush-changed", G_CALLBACK (brush_changed_cb), self, 0);
  g_signal_connect_object (self->charts, "point-picked", G_CALLBACK (point_picked_cb), self, 0);
  g_signal_connect_object (self->charts, "add-to-filter", G_CALLBACK (add_brush_to_filter), self,
                           G_CONNECT_SWAPPED);
  self->compare = fluo_traces_compare_new ();
  g_signal_connect_object (self->compare, "term-clicked", G_CALLBACK (term_clicked_cb), self, 0);
  g_signal_connect_object (self->compare, "more", G_CALLBACK (more_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->main), self->charts);
  gtk_box_append (GTK_BOX (self->main), self->compare);
}
