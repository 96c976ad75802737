/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-bench.h"

#include <string.h>

#include "core/fluo-json.h"

/* Runs bench-programs.py, which starts the real programs under an X server and a session bus of its
 * own, and shows what it found. */

#define VALUES_MAX 64

static void
show_figure (FluoBench *bench, const FluoJsonTape *tape, guint32 row)
{
  g_autofree char *name = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "name"));
  g_autofree char *unit = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "unit"));
  g_autofree char *base = fluo_json_tape_dup (tape, fluo_json_tape_get (tape, row, "base_name"));
  guint32 list = fluo_json_tape_get (tape, row, "values");
  double values[VALUES_MAX];
  guint n = 0;

  for (guint32 node = fluo_json_tape_first (tape, list); node != FLUO_JSON_NONE && n < VALUES_MAX;
       node = fluo_json_tape_next (tape, list, node))
    values[n++] = fluo_json_tape_double (tape, node, 0);
  fluo_bench_figure (bench, name, unit, values, n,
                     fluo_json_tape_double (tape, fluo_json_tape_get (tape, row, "base"), 0), base);
}

void
fluo_bench_programs (FluoBench *bench)
{
  const char *build = g_getenv ("FLUO_BUILD_DIR");
  g_autofree char *script =
    g_build_filename (FLUO_BENCH_DATA, "..", "bench", "bench-programs.py", NULL);
  const char *command[] = { "dbus-run-session", "--", "xvfb-run", "-a", "-s",
                            "-screen 0 1600x1000x24 -noreset", "python3", script, build, NULL };
  g_autofree char *output = NULL, *complaints = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (FluoJsonTape) tape = NULL;

  if (!build)
    {
      g_printerr ("programs: FLUO_BUILD_DIR must name the build; ./dev bench does it\n");
      return;
    }
  if (!g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                     &complaints, NULL, &error))
    {
      g_printerr ("programs: %s\n", error->message);
      return;
    }
  bytes = g_bytes_new (output, strlen (output));
  tape = fluo_json_tape_new (bytes, &error);
  if (!tape)
    {
      g_printerr ("programs: no figures: %s\n%s", error->message, complaints);
      return;
    }
  for (guint32 row = fluo_json_tape_first (tape, 0); row != FLUO_JSON_NONE;
       row = fluo_json_tape_next (tape, 0, row))
    show_figure (bench, tape, row);
}
