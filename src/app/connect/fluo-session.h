/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/vault/fluo-vault.h"
#include "aws/fluo-connection-open.h"
#include "aws/fluo-meter.h"
#include "fluo-explorer.h"

G_BEGIN_DECLS

/* What a view is connected to: the user's connection, where its keys come from, and what it has
 * cost; the explorer reads through it. Main thread.
 *
 * Signals: "changed" (): anything a cockpit shows; "opened" (): the explorer has a new client;
 * "failed" (id, GError): the connection can't be opened, and what was shown before goes on;
 * "vault-notice" (words): what goes wrong with what is kept; "raise" (): somebody wants to see
 * it. */

#define FLUO_TYPE_SESSION (fluo_session_get_type ())
G_DECLARE_FINAL_TYPE (FluoSession, fluo_session, FLUO, SESSION, GObject)

FluoSession  *fluo_session_new           (FluoExplorer *explorer);
FluoExplorer *fluo_session_get_explorer  (FluoSession *self);

/* All that are there, in the order in which they were made: one for each view. Borrowed. */
GPtrArray    *fluo_session_get_all       (void);
/* Its number, which no other ever has. */
guint         fluo_session_get_number    (FluoSession *self);
/* Borrowed, or NULL when it has ended. */
FluoSession  *fluo_session_find          (guint number);
void          fluo_session_raise         (FluoSession *self);

/* Opens a connection of AWS. @keys (nullable): its key pair, typed in just now. What is still being
 * opened is given up. */
void fluo_session_open  (FluoSession *self, const FluoConnection *connection,
                         FluoCredentials *keys);
/* The view looks at something else than AWS. */
void fluo_session_leave (FluoSession *self);
/* A name, a mark, a budget or the size of the vault was changed. */
void fluo_session_update_connection (FluoSession *self, const FluoConnection *connection);

/* The open one, or NULL when it is not AWS. */
const FluoConnection   *fluo_session_get_connection (FluoSession *self);
FluoCredentialProvider *fluo_session_get_provider   (FluoSession *self); /* or NULL */
FluoMeter              *fluo_session_get_meter      (FluoSession *self); /* NULL unless AWS */
const char             *fluo_session_get_region     (FluoSession *self); /* or NULL */
const char             *fluo_session_get_endpoint   (FluoSession *self); /* or NULL */
/* What is kept of it; NULL unless AWS, or when nothing is to be kept. */
FluoVault              *fluo_session_get_vault      (FluoSession *self);
/* The explorer shows what is kept, and not AWS. */
gboolean                fluo_session_is_in_vault    (FluoSession *self);
/* @client: the vault's, or NULL to go back to AWS. */
void                    fluo_session_show_vault     (FluoSession *self, FluoXrayClient *client);
/* How its keys stand; NULL unless AWS. */
FluoCredentialFacts    *fluo_session_dup_facts      (FluoSession *self);
/* Asks STS, once a connection, whose keys they are, where nobody has said it. "changed" tells. */
void                    fluo_session_ask_caller     (FluoSession *self);
/* Nothing but the user can go on: keys have expired, or were never there. */
gboolean                fluo_session_needs_sign_in  (FluoSession *self);

/* List prices, read once; NULL when the table is damaged. */
const FluoPriceTable   *fluo_session_get_prices     (void);
/* "about $0.006", "less than $0.0001", "free of charge", "price unknown". */
char                   *fluo_session_format_money   (gint64 nanousd);

G_END_DECLS
