/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-missing-private.h"

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"
#include "local/relay/fluo-relay.h"

/* Silence that is worth a word. */
#define SILENCE_NS (5 * FLUO_NSEC_PER_MIN)

/* --- Who listens, and who sends ----------------------------------------- */

static char *
dup_addresses (FluoMissing *self)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < self->context->listeners->len; i++)
    {
      FluoListener *listener = self->context->listeners->pdata[i];

      if (listener->socket)
        g_string_append_printf (out, "%s%s %s", out->len > 0 ? ", " : "",
                                fluo_listener_get_protocol (listener), listener->text);
    }
  return g_string_free (out, FALSE);
}

/* Requests for sampling rules tell that a program knows the collector's address, though nothing of
 * it has come. */
static guint64
count_sampling_requests (FluoMissing *self)
{
  guint64 n = 0;

  for (guint i = 0; i < self->context->listeners->len; i++)
    {
      FluoListener *listener = self->context->listeners->pdata[i];

      g_mutex_lock (&listener->shared.lock);
      n += listener->shared.sampling_requests;
      g_mutex_unlock (&listener->shared.lock);
    }
  return n;
}

static char *
advise_address (FluoMissing *self)
{
  g_autofree char *addresses = dup_addresses (self);

  return g_strdup_printf (_("The collector listens on %s. X-Ray’s SDKs take the address from "
                            "AWS_XRAY_DAEMON_ADDRESS, OpenTelemetry’s from "
                            "OTEL_EXPORTER_OTLP_ENDPOINT; both must be set before the program "
                            "starts."),
                          addresses);
}

void
fluo_missing_check_intake (FluoMissing *self)
{
  FluoCountersValues values;
  guint64 n_sampling = count_sampling_requests (self);
  g_autofree char *start = fluo_missing_dup_time (self->context->start_ns);

  for (guint i = 0; i < self->context->listeners->len; i++)
    {
      FluoListener *listener = self->context->listeners->pdata[i];

      if (!listener->socket)
        fluo_missing_add (
          self, "PortTaken", FLUO_FINDING_MAYBE, _("Another program has the port"),
          g_strdup_printf (_("What is sent to %s %s goes there, and not here: %s."),
                           fluo_listener_get_protocol (listener), listener->text,
                           listener->detail ? listener->detail : _("nobody knows who has it")),
          g_strdup (_("End that program, or send to another address.")));
    }
  fluo_counters_read (self->context->counters, &values);
  if (values.received == 0)
    fluo_missing_add (
      self, "NothingReceived", FLUO_FINDING_PROBLEM, _("Nobody has sent anything"),
      g_strdup_printf (
        n_sampling > 0
          ? _("No document has come since the collector started at %s, though programs have asked "
              "for sampling rules: what they record goes elsewhere, or they sample nothing.")
          : _("No document has come since the collector started at %s: the program sends "
              "elsewhere, records nothing, or has not run."),
        start),
      advise_address (self));
  else if (self->now_ns - values.last_ns > SILENCE_NS)
    {
      g_autofree char *silence = fluo_format_duration (self->now_ns - values.last_ns);
      g_autofree char *last = fluo_missing_dup_time (values.last_ns);

      fluo_missing_add (self, "NothingReceived", FLUO_FINDING_MAYBE,
                        _("Nobody has sent anything for a while"),
                        g_strdup_printf (_("The last document came %s ago, at %s."), silence, last),
                        advise_address (self));
    }
}

/* --- What was refused --------------------------------------------------- */

static char *
describe_loss (const FluoTraceLoss *loss)
{
  g_autofree char *count = fluo_format_count (loss->n);
  g_autofree char *last = fluo_missing_dup_time (loss->last_ns);
  const char *meaning = fluo_refused_reason_get_meaning (loss->reason);

  if (*loss->problem && g_strcmp0 (loss->problem, meaning) != 0)
    return g_strdup_printf (ngettext ("%s document, last at %s: %s (%s).",
                                      "%s documents, last at %s: %s (%s).", (gulong) loss->n),
                            count, last, meaning, loss->problem);
  return g_strdup_printf (
    ngettext ("%s document, last at %s: %s.", "%s documents, last at %s: %s.", (gulong) loss->n),
    count, last, meaning);
}

void
fluo_missing_check_losses (FluoMissing *self)
{
  FluoLosses *losses = fluo_counters_get_losses (self->context->counters);
  g_autoptr (GArray) found = self->has_id ? fluo_losses_find (losses, &self->id) : NULL;

  for (guint i = 0; found && i < found->len; i++)
    {
      FluoTraceLoss *loss = &g_array_index (found, FluoTraceLoss, i);
      gboolean harmless = loss->reason == FLUO_REFUSED_DUPLICATE;

      fluo_missing_add_reason (self, loss->reason,
                               harmless ? FLUO_FINDING_NOTE : FLUO_FINDING_PROBLEM,
                               harmless ? _("A part of it came twice")
                                        : _("Documents of this trace were refused"),
                               describe_loss (loss), TRUE);
    }
  /* A document with this very text for a trace id. */
  for (guint i = 0; self->text && !self->has_id && i < FLUO_N_REFUSALS; i++)
    if (fluo_losses_has_text (losses, i, self->text))
      fluo_missing_add_reason (self, i, FLUO_FINDING_PROBLEM,
                               _("Documents with this trace_id were refused"),
                               g_strdup_printf ("%s.", fluo_refused_reason_get_meaning (i)), TRUE);
}

/* Refusals of which nobody knows, or remembers, which trace they hit. */
void
fluo_missing_check_counts (FluoMissing *self)
{
  g_autofree char *start = fluo_missing_dup_time (self->context->start_ns);
  FluoCountersValues values;

  for (guint i = 0; i < self->context->intakes->len; i++)
    fluo_intake_udp_poll_drops (self->context->intakes->pdata[i]);
  fluo_counters_read (self->context->counters, &values);
  for (guint i = 0; i < FLUO_N_REFUSALS; i++)
    {
      g_autofree char *count = fluo_format_count (values.refused[i]);
      g_autofree char *title =
        g_strdup_printf (_("Refused: %s"), fluo_refused_reason_get_meaning (i));

      if (values.refused[i] == 0 || i == FLUO_REFUSED_DUPLICATE)
        continue;
      fluo_missing_add_reason (
        self, i, FLUO_FINDING_MAYBE,
        i == FLUO_REFUSED_KERNEL_DROP ? _("The kernel dropped datagrams") : title,
        /* Translators: of all traces, since the collector's start. */
        g_strdup_printf (ngettext ("%s document of whatever trace, since %s.",
                                   "%s documents of whatever trace, since %s.",
                                   (gulong) values.refused[i]),
                         count, start),
        FALSE);
    }
}

/* --- What was not passed on ---------------------------------------------- */

void
fluo_missing_check_relay (FluoMissing *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;
  g_autofree char *error = NULL, *safe = NULL;
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, text);
  fluo_relay_write (self->context->relay, &writer);
  bytes = g_bytes_new (text->str, text->len);
  tape = fluo_json_tape_new (bytes, NULL);
  if (tape)
    error = fluo_json_tape_dup_member (tape, 0, "LastError");
  if (!error)
    return;
  safe = fluo_format_untrusted (error, 300);
  fluo_missing_add (self, "Relay", FLUO_FINDING_NOTE, _("AWS does not take what is passed on"),
                    g_strdup_printf (_("What is stored here waits, or is lost to AWS: %s."), safe),
                    g_strdup (_("Look at the relay in the status: “fluoroscope-cli --json "
                                "status”.")));
}

/* --- What was not sampled ----------------------------------------------- */

void
fluo_missing_check_sampling (FluoMissing *self)
{
  g_autoptr (GPtrArray) rules = fluo_settings_ref_rules (self->context->settings, NULL);
  g_autoptr (GArray) windows = fluo_sampling_get_windows (self->context->sampling);
  g_autoptr (GString) names = g_string_new (NULL);
  guint64 requests = 0, sampled = 0;

  for (guint i = 0; i < windows->len; i++)
    {
      requests += (guint64) g_array_index (windows, FluoSamplingWindow, i).requests;
      sampled += (guint64) g_array_index (windows, FluoSamplingWindow, i).sampled;
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const FluoSamplingRule *rule = rules->pdata[i];
      g_autofree char *name = fluo_format_untrusted (rule->name, 40);
      g_autofree char *share = fluo_format_share (rule->rate);

      if (rule->rate < 1)
        /* Translators: a sampling rule's name and rate. */
        g_string_append_printf (names, _("%s“%s” takes %s"), names->len > 0 ? ", " : "", name,
                                share);
    }
  if (requests > sampled)
    {
      g_autofree char *all = fluo_format_count (requests);
      g_autofree char *some = fluo_format_count (sampled);

      fluo_missing_add (
        self, "Unsampled", FLUO_FINDING_MAYBE, _("Not every request is sampled"),
        g_strdup_printf (_("In the last half hour programs have told of %s requests, of which they "
                           "sampled %s. Of the others nothing is sent."),
                         all, some),
        g_strdup (_("Raise the rate of the rule; “fluoroscope-cli sampling simulate” says which "
                    "one a request hits.")));
    }
  else if (names->len > 0)
    fluo_missing_add (self, "Unsampled", FLUO_FINDING_MAYBE, _("Not every request is sampled"),
                      g_strdup_printf (_("A rule takes a part only: %s."), names->str),
                      g_strdup (_("“fluoroscope-cli sampling simulate” says which rule a request "
                                  "hits.")));
  else
    fluo_missing_add (
      self, "Sampling", FLUO_FINDING_NOTE, _("Whether a request is sampled, its program decides"),
      g_strdup (requests > 0 ? _("The programs that have asked here sampled every request.")
                             /* xgettext:no-c-format */
                             : _("The rules here take every request, but no program has told that "
                                 "it goes by them. X-Ray’s SDKs have a rule of their own (one a "
                                 "second and 5 % of the rest) until they have asked.")),
      g_strdup (_("In the program, look for a local sampling rule or OTEL_TRACES_SAMPLER.")));
}
