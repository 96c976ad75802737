/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-cohort-private.h"

#include <string.h>

/* What a summary says, term by term. */

gsize
fluo_url_plain_length (const char *url)
{
  return strcspn (url, "?#");
}

static inline void
give_text (FluoField field, const char *value, FluoTermFunc func, gpointer data)
{
  const FluoTerm term = { .field = field, .value = value };

  if (value)
    func (&term, data);
}

static void
give_texts (FluoField field, const GPtrArray *values, FluoTermFunc func, gpointer data)
{
  for (guint i = 0; i < values->len; i++)
    give_text (field, g_ptr_array_index (values, i), func, data);
}

void
fluo_cohort_give_services (const GArray *services, FluoTermFunc func, gpointer data)
{
  for (guint i = 0; i < services->len; i++)
    {
      const FluoSummaryService *service = &g_array_index (services, FluoSummaryService, i);
      const FluoTerm failed = { .field = FLUO_FIELD_SERVICE_STATUS, .value = service->name,
                                .status = service->status };

      give_text (FLUO_FIELD_SERVICE, service->name, func, data);
      if (service->status > FLUO_STATUS_RUNNING)
        func (&failed, data);
    }
}

void
fluo_cohort_give_others (const FluoTraceSummary *summary, FluoTermFunc func, gpointer data)
{
  const FluoTerm status = { .field = FLUO_FIELD_STATUS, .status = summary->status };
  const FluoTerm http = { .field = FLUO_FIELD_HTTP_STATUS, .http_status = summary->http_status };

  func (&status, data);
  if (summary->http_status > 0)
    func (&http, data);
  give_text (FLUO_FIELD_METHOD, summary->http_method, func, data);
  give_text (FLUO_FIELD_URL, summary->http_url, func, data);
  give_text (FLUO_FIELD_AGENT, summary->user_agent, func, data);
  give_text (FLUO_FIELD_CLIENT, summary->client_ip, func, data);
  give_text (FLUO_FIELD_ENTRY, summary->entry_name, func, data);
  give_texts (FLUO_FIELD_USER, summary->users, func, data);
  give_texts (FLUO_FIELD_INSTANCE, summary->instances, func, data);
  give_texts (FLUO_FIELD_ZONE, summary->zones, func, data);
  give_texts (FLUO_FIELD_ARN, summary->arns, func, data);
  for (guint i = 0; i < summary->causes->len; i++)
    {
      const FluoSummaryCause *cause = &g_array_index (summary->causes, FluoSummaryCause, i);
      const FluoTerm term = { .field = FLUO_FIELD_CAUSE, .key = cause->service,
                              .value = cause->exception, .status = cause->status };
      const FluoTerm path = { .field = FLUO_FIELD_PATH, .value = cause->path,
                              .status = cause->status };

      func (&term, data);
      if (cause->path && strchr (cause->path + 1, FLUO_CAUSE_PATH_MARK))
        func (&path, data);
    }
  for (guint i = 0; i < summary->versions->len; i++)
    {
      const FluoSummaryVersion *row = &g_array_index (summary->versions, FluoSummaryVersion, i);
      const FluoTerm term = { .field = FLUO_FIELD_VERSION, .key = row->service,
                              .value = row->version };

      func (&term, data);
    }
  for (guint i = 0; i < summary->annotations->len; i++)
    {
      const FluoSummaryAnnotation *row = &g_array_index (summary->annotations,
                                                         FluoSummaryAnnotation, i);
      const FluoTerm term = { .field = FLUO_FIELD_ANNOTATION, .key = row->key,
                              .value = row->value, .type = row->type };

      func (&term, data);
    }
}

void
fluo_cohort_terms_foreach (const FluoTraceSummary *summary, FluoTermFunc func, gpointer data)
{
  fluo_cohort_give_others (summary, func, data);
  fluo_cohort_give_services (summary->services, func, data);
}

guint
fluo_cohort_term_hash (const FluoTerm *self)
{
  guint64 hash = (guint64) GPOINTER_TO_SIZE (self->value) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  hash ^= ((guint64) GPOINTER_TO_SIZE (self->key) + self->field)
          * G_GUINT64_CONSTANT (0xc2b2ae3d27d4eb4f);
  hash ^= (((guint64) self->http_status << 16) + ((guint64) self->status << 8) + self->type)
          * G_GUINT64_CONSTANT (0x165667b19e3779f9);
  return (guint) (hash >> 32 ^ hash >> 13);
}

gboolean
fluo_cohort_term_equal (const FluoTerm *a, const FluoTerm *b)
{
  return a->field == b->field && a->value == b->value && a->key == b->key
         && a->status == b->status && a->http_status == b->http_status && a->type == b->type
         && a->operator == b->operator && a->time_ns == b->time_ns;
}

typedef struct
{
  const FluoTerm *term;
  gboolean found;
} Match;

static void
match_cb (const FluoTerm *term, gpointer data)
{
  Match *match = data;
  const FluoTerm *wanted = match->term;
  gsize length;

  if (term->field != wanted->field || g_strcmp0 (term->key, wanted->key) != 0
      || term->status != wanted->status || term->http_status != wanted->http_status
      || term->type != wanted->type)
    return;
  if (wanted->operator != FLUO_COHORT_IS)
    {
      const double value = g_ascii_strtod (term->value, NULL);
      const double edge = g_ascii_strtod (wanted->value, NULL);

      match->found |= (value >= edge) == (wanted->operator == FLUO_COHORT_AT_LEAST);
      return;
    }
  if (term->field != FLUO_FIELD_URL)
    {
      match->found |= g_strcmp0 (term->value, wanted->value) == 0;
      return;
    }
  length = fluo_url_plain_length (term->value);
  match->found |= strlen (wanted->value) == length
                  && strncmp (term->value, wanted->value, length) == 0;
}

gboolean
fluo_cohort_term_matches (const FluoTerm *self, const FluoTraceSummary *summary)
{
  Match match = { self, FALSE };

  if (self->field == FLUO_FIELD_TIME)
    return (summary->start_ns >= self->time_ns) == (self->operator == FLUO_COHORT_AT_LEAST);
  fluo_cohort_terms_foreach (summary, match_cb, &match);
  return match.found;
}
