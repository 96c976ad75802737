/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fluo-config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "fluo-filter-ast.h"

/* Trees and what is said about them. */

static void
diagnostic_free (gpointer data)
{
  FluoFilterDiagnostic *self = data;

  g_free (self->message);
  g_free (self->fix);
  g_free (self->action);
  g_free (self);
}

FluoFilterTree *
fluo_filter_tree_alloc (void)
{
  FluoFilterTree *self = g_new0 (FluoFilterTree, 1);

  self->nodes = g_array_new (FALSE, FALSE, sizeof (FluoFilterNode));
  self->diagnostics = g_ptr_array_new_with_free_func (diagnostic_free);
  self->strings = g_string_chunk_new (256);
  self->root = FLUO_NODE_NONE;
  return self;
}

void
fluo_filter_tree_free (FluoFilterTree *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->nodes->len; i++)
    g_clear_pointer (&fluo_filter_tree_get (self, i)->json, fluo_json_tape_free);
  g_array_unref (self->nodes);
  g_ptr_array_unref (self->diagnostics);
  g_string_chunk_free (self->strings);
  g_free (self);
}

const char *
fluo_filter_tree_shorten (FluoFilterTree *self, const char *text, gsize length)
{
  gsize cut = length;

  if (length > 60)
    for (cut = 60; cut > 0 && ((guint8) text[cut] & 0xc0) == 0x80; cut--)
      ;
  return g_string_chunk_insert_len (self->strings, text, (gssize) cut);
}

static char *
dup_action (const char *fix)
{
  g_autofree char *word = NULL;

  if (!fix)
    return NULL;
  if (*fix == '\0')
    return g_strdup (_("Take it away"));
  if (strlen (fix) > 40)
    return g_strdup (_("Write it so"));
  word = g_strstrip (g_strdup (fix));
  return g_strdup_printf (_("Write %s"), word);
}

void
fluo_filter_tree_set_fix (FluoFilterTree *self, FluoFilterRange range, const char *fix)
{
  FluoFilterDiagnostic *last;

  if (self->diagnostics->len == 0)
    return;
  last = g_ptr_array_index (self->diagnostics, self->diagnostics->len - 1);
  last->fix_range = range;
  g_free (last->fix);
  last->fix = g_strdup (fix);
  g_free (last->action);
  last->action = dup_action (fix);
}

void
fluo_filter_tree_set_action (FluoFilterTree *self, const char *action)
{
  FluoFilterDiagnostic *last;

  if (self->diagnostics->len == 0)
    return;
  last = g_ptr_array_index (self->diagnostics, self->diagnostics->len - 1);
  g_free (last->action);
  last->action = g_strdup (action);
}

void
fluo_filter_tree_complain (FluoFilterTree *self, FluoFilterError code, FluoFilterRange range,
                           FluoFilterRange fix_range, const char *fix, const char *format, ...)
{
  FluoFilterDiagnostic *diagnostic;
  va_list args;

  if (self->diagnostics->len >= FLUO_FILTER_DIAGNOSTICS_MAX)
    return;
  diagnostic = g_new0 (FluoFilterDiagnostic, 1);
  diagnostic->unfinished = code == FLUO_FILTER_ERROR_UNFINISHED;
  diagnostic->code = diagnostic->unfinished ? FLUO_FILTER_ERROR_SYNTAX : code;
  diagnostic->range = range;
  diagnostic->fix_range = fix_range;
  diagnostic->fix = g_strdup (fix);
  diagnostic->action = dup_action (fix);
  va_start (args, format);
  diagnostic->message = g_strdup_vprintf (format, args);
  va_end (args);
  g_ptr_array_add (self->diagnostics, diagnostic);
}

gboolean
fluo_filter_tree_set_error (const FluoFilterTree *self, guint *ret_offset, GError **error)
{
  const FluoFilterDiagnostic *first;

  if (self->diagnostics->len == 0)
    return FALSE;
  first = g_ptr_array_index (self->diagnostics, 0);
  if (ret_offset)
    *ret_offset = first->range.start;
  g_set_error_literal (error, FLUO_FILTER_ERROR, first->code, first->message);
  return TRUE;
}

guint32 *
fluo_filter_tree_list_conditions (const FluoFilterTree *self, guint *ret_n)
{
  guint32 *list = g_new (guint32, self->nodes->len + 1);
  const FluoFilterNode *root;

  *ret_n = 0;
  if (self->root == FLUO_NODE_NONE)
    return list;
  root = fluo_filter_tree_get (self, self->root);
  if (root->kind != FLUO_NODE_AND)
    list[(*ret_n)++] = self->root;
  else
    for (guint32 c = root->first_child; c != FLUO_NODE_NONE;
         c = fluo_filter_tree_get (self, c)->next)
      list[(*ret_n)++] = c;
  return list;
}
