/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-span-panel-private.h"
#include "core/fluo-format.h"

/* --- Overview --------------------------------------------------------------------------------- */

static void
add_times (GtkWidget *grid, const FluoPanelSpan *what)
{
  const FluoSpan *span = what->span;
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (what->rows)),
         response = fluo_trace_get_response_ns (what->trace);
  gboolean running = (span->flags & FLUO_SPAN_IN_PROGRESS) != 0;
  g_autofree char *duration = fluo_format_duration_exact (span->end_ns - span->start_ns);
  g_autofree char *started = fluo_format_offset (span->start_ns - zero);
  g_autofree char *started_at = fluo_format_clock (span->start_ns, FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *ended = fluo_format_offset (span->end_ns - zero);
  g_autofree char *ended_at = fluo_format_clock (span->end_ns, FLUO_CLOCK_MILLISECONDS, NULL);
  g_autofree char *own = fluo_format_duration_exact (span->self_ns);
  g_autofree char *share = NULL, *clock = NULL;

  if (response > 0 && !(span->flags & FLUO_SPAN_LINKED))
    {
      g_autofree char *part =
        fluo_format_share_parts ((double) (span->end_ns - span->start_ns) / (double) response);

      share = g_strdup_printf (_("%s of the trace"), part);
    }

  if (running)
    fluo_panel_add_two (grid, _("Duration"), _("running"), "", TRUE);
  else
    fluo_panel_add_two (grid, _("Duration"), duration, share != NULL ? share : "", TRUE);
  fluo_panel_add_two (grid, _("Started"), started, started_at, FALSE);
  if (!running)
    fluo_panel_add_two (grid, _("Ended"), ended, ended_at, FALSE);
  /* What a call took longer than its answer was on the way. */
  if (span->first_child != FLUO_SPAN_NONE && !running && span->self_ns > 0)
    fluo_panel_add_pair (grid, span->flags & FLUO_SPAN_CALL ? _("On the way") : _("Own work"), own);
  clock = fluo_waterfall_rows_dup_clock (what->rows, what->index);
  fluo_panel_add_pair (grid, _("Clock"), clock);
  if (span->flags & FLUO_SPAN_TIME_SUSPECT)
    fluo_panel_add_pair (grid, _("Times"),
                         _("As sent they make no sense; the raw document keeps them."));
}

#define WAITS_SHOWN 2
#define LINK_CHARS_MAX 120 /* of the name of another call */

/* The calls that took longest, in the order they were made: "connect 121 ms, wait for answer 2.004
 * s". */
static void
add_waiting (GtkWidget *grid, const FluoPanelSpan *what)
{
  guint32 longest[WAITS_SHOWN] = { FLUO_SPAN_NONE, FLUO_SPAN_NONE };
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint32 child = what->span->first_child; child < what->n_spans;
       child = what->spans[child].next_sibling)
    {
      gint64 length = what->spans[child].end_ns - what->spans[child].start_ns;

      if (longest[0] == FLUO_SPAN_NONE ||
          length > what->spans[longest[0]].end_ns - what->spans[longest[0]].start_ns)
        {
          longest[1] = longest[0];
          longest[0] = child;
        }
      else if (longest[1] == FLUO_SPAN_NONE ||
               length > what->spans[longest[1]].end_ns - what->spans[longest[1]].start_ns)
        longest[1] = child;
    }

  if (longest[1] != FLUO_SPAN_NONE && longest[1] < longest[0])
    {
      guint32 swap = longest[0];

      longest[0] = longest[1];
      longest[1] = swap;
    }
  for (guint i = 0; i < WAITS_SHOWN && longest[i] != FLUO_SPAN_NONE; i++)
    {
      const FluoSpan *child = &what->spans[longest[i]];
      /* How long one is waited for that has not ended is not known. */
      g_autofree char *duration = child->flags & FLUO_SPAN_IN_PROGRESS
                                    ? g_strdup (_("running"))
                                    : fluo_format_duration_exact (child->end_ns - child->start_ns);

      g_autofree char *name = fluo_format_untrusted (
        fluo_waterfall_rows_get_name (what->rows,
                                      fluo_waterfall_rows_get_shown (what->rows, longest[i])),
        LINK_CHARS_MAX);

      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", name, duration);
    }
  fluo_panel_add_pair (grid, _("Waiting"), text->str);
}

#define LINK_SPAN "fluo-span"
#define LINK_TRACE "fluo-trace"

static void
link_cb (GtkButton *button, FluoSpanPanel *self)
{
  fluo_span_panel_jump (self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), LINK_SPAN)));
}

/* A link that is a button: its text comes from the trace and never is markup. */
GtkWidget *
fluo_panel_new_link (FluoSpanPanel *self, const char *text, guint32 span)
{
  GtkWidget *button = gtk_button_new (), *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "text-link");
  g_object_set_data (G_OBJECT (button), LINK_SPAN, GUINT_TO_POINTER (span));
  g_signal_connect_object (button, "clicked", G_CALLBACK (link_cb), self, 0);

  return button;
}

guint32
fluo_span_panel_find_caller (const FluoPanelSpan *what)
{
  guint32 at = fluo_waterfall_rows_get_parent (what->rows, what->index);

  /* A call made by a piece of work inside a service was called from that service. */
  if (fluo_waterfall_rows_is_service (what->rows, what->index) ||
      (what->span->flags & FLUO_SPAN_CALL))
    while (at < what->n_spans && !fluo_waterfall_rows_is_service (what->rows, at))
      at = fluo_waterfall_rows_get_parent (what->rows, at);

  return at;
}

static void
add_caller (FluoSpanPanel *self, GtkWidget *grid, const FluoPanelSpan *what)
{
  const guint32 at = fluo_span_panel_find_caller (what);
  const FluoTraceService *services, *service;
  guint n_services;
  g_autofree char *name = NULL, *kind = NULL, *rest = NULL, *safe = NULL;
  GtkWidget *box, *value;

  services = fluo_trace_get_services (what->trace, &n_services);
  if (at >= what->n_spans || what->spans[at].service >= n_services)
    {
      if (what->span->flags & FLUO_SPAN_ORPHAN)
        fluo_panel_add_pair (grid, _("Called from"), _("Its caller has not arrived."));
      return;
    }

  service = &services[what->spans[at].service];
  name = fluo_format_untrusted (fluo_waterfall_rows_get_name (what->rows, at), 120);
  kind = fluo_kind_dup_label (service->type, service->name);
  rest = service->version != NULL ? g_strdup_printf (" · %s · %s", service->version, kind)
                                  : g_strdup_printf (" · %s", kind);
  safe = fluo_format_untrusted (rest, 200);
  value = gtk_label_new (safe);
  gtk_label_set_ellipsize (GTK_LABEL (value), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (value, "dim-label");
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (box), fluo_panel_new_link (self, name, at));
  gtk_box_append (GTK_BOX (box), value);
  fluo_panel_add_widget (grid, _("Called from"), box);
}

static void
open_cb (GtkButton *button, FluoSpanPanel *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-trace", "s",
                              g_object_get_data (G_OBJECT (button), LINK_TRACE));
}

/* Several may have been sent to one queue: "orders · mails" says by whom. */
static char *
dup_link_name (const FluoPanelSpan *what, guint32 span)
{
  const char *name = fluo_waterfall_rows_get_name (what->rows, span);
  const char *service = fluo_waterfall_rows_get_name (
    what->rows, fluo_waterfall_rows_get_segment (what->rows, span));
  g_autofree char *text = NULL;

  text = *service == '\0' || g_str_equal (service, name)
           ? g_strdup (name)
           : g_strdup_printf ("%s · %s", service, name);

  return fluo_format_untrusted (text, LINK_CHARS_MAX);
}

/* Messages lead from call to call, and from trace to trace, both ways. */
static void
add_links (FluoSpanPanel *self, GtkWidget *grid, const FluoPanelSpan *what)
{
  g_autoptr (GArray) links = fluo_waterfall_rows_dup_links (what->rows, what->index);

  for (guint i = 0; i < links->len; i++)
    {
      const FluoWaterfallLink *link = &g_array_index (links, FluoWaterfallLink, i);
      g_autofree char *id = fluo_trace_id_to_string (&link->trace_id), *name = NULL;
      GtkWidget *button;

      if (link->span == FLUO_SPAN_NONE)
        {
          button = gtk_button_new ();
          gtk_button_set_child (GTK_BUTTON (button), gtk_label_new (id));
          gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (button))),
                                   PANGO_ELLIPSIZE_MIDDLE);
          gtk_widget_add_css_class (button, "flat");
          gtk_widget_add_css_class (button, "text-link");
          gtk_widget_set_tooltip_text (button, _("Open this trace"));
          g_object_set_data_full (G_OBJECT (button), LINK_TRACE, g_steal_pointer (&id), g_free);
          g_signal_connect_object (button, "clicked", G_CALLBACK (open_cb), self, 0);
        }
      else
        {
          name = dup_link_name (what, link->span);
          button = fluo_panel_new_link (self, name, link->span);
        }
      gtk_widget_set_halign (button, GTK_ALIGN_START);
      fluo_panel_add_widget (grid,
                             link->span == FLUO_SPAN_NONE ? _("Linked trace")
                             : link->before               ? _("Sent by")
                                                          : _("Goes on in"),
                             button);
    }
}

static void
add_request (GtkWidget *grid, const FluoPanelSpan *what)
{
  const FluoSpanDetail *detail = what->detail;
  g_autofree char *answer = NULL;

  if (detail->http_status > 0 && detail->http_content_length >= 0)
    {
      g_autofree char *bytes = fluo_format_bytes ((guint64) detail->http_content_length);

      answer = g_strdup_printf ("%" G_GINT64_FORMAT " · %s", detail->http_status, bytes);
    }
  else if (detail->http_status > 0)
    answer = g_strdup_printf ("%" G_GINT64_FORMAT, detail->http_status);
  else if (what->span->flags & FLUO_SPAN_HTTP)
    answer = g_strdup (what->span->flags & FLUO_SPAN_IN_PROGRESS ? _("not yet") : _("none"));
  fluo_panel_add_pair (grid, _("Answer"), answer);
}

/* What happened while it ran, by time. */
static void
add_events (GtkWidget *page, const FluoPanelSpan *what)
{
  gint64 zero = fluo_trace_get_start_ns (fluo_waterfall_rows_get_trace (what->rows));
  GArray *events = fluo_waterfall_rows_get_events (what->rows, what->index);
  GtkWidget *grid;

  if (events == NULL)
    return;

  grid = fluo_panel_new_pairs ();
  for (guint i = 0; i < MIN (events->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoSpanEvent *event = &g_array_index (events, FluoSpanEvent, i);
      g_autofree char *offset = fluo_format_offset (event->time_ns - zero);

      fluo_panel_add_pair (grid, offset, *event->name != '\0' ? event->name : "–");
    }
  gtk_box_append (GTK_BOX (page), fluo_panel_new_heading (_("Events")));
  gtk_box_append (GTK_BOX (page), grid);
  fluo_panel_add_rest (page, events->len, FLUO_PANEL_ITEMS_MAX);
}

static void
add_service (GtkWidget *grid, const FluoPanelSpan *what)
{
  const FluoTraceService *services, *service;
  g_autofree char *kind = NULL;
  guint n_services;

  services = fluo_trace_get_services (what->trace, &n_services);
  if (!(what->span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) ||
      what->span->service >= n_services)
    return;
  service = &services[what->span->service];
  kind = fluo_kind_dup_label (service->type, service->name);
  fluo_panel_add_two (grid, _("Service"), kind, service->version != NULL ? service->version : "",
                      FALSE);
}

GtkWidget *
fluo_span_panel_make_overview (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  GtkWidget *page = fluo_panel_new_page (), *grid = fluo_panel_new_pairs (), *usual;
  FluoPanelSpan row = *what;

  add_times (grid, what);
  add_waiting (grid, what);
  add_request (grid, what);
  add_caller (self, grid, what);
  add_links (self, grid, what);
  fluo_panel_add_mono (grid, _("URL"), what->detail->http_url);
  fluo_panel_add_pair (grid, _("User"), what->detail->user);
  add_service (grid, what);
  gtk_box_append (GTK_BOX (page), grid);
  /* What is usual is the same, whoever told of the call. */
  row.index = fluo_waterfall_rows_get_shown (what->rows, what->index);
  row.span = &what->spans[row.index];
  usual = fluo_span_panel_make_usual (what->graph, &row);
  if (usual != NULL)
    gtk_box_append (GTK_BOX (page), usual);

  if (what->detail->exceptions != NULL && what->detail->exceptions->len > 0)
    {
      gtk_box_append (GTK_BOX (page), fluo_panel_new_heading (_("Exception")));
      gtk_box_append (GTK_BOX (page), fluo_panel_new_exception_card (
                                        &g_array_index (what->detail->exceptions, FluoException, 0),
                                        what->span->status, FLUO_PANEL_ITEMS_MAX));
    }
  add_events (page, what);
  fluo_span_panel_add_http (page, what);
  fluo_span_panel_add_aws (page, what);

  return page;
}

/* --- Annotations ------------------------------------------------------------------------------ */

GtkWidget *
fluo_span_panel_make_annotations (const FluoPanelSpan *what)
{
  GArray *annotations = what->detail->annotations;
  GtkWidget *page, *grid;

  if (annotations == NULL || annotations->len == 0)
    return NULL;

  page = fluo_panel_new_page ();
  grid = fluo_panel_new_pairs ();
  for (guint i = 0; i < MIN (annotations->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoAnnotation *annotation = &g_array_index (annotations, FluoAnnotation, i);

      fluo_panel_add_pair (grid, annotation->key,
                           *annotation->value != '\0' ? annotation->value : "–");
    }
  gtk_box_append (GTK_BOX (page), grid);
  fluo_panel_add_rest (page, annotations->len, FLUO_PANEL_ITEMS_MAX);

  return page;
}
