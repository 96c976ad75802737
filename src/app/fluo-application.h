/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "app/connect/fluo-collector.h"

G_BEGIN_DECLS

/* The program: one process for all windows, and the collector they share. */
#define FLUO_TYPE_APPLICATION (fluo_application_get_type ())
G_DECLARE_FINAL_TYPE (FluoApplication, fluo_application, FLUO, APPLICATION, AdwApplication)

FluoApplication *fluo_application_new           (void);
/* Monotonic µs at which the process began, for --quit-after-first-frame. */
void             fluo_application_set_start     (FluoApplication *self, gint64 start_usec);

G_END_DECLS
