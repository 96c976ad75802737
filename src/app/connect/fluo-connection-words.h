/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "aws/fluo-connection.h"
#include "aws/fluo-credential-facts.h"
#include "aws/fluo-profile-list.h"

G_BEGIN_DECLS

/* Words and small widgets for connections that several places show. */

/* "IAM Identity Center", "key pair", …: where a profile's keys come from. */
const char *fluo_profile_kind_get_words (FluoProfileKind kind);
/* "profile petshop-prod · eu-central-1 · Frankfurt" */
char       *fluo_connection_dup_summary (const FluoConnection *connection);
/* A connection of single sign-on as a section of ~/.aws/config. */
char       *fluo_connection_dup_profile (const FluoConnection *connection);
/* How keys are come by, one step after the other: "profile prod → IAM Identity Center corp → role
 * oncall". Safe to lay out. */
char       *fluo_credential_facts_dup_words (const FluoCredentialFacts *facts);
/* "for 47 min 12 s, until 18:40", "ended at 18:40", "without end". */
char       *fluo_credential_facts_dup_left (const FluoCredentialFacts *facts, gint64 now_s);
/* "4021 5588 9917" */
char       *fluo_account_dup_words (const char *account);

/* The mark of a connection, "PROD" in its colour; hidden while there is nothing to show. */
GtkWidget  *fluo_badge_new (void);
void        fluo_badge_set (GtkWidget *badge, const FluoConnection *connection);
/* Gives @widget the class "accent-red" and takes the others away. */
void        fluo_accent_apply (GtkWidget *widget, FluoAccent accent);
/* Why something could not be read: a missing permission by its name, anything else as it was said.
 * Safe to lay out, without a full stop. */
char       *fluo_error_dup_words (const GError *error);
/* Copies the IAM statement to ask for; hidden unless the error is a missing permission. */
GtkWidget  *fluo_statement_button_new (void);
void        fluo_statement_button_set_error (GtkWidget *button, const GError *error);
/* Puts @text on the clipboard and says so in the window. */
void        fluo_connection_copy_text (GtkWidget *widget, const char *text);

/* What is wrong with something that was typed, rather than missing yet; else what is to be known of
 * it; or NULL. */
char *fluo_connection_dup_remark (const FluoConnection *connection);

G_END_DECLS
