/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "xray-steps.h"

#include "aws/fluo-connection.h"

void
xray_steps_connect (FluoExplorer *explorer, FakeXray *xray)
{
  g_autoptr (FluoXrayClient) client =
    fluo_xray_client_new (fake_xray_get_endpoint (xray), NULL, NULL);

  fluo_explorer_set_client (explorer, client, "Local", "this computer", TRUE);
}

gboolean
xray_steps_is_settled (FluoExplorer *explorer)
{
  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (explorer)
         && !fluo_explorer_get_progress (explorer)->running;
}

gboolean
xray_steps_has_all (FluoExplorer *explorer, FakeXray *xray)
{
  return fluo_explorer_get_state (explorer) == FLUO_EXPLORER_CONNECTED
         && !fluo_explorer_is_loading (explorer)
         && fluo_explorer_get_summaries (explorer)->len == fake_xray_get_n_traces (xray);
}

void
xray_steps_write_profile (const char *endpoint, const char *region, const char *secret)
{
  g_autofree char *text = g_strdup_printf (
    "[profile shop]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = %s\n"
    "region = %s\nendpoint_url = %s\n",
    secret, region, endpoint);

  g_assert_true (g_file_set_contents (g_getenv ("AWS_CONFIG_FILE"), text, -1, NULL));
}

void
xray_steps_forget_connections (void)
{
  FluoConnectionList *list = fluo_connection_list_get_default ();

  while (fluo_connection_list_get_n (list) > 0)
    g_assert_true (
      fluo_connection_list_remove (list, fluo_connection_list_get (list, 0)->id, NULL));
}
