/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* How a time range is read in parts: newest first, several at once, as wide as what comes back
 * allows. Every moment of the range is in one state: to be read, being read, failed or read. Knows
 * no clock and no network. */
typedef struct _FluoScanPlan FluoScanPlan;

/* A part is at least and at most so long. */
#define FLUO_SCAN_PART_MIN_NS FLUO_NSEC_PER_SEC
#define FLUO_SCAN_PART_MAX_NS (6 * (60 * FLUO_NSEC_PER_MIN))

typedef enum
{
  FLUO_SCAN_TOO_MUCH, /* more than one answer can hold: its halves are read */
  FLUO_SCAN_BUSY,     /* the service wants less: read again, with fewer at once */
  FLUO_SCAN_LOST      /* a gap, until somebody wants to try again */
} FluoScanFailure;

FluoScanPlan *fluo_scan_plan_new  (FluoTimeSpan span, guint n_parallel);
void          fluo_scan_plan_free (FluoScanPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoScanPlan, fluo_scan_plan_free)

/* The next part to be read, which is being read from now on. FALSE when there is none, or when
 * enough are being read. */
gboolean fluo_scan_plan_next   (FluoScanPlan *self, FluoTimeSpan *ret_part);
/* @n_found and @usec (how long it took) say how wide the next parts may be. */
void     fluo_scan_plan_done   (FluoScanPlan *self, FluoTimeSpan part, guint n_found,
                                gint64 usec);
void     fluo_scan_plan_failed (FluoScanPlan *self, FluoTimeSpan part, FluoScanFailure how);
/* What is being read is to be read again: it was called off. */
void     fluo_scan_plan_stop   (FluoScanPlan *self);
/* What failed is to be read again. */
void     fluo_scan_plan_retry  (FluoScanPlan *self);

guint    fluo_scan_plan_get_n_reading (const FluoScanPlan *self);
guint    fluo_scan_plan_get_n_parallel (const FluoScanPlan *self);
gboolean fluo_scan_plan_is_complete   (const FluoScanPlan *self); /* everything was read */
gint64   fluo_scan_plan_get_read_ns   (const FluoScanPlan *self); /* so much of the range */
/* Everything that was not read, whatever its state: FluoTimeSpan, newest first, apart from each
 * other. */
GArray  *fluo_scan_plan_dup_gaps (const FluoScanPlan *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
