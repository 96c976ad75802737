/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-preview.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/connect/fluo-connection-words.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"
#include "fluo-small-waterfall.h"

#define SHARES_MAX 6
#define ANNOTATIONS_MAX 40
#define CHIP_CHARS_MAX 60
#define CHIP_LINE_PX 332
#define CHIP_GAP_PX 6

struct _FluoTracePreview
{
  AdwBin parent_instance;

  FluoExplorer *explorer;
  FluoTraceSummary *summary;
  FluoTrace *trace;
  GCancellable *cancellable;
  guint generation;

  GtkImage *status;
  GtkLabel *title;
  GtkLabel *line;
  GtkWidget *box;          /* the tinted one */
  GtkLabel *sentence;
  GtkWidget *statement; /* what to ask for, when it may not be read */
  GtkWidget *waterfall_section;
  GtkLabel *waterfall_rows;
  GtkWidget *waterfall;
  GtkWidget *shares_section;
  GtkWidget *shares;
  GtkWidget *annotations_section;
  GtkWidget *annotations;
  GtkLabel *id;
};

enum
{
  SIGNAL_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTracePreview, fluo_trace_preview, ADW_TYPE_BIN)

static void
clear_children (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)))
    gtk_box_remove (GTK_BOX (box), child);
}

/* Sentence to Pango markup; every piece of text is escaped. */
static char *
sentence_markup (const FluoSentence *sentence)
{
  g_autoptr (GString) markup = g_string_new (NULL);
  guint at = 0;

  for (guint i = 0; i <= sentence->bold->len; i++)
    {
      gboolean last = i == sentence->bold->len;
      FluoSentenceRange range = last ? (FluoSentenceRange) { strlen (sentence->text), 0 }
                                     : g_array_index (sentence->bold, FluoSentenceRange, i);
      g_autofree char *plain = g_markup_escape_text (sentence->text + at, range.start - at);

      g_string_append (markup, plain);
      if (!last)
        {
          g_autofree char *bold = g_markup_escape_text (sentence->text + range.start, range.length);

          g_string_append_printf (markup, "<b>%s</b>", bold);
        }
      at = range.start + range.length;
    }
  return g_string_free (g_steal_pointer (&markup), FALSE);
}

static void
set_box_status (FluoTracePreview *self, const char *word)
{
  for (int i = 0; i < FLUO_N_STATUSES; i++)
    gtk_widget_remove_css_class (self->box, fluo_status_to_word (i));
  gtk_widget_remove_css_class (self->box, "plain");
  gtk_widget_add_css_class (self->box, word);
}

static GtkWidget *
make_share_row (FluoTracePreview *self, const FluoTraceShare *share)
{
  const FluoTraceService *service = &fluo_trace_get_services (self->trace, NULL)[share->service];
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *swatch = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autofree char *name =
    fluo_format_untrusted (fluo_kind_get_display_name (service->type, service->name), 60);
  g_autofree char *whole = fluo_format_untrusted (service->name, 200);
  g_autofree char *time = fluo_format_duration (share->time_ns);
  g_autofree char *part = fluo_format_share_parts (share->share);
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *time_label = gtk_label_new (time);
  GtkWidget *part_label = gtk_label_new (part);
  guint color = fluo_service_colors_lookup (fluo_explorer_get_colors (self->explorer),
                                            service->name, service->type);
  char class[32];

  g_snprintf (class, sizeof class, "service-%u", color % FLUO_N_SERVICE_COLORS + 1);
  gtk_widget_add_css_class (swatch, "swatch");
  gtk_widget_add_css_class (swatch, class);
  gtk_widget_set_valign (swatch, GTK_ALIGN_CENTER);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, whole);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (time_label, "dim-label");
  gtk_widget_add_css_class (time_label, "numeric");
  gtk_widget_add_css_class (part_label, "numeric");
  gtk_widget_add_css_class (part_label, "strong");
  gtk_label_set_width_chars (GTK_LABEL (part_label), 6);
  gtk_label_set_xalign (GTK_LABEL (part_label), 1);
  gtk_box_append (GTK_BOX (row), swatch);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), time_label);
  gtk_box_append (GTK_BOX (row), part_label);
  return row;
}

static void
show_shares (FluoTracePreview *self)
{
  g_autoptr (GArray) shares = fluo_trace_dup_shares (self->trace);

  clear_children (self->shares);
  for (guint i = 0; i < shares->len && i < SHARES_MAX; i++)
    gtk_box_append (GTK_BOX (self->shares),
                    make_share_row (self, &g_array_index (shares, FluoTraceShare, i)));
  gtk_widget_set_visible (self->shares_section, shares->len > 0);
}

static void
show_trace (FluoTracePreview *self)
{
  g_autofree char *title = fluo_trace_summary_dup_request (self->summary);
  g_autoptr (FluoSentence) sentence =
    fluo_trace_dup_root_cause (self->trace, fluo_explorer_get_usual_ns (self->explorer, title));
  g_autofree char *markup = sentence_markup (sentence);
  FluoStatus status = fluo_trace_get_status (self->trace);
  g_autofree char *rows = NULL;
  guint n_shown;
  guint n_rows;

  gtk_label_set_markup (self->sentence, markup);
  set_box_status (self, fluo_status_to_word (status));
  fluo_small_waterfall_set_trace (FLUO_SMALL_WATERFALL (self->waterfall), self->trace);
  n_shown = fluo_small_waterfall_get_n_shown (FLUO_SMALL_WATERFALL (self->waterfall), &n_rows);
  rows = n_shown < n_rows ? g_strdup_printf (_("%u of %u rows"), n_shown, n_rows)
                          : g_strdup_printf (ngettext ("%u row", "%u rows", n_rows), n_rows);
  gtk_label_set_text (self->waterfall_rows, rows);
  gtk_widget_set_visible (self->waterfall_section, TRUE);
  show_shares (self);
}

static void
show_error (FluoTracePreview *self, const GError *error)
{
  g_autofree char *reason = fluo_error_dup_words (error);
  g_autofree char *text =
    g_error_matches (error, FLUO_XRAY_ERROR, FLUO_XRAY_ERROR_NOT_FOUND)
      ? g_strdup (_("This trace is gone: it was deleted or is older than what is kept."))
      : g_strdup_printf (_("The trace could not be read: %s."), reason);
  g_autofree char *safe = fluo_format_untrusted (text, 300);

  gtk_label_set_text (self->sentence, safe);
  fluo_statement_button_set_error (self->statement, error);
  set_box_status (self, "fault");
}

typedef struct
{
  FluoTracePreview *self;
  guint generation;
} Reading;

static void
trace_read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Reading *reading = user_data;
  g_autoptr (FluoTracePreview) self = reading->self;
  g_autoptr (GError) error = NULL;
  g_autoptr (FluoTrace)
      trace = fluo_xray_client_get_trace_finish (FLUO_XRAY_CLIENT (source), result, &error);
  gboolean late = reading->generation != self->generation;

  g_free (reading);
  if (late || !self->summary)
    return;
  if (trace)
    {
      g_clear_pointer (&self->trace, fluo_trace_unref);
      self->trace = g_steal_pointer (&trace);
      show_trace (self);
    }
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->trace)
    show_error (self, error);
}

static void
read_trace (FluoTracePreview *self)
{
  FluoXrayClient *client = fluo_explorer_get_client (self->explorer);
  Reading *reading;

  self->generation++;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (!client)
    return;
  self->cancellable = g_cancellable_new ();
  reading = g_new0 (Reading, 1);
  reading->self = g_object_ref (self);
  reading->generation = self->generation;
  fluo_xray_client_get_trace_async (client, &self->summary->id, self->cancellable, trace_read_cb,
                                    reading);
}

static GtkWidget *
make_chip (const FluoSummaryAnnotation *annotation)
{
  g_autofree char *key = fluo_format_untrusted (annotation->key, CHIP_CHARS_MAX);
  g_autofree char *value = fluo_format_untrusted (annotation->value, CHIP_CHARS_MAX);
  GtkWidget *chip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 5);
  GtkWidget *key_label = gtk_label_new (key);
  GtkWidget *value_label = gtk_label_new (value);

  gtk_widget_add_css_class (chip, "chip");
  gtk_widget_add_css_class (key_label, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (key_label), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (value_label), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (chip), key_label);
  gtk_box_append (GTK_BOX (chip), value_label);
  return chip;
}

static GtkWidget *
add_chip_line (FluoTracePreview *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, CHIP_GAP_PX);

  gtk_box_append (GTK_BOX (self->annotations), line);
  return line;
}

static void
show_annotations (FluoTracePreview *self)
{
  GArray *annotations = self->summary->annotations;
  GtkWidget *line = NULL;
  int used = 0;

  clear_children (self->annotations);
  for (guint i = 0; i < annotations->len && i < ANNOTATIONS_MAX; i++)
    {
      GtkWidget *chip = make_chip (&g_array_index (annotations, FluoSummaryAnnotation, i));
      int width;

      if (!line)
        line = add_chip_line (self);
      gtk_box_append (GTK_BOX (line), chip);
      /* Known only where it has its style. */
      gtk_widget_measure (chip, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
      if (used > 0 && used + CHIP_GAP_PX + width > CHIP_LINE_PX)
        {
          g_object_ref (chip);
          gtk_box_remove (GTK_BOX (line), chip);
          line = add_chip_line (self);
          gtk_box_append (GTK_BOX (line), chip);
          g_object_unref (chip);
          used = 0;
        }
      used += width + (used > 0 ? CHIP_GAP_PX : 0);
    }
  gtk_widget_set_visible (self->annotations_section, annotations->len > 0);
}

static void
show_summary (FluoTracePreview *self)
{
  FluoTraceSummary *summary = self->summary;
  g_autofree char *request = fluo_trace_summary_dup_request (summary);
  g_autofree char *title = fluo_format_untrusted (request, 120);
  g_autofree char *clock = fluo_format_clock (summary->start_ns, FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *utc = fluo_format_date_time_utc (summary->start_ns);
  g_autofree char *duration = fluo_format_duration (fluo_trace_summary_get_time_ns (summary));
  g_autofree char *id = fluo_trace_id_to_string (&summary->id);
  g_autofree char *line = summary->http_status > 0
                              ? g_strdup_printf ("%s  ·  <b>%s</b>  ·  %d", clock, duration,
                                                 summary->http_status)
                              : g_strdup_printf ("%s  ·  <b>%s</b>", clock, duration);

  fluo_theme_set_status (self->status, summary->status);
  gtk_label_set_text (self->title, title);
  /* Markup made of formatted numbers alone. */
  gtk_label_set_markup (self->line, line);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->line), utc);
  gtk_label_set_text (self->id, id);
  show_annotations (self);
}

static void
closed_cb (FluoTracePreview *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0);
}

static void
copy_id_cb (FluoTracePreview *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          gtk_label_get_text (self->id));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Trace ID copied"));
}

static void
open_cb (FluoTracePreview *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-trace", "s",
                              gtk_label_get_text (self->id));
}

static void
fluo_trace_preview_dispose (GObject *object)
{
  FluoTracePreview *self = FLUO_TRACE_PREVIEW (object);

  self->generation++;
  if (self->cancellable)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  g_clear_pointer (&self->trace, fluo_trace_unref);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_trace_preview_parent_class)->dispose (object);
}

static void
fluo_trace_preview_class_init (FluoTracePreviewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_trace_preview_dispose;
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
make_section (GtkWidget *parent, const char *title, GtkWidget **ret_side, GtkWidget *content)
{
  GtkWidget *section = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *label = gtk_label_new (title);

  gtk_widget_add_css_class (section, "panel-section");
  gtk_widget_add_css_class (label, "caption-heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_box_append (GTK_BOX (head), label);
  if (ret_side)
    {
      *ret_side = gtk_label_new (NULL);
      gtk_widget_add_css_class (*ret_side, "caption");
      gtk_widget_add_css_class (*ret_side, "dim-label");
      gtk_widget_add_css_class (*ret_side, "numeric");
      gtk_box_append (GTK_BOX (head), *ret_side);
    }
  gtk_box_append (GTK_BOX (section), head);
  gtk_box_append (GTK_BOX (section), content);
  gtk_box_append (GTK_BOX (parent), section);
  return section;
}

static GtkWidget *
make_head (FluoTracePreview *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *top = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");

  self->status = GTK_IMAGE (fluo_theme_status_image (FLUO_STATUS_OK));
  gtk_image_set_pixel_size (self->status, 18);
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (self->title, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "panel-title");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "small");
  gtk_widget_set_tooltip_text (close, _("Close the preview"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Close the preview"), -1);
  g_signal_connect_object (close, "clicked", G_CALLBACK (closed_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (top), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (top), close);
  self->line = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->line, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->line), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self->line), "dense");
  gtk_box_append (GTK_BOX (head), top);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->line));
  return head;
}

static GtkWidget *
make_id_row (FluoTracePreview *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *copy = gtk_button_new_from_icon_name ("fluoroscope-copy-symbolic");

  self->id = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_selectable (self->id, TRUE);
  gtk_label_set_ellipsize (self->id, PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (GTK_WIDGET (self->id), "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->id), "trace-id");
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "small");
  gtk_widget_set_tooltip_text (copy, _("Copy trace ID"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Copy trace ID"), -1);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_id_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), GTK_WIDGET (self->id));
  gtk_box_append (GTK_BOX (row), copy);
  return row;
}

static void
fluo_trace_preview_init (FluoTracePreview *self)
{
  GtkWidget *outer = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *side;
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *open = gtk_button_new_with_label (_("Open trace"));
  GtkWidget *compare = gtk_button_new_with_label (_("Compare"));

  gtk_widget_add_css_class (GTK_WIDGET (self), "side-panel");
  gtk_widget_add_css_class (box, "panel-body");
  gtk_box_append (GTK_BOX (box), make_head (self));
  self->sentence = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->sentence, TRUE);
  gtk_label_set_wrap_mode (self->sentence, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_selectable (self->sentence, TRUE);
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->box, "sentence-box");
  gtk_widget_set_hexpand (GTK_WIDGET (self->sentence), TRUE);
  gtk_box_append (GTK_BOX (self->box), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (box), self->box);
  self->statement = fluo_statement_button_new ();
  gtk_widget_set_halign (self->statement, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->statement, "small-button");
  gtk_box_append (GTK_BOX (box), self->statement);
  self->waterfall = fluo_small_waterfall_new ();
  self->waterfall_section = make_section (box, _("Waterfall"), &side, self->waterfall);
  self->waterfall_rows = GTK_LABEL (side);
  self->shares = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_add_css_class (self->shares, "dense");
  self->shares_section = make_section (box, _("Where the time goes"), NULL, self->shares);
  self->annotations = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->annotations, "chips");
  self->annotations_section = make_section (box, _("Annotations"), NULL, self->annotations);
  make_section (box, _("Trace ID"), NULL, make_id_row (self));

  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (open, "suggested-action");
  gtk_widget_add_css_class (open, "pill-button");
  gtk_widget_add_css_class (compare, "pill-button");
  gtk_widget_set_tooltip_text (compare, _("Compare with the usual one, or with the other selected "
                                          "one (M)"));
  g_signal_connect_object (open, "clicked", G_CALLBACK (open_cb), self, G_CONNECT_SWAPPED);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (compare), "traces.compare-traces");
  gtk_box_set_homogeneous (GTK_BOX (foot), TRUE);
  gtk_widget_add_css_class (foot, "panel-foot");
  gtk_box_append (GTK_BOX (foot), open);
  gtk_box_append (GTK_BOX (foot), compare);
  gtk_box_append (GTK_BOX (outer), scroller);
  gtk_box_append (GTK_BOX (outer), foot);
  adw_bin_set_child (ADW_BIN (self), outer);
}

static void
colors_changed_cb (FluoTracePreview *self)
{
  if (self->trace)
    show_shares (self);
}

GtkWidget *
fluo_trace_preview_new (FluoExplorer *explorer)
{
  FluoTracePreview *self = g_object_new (FLUO_TYPE_TRACE_PREVIEW, NULL);

  self->explorer = g_object_ref (explorer);
  fluo_small_waterfall_set_explorer (FLUO_SMALL_WATERFALL (self->waterfall), explorer);
  g_signal_connect_object (explorer, "colors-changed", G_CALLBACK (colors_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

void
fluo_trace_preview_set_summary (FluoTracePreview *self, FluoTraceSummary *summary)
{
  gboolean same;

  g_return_if_fail (FLUO_IS_TRACE_PREVIEW (self));
  if (self->summary == summary)
    return;
  same = self->summary && summary && fluo_trace_id_equal (&self->summary->id, &summary->id);
  g_clear_pointer (&self->summary, fluo_trace_summary_unref);
  self->summary = summary ? fluo_trace_summary_ref (summary) : NULL;
  if (!same)
    {
      g_clear_pointer (&self->trace, fluo_trace_unref);
      gtk_widget_set_visible (self->waterfall_section, FALSE);
      gtk_widget_set_visible (self->shares_section, FALSE);
      gtk_label_set_text (self->sentence, _("Reading the trace…"));
      gtk_widget_set_visible (self->statement, FALSE);
      set_box_status (self, "plain");
    }
  if (!summary)
    {
      self->generation++;
      return;
    }
  show_summary (self);
  read_trace (self);
}
