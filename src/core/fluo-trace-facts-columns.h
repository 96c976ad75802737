/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-trace-facts-private.h"

G_BEGIN_DECLS

/* The columns of a block's bytes, which are described in fluo-trace-facts-bytes.c: for that file
 * and the one that reads them. */

#define FLUO_FACTS_MAGIC "FTF\3"
#define FLUO_FACTS_VERSION_MIN 1
#define FLUO_FACTS_FIXED_SIZE 32   /* what comes before the ids */

typedef enum
{
  FLUO_COLUMN_PLAIN,    /* any number */
  FLUO_COLUMN_TIME,     /* counts from the trace's start */
  FLUO_COLUMN_MORE,     /* one less than what is stored: -1 and FLUO_FACTS_NONE are 0 */
  FLUO_COLUMN_STRING,   /* less than the number of strings */
  FLUO_COLUMN_NAME,     /* a string other than 0 */
  FLUO_COLUMN_ROW,      /* less than the trace's rows in the table */
  FLUO_COLUMN_ROW_MORE, /* ROW, or FLUO_FACTS_NONE, stored as MORE */
  FLUO_COLUMN_RUN,      /* length of a run in the table; its first row is the member before, and not
                         * stored */
  FLUO_COLUMN_FREE_RUN, /* the same, but runs may lie anywhere: the first row is stored */
  FLUO_COLUMN_KIND      /* an enum: less than table */
} FluoColumnCheck;

typedef struct
{
  guint8 table;
  guint8 offset;
  guint8 size;   /* 4 or 8 */
  guint8 check;
  guint8 other;  /* the table that ROW and RUN mean, the bound of KIND */
  guint8 since;  /* the version of the format that it came with; 0: its table's */
} FluoColumn;

extern const FluoColumn fluo_facts_columns[];
extern const guint      fluo_facts_n_columns;

/* Tables of a block in bytes of @version. */
guint   fluo_facts_get_n_tables (guint version);
/* Of what follows it. No protection against intent. */
guint64 fluo_facts_check_sum    (const guint8 *data, gsize length);

G_END_DECLS
