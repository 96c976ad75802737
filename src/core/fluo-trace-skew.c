/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-skew.h"

#include "fluo-span-detail.h"

/* Clocks that are set over a network differ by less than this. */
#define TOLERANCE_NS (FLUO_NSEC_PER_MSEC / 2)
/* To know the machine of a segment its document is parsed; with more the service's name will do. */
#define DETAILS_MAX 20000
/* Further apart is not a clock that runs wrong but one that was never set. */
#define SHIFT_MAX_NS (G_GINT64_CONSTANT (86400) * 365 * FLUO_NSEC_PER_SEC)
#define HTTP_ACCEPTED 202

typedef struct
{
  FluoTraceSkew *skew;
  gint64         low_ns, high_ns; /* shifts that bring all calls so far inside */
  gboolean       broken;          /* no shift does */
} Host;

typedef struct
{
  FluoTrace      *trace;
  const FluoSpan *spans;
  guint           n_spans;
  guint32        *segment_of; /* the segment that a span is a part of */
  guint32        *host_of;    /* of each segment, by span */
  GArray         *hosts;      /* Host, by first appearance */
  GHashTable     *by_name;    /* text → host + 1 */
} Search;

static void
skew_free (gpointer data)
{
  FluoTraceSkew *skew = data;

  g_free (skew->host);
  g_array_unref (skew->segments);
  g_free (skew);
}

/* --- Calls -------------------------------------------------------------------------------- */

static gboolean
is_plain_segment (const FluoSpan *span)
{
  return (span->flags & FLUO_SPAN_SEGMENT) &&
         !(span->flags & (FLUO_SPAN_LINKED | FLUO_SPAN_TIME_SUSPECT));
}

/* Did the caller wait until it had the answer? */
static gboolean
was_answered (const FluoSpan *call, const FluoSpan *segment)
{
  return !(call->flags & FLUO_SPAN_IN_PROGRESS) && !(segment->flags & FLUO_SPAN_IN_PROGRESS) &&
         (call->flags & FLUO_SPAN_REMOTE) && call->http_status > 0 &&
         call->http_status != HTTP_ACCEPTED;
}

static const FluoSpan *
call_of (const Search *self, guint32 segment)
{
  const FluoSpan *span = &self->spans[segment];

  return is_plain_segment (span) && span->parent != FLUO_SPAN_NONE &&
             !(self->spans[span->parent].flags & FLUO_SPAN_TIME_SUSPECT)
           ? &self->spans[span->parent]
           : NULL;
}

static gboolean
is_outside (const FluoSpan *call, const FluoSpan *segment)
{
  return call->start_ns - segment->start_ns > TOLERANCE_NS ||
         (was_answered (call, segment) && segment->end_ns - call->end_ns > TOLERANCE_NS);
}

static gboolean
anything_is_outside (const Search *self)
{
  for (guint32 i = 0; i < self->n_spans; i++)
    {
      const FluoSpan *call = call_of (self, i);

      if (call != NULL && is_outside (call, &self->spans[i]))
        return TRUE;
    }

  return FALSE;
}

/* --- Hosts -------------------------------------------------------------------------------- */

static const char *
find_machine (const FluoSpanDetail *detail)
{
  static const char *const keys[] = { "ec2.instance_id", "ecs.container_id", "ecs.container",
                                      "eks.pod", "eks.container_id" };

  for (guint k = 0; k < G_N_ELEMENTS (keys); k++)
    for (guint i = 0; detail->aws != NULL && i < detail->aws->len; i++)
      if (g_str_equal (g_array_index (detail->aws, FluoDetailField, i).key, keys[k]))
        return g_array_index (detail->aws, FluoDetailField, i).value;

  return NULL;
}

static char *
dup_host_name (const Search *self, guint32 segment, gboolean with_machine)
{
  const FluoTraceService *services;
  const FluoSpan *span = &self->spans[segment];
  g_autoptr (FluoSpanDetail) detail = NULL;
  const char *machine = NULL, *name;
  guint n;

  services = fluo_trace_get_services (self->trace, &n);
  name = span->service < n ? services[span->service].name
                           : fluo_trace_get_string (self->trace, span->name);
  if (with_machine)
    {
      detail = fluo_span_detail_new (self->trace, segment);
      machine = find_machine (detail);
    }

  return machine != NULL ? g_strdup_printf ("%s %s", name, machine) : g_strdup (name);
}

static guint32
host_for (Search *self, guint32 segment, gboolean with_machine)
{
  g_autofree char *name = dup_host_name (self, segment, with_machine);
  guint32 known = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_name, name));
  Host host = { g_new0 (FluoTraceSkew, 1), G_MININT64, G_MAXINT64, FALSE };

  if (known > 0)
    {
      g_free (host.skew);
      return known - 1;
    }
  host.skew->host = g_steal_pointer (&name);
  host.skew->service = self->spans[segment].service;
  host.skew->span = FLUO_SPAN_NONE;
  host.skew->segments = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val (self->hosts, host);
  g_hash_table_insert (self->by_name, host.skew->host, GUINT_TO_POINTER (self->hosts->len));

  return self->hosts->len - 1;
}

/* Spans are in preorder, so a parent's segment is known before its own. */
static void
find_hosts (Search *self)
{
  guint n_details = 0;

  for (guint32 i = 0; i < self->n_spans; i++)
    {
      const FluoSpan *span = &self->spans[i];
      Host *host;

      self->host_of[i] = FLUO_SPAN_NONE;
      self->segment_of[i] = span->parent < i && !(span->flags & FLUO_SPAN_SEGMENT)
                              ? self->segment_of[span->parent]
                              : i;
      if (!is_plain_segment (span))
        continue;
      self->host_of[i] = host_for (self, i, n_details++ < DETAILS_MAX);
      host = &g_array_index (self->hosts, Host, self->host_of[i]);
      g_array_append_val (host->skew->segments, i);
    }
}

/* --- Shifts ------------------------------------------------------------------------------- */

/* What one call says about the shift of the host that answered it, given the caller's. */
static void
narrow (Search *self, guint32 index, Host *callee, gint64 caller_shift_ns)
{
  const FluoSpan *segment = &self->spans[index], *call = call_of (self, index);
  gint64 low = call->start_ns + caller_shift_ns - segment->start_ns;

  callee->skew->n_calls++;
  callee->low_ns = MAX (callee->low_ns, low);
  if (was_answered (call, segment))
    {
      gint64 high = call->end_ns + caller_shift_ns - segment->end_ns;

      /* It took longer than the call of it: no clock explains that. */
      if (high < low - TOLERANCE_NS)
        callee->broken = TRUE;
      callee->high_ns = MIN (callee->high_ns, MAX (high, low));
    }
  if (low > TOLERANCE_NS || callee->high_ns < -TOLERANCE_NS)
    {
      callee->skew->n_outside++;
      if (callee->skew->span == FLUO_SPAN_NONE)
        callee->skew->span = index;
    }
}

static void
settle (Host *host)
{
  FluoTraceSkew *skew = host->skew;

  if (host->broken || skew->n_calls == 0 || host->high_ns < host->low_ns - TOLERANCE_NS ||
      (host->low_ns <= TOLERANCE_NS && host->high_ns >= -TOLERANCE_NS))
    return;
  /* Half of what a call took on its way is there, half is back: as clocks are set over a network.
   * Where nothing was answered, the least shift will do. */
  if (host->high_ns < G_MAXINT64)
    {
      gint64 room = MAX (0, host->high_ns - host->low_ns);

      skew->slack_ns = room / 2;
      skew->shift_ns = host->low_ns + room / 2;
    }
  else
    skew->shift_ns = host->low_ns;
  if (ABS (skew->shift_ns) > SHIFT_MAX_NS)
    skew->shift_ns = skew->slack_ns = 0;
}

/* Hosts in the order of their appearance: whoever calls one has been put right before, but for
 * those that call back. */
static void
find_shifts (Search *self)
{
  for (guint32 h = 0; h < self->hosts->len; h++)
    {
      Host *host = &g_array_index (self->hosts, Host, h);

      for (guint k = 0; k < host->skew->segments->len; k++)
        {
          guint32 i = g_array_index (host->skew->segments, guint32, k), caller;

          if (call_of (self, i) == NULL)
            continue;
          caller = self->host_of[self->segment_of[self->spans[i].parent]];
          if (caller < h)
            narrow (self, i, host,
                    g_array_index (self->hosts, Host, caller).skew->shift_ns);
        }
      settle (host);
    }
}

GPtrArray *
fluo_trace_dup_skews (FluoTrace *trace)
{
  GPtrArray *skews = g_ptr_array_new_with_free_func (skew_free);
  Search self = { trace };

  self.spans = fluo_trace_get_spans (trace, &self.n_spans);
  if (!anything_is_outside (&self))
    return skews;

  self.segment_of = g_new (guint32, self.n_spans);
  self.host_of = g_new (guint32, self.n_spans);
  self.hosts = g_array_new (FALSE, FALSE, sizeof (Host));
  self.by_name = g_hash_table_new (g_str_hash, g_str_equal);
  find_hosts (&self);
  find_shifts (&self);
  for (guint i = 0; i < self.hosts->len; i++)
    {
      FluoTraceSkew *skew = g_array_index (self.hosts, Host, i).skew;

      if (skew->shift_ns != 0)
        g_ptr_array_add (skews, skew);
      else
        skew_free (skew);
    }
  g_hash_table_unref (self.by_name);
  g_array_unref (self.hosts);
  g_free (self.segment_of);
  g_free (self.host_of);

  return skews;
}
