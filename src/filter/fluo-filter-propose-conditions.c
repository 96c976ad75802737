/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "core/fluo-format.h"
#include "fluo-filter-complete-private.h"

/* How a condition may begin: keywords, annotations and forms. */

static const char *const word_help[FLUO_N_WORDS] = {
  [FLUO_WORD_OK] = N_("Neither error nor throttle nor fault."),
  [FLUO_WORD_ERROR] = N_("Answered with a client error, 4xx but not 429."),
  [FLUO_WORD_THROTTLE] = N_("Refused because of too many requests, 429."),
  [FLUO_WORD_FAULT] = N_("Failed on the server's side, 5xx."),
  [FLUO_WORD_PARTIAL] = N_("Something runs still, or a segment is missing."),
  [FLUO_WORD_INFERRED] = N_("Known from its callers only: it sent no segment itself."),
  [FLUO_WORD_ROOT] = N_("The service is the entry of the trace."),
  [FLUO_WORD_FIRST] = N_("Stands first on the path of the root cause."),
  [FLUO_WORD_LAST] = N_("Stands last on the path of the root cause."),
  [FLUO_WORD_REMOTE] = N_("Is a call to another service."),
  [FLUO_WORD_RESPONSE_TIME] = N_("Time until the answer, in seconds."),
  [FLUO_WORD_DURATION] = N_("Time from the first begin to the last end, in seconds."),
  [FLUO_WORD_HTTP_STATUS] = N_("Status of the HTTP answer."),
  [FLUO_WORD_INDEX] = N_("Position on the path of the root cause, counted from 0."),
  [FLUO_WORD_COVERAGE] = N_("Its part of the response time, from 0 to 1."),
  [FLUO_WORD_HTTP_URL] = N_("URL of the request, exactly as it was recorded."),
  [FLUO_WORD_HTTP_METHOD] = N_("HTTP method of the request."),
  [FLUO_WORD_HTTP_USER_AGENT] = N_("Program that sent the request."),
  [FLUO_WORD_HTTP_CLIENT_IP] = N_("Address that the request came from."),
  [FLUO_WORD_USER] = N_("User that a segment recorded."),
  [FLUO_WORD_NAME] = N_("Name, exactly as it was recorded."),
  [FLUO_WORD_TYPE] = N_("Type of the service, such as AWS::Lambda::Function."),
  [FLUO_WORD_VERSION] = N_("Version of the service, as its segment recorded it."),
  [FLUO_WORD_MESSAGE] = N_("Message of the exception."),
  [FLUO_WORD_ZONE] = N_("Availability zone that a segment recorded."),
  [FLUO_WORD_INSTANCE] = N_("EC2 instance that a segment recorded."),
  [FLUO_WORD_ARN] = N_("ARN of a resource that a segment recorded."),
  [FLUO_WORD_ACCOUNT] = N_("AWS account that a segment recorded."),
  [FLUO_WORD_GROUP_NAME] = N_("Group that the trace belonged to when it was stored."),
  [FLUO_WORD_GROUP_ARN] = N_("Group, by its ARN, that the trace belonged to when it was stored."),
};

/* Beginnings that are no words: where the cursor goes on is marked with "|". */
static const struct
{
  const char *label, *insert, *help;
} forms[] = {
  { "service(…)", "service(\"|\")", N_("A service took part; in a block { … } what it did.") },
  { "edge(…, …)", "edge(\"|\", \"\")", N_("One service called another; in a block { … } how.") },
  { "rootcause.fault.service", "rootcause.fault.service",
    N_("Services on the path to the root cause of a fault.") },
  { "rootcause.fault.entity", "rootcause.fault.entity",
    N_("Segments and subsegments on the path to the root cause of a fault.") },
  { "rootcause.fault.exception", "rootcause.fault.exception",
    N_("Exceptions on the path to the root cause of a fault.") },
  { "rootcause.error.service", "rootcause.error.service",
    N_("Services on the path to the root cause of an error.") },
  { "rootcause.error.entity", "rootcause.error.entity",
    N_("Segments and subsegments on the path to the root cause of an error.") },
  { "rootcause.error.exception", "rootcause.error.exception",
    N_("Exceptions on the path to the root cause of an error.") },
  { "rootcause.responsetime.service", "rootcause.responsetime.service",
    N_("Services on the path that takes the response time.") },
  { "rootcause.responsetime.entity", "rootcause.responsetime.entity",
    N_("Segments and subsegments on the path that takes the response time.") },
  { "rootcause.json", "rootcause.json = #[|]", N_("A pattern of root causes, as JSON.") },
};

void
fluo_completer_set_help (FluoFilterProposal *proposal, const char *help)
{
  proposal->help = g_strdup (help);
}

static void
set_values (FluoFilterProposal *proposal, const FluoVocabularyValue *rows, guint n)
{
  proposal->n_values = MIN (n, FLUO_PROPOSAL_VALUES_MAX);
  for (guint i = 0; i < proposal->n_values; i++)
    {
      proposal->values[i].text = fluo_format_untrusted (rows[i].text, 60);
      proposal->values[i].count = (gint64) rows[i].count;
    }
}

/* "Annotation, text. Set on 2,274 of 12,930 traces." */
static char *
describe_annotation (const FluoCompleter *self, const FluoVocabularyAnnotation *row)
{
  guint64 n_traces = fluo_filter_vocabulary_get_n_traces (self->vocabulary);
  const char *type = fluo_completer_type_word (fluo_completer_annotation_type (row->type));
  g_autofree char *count = fluo_format_count (row->count), *all = fluo_format_count (n_traces);

  if (row->count >= n_traces)
    return g_strdup_printf (_("Annotation, %s. Set on every trace."), type);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Annotation, %s. Set on %s of %s trace.",
                                       "Annotation, %s. Set on %s of %s traces.", n_traces),
                          type, count, all);
}

void
fluo_completer_set_annotation (const FluoCompleter *self, FluoFilterProposal *proposal,
                               const FluoVocabularyAnnotation *row)
{
  proposal->type = fluo_completer_type_word (fluo_completer_annotation_type (row->type));
  proposal->count = (gint64) row->count;
  proposal->help = describe_annotation (self, row);
  set_values (proposal, row->values, row->n_values);
}

static void
propose_annotations (FluoCompleter *self, FluoAnnotationSide side, guint group)
{
  for (guint i = 0; self->vocabulary && i < self->vocabulary->keys->len; i++)
    {
      FluoVocabularyAnnotation row;
      FluoFilterProposal *proposal;
      g_autoptr (GString) name = g_string_new (NULL);

      fluo_filter_vocabulary_get_annotation (self->vocabulary, i, &row);
      fluo_filter_print_annotation (name, side, row.key);
      proposal = fluo_completer_add (self, FLUO_PROPOSAL_ANNOTATION, group, name->str,
                                     fluo_completer_spaced (self, name->str));
      if (!proposal)
        continue;
      fluo_completer_set_annotation (self, proposal, &row);
    }
}

static void
propose_words (FluoCompleter *self, FluoFilterScope scope, guint group)
{
  static const FluoFilterWord order[FLUO_N_WORDS] = {
    FLUO_WORD_RESPONSE_TIME, FLUO_WORD_FAULT, FLUO_WORD_ERROR, FLUO_WORD_THROTTLE, FLUO_WORD_OK,
    FLUO_WORD_HTTP_STATUS, FLUO_WORD_HTTP_URL, FLUO_WORD_HTTP_METHOD, FLUO_WORD_USER,
    FLUO_WORD_DURATION, FLUO_WORD_NAME, FLUO_WORD_TYPE, FLUO_WORD_VERSION, FLUO_WORD_MESSAGE,
    FLUO_WORD_ROOT,
    FLUO_WORD_LAST, FLUO_WORD_FIRST, FLUO_WORD_REMOTE, FLUO_WORD_COVERAGE, FLUO_WORD_INDEX,
    FLUO_WORD_PARTIAL, FLUO_WORD_INFERRED, FLUO_WORD_GROUP_NAME, FLUO_WORD_HTTP_CLIENT_IP,
    FLUO_WORD_HTTP_USER_AGENT, FLUO_WORD_INSTANCE, FLUO_WORD_ZONE, FLUO_WORD_ARN,
    FLUO_WORD_ACCOUNT, FLUO_WORD_GROUP_ARN,
  };

  for (guint k = 0; k < FLUO_N_WORDS; k++)
    {
      FluoFilterWord i = order[k];
      const FluoFilterWordInfo *info = &fluo_filter_words[i];
      FluoVocabularyKind field = fluo_completer_field_of (i, scope);
      /* A group is nothing without a value. */
      gboolean needs_op = info->type == FLUO_TYPE_GROUP;
      g_autofree char *insert = g_strconcat (info->name, needs_op ? " = " : "", NULL);
      FluoFilterProposal *proposal;
      const FluoVocabularyValue *rows;
      guint n;

      if (!(info->scopes & scope))
        continue;
      proposal = fluo_completer_add (self, FLUO_PROPOSAL_KEYWORD, group, info->name,
                                     fluo_completer_spaced (self, insert));
      if (!proposal)
        continue;
      proposal->type = fluo_completer_type_word (info->type);
      if (scope == FLUO_SCOPE_TRACE && i <= FLUO_WORD_FAULT)
        proposal->help = g_strdup_printf (
          "%s %s", _(word_help[i]),
          _("Asked like this it is about the root request only; service() { … } asks of any."));
      else
        fluo_completer_set_help (proposal, _(word_help[i]));
      if (self->vocabulary && field < FLUO_N_VOCABULARIES)
        {
          rows = fluo_filter_vocabulary_get (self->vocabulary, field, &n);
          set_values (proposal, rows, n);
        }
    }
}

void
fluo_completer_form (FluoCompleter *self, FluoProposalKind kind, guint group, const char *label,
                     const char *insert, const char *help)
{
  const char *mark = strchr (insert, '|');
  g_autofree char *plain = mark ? g_strdup_printf ("%.*s%s", (int) (mark - insert), insert,
                                                   mark + 1)
                                : g_strdup (insert);
  char *all = fluo_completer_spaced (self, plain);
  gsize length = strlen (all);
  FluoFilterProposal *proposal = fluo_completer_add (self, kind, group, label, all);

  if (!proposal)
    return;
  if (mark)
    proposal->cursor = (guint) (length - strlen (mark + 1));
  fluo_completer_set_help (proposal, help);
}

void
fluo_completer_propose_conditions (FluoCompleter *self, FluoFilterScope scope, gboolean implicit)
{
  const FluoFilterScope annotated = FLUO_SCOPE_TRACE | FLUO_SCOPE_SERVICE | FLUO_SCOPE_EDGE;

  if (scope == FLUO_SCOPE_TRACE)
    fluo_completer_form (self, FLUO_PROPOSAL_FORM, implicit ? GROUP_IMPLICIT : GROUP_KEYWORD,
                         forms[0].label, forms[0].insert, _(forms[0].help));
  propose_words (self, scope, implicit ? GROUP_IMPLICIT : GROUP_KEYWORD);
  if (scope & annotated)
    {
      propose_annotations (self, FLUO_SIDE_OWN, implicit ? GROUP_IMPLICIT : GROUP_ANNOTATION);
      if (scope == FLUO_SCOPE_EDGE && *self->typed)
        {
          propose_annotations (self, FLUO_SIDE_SOURCE, GROUP_IMPLICIT);
          propose_annotations (self, FLUO_SIDE_DESTINATION, GROUP_IMPLICIT);
        }
      fluo_completer_form (self, FLUO_PROPOSAL_FORM, implicit ? GROUP_IMPLICIT : GROUP_FORM,
                           "annotation[…]", "annotation[",
                           _("What programs recorded under a key of their own."));
    }
  if (scope == FLUO_SCOPE_EDGE)
    {
      fluo_completer_form (self, FLUO_PROPOSAL_FORM, GROUP_FORM, "source.annotation[…]",
                           "source.annotation[", _("An annotation of the caller."));
      fluo_completer_form (self, FLUO_PROPOSAL_FORM, GROUP_FORM, "destination.annotation[…]",
                           "destination.annotation[", _("An annotation of what was called."));
    }
  for (guint i = 1; scope == FLUO_SCOPE_TRACE && i < G_N_ELEMENTS (forms); i++)
    fluo_completer_form (self, FLUO_PROPOSAL_FORM, implicit ? GROUP_IMPLICIT : GROUP_FORM,
                         forms[i].label, forms[i].insert, _(forms[i].help));
  fluo_completer_form (self, FLUO_PROPOSAL_JOIN, implicit ? GROUP_IMPLICIT : GROUP_PUNCTUATION,
                       "NOT", "NOT ", _("The opposite of what follows."));
}
