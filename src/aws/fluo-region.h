/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* AWS regions that have X-Ray, in the order in which they are offered: a list to choose from, not a
 * limit. Any other proper name is taken too. Any thread. */

typedef struct
{
  const char *name;      /* "eu-central-1" */
  const char *place;     /* "Frankfurt": AWS's own words */
  const char *partition; /* "aws", "aws-cn", "aws-us-gov", … */
} FluoRegion;

/* The table, and how many rows it has. */
const FluoRegion *fluo_regions_get  (guint *ret_n);
/* "eu-central-1 · Frankfurt", or the bare name. */
char             *fluo_region_dup_title (const char *name);
/* The partition of any name, by its beginning where the table doesn't know it. */
const char       *fluo_region_get_partition (const char *name);

G_END_DECLS
