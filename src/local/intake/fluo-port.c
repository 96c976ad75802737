/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/intake/fluo-port.h"

/* Connections taken in a row before others get their turn. */
#define N_ACCEPTS_MAX 64
/* Without descriptors or memory: until the next attempt. */
#define ACCEPT_PAUSE_MS 200

struct _FluoPort
{
  GSocket             *socket;
  const FluoPortFuncs *funcs;
  gpointer             data;
  GDestroyNotify       destroy;
  guint                source_id;
};

static gboolean accept_cb (GSocket *listening, GIOCondition condition, gpointer data);

static void
watch (FluoPort *self)
{
  g_autoptr (GSource) source = g_socket_create_source (self->socket, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (accept_cb), self, NULL);
  self->source_id = g_source_attach (source, NULL);
}

static gboolean
accept_again_cb (gpointer data)
{
  watch (data);
  return G_SOURCE_REMOVE;
}

static gboolean
accept_cb (GSocket *listening, GIOCondition condition, gpointer data)
{
  FluoPort *self = data;

  for (guint i = 0; i < N_ACCEPTS_MAX; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = NULL;

      if (self->funcs->is_ready && !self->funcs->is_ready (self->data))
        break;
      socket = g_socket_accept (listening, NULL, &error);
      if (socket && !self->funcs->take (socket, self->data))
        g_socket_close (socket, NULL);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else if (error)
        {
          g_debug ("no connection taken: %s", error->message);
          if (self->funcs->failed)
            self->funcs->failed (self->data);
          self->source_id = g_timeout_add (ACCEPT_PAUSE_MS, accept_again_cb, self);
          return G_SOURCE_REMOVE;
        }
    }
  return G_SOURCE_CONTINUE;
}

FluoPort *
fluo_port_new (GSocket *socket, const FluoPortFuncs *funcs, gpointer data, GDestroyNotify destroy)
{
  FluoPort *self = g_new0 (FluoPort, 1);

  self->socket = g_object_ref (socket);
  self->funcs = funcs;
  self->data = data;
  self->destroy = destroy;
  g_socket_set_blocking (socket, FALSE);
  watch (self);
  return self;
}

void
fluo_port_free (FluoPort *self)
{
  g_source_remove (self->source_id);
  g_object_unref (self->socket);
  if (self->destroy)
    self->destroy (self->data);
  g_free (self);
}
