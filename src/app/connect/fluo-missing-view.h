/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws/fluo-xray-missing.h"
#include "core/fluo-time-span.h"

G_BEGIN_DECLS

/* A box with what the collector found, one card a reason. Borrows @report only while it is made.
 * @span is the range on screen: when it leaves the trace out, that is the first reason. */
GtkWidget *fluo_missing_view_new (const FluoMissingReport *report, FluoTimeSpan span);
/* The same as text, to send to somebody. Newly allocated. */
char *fluo_missing_view_dup_text (const FluoMissingReport *report);
/* A card alone. @advice and @more (its lowest part, taken) may be NULL. */
GtkWidget *fluo_missing_view_make_card (FluoFindingLevel level, const char *title,
                                        const char *text, const char *advice, GtkWidget *more);

G_END_DECLS
