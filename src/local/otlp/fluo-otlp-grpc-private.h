/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <nghttp2/nghttp2.h>

#include "local/otlp/fluo-otlp-grpc.h"
#include "local/otlp/fluo-otlp-intake.h"

G_BEGIN_DECLS

/* What the files of the gRPC server share. Main thread, but for what a call says otherwise. */

/* Requests that one connection may have open at the same time. */
#define FLUO_GRPC_STREAMS_MAX 100
/* Names and values of a request, and 32 bytes for each, as HTTP/2 counts. */
#define FLUO_GRPC_HEADERS_MAX (16 * 1024)
#define FLUO_GRPC_N_HEADERS_MAX 100

/* For a client to say anything, for the headers of a request, and for what is due to leave. */
#define FLUO_GRPC_HEADERS_USEC (10 * G_USEC_PER_SEC)
#define FLUO_GRPC_BODY_USEC (30 * G_USEC_PER_SEC)
#define FLUO_GRPC_ANSWER_USEC (120 * G_USEC_PER_SEC)
/* Exporters keep their connection; those that send now and then need not open it anew. */
#define FLUO_GRPC_IDLE_USEC (300 * G_USEC_PER_SEC)
/* For a client to read why the connection ends. */
#define FLUO_GRPC_FAREWELL_USEC (2 * G_USEC_PER_SEC)

typedef struct _FluoGrpcConnection FluoGrpcConnection;
typedef struct _FluoGrpcStream     FluoGrpcStream;
typedef struct _FluoGrpcCall       FluoGrpcCall;

struct _FluoOtlpGrpc
{
  const FluoApiContext *context;
  FluoOtlpIntake        intake;
  GThreadPool          *pool;
  GPtrArray            *ports;       /* FluoPort */
  GHashTable           *connections; /* FluoGrpcConnection, owned */
  gsize                 all_bodies;  /* bytes of requests, from their coming to their answer */
  guint                 n_calls;
  guint                 sweep_id;
  gboolean              stopped;
};

struct _FluoGrpcConnection
{
  FluoOtlpGrpc    *server;
  FluoListener    *listener;
  GInetAddress    *local;
  guint16          port;          /* the sender's, as in FluoOrigin */
  GSocket         *socket;
  nghttp2_session *session;
  GHashTable      *streams;       /* FluoGrpcStream, owned */
  GSource         *source;
  GIOCondition     watched;
  GByteArray      *out;           /* to be sent, from out_at on */
  gsize            out_at;
  gboolean         greeted;       /* the client's SETTINGS have come */
  gint64           since_usec;    /* accepted, or without a request since */
  gint64           blocked_usec;  /* the client doesn't read since; 0 = it does */
  gint64           farewell_usec; /* nothing more is said or listened to since; 0 = not so */
  double           budget;        /* frames that carry nothing may still come */
  gint64           budget_usec;
};

typedef enum
{
  FLUO_GRPC_HEADERS,
  FLUO_GRPC_BODY,
  FLUO_GRPC_CALL,  /* a worker or the writer has it */
  FLUO_GRPC_ANSWER
} FluoGrpcState;

/* One request, from its first header to the end of its answer. */
struct _FluoGrpcStream
{
  FluoGrpcConnection *connection;
  int32_t             id;
  FluoGrpcState       state;
  gint64              since_usec;
  gboolean            ended;      /* the client has nothing more to say */

  SoupMessageHeaders *caller;     /* who asks: Host, Origin, Sec-Fetch-Site */
  char               *method;
  char               *path;
  char               *type;
  char               *encoding;
  char               *timeout;
  guint               n_headers;
  gsize               n_header_bytes;
  gboolean            twice;      /* something that there may be one of */

  GByteArray         *body;
  guint               timeout_id; /* of grpc-timeout */
  FluoGrpcCall       *call;       /* while in state CALL */
  guint8             *answer;     /* the message with its prefix */
  gsize               answer_length;
  gsize               answer_at;
  FluoOtlpCode        code;
  char               *message;    /* encoded */
};

/* A message on its way through a worker and the writer, and back. */
struct _FluoGrpcCall
{
  FluoOtlpGrpc   *server;
  FluoGrpcStream *stream; /* main thread: NULL when nobody waits any more */
  GBytes         *body;
  gsize           n_bytes;
  gboolean        gzip;
  guint16         port;
  FluoOtlpCode    code;
  char           *message;
  GBytes         *answer;
};

/* --- fluo-otlp-grpc.c --- */

/* A request that nobody will read counts as one document. */
void     fluo_grpc_count_unread      (FluoGrpcConnection *connection, const char *problem);
/* Gives the message to a worker. FALSE when there are too many. */
gboolean fluo_grpc_call_start        (FluoGrpcStream *stream, GBytes *body, gboolean gzip);

/* --- fluo-otlp-grpc-connection.c --- */

/* NULL when the client has left already. */
FluoGrpcConnection *fluo_grpc_connection_new (FluoOtlpGrpc *server, FluoListener *listener,
                                              GSocket *socket);
void     fluo_grpc_connection_free   (FluoGrpcConnection *self);
/* Sends what is due. The connection may be gone afterwards. */
void     fluo_grpc_connection_flush  (FluoGrpcConnection *self);
/* Says goodbye: no further requests. */
void     fluo_grpc_connection_stop   (FluoGrpcConnection *self);
/* Once a second: ends what takes too long. The connection may be gone afterwards. */
void     fluo_grpc_connection_sweep  (FluoGrpcConnection *self, gint64 now_usec);
/* How gladly the connection is given up for a new one, 0 = not at all. */
guint    fluo_grpc_connection_rank   (FluoGrpcConnection *self, gint64 now_usec);
gboolean fluo_grpc_connection_is_busy (FluoGrpcConnection *self);

/* --- fluo-otlp-grpc-stream.c --- */

FluoGrpcStream *fluo_grpc_stream_new (FluoGrpcConnection *connection, int32_t id);
void     fluo_grpc_stream_free       (FluoGrpcStream *self);
void     fluo_grpc_stream_header     (FluoGrpcStream *self, const char *name, const char *value,
                                      gsize length);
/* All headers are here: refuses the request or waits for its body. */
void     fluo_grpc_stream_headers_end (FluoGrpcStream *self);
void     fluo_grpc_stream_data       (FluoGrpcStream *self, const guint8 *data, gsize length);
/* The request is whole. */
void     fluo_grpc_stream_end        (FluoGrpcStream *self);
/* These don't flush. @body is the response's message; errors have none. */
void     fluo_grpc_stream_answer     (FluoGrpcStream *self, FluoOtlpCode code, const char *message,
                                      GBytes *body);
/* FALSE when the connection can't go on. */
gboolean fluo_grpc_stream_sweep      (FluoGrpcStream *self, gint64 now_usec);

G_END_DECLS
