/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-insights-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/connect/fluo-range-button.h"
#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

#define COLUMN_PX 900
#define BAR_HEIGHT_PX 26
/* Services named in a row; the rest are counted. */
#define SERVICES_MAX 6
#define NAME_CHARS_MAX 40
#define MINUTE_NS (60 * FLUO_NSEC_PER_SEC)
/* The range that is offered when nothing is found. */
#define LONGER_NS (6 * 60 * MINUTE_NS)

/* --- The bar: when, within the range -------------------------------------- */

#define FLUO_TYPE_INSIGHT_BAR (fluo_insight_bar_get_type ())
G_DECLARE_FINAL_TYPE (FluoInsightBar, fluo_insight_bar, FLUO, INSIGHT_BAR, FluoCanvas)

struct _FluoInsightBar
{
  FluoCanvas parent_instance;

  FluoTimeSpan range;
  FluoTimeSpan span;
  gboolean active;
};

G_DEFINE_FINAL_TYPE (FluoInsightBar, fluo_insight_bar, FLUO_TYPE_CANVAS)

static void
fluo_insight_bar_draw (FluoCanvas *canvas, FluoPainter *painter, double width, double height)
{
  FluoInsightBar *self = FLUO_INSIGHT_BAR (canvas);
  const FluoPalette *palette = fluo_painter_get_palette (painter);
  const FluoFont font = { FLUO_FONT_SANS, 10.5, 400, TRUE };
  const double length = fluo_time_span_length (self->range);
  g_autofree char *begin = fluo_format_clock (self->range.begin_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *end = fluo_format_clock (self->range.end_ns, FLUO_CLOCK_MINUTES, NULL);
  cairo_t *cr = fluo_painter_get_cr (painter);
  double x0, x1;

  if (length <= 0)
    return;
  x0 = width * CLAMP ((self->span.begin_ns - self->range.begin_ns) / length, 0, 1);
  x1 = width * CLAMP ((self->span.end_ns - self->range.begin_ns) / length, 0, 1);
  x0 = MIN (x0, width - 4);
  x1 = MAX (x1, x0 + 4);
  fluo_color_set (cr, palette->grid);
  fluo_painter_rounded (painter, 0, 1, width, 8, 2.5);
  cairo_fill (cr);
  fluo_color_set (cr, palette->status[FLUO_STATUS_FAULT].mark);
  fluo_painter_rounded (painter, x0, 1, x1 - x0, 8, 2.5);
  cairo_fill (cr);
  /* What goes on has an open end, as running calls have. Not by a round clip: cairo 1.16 crashes
   * when one is played again out of GTK's recording. */
  if (self->active)
    {
      cairo_rectangle (cr, MAX (x0, x1 - 3), 1, MIN (3, x1 - x0), 8);
      cairo_fill (cr);
    }
  fluo_painter_text (painter, 0, height - 4, begin, font, palette->fg3, FLUO_ALIGN_START, 0, NULL);
  fluo_painter_text (painter, width, height - 4, end, font, palette->fg3, FLUO_ALIGN_END, 0, NULL);
}

static void
fluo_insight_bar_class_init (FluoInsightBarClass *klass)
{
  FLUO_CANVAS_CLASS (klass)->draw = fluo_insight_bar_draw;
}

static void
fluo_insight_bar_init (FluoInsightBar *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), -1, BAR_HEIGHT_PX);
}

/* --- Page ----------------------------------------------------------------- */

struct _FluoInsightsPage
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  FluoInsights *insights;

  GtkWidget *stack; /* "list", "empty", "loading" */
  GtkListBox *list;
  GtkWidget *scroller;
  AdwStatusPage *empty;
  GtkWidget *longer;
  GtkWidget *enable;
  GtkWidget *retry;
  GtkWidget *statement;
};

G_DEFINE_FINAL_TYPE (FluoInsightsPage, fluo_insights_page, GTK_TYPE_WIDGET)

FluoTimeSpan
fluo_insight_get_span (const FluoInsight *insight, gint64 now_ns)
{
  gint64 end_ns = insight->active ? now_ns : insight->end_ns;
  gint64 length_ns = MAX (end_ns - insight->begin_ns, 0);
  gint64 around_ns = MAX (length_ns / 4, 5 * MINUTE_NS / 2);

  return (FluoTimeSpan) { insight->begin_ns - around_ns,
                          insight->active ? now_ns : MIN (end_ns + around_ns, now_ns) };
}

/* "Faults at <b>bank</b> since <b>14:23</b>". Markup. */
static char *
make_title (const FluoInsight *insight)
{
  g_autofree char *cause = fluo_insight_dup_cause (insight);
  g_autofree char *cause_markup = g_markup_escape_text (cause, -1);
  g_autofree char *begin = fluo_format_clock (insight->begin_ns, FLUO_CLOCK_MINUTES, NULL);
  g_autofree char *range = NULL;

  if (insight->active)
    /* Translators: a service and a time of day. */
    return g_strdup_printf (_("Faults at <b>%s</b> since <b>%s</b>"), cause_markup, begin);
  range = fluo_format_range ((FluoTimeSpan) { insight->begin_ns, insight->end_ns }, NULL);
  /* Translators: a service and a range of time, “14:17 to 14:32”. */
  return g_strdup_printf (_("Faults at <b>%s</b> from <b>%s</b>"), cause_markup, range);
}

/* "71 of 7,645 requests from clients failed (0.9%); 65 of 1,345 calls of bank (4.8%)". */
static char *
make_impact (const FluoInsight *insight)
{
  g_autofree char *faults = fluo_format_count (insight->client_faults);
  g_autofree char *total = fluo_format_count (insight->client_total);
  g_autofree char *share = NULL;
  g_autofree char *cause = fluo_insight_dup_cause (insight);
  g_autofree char *cause_faults = fluo_format_count (insight->cause_faults);
  g_autofree char *cause_total = fluo_format_count (insight->cause_total);
  g_autofree char *cause_share = NULL;
  g_autofree char *clients = NULL;

  if (insight->client_total == 0)
    return g_strdup (_("No requests from clients failed"));
  share = fluo_format_share ((double) insight->client_faults / insight->client_total);
  clients = g_strdup_printf (
    ngettext ("%s of %s request from clients failed (%s)",
              "%s of %s requests from clients failed (%s)", insight->client_total),
    faults, total, share);
  if (insight->cause_total == 0)
    return g_steal_pointer (&clients);
  cause_share = fluo_format_share ((double) insight->cause_faults / insight->cause_total);
  /* Translators: the sentence about clients; then numbers, the name of a service, and a share. */
  return g_strdup_printf (_("%s, %s of %s calls of %s (%s)"), clients, cause_faults, cause_total,
                          cause, cause_share);
}

static GtkWidget *
make_service (FluoInsightsPage *self, const FluoInsightService *service)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *name = fluo_format_untrusted (
    fluo_kind_get_display_name (service->type, service->name), NAME_CHARS_MAX);
  g_autofree char *icon = g_strdup_printf (
    "fluoroscope-%s-symbolic",
    fluo_kind_get_icon (fluo_kind_from_type (service->type, service->name)));
  g_autofree char *kind = fluo_kind_dup_label (service->type, service->name);

  gtk_widget_add_css_class (box, "chip");
  gtk_widget_set_tooltip_text (box, kind);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), gtk_label_new (name));
  return box;
}

/* In a line that scrolls where it is too long. */
static GtkWidget *
make_services (FluoInsightsPage *self, const FluoInsight *insight)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  guint n = MIN (insight->services->len, SERVICES_MAX);

  for (guint i = 0; i < n; i++)
    gtk_box_append (GTK_BOX (box), make_service (self, g_ptr_array_index (insight->services, i)));
  if (insight->services->len > n)
    {
      g_autofree char *more = g_strdup_printf ("+%u", insight->services->len - n);
      GtkWidget *label = gtk_label_new (more);

      gtk_widget_add_css_class (label, "lite");
      gtk_box_append (GTK_BOX (box), label);
    }
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_set_hexpand (scroller, TRUE);
  return scroller;
}

static GtkWidget *
make_button (const char *label, const char *action, const FluoInsight *insight)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_add_css_class (button, "small-button");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", insight->id);
  return button;
}

static GtkWidget *
make_head (const FluoInsight *insight, GtkWidget **ret_title)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *state = gtk_label_new (NULL);
  g_autofree char *markup = make_title (insight);

  gtk_label_set_markup (GTK_LABEL (title), markup);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (title), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "insight-title");
  if (insight->active)
    {
      gtk_label_set_text (GTK_LABEL (state), _("Ongoing"));
      gtk_widget_add_css_class (state, "insight-now");
      gtk_widget_set_valign (state, GTK_ALIGN_CENTER);
    }
  else
    {
      g_autofree char *length = fluo_format_duration (insight->end_ns - insight->begin_ns);

      gtk_label_set_text (GTK_LABEL (state), length);
      gtk_widget_add_css_class (state, "lite");
    }
  gtk_box_append (GTK_BOX (head), fluo_theme_status_image (FLUO_STATUS_FAULT));
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (head), state);
  *ret_title = title;
  return head;
}

static GtkWidget *
make_row (FluoInsightsPage *self, const FluoInsight *insight)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *impact;
  GtkWidget *title;
  FluoInsightBar *bar = g_object_new (FLUO_TYPE_INSIGHT_BAR, NULL);
  g_autofree char *words = make_impact (insight);
  g_autofree char *summary =
    insight->summary ? fluo_format_untrusted (insight->summary, 400) : NULL;

  bar->range = fluo_explorer_get_span (self->explorer);
  bar->active = insight->active;
  bar->span = (FluoTimeSpan) { insight->begin_ns,
                               insight->active ? bar->range.end_ns : insight->end_ns };
  gtk_box_append (GTK_BOX (box), make_head (insight, &title));
  impact = gtk_label_new (words);
  gtk_label_set_wrap (GTK_LABEL (impact), TRUE);
  gtk_label_set_xalign (GTK_LABEL (impact), 0);
  gtk_widget_add_css_class (impact, "lite");
  gtk_box_append (GTK_BOX (box), impact);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (bar));
  gtk_box_append (GTK_BOX (foot), make_services (self, insight));
  gtk_box_append (GTK_BOX (foot), make_button (_("Faulty Traces"), "win.show-insight-traces",
                                               insight));
  gtk_box_append (GTK_BOX (foot), make_button (_("Show on Map"), "win.show-insight", insight));
  gtk_box_append (GTK_BOX (box), foot);
  gtk_widget_add_css_class (box, "insight-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, summary);
  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (insight->id), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_text (GTK_LABEL (title)),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  return row;
}

/* --- States --------------------------------------------------------------- */

static void
update_empty (FluoInsightsPage *self, const FluoInsightReport *report, const GError *error)
{
  FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  g_autofree char *range = fluo_format_range (span, NULL);
  gboolean off = report && report->n_enabled == 0;
  g_autofree char *text = NULL;

  adw_status_page_set_title (self->empty, error ? _("Insights can't be read")
                                          : off ? _("Nobody looks for insights")
                                                : _("Nothing unusual"));
  if (error)
    {
      g_autofree char *reason = fluo_error_dup_words (error);

      text = g_markup_escape_text (reason, -1);
    }
  else if (off)
    text = g_strdup (fluo_explorer_is_local (self->explorer)
                       ? _("An insight tells when a service fails more than it usually does. The "
                           "group Default can look for them; nothing is stored for it.")
                       : _("An insight tells when a service fails more than it usually does. "
                           "X-Ray looks for them in groups that have insights enabled; AWS "
                           "charges for the traces it looks at."));
  else
    text = g_strdup_printf (
      ngettext ("From %s no service of %u group failed more than it usually does.",
                "From %s no service of %u groups failed more than it usually does.",
                report->n_enabled),
      range, report->n_enabled);
  adw_status_page_set_description (self->empty, text);
  gtk_widget_set_visible (self->retry, error != NULL);
  fluo_statement_button_set_error (self->statement, error);
  gtk_widget_set_visible (self->enable, !error && off);
  gtk_widget_set_visible (self->longer,
                          !error && !off && fluo_time_span_length (span) < LONGER_NS);
}

/* The row that has the focus keeps it, though it is made anew. */
static char *
dup_focused_id (FluoInsightsPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;
  GtkWidget *row = focus ? gtk_widget_get_ancestor (focus, GTK_TYPE_LIST_BOX_ROW) : NULL;

  if (!row || !gtk_widget_is_ancestor (row, GTK_WIDGET (self->list)))
    return NULL;
  return g_strdup (g_object_get_data (G_OBJECT (row), "id"));
}

static void
update (FluoInsightsPage *self)
{
  const FluoInsightReport *report = fluo_insights_get_report (self->insights);
  const GError *error = fluo_insights_get_error (self->insights);
  g_autofree char *focused = dup_focused_id (self);
  GtkWidget *child;

  if (!report && !error)
    {
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "loading");
      return;
    }
  if (!report || report->insights->len == 0)
    {
      update_empty (self, report, error);
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "empty");
      return;
    }
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))))
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < report->insights->len; i++)
    {
      const FluoInsight *insight = g_ptr_array_index (report->insights, i);
      GtkWidget *row = make_row (self, insight);

      gtk_list_box_append (self->list, row);
      if (g_strcmp0 (focused, insight->id) == 0)
        gtk_widget_grab_focus (row);
    }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "list");
}

static void
row_activated_cb (FluoInsightsPage *self, GtkListBoxRow *row)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-insight", "s",
                              g_object_get_data (G_OBJECT (row), "id"));
}

static void
longer_cb (FluoInsightsPage *self)
{
  fluo_explorer_set_relative (self->explorer, LONGER_NS);
}

static GtkWidget *
make_empty (FluoInsightsPage *self)
{
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *longer = fluo_range_dup_label (LONGER_NS);

  self->empty = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->empty, "fluoroscope-insight-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self->empty), "compact");
  self->longer = gtk_button_new_with_label (longer);
  self->enable = gtk_button_new_with_label (_("Look for Insights"));
  self->retry = gtk_button_new_with_label (_("Try again"));
  g_signal_connect_object (self->longer, "clicked", G_CALLBACK (longer_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->enable, "clicked", G_CALLBACK (fluo_insights_enable),
                           self->insights, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->retry, "clicked", G_CALLBACK (fluo_insights_reload),
                           self->insights, G_CONNECT_SWAPPED);
  gtk_widget_set_halign (buttons, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (buttons), self->longer);
  gtk_box_append (GTK_BOX (buttons), self->enable);
  gtk_box_append (GTK_BOX (buttons), self->retry);
  self->statement = fluo_statement_button_new ();
  gtk_box_append (GTK_BOX (buttons), self->statement);
  adw_status_page_set_child (self->empty, buttons);
  return GTK_WIDGET (self->empty);
}

static void
make (FluoInsightsPage *self)
{
  GtkWidget *clamp = adw_clamp_new ();

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "boxed-list");
  gtk_widget_set_valign (GTK_WIDGET (self->list), GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Insights"), -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self,
                           G_CONNECT_SWAPPED);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), COLUMN_PX);
  adw_clamp_set_child (ADW_CLAMP (clamp), GTK_WIDGET (self->list));
  gtk_widget_add_css_class (clamp, "insights");
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  self->stack = gtk_stack_new ();
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_named (GTK_STACK (self->stack), self->scroller, "list");
  gtk_stack_add_named (GTK_STACK (self->stack), make_empty (self), "empty");
  gtk_stack_add_named (GTK_STACK (self->stack), gtk_label_new (NULL), "loading");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_widget_set_parent (self->stack, GTK_WIDGET (self));
}

/* --- Widget --------------------------------------------------------------- */

static gboolean
fluo_insights_page_grab_focus (GtkWidget *widget)
{
  FluoInsightsPage *self = FLUO_INSIGHTS_PAGE (widget);
  GtkWidget *first = gtk_widget_get_first_child (GTK_WIDGET (self->list));

  if (first && gtk_widget_get_mapped (first))
    return gtk_widget_grab_focus (first);
  return gtk_widget_child_focus (self->stack, GTK_DIR_TAB_FORWARD);
}

static void
fluo_insights_page_dispose (GObject *object)
{
  FluoInsightsPage *self = FLUO_INSIGHTS_PAGE (object);

  g_clear_pointer (&self->stack, gtk_widget_unparent);
  g_clear_object (&self->insights);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_insights_page_parent_class)->dispose (object);
}

static void
fluo_insights_page_class_init (FluoInsightsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_insights_page_dispose;
  widget_class->grab_focus = fluo_insights_page_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fluo_insights_page_init (FluoInsightsPage *self)
{
}

GtkWidget *
fluo_insights_page_new (FluoExplorer *explorer, FluoInsights *insights)
{
  FluoInsightsPage *self;

  g_return_val_if_fail (FLUO_IS_EXPLORER (explorer), NULL);
  g_return_val_if_fail (FLUO_IS_INSIGHTS (insights), NULL);

  self = g_object_new (FLUO_TYPE_INSIGHTS_PAGE, NULL);
  self->explorer = g_object_ref (explorer);
  self->insights = g_object_ref (insights);
  make (self);
  g_signal_connect_object (insights, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
