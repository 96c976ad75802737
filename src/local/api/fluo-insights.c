/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-insights-private.h"

#include <string.h>

/* Bounds of one analysis. Names made from URLs can be endless; what goes beyond is left out. */
#define N_NODES_MAX 10000
#define N_CALLS_MAX 20000
#define N_EPISODES_MAX 5000
#define N_MEMBERS_MAX 200
/* 16 bytes each: thirty days of two dozen services. More is no question for one answer. */
#define N_COUNTS_MAX (1024 * 1024)

static gboolean
is_client (const FluoGraphNode *node)
{
  return g_strcmp0 (node->type, "client") == 0;
}

/* --- Taking minutes ------------------------------------------------------- */

static void
node_free (gpointer data)
{
  FluoInsightNode *node = data;

  g_free (node->id.name);
  g_free (node->id.type);
  g_free (node->id.account);
  g_array_unref (node->counts);
  g_array_unref (node->callees);
  g_free (node);
}

static void
event_clear (FluoInsightEvent *event)
{
  g_clear_pointer (&event->services, g_array_unref);
  g_free (event->summary);
}

static void
event_free (gpointer data)
{
  event_clear (data);
  g_free (data);
}

static void
insight_free (gpointer data)
{
  FluoInsight *insight = data;

  g_ptr_array_unref (insight->events);
  event_clear (&insight->now);
  g_array_unref (insight->members);
  g_free (insight);
}

FluoInsights *
fluo_insights_new (guint32 group, const char *arn)
{
  FluoInsights *self = g_new0 (FluoInsights, 1);

  self->group = group;
  self->arn = g_strdup (arn);
  self->nodes = g_ptr_array_new_with_free_func (node_free);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->calls = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->clients = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  self->insights = g_ptr_array_new_with_free_func (insight_free);
  return self;
}

void
fluo_insights_free (FluoInsights *self)
{
  g_ptr_array_unref (self->insights);
  g_array_unref (self->clients);
  g_hash_table_unref (self->calls);
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->nodes);
  g_free (self->arn);
  g_free (self);
}

const FluoInsightService *
fluo_insights_get_service (FluoInsights *self, guint index)
{
  return &fluo_insights_node (self, index)->id;
}

/* No name holds U+001F next to another: lengths keep the parts apart. */
static char *
make_key (const char *name, const char *type, const char *account)
{
  return g_strdup_printf ("%" G_GSIZE_FORMAT ":%s%" G_GSIZE_FORMAT ":%s%s", strlen (name), name,
                          type ? strlen (type) + 1 : 0, type ? type : "", account ? account : "");
}

/* G_MAXUINT when there are too many. */
static guint
take_node (FluoInsights *self, const FluoGraphNode *from)
{
  g_autofree char *key = make_key (from->name, from->type, from->account);
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_key, key));
  FluoInsightNode *node;

  if (known > 0)
    return known - 1;
  if (self->nodes->len >= N_NODES_MAX)
    return G_MAXUINT;
  node = g_new0 (FluoInsightNode, 1);
  node->id = (FluoInsightService) { g_strdup (from->name), g_strdup (from->type),
                                    g_strdup (from->account) };
  node->counts = g_array_new (FALSE, FALSE, sizeof (FluoFaultCount));
  node->callees = g_array_new (FALSE, FALSE, sizeof (FluoInsightCall));
  g_ptr_array_add (self->nodes, node);
  g_hash_table_insert (self->by_key, g_steal_pointer (&key), GUINT_TO_POINTER (self->nodes->len));
  return self->nodes->len - 1;
}

static void
take_call (FluoInsights *self, guint from, guint to, gint64 minute)
{
  guint64 key = (guint64) from << 32 | to;
  FluoInsightCall call = { to, minute };

  if (from == G_MAXUINT || to == G_MAXUINT || from == to ||
      g_hash_table_contains (self->calls, &key) ||
      g_hash_table_size (self->calls) >= N_CALLS_MAX)
    return;
  g_hash_table_add (self->calls, g_memdup2 (&key, sizeof key));
  g_array_append_val (fluo_insights_node (self, from)->callees, call);
}

gboolean
fluo_insights_add (FluoInsights *self, gint64 minute, const FluoServiceGraph *graph)
{
  g_autofree guint *indexes = g_new (guint, MAX (graph->nodes->len, 1));

  g_return_val_if_fail (self->insights->len == 0, FALSE);
  if (self->n_counts + graph->nodes->len > N_COUNTS_MAX)
    return FALSE;
  for (guint i = 0; i < graph->nodes->len; i++)
    {
      const FluoGraphNode *node = graph->nodes->pdata[i];

      indexes[i] = is_client (node) ? G_MAXUINT : take_node (self, node);
      if (indexes[i] == G_MAXUINT || fluo_call_stats_total (&node->stats) <= 0)
        continue;
      fluo_fault_counts_add (fluo_insights_node (self, indexes[i])->counts, minute, &node->stats);
      self->n_counts++;
    }
  for (guint i = 0; i < graph->edges->len; i++)
    {
      const FluoGraphEdge *edge = graph->edges->pdata[i];

      /* A message's fault is not that of who sent it. */
      if (edge->linked || fluo_call_stats_total (&edge->stats) <= 0)
        continue;
      if (is_client (graph->nodes->pdata[edge->from]))
        fluo_fault_counts_add (self->clients, minute, &edge->stats);
      else
        take_call (self, indexes[edge->from], indexes[edge->to], minute);
    }
  return TRUE;
}

/* --- Services in trouble -------------------------------------------------- */

static void
member_free (gpointer data)
{
  FluoInsightMember *member = data;

  g_free (member->downstream);
  g_free (member);
}

static int
compare_services (const FluoInsightService *a, const FluoInsightService *b)
{
  int order = strcmp (a->name, b->name);

  order = order != 0 ? order : g_strcmp0 (a->type, b->type);
  return order != 0 ? order : g_strcmp0 (a->account, b->account);
}

static int
compare_members (gconstpointer a, gconstpointer b, gpointer data)
{
  const FluoInsightMember *one = *(const FluoInsightMember *const *) a;
  const FluoInsightMember *two = *(const FluoInsightMember *const *) b;

  if (one->episode.known_minute != two->episode.known_minute)
    return one->episode.known_minute < two->episode.known_minute ? -1 : 1;
  if (one->episode.first_minute != two->episode.first_minute)
    return one->episode.first_minute < two->episode.first_minute ? -1 : 1;
  return compare_services (fluo_insights_get_service (data, one->node),
                           fluo_insights_get_service (data, two->node));
}

/* What the service calls, directly or not, as far as was known when it got into trouble. */
static void
find_downstream (FluoInsights *self, FluoInsightMember *member)
{
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));

  member->downstream = g_malloc0 (self->nodes->len / 8 + 1);
  member->downstream[member->node / 8] |= (guint8) (1 << member->node % 8);
  g_array_append_val (open, member->node);
  while (open->len > 0)
    {
      guint node = g_array_index (open, guint, open->len - 1);
      const GArray *callees = fluo_insights_node (self, node)->callees;

      g_array_set_size (open, open->len - 1);
      for (guint i = 0; i < callees->len; i++)
        {
          const FluoInsightCall *call = &g_array_index (callees, FluoInsightCall, i);

          if (call->first_minute > member->episode.known_minute ||
              fluo_insight_member_reaches (member, call->to))
            continue;
          member->downstream[call->to / 8] |= (guint8) (1 << call->to % 8);
          g_array_append_val (open, call->to);
        }
    }
}

/* FluoInsightMember in the order they became known. */
static GPtrArray *
find_members (FluoInsights *self, gint64 now_minute)
{
  GPtrArray *members = g_ptr_array_new_with_free_func (member_free);
  g_autoptr (GArray) episodes = g_array_new (FALSE, FALSE, sizeof (FluoFaultEpisode));

  for (guint i = 0; i < self->nodes->len && members->len < N_EPISODES_MAX; i++)
    {
      g_array_set_size (episodes, 0);
      fluo_fault_counts_judge (fluo_insights_node (self, i)->counts, now_minute, NULL, episodes);
      for (guint k = 0; k < episodes->len && members->len < N_EPISODES_MAX; k++)
        {
          FluoInsightMember *member = g_new0 (FluoInsightMember, 1);

          member->node = i;
          member->episode = g_array_index (episodes, FluoFaultEpisode, k);
          find_downstream (self, member);
          g_ptr_array_add (members, member);
        }
    }
  g_ptr_array_sort_with_data (members, compare_members, self);
  return members;
}

/* --- Insights ------------------------------------------------------------- */

/* While it is put together. */
typedef struct
{
  GPtrArray *members;       /* FluoInsightMember, borrowed */
  gint64     closed_minute; /* 0 = while one of them goes on */
} Bundle;

static void
bundle_free (gpointer data)
{
  Bundle *bundle = data;

  g_ptr_array_unref (bundle->members);
  g_free (bundle);
}

static gboolean
belongs_to (const FluoInsightMember *member, const Bundle *bundle)
{
  if (bundle->closed_minute != 0 && bundle->closed_minute <= member->episode.known_minute)
    return FALSE;
  for (guint i = 0; i < bundle->members->len; i++)
    {
      const FluoInsightMember *other = bundle->members->pdata[i];

      if (fluo_insight_member_reaches (member, other->node) ||
          fluo_insight_member_reaches (other, member->node))
        return TRUE;
    }
  return FALSE;
}

static void
join (Bundle *bundle, FluoInsightMember *member)
{
  gint64 closed = member->episode.closed_minute;

  if (bundle->members->len >= N_MEMBERS_MAX)
    return;
  if (closed == 0 || (bundle->members->len > 0 && bundle->closed_minute == 0))
    bundle->closed_minute = 0;
  else
    bundle->closed_minute = MAX (bundle->closed_minute, closed);
  g_ptr_array_add (bundle->members, member);
}

/* Faults travel from the called to the caller: services in trouble at one time have one cause when
 * one of them calls the other, directly or not. A service joins the oldest insight that it fits,
 * and insights never merge, so that an id once given stays. */
static GPtrArray *
bundle_members (GPtrArray *members)
{
  GPtrArray *bundles = g_ptr_array_new_with_free_func (bundle_free);
  guint first = 0;

  for (guint i = 0; i < members->len; i++)
    {
      FluoInsightMember *member = members->pdata[i];
      Bundle *bundle = NULL;

      /* Members come in the order of time: what is closed now stays closed. */
      while (first < bundles->len &&
             ((Bundle *) bundles->pdata[first])->closed_minute != 0 &&
             ((Bundle *) bundles->pdata[first])->closed_minute <= member->episode.known_minute)
        first++;
      for (guint k = first; k < bundles->len && !bundle; k++)
        if (belongs_to (member, bundles->pdata[k]))
          bundle = bundles->pdata[k];
      if (!bundle)
        {
          bundle = g_new0 (Bundle, 1);
          bundle->members = g_ptr_array_new ();
          g_ptr_array_add (bundles, bundle);
        }
      join (bundle, member);
    }
  return bundles;
}

/* A UUID (version 5's shape) that holds the first minute and the group's key, so that an insight is
 * found again without a list of all; the rest is a hash. */
static void
make_id (FluoInsights *self, const FluoInsightMember *first, char *text)
{
  const FluoInsightService *service = fluo_insights_get_service (self, first->node);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *key = make_key (service->name, service->type, service->account);
  guint8 hash[20];
  gsize length = sizeof hash;

  g_checksum_update (checksum, (const guchar *) self->arn, (gssize) strlen (self->arn) + 1);
  g_checksum_update (checksum, (const guchar *) key, -1);
  g_checksum_get_digest (checksum, hash, &length);
  g_snprintf (text, FLUO_INSIGHT_ID_LEN + 1, "%08x-%04x-5%01x%02x-%02x%02x-%04x%02x%02x%02x%02x",
              (guint32) first->episode.first_minute, self->group >> 16, hash[0] & 0xfu, hash[1],
              0x80u | (hash[2] & 0x3fu), hash[3], self->group & 0xffffu, hash[4], hash[5], hash[6],
              hash[7]);
}

gboolean
fluo_insight_id_parse (const char *id, guint32 *ret_group, gint64 *ret_first_minute)
{
  guint32 digits[FLUO_INSIGHT_ID_LEN];

  if (strlen (id) != FLUO_INSIGHT_ID_LEN)
    return FALSE;
  for (guint i = 0; i < FLUO_INSIGHT_ID_LEN; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

      if (dash ? id[i] != '-' : !g_ascii_isxdigit (id[i]))
        return FALSE;
      digits[i] = dash ? 0 : (guint32) g_ascii_xdigit_value (id[i]);
    }
  *ret_first_minute = 0;
  *ret_group = 0;
  for (guint i = 0; i < 8; i++)
    *ret_first_minute = *ret_first_minute << 4 | digits[i];
  for (guint i = 9; i < 13; i++)
    *ret_group = *ret_group << 4 | digits[i];
  for (guint i = 24; i < 28; i++)
    *ret_group = *ret_group << 4 | digits[i];
  return TRUE;
}

static FluoInsight *
make_insight (FluoInsights *self, Bundle *bundle, gint64 now_minute)
{
  FluoInsight *insight = g_new0 (FluoInsight, 1);
  const FluoInsightMember *first = bundle->members->pdata[0];

  make_id (self, first, insight->id);
  insight->first_minute = first->episode.first_minute;
  insight->events = g_ptr_array_new_with_free_func (event_free);
  insight->members = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < bundle->members->len; i++)
    {
      const FluoInsightMember *member = bundle->members->pdata[i];

      g_array_append_val (insight->members, member->node);
      if (bundle->closed_minute != 0)
        insight->end_minute = MAX (insight->end_minute, member->episode.last_minute + 1);
    }
  fluo_insight_tell (self, insight, bundle->members, now_minute);
  return insight;
}

GPtrArray *
fluo_insights_find (FluoInsights *self, gint64 now_minute)
{
  g_autoptr (GPtrArray) members = find_members (self, now_minute);
  g_autoptr (GPtrArray) bundles = bundle_members (members);

  g_ptr_array_set_size (self->insights, 0);
  for (guint i = 0; i < bundles->len; i++)
    g_ptr_array_add (self->insights, make_insight (self, bundles->pdata[i], now_minute));
  return self->insights;
}
