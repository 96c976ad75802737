/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "local/store/fluo-ingest.h"

G_BEGIN_DECLS

/* A thread beside the writer that assembles traces while many come. It owns an assembly from when
 * it is handed over until it is taken back, and sees nothing else. All calls are the writer's. */
typedef struct _FluoAssembler FluoAssembler;

/* [assembler] @done is called when some can be taken back. */
FluoAssembler *fluo_assembler_new  (void (*done) (gpointer data), gpointer data);
/* Frees what was not taken back. */
void           fluo_assembler_free (FluoAssembler *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoAssembler, fluo_assembler_free)
/* Takes all of @assemblies, and begins the thread when there is none. */
void           fluo_assembler_push (FluoAssembler *self, GQueue *assemblies);
/* Appends those that are ready. */
void           fluo_assembler_take (FluoAssembler *self, GQueue *ret_assemblies);
/* Those that were handed over and not taken back. */
guint          fluo_assembler_get_n (FluoAssembler *self);
/* Ends the thread, with the memory that belongs to it, until there is something to do again. */
void           fluo_assembler_rest (FluoAssembler *self);

G_END_DECLS
