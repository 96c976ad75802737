/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-aws"

#include "aws/fluo-region.h"

#include <string.h>

/* As of July 2026. */
static const FluoRegion regions[] = {
  { "eu-central-1", "Frankfurt", "aws" },
  { "eu-central-2", "Zurich", "aws" },
  { "eu-north-1", "Stockholm", "aws" },
  { "eu-south-1", "Milan", "aws" },
  { "eu-south-2", "Spain", "aws" },
  { "eu-west-1", "Ireland", "aws" },
  { "eu-west-2", "London", "aws" },
  { "eu-west-3", "Paris", "aws" },
  { "us-east-1", "N. Virginia", "aws" },
  { "us-east-2", "Ohio", "aws" },
  { "us-west-1", "N. California", "aws" },
  { "us-west-2", "Oregon", "aws" },
  { "ca-central-1", "Canada, Central", "aws" },
  { "ca-west-1", "Calgary", "aws" },
  { "mx-central-1", "Mexico", "aws" },
  { "sa-east-1", "São Paulo", "aws" },
  { "af-south-1", "Cape Town", "aws" },
  { "il-central-1", "Tel Aviv", "aws" },
  { "me-central-1", "UAE", "aws" },
  { "me-south-1", "Bahrain", "aws" },
  { "ap-east-1", "Hong Kong", "aws" },
  { "ap-east-2", "Taipei", "aws" },
  { "ap-northeast-1", "Tokyo", "aws" },
  { "ap-northeast-2", "Seoul", "aws" },
  { "ap-northeast-3", "Osaka", "aws" },
  { "ap-south-1", "Mumbai", "aws" },
  { "ap-south-2", "Hyderabad", "aws" },
  { "ap-southeast-1", "Singapore", "aws" },
  { "ap-southeast-2", "Sydney", "aws" },
  { "ap-southeast-3", "Jakarta", "aws" },
  { "ap-southeast-4", "Melbourne", "aws" },
  { "ap-southeast-5", "Malaysia", "aws" },
  { "ap-southeast-6", "New Zealand", "aws" },
  { "ap-southeast-7", "Thailand", "aws" },
  { "eusc-de-east-1", "Brandenburg", "aws-eusc" },
  { "cn-north-1", "Beijing", "aws-cn" },
  { "cn-northwest-1", "Ningxia", "aws-cn" },
  { "us-gov-east-1", "GovCloud, US-East", "aws-us-gov" },
  { "us-gov-west-1", "GovCloud, US-West", "aws-us-gov" },
  { "us-iso-east-1", "US ISO East", "aws-iso" },
  { "us-iso-west-1", "US ISO West", "aws-iso" },
  { "us-isob-east-1", "US ISOB East", "aws-iso-b" },
  { "us-isob-west-1", "US ISOB West", "aws-iso-b" },
  { "eu-isoe-west-1", "EU ISOE West", "aws-iso-e" },
  { "us-isof-east-1", "US ISOF East", "aws-iso-f" },
  { "us-isof-south-1", "US ISOF South", "aws-iso-f" },
};

/* For names that are newer than the table; a longer beginning stands before a shorter one. */
static const struct
{
  const char *prefix;
  const char *partition;
} prefixes[] = {
  { "cn-", "aws-cn" },        { "us-gov-", "aws-us-gov" },  { "us-isob-", "aws-iso-b" },
  { "us-isof-", "aws-iso-f" }, { "us-iso-", "aws-iso" },     { "eu-isoe-", "aws-iso-e" },
  { "eusc-", "aws-eusc" },
};

const FluoRegion *
fluo_regions_get (guint *ret_n)
{
  *ret_n = G_N_ELEMENTS (regions);
  return regions;
}

/* NULL for a region that is not in the table. */
static const FluoRegion *
find_region (const char *name)
{
  for (guint i = 0; name && i < G_N_ELEMENTS (regions); i++)
    if (strcmp (regions[i].name, name) == 0)
      return &regions[i];
  return NULL;
}

char *
fluo_region_dup_title (const char *name)
{
  const FluoRegion *region = find_region (name);

  return region ? g_strdup_printf ("%s · %s", region->name, region->place) : g_strdup (name);
}

const char *
fluo_region_get_partition (const char *name)
{
  const FluoRegion *region = find_region (name);

  if (region)
    return region->partition;
  for (guint i = 0; name && i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (name, prefixes[i].prefix))
      return prefixes[i].partition;
  return "aws";
}
