/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/fluo-pages.h"

#include <string.h>

#include <adwaita.h>
#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "aws/fluo-profile-list.h"
#include "core/fluo-format.h"
#include "fluo-demo-sender.h"
#include "fluo-listener-list.h"
#include "fluo-snippets.h"
#include "fluo-start-picture.h"

#define COLUMN_WIDE_PX 948 /* 900 and the padding */
/* What the demo sends: fifteen made-up minutes up to now. */
#define DEMO_SEED 20261119
#define DEMO_MINUTES 15
#define DEMO_TRACES 12930
/* The one test trace lies in the last seconds, so that it is inside every range. */
#define TEST_SECONDS 3

struct _FluoStartPage
{
  GtkWidget parent_instance;

  FluoExplorer *explorer;
  FluoCollector *collector; /* or NULL */
  GtkWidget *scroller;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkWidget *listeners; /* FluoListenerList */
  GtkLabel *conflict;
  GtkWidget *test;
  GtkWidget *tabs[FLUO_N_SNIPPETS];
  GtkLabel *code;
  char *snippet_text;
  FluoSnippet snippet;
  GtkLabel *aws_text;
  GtkWidget *demo_button;
  GtkWidget *demo_progress;
  GCancellable *demo_cancellable; /* while the demo is being sent */
  gboolean testing;
};

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FluoStartPage, fluo_start_page, GTK_TYPE_WIDGET)

/* --- Addresses --------------------------------------------------------------------------- */

static const char *
address_of (FluoStartPage *self, const char *protocol)
{
  const FluoCollectorStatus *status = fluo_explorer_get_status (self->explorer);

  for (guint i = 0; status && i < status->listeners->len; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);

      if (g_strcmp0 (listener->protocol, protocol) == 0
          && g_strcmp0 (listener->state, "listening") == 0)
        return listener->address;
    }
  return NULL;
}

static void
update_snippet (FluoStartPage *self)
{
  const char *udp = address_of (self, "udp");
  const char *http = address_of (self, "http");
  g_autofree char *markup = NULL;

  g_free (self->snippet_text);
  self->snippet_text = fluo_snippet_dup_text (self->snippet, udp ? udp : "127.0.0.1:2000",
                                              http ? http : "127.0.0.1:2000",
                                              address_of (self, "otlp"));
  markup = fluo_snippet_dup_markup (self->snippet_text, fluo_theme_get_palette ()->dark);
  /* Markup made of a snippet of ours, escaped piece by piece. */
  gtk_label_set_markup (self->code, markup);
}

/* --- State ------------------------------------------------------------------------------- */

static void
update_title (FluoStartPage *self)
{
  FluoExplorerState state = fluo_explorer_get_state (self->explorer);
  const GError *error = fluo_explorer_get_error (self->explorer);
  const char *conflict = self->collector ? fluo_collector_get_conflict (self->collector) : NULL;
  gboolean connected = state == FLUO_EXPLORER_CONNECTED;
  g_autofree char *text = NULL;

  if (connected)
    text = g_strdup (
        _("Fluoroscope is listening on this computer. The map appears with the first trace."));
  else if (state == FLUO_EXPLORER_CONNECTING)
    text = g_strdup (_("The collector is being started…"));
  else
    {
      g_autofree char *all = g_strdup_printf (
          _("The collector does not answer: %s. Trying again."),
          error ? error->message : _("it ended"));

      text = fluo_format_untrusted (all, 300);
    }
  gtk_label_set_text (self->title, connected || state == FLUO_EXPLORER_CONNECTING
                                       ? _("Nothing has been traced yet")
                                       : _("Not listening"));
  gtk_label_set_text (self->subtitle, text);
  gtk_widget_set_sensitive (self->test, connected && address_of (self, "udp"));
  gtk_widget_set_sensitive (self->demo_button,
                            self->demo_cancellable || (connected && address_of (self, "udp")));
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), conflict != NULL);
  if (conflict)
    {
      /* The first line says who; the rest is advice for a terminal. */
      const char *who = g_str_has_prefix (conflict, "fluoroscoped: ")
                            ? conflict + strlen ("fluoroscoped: ")
                            : conflict;
      g_autofree char *line = g_strndup (who, strcspn (who, "\n"));
      g_autofree char *safe = fluo_format_untrusted (line, 200);
      g_autofree char *all = g_strdup_printf (
          "%s. %s", safe,
          _("Programs that send to the usual port do not reach Fluoroscope: end the "
            "other program, or use the addresses shown here."));

      gtk_label_set_text (self->conflict, all);
    }
}

static void
state_changed_cb (FluoExplorer *explorer, FluoStartPage *self)
{
  if (fluo_listener_list_update (FLUO_LISTENER_LIST (self->listeners),
                                 fluo_explorer_get_status (explorer)))
    update_snippet (self);
  update_title (self);
}

/* --- Sending ----------------------------------------------------------------------------- */

static void
toast (FluoStartPage *self, const char *text)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", text);
}

static void
test_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoStartPage) self = user_data;
  g_autoptr (GError) error = NULL;

  self->testing = FALSE;
  if (!fluo_demo_sender_run_finish (result, &error))
    {
      g_autofree char *text = g_strdup_printf (_("The test trace could not be sent: %s"),
                                               error->message);

      toast (self, text);
    }
}

static void
test_clicked_cb (FluoStartPage *self)
{
  gint64 now_ns = fluo_time_now_ns ();
  FluoDemoOptions options = { .seed = g_random_int (), .n_traces = 1,
                              .span = { now_ns - TEST_SECONDS * FLUO_NSEC_PER_SEC, now_ns } };
  const char *udp = address_of (self, "udp");

  if (!udp || self->testing)
    return;
  self->testing = TRUE;
  fluo_demo_sender_run_async (fluo_explorer_get_client (self->explorer), udp, &options, NULL, NULL,
                              NULL, test_sent_cb, g_object_ref (self));
}

static void
demo_progress_cb (guint done, guint total, gpointer user_data)
{
  FluoStartPage *self = user_data;

  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->demo_progress),
                                 total > 0 ? (double)done / total : 0);
}

/* Until the end the page stays in front, with the bar and a way to cancel. */
static void
set_busy (FluoStartPage *self, gboolean busy)
{
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->demo_progress), 0);
  gtk_button_set_label (GTK_BUTTON (self->demo_button), busy ? _("Cancel") : _("Start"));
  gtk_widget_set_visible (self->demo_progress, busy);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
demo_sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoStartPage) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!fluo_demo_sender_run_finish (result, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_autofree char *text = g_strdup_printf (_("The demo was not sent as a whole: %s"),
                                               error->message);

      toast (self, text);
    }
  g_clear_object (&self->demo_cancellable);
  if (self->scroller)
    set_busy (self, FALSE);
}

static void
demo_clicked_cb (FluoStartPage *self)
{
  gint64 now_ns = fluo_time_now_ns ();
  FluoDemoOptions options = { .seed = DEMO_SEED, .n_traces = DEMO_TRACES,
                              .span = { now_ns - DEMO_MINUTES * FLUO_NSEC_PER_MIN, now_ns } };
  const char *udp = address_of (self, "udp");

  if (self->demo_cancellable)
    {
      g_cancellable_cancel (self->demo_cancellable);
      return;
    }
  if (!udp)
    return;
  self->demo_cancellable = g_cancellable_new ();
  set_busy (self, TRUE);
  fluo_demo_sender_run_async (fluo_explorer_get_client (self->explorer), udp, &options,
                              demo_progress_cb, self, self->demo_cancellable, demo_sent_cb,
                              g_object_ref (self));
}

static void
copy_clicked_cb (FluoStartPage *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->snippet_text);
  toast (self, _("Copied"));
}

static void
tab_toggled_cb (GtkToggleButton *button, FluoStartPage *self)
{
  if (!gtk_toggle_button_get_active (button))
    return;
  for (guint i = 0; i < FLUO_N_SNIPPETS; i++)
    if (self->tabs[i] == GTK_WIDGET (button))
      self->snippet = i;
  update_snippet (self);
}

/* --- Building ---------------------------------------------------------------------------- */

static GtkWidget *
make_hero (FluoStartPage *self)
{
  GtkWidget *hero = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 28);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_wrap (self->title, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "start-title");
  self->subtitle = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->subtitle, 0);
  gtk_label_set_wrap (self->subtitle, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->subtitle), "start-subtitle");
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (words), GTK_WIDGET (self->subtitle));
  gtk_box_append (GTK_BOX (hero), fluo_start_picture_new ());
  gtk_box_append (GTK_BOX (hero), words);
  gtk_widget_add_css_class (hero, "start-hero");
  return hero;
}

static GtkWidget *
make_code (FluoStartPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_("Set these before you start your program"));
  GtkWidget *tabs = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *strip = gtk_scrolled_window_new ();
  GtkWidget *frame = gtk_overlay_new ();
  GtkWidget *copy = gtk_button_new ();
  GtkWidget *why = gtk_button_new_with_label (_("Nothing arrives? See why"));
  GtkWidget *copy_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "dense");
  gtk_widget_add_css_class (tabs, "segmented");
  for (guint i = 0; i < FLUO_N_SNIPPETS; i++)
    {
      self->tabs[i] = gtk_toggle_button_new_with_label (fluo_snippet_get_name (i));
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->tabs[i]),
                                     GTK_TOGGLE_BUTTON (self->tabs[0]));
      gtk_widget_add_css_class (self->tabs[i], "flat");
      g_signal_connect (self->tabs[i], "toggled", G_CALLBACK (tab_toggled_cb), self);
      gtk_box_append (GTK_BOX (tabs), self->tabs[i]);
    }
  self->code = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->code, 0);
  gtk_label_set_selectable (self->code, TRUE);
  gtk_label_set_wrap (self->code, TRUE);
  gtk_label_set_wrap_mode (self->code, PANGO_WRAP_CHAR);
  /* A hyphen at a line's end would be taken for a part of the command. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  gtk_label_set_attributes (self->code, attributes);
  gtk_widget_add_css_class (GTK_WIDGET (self->code), "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->code), "code-block");
  gtk_overlay_set_child (GTK_OVERLAY (frame), GTK_WIDGET (self->code));
  gtk_box_append (GTK_BOX (copy_box), gtk_image_new_from_icon_name ("fluoroscope-copy-symbolic"));
  gtk_box_append (GTK_BOX (copy_box), gtk_label_new (_("Copy")));
  gtk_button_set_child (GTK_BUTTON (copy), copy_box);
  gtk_widget_set_halign (copy, GTK_ALIGN_END);
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_add_css_class (copy, "code-copy");
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_clicked_cb), self, G_CONNECT_SWAPPED);
  gtk_overlay_add_overlay (GTK_OVERLAY (frame), copy);
  /* In a narrow window the languages scroll sideways. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (strip), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (strip), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (strip), tabs);
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), strip);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), frame);
  gtk_widget_set_halign (why, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (why, _("Say what stands in the way"));
  gtk_widget_add_css_class (why, "small-button");
  gtk_widget_add_css_class (why, "flat");
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (why), "win.explain-missing::");
  gtk_box_append (GTK_BOX (box), why);
  gtk_widget_add_css_class (box, "card-part");
  return box;
}

static GtkWidget *
make_send_card (FluoStartPage *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *label = gtk_label_new (_("Send from this computer"));

  gtk_widget_add_css_class (card, "fluo-card");
  gtk_widget_add_css_class (head, "card-head");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "heading");
  self->test = gtk_button_new_with_label (_("Send a test trace"));
  gtk_widget_add_css_class (self->test, "small-button");
  gtk_widget_set_valign (self->test, GTK_ALIGN_CENTER);
  g_signal_connect_object (self->test, "clicked", G_CALLBACK (test_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (head), gtk_image_new_from_icon_name ("fluoroscope-terminal-symbolic"));
  gtk_box_append (GTK_BOX (head), label);
  gtk_box_append (GTK_BOX (head), self->test);
  self->listeners = fluo_listener_list_new ();
  self->conflict = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->conflict, TRUE);
  gtk_label_set_wrap_mode (self->conflict, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->conflict, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->conflict), "notice");
  gtk_widget_set_visible (GTK_WIDGET (self->conflict), FALSE);
  gtk_box_append (GTK_BOX (card), head);
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (self->conflict));
  gtk_box_append (GTK_BOX (card), self->listeners);
  gtk_box_append (GTK_BOX (card), make_code (self));
  return card;
}

static GtkWidget *
make_divider (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *left = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *right = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *label = gtk_label_new (_("or look at traces that exist already"));

  gtk_widget_set_hexpand (left, TRUE);
  gtk_widget_set_hexpand (right, TRUE);
  gtk_widget_set_valign (left, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (right, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (label, "caption");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (box, "start-divider");
  gtk_box_append (GTK_BOX (box), left);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), right);
  return box;
}

/* Returns the button; @ret_text (nullable) gets the label that says more. */
static GtkWidget *
add_way (GtkWidget *card, const char *icon, const char *title, const char *text, const char *verb,
         GtkWidget *extra, GtkLabel **ret_text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title_label = gtk_label_new (title);
  GtkWidget *text_label = gtk_label_new (text);
  GtkWidget *button = gtk_button_new_with_label (verb);

  gtk_label_set_xalign (GTK_LABEL (title_label), 0);
  gtk_label_set_xalign (GTK_LABEL (text_label), 0);
  gtk_label_set_wrap (GTK_LABEL (text_label), TRUE);
  gtk_widget_add_css_class (title_label, "heading");
  gtk_widget_add_css_class (text_label, "caption");
  gtk_widget_add_css_class (text_label, "dim-label");
  gtk_box_append (GTK_BOX (words), title_label);
  gtk_box_append (GTK_BOX (words), text_label);
  if (extra)
    gtk_box_append (GTK_BOX (words), extra);
  gtk_widget_set_hexpand (words, TRUE);
  gtk_widget_set_valign (words, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (button, 104, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (row, "card-row");
  gtk_widget_add_css_class (row, "way-row");
  gtk_box_append (GTK_BOX (row), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (row), words);
  gtk_box_append (GTK_BOX (row), button);
  gtk_box_append (GTK_BOX (card), row);
  if (ret_text)
    *ret_text = GTK_LABEL (text_label);
  return button;
}

static void
profiles_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FluoStartPage) self = user_data;
  g_autoptr (FluoProfileList) profiles = fluo_profile_list_load_finish (result, NULL);
  guint n = profiles ? profiles->profiles->len : 0;
  g_autofree char *text = NULL;

  if (n == 0 || !self->scroller)
    return;
  text = g_strdup_printf (ngettext ("Traces, metrics and logs with your %u profile or a key pair",
                                    "Traces, metrics and logs with one of your %u profiles or a "
                                    "key pair",
                                    n),
                          n);
  gtk_label_set_text (self->aws_text, text);
}

static GtkWidget *
make_ways (FluoStartPage *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *button;

  gtk_widget_add_css_class (card, "fluo-card");
  button = add_way (card, "fluoroscope-cloud-symbolic", _("Connect to AWS"),
                    _("Traces of an account, with one of your profiles or a key pair"),
                    _("Connect…"), NULL, &self->aws_text);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.connect-aws");
  button = add_way (card, "fluoroscope-folder-symbolic", _("Open a file"),
                    _("Trace JSON. You can also drop it here"), _("Open…"), NULL, NULL);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-file");
  self->demo_progress = gtk_progress_bar_new ();
  gtk_widget_set_visible (self->demo_progress, FALSE);
  gtk_widget_set_margin_top (self->demo_progress, 6);
  self->demo_button = add_way (card, "fluoroscope-play-symbolic", _("Try the demo"),
                               _("Petshop: 15 made-up minutes in which a bank gets slow"),
                               _("Start"), self->demo_progress, NULL);
  g_signal_connect_object (self->demo_button, "clicked", G_CALLBACK (demo_clicked_cb), self,
                           G_CONNECT_SWAPPED);
  return card;
}

static void
build (FluoStartPage *self)
{
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_widget_add_css_class (column, "start-column");
  gtk_widget_set_valign (column, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (column), make_hero (self));
  gtk_box_append (GTK_BOX (column), make_send_card (self));
  gtk_box_append (GTK_BOX (column), make_divider ());
  gtk_box_append (GTK_BOX (column), make_ways (self));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), COLUMN_WIDE_PX);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), COLUMN_WIDE_PX);
  adw_clamp_set_child (ADW_CLAMP (clamp), column);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

static void
fluo_start_page_dispose (GObject *object)
{
  FluoStartPage *self = FLUO_START_PAGE (object);

  if (self->demo_cancellable)
    g_cancellable_cancel (self->demo_cancellable);
  if (self->explorer)
    g_signal_handlers_disconnect_by_data (self->explorer, self);
  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->explorer);
  g_clear_object (&self->collector);
  G_OBJECT_CLASS (fluo_start_page_parent_class)->dispose (object);
}

static void
fluo_start_page_finalize (GObject *object)
{
  FluoStartPage *self = FLUO_START_PAGE (object);

  g_clear_object (&self->demo_cancellable);
  g_free (self->snippet_text);
  G_OBJECT_CLASS (fluo_start_page_parent_class)->finalize (object);
}

static void
fluo_start_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, fluo_start_page_is_busy (FLUO_START_PAGE (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
fluo_start_page_class_init (FluoStartPageClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = fluo_start_page_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, properties);
  G_OBJECT_CLASS (klass)->dispose = fluo_start_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = fluo_start_page_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
fluo_start_page_init (FluoStartPage *self)
{
}

GtkWidget *
fluo_start_page_new (FluoExplorer *explorer, FluoCollector *collector)
{
  FluoStartPage *self = g_object_new (FLUO_TYPE_START_PAGE, NULL);

  self->explorer = g_object_ref (explorer);
  g_set_object (&self->collector, collector);
  build (self);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->tabs[0]), TRUE);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (state_changed_cb), self, 0);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (update_snippet), self, G_CONNECT_SWAPPED);
  update_snippet (self);
  state_changed_cb (explorer, self);
  fluo_profile_list_load_async (NULL, profiles_loaded_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}

gboolean
fluo_start_page_is_busy (FluoStartPage *self)
{
  g_return_val_if_fail (FLUO_IS_START_PAGE (self), FALSE);
  return self->demo_cancellable != NULL;
}
