/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws/fluo-xray-client.h"
#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* What all commands of fluoroscope-cli share: options, the connection, exit codes. One thread, the
 * default main context. */

/* Documented in fluoroscope-cli(1); never renumber. */
typedef enum
{
  FLUO_CLI_OK = 0,
  FLUO_CLI_FAILED = 1,
  FLUO_CLI_USAGE = 2,
  FLUO_CLI_NOT_FOUND = 3,
  FLUO_CLI_UNREACHABLE = 4,
  FLUO_CLI_ACCESS = 5,
  FLUO_CLI_INTERRUPTED = 130
} FluoCliExit;

#define FLUO_CLI_DEFAULT_ENDPOINT "http://127.0.0.1:2000"
/* Which part of the past is read when nothing is said. */
#define FLUO_CLI_DEFAULT_LAST "15m"
/* Longest name or text of a trace in a table, characters. */
#define FLUO_CLI_TEXT_MAX 200

typedef struct
{
  /* Options of every command; NULL where not given. */
  char           *endpoint;
  char           *profile;
  char           *connection;   /* of the application's list */
  char           *region;
  gboolean        json;

  /* Options of the commands that read a range. */
  char           *last;
  char           *from;
  char           *to;

  gint64          now_ns;       /* when the program started */
  FluoXrayClient *client;       /* made by fluo_cli_connect() */
  FluoCredentialProvider *provider; /* of its keys; NULL without AWS, or for a key pair */
  gboolean        asks_itself;  /* the command signs in: fluo_cli_connect() doesn't */
  GCancellable   *cancellable;  /* Ctrl+C */
} FluoCli;

typedef enum
{
  FLUO_CLI_PARSE_PLAIN = 0,
  FLUO_CLI_PARSE_RANGE = 1 << 0  /* takes --last, --from and --to */
} FluoCliParseFlags;

/* Reads the options of one command, the common ones among them. FALSE, with the reason on stderr,
 * when they are wrong or there are fewer than @min or more than @max other arguments; those stay in
 * @argv from index 1. */
gboolean fluo_cli_parse (FluoCli *self, const char *command, const char *arguments,
                         const char *summary, const GOptionEntry *entries, FluoCliParseFlags flags,
                         int *argc, char ***argv, int min, int max);
/* The range that --last, --from and --to mean. FALSE with the reason on stderr. */
gboolean     fluo_cli_get_span     (FluoCli *self, FluoTimeSpan *ret_span);

/* TRUE when it is AWS that is asked, FALSE for an endpoint. */
gboolean     fluo_cli_is_aws       (FluoCli *self);
/* The endpoint by option, environment or default; NULL for AWS. */
const char  *fluo_cli_get_endpoint (FluoCli *self);
/* Whether somebody is there to be asked: both standard input and standard error are a terminal. */
gboolean     fluo_cli_can_ask      (void);
/* Gets keys; @ask: the user is asked on the terminal where only they can help. FALSE with
 * @error. */
gboolean     fluo_cli_ensure_keys  (FluoCli *self, gboolean ask, GError **error);
/* For fluo_cli_connect(): the client and the provider of --connection. */
FluoCliExit  fluo_cli_open_connection (FluoCli *self) G_GNUC_WARN_UNUSED_RESULT;
/* Makes @client on first use, signing in on the terminal where that is needed. FLUO_CLI_OK, or
 * an exit code with the reason on stderr. */
FluoCliExit  fluo_cli_connect      (FluoCli *self) G_GNUC_WARN_UNUSED_RESULT;

/* Waits for an asynchronous call: pass fluo_cli_result_cb with the address of a NULL GAsyncResult
 * pointer. */
void         fluo_cli_result_cb    (GObject *source, GAsyncResult *result, gpointer user_data);
void         fluo_cli_wait         (GAsyncResult **result);
/* Lets @timeout_ms pass; FALSE when it was interrupted. */
gboolean     fluo_cli_sleep        (FluoCli *self, guint timeout_ms);

/* Blocking forms of the client's calls. NULL with @error. */
GPtrArray *fluo_cli_get_summaries (FluoCli *self, FluoTimeSpan span, const char *filter,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoTrace *fluo_cli_get_trace (FluoCli *self, const FluoTraceId *id,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoServiceGraph *fluo_cli_get_graph (FluoCli *self, FluoTimeSpan span,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoCollectorStatus *fluo_cli_get_status (FluoCli *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoJsonTape *fluo_cli_call (FluoCli *self, const char *path, const char *body,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One node of a list. */
typedef void (*FluoCliEach) (const FluoJsonTape *tape, guint32 node, gpointer user_data);
/* All pages of @member, a list, of the answers of @path. FALSE with @error. @ret_json, to be freed,
 * is an object with the whole list. */
gboolean fluo_cli_read_list (FluoCli *self, const char *path, const char *member, FluoCliEach each,
                             gpointer user_data, GString **ret_json, GError **error);

/* "fluoroscope-cli: <message>" on stderr. */
void         fluo_cli_complain     (const char *format, ...) G_GNUC_PRINTF (1, 2);
/* Tells a failure in a sentence and what to do about it, and the exit code for it. */
FluoCliExit  fluo_cli_report       (FluoCli *self, const GError *error);
/* Prints @json, which is valid, with two spaces a level. */
void         fluo_cli_print_json   (const char *json, gsize length);
/* Text of a trace or a server made safe for a terminal. Newly allocated; "–" for NULL and "". */
char        *fluo_cli_dup_text     (const char *text);
/* fluo_kind_get_display_name() made safe for a terminal, "Clients" for a client. Newly
 * allocated. */
char        *fluo_cli_dup_name     (const char *name, const char *type);
/* The trace named on the command line, in X-Ray's or W3C's form. FALSE with the reason on
 * stderr. */
gboolean     fluo_cli_parse_id     (const char *text, FluoTraceId *ret_id);

/* The commands; each has its file. @argv[0] is the command's name. */
int fluo_cli_traces      (FluoCli *self, int argc, char **argv);
int fluo_cli_filter      (FluoCli *self, int argc, char **argv);
int fluo_cli_trace       (FluoCli *self, int argc, char **argv);
int fluo_cli_keep        (FluoCli *self, int argc, char **argv);
int fluo_cli_map         (FluoCli *self, int argc, char **argv);
int fluo_cli_status      (FluoCli *self, int argc, char **argv);
int fluo_cli_sampling    (FluoCli *self, int argc, char **argv);
int fluo_cli_groups      (FluoCli *self, int argc, char **argv);
int fluo_cli_export      (FluoCli *self, int argc, char **argv);
int fluo_cli_demo        (FluoCli *self, int argc, char **argv);
int fluo_cli_credentials (FluoCli *self, int argc, char **argv);
int fluo_cli_sign_in     (FluoCli *self, int argc, char **argv);
int fluo_cli_tour        (FluoCli *self, int argc, char **argv);

/* Parts of commands that the tour uses too. */
void        fluo_cli_print_map     (const FluoServiceGraph *graph, FluoTimeSpan span);
void        fluo_cli_print_traces  (GPtrArray *summaries, guint limit);
/* Lists the traces of the range that satisfy @filter, all of them when it is NULL; at most @limit,
 * 0: all. An exit code. */
int         fluo_cli_list_traces   (FluoCli *self, const char *filter, guint limit,
                                    gboolean slowest);
/* FALSE with everything that is wrong with the expression on stderr. */
gboolean    fluo_cli_check_filter  (const char *text);
void        fluo_cli_sort_slowest  (GPtrArray *summaries);
gboolean fluo_cli_write_map (const FluoServiceGraph *graph, FluoTimeSpan span, const char *path,
                             double scale, GError **error);
gboolean fluo_cli_write_trace (FluoTrace *trace, const char *path, double scale, GError **error);
void        fluo_cli_print_trace   (FluoTrace *trace, guint rows);

G_END_DECLS
