/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Forward declarations of every type of the core, so that headers never include each other in a
 * circle. */
typedef struct _FluoHistogram    FluoHistogram;
typedef struct _FluoTrace        FluoTrace;
typedef struct _FluoTraceBuilder FluoTraceBuilder;
typedef struct _FluoTraceSummary FluoTraceSummary;
typedef struct _FluoSentence     FluoSentence;

G_END_DECLS
