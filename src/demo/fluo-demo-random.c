/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo/fluo-demo-random.h"

#define LOG2_E_Q20 1512775 /* log2 (e) * 2^20 */
#define FRACTION_BITS 20
#define DURATION_MIN_US 50

/* 2^(1/2), 2^(1/4), … in units of 2^-30: the powers of two that a binary fraction's digits stand
 * for. */
static const guint64 roots_q30[FRACTION_BITS] = {
  G_GUINT64_CONSTANT (1518500250), G_GUINT64_CONSTANT (1276901417), G_GUINT64_CONSTANT (1170923762),
  G_GUINT64_CONSTANT (1121280436), G_GUINT64_CONSTANT (1097253708), G_GUINT64_CONSTANT (1085434106),
  G_GUINT64_CONSTANT (1079572136), G_GUINT64_CONSTANT (1076653033), G_GUINT64_CONSTANT (1075196443),
  G_GUINT64_CONSTANT (1074468888), G_GUINT64_CONSTANT (1074105294), G_GUINT64_CONSTANT (1073923544),
  G_GUINT64_CONSTANT (1073832680), G_GUINT64_CONSTANT (1073787251), G_GUINT64_CONSTANT (1073764537),
  G_GUINT64_CONSTANT (1073753181), G_GUINT64_CONSTANT (1073747502), G_GUINT64_CONSTANT (1073744663),
  G_GUINT64_CONSTANT (1073743244), G_GUINT64_CONSTANT (1073742534)
};

static guint64
rotate_left (guint64 value, guint bits)
{
  return (value << bits) | (value >> (64 - bits));
}

void
fluo_demo_random_init (FluoDemoRandom *self, guint64 seed)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->state); i++)
    {
      guint64 mixed;

      seed += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
      mixed = seed;
      mixed = (mixed ^ (mixed >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
      mixed = (mixed ^ (mixed >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
      self->state[i] = mixed ^ (mixed >> 31);
    }
}

guint64
fluo_demo_random_next (FluoDemoRandom *self)
{
  guint64 *s = self->state;
  guint64 result = rotate_left (s[1] * 5, 7) * 9;
  guint64 shifted = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= shifted;
  s[3] = rotate_left (s[3], 45);
  return result;
}

guint32
fluo_demo_random_below (FluoDemoRandom *self, guint32 n)
{
  return (guint32) (((fluo_demo_random_next (self) >> 32) * n) >> 32);
}

gboolean
fluo_demo_random_chance (FluoDemoRandom *self, guint32 per_100000)
{
  return fluo_demo_random_below (self, 100000) < per_100000;
}

/* A standard normal number in units of 2^-20: the sum of twelve uniform ones minus six (Irwin and
 * Hall). Its tails end at six sigma, which no duration here notices. */
static gint64
normal_q20 (FluoDemoRandom *self)
{
  gint64 sum = 0;

  for (guint i = 0; i < 6; i++)
    {
      guint64 two = fluo_demo_random_next (self);

      sum += (gint64) (two >> 32) + (gint64) (two & G_MAXUINT32);
    }
  sum -= G_GINT64_CONSTANT (6) << 32;
  return sum / (1 << 12);
}

gint64
fluo_demo_random_lognormal (FluoDemoRandom *self, gint64 median_us, guint32 sigma_thousandths)
{
  gint64 power =
    normal_q20 (self) * (gint64) sigma_thousandths * LOG2_E_Q20 / 1000 / (1 << FRACTION_BITS);
  gint64 whole = power / (1 << FRACTION_BITS);
  gint64 fraction = power - whole * (1 << FRACTION_BITS);
  guint64 factor_q30 = G_GUINT64_CONSTANT (1) << 30;
  gint64 duration_us;

  if (fraction < 0)
    {
      fraction += 1 << FRACTION_BITS;
      whole--;
    }
  for (guint bit = 0; bit < FRACTION_BITS; bit++)
    if (fraction & (G_GINT64_CONSTANT (1) << (FRACTION_BITS - 1 - bit)))
      factor_q30 = (factor_q30 * roots_q30[bit]) >> 30;

  duration_us = (gint64) (((guint64) median_us * factor_q30) >> CLAMP (30 - whole, 0, 60));
  return MAX (duration_us, DURATION_MIN_US);
}
