/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/trace/fluo-logs-panel-private.h"
#include "app/widgets/fluo-canvas.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-json.h"
#include "draw/fluo-waterfall.h"

/* One line: when, how bad, whose, and what it says; once chosen, all of it and what to do. */

#define TIME_CHARS 9
#define CLOCK_CHARS 12
#define SERVICE_CHARS_MAX 40
#define TEXT_CHARS_MAX 400
#define TEXT_CHARS 20
#define LEAD_CHARS 100
#define MESSAGE_ROWS_MAX 200
#define MESSAGE_ROW_CHARS_MAX 1000

#define FLUO_TYPE_LOG_ROW (fluo_log_row_get_type ())
G_DECLARE_FINAL_TYPE (FluoLogRow, fluo_log_row, FLUO, LOG_ROW, GtkWidget)

struct _FluoLogRow
{
  GtkWidget parent_instance;

  FluoLogsPanel *panel; /* its ancestor */
  guint32        line;
  GtkWidget *box;
  GtkLabel  *time;
  GtkStack  *signs;     /* "dot", "sign" */
  GtkImage  *sign;
  GtkWidget *stripe;
  GtkLabel  *service, *text;
  GtkBox    *body;      /* holds "more" once it is needed */
  GtkWidget *more;
};

G_DEFINE_FINAL_TYPE (FluoLogRow, fluo_log_row, GTK_TYPE_WIDGET)

static const FluoTraceLine *
get_line (FluoLogRow *self)
{
  const FluoTraceLines *lines = self->panel->lines;

  return lines != NULL && self->line < lines->lines->len
           ? g_ptr_array_index (lines->lines, self->line)
           : NULL;
}

static void
draw_stripe (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoLogRow *self = user_data;
  const FluoTraceLine *line = get_line (self);

  if (line == NULL)
    return;
  fluo_painter_rounded (painter, 0, 0, width, height, 2);
  fluo_color_set (fluo_painter_get_cr (painter),
                  fluo_logs_panel_get_color (line->service, self->panel));
  cairo_fill (fluo_painter_get_cr (painter));
}

/* --- All of it -------------------------------------------------------------------------------- */

/* Every row made safe by itself, so that its line breaks stay. */
static char *
dup_safe_rows (const char *message)
{
  g_autoptr (GString) out = g_string_new (NULL);
  guint n = 0;

  while (*message != '\0' && n++ < MESSAGE_ROWS_MAX)
    {
      /* No more is copied than is shown, of a line of a megabyte. */
      const gsize length = strcspn (message, "\n");
      g_autofree char *row = g_strndup (message, MIN (length, 4 * MESSAGE_ROW_CHARS_MAX));
      g_autofree char *safe = fluo_format_untrusted (row, MESSAGE_ROW_CHARS_MAX);

      g_string_append_printf (out, "%s%s", n > 1 ? "\n" : "", safe);
      message += length + (message[length] == '\n');
    }
  if (*message != '\0')
    g_string_append (out, "\n…");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* Structured records are read more easily with a member a row. */
static char *
dup_message (const FluoTraceLine *line)
{
  const char *message = fluo_trace_line_get_message (line);
  g_autofree char *pretty = NULL;

  if (*message == '{' && strlen (message) <= 65536)
    pretty = fluo_json_pretty (message, strlen (message));
  return dup_safe_rows (pretty != NULL ? pretty : message);
}

static void
jump_cb (GtkButton *button, FluoLogRow *self)
{
  const FluoTraceLine *line = get_line (self);

  if (line != NULL && line->span != FLUO_SPAN_NONE)
    g_signal_emit_by_name (self->panel, "jump", (guint) line->span);
}

static GtkWidget *
new_tool (const char *icon, const char *text)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  gtk_image_set_pixel_size (GTK_IMAGE (image), 13);
  gtk_box_append (GTK_BOX (box), image);
  gtk_box_append (GTK_BOX (box), gtk_label_new (text));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "text-tool");
  return button;
}

/* Time, level and id before the words are shown already. */
static gboolean
says_more (const FluoTraceLine *line)
{
  const char *message = line->message;

  return message != NULL
         && (*message == '{' || message[strcspn (message, "\n")] != '\0'
             || strlen (message) > strlen (line->text) + LEAD_CHARS);
}

static void
add_message (GtkWidget *box, const FluoTraceLine *line)
{
  g_autofree char *text = dup_message (line);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), TEXT_CHARS);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_add_css_class (label, "monospace");
  gtk_box_append (GTK_BOX (box), label);
}

/* Group and stream, where it stands in CloudWatch. */
static void
add_place (GtkWidget *box, const FluoTraceLine *line)
{
  g_autofree char *where = line->stream != NULL
                             ? g_strdup_printf ("%s · %s", line->group, line->stream)
                             : g_strdup (line->group);
  g_autofree char *safe = fluo_format_untrusted (where, TEXT_CHARS_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), TEXT_CHARS);
  gtk_widget_set_tooltip_text (label, safe);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "caption");
  gtk_box_append (GTK_BOX (box), label);
}

static GtkWidget *
new_more (FluoLogRow *self, const FluoTraceLine *line)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2), *tool;

  if (says_more (line))
    add_message (box, line);
  if (line->group != NULL)
    add_place (box, line);
  if (line->span != FLUO_SPAN_NONE)
    {
      tool = new_tool ("fluoroscope-waterfall-symbolic", _("Show the call"));
      g_signal_connect (tool, "clicked", G_CALLBACK (jump_cb), self);
      gtk_box_append (GTK_BOX (tools), tool);
    }
  tool = new_tool ("fluoroscope-copy-symbolic", _("Copy"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (tool), "logs.copy-line");
  gtk_box_append (GTK_BOX (tools), tool);
  if (self->panel->shown->len < self->panel->lines->lines->len)
    {
      tool = new_tool ("fluoroscope-list-symbolic", _("Lines around it"));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (tool), "logs.around");
      gtk_box_append (GTK_BOX (tools), tool);
    }
  gtk_widget_add_css_class (tools, "log-tools");
  gtk_box_append (GTK_BOX (box), tools);
  return box;
}

void
fluo_log_row_set_expanded (GtkWidget *row, gboolean expanded)
{
  FluoLogRow *self = FLUO_LOG_ROW (row);
  const FluoTraceLine *line = get_line (self);

  if (self->more != NULL)
    gtk_box_remove (self->body, self->more);
  self->more = NULL;
  if (expanded && line != NULL)
    {
      self->more = new_more (self, line);
      gtk_box_append (self->body, self->more);
    }
}

/* --- The line --------------------------------------------------------------------------------- */

static char *
dup_time (FluoLogRow *self, const FluoTraceLine *line)
{
  if (self->panel->trace != NULL)
    return fluo_format_offset (line->time_ns
                               - fluo_trace_get_start_ns (self->panel->trace));
  return fluo_format_clock (line->time_ns, FLUO_CLOCK_MILLISECONDS, NULL);
}

static char *
dup_service (FluoLogRow *self, const FluoTraceLine *line)
{
  guint n = 0;
  const FluoTraceService *services =
    self->panel->trace != NULL ? fluo_trace_get_services (self->panel->trace, &n) : NULL;
  const char *last;

  if (line->service < n)
    return fluo_format_untrusted (fluo_kind_get_display_name (services[line->service].type,
                                                              services[line->service].name),
                                  SERVICE_CHARS_MAX);
  last = line->group != NULL ? strrchr (line->group, '/') : NULL;
  return fluo_format_untrusted (last != NULL          ? last + 1
                                : line->group != NULL ? line->group
                                                      : "–",
                                SERVICE_CHARS_MAX);
}

/* What the search found, marked. */
static void
mark_found (FluoLogRow *self, const char *text)
{
  const FluoPalette *palette = fluo_theme_get_palette ();
  const char *needle = self->panel->search, *at = text;
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  while (needle != NULL && (at = fluo_waterfall_find_in (at, needle)) != NULL)
    {
      PangoAttribute *mark = pango_attr_background_new ((guint16) (palette->found.red * 65535),
                                                        (guint16) (palette->found.green * 65535),
                                                        (guint16) (palette->found.blue * 65535));

      mark->start_index = (guint) (at - text);
      mark->end_index = mark->start_index + (guint) strlen (needle);
      pango_attr_list_insert (attributes, mark);
      at += strlen (needle);
    }
  gtk_label_set_attributes (self->text, attributes);
}

static const char *
level_words (FluoLogLevel level)
{
  return level == FLUO_LOG_ERROR     ? _("error")
         : level == FLUO_LOG_WARNING ? _("warning")
         : level == FLUO_LOG_DEBUG   ? _("debug")
                                     : NULL;
}

void
fluo_log_row_show (GtkWidget *row, guint32 index, gboolean expanded)
{
  FluoLogRow *self = FLUO_LOG_ROW (row);
  const FluoTraceLine *line;
  g_autofree char *time = NULL, *service = NULL, *text = NULL, *words = NULL, *utc = NULL;
  gboolean bad, hit;

  self->line = index;
  line = get_line (self);
  if (line == NULL)
    return;
  time = dup_time (self, line);
  service = dup_service (self, line);
  text = fluo_format_untrusted (line->text, TEXT_CHARS_MAX);
  utc = fluo_format_date_time_utc (line->time_ns);
  bad = line->level >= FLUO_LOG_WARNING;
  hit = self->panel->trace != NULL
        && fluo_logs_panel_is_of_span (self->panel->trace, line, self->panel->span);
  gtk_label_set_text (self->time, time);
  gtk_label_set_width_chars (self->time, self->panel->trace != NULL ? TIME_CHARS : CLOCK_CHARS);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->time), utc);
  gtk_stack_set_visible_child_name (self->signs, bad ? "sign" : "dot");
  if (bad)
    fluo_theme_set_status (self->sign, fluo_log_level_get_status (line->level));
  gtk_label_set_text (self->service, service);
  gtk_label_set_text (self->text, text);
  mark_found (self, text);
  gtk_label_set_wrap (self->text, self->panel->wrap);
  gtk_label_set_ellipsize (self->text, self->panel->wrap ? PANGO_ELLIPSIZE_NONE
                                                         : PANGO_ELLIPSIZE_END);
  for (int level = 0; level < FLUO_N_LOG_LEVELS; level++)
    {
      static const char *const classes[FLUO_N_LOG_LEVELS] = { "debug", "plain", "warned",
                                                              "failed" };

      if ((FluoLogLevel) level == line->level)
        gtk_widget_add_css_class (row, classes[level]);
      else
        gtk_widget_remove_css_class (row, classes[level]);
    }
  if (hit)
    gtk_widget_add_css_class (row, "of-call");
  else
    gtk_widget_remove_css_class (row, "of-call");
  gtk_widget_queue_draw (self->stripe);
  words = level_words (line->level) != NULL
            ? g_strdup_printf ("%s, %s, %s, %s", time, level_words (line->level), service, text)
            : g_strdup_printf ("%s, %s, %s", time, service, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  fluo_log_row_set_expanded (row, expanded);
}

void
fluo_log_row_refresh (GtkWidget *row)
{
  FluoLogRow *self = FLUO_LOG_ROW (row);

  if (get_line (self) != NULL)
    fluo_log_row_show (row, self->line, self->more != NULL);
}

static void
enter_cb (GtkEventControllerMotion *motion, double x, double y, FluoLogRow *self)
{
  fluo_logs_panel_set_hot (self->panel, self->line);
}

static void
leave_cb (GtkEventControllerMotion *motion, FluoLogRow *self)
{
  fluo_logs_panel_set_hot (self->panel, G_MAXUINT32);
}

static void
fluo_log_row_dispose (GObject *object)
{
  g_clear_pointer (&FLUO_LOG_ROW (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (fluo_log_row_parent_class)->dispose (object);
}

static void
fluo_log_row_class_init (FluoLogRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fluo_log_row_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "logrow");
}

static GtkLabel *
new_label (const char *css, float xalign)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, xalign);
  gtk_widget_set_valign (GTK_WIDGET (label), GTK_ALIGN_START);
  gtk_widget_add_css_class (GTK_WIDGET (label), css);
  return label;
}

static void
fluo_log_row_init (FluoLogRow *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 7), *dot = gtk_label_new ("•");

  self->line = G_MAXUINT32;
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->time = new_label ("log-time", 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->time), "numeric");
  self->signs = GTK_STACK (gtk_stack_new ());
  self->sign = GTK_IMAGE (gtk_image_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->sign), "status-icon");
  gtk_widget_add_css_class (dot, "dim-label");
  gtk_stack_add_named (self->signs, dot, "dot");
  gtk_stack_add_named (self->signs, GTK_WIDGET (self->sign), "sign");
  gtk_widget_set_valign (GTK_WIDGET (self->signs), GTK_ALIGN_START);
  self->stripe = fluo_canvas_new (draw_stripe, self, 4, 16);
  fluo_canvas_set_size (FLUO_CANVAS (self->stripe), 4, 16);
  gtk_widget_set_valign (self->stripe, GTK_ALIGN_START);
  self->service = new_label ("log-service", 0);
  gtk_label_set_ellipsize (self->service, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (self->service, 16);
  self->text = new_label ("log-text", 0);
  gtk_label_set_wrap_mode (self->text, PANGO_WRAP_WORD_CHAR);
  /* The panel's width is not that of its longest line. */
  gtk_label_set_max_width_chars (self->text, TEXT_CHARS);
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  self->body = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 4));
  gtk_widget_set_hexpand (GTK_WIDGET (self->body), TRUE);
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->service));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->text));
  gtk_box_append (self->body, line);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->time));
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->signs));
  gtk_box_append (GTK_BOX (self->box), self->stripe);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->body));
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect (motion, "enter", G_CALLBACK (enter_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
}

GtkWidget *
fluo_log_row_new (FluoLogsPanel *panel)
{
  FluoLogRow *self = g_object_new (FLUO_TYPE_LOG_ROW, NULL);

  self->panel = panel;
  if (panel->explorer != NULL)
    g_signal_connect_object (panel->explorer, "colors-changed",
                             G_CALLBACK (gtk_widget_queue_draw), self->stripe, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
