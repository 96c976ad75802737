/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-map"

#include "fluo-config.h"

#include "fluo-map-page-private.h"

#include <glib/gi18n.h>

#include "app/connect/fluo-range-button.h"
#include "app/widgets/fluo-compat.h"
#include "core/fluo-format.h"

/* The map of what changed since another range: which one, reading it, and the card that tells of
 * it. The range stays while the map goes on live, as the time before a deploy does. */

#define DAY_NS (24 * 60 * FLUO_NSEC_PER_MIN)

static const gint64 earlier_ns[FLUO_MAP_PAGE_N_COMPARISONS] = { 0, DAY_NS, 7 * DAY_NS };

/* "14:02 to 14:17", with the day when that is another one than the map's. */
static char *
dup_range (FluoMapPage *self,
           FluoTimeSpan span)
{
  const FluoTimeSpan now = fluo_explorer_get_span (self->explorer);
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (span.begin_ns / FLUO_NSEC_PER_SEC);
  g_autoptr (GDateTime) today = g_date_time_new_from_unix_local (now.end_ns / FLUO_NSEC_PER_SEC);
  g_autofree char *range = fluo_format_range (span, NULL);
  g_autofree char *day = NULL;

  if (!then || !today)
    return g_steal_pointer (&range);
  if (g_date_time_get_year (then) == g_date_time_get_year (today) &&
      g_date_time_get_day_of_year (then) == g_date_time_get_day_of_year (today))
    return g_steal_pointer (&range);
  day = g_date_time_format (then, "%F");
  return g_str_has_prefix (range, day) ? g_steal_pointer (&range)
                                       : g_strconcat (day, " ", range, NULL);
}

/* --- The card -------------------------------------------------------------- */

static void
show_card (FluoMapPage *self,
           const char  *text,
           gboolean     reading,
           gboolean     failed)
{
  gtk_label_set_text (self->compare.label, text);
  gtk_widget_set_visible (self->compare.card, TRUE);
  gtk_widget_set_visible (self->compare.spinner, reading);
  gtk_spinner_set_spinning (GTK_SPINNER (self->compare.spinner), reading);
  gtk_widget_set_visible (self->compare.retry, failed);
  gtk_widget_queue_resize (self->compare.card);
}

/* What the map has to say of the two ranges. */
void
fluo_map_page_update_comparison (FluoMapPage *self)
{
  const FluoGraphDifference *difference = fluo_map_area_get_difference (self->area);
  g_autofree char *range = NULL;
  g_autofree char *text = NULL;

  if (!self->compare.before)
    return;
  range = dup_range (self, self->compare.span);
  text = g_strdup_printf (_("Compared with %s"), range);
  if (difference && !difference->n_appeared && !difference->n_gone && !difference->n_slower &&
      !difference->n_faster && !difference->n_more_faults && !difference->n_fewer_faults)
    {
      g_autofree char *plain = g_steal_pointer (&text);

      text = g_strdup_printf (_("%s · nothing stands out"), plain);
    }
  show_card (self, text, FALSE, FALSE);
}

void
fluo_map_page_stop_comparison (FluoMapPage *self)
{
  g_cancellable_cancel (self->compare.cancellable);
  g_clear_object (&self->compare.cancellable);
  g_clear_pointer (&self->compare.before, fluo_service_graph_unref);
  if (self->compare.card)
    gtk_widget_set_visible (self->compare.card, FALSE);
  fluo_map_area_set_comparison (self->area, NULL, (FluoTimeSpan) { 0, 0 });
}

/* --- Reading ---------------------------------------------------------------- */

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr (FluoMapPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoServiceGraph) graph =
    fluo_xray_client_get_service_graph_finish (FLUO_XRAY_CLIENT (source), result, &error);
  g_autofree char *range = NULL;
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->compare.cancellable);
  range = dup_range (self, self->compare.span);
  if (error)
    text = g_strdup_printf (_("%s could not be read: %s"), range, error->message);
  else if (graph->nodes->len == 0)
    text = g_strdup_printf (_("No traces from %s to compare with"), range);
  if (text)
    {
      show_card (self, text, FALSE, error != NULL);
      fluo_map_page_update_inspector (self);
      return;
    }
  g_clear_pointer (&self->compare.before, fluo_service_graph_unref);
  self->compare.before = fluo_service_graph_fold (graph);
  fluo_map_area_set_comparison (self->area, self->compare.before, self->compare.span);
  fluo_map_page_follow_graph (self);
  fluo_map_page_update_comparison (self);
}

/* Shows what changed since @span. */
static void
compare_with (FluoMapPage *self,
              FluoTimeSpan span)
{
  FluoXrayClient *client;
  g_autofree char *range = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (FLUO_IS_MAP_PAGE (self));

  client = fluo_explorer_get_client (self->explorer);
  if (!client || fluo_time_span_length (span) <= 0)
    return;
  g_cancellable_cancel (self->compare.cancellable);
  g_clear_object (&self->compare.cancellable);
  self->compare.cancellable = g_cancellable_new ();
  self->compare.client = client;
  self->compare.span = span;
  range = dup_range (self, span);
  text = g_strdup_printf (_("Reading %s…"), range);
  show_card (self, text, TRUE, FALSE);
  fluo_map_page_update_inspector (self);
  fluo_xray_client_get_service_graph_async (client, span, self->compare.cancellable, read_cb,
                                            g_object_ref (self));
}

static void
retry_cb (FluoMapPage *self)
{
  compare_with (self, self->compare.span);
}

/* --- Which range ------------------------------------------------------------ */

/* Just before, or as long ago as is said. */
static FluoTimeSpan
earlier_span (FluoMapPage *self,
              guint        which)
{
  const FluoTimeSpan span = fluo_explorer_get_span (self->explorer);
  const gint64 back = earlier_ns[which] > 0 ? earlier_ns[which] : fluo_time_span_length (span);

  return (FluoTimeSpan) { span.begin_ns - back, span.end_ns - back };
}

void
fluo_map_page_compare_cb (GtkWidget  *widget,
                          const char *action,
                          GVariant   *parameter)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);
  const int which = g_variant_get_int32 (parameter);

  if (which >= 0 && which < FLUO_MAP_PAGE_N_COMPARISONS)
    compare_with (self, earlier_span (self, (guint) which));
  fluo_map_page_focus_view (self);
}

void
fluo_map_page_compare_stop_cb (GtkWidget  *widget,
                               const char *action,
                               GVariant   *parameter)
{
  fluo_map_page_stop_comparison (FLUO_MAP_PAGE (widget));
  fluo_map_page_focus_view (FLUO_MAP_PAGE (widget));
}

static GtkEditable *
dialog_entry (AdwMessageDialog *dialog,
              int               row)
{
  return GTK_EDITABLE (
    gtk_grid_get_child_at (GTK_GRID (adw_message_dialog_get_extra_child (dialog)), 1, row));
}

static gboolean
read_dialog (AdwMessageDialog *dialog,
             FluoTimeSpan     *ret_span)
{
  const gint64 now_ns = fluo_time_now_ns ();

  return fluo_range_parse_time (gtk_editable_get_text (dialog_entry (dialog, 0)), now_ns,
                                &ret_span->begin_ns) &&
         fluo_range_parse_time (gtk_editable_get_text (dialog_entry (dialog, 1)), now_ns,
                                &ret_span->end_ns) &&
         ret_span->begin_ns < ret_span->end_ns;
}

static void
range_changed_cb (GtkEditable      *entry,
                  AdwMessageDialog *dialog)
{
  FluoTimeSpan span;

  adw_message_dialog_set_response_enabled (dialog, "compare", read_dialog (dialog, &span));
}

static void
range_response_cb (AdwMessageDialog *dialog,
                   const char       *response,
                   FluoMapPage      *self)
{
  FluoTimeSpan span;

  if (g_str_equal (response, "compare") && read_dialog (dialog, &span))
    compare_with (self, span);
}

static void
add_entry (GtkGrid    *grid,
           int         row,
           const char *name,
           gint64      time_ns)
{
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *entry = gtk_entry_new ();
  g_autofree char *text = fluo_range_dup_time (time_ns);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_set_hexpand (entry, TRUE);
  gtk_widget_add_css_class (entry, "numeric");
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), 20);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  label, NULL, -1);
  gtk_grid_attach (grid, label, 0, row, 1, 1);
  gtk_grid_attach (grid, entry, 1, row, 1, 1);
}

void
fluo_map_page_compare_range_cb (GtkWidget  *widget,
                                const char *action,
                                GVariant   *parameter)
{
  FluoMapPage *self = FLUO_MAP_PAGE (widget);
  const FluoTimeSpan span = earlier_span (self, 0);
  GtkWidget *dialog = adw_message_dialog_new (
    NULL, _("Compare with Another Range"),
    _("The map shows what changed since then. Times as 14:17, 2026-11-19 14:17 or 2h."));
  GtkWidget *grid = gtk_grid_new ();

  fluo_compat_set_parent (GTK_WINDOW (dialog), GTK_WINDOW (gtk_widget_get_root (widget)));
  gtk_grid_set_row_spacing (GTK_GRID (grid), 6);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  add_entry (GTK_GRID (grid), 0, _("From"), span.begin_ns);
  add_entry (GTK_GRID (grid), 1, _("To"), span.end_ns);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), grid);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "compare",
                                    _("C_ompare"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "compare",
                                              ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "compare");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  for (int row = 0; row < 2; row++)
    g_signal_connect (dialog_entry (ADW_MESSAGE_DIALOG (dialog), row), "changed",
                      G_CALLBACK (range_changed_cb), dialog);
  g_signal_connect_object (dialog, "response", G_CALLBACK (range_response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Making ----------------------------------------------------------------- */

/* Says which hours each choice means. */
static GMenuModel *
make_menu (FluoMapPage *self)
{
  const char *const labels[FLUO_MAP_PAGE_N_COMPARISONS] = {
    /* Translators: what the map is compared with; a range of time as 14:02 to 14:17. */
    _("Just Before: %s"),
    _("A Day Earlier: %s"),
    _("A Week Earlier: %s"),
  };
  g_autoptr (GMenu) with = g_menu_new ();
  g_autoptr (GMenu) rest = g_menu_new ();
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < FLUO_MAP_PAGE_N_COMPARISONS; i++)
    {
      g_autofree char *range = dup_range (self, earlier_span (self, i));
      g_autofree char *label = g_strdup_printf (labels[i], range);
      g_autofree char *action = g_strdup_printf ("map-page.compare(%u)", i);

      g_menu_append (with, label, action);
    }
  g_menu_append (with, _("Another Range…"), "map-page.compare-range");
  if (gtk_widget_get_visible (self->compare.card))
    g_menu_append (rest, _("Stop Comparing"), "map-page.compare-stop");
  g_menu_append (rest, _("Export Map…"), "map-page.export");
  g_menu_append_section (menu, _("Compare with"), G_MENU_MODEL (with));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (rest));
  return G_MENU_MODEL (menu);
}

static void
popup_cb (GtkMenuButton *button,
          gpointer       user_data)
{
  g_autoptr (GMenuModel) model = make_menu (user_data);

  gtk_menu_button_set_menu_model (button, model);
}

GtkWidget *
fluo_map_page_make_compare_button (FluoMapPage *self)
{
  GtkWidget *button = gtk_menu_button_new ();

  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "fluoroscope-compare-symbolic");
  gtk_menu_button_set_direction (GTK_MENU_BUTTON (button), GTK_ARROW_UP);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _("Compare and Export"));
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), popup_cb, self, NULL);
  return button;
}

GtkWidget *
fluo_map_page_make_comparison (FluoMapPage *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");

  self->compare.card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->compare.spinner = gtk_spinner_new ();
  self->compare.label = GTK_LABEL (gtk_label_new (NULL));
  self->compare.retry = gtk_button_new_with_label (_("Try Again"));
  gtk_label_set_ellipsize (self->compare.label, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->compare.label, 60);
  gtk_widget_add_css_class (self->compare.card, "card");
  gtk_widget_add_css_class (self->compare.card, "map-rules");
  gtk_widget_add_css_class (self->compare.retry, "flat");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "close");
  gtk_widget_set_tooltip_text (close, _("Stop Comparing"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (close), "map-page.compare-stop");
  g_signal_connect_object (self->compare.retry, "clicked", G_CALLBACK (retry_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->compare.card), self->compare.spinner);
  gtk_box_append (GTK_BOX (self->compare.card),
                  gtk_image_new_from_icon_name ("fluoroscope-compare-symbolic"));
  gtk_box_append (GTK_BOX (self->compare.card), GTK_WIDGET (self->compare.label));
  gtk_box_append (GTK_BOX (self->compare.card), self->compare.retry);
  gtk_box_append (GTK_BOX (self->compare.card), close);
  gtk_widget_set_visible (self->compare.card, FALSE);
  return self->compare.card;
}
