/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "fluo-trace-facts-private.h"

/* Terms are stored, so the hash never changes: FNV-1a of kind, length of @a, @a and @b, then a
 * finalizer that spreads its bits. Nothing but time is lost when somebody makes values collide: a
 * block is read that need not be. */
#define FNV_BASIS G_GUINT64_CONSTANT (0xcbf29ce484222325)
#define FNV_PRIME G_GUINT64_CONSTANT (0x100000001b3)

static guint64
add_byte (guint64 hash, guint8 byte)
{
  return (hash ^ byte) * FNV_PRIME;
}

guint64
fluo_term_hash (FluoTermKind kind, const char *a, const char *b)
{
  guint64 hash = add_byte (FNV_BASIS, (guint8) kind);

  for (const char *p = a ? a : ""; *p; p++)
    hash = add_byte (hash, (guint8) *p);
  /* 0xff is no byte of UTF-8, so "ab" "c" and "a" "bc" differ. */
  hash = add_byte (hash, 0xff);
  for (const char *p = b ? b : ""; *p; p++)
    hash = add_byte (hash, (guint8) *p);
  hash ^= hash >> 32;
  hash *= G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  return hash ^ hash >> 32;
}

guint64
fluo_term_hash_link (const FluoTraceId *id)
{
  char text[FLUO_TRACE_ID_W3C_LEN + 1];

  fluo_trace_id_format_w3c (id, text);
  return fluo_term_hash (FLUO_TERM_LINK, text, NULL);
}

typedef struct
{
  const FluoTraceFacts *facts;
  void                (*func) (guint64 term, gpointer data);
  gpointer              data;
} Visiting;

static void
visit (const Visiting *self, FluoTermKind kind, const char *a, const char *b)
{
  if (a)
    self->func (fluo_term_hash (kind, a, b), self->data);
}

static void
visit_list (const Visiting *self, FluoTermKind kind, const guint32 *strings, guint32 n)
{
  for (guint32 i = 0; i < n; i++)
    visit (self, kind, fluo_facts_string (self->facts, strings[i]), NULL);
}

static void
visit_nodes (const Visiting *self)
{
  const FluoTraceFacts *facts = self->facts;

  for (guint32 i = 0; i < facts->n_nodes; i++)
    {
      visit (self, FLUO_TERM_SERVICE, fluo_facts_string (facts, facts->nodes[i].name), NULL);
      visit (self, FLUO_TERM_SERVICE_TYPE, fluo_facts_string (facts, facts->nodes[i].type), NULL);
    }
  visit_list (self, FLUO_TERM_SERVICE, facts->aliases, facts->n_aliases);
  for (guint32 i = 0; i < facts->n_entities; i++)
    visit (self, FLUO_TERM_VERSION, fluo_facts_string (facts, facts->entities[i].version), NULL);
}

static void
visit_root (const Visiting *self)
{
  const FluoTraceFacts *facts = self->facts;
  const FluoFactsEntity *root = &facts->entities[facts->root];
  char status[16];

  visit (self, FLUO_TERM_URL, fluo_facts_string (facts, root->url), NULL);
  if (root->http_status > 0)
    {
      g_snprintf (status, sizeof status, "%u", root->http_status);
      visit (self, FLUO_TERM_HTTP_STATUS, status, NULL);
    }
  if (facts->flags & FLUO_FACTS_ERROR)
    visit (self, FLUO_TERM_FLAG, "error", NULL);
  if (facts->flags & FLUO_FACTS_FAULT)
    visit (self, FLUO_TERM_FLAG, "fault", NULL);
  if (facts->flags & FLUO_FACTS_THROTTLE)
    visit (self, FLUO_TERM_FLAG, "throttle", NULL);
}

void
fluo_trace_facts_each_term (const FluoTraceFacts *facts, void (*func) (guint64 term, gpointer data),
                            gpointer data)
{
  const Visiting self = { facts, func, data };

  visit_nodes (&self);
  for (guint32 i = 0; i < facts->n_annotations; i++)
    {
      const FluoFactsAnnotation *row = &facts->annotations[i];

      visit (&self, FLUO_TERM_ANNOTATION_KEY, fluo_facts_string (facts, row->key), NULL);
      visit (&self, FLUO_TERM_ANNOTATION, fluo_facts_string (facts, row->key),
             fluo_facts_string (facts, row->value));
    }
  visit_list (&self, FLUO_TERM_USER, facts->users, facts->n_users);
  visit_list (&self, FLUO_TERM_INSTANCE, facts->instances, facts->n_instances);
  visit_list (&self, FLUO_TERM_ZONE, facts->zones, facts->n_zones);
  visit_list (&self, FLUO_TERM_ARN, facts->arns, facts->n_arns);
  if (facts->root != FLUO_FACTS_NONE)
    visit_root (&self);
  if (facts->flags & FLUO_FACTS_PARTIAL)
    visit (&self, FLUO_TERM_FLAG, "partial", NULL);
  for (guint32 i = 0; i < facts->n_groups; i++)
    {
      char key[16];

      g_snprintf (key, sizeof key, "%u", facts->groups[i]);
      visit (&self, FLUO_TERM_GROUP, key, NULL);
    }
  for (guint32 i = 0; i < facts->n_links; i++)
    func (fluo_term_hash_link (&facts->links[i]), data);
}
