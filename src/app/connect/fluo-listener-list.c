/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-listener-list.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

struct _FluoListenerList
{
  AdwBin parent_instance;

  GtkWidget *box;
  char *key; /* what the rows show, so that they are made anew only when it changes */
};

G_DEFINE_FINAL_TYPE (FluoListenerList, fluo_listener_list, ADW_TYPE_BIN)

static const char *
protocol_meaning (const char *protocol)
{
  if (g_strcmp0 (protocol, "udp") == 0)
    return _("X-Ray SDKs and agents");
  if (g_strcmp0 (protocol, "http") == 0)
    return _("X-Ray calls, sampling rules");
  if (g_strcmp0 (protocol, "otlp_grpc") == 0)
    return _("OpenTelemetry over gRPC");
  return _("OpenTelemetry over HTTP");
}

/* Names of protocols are the same in every language. */
static const char *
protocol_name (const char *protocol)
{
  static const char *const names[][2] = {
    { "udp", "UDP" }, { "http", "HTTP" }, { "otlp", "OTLP" }, { "otlp_grpc", "OTLP gRPC" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (protocol, names[i][0]) == 0)
      return names[i][1];
  return "–";
}

static guint
protocol_rank (const char *protocol)
{
  return g_strcmp0 (protocol, "udp") == 0 ? 0 : g_strcmp0 (protocol, "http") == 0 ? 1 : 2;
}

/* "Listening, nothing yet", "3 datagrams, 14:31:02", "1 sampling request, 14:31:02", "held by
 * xray-daemon (1234)". */
static char *
listener_words (const FluoListenerStatus *listener)
{
  g_autofree char *clock = fluo_format_clock (listener->last_ns, FLUO_CLOCK_SECONDS, NULL);
  g_autofree char *count = NULL;

  if (g_strcmp0 (listener->state, "listening") != 0)
    return listener->detail ? fluo_format_untrusted (listener->detail, 120)
                            : g_strdup (_("Taken by another program"));
  if (listener->sampling_requests > 0)
    {
      count = fluo_format_count (listener->sampling_requests);
      return g_strdup_printf (ngettext ("%s sampling request, %s", "%s sampling requests, %s",
                                        listener->sampling_requests), count, clock);
    }
  if (listener->received == 0 || g_strcmp0 (listener->protocol, "http") == 0
      || listener->last_ns == 0)
    return g_strdup (_("Listening, nothing yet"));
  count = fluo_format_count (listener->received);
  return g_strdup_printf (ngettext ("%s datagram, %s", "%s datagrams, %s", listener->received),
                          count, clock);
}

static GtkWidget *
make_listener_row (const FluoListenerStatus *listener)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  const char *protocol = protocol_name (listener->protocol);
  g_autofree char *address = fluo_format_untrusted (listener->address, 60);
  const char *colon = strrchr (address, ':');
  gboolean usual = g_str_has_prefix (address, "127.0.0.1:");
  g_autofree char *name = g_strdup_printf ("%s %s", protocol, usual && colon ? colon + 1 : address);
  g_autofree char *words = listener_words (listener);
  gboolean listening = g_strcmp0 (listener->state, "listening") == 0;
  gboolean received = listener->sampling_requests > 0
                      || (listener->received > 0 && g_strcmp0 (listener->protocol, "udp") == 0);
  GtkWidget *label = gtk_label_new (name);
  GtkWidget *meaning = gtk_label_new (protocol_meaning (listener->protocol));
  GtkWidget *state = gtk_label_new (words);
  GtkWidget *light;

  if (listening && !received)
    {
      light = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_add_css_class (light, "state-dot");
      gtk_widget_add_css_class (light, "connected");
    }
  else
    light = fluo_theme_status_image (listening ? FLUO_STATUS_OK : FLUO_STATUS_ERROR);
  gtk_widget_set_valign (light, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (light, GTK_ALIGN_END);
  gtk_widget_set_hexpand (light, TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_size_request (label, 110, -1);
  gtk_widget_add_css_class (label, "strong");
  gtk_widget_add_css_class (label, "numeric");
  gtk_label_set_xalign (GTK_LABEL (meaning), 0);
  gtk_label_set_ellipsize (GTK_LABEL (meaning), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (meaning), 6);
  gtk_widget_add_css_class (meaning, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (state), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (state, words);
  gtk_label_set_width_chars (GTK_LABEL (state), 8);
  gtk_label_set_xalign (GTK_LABEL (state), 1);
  gtk_widget_add_css_class (state, "numeric");
  gtk_widget_add_css_class (row, "card-row");
  gtk_widget_add_css_class (row, "dense");
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), meaning);
  gtk_box_append (GTK_BOX (row), light);
  gtk_box_append (GTK_BOX (row), state);
  return row;
}

/* One row a protocol: of the two loopback addresses the IPv4 one stands for both, unless only the
 * other works. */
static gboolean
is_shown (const FluoCollectorStatus *status, guint index)
{
  const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, index);

  if (g_str_has_prefix (listener->address, "127."))
    return TRUE;
  for (guint i = 0; i < status->listeners->len; i++)
    {
      const FluoListenerStatus *other = g_ptr_array_index (status->listeners, i);

      if (g_strcmp0 (other->protocol, listener->protocol) == 0
          && g_str_has_prefix (other->address, "127."))
        return FALSE;
    }
  return TRUE;
}

static char *
listeners_key (const FluoCollectorStatus *status)
{
  g_autoptr (GString) key = g_string_new (NULL);

  for (guint i = 0; status && i < status->listeners->len; i++)
    {
      const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);
      g_autofree char *words = listener_words (listener);

      g_string_append_printf (key, "%s %s %s\n", listener->protocol, listener->address, words);
    }
  return g_string_free (g_steal_pointer (&key), FALSE);
}

static void
fluo_listener_list_finalize (GObject *object)
{
  g_free (FLUO_LISTENER_LIST (object)->key);
  G_OBJECT_CLASS (fluo_listener_list_parent_class)->finalize (object);
}

static void
fluo_listener_list_class_init (FluoListenerListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_listener_list_finalize;
}

static void
fluo_listener_list_init (FluoListenerList *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  adw_bin_set_child (ADW_BIN (self), self->box);
}

GtkWidget *
fluo_listener_list_new (void)
{
  return g_object_new (FLUO_TYPE_LISTENER_LIST, NULL);
}

gboolean
fluo_listener_list_update (FluoListenerList *self, const FluoCollectorStatus *status)
{
  g_autofree char *key = listeners_key (status);
  GtkWidget *child;

  g_return_val_if_fail (FLUO_IS_LISTENER_LIST (self), FALSE);
  if (g_strcmp0 (key, self->key) == 0)
    return FALSE;
  g_free (self->key);
  self->key = g_steal_pointer (&key);
  while ((child = gtk_widget_get_first_child (self->box)))
    gtk_box_remove (GTK_BOX (self->box), child);
  /* Whatever order they come in: UDP, which every SDK needs, then HTTP, then the rest. */
  for (guint rank = 0; rank < 3; rank++)
    for (guint i = 0; status && i < status->listeners->len; i++)
      {
        const FluoListenerStatus *listener = g_ptr_array_index (status->listeners, i);

        if (is_shown (status, i) && protocol_rank (listener->protocol) == rank)
          gtk_box_append (GTK_BOX (self->box), make_listener_row (listener));
      }
  return TRUE;
}
