/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "demo/fluo-demo-plan.h"

G_BEGIN_DECLS

/* Writes every segment of @plan as an X-Ray document: char *, in the order of the segments' start.
 * Private to the demo. */
GPtrArray *fluo_demo_plan_dup_documents (const FluoDemoPlan *plan);

G_END_DECLS
