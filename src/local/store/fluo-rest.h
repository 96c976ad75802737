/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* When memory that was kept for speed, or that work has left behind, is given back: once after
 * every work, whatever it was, when nothing more has come for a while. The clock is the caller's.
 * Belongs to one thread. */

#define FLUO_REST_USEC (3 * G_USEC_PER_SEC)

typedef struct
{
  gint64   asked_usec;  /* when somebody brought work last */
  gint64   worked_usec; /* when something was done last, by itself as well */
  gboolean resting;     /* seen at rest since */
} FluoRest;

static inline void
fluo_rest_note_work (FluoRest *self, gint64 now_usec)
{
  self->worked_usec = now_usec;
  self->resting = FALSE;
}

static inline void
fluo_rest_note_asked (FluoRest *self, gint64 now_usec)
{
  self->asked_usec = now_usec;
  fluo_rest_note_work (self, now_usec);
}

/* Whether nobody has brought work for @usec: what is done of its own accord may go on. */
static inline gboolean
fluo_rest_is_left_alone (const FluoRest *self, gint64 now_usec, gint64 usec)
{
  return now_usec - self->asked_usec > usec;
}

/* Whether it rests. @ret_begins: for the first time since the last work. */
static inline gboolean
fluo_rest_look (FluoRest *self, gint64 now_usec, gboolean *ret_begins)
{
  gboolean resting = now_usec - self->worked_usec > FLUO_REST_USEC;

  *ret_begins = resting && !self->resting;
  self->resting = resting;
  return resting;
}

G_END_DECLS
