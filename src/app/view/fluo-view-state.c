/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include "app/ask/fluo-query-bar.h"
#include "app/ask/fluo-query-text.h"
#include "app/fluo-settings.h"

/* Places kept for Back. */
#define HISTORY_MAX 200
/* --- Remembered between runs ------------------------------------------------------------- */

static void
set_range (FluoView *self, gint64 range_s, FluoTimeSpan fixed, gboolean live)
{
  if (range_s > 0)
    fluo_explorer_set_relative (self->explorer, range_s * FLUO_NSEC_PER_SEC);
  else if (fixed.begin_ns > 0 && fixed.begin_ns < fixed.end_ns)
    fluo_explorer_set_span (self->explorer, fixed);
  fluo_explorer_set_live (self->explorer, live);
}

void
fluo_view_load_range (FluoView *self)
{
  g_autoptr (GVariant) fixed = fluo_settings_dup_value ("fixed-range");
  FluoTimeSpan span = { 0, 0 };

  if (fixed)
    g_variant_get (fixed, "(xx)", &span.begin_ns, &span.end_ns);
  set_range (self, fluo_settings_get_int64 ("range", 15 * 60), span,
             fluo_settings_get_boolean ("live", TRUE));
}

/* Those of them that another run can open again: a file may be gone by then, and its traces are in
 * no store. */
static char **
dup_open_traces (FluoView *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->tabs->len; i++)
    {
      FluoTab *tab = g_ptr_array_index (self->tabs, i);

      if (!tab->from_file)
        g_strv_builder_add (builder, tab->id);
    }
  return g_strv_builder_end (builder);
}

static const char *
get_front_trace (FluoView *self)
{
  FluoTab *front = fluo_view_get_tab (self);

  return front && !front->from_file ? front->id : "";
}

void
fluo_view_save (FluoView *self)
{
  g_auto (GStrv) open = NULL;
  gint64 relative_ns;

  g_return_if_fail (FLUO_IS_VIEW (self));
  open = dup_open_traces (self);
  relative_ns = fluo_explorer_get_relative_ns (self->explorer);
  fluo_settings_set_int64 ("range", relative_ns / FLUO_NSEC_PER_SEC);
  if (relative_ns == 0)
    {
      FluoTimeSpan span = fluo_explorer_get_span (self->explorer);

      fluo_settings_set_value ("fixed-range", g_variant_new ("(xx)", span.begin_ns, span.end_ns));
    }
  fluo_settings_set_boolean ("live", fluo_explorer_get_live (self->explorer));
  fluo_settings_set_string ("page", self->page);
  fluo_settings_set_value ("connection",
                           g_variant_new ("(sss)", self->connection_kind, self->connection_name,
                                          self->connection_region));
  fluo_settings_set_strv ("open-traces", (const char *const *) open);
  fluo_settings_set_string ("active-trace", get_front_trace (self));
}

GVariant *
fluo_view_make_state (FluoView *self)
{
  g_auto (GStrv) open = NULL;
  FluoTimeSpan span;

  g_return_val_if_fail (FLUO_IS_VIEW (self), NULL);
  open = dup_open_traces (self);
  span = fluo_explorer_get_span (self->explorer);
  return g_variant_new ("(sssss^asxxxbs)", self->connection_kind, self->connection_name,
                        self->connection_region, self->page, get_front_trace (self), open,
                        fluo_explorer_get_relative_ns (self->explorer) / FLUO_NSEC_PER_SEC,
                        span.begin_ns, span.end_ns, fluo_explorer_get_live (self->explorer),
                        fluo_query_bar_get_query (FLUO_QUERY_BAR (self->query_bar)));
}

static void
restore_tabs (FluoView *self, const char *const *open, const char *active)
{
  FluoTab *front;

  for (guint i = 0; open[i]; i++)
    {
      FluoTraceId id;

      if (fluo_trace_id_parse (open[i], -1, &id))
        fluo_view_open_trace (self, &id, TRUE);
    }
  front = fluo_view_find_tab (self, active);
  fluo_view_show_tab (self, front);
}

static void
connect_again (FluoView *self, const char *kind, const char *name, const char *region)
{
  if (g_str_equal (kind, "stored")
      && fluo_connection_list_find (fluo_connection_list_get_default (), name))
    fluo_view_connect_connection (
        self, fluo_connection_list_find (fluo_connection_list_get_default (), name), NULL);
  else if (g_str_equal (kind, "profile") && *name)
    fluo_view_connect_profile (self, name, *region ? region : NULL);
  else if (g_str_equal (kind, "keys") && *name && *region)
    fluo_view_connect_kept (self, name, region);
  else if (g_str_equal (kind, "endpoint") && *name)
    fluo_view_connect_endpoint (self, name);
  else
    fluo_view_connect_local (self);
}

static void
show_again (FluoView *self, const char *page, const char *const *open, const char *active)
{
  fluo_view_show_page (self, fluo_view_has_page (page) ? page : "map");
  if (open)
    restore_tabs (self, open, active);
  self->restoring = FALSE;
  fluo_view_visit (self);
  fluo_view_update (self);
}

void
fluo_view_restore (FluoView *self, gboolean traces)
{
  g_autoptr (GVariant) connection = fluo_settings_dup_value ("connection");
  g_autofree char *page = fluo_settings_dup_string ("page", "map");
  g_autofree char *active = fluo_settings_dup_string ("active-trace", "");
  g_auto (GStrv) open = traces ? fluo_settings_dup_strv ("open-traces") : NULL;
  const char *kind = "local";
  const char *name = "";
  const char *region = "";

  g_return_if_fail (FLUO_IS_VIEW (self));
  self->restoring = TRUE;
  if (connection)
    g_variant_get (connection, "(&s&s&s)", &kind, &name, &region);
  connect_again (self, kind, name, region);
  show_again (self, page, (const char *const *) open, active);
}

void
fluo_view_restore_state (FluoView *self, GVariant *state)
{
  g_autofree const char **open = NULL;
  const char *kind, *name, *region, *page, *active, *query;
  gint64 range_s;
  FluoTimeSpan span;
  gboolean live;

  g_return_if_fail (FLUO_IS_VIEW (self));
  g_return_if_fail (g_variant_is_of_type (state, G_VARIANT_TYPE (FLUO_VIEW_STATE_TYPE)));
  g_variant_get (state, "(&s&s&s&s&s^a&sxxxb&s)", &kind, &name, &region, &page, &active, &open,
                 &range_s, &span.begin_ns, &span.end_ns, &live, &query);
  self->restoring = TRUE;
  set_range (self, range_s, span, live);
  connect_again (self, kind, name, region);
  if (*query)
    fluo_view_set_search (self, query);
  show_again (self, page, open, active);
}

/* --- Back and forward -------------------------------------------------------------------- */

void
fluo_place_free (FluoPlace *place)
{
  g_free (place->page);
  g_free (place->search);
  g_free (place);
}

static FluoPlace *
current_place (FluoView *self)
{
  FluoPlace *place = g_new0 (FluoPlace, 1);
  FluoTab *tab = fluo_view_get_tab (self);

  place->page = g_strdup (tab ? tab->id : self->page);
  place->search = g_strdup (fluo_query_bar_get_query (FLUO_QUERY_BAR (self->query_bar)));
  return place;
}

static gboolean
is_filter (const char *text)
{
  return fluo_query_text_get_kind (text, NULL) == FLUO_QUERY_EXPRESSION;
}

void
fluo_view_visit (FluoView *self)
{
  FluoPlace *place;
  FluoPlace *here;

  if (self->travelling || self->restoring)
    return;
  place = current_place (self);
  here = self->history->len > 0 ? g_ptr_array_index (self->history, self->history_at) : NULL;
  if (here && g_str_equal (here->page, place->page)
      && (g_str_equal (here->search, place->search)
          || (!is_filter (here->search) && !is_filter (place->search))))
    {
      /* Every letter of a search is not a place of its own. */
      g_free (here->search);
      here->search = g_steal_pointer (&place->search);
      fluo_place_free (place);
      return;
    }
  if (self->history->len > 0)
    g_ptr_array_set_size (self->history, self->history_at + 1);
  g_ptr_array_add (self->history, place);
  if (self->history->len > HISTORY_MAX)
    g_ptr_array_remove_index (self->history, 0);
  self->history_at = self->history->len - 1;
  fluo_view_update_actions (self);
}

void
fluo_view_travel (FluoView *self, int step)
{
  gint64 at = (gint64) self->history_at + step;
  FluoPlace *place;
  FluoTraceId id;

  if (at < 0 || at >= self->history->len)
    return;
  self->history_at = at;
  place = g_ptr_array_index (self->history, at);
  self->travelling = TRUE;
  fluo_view_set_search (self, place->search);
  if (fluo_trace_id_parse (place->page, -1, &id))
    fluo_view_open_trace (self, &id, FALSE);
  else if (g_str_has_prefix (place->page, "compare "))
    {
      FluoTab *tab = fluo_view_find_tab (self, place->page);

      /* A comparison that was closed is no place any more. */
      if (tab)
        fluo_view_show_tab (self, tab);
    }
  else
    fluo_view_show_page (self, place->page);
  self->travelling = FALSE;
  fluo_view_update_actions (self);
}
