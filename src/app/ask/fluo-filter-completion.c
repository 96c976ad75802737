/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-completion-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"
#include "filter/fluo-filter-edit.h"

/* Rows beyond are reached by typing on. */
#define ROWS_MAX 60
#define ROWS_SHOWN 8
#define ROW_PX 30
#define LIST_PX 340
#define LIST_MIN_PX 240
/* Its paddings and shadow, in a narrow window. */
#define MARGIN_PX 32
#define LETTERS_MIN 2

/* --- What is chosen ---------------------------------------------------------------------- */

static guint
get_index (FluoFilterCompletionList *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  return row ? (guint) gtk_list_box_row_get_index (row) : G_MAXUINT;
}

static const FluoFilterProposal *
get_selected (FluoFilterCompletionList *self)
{
  guint index = get_index (self);

  return self->completion && index < self->completion->proposals->len
             ? g_ptr_array_index (self->completion->proposals, index)
             : NULL;
}

static void
row_selected_cb (FluoFilterCompletionList *self)
{
  const FluoFilterProposal *proposal = get_selected (self);
  g_autofree char *spoken = NULL;

  if (!proposal)
    return;
  fluo_filter_completion_update_help (self, proposal);
  spoken = g_strdup_printf (_("%s, %u of %u"), proposal->label, get_index (self) + 1,
                            self->completion->proposals->len);
  gtk_label_set_text (self->spoken, spoken);
}

static void
select_index (FluoFilterCompletionList *self, guint index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, index);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (
      GTK_SCROLLED_WINDOW (self->scroller));
  double top = index * (double) ROW_PX;
  double value = gtk_adjustment_get_value (adjustment);
  double page = ROWS_SHOWN * (double) ROW_PX;

  gtk_list_box_select_row (self->list, row);
  if (top < value)
    gtk_adjustment_set_value (adjustment, top);
  else if (top + ROW_PX > value + page)
    gtk_adjustment_set_value (adjustment, top + ROW_PX - page);
}

/* --- Opening and closing ----------------------------------------------------------------- */

static gboolean
is_open (FluoFilterCompletionList *self)
{
  return self->popover && gtk_widget_get_visible (self->popover);
}

void
fluo_filter_completion_list_close (FluoFilterCompletionList *self)
{
  self->waiting = FALSE;
  if (!is_open (self))
    return;
  gtk_popover_popdown (GTK_POPOVER (self->popover));
  gtk_widget_set_visible (self->popover, FALSE);
  gtk_label_set_text (self->spoken, "");
  self->chosen = FALSE;
}

/* What occurs where the rest of the expression is true. */
static FluoFilterVocabulary *
get_vocabulary (FluoFilterCompletionList *self, const char *text, guint cursor)
{
  g_autoptr (FluoFilterDocument) document = fluo_filter_document_new (text, -1, NULL);
  g_autoptr (FluoFilter) rest = fluo_filter_document_dup_rest (document, cursor);
  g_autofree char *printed = rest ? fluo_filter_print (rest) : NULL;

  return fluo_explorer_get_vocabulary (self->explorer, printed, NULL);
}

static void
fill (FluoFilterCompletionList *self)
{
  GtkWidget *child;
  guint n = self->completion->proposals->len;
  g_autofree char *text = NULL;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))))
    gtk_list_box_remove (self->list, child);
  for (guint i = 0; i < n; i++)
    gtk_list_box_append (self->list, fluo_filter_completion_make_row (
                                         g_ptr_array_index (self->completion->proposals, i)));
  text = g_strdup_printf (_("%u of %u"), self->completion->n_matching,
                          MAX (self->completion->n_possible, self->completion->n_matching));
  gtk_label_set_text (self->foot, text);
  gtk_widget_set_size_request (self->scroller,
                               CLAMP (gtk_widget_get_width (self->parent) - MARGIN_PX, LIST_MIN_PX,
                                      LIST_PX),
                               MIN (n, ROWS_SHOWN) * ROW_PX);
}

static void
show (FluoFilterCompletionList *self)
{
  GdkRectangle place;

  /* A window that was not laid out yet lies on no monitor, for which GDK would look. */
  if (!gtk_widget_get_mapped (self->parent) || gtk_widget_get_width (self->parent) == 0)
    return;
  /* Under the beginning of what it replaces, so that it stays while that is typed. */
  self->host->get_place (
      self->data,
      ((FluoFilterProposal *) g_ptr_array_index (self->completion->proposals, 0))->range.start,
      &place);
  /* Text that is scrolled away has no place. */
  place.x = CLAMP (place.x, 0, MAX (gtk_widget_get_width (self->parent) - 1, 0));
  place.y = CLAMP (place.y, 0, MAX (gtk_widget_get_height (self->parent) - 1, 0));
  place.width = MAX (place.width, 1);
  place.height = MAX (place.height, 1);
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover), &place);
  if (!is_open (self))
    gtk_popover_popup (GTK_POPOVER (self->popover));
  else
    gtk_popover_present (GTK_POPOVER (self->popover));
}

/* What was typed of the word at the cursor, in letters. */
static guint
count_typed (const FluoFilterCompletion *completion, const char *text, guint cursor)
{
  const FluoFilterProposal *first = g_ptr_array_index (completion->proposals, 0);

  if (first->range.start >= cursor || first->range.start > strlen (text))
    return 0;
  return g_utf8_strlen (text + first->range.start, cursor - first->range.start);
}

/* Nothing but what stands there already. */
static gboolean
is_written (const FluoFilterCompletion *completion, const char *text)
{
  const FluoFilterProposal *only = g_ptr_array_index (completion->proposals, 0);
  gsize length = only->range.end - only->range.start;

  return completion->proposals->len == 1 && strlen (only->insert) == length
         && strncmp (only->insert, text + only->range.start, length) == 0;
}

static void
refresh (FluoFilterCompletionList *self, gboolean forced)
{
  guint cursor = 0;
  g_autofree char *text = self->host->dup_text (self->data, &cursor);
  FluoFilterVocabulary *vocabulary = get_vocabulary (self, text, cursor);
  g_autofree char *before = NULL;
  guint index = 0;

  if (self->chosen && get_selected (self))
    before = g_strdup (get_selected (self)->label);
  g_clear_pointer (&self->completion, fluo_filter_completion_free);
  self->completion = fluo_filter_complete (text, -1, cursor, vocabulary, ROWS_MAX);
  if (self->completion->proposals->len == 0 || is_written (self->completion, text)
      || (!forced && count_typed (self->completion, text, cursor) < LETTERS_MIN))
    {
      fluo_filter_completion_list_close (self);
      return;
    }
  fill (self);
  for (guint i = 0; before && i < self->completion->proposals->len; i++)
    if (g_str_equal (
            ((FluoFilterProposal *) g_ptr_array_index (self->completion->proposals, i))->label,
            before))
      index = i;
  if (index == 0)
    self->chosen = FALSE;
  select_index (self, index);
  show (self);
}

void
fluo_filter_completion_list_typed (FluoFilterCompletionList *self)
{
  if (self->inserting)
    return;
  refresh (self, FALSE);
  self->waiting = TRUE;
}

void
fluo_filter_completion_list_moved (FluoFilterCompletionList *self)
{
  guint cursor = 0;
  g_autofree char *text = NULL;
  const FluoFilterProposal *first;

  if (!is_open (self) || self->inserting)
    return;
  text = self->host->dup_text (self->data, &cursor);
  first = g_ptr_array_index (self->completion->proposals, 0);
  if (cursor < first->range.start || cursor > first->range.end)
    fluo_filter_completion_list_close (self);
}

static void
vocabulary_changed_cb (FluoExplorer *explorer, FluoFilterCompletionList *self)
{
  if (is_open (self))
    refresh (self, TRUE);
  else if (self->waiting && gtk_widget_get_mapped (self->parent))
    refresh (self, FALSE);
}

/* --- Inserting --------------------------------------------------------------------------- */

static void
insert_selected (FluoFilterCompletionList *self)
{
  const FluoFilterProposal *proposal = get_selected (self);
  FluoProposalKind kind;

  if (!proposal)
    return;
  kind = proposal->kind;
  fluo_filter_completion_list_close (self);
  if (kind == FLUO_PROPOSAL_TRACE)
    {
      g_autofree char *id = fluo_trace_id_to_string (&self->completion->trace);

      gtk_widget_activate_action (self->parent, "win.open-trace", "s", id);
      return;
    }
  self->inserting = TRUE;
  self->host->insert (self->data, proposal->range, proposal->insert, proposal->cursor);
  self->inserting = FALSE;
  /* A field is followed by its operators, and these by its values. */
  if (kind == FLUO_PROPOSAL_ANNOTATION || kind == FLUO_PROPOSAL_OPERATOR
      || kind == FLUO_PROPOSAL_FORM)
    refresh (self, TRUE);
}

static void
row_activated_cb (FluoFilterCompletionList *self)
{
  insert_selected (self);
}

static void
step (FluoFilterCompletionList *self, int by)
{
  int n = self->completion->proposals->len;
  int index = (int) get_index (self) + by;

  /* One step goes round, a page stops at the end. */
  if (by == 1 || by == -1)
    index = (index + n) % n;
  self->chosen = TRUE;
  select_index (self, CLAMP (index, 0, n - 1));
}

gboolean
fluo_filter_completion_list_key (FluoFilterCompletionList *self, guint keyval,
                                 GdkModifierType held)
{
  if (keyval == GDK_KEY_space && held == GDK_CONTROL_MASK)
    {
      refresh (self, TRUE);
      return TRUE;
    }
  if (!is_open (self) || held != 0)
    return FALSE;
  switch (keyval)
    {
    case GDK_KEY_Up:
    case GDK_KEY_KP_Up:
      step (self, -1);
      return TRUE;
    case GDK_KEY_Down:
    case GDK_KEY_KP_Down:
      step (self, 1);
      return TRUE;
    case GDK_KEY_Page_Up:
      step (self, -ROWS_SHOWN);
      return TRUE;
    case GDK_KEY_Page_Down:
      step (self, ROWS_SHOWN);
      return TRUE;
    case GDK_KEY_Tab:
    case GDK_KEY_KP_Tab:
      insert_selected (self);
      return TRUE;
    case GDK_KEY_Return:
    case GDK_KEY_KP_Enter:
      if (!self->chosen)
        {
          fluo_filter_completion_list_close (self);
          return FALSE;
        }
      insert_selected (self);
      return TRUE;
    case GDK_KEY_Escape:
      fluo_filter_completion_list_close (self);
      return TRUE;
    default:
      return FALSE;
    }
}

FluoFilterCompletionList *
fluo_filter_completion_list_new (GtkWidget *parent, FluoExplorer *explorer,
                                 const FluoCompletionHost *host, gpointer data)
{
  FluoFilterCompletionList *self = g_new0 (FluoFilterCompletionList, 1);
  /* A box would ask its children how wide they are at its height, for which the help thinks of its
   * text as one line; a grid goes by their widths alone. */
  GtkWidget *grid = gtk_grid_new ();

  self->parent = parent;
  self->explorer = g_object_ref (explorer);
  self->host = host;
  self->data = data;
  self->popover = gtk_popover_new ();
  gtk_widget_add_css_class (self->popover, "completion");
  gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_autohide (GTK_POPOVER (self->popover), FALSE);
  gtk_popover_set_position (GTK_POPOVER (self->popover), GTK_POS_BOTTOM);
  gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
  gtk_widget_set_can_focus (self->popover, FALSE);
  gtk_grid_attach (GTK_GRID (grid), fluo_filter_completion_make_list (self), 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), fluo_filter_completion_make_help (self), 1, 0, 1, 1);
  g_signal_connect_swapped (self->list, "selected-rows-changed", G_CALLBACK (row_selected_cb),
                            self);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  self->spoken = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "accessible-role",
                                          GTK_ACCESSIBLE_ROLE_STATUS, "visible", FALSE, NULL));
  gtk_grid_attach (GTK_GRID (grid), GTK_WIDGET (self->spoken), 2, 0, 1, 1);
  gtk_popover_set_child (GTK_POPOVER (self->popover), grid);
  gtk_widget_set_parent (self->popover, parent);
  g_signal_connect (explorer, "vocabulary-changed", G_CALLBACK (vocabulary_changed_cb), self);
  return self;
}

void
fluo_filter_completion_list_free (FluoFilterCompletionList *self)
{
  g_signal_handlers_disconnect_by_data (self->explorer, self);
  g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_pointer (&self->completion, fluo_filter_completion_free);
  g_object_unref (self->explorer);
  g_free (self);
}
