/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-logs-panel-private.h"
#include "app/widgets/fluo-width-box.h"
#include "draw/fluo-waterfall.h"

#define SEARCH_CHARS_MAX 200
#define CAPTION_CHARS 24
#define WIDTH_MIN 320

G_DEFINE_FINAL_TYPE (FluoLogsPanel, fluo_logs_panel, GTK_TYPE_WIDGET)

enum
{
  JUMP,
  HOVER,
  CHANGED,
  CLOSE,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

const char *
fluo_logs_panel_get_connection (FluoLogsPanel *self)
{
  const char *name = self->explorer != NULL ? fluo_explorer_get_name (self->explorer) : NULL;

  return name != NULL ? name : "none";
}

/* --- Which lines are shown -------------------------------------------------------------------- */

gboolean
fluo_logs_panel_is_of_span (FluoTrace *trace, const FluoTraceLine *line, guint32 span)
{
  guint n;
  const FluoSpan *spans = fluo_trace_get_spans (trace, &n);

  if (span >= n || line->span >= n)
    return FALSE;
  /* The row of a callee is that of its call, too. */
  if ((spans[span].flags & FLUO_SPAN_CALLEE) && spans[span].parent == line->span)
    return TRUE;
  return line->span >= span && line->span < spans[span].end_index;
}

static gboolean
is_shown (FluoLogsPanel *self, const FluoTraceLine *line)
{
  if (line->level < self->least)
    return FALSE;
  if (self->visible.end_ns > self->visible.begin_ns
      && (line->time_ns < self->visible.begin_ns || line->time_ns > self->visible.end_ns))
    return FALSE;
  if (self->only_call && self->trace != NULL
      && !fluo_logs_panel_is_of_span (self->trace, line, self->span))
    return FALSE;
  if (self->search != NULL)
    return fluo_waterfall_find_in (fluo_trace_line_get_message (line), self->search) != NULL
           || (line->group != NULL && fluo_waterfall_find_in (line->group, self->search) != NULL);
  return TRUE;
}

void
fluo_logs_panel_filter (FluoLogsPanel *self)
{
  g_array_set_size (self->shown, 0);
  for (guint i = 0; self->lines != NULL && i < self->lines->lines->len; i++)
    if (is_shown (self, g_ptr_array_index (self->lines->lines, i)))
      g_array_append_val (self->shown, i);
  fluo_logs_panel_fill_list (self);
  fluo_logs_panel_update_words (self);
}

void
fluo_logs_panel_take_lines (FluoLogsPanel *self, FluoTraceLines *lines)
{
  if (lines == self->lines)
    {
      fluo_logs_panel_update_words (self);
      return;
    }
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  self->selecting = FALSE;
  fluo_trace_lines_ref (lines);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  self->lines = lines;
  self->hot = G_MAXUINT32;
  fluo_logs_panel_filter (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
search_cb (FluoLogsPanel *self)
{
  const char *text = gtk_editable_get_text (self->search_entry);

  g_clear_pointer (&self->search, g_free);
  self->search = *text != '\0' ? g_strndup (text, SEARCH_CHARS_MAX) : NULL;
  fluo_logs_panel_filter (self);
}

/* Down goes on in the lines; Esc ends the search first. */
static void
stop_search_cb (FluoLogsPanel *self)
{
  if (self->search != NULL)
    gtk_editable_set_text (self->search_entry, "");
  else
    g_signal_emit (self, signals[CLOSE], 0);
}

static void
to_list_cb (FluoLogsPanel *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
level_cb (FluoLogsPanel *self)
{
  static const FluoLogLevel levels[] = { FLUO_LOG_DEBUG, FLUO_LOG_WARNING, FLUO_LOG_ERROR };

  self->least = levels[MIN (gtk_drop_down_get_selected (self->levels), 2)];
  fluo_logs_panel_filter (self);
}

/* --- Building --------------------------------------------------------------------------------- */

static void
close_cb (FluoLogsPanel *self)
{
  g_signal_emit (self, signals[CLOSE], 0);
}

static GtkWidget *
make_title (FluoLogsPanel *self)
{
  self->head = GTK_BOX (gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8));
  gtk_widget_add_css_class (GTK_WIDGET (self->head), "logs-head");
  self->title = GTK_LABEL (gtk_label_new (_("Log lines")));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "span-title");
  gtk_box_append (self->head, gtk_image_new_from_icon_name ("fluoroscope-logs-symbolic"));
  gtk_box_append (self->head, GTK_WIDGET (self->title));
  return GTK_WIDGET (self->head);
}

static GtkWidget *
make_buttons (FluoLogsPanel *self)
{
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_add_css_class (box, "logs-buttons");
  gtk_widget_set_tooltip_text (close, _("Close the log lines"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Close the log lines"), -1);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "small");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (close_cb), self);
  gtk_box_append (GTK_BOX (box), fluo_logs_panel_make_menu (self));
  gtk_box_append (GTK_BOX (box), close);
  return box;
}

static GtkWidget *
make_search (FluoLogsPanel *self)
{
  const char *levels[] = { _("All levels"), _("Warnings and errors"), _("Errors"), NULL };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *entry = gtk_search_entry_new ();

  gtk_widget_add_css_class (box, "logs-search");
  gtk_widget_set_hexpand (entry, TRUE);
  g_object_set (entry, "placeholder-text", _("Search these lines"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Search these lines"), -1);
  g_signal_connect_swapped (entry, "search-changed", G_CALLBACK (search_cb), self);
  g_signal_connect_swapped (entry, "stop-search", G_CALLBACK (stop_search_cb), self);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (to_list_cb), self);
  self->search_entry = GTK_EDITABLE (entry);
  self->levels = GTK_DROP_DOWN (gtk_drop_down_new_from_strings (levels));
  gtk_widget_add_css_class (GTK_WIDGET (self->levels), "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->levels), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Level"), -1);
  g_signal_connect_swapped (self->levels, "notify::selected", G_CALLBACK (level_cb), self);
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->levels));
  return box;
}

static GtkLabel *
new_caption (GtkWidget *box, const char *css)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_ellipsize (label, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (label, CAPTION_CHARS);
  gtk_widget_add_css_class (GTK_WIDGET (label), css);
  gtk_widget_add_css_class (GTK_WIDGET (label), "numeric");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (label));
  return label;
}

static GtkWidget *
make_status (FluoLogsPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_add_css_class (box, "logs-status");
  self->count = new_caption (box, "strong");
  gtk_widget_set_hexpand (GTK_WIDGET (self->count), TRUE);
  self->spinner = gtk_spinner_new ();
  gtk_box_append (GTK_BOX (box), self->spinner);
  self->note = new_caption (box, "dim-label");
  self->stop = gtk_button_new_with_label (_("Stop"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->stop), "logs.stop");
  gtk_widget_add_css_class (self->stop, "flat");
  gtk_widget_add_css_class (self->stop, "text-link");
  gtk_box_append (GTK_BOX (box), self->stop);
  return box;
}

static GtkWidget *
make_foot (FluoLogsPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new_from_icon_name ("fluoroscope-info-symbolic");

  gtk_widget_add_css_class (box, "logs-foot");
  gtk_image_set_pixel_size (GTK_IMAGE (icon), 13);
  gtk_box_append (GTK_BOX (box), icon);
  self->how = new_caption (box, "dim-label");
  gtk_widget_set_hexpand (GTK_WIDGET (self->how), TRUE);
  gtk_box_append (GTK_BOX (box), fluo_logs_panel_make_groups (self));
  return box;
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_logs_panel_map (GtkWidget *widget)
{
  FluoLogsPanel *self = FLUO_LOGS_PANEL (widget);

  GTK_WIDGET_CLASS (fluo_logs_panel_parent_class)->map (widget);
  /* Who never looks never pays. */
  if (self->trace != NULL && !self->ask.prepared)
    fluo_logs_panel_read (self);
  fluo_logs_panel_update_words (self);
}

static gboolean
fluo_logs_panel_grab_focus (GtkWidget *widget)
{
  FluoLogsPanel *self = FLUO_LOGS_PANEL (widget);

  return gtk_widget_grab_focus (self->shown->len > 0 ? GTK_WIDGET (self->list)
                                                     : GTK_WIDGET (self->search_entry));
}

static void
fluo_logs_panel_dispose (GObject *object)
{
  FluoLogsPanel *self = FLUO_LOGS_PANEL (object);

  g_clear_handle_id (&self->ask.follow_source, g_source_remove);
  self->ask.generation++;
  g_cancellable_cancel (self->ask.cancellable);
  g_clear_object (&self->ask.cancellable);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_logs_panel_parent_class)->dispose (object);
}

static void
fluo_logs_panel_finalize (GObject *object)
{
  FluoLogsPanel *self = FLUO_LOGS_PANEL (object);

  g_clear_error (&self->ask.error);
  g_clear_pointer (&self->ask.result, fluo_log_result_unref);
  g_clear_pointer (&self->ask.own, fluo_trace_lines_unref);
  g_clear_pointer (&self->ask.groups, g_strfreev);
  g_free (self->ask.query);
  g_free (self->ask.service);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_clear_object (&self->own_colors);
  g_array_unref (self->colors);
  g_array_unref (self->shown);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->actions);
  fluo_log_strip_free (self->strip);
  g_free (self->search);
  G_OBJECT_CLASS (fluo_logs_panel_parent_class)->finalize (object);
}

static void
fluo_logs_panel_class_init (FluoLogsPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_logs_panel_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_logs_panel_finalize;
  widget_class->map = fluo_logs_panel_map;
  widget_class->grab_focus = fluo_logs_panel_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "logspanel");
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK, "logs.find",
                                       NULL);

  signals[JUMP] = g_signal_new ("jump", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[HOVER] = g_signal_new ("hover", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSE] = g_signal_new ("close", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_logs_panel_init (FluoLogsPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->span = self->chosen_span = FLUO_SPAN_NONE;
  self->hot = G_MAXUINT32;
  self->colors = g_array_new (FALSE, FALSE, sizeof (guint));
  self->shown = g_array_new (FALSE, FALSE, sizeof (guint32));
  fluo_logs_panel_add_actions (self);
  gtk_widget_add_css_class (GTK_WIDGET (self), "logs-panel");
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (box),
                  fluo_logs_panel_make_top (self, make_title (self), make_search (self),
                                            make_buttons (self)));
  self->status = make_status (self);
  gtk_box_append (GTK_BOX (box), self->status);
  gtk_box_append (GTK_BOX (box), fluo_logs_panel_make_strip (self));
  gtk_box_append (GTK_BOX (box), fluo_logs_panel_make_notice (self));
  gtk_box_append (GTK_BOX (box), fluo_logs_panel_make_list (self));
  self->foot = make_foot (self);
  gtk_box_append (GTK_BOX (box), self->foot);
  /* Where it is low, what is in it must not get wide to be low too, or it would lie outside. */
  self->box = fluo_width_box_new (box, WIDTH_MIN);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  fluo_logs_panel_follow_size (self);
}

static void
update_colors (FluoLogsPanel *self)
{
  FluoServiceColors *colors =
    self->explorer != NULL ? fluo_explorer_get_colors (self->explorer) : self->own_colors;
  guint n = 0;
  const FluoTraceService *services =
    self->trace != NULL ? fluo_trace_get_services (self->trace, &n) : NULL;

  g_array_set_size (self->colors, 0);
  for (guint i = 0; i < n; i++)
    {
      guint color = fluo_service_colors_lookup (colors, services[i].name, services[i].type);

      g_array_append_val (self->colors, color);
    }
}

static void
colors_changed_cb (FluoLogsPanel *self)
{
  update_colors (self);
  gtk_widget_queue_draw (self->strip_area);
}

GtkWidget *
fluo_logs_panel_new (FluoExplorer *explorer)
{
  FluoLogsPanel *self = g_object_new (FLUO_TYPE_LOGS_PANEL, NULL);

  g_set_object (&self->explorer, explorer);
  if (explorer == NULL)
    self->own_colors = fluo_service_colors_new ();
  else
    g_signal_connect_object (explorer, "colors-changed", G_CALLBACK (colors_changed_cb), self,
                             G_CONNECT_SWAPPED);
  fluo_logs_panel_update_words (self);
  return GTK_WIDGET (self);
}

/* --- What others say -------------------------------------------------------------------------- */

void
fluo_logs_panel_set_trace (FluoLogsPanel *self, FluoTrace *trace)
{
  gboolean same;

  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  if (trace == self->trace)
    return;
  same = trace != NULL && self->trace != NULL
         && fluo_trace_id_equal (fluo_trace_get_id (trace), fluo_trace_get_id (self->trace));
  /* Lines name spans by number: those of another reading are others. */
  self->span = FLUO_SPAN_NONE;
  g_array_set_size (self->shown, 0);
  g_clear_pointer (&self->lines, fluo_trace_lines_unref);
  fluo_logs_panel_fill_list (self);
  if (trace != NULL)
    fluo_trace_ref (trace);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  self->trace = trace;
  update_colors (self);
  if (same)
    {
      if (self->ask.prepared)
        fluo_logs_panel_prepare (self);
      return;
    }
  fluo_logs_panel_forget (self);
  self->visible = (FluoTimeSpan) { 0, 0 };
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    fluo_logs_panel_read (self);
  fluo_logs_panel_update_words (self);
}

void
fluo_logs_panel_set_groups (FluoLogsPanel *self, const char *service, const char *const *groups,
                            FluoTimeSpan span)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  fluo_logs_panel_set_trace (self, NULL);
  fluo_logs_panel_forget (self);
  self->ask.groups = g_strdupv ((char **) groups);
  self->ask.service = g_strdup (service);
  self->ask.range = span;
  self->ask.prepared = TRUE;
  fluo_logs_panel_update_groups (self);
  fluo_logs_panel_read (self);
}

void
fluo_logs_panel_set_title (FluoLogsPanel *self, const char *title)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  gtk_label_set_text (self->title, title);
}

void
fluo_logs_panel_add_head (FluoLogsPanel *self, GtkWidget *widget)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  gtk_box_insert_child_after (self->head, widget, GTK_WIDGET (self->title));
}

void
fluo_logs_panel_set_span (FluoLogsPanel *self, guint32 span)
{
  const gboolean chosen_here = span == self->chosen_span;

  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  if (span == self->span)
    return;
  self->span = span;
  self->chosen_span = FLUO_SPAN_NONE;
  if (self->only_call && !chosen_here)
    fluo_logs_panel_filter (self);
  else
    fluo_logs_panel_refresh_rows (self); /* other rows stand out */
  if (chosen_here || self->trace == NULL || self->lines == NULL)
    return;
  for (guint i = 0; i < self->shown->len; i++)
    {
      const guint32 line = g_array_index (self->shown, guint32, i);

      if (fluo_logs_panel_is_of_span (self->trace, g_ptr_array_index (self->lines->lines, line),
                                      span))
        {
          fluo_logs_panel_scroll_to (self, i);
          break;
        }
    }
}

void
fluo_logs_panel_set_only_call (FluoLogsPanel *self, gboolean only_call)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  if (self->only_call != only_call)
    g_action_group_change_action_state (G_ACTION_GROUP (self->actions), "only-call",
                                        g_variant_new_boolean (only_call));
}

void
fluo_logs_panel_set_visible_time (FluoLogsPanel *self, FluoTimeSpan visible)
{
  g_return_if_fail (FLUO_IS_LOGS_PANEL (self));

  if (visible.begin_ns == self->visible.begin_ns && visible.end_ns == self->visible.end_ns)
    return;
  self->visible = visible;
  fluo_logs_panel_filter (self);
}

FluoTraceLines *
fluo_logs_panel_get_lines (FluoLogsPanel *self)
{
  g_return_val_if_fail (FLUO_IS_LOGS_PANEL (self), NULL);

  return self->lines;
}

gboolean
fluo_logs_panel_has_logs (FluoLogsPanel *self)
{
  g_return_val_if_fail (FLUO_IS_LOGS_PANEL (self), FALSE);

  return self->lines != NULL && self->lines != self->ask.own;
}
