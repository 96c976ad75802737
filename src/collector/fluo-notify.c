/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluoroscoped"
#include "fluo-config.h"

#include "collector/fluo-notify.h"

#include <string.h>

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>

void
fluo_notify (const char *state)
{
  const char *path = g_getenv ("NOTIFY_SOCKET");
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  if (!path || (path[0] != '/' && path[0] != '@'))
    return;
  /* A leading @ stands for the abstract name space. */
  if (path[0] == '@')
    address = g_unix_socket_address_new_with_type (path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  else
    address = g_unix_socket_address_new (path);
  socket =
    g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  if (!socket || g_socket_send_to (socket, address, state, strlen (state), NULL, &error) < 0)
    g_warning ("the service manager can't be told: %s", error->message);
}
