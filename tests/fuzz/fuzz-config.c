/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/fluo-aws-config.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any bytes as the shared config file: no more than warnings, and those never without end. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (FluoAwsConfig) config = fluo_aws_config_new ();
  g_auto (GStrv) profiles = NULL;

  fluo_aws_config_parse (config, FLUO_AWS_FILE_CONFIG, "config", (const char *) data, size, NULL);
  fluo_aws_config_parse (config, FLUO_AWS_FILE_CREDENTIALS, "credentials", (const char *) data,
                         size, NULL);
  profiles = fluo_aws_config_dup_profiles (config);
  for (guint i = 0; profiles[i]; i++)
    {
      g_assert_true (fluo_aws_config_has_profile (config, profiles[i]));
      fluo_aws_config_get_profile (config, profiles[i], "region");
    }
  g_assert_cmpuint (fluo_aws_config_get_warnings (config)->len, <=, FLUO_AWS_WARNINGS_MAX + 1);
  return 0;
}
