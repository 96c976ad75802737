/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fluo-cohort.h"

G_BEGIN_DECLS

/* The cohort's own files alone. */

typedef void (*FluoTermFunc) (const FluoTerm *term, gpointer data);
/* Every term of a trace but the time. A value that it has twice may be told twice. */
void fluo_cohort_terms_foreach (const FluoTraceSummary *summary, FluoTermFunc func, gpointer data);
/* Those of its services, whose list summaries share, and all others. */
void fluo_cohort_give_services (const GArray *services, FluoTermFunc func, gpointer data);
void fluo_cohort_give_others   (const FluoTraceSummary *summary, FluoTermFunc func, gpointer data);
guint fluo_cohort_term_hash    (const FluoTerm *self);
/* Fields of which there is one for each key. */
static inline gboolean
fluo_cohort_field_has_key (FluoField field)
{
  return field == FLUO_FIELD_ANNOTATION || field == FLUO_FIELD_VERSION;
}
/* Where query and fragment of a URL begin, or its length. */
gsize fluo_url_plain_length (const char *url);

/* Thresholds: numbers and times that part A from B best. */
typedef struct
{
  double  at;
  guint   n[2];       /* from there on */
  double  difference; /* share of A from there on - share of B; 0: none found */
} FluoCut;

typedef struct
{
  double value;
  guint8 side;
} FluoCutPoint;

/* @n of each set lie from @at on: takes it when it parts them better. */
void fluo_cut_try  (FluoCut *self, double at, const guint n[2], const guint size[2]);
/* Sorts @points. @size are the sizes of the sets. */
void fluo_cut_find (GArray *points, const guint size[2], FluoCut *ret_cut);

G_END_DECLS
