/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Whether something holds up the main thread. What a turn of the main loop takes of the processor
 * is compared with what this thread takes, in the same run, for work that must never be done on it:
 * reading a trace of half a million spans. Slow machines and busy ones pass as fast ones do. Work
 * is seen, waiting is not. */

#define UI_WATCHDOG_N_SPANS 500000

typedef struct
{
  double limit_ms; /* most of that work; 150 ms where it takes 200 */
  double worst_ms; /* of what was watched since the last ui_watchdog_reset() */
} UiWatchdog;

/* That trace, an array of documents in a file in @dir. */
GFile   *ui_watchdog_write (const char *dir) G_GNUC_WARN_UNUSED_RESULT;
void     ui_watchdog_init  (UiWatchdog *self);
void     ui_watchdog_reset (UiWatchdog *self);
/* One turn of the main loop. */
void     ui_watchdog_turn  (UiWatchdog *self);
/* Whether nothing took longer than it may; tells what the longest took. */
gboolean ui_watchdog_check (UiWatchdog *self, const char *what);

/* Something a user does in @window, and the frames after it, until @reached (may be NULL). What the
 * longest of that took. */
double   ui_watchdog_act   (UiWatchdog *self, GtkWidget *window, void (*act) (gpointer),
                            gboolean (*reached) (gpointer), gpointer data);
/* Does it; @back is its opposite, to be able to do it again. What holds a thread up does so every
 * time, caches that other programs emptied do not: the best of a few counts. */
void     ui_watchdog_watch (UiWatchdog *self, const char *what, GtkWidget *window,
                            void (*act) (gpointer), void (*back) (gpointer),
                            gboolean (*reached) (gpointer), gpointer data);

G_END_DECLS
