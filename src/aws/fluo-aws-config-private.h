/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-aws-config.h"

G_BEGIN_DECLS

/* Shared by the parser and the rest of FluoAwsConfig. */

/* Joins a key and a key of its nested block in one table; no key can hold a line feed. */
#define FLUO_AWS_NESTED_SEPARATOR "\n"

typedef struct
{
  GHashTable *values;   /* key, or key, separator and nested key -> value */
  gboolean    prefixed; /* "[profile default]", which beats "[default]" */
} FluoAwsConfigSection;

struct _FluoAwsConfig
{
  GHashTable *sections[FLUO_AWS_N_FILES][FLUO_AWS_N_SECTIONS]; /* name -> FluoAwsConfigSection */
  GPtrArray  *warnings;
  guint       n_left_out;
};

/* Values may be secrets: wipes, then frees. */
void fluo_aws_config_value_free (gpointer value);
/* @line 0 means the file as a whole. */
void fluo_aws_config_warn (FluoAwsConfig *self, const char *path, guint line, const char *format,
                           ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
