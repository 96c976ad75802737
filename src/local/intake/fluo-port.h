/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Takes connections from a socket that listens: a few dozen in a row, then others get their turn,
 * and none for a moment when there are no descriptors or no memory. Main thread. */
typedef struct _FluoPort FluoPort;

typedef struct
{
  /* FALSE: the connection is not wanted, and closed. */
  gboolean (*take)     (GSocket *socket, gpointer data);
  /* NULL, or FALSE: none shall be taken before the main loop has turned. */
  gboolean (*is_ready) (gpointer data);
  /* NULL, or told when none could be taken. */
  void     (*failed)   (gpointer data);
} FluoPortFuncs;

/* @funcs must stay; @destroy (may be NULL) frees @data with the port. */
FluoPort *fluo_port_new  (GSocket *socket, const FluoPortFuncs *funcs, gpointer data,
                          GDestroyNotify destroy);
/* Takes no more; the socket is let go of, not closed. */
void      fluo_port_free (FluoPort *self);

G_END_DECLS
