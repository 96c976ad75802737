/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api.h"

#include <string.h>

/* Pinned traces never expire. */

/* More would be a second store that nothing bounds. */
#define N_PINS_MAX 1000
#define N_CHANGE_MAX 100

static int
count_pins (FluoConnection *connection, GError **error)
{
  sqlite3_stmt *statement = fluo_connection_statement (connection, FLUO_SQL_PINS, error);
  int n = 0, rc = -1;

  while (statement && (rc = fluo_connection_step (connection, statement, error)) == 1)
    n++;
  return rc == 0 ? n : -1;
}

/* With a connection of its own: the writer takes turns with it. FALSE without @error when there
 * would be too many. */
static gboolean
change_pins (FluoStore *store, GArray *ids, gboolean pinned, GError **error)
{
  g_autofree char *path =
    g_build_filename (fluo_store_get_directory (store), FLUO_STORE_FILE_NAME, NULL);
  g_autoptr (FluoConnection) connection = fluo_connection_open (path, TRUE, error);
  int n;

  if (!connection || !fluo_connection_run (connection, FLUO_SQL_BEGIN_WRITE, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    {
      sqlite3_stmt *statement = fluo_connection_statement (
        connection, pinned ? FLUO_SQL_PIN_PUT : FLUO_SQL_PIN_DELETE, error);

      if (!statement)
        return FALSE;
      sqlite3_bind_blob (statement, 1, &g_array_index (ids, FluoTraceId, i), sizeof (FluoTraceId),
                         SQLITE_STATIC);
      if (fluo_connection_step (connection, statement, error) != 0)
        return FALSE;
    }
  n = count_pins (connection, error);
  return n >= 0 && n <= N_PINS_MAX && fluo_connection_run (connection, FLUO_SQL_COMMIT, error);
}

static void
write_pins (FluoApiCall *call)
{
  g_autoptr (GError) error = NULL;
  FluoConnection *reader = fluo_store_acquire_reader (call->context->store, &error);
  sqlite3_stmt *statement =
    reader ? fluo_connection_statement (reader, FLUO_SQL_PINS, &error) : NULL;
  FluoJsonWriter writer;

  fluo_json_writer_init (&writer, call->out);
  fluo_json_writer_begin (&writer, '{');
  fluo_json_writer_key (&writer, "TraceIds");
  fluo_json_writer_begin (&writer, '[');
  while (statement && fluo_connection_step (reader, statement, &error) == 1)
    {
      char text[FLUO_TRACE_ID_XRAY_LEN + 1];
      FluoTraceId id;

      if (sqlite3_column_bytes (statement, 0) != sizeof id)
        continue;
      memcpy (&id, sqlite3_column_blob (statement, 0), sizeof id);
      fluo_trace_id_format_xray (&id, text);
      fluo_json_writer_string (&writer, text);
    }
  fluo_json_writer_end (&writer, ']');
  fluo_json_writer_end (&writer, '}');
  if (reader)
    fluo_store_release_reader (call->context->store, reader);
  if (error)
    fluo_api_call_store_failed (call, error);
}

void
fluo_api_get_pins (FluoApiCall *call)
{
  write_pins (call);
}

void
fluo_api_change_pins (FluoApiCall *call)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (FluoTraceId));
  g_autoptr (GError) error = NULL;
  FluoLive *live = fluo_store_get_live (call->context->store);
  guint32 pinned = fluo_json_tape_get (call->tape, 0, "Pinned");

  if (!fluo_api_call_get_trace_ids (call, N_CHANGE_MAX, ids, NULL))
    return;
  if (!change_pins (call->context->store, ids, fluo_json_tape_boolean (call->tape, pinned, TRUE),
                    &error))
    {
      if (error)
        fluo_api_call_store_failed (call, error);
      else
        fluo_api_call_invalid (call, "No more than %d traces can be pinned; let others go first",
                               N_PINS_MAX);
      return;
    }
  fluo_live_lock (live);
  fluo_live_set_pins_changed (live, TRUE);
  fluo_live_unlock (live);
  write_pins (call);
}
