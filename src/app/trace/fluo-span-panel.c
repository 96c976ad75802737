/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/trace/fluo-span-panel-private.h"
#include "core/fluo-json.h"

static const struct
{
  const char *name, *title;
} tabs[FLUO_N_PANEL_TABS] = {
  [FLUO_PANEL_OVERVIEW] = { "overview", N_("Overview") },
  [FLUO_PANEL_ANNOTATIONS] = { "annotations", N_("Annotations") },
  [FLUO_PANEL_METADATA] = { "metadata", N_("Metadata") },
  [FLUO_PANEL_EXCEPTION] = { "exception", N_("Exception") },
  [FLUO_PANEL_SQL] = { "sql", N_("SQL") },
  [FLUO_PANEL_LOGS] = { "logs", N_("Logs") },
  [FLUO_PANEL_RAW] = { "raw", N_("Raw") },
};

G_DEFINE_FINAL_TYPE (FluoSpanPanel, fluo_span_panel, GTK_TYPE_WIDGET)

enum
{
  JUMP,
  CLOSE,
  MOVE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

void
fluo_span_panel_jump (FluoSpanPanel *self, guint32 span)
{
  g_signal_emit (self, signals[JUMP], 0, (guint) span);
}

/* --- Tabs ------------------------------------------------------------------------------------- */

static FluoPanelSpan
describe (FluoSpanPanel *self)
{
  FluoPanelSpan what = { self->rows };

  what.graph = self->graph;
  what.trace = fluo_waterfall_rows_get_trace (self->rows);
  what.spans = fluo_trace_get_spans (what.trace, &what.n_spans);
  what.index = self->shown;
  what.span = &what.spans[self->shown];
  what.detail = self->details;

  return what;
}

static gboolean
has_page (const FluoSpanDetail *detail, FluoPanelTab tab)
{
  switch (tab)
    {
    case FLUO_PANEL_ANNOTATIONS:
      return detail->annotations->len > 0;
    case FLUO_PANEL_METADATA:
      return detail->metadata != NULL;
    case FLUO_PANEL_EXCEPTION:
      return detail->exceptions->len > 0 || detail->cause_id != NULL;
    case FLUO_PANEL_SQL:
      return detail->sql->len > 0;
    case FLUO_PANEL_OVERVIEW:
    case FLUO_PANEL_LOGS:
    case FLUO_PANEL_RAW:
    case FLUO_N_PANEL_TABS:
    default:
      return TRUE;
    }
}

static GtkWidget *
make_page (FluoSpanPanel *self, FluoPanelTab tab)
{
  FluoPanelSpan what = describe (self);
  g_autoptr (GBytes) json = NULL;

  switch (tab)
    {
    case FLUO_PANEL_ANNOTATIONS:
      return fluo_span_panel_make_annotations (&what);
    case FLUO_PANEL_METADATA:
      return fluo_span_panel_make_raw (self->details->metadata);
    case FLUO_PANEL_EXCEPTION:
      return fluo_span_panel_make_exceptions (self, &what);
    case FLUO_PANEL_SQL:
      return fluo_span_panel_make_sql (&what);
    case FLUO_PANEL_LOGS:
      return fluo_span_panel_make_logs (&what, self->lines);
    case FLUO_PANEL_RAW:
      json = fluo_trace_dup_raw (what.trace, self->span);
      return fluo_span_panel_make_raw (json);
    case FLUO_PANEL_OVERVIEW:
    case FLUO_N_PANEL_TABS:
    default:
      return fluo_span_panel_make_overview (self, &what);
    }
}

/* A page is made when it is looked at: a document of 64 KB takes longer to lay out than a frame. */
static void
fill_tab (FluoSpanPanel *self, FluoPanelTab tab)
{
  GtkWidget *page, *scroll;

  if (self->span == FLUO_SPAN_NONE || adw_bin_get_child (ADW_BIN (self->holders[tab])) != NULL)
    return;

  page = make_page (self, tab);
  if (tab != FLUO_PANEL_METADATA && tab != FLUO_PANEL_RAW)
    {
      scroll = gtk_scrolled_window_new ();
      gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_NEVER,
                                      GTK_POLICY_AUTOMATIC);
      gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), page);
      page = scroll;
    }
  adw_bin_set_child (ADW_BIN (self->holders[tab]), page);
}

static void
show_tab (FluoSpanPanel *self, FluoPanelTab tab)
{
  self->switching = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->buttons[tab]), TRUE);
  self->switching = FALSE;
  fill_tab (self, tab);
  gtk_stack_set_visible_child_name (self->stack, tabs[tab].name);
}

static void
tab_toggled_cb (GtkToggleButton *button, FluoSpanPanel *self)
{
  if (self->switching || !gtk_toggle_button_get_active (button))
    return;

  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    if (self->buttons[i] == GTK_WIDGET (button))
      {
        self->wanted = i;
        fill_tab (self, i);
        gtk_stack_set_visible_child_name (self->stack, tabs[i].name);
      }
}

static GtkWidget *
new_tabs (FluoSpanPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *scroll = gtk_scrolled_window_new ();

  gtk_widget_add_css_class (scroll, "span-tabs");
  /* In large text or many letters they scroll; the panel does not grow beyond the window. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroll), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroll), box);
  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    {
      self->buttons[i] = gtk_toggle_button_new_with_label (_(tabs[i].title));
      gtk_widget_add_css_class (self->buttons[i], "flat");
      gtk_widget_add_css_class (self->buttons[i], "span-tab");
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->buttons[i]),
                                     GTK_TOGGLE_BUTTON (self->buttons[0]));
      g_signal_connect (self->buttons[i], "toggled", G_CALLBACK (tab_toggled_cb), self);
      gtk_box_append (GTK_BOX (box), self->buttons[i]);

      self->holders[i] = adw_bin_new ();
      gtk_stack_add_named (self->stack, self->holders[i], tabs[i].name);
    }

  return scroll;
}

/* --- Span ------------------------------------------------------------------------------------- */

void
fluo_span_panel_show (FluoSpanPanel *self, guint32 span)
{
  FluoPanelSpan what;

  self->shown = span;
  g_clear_pointer (&self->details, fluo_span_detail_free);
  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    adw_bin_set_child (ADW_BIN (self->holders[i]), NULL);
  self->details = fluo_span_detail_new (fluo_waterfall_rows_get_trace (self->rows), span);
  what = describe (self);
  fluo_span_panel_update_head (self, &what);
  fluo_span_panel_update_sides (self, &what);
  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    gtk_widget_set_sensitive (self->buttons[i], has_page (self->details, i));
  show_tab (self, gtk_widget_get_sensitive (self->buttons[self->wanted]) ? self->wanted
                                                                       : FLUO_PANEL_OVERVIEW);
}

void
fluo_span_panel_set_span (FluoSpanPanel *self, FluoWaterfallRows *rows, guint32 span)
{
  const FluoSpan *spans;

  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (rows != NULL)
    fluo_waterfall_rows_ref (rows);
  g_clear_pointer (&self->rows, fluo_waterfall_rows_free);
  g_clear_pointer (&self->details, fluo_span_detail_free);
  self->rows = rows;
  self->span = rows != NULL ? span : FLUO_SPAN_NONE;
  gtk_widget_set_visible (self->box, self->span != FLUO_SPAN_NONE);
  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    adw_bin_set_child (ADW_BIN (self->holders[i]), NULL);
  if (self->span == FLUO_SPAN_NONE)
    return;

  spans = fluo_trace_get_spans (fluo_waterfall_rows_get_trace (rows), NULL);
  fluo_span_panel_show (self, fluo_spans_failing (spans, span));
}

void
fluo_span_panel_update_colors (FluoSpanPanel *self)
{
  FluoPanelSpan what;

  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (self->span == FLUO_SPAN_NONE)
    return;
  what = describe (self);
  fluo_span_panel_update_head (self, &what);
}

void
fluo_span_panel_set_graph (FluoSpanPanel *self, FluoServiceGraph *graph)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (graph != NULL)
    fluo_service_graph_ref (graph);
  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  self->graph = graph;
}

void
fluo_span_panel_set_lines (FluoSpanPanel *self, FluoTraceLines *lines)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  if (lines != NULL)
    fluo_trace_lines_ref (lines);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  self->lines = lines;
  adw_bin_set_child (ADW_BIN (self->holders[FLUO_PANEL_LOGS]), NULL);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), tabs[FLUO_PANEL_LOGS].name) == 0)
    fill_tab (self, FLUO_PANEL_LOGS);
}

guint32
fluo_span_panel_get_span (FluoSpanPanel *self)
{
  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), FLUO_SPAN_NONE);

  return self->span;
}

const char *
fluo_span_panel_get_tab (FluoSpanPanel *self)
{
  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), NULL);

  return gtk_stack_get_visible_child_name (self->stack);
}

void
fluo_span_panel_set_tab (FluoSpanPanel *self, const char *name)
{
  g_return_if_fail (FLUO_IS_SPAN_PANEL (self));

  for (guint i = 0; i < FLUO_N_PANEL_TABS; i++)
    if (g_strcmp0 (tabs[i].name, name) == 0)
      {
        self->wanted = i;
        if (gtk_widget_get_sensitive (self->buttons[i]))
          show_tab (self, i);
      }
}

char *
fluo_span_panel_dup_json (FluoSpanPanel *self)
{
  const char *raw;
  gsize length;

  g_return_val_if_fail (FLUO_IS_SPAN_PANEL (self), NULL);

  if (self->rows == NULL || self->span == FLUO_SPAN_NONE)
    return NULL;

  raw = fluo_trace_get_raw (fluo_waterfall_rows_get_trace (self->rows), self->shown, &length);

  return fluo_json_pretty (raw, length);
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_span_panel_dispose (GObject *object)
{
  FluoSpanPanel *self = FLUO_SPAN_PANEL (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_span_panel_parent_class)->dispose (object);
}

static void
fluo_span_panel_finalize (GObject *object)
{
  FluoSpanPanel *self = FLUO_SPAN_PANEL (object);

  g_clear_pointer (&self->graph, fluo_service_graph_unref);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->rows, fluo_waterfall_rows_free);
  g_clear_pointer (&self->details, fluo_span_detail_free);
  fluo_painter_free (self->painter);
  G_OBJECT_CLASS (fluo_span_panel_parent_class)->finalize (object);
}

static void
fluo_span_panel_class_init (FluoSpanPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fluo_span_panel_dispose;
  object_class->finalize = fluo_span_panel_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "spanpanel");

  signals[JUMP] = g_signal_new ("jump", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[CLOSE] = g_signal_new ("close", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signals[MOVE] = g_signal_new ("move", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
fluo_span_panel_init (FluoSpanPanel *self)
{
  self->span = self->shown = FLUO_SPAN_NONE;
  self->painter = fluo_painter_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self), "span-panel");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (self->box), fluo_span_panel_make_head (self));
  gtk_box_append (GTK_BOX (self->box), fluo_span_panel_make_sides (self));
  gtk_box_append (GTK_BOX (self->box), new_tabs (self));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (self->box), fluo_span_panel_make_foot (self));
  gtk_widget_set_visible (self->box, FALSE);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
fluo_span_panel_new (void)
{
  return g_object_new (FLUO_TYPE_SPAN_PANEL, NULL);
}
