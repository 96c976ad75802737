/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The symbolic icons as path commands (M, L, C, Z), absolute coordinates in a box of 16 × 16,
 * written at build time by gen-icons.py. Sorted by name, so that a look-up is a binary search. */
typedef struct
{
  const char  *name;     /* "kind-function", "find" */
  const char  *commands; /* one letter per command */
  const float *points;   /* 2 per M and L, 6 per C, 0 per Z */
} FluoIconPath;

extern const FluoIconPath fluo_icon_table[];
extern const unsigned int fluo_icon_table_length;

G_END_DECLS
