/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "fluo-test-util.h"

G_BEGIN_DECLS

/* Keys and mouse of the X server, by xdotool: accelerators, focus, gestures and event controllers
 * all take part. The keyboard is one, so such tests run alone. */

#define REAL_PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* There is an X server, and xdotool. */
gboolean real_input_is_there  (void);
/* fake_ui_init_home(), and NULL too when real_input_is_there() says so. */
char    *real_input_init_home (int *argc, char ***argv) G_GNUC_WARN_UNUSED_RESULT;
/* Gives the keyboard to a window: without a window manager nobody else does. Returns when it is
 * active. */
void     real_focus           (GtkWindow *window);
/* "ctrl+l", "Return". */
void     real_press           (const char *keys);
/* Presses them again until @reached: a server under load may lose a synthetic key. One that arrives
 * is never answered that late. */
void     real_press_until     (const char *keys, gboolean (*reached) (gpointer), gpointer data);
/* Letter by letter; what comes of it has to be waited for. */
void     real_type            (const char *text);
/* Until what was just shown is in its place, where it can be pointed at. */
void     real_settle          (GtkWidget *widget);
/* @x and @y are the widget's. */
void     real_point           (GtkWidget *widget, double x, double y);
void     real_click           (GtkWidget *widget, double x, double y, guint button);
/* In the middle of what is mapped, until @reached. */
void     real_click_until     (GtkWidget *widget, gboolean (*reached) (gpointer), gpointer data);
/* Button 1 goes down at the first place and is held at the second. */
void     real_drag            (GtkWidget *widget, double x1, double y1, double x2, double y2);
void     real_drop_until      (gboolean (*reached) (gpointer), gpointer data);

G_END_DECLS
