/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "app/trace/fluo-span-panel-private.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* --- Pairs of key and value ------------------------------------------------------------------- */

static GtkWidget *
new_pairs (void)
{
  GtkWidget *grid = gtk_grid_new ();

  gtk_grid_set_row_spacing (GTK_GRID (grid), 5);
  gtk_grid_set_column_spacing (GTK_GRID (grid), 12);
  gtk_widget_add_css_class (grid, "pairs");

  return grid;
}

static int
count_rows (GtkWidget *grid)
{
  int n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (grid); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n++;

  return n / 2;
}

static GtkWidget *
new_value (const char *text)
{
  g_autofree char *safe = fluo_format_untrusted (text, FLUO_PANEL_VALUE_MAX);
  GtkWidget *label = gtk_label_new (safe);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focusable (label, FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, "numeric");

  return label;
}

static void
add_widget (GtkWidget *grid, const char *key, GtkWidget *value)
{
  g_autofree char *safe = fluo_format_untrusted (key, 200);
  GtkWidget *label = gtk_label_new (safe);
  int row = count_rows (grid);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (GTK_LABEL (label), 13);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 16);
  gtk_widget_add_css_class (label, "key");
  gtk_grid_attach (GTK_GRID (grid), label, 0, row, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), value, 1, row, 1, 1);
}

static void
add_pair (GtkWidget *grid, const char *key, const char *value)
{
  if (value != NULL && *value != '\0')
    add_widget (grid, key, new_value (value));
}

static void
add_mono (GtkWidget *grid, const char *key, const char *value)
{
  GtkWidget *label;

  if (value == NULL || *value == '\0')
    return;

  label = new_value (value);
  gtk_widget_add_css_class (label, "monospace");
  add_widget (grid, key, label);
}

/* "2.125 s · 92.0% of the trace": the first part strong or plain, the rest in the second colour. */
static void
add_two (GtkWidget *grid, const char *key, const char *first, const char *rest, gboolean strong)
{
  g_autofree char *text = g_strdup_printf ("%s%s%s", first, *rest != '\0' ? " · " : "", rest);
  PangoAttrList *attributes = pango_attr_list_new ();
  GtkWidget *label = new_value (text);
  PangoAttribute *attribute;

  if (strong)
    {
      attribute = pango_attr_weight_new (PANGO_WEIGHT_BOLD);
      attribute->end_index = (guint) strlen (first);
      pango_attr_list_insert (attributes, attribute);
    }
  attribute = pango_attr_foreground_alpha_new (0xb000);
  attribute->start_index = (guint) strlen (first);
  pango_attr_list_insert (attributes, attribute);
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  pango_attr_list_unref (attributes);
  add_widget (grid, key, label);
}

static GtkWidget *
new_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "caption-heading");

  return label;
}

static GtkWidget *
new_page (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_add_css_class (box, "span-page");

  return box;
}

/* --- Overview --------------------------------------------------------------------------------- */

static void
add_times (GtkWidget *grid, const FluoPanelSpan *what)
{
  const FluoSpan *span = what->span;
  gint64 zero = fluo_waterfall_rows_get_extent (what->rows).begin_ns,
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
    add_two (grid, _("Duration"), _("running"), "", TRUE);
  else
    add_two (grid, _("Duration"), duration, share != NULL ? share : "", TRUE);
  add_two (grid, _("Started"), started, started_at, FALSE);
  if (!running)
    add_two (grid, _("Ended"), ended, ended_at, FALSE);
  if (span->first_child != FLUO_SPAN_NONE && !running && span->self_ns > 0)
    add_pair (grid, _("Own work"), own);
  clock = fluo_waterfall_rows_dup_clock (what->rows, what->index);
  add_pair (grid, _("Clock"), clock);
  if (span->flags & FLUO_SPAN_TIME_SUSPECT)
    add_pair (grid, _("Times"), _("As sent they make no sense; the raw document keeps them."));
}

#define WAITS_SHOWN 2

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
      g_autofree char *duration = fluo_format_duration_exact (child->end_ns - child->start_ns);

      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "",
                              fluo_waterfall_rows_get_name (what->rows, longest[i]), duration);
    }
  add_pair (grid, _("Waiting"), text->str);
}

#define LINK_SPAN "fluo-span"

static void
link_cb (GtkButton *button, FluoSpanPanel *self)
{
  fluo_span_panel_jump (self, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), LINK_SPAN)));
}

/* A link that is a button: its text comes from the trace and never is markup. */
static GtkWidget *
new_link (FluoSpanPanel *self, const char *text, guint32 span)
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

static void
add_caller (FluoSpanPanel *self, GtkWidget *grid, const FluoPanelSpan *what)
{
  guint32 parent = fluo_waterfall_rows_get_parent (what->rows, what->index), at;
  const FluoTraceService *services, *service;
  guint n_services;
  g_autofree char *name = NULL, *kind = NULL, *rest = NULL, *safe = NULL;
  GtkWidget *box, *value;

  services = fluo_trace_get_services (what->trace, &n_services);
  /* A call made by a piece of work inside a service was called from that service. */
  at = parent;
  if (fluo_waterfall_rows_is_service (what->rows, what->index))
    while (at < what->n_spans && !fluo_waterfall_rows_is_service (what->rows, at))
      at = fluo_waterfall_rows_get_parent (what->rows, at);
  if (at >= what->n_spans || what->spans[at].service >= n_services)
    {
      if (what->span->flags & FLUO_SPAN_ORPHAN)
        add_pair (grid, _("Called from"), _("Its caller has not arrived."));
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
  gtk_box_append (GTK_BOX (box), new_link (self, name, at));
  gtk_box_append (GTK_BOX (box), value);
  add_widget (grid, _("Called from"), box);
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
  add_pair (grid, _("Answer"), answer);
}

/* The fields of X-Ray's aws block in words; others keep their key. */
static const char *
aws_label (const char *key)
{
  static const struct
  {
    const char *key, *label;
  } labels[] = {
    { "account_id", N_("Account") },
    { "operation", N_("Operation") },
    { "region", N_("Region") },
    { "request_id", N_("Request ID") },
    { "retries", N_("Retries") },
    { "table_name", N_("Table") },
    { "queue_url", N_("Queue") },
    { "bucket_name", N_("Bucket") },
    { "topic_arn", N_("Topic") },
    { "function_name", N_("Function") },
    { "function_arn", N_("Function") },
    { "ec2.instance_id", N_("EC2 instance") },
    { "ec2.instance_size", N_("Instance size") },
    { "ec2.ami_id", N_("Image (AMI)") },
    { "ec2.availability_zone", N_("Zone") },
    { "ecs.container", N_("Container") },
    { "ecs.container_id", N_("Container ID") },
    { "ecs.container_arn", N_("Container ARN") },
    { "eks.cluster_name", N_("Cluster") },
    { "eks.pod", N_("Pod") },
    { "eks.container_id", N_("Container ID") },
    { "elastic_beanstalk.environment_name", N_("Environment") },
    { "elastic_beanstalk.version_label", N_("Deployed version") },
    { "elastic_beanstalk.deployment_id", N_("Deployment") },
    { "api_gateway.account_id", N_("Account of the API") },
    { "api_gateway.rest_api_id", N_("API ID") },
    { "api_gateway.stage", N_("Stage") },
    { "api_gateway.request_id", N_("Request ID of the API") },
    { "xray.sdk", N_("SDK") },
    { "xray.sdk_version", N_("SDK version") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_str_equal (labels[i].key, key))
      return _(labels[i].label);

  return key;
}

static void
add_more (GtkWidget *grid, const FluoPanelSpan *what)
{
  const FluoSpanDetail *detail = what->detail;
  const FluoTraceService *services;
  guint n_services;

  add_mono (grid, _("URL"), detail->http_url);
  add_pair (grid, _("Client"), detail->http_client_ip);
  add_pair (grid, _("User agent"), detail->http_user_agent);
  add_pair (grid, _("User"), detail->user);
  services = fluo_trace_get_services (what->trace, &n_services);
  if ((what->span->flags & (FLUO_SPAN_SEGMENT | FLUO_SPAN_INFERRED)) &&
      what->span->service < n_services)
    {
      const FluoTraceService *service = &services[what->span->service];
      g_autofree char *kind = fluo_kind_dup_label (service->type, service->name);

      add_two (grid, _("Service"), kind, service->version != NULL ? service->version : "", FALSE);
    }
  add_mono (grid, _("Resource"), detail->resource_arn);
  for (guint i = 0; detail->aws != NULL && i < MIN (detail->aws->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoDetailField *field = &g_array_index (detail->aws, FluoDetailField, i);

      add_pair (grid, aws_label (field->key), field->value);
    }
}

static GtkWidget *new_exception_card (const FluoException *exception, FluoStatus status);

GtkWidget *
fluo_span_panel_make_overview (FluoSpanPanel *self, const FluoPanelSpan *what)
{
  GtkWidget *page = new_page (), *grid = new_pairs (), *usual;

  add_times (grid, what);
  add_waiting (grid, what);
  add_request (grid, what);
  add_caller (self, grid, what);
  add_more (grid, what);
  gtk_box_append (GTK_BOX (page), grid);
  usual = fluo_span_panel_make_usual (what->graph, what);
  if (usual != NULL)
    gtk_box_append (GTK_BOX (page), usual);

  if (what->detail->exceptions != NULL && what->detail->exceptions->len > 0)
    {
      gtk_box_append (GTK_BOX (page), new_heading (_("Exception")));
      gtk_box_append (GTK_BOX (page), new_exception_card (
                                        &g_array_index (what->detail->exceptions, FluoException, 0),
                                        what->span->status));
    }

  return page;
}

/* --- Exceptions ------------------------------------------------------------------------------- */

static GtkWidget *
new_frames (const FluoException *exception)
{
  GtkWidget *grid = gtk_grid_new ();
  guint n = MIN (exception->stack->len, FLUO_PANEL_ITEMS_MAX);

  gtk_grid_set_column_spacing (GTK_GRID (grid), 16);
  gtk_widget_add_css_class (grid, "frames");
  for (guint i = 0; i < n; i++)
    {
      const FluoStackFrame *frame = &g_array_index (exception->stack, FluoStackFrame, i);
      g_autofree char *path = fluo_format_untrusted (frame->path != NULL ? frame->path : "–", 300);
      g_autofree char *place = frame->line > 0
                                 ? g_strdup_printf ("%s:%" G_GINT64_FORMAT, path, frame->line)
                                 : g_strdup (path);
      g_autofree char *label =
        fluo_format_untrusted (frame->label != NULL ? frame->label : "", 300);
      GtkWidget *where = gtk_label_new (place), *what = gtk_label_new (label);

      gtk_label_set_xalign (GTK_LABEL (where), 0);
      gtk_label_set_ellipsize (GTK_LABEL (where), PANGO_ELLIPSIZE_START);
      gtk_label_set_selectable (GTK_LABEL (where), TRUE);
      gtk_widget_set_focusable (where, FALSE);
      gtk_widget_add_css_class (where, "monospace");
      gtk_widget_add_css_class (where, "strong");
      gtk_label_set_xalign (GTK_LABEL (what), 0);
      gtk_label_set_ellipsize (GTK_LABEL (what), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (what, TRUE);
      gtk_widget_add_css_class (what, "monospace");
      gtk_widget_add_css_class (what, "dim-label");
      gtk_grid_attach (GTK_GRID (grid), where, 0, (int) i, 1, 1);
      gtk_grid_attach (GTK_GRID (grid), what, 1, (int) i, 1, 1);
    }

  return grid;
}

static GtkWidget *
new_exception_card (const FluoException *exception, FluoStatus status)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6),
            *top = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *title = new_value (exception->type != NULL ? exception->type : _("Exception"));

  gtk_widget_add_css_class (card, "exception-card");
  gtk_widget_add_css_class (top, "exception-head");
  gtk_widget_add_css_class (title, "strong");
  gtk_box_append (GTK_BOX (head),
                  fluo_theme_status_image (status == FLUO_STATUS_OK ? FLUO_STATUS_ERROR : status));
  gtk_box_append (GTK_BOX (head), title);
  gtk_box_append (GTK_BOX (top), head);
  if (exception->message != NULL && *exception->message != '\0')
    gtk_box_append (GTK_BOX (top), new_value (exception->message));
  if (exception->remote)
    {
      GtkWidget *note = new_value (_("It happened in the service that was called."));

      gtk_widget_add_css_class (note, "dim-label");
      gtk_box_append (GTK_BOX (top), note);
    }
  gtk_box_append (GTK_BOX (card), top);

  if (exception->stack != NULL && exception->stack->len > 0)
    {
      gtk_box_append (GTK_BOX (card), gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
      gtk_box_append (GTK_BOX (card), new_frames (exception));
    }
  if (exception->truncated > 0)
    {
      g_autofree char *count = fluo_format_count ((guint64) exception->truncated);
      g_autofree char *text =
        g_strdup_printf (_("%s more frames were left out by the sender."), count);
      GtkWidget *note = new_value (text);

      gtk_widget_add_css_class (note, "exception-note");
      gtk_box_append (GTK_BOX (card), note);
    }

  return card;
}

GtkWidget *
fluo_span_panel_make_exceptions (const FluoPanelSpan *what)
{
  GArray *exceptions = what->detail->exceptions;
  GtkWidget *page;

  if ((exceptions == NULL || exceptions->len == 0) && what->detail->cause_id == NULL)
    return NULL;

  page = new_page ();
  for (guint i = 0; exceptions != NULL && i < MIN (exceptions->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      if (i > 0)
        gtk_box_append (GTK_BOX (page), new_heading (_("Caused by")));
      gtk_box_append (
        GTK_BOX (page),
        new_exception_card (&g_array_index (exceptions, FluoException, i), what->span->status));
    }
  if (what->detail->cause_id != NULL && (exceptions == NULL || exceptions->len == 0))
    {
      g_autofree char *text = g_strdup_printf (
        _("The cause is exception %s, recorded in a call below."), what->detail->cause_id);

      gtk_box_append (GTK_BOX (page), new_value (text));
    }

  return page;
}

/* --- Annotations, SQL, text ------------------------------------------------------------------- */

GtkWidget *
fluo_span_panel_make_annotations (const FluoPanelSpan *what)
{
  GArray *annotations = what->detail->annotations;
  GtkWidget *page, *grid;

  if (annotations == NULL || annotations->len == 0)
    return NULL;

  page = new_page ();
  grid = new_pairs ();
  for (guint i = 0; i < MIN (annotations->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoAnnotation *annotation = &g_array_index (annotations, FluoAnnotation, i);

      add_widget (grid, annotation->key, new_value (annotation->value));
    }
  gtk_box_append (GTK_BOX (page), grid);

  return page;
}

GtkWidget *
fluo_span_panel_make_sql (const FluoPanelSpan *what)
{
  GArray *fields = what->detail->sql;
  GtkWidget *page, *grid;

  if (fields == NULL || fields->len == 0)
    return NULL;

  page = new_page ();
  grid = new_pairs ();
  for (guint i = 0; i < MIN (fields->len, FLUO_PANEL_ITEMS_MAX); i++)
    {
      const FluoDetailField *field = &g_array_index (fields, FluoDetailField, i);

      if (strcmp (field->key, "sanitized_query") == 0)
        add_mono (grid, _("Query"), field->value);
      else
        add_pair (grid, field->key, field->value);
    }
  gtk_box_append (GTK_BOX (page), grid);

  return page;
}

/* Line by line made safe, long lines cut: what a document holds must not be able to stall or
 * disguise the view. */
static char *
dup_safe_text (const char *text)
{
  GString *result = g_string_new (NULL);

  while (*text != '\0' && result->len < FLUO_PANEL_TEXT_MAX)
    {
      gsize length = strcspn (text, "\n");
      g_autofree char *line = g_strndup (text, length);
      gsize indent = strspn (line, " ");
      g_autofree char *safe = fluo_format_untrusted (line + indent, FLUO_PANEL_LINE_MAX);

      g_string_append_len (result, line, (gssize) MIN (indent, 128));
      g_string_append (result, safe);
      text += length;
      if (*text == '\n')
        {
          g_string_append_c (result, '\n');
          text++;
        }
    }
  if (*text != '\0')
    g_string_append (result, "…");

  return g_string_free (result, FALSE);
}

GtkWidget *
fluo_span_panel_make_raw (const char *pretty)
{
  g_autofree char *safe = NULL;
  GtkWidget *view;

  if (pretty == NULL)
    return NULL;

  safe = dup_safe_text (pretty);
  view = gtk_text_view_new ();
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_cursor_visible (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (view), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_widget_add_css_class (view, "raw-text");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (view)), safe, -1);

  return view;
}

GtkWidget *
fluo_span_panel_make_metadata (const FluoPanelSpan *what)
{
  return fluo_span_panel_make_raw (what->detail->metadata);
}
