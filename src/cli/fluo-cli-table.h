/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "core/fluo-status.h"

G_BEGIN_DECLS

/* A table on a terminal: columns as wide as their longest cell, cut to the terminal's width where
 * it is one. Cells are plain, safe text; a status gives a cell its colour when stdout is a terminal
 * that wants colours. A stack object. */
typedef struct
{
  const char *title;      /* translated */
  gboolean    right;      /* numbers */
  guint       shrink_to;  /* may be cut to this width; 0 = never */
} FluoCliColumn;

typedef struct
{
  const FluoCliColumn *columns; /* borrowed */
  guint                n_columns;
  GPtrArray           *cells;   /* char *, row after row */
  GArray              *marks;   /* int per cell: FluoStatus, or -1 */
} FluoCliTable;

void  fluo_cli_table_init  (FluoCliTable *self, const FluoCliColumn *columns, guint n_columns);
void  fluo_cli_table_clear (FluoCliTable *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FluoCliTable, fluo_cli_table_clear)
/* Takes @text. @status -1 leaves the cell plain. */
void  fluo_cli_table_add   (FluoCliTable *self, char *text, int status);
void  fluo_cli_table_print (const FluoCliTable *self);

/* Columns of the terminal that stdout is, or 0 when it is none: then nothing is cut. COLUMNS
 * overrides. */
guint fluo_cli_terminal_width  (void);
/* Width of safe text in terminal cells. */
guint fluo_cli_text_width      (const char *text);
/* At most @width cells, an ellipsis marks the cut. Newly allocated. */
char *fluo_cli_text_cut        (const char *text, guint width);
/* SGR codes that set a status' colour and bold, and end it; "" without colours. */
const char *fluo_cli_color_of  (int status);
const char *fluo_cli_bold      (void);
const char *fluo_cli_plain     (void);

G_END_DECLS
