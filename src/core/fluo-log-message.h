/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a program wrote into its log, made out: how bad it is, and what it says. Programs agree on
 * little; what is not recognised is a plain line. Any thread. */

typedef enum
{
  FLUO_LOG_DEBUG,
  FLUO_LOG_PLAIN, /* information, and whatever says nothing about itself */
  FLUO_LOG_WARNING,
  FLUO_LOG_ERROR,
  FLUO_N_LOG_LEVELS
} FluoLogLevel;

#define FLUO_LOG_TEXT_MAX 500 /* bytes of a line's text; the message has the rest */

/* @message is untrusted and so is the result: its first line without the time, the request's id
 * and the level that programs put before it, or the message of a JSON record. Newly allocated. */
char *fluo_log_message_dup_text (const char *message, FluoLogLevel *ret_level);

G_END_DECLS
