/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "fluo-explorer.h"

G_BEGIN_DECLS

/* "Last 15 minutes ▾": the usual moving ranges and a fixed one from two entries. */
#define FLUO_TYPE_RANGE_BUTTON (fluo_range_button_get_type ())
G_DECLARE_FINAL_TYPE (FluoRangeButton, fluo_range_button, FLUO, RANGE_BUTTON, AdwBin)

GtkWidget *fluo_range_button_new  (FluoExplorer *explorer);
void fluo_range_button_set_narrow (FluoRangeButton *self, gboolean narrow); /* the icon alone */
/* "Last 15 minutes". Newly allocated. */
char      *fluo_range_dup_label   (gint64 length_ns);

/* What a person types for a time, and how one is shown for that. */
gboolean   fluo_range_parse_time (const char *text, gint64 now_ns, gint64 *ret_ns);
char      *fluo_range_dup_time   (gint64 time_ns);

/* The lengths on offer, in seconds. */
#define FLUO_N_RANGES 5 /* six hours is the longest that AWS answers */
extern const gint64 fluo_range_lengths_s[FLUO_N_RANGES];

G_END_DECLS
