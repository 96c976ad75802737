/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "core/fluo-json.h"

G_BEGIN_DECLS

/* One address the collector listens on: parsing, binding, and who has it when it is taken. The
 * counts may be changed and read from any thread. */

typedef enum
{
  FLUO_LISTENER_UDP,
  FLUO_LISTENER_HTTP,
  FLUO_LISTENER_OTLP,     /* OTLP over HTTP */
  FLUO_LISTENER_OTLP_GRPC /* OTLP over gRPC */
} FluoListenerProtocol;

typedef enum
{
  FLUO_LISTENER_ERROR_ADDRESS,     /* not ADDR:PORT */
  FLUO_LISTENER_ERROR_TAKEN,       /* somebody else has it; the message says who */
  FLUO_LISTENER_ERROR_UNAVAILABLE, /* this computer has no such address (IPv6 switched off) */
  FLUO_LISTENER_ERROR_FAILED
} FluoListenerError;

#define FLUO_LISTENER_ERROR (fluo_listener_error_quark ())
GQuark fluo_listener_error_quark (void);

typedef struct
{
  FluoListenerProtocol protocol;
  GInetSocketAddress  *address; /* with the port that was really given */
  char                *text;    /* "127.0.0.1:2000", "[::1]:2000" */
  GSocket             *socket;
  gboolean             loopback;
  char                *detail;  /* why it doesn't listen, or NULL */

  struct
  {
    GMutex  lock;
    guint64 received;
    guint64 sampling_requests;
    gint64  last_usec;          /* wall clock; 0 = nothing yet */
  } shared;
} FluoListener;

/* "127.0.0.1:2000", "[::1]:2000", "localhost:2000" (its IPv4 address). Port 0 is any free one. */
FluoListener *fluo_listener_new (FluoListenerProtocol protocol, const char *text, GError **error);
void          fluo_listener_free      (FluoListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoListener, fluo_listener_free)
/* Makes the socket and binds it; those of TCP also listen. */
gboolean      fluo_listener_bind      (FluoListener *self, GError **error);
/* The one of @listeners that a connection came by whose own end is @local, whose address comes out
 * as well; NULL when there is none. */
FluoListener *fluo_listener_find      (GPtrArray *listeners, FluoListenerProtocol protocol,
                                       GSocketAddress *local, GInetAddress **ret_address);
const char   *fluo_listener_get_protocol (FluoListener *self); /* "udp", "http", "otlp",
                                                                      * "otlp_grpc" */
void          fluo_listener_count     (FluoListener *self, guint64 n, gboolean sampling);
/* An element of the status' Listeners. */
void          fluo_listener_write     (FluoListener *self, FluoJsonWriter *writer);
/* "xray-daemon (process 1234)" or NULL when that can't be seen (another user's).
 * Newly allocated. */
char         *fluo_listener_dup_holder (FluoListenerProtocol protocol, GInetSocketAddress *address);

/* The process on this computer whose socket has this port at its own end, in the same form. Takes
 * milliseconds. */
char         *fluo_listener_dup_peer  (gboolean tcp, guint port);

/* Reads what follows the address and port of a socket in /proc/net/{tcp,udp}{,6}. @visit returns
 * TRUE to stop. Public for the drop counter of the UDP intake. */
typedef struct
{
  guint   port;
  guint   state;   /* 10 = listening, for TCP */
  guint64 inode;
  guint64 drops;   /* UDP only */
} FluoProcSocket;
void fluo_proc_sockets_each (const char *table,
                             gboolean (*visit) (const FluoProcSocket *socket, gpointer data),
                             gpointer data);

G_END_DECLS
