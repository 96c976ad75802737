/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-explorer.h"
#include "app/fluo-pages.h"
#include "app/traces/fluo-traces-page.h"
#include "fake-xray.h"
#include "fluo-test-util.h"

G_BEGIN_DECLS

/* A Traces page over the Petshop's traces, alone in a window. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  GtkWidget *window;
  FluoTracesPage *page;
  char *opened; /* the id that was asked to be opened last */
  guint n_opened;
} TracesFixture;

/* @data is how many traces there are, as a pointer; NULL: 60. Returns when all are in the list. */
void              traces_set_up        (TracesFixture *self, gconstpointer data);
void              traces_tear_down     (TracesFixture *self, gconstpointer data);
FluoTraceSummary *traces_row_at        (TracesFixture *self, guint position); /* borrowed */
guint             traces_n_rows        (TracesFixture *self);
/* The header of that column is clicked: largest first. */
void              traces_click_header  (TracesFixture *self, const char *title);
/* How many traces took @from_ns or more, counted one by one. */
guint             traces_count_slow    (TracesFixture *self, gint64 from_ns);
gint64            traces_get_middle_ns (TracesFixture *self);

/* To wait for: the list has all traces; all are read; the filter is answered and shown; new ones
 * wait behind the pill. */
gboolean          traces_are_all       (gpointer data);
gboolean          traces_are_settled   (gpointer data);
gboolean          traces_are_answered  (gpointer data);
gboolean          traces_pill_shows    (gpointer data);

G_END_DECLS
