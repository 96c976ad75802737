/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/fluo-window.h"

G_BEGIN_DECLS

/* Preferences; what they say about stored data is of @window's connection. */
GtkWidget *fluo_preferences_new (FluoWindow *window);

G_END_DECLS
