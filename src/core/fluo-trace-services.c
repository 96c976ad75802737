/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-trace-builder-private.h"

/* Which services took part in a trace, and which of them each span belongs to. */

typedef struct
{
  guint32 name;
  guint32 type;
  guint32 version;
  gint64  version_ns;  /* start of the segment that told it */
  gboolean inferred;
} ServiceRow;

void
fluo_service_rows_init (FluoServiceRows *self)
{
  self->rows = g_array_sized_new (FALSE, FALSE, sizeof (ServiceRow), 8);
  fluo_id_map_init (&self->row_of);
}

static guint32
find_row (FluoServiceRows *self, guint32 name, guint32 type, gboolean inferred)
{
  guint64 key = (guint64) name << 32 | type;
  guint32 i = fluo_id_map_get (&self->row_of, key);

  if (i == FLUO_MAP_NONE)
    {
      ServiceRow row = { name, type, 0, G_MININT64, inferred };

      i = self->rows->len;
      g_array_append_val (self->rows, row);
      fluo_id_map_set (&self->row_of, key, i);
    }
  /* A segment from the service itself says more than what its callers made of it. */
  if (!inferred)
    g_array_index (self->rows, ServiceRow, i).inferred = FALSE;
  return i;
}

static guint32
name_segment (FluoServiceRows *self, const FluoBuilderEntry *entry, const FluoBuilderService *said)
{
  guint32 service = find_row (self, entry->name, said->type, entry->inferred);
  ServiceRow *row = &g_array_index (self->rows, ServiceRow, service);

  if (said->label && entry->start_ns >= row->version_ns)
    {
      row->version = said->label;
      row->version_ns = entry->start_ns;
    }
  return service;
}

guint32
fluo_service_rows_name (FluoServiceRows *self, FluoTraceBuilder *builder, FluoTrace *trace,
                        FluoSpan *span, const FluoBuilderEntry *entry,
                        const FluoBuilderEntry *mirror)
{
  const FluoBuilderService *services = (const FluoBuilderService *) builder->services->data;
  const FluoBuilderService *said = &services[entry->service];
  guint32 name, type;

  if (entry->flags & FLUO_SPAN_SEGMENT)
    {
      span->flags |= entry->inferred ? FLUO_SPAN_INFERRED : 0;
      return name_segment (self, entry, said);
    }
  if ((!entry->service && !mirror) || entry->answered)
    return span->parent != FLUO_SPAN_NONE ? trace->spans[span->parent].service
                                          : find_row (self, entry->name, 0, FALSE);
  span->flags |= FLUO_SPAN_INFERRED;
  name = said->label ? said->label : entry->service ? entry->name : mirror->name;
  type = mirror ? services[mirror->service].type : 0;
  return find_row (self, name, type ? type : said->type, TRUE);
}

void
fluo_service_rows_end (FluoServiceRows *self, FluoTraceBuilder *builder, FluoTrace *trace)
{
  trace->services = g_array_sized_new (FALSE, FALSE, sizeof (FluoTraceService), self->rows->len);
  for (guint i = 0; i < self->rows->len; i++)
    {
      const ServiceRow *row = &g_array_index (self->rows, ServiceRow, i);
      const FluoStringTable *strings = &builder->strings;
      FluoTraceService service = { 0 };

      service.name = fluo_string_table_get (strings, row->name);
      service.type = row->type ? fluo_string_table_get (strings, row->type) : NULL;
      service.version = row->version ? fluo_string_table_get (strings, row->version) : NULL;
      service.kind = fluo_kind_from_type (service.type, service.name);
      service.inferred = row->inferred;
      g_array_append_val (trace->services, service);
    }
  fluo_id_map_clear (&self->row_of);
  g_array_unref (self->rows);
}
