/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The X-Ray daemon's cfg.yaml. Keys that mean the same here are taken; those that mean nothing here
 * are named with the reason; all others are errors, as they are for the daemon. */

typedef enum
{
  FLUO_DAEMON_CONFIG_ERROR_FAILED /* can't be read, or is no such file: the text says where */
} FluoDaemonConfigError;
#define FLUO_DAEMON_CONFIG_ERROR (fluo_daemon_config_error_quark ())
GQuark fluo_daemon_config_error_quark (void);

/* Strings are NULL when they are not set, or empty. */
typedef struct
{
  char      *udp;
  char      *tcp;
  char      *region;
  char      *endpoint;
  char      *resource_arn;
  char      *role_arn;
  char      *proxy;
  char      *log_path;
  char      *log_level;
  gboolean   local_mode;
  gint64     buffer_mb;   /* 0 = the default */
  gint64     concurrency; /* 0 = the default */
  gint64     version;
  gboolean   no_verify_ssl;
  gboolean   log_rotation;
  GPtrArray *ignored;     /* char *: "“NoVerifySSL” is ignored: …" */
} FluoDaemonConfig;

FluoDaemonConfig *fluo_daemon_config_load (const char *path,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
void              fluo_daemon_config_free (FluoDaemonConfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoDaemonConfig, fluo_daemon_config_free)

G_END_DECLS
