/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/fluo-cli-table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP "  "
#define GAP_WIDTH 2
#define TERMINAL_WIDTH_MAX 1000

guint
fluo_cli_terminal_width (void)
{
  const char *columns = g_getenv ("COLUMNS");
  struct winsize size;

  if (columns != NULL)
    {
      guint64 width;

      if (g_ascii_string_to_unsigned (columns, 10, 20, TERMINAL_WIDTH_MAX, &width, NULL))
        return (guint) width;
    }
  if (isatty (STDOUT_FILENO) && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 0;
}

static gboolean
wants_color (void)
{
  static gsize known = 0;
  static gboolean wanted;

  if (g_once_init_enter (&known))
    {
      const char *refusal = g_getenv ("NO_COLOR");

      wanted = isatty (STDOUT_FILENO) && (refusal == NULL || *refusal == '\0')
               && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
      g_once_init_leave (&known, 1);
    }
  return wanted;
}

const char *
fluo_cli_color_of (int status)
{
  if (!wants_color ())
    return "";
  switch (status)
    {
    case FLUO_STATUS_FAULT:
      return "\033[31m";
    case FLUO_STATUS_ERROR:
      return "\033[33m";
    case FLUO_STATUS_THROTTLE:
      return "\033[35m";
    case FLUO_STATUS_RUNNING:
      return "\033[34m";
    case FLUO_STATUS_OK:
      return "\033[32m";
    default:
      return "";
    }
}

const char *
fluo_cli_bold (void)
{
  return wants_color () ? "\033[1m" : "";
}

const char *
fluo_cli_plain (void)
{
  return wants_color () ? "\033[0m" : "";
}

static guint
char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

guint
fluo_cli_text_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += char_width (g_utf8_get_char (p));
  return width;
}

char *
fluo_cli_text_cut (const char *text, guint width)
{
  const char *p;
  guint used = 0;

  if (fluo_cli_text_width (text) <= width)
    return g_strdup (text);
  for (p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      guint step = char_width (g_utf8_get_char (p));

      if (used + step + 1 > width)
        break;
      used += step;
    }
  return g_strdup_printf ("%.*s…", (int) (p - text), text);
}

void
fluo_cli_table_init (FluoCliTable *self, const FluoCliColumn *columns, guint n_columns)
{
  self->columns = columns;
  self->n_columns = n_columns;
  self->cells = g_ptr_array_new_with_free_func (g_free);
  self->marks = g_array_new (FALSE, FALSE, sizeof (int));
}

void
fluo_cli_table_clear (FluoCliTable *self)
{
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_clear_pointer (&self->marks, g_array_unref);
}

void
fluo_cli_table_add (FluoCliTable *self, char *text, int status)
{
  g_ptr_array_add (self->cells, text);
  g_array_append_val (self->marks, status);
}

/* Takes what is too much from the columns that allow it, always from the one that has most to
 * give. */
static void
fit_widths (const FluoCliTable *self, guint *widths, guint available)
{
  guint total = GAP_WIDTH * (self->n_columns - 1);

  for (guint i = 0; i < self->n_columns; i++)
    total += widths[i];
  while (total > available)
    {
      guint best = self->n_columns, best_spare = 0;

      for (guint i = 0; i < self->n_columns; i++)
        {
          guint keep = self->columns[i].shrink_to;

          if (keep > 0 && widths[i] > keep && widths[i] - keep > best_spare)
            {
              best = i;
              best_spare = widths[i] - keep;
            }
        }
      if (best == self->n_columns)
        return;
      widths[best]--;
      total--;
    }
}

static void
end_row (GString *out)
{
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_c (out, '\n');
}

static void
append_cell (const FluoCliTable *self, GString *out, guint column, const char *text, guint width,
             int status, gboolean bold)
{
  g_autofree char *cut = fluo_cli_text_cut (text, width);
  guint pad = width - MIN (width, fluo_cli_text_width (cut));
  const char *color = bold ? fluo_cli_bold () : status >= 0 ? fluo_cli_color_of (status) : "";

  if (column > 0)
    g_string_append (out, GAP);
  if (self->columns[column].right)
    g_string_append_printf (out, "%*s", (int) pad, "");
  g_string_append (out, color);
  g_string_append (out, cut);
  if (*color != '\0')
    g_string_append (out, fluo_cli_plain ());
  if (!self->columns[column].right && column + 1 < self->n_columns)
    g_string_append_printf (out, "%*s", (int) pad, "");
}

void
fluo_cli_table_print (const FluoCliTable *self)
{
  g_autofree guint *widths = g_new0 (guint, self->n_columns);
  g_autoptr (GString) out = g_string_new (NULL);
  guint available = fluo_cli_terminal_width ();

  for (guint i = 0; i < self->n_columns; i++)
    widths[i] = fluo_cli_text_width (self->columns[i].title);
  for (guint i = 0; i < self->cells->len; i++)
    {
      guint column = i % self->n_columns;

      widths[column] =
        MAX (widths[column], fluo_cli_text_width (g_ptr_array_index (self->cells, i)));
    }
  if (available > 0)
    fit_widths (self, widths, available);

  for (guint i = 0; i < self->n_columns; i++)
    append_cell (self, out, i, self->columns[i].title, widths[i], -1, TRUE);
  end_row (out);
  for (guint i = 0; i < self->cells->len; i++)
    {
      guint column = i % self->n_columns;

      append_cell (self, out, column, g_ptr_array_index (self->cells, i), widths[column],
                   g_array_index (self->marks, int, i), FALSE);
      if (column + 1 == self->n_columns)
        end_row (out);
    }
  g_print ("%s", out->str);
}
