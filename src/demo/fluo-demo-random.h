/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Chance for the demo, in whole numbers only: no libm and no floating point takes part, so a seed
 * gives the same bytes on every machine. The generator is xoshiro256** by David Blackman and
 * Sebastiano Vigna (2018, public domain), seeded through SplitMix64 as its authors advise. A stack
 * object; single thread. */
typedef struct
{
  guint64 state[4];
} FluoDemoRandom;

void     fluo_demo_random_init      (FluoDemoRandom *self, guint64 seed);
guint64  fluo_demo_random_next      (FluoDemoRandom *self);
/* 0 to @n - 1; @n > 0. */
guint32  fluo_demo_random_below     (FluoDemoRandom *self, guint32 n);
/* TRUE in @per_100000 of 100,000 cases. */
gboolean fluo_demo_random_chance    (FluoDemoRandom *self, guint32 per_100000);
/* A log-normal duration: median_us * exp (sigma * z), with sigma in thousandths. Never under 50
 * µs. */
gint64 fluo_demo_random_lognormal (FluoDemoRandom *self, gint64 median_us,
                                   guint32 sigma_thousandths);

G_END_DECLS
