/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define FLUO_RESOURCE_PATH "/io/github/fluoroscope/Fluoroscope"

/* Registers the built-in style sheets and icons; may be called often. The application class loads
 * them into the display by itself. */
void fluo_app_register_resources (void);
/* For programs without an AdwApplication (tests): registers, then adds the icons and the style to
 * @display. */
void fluo_app_load_resources     (GdkDisplay *display);

G_END_DECLS
