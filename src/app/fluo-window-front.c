/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

/* What others ask a window for is the business of the view in front. */

FluoExplorer *
fluo_window_get_explorer (FluoWindow *self)
{
  return fluo_view_get_explorer (fluo_window_get_view (self));
}

FluoSession *
fluo_window_get_session (FluoWindow *self)
{
  return fluo_view_get_session (fluo_window_get_view (self));
}

void
fluo_window_connect_endpoint (FluoWindow *self, const char *url)
{
  fluo_view_connect_endpoint (fluo_window_get_view (self), url);
}

void
fluo_window_connect_profile (FluoWindow *self, const char *profile, const char *region)
{
  fluo_view_connect_profile (fluo_window_get_view (self), profile, region);
}

void
fluo_window_connect_connection (FluoWindow *self, const FluoConnection *connection,
                                FluoCredentials *keys)
{
  fluo_view_connect_connection (fluo_window_get_view (self), connection, keys);
}

gboolean
fluo_window_open_console_link (FluoWindow *self, const char *text)
{
  return fluo_view_open_console_link (fluo_window_get_view (self), text);
}

void
fluo_window_show_page (FluoWindow *self, const char *page)
{
  fluo_view_show_page (fluo_window_get_view (self), page);
}

void
fluo_window_open_trace (FluoWindow *self, const FluoTraceId *id, gboolean background)
{
  fluo_view_open_trace (fluo_window_get_view (self), id, background);
}

void
fluo_window_open_file (FluoWindow *self, GFile *file)
{
  fluo_view_open_file (fluo_window_get_view (self), file);
}

const char *
fluo_window_get_place (FluoWindow *self)
{
  return fluo_view_get_place (fluo_window_get_view (self));
}

guint
fluo_window_get_n_tabs (FluoWindow *self)
{
  return fluo_view_get_n_tabs (fluo_window_get_view (self));
}
