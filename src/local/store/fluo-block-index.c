/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-block-index.h"

#include <string.h>

/* 1,024 ids in 32,768 bits with 8 probes: a filter says yes by mistake once in 170,000 times. */
#define N_PROBES 8
#define N_SLOTS 64

typedef struct
{
  gint64  blocks[N_SLOTS]; /* 0 = free */
  guint   n;
  guint64 bits[FLUO_ID_FILTER_BITS];
} Stripe;

struct _FluoBlockIndex
{
  GPtrArray *stripes;
};

/* Ids come from anywhere, also from somebody who counts up: all bits are stirred. */
static void
get_probes (const FluoTraceId *id, guint *probes)
{
  guint64 a, b;

  memcpy (&a, id->bytes, sizeof a);
  memcpy (&b, id->bytes + sizeof a, sizeof b);
  a = (a ^ (b * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15))) + b;
  a = (a ^ (a >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  a = (a ^ (a >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  a ^= a >> 31;
  b = (a >> 32) | 1;
  for (guint i = 0; i < N_PROBES; i++)
    probes[i] = (guint) ((a + i * b) >> 3) % FLUO_ID_FILTER_BITS;
}

void
fluo_id_filter_add (guint8 *filter, const FluoTraceId *id)
{
  guint probes[N_PROBES];

  get_probes (id, probes);
  for (guint i = 0; i < N_PROBES; i++)
    filter[probes[i] / 8] |= (guint8) (1 << probes[i] % 8);
}

FluoBlockIndex *
fluo_block_index_new (void)
{
  FluoBlockIndex *self = g_new0 (FluoBlockIndex, 1);

  self->stripes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
fluo_block_index_free (FluoBlockIndex *self)
{
  g_ptr_array_unref (self->stripes);
  g_free (self);
}

void
fluo_block_index_add (FluoBlockIndex *self, gint64 block, const guint8 *filter)
{
  Stripe *stripe = NULL;
  guint slot = 0;
  guint64 bit;

  for (guint i = 0; i < self->stripes->len && !stripe; i++)
    if (((Stripe *) self->stripes->pdata[i])->n < N_SLOTS)
      stripe = self->stripes->pdata[i];
  if (!stripe)
    {
      stripe = g_new0 (Stripe, 1);
      g_ptr_array_add (self->stripes, stripe);
    }
  while (stripe->blocks[slot] != 0)
    slot++;
  stripe->blocks[slot] = block;
  stripe->n++;
  bit = G_GUINT64_CONSTANT (1) << slot;
  for (guint i = 0; i < FLUO_ID_FILTER_BYTES; i++)
    for (guint8 byte = filter[i]; byte != 0; byte &= (guint8) (byte - 1))
      stripe->bits[i * 8 + (guint) __builtin_ctz (byte)] |= bit;
}

void
fluo_block_index_remove (FluoBlockIndex *self, gint64 block)
{
  for (guint i = 0; i < self->stripes->len; i++)
    {
      Stripe *stripe = self->stripes->pdata[i];

      for (guint slot = 0; slot < N_SLOTS; slot++)
        if (stripe->blocks[slot] == block)
          {
            guint64 keep = ~(G_GUINT64_CONSTANT (1) << slot);

            stripe->blocks[slot] = 0;
            stripe->n--;
            if (stripe->n == 0)
              {
                g_ptr_array_remove_index (self->stripes, i);
                return;
              }
            for (guint k = 0; k < FLUO_ID_FILTER_BITS; k++)
              stripe->bits[k] &= keep;
            return;
          }
    }
}

void
fluo_block_index_find (FluoBlockIndex *self, const FluoTraceId *id, GArray *ret_blocks)
{
  guint probes[N_PROBES];

  get_probes (id, probes);
  for (guint i = 0; i < self->stripes->len; i++)
    {
      Stripe *stripe = self->stripes->pdata[i];
      guint64 found = G_MAXUINT64;

      for (guint k = 0; k < N_PROBES && found != 0; k++)
        found &= stripe->bits[probes[k]];
      for (; found != 0; found &= found - 1)
        g_array_append_val (ret_blocks, stripe->blocks[__builtin_ctzll (found)]);
    }
}
