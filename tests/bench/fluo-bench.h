/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* fluo-bench [--json] [SECTION…]: figures of the libraries, a line each. A file adds a section by
 * defining a function and naming it in the table of fluo-bench.c. */

#define FLUO_BENCH_RUNS 7 /* at least 5, odd: the median is one of them */

typedef struct _FluoBench FluoBench;

typedef struct
{
  const char *name;
  void      (*func) (FluoBench *bench);
  gboolean    on_demand; /* runs only when it is named */
} FluoBenchSection;

/* What is measured: called once per run, returns the figure in its unit. */
typedef double (*FluoBenchFunc) (gpointer data);

/* Runs @func FLUO_BENCH_RUNS times after one run that does not count and reports median, min and
 * max. @name is "section/figure". Returns the median, for use as another figure's base. */
double fluo_bench_run (FluoBench *bench, const char *name, const char *unit, FluoBenchFunc func,
                       gpointer data);
/* Like it, and reports beside it median / @base under @base_name: machines differ, ratios of one
 * run less. */
double fluo_bench_run_vs (FluoBench *bench, const char *name, const char *unit, FluoBenchFunc func,
                          gpointer data, double base, const char *base_name);
/* Reports values measured elsewhere. @base 0: the figure is only compared with itself. */
double fluo_bench_figure (FluoBench *bench, const char *name, const char *unit,
                          const double *values, guint n, double base, const char *base_name);
/* Monotonic seconds. */
double  fluo_bench_now    (void);
/* Milliseconds of this thread's work: what other programs do meanwhile is not part of it. */
double  fluo_bench_work_ms (void);
/* The same of all threads of this process. */
double  fluo_bench_process_ms (void);

/* Sections. */
void    fluo_bench_core   (FluoBench *bench);
void    fluo_bench_filter (FluoBench *bench);
void    fluo_bench_graph  (FluoBench *bench);
void    fluo_bench_layout (FluoBench *bench);
void    fluo_bench_layout_1000 (FluoBench *bench);
void    fluo_bench_map    (FluoBench *bench);
void    fluo_bench_intake (FluoBench *bench);
void    fluo_bench_udp_60 (FluoBench *bench);
void    fluo_bench_otlp   (FluoBench *bench);
void    fluo_bench_reading (FluoBench *bench);
void    fluo_bench_store  (FluoBench *bench);
void    fluo_bench_store_asked (FluoBench *bench);
void    fluo_bench_store_1m (FluoBench *bench);
void    fluo_bench_store_1m_random (FluoBench *bench);
void    fluo_bench_traces (FluoBench *bench);
void    fluo_bench_turns  (FluoBench *bench);
void    fluo_bench_waterfall (FluoBench *bench);
void    fluo_bench_programs (FluoBench *bench);

G_END_DECLS
