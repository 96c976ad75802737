/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One way to X-Ray that the user set up: where it is and who asks, but no secret. Plain data; the
 * list below keeps it in a file. */

typedef enum
{
  FLUO_CONNECTION_PROFILE, /* a profile of the shared AWS files */
  FLUO_CONNECTION_KEYS,    /* a key pair, kept by the secret service under the connection's id */
  FLUO_CONNECTION_SSO,     /* an account and a role of IAM Identity Center, without a profile */
  FLUO_CONNECTION_N_KINDS
} FluoConnectionKind;

/* What makes a production account look different. */
typedef enum
{
  FLUO_ACCENT_NONE,
  FLUO_ACCENT_RED,
  FLUO_ACCENT_ORANGE,
  FLUO_ACCENT_GREEN,
  FLUO_ACCENT_BLUE,
  FLUO_ACCENT_PURPLE,
  FLUO_N_ACCENTS
} FluoAccent;

typedef struct
{
  char *id;       /* a UUID */
  char *name;     /* not empty */
  FluoConnectionKind kind;
  char *profile;  /* of FLUO_CONNECTION_PROFILE */
  char *access_key; /* of FLUO_CONNECTION_KEYS; the secret is elsewhere */
  char *sso_start_url, *sso_region; /* of FLUO_CONNECTION_SSO, as all that begin so */
  char *sso_session; /* the name under which the AWS tools know it; "" = by its start URL */
  char *sso_account, *sso_role;
  char *region;   /* "" = the profile's own */
  char *endpoint; /* "" = the region's default */
  char *role_arn; /* assumed after all that the profile says; "" = none */
  gboolean fips, dual_stack;
  gboolean use_metrics, use_logs; /* besides traces */
  FluoAccent accent;
  char *badge;    /* "PROD"; "" = none */
  gint64 budget_microusd; /* an hour; 0 = no limit */
  gint64 vault_mb; /* of what is read is kept on this computer; 0 = nothing */
} FluoConnection;

#define FLUO_CONNECTION_NAME_MAX 60 /* characters of a name */
#define FLUO_CONNECTION_BADGE_MAX 12
#define FLUO_CONNECTION_ROLE_MAX 64 /* characters of a role's name, AWS's own limit */
#define FLUO_CONNECTION_VAULT_MB 1000 /* of a new connection */
#define FLUO_CONNECTION_VAULT_MB_MAX (1000 * 1000)

#define FLUO_TYPE_CONNECTION (fluo_connection_get_type ())
GType           fluo_connection_get_type (void);
/* With a new id and everything else empty. */
FluoConnection *fluo_connection_new  (FluoConnectionKind kind);
FluoConnection *fluo_connection_copy (const FluoConnection *self);
void            fluo_connection_free (FluoConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoConnection, fluo_connection_free)
/* Replaces a text field; NULL is "". */
void            fluo_connection_set  (char **field, const char *value);
/* Why it can't be used, as G_IO_ERROR_INVALID_ARGUMENT. Looks at the text alone, asks nobody. */
gboolean        fluo_connection_check (const FluoConnection *self, GError **error);
/* FALSE when something differs that decides what is asked of whom; a name, a badge and a budget
 * don't. */
gboolean        fluo_connection_same_target (const FluoConnection *a, const FluoConnection *b);
const char     *fluo_accent_get_name (FluoAccent accent); /* "red"; also the style class's end */

/* --- The list ------------------------------------------------------------------------------ */

/* All connections, in the user's order: connections.ini in the configuration directory. Every
 * change reads the file anew and replaces it as a whole, so that another program's change is not
 * lost; what is in the file and unknown here stays in it. Main thread. Signal "changed" (). */
#define FLUO_TYPE_CONNECTION_LIST (fluo_connection_list_get_type ())
G_DECLARE_FINAL_TYPE (FluoConnectionList, fluo_connection_list, FLUO, CONNECTION_LIST, GObject)

#define FLUO_CONNECTION_LIST_MAX 200

typedef enum
{
  FLUO_CONNECTION_LIST_ERROR_NEWER, /* written by a newer program: read by it alone */
  FLUO_CONNECTION_LIST_ERROR_FULL
} FluoConnectionListError;
#define FLUO_CONNECTION_LIST_ERROR (fluo_connection_list_error_quark ())
GQuark fluo_connection_list_error_quark (void);

/* The one of this process. */
FluoConnectionList *fluo_connection_list_get_default (void);
FluoConnectionList *fluo_connection_list_new  (const char *path); /* NULL: the usual place */
guint                 fluo_connection_list_get_n (FluoConnectionList *self);
const FluoConnection *fluo_connection_list_get   (FluoConnectionList *self, guint index);
const FluoConnection *fluo_connection_list_find  (FluoConnectionList *self, const char *id);
/* The place of a connection, or -1. */
int                   fluo_connection_list_index (FluoConnectionList *self, const char *id);
/* What was wrong with the file when it was last read, or NULL; such a file was moved aside, or,
 * being newer, is left alone. */
const GError         *fluo_connection_list_get_error (FluoConnectionList *self);

/* Replaces the one with its id, or adds it at @position (-1: at the end). */
gboolean fluo_connection_list_put    (FluoConnectionList *self, const FluoConnection *connection,
                                      int position, GError **error);
gboolean fluo_connection_list_remove (FluoConnectionList *self, const char *id, GError **error);
gboolean fluo_connection_list_move   (FluoConnectionList *self, const char *id, guint position,
                                      GError **error);
/* "name", or "name 2" when there is one already. */
char    *fluo_connection_list_dup_free_name (FluoConnectionList *self, const char *name);

G_END_DECLS
