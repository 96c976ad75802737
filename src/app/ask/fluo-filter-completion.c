/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-filter-completion.h"

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
#define HELP_PX 260
/* Under this there is no room for the help beside the list. */
#define HELP_MIN_PX 700
#define LETTERS_MIN 2

struct _FluoFilterCompletionList
{
  GtkWidget *parent;
  FluoExplorer *explorer;
  const FluoCompletionHost *host;
  gpointer data;

  GtkWidget *popover;
  GtkWidget *scroller;
  GtkListBox *list;
  GtkLabel *foot;
  GtkWidget *help;
  GtkLabel *title;
  GtkLabel *text;
  GtkWidget *values; /* a grid */
  GtkLabel *values_title;
  GtkLabel *spoken;

  FluoFilterCompletion *completion;
  gboolean chosen; /* by hand: then Enter inserts */
  gboolean inserting;
  gboolean waiting; /* something was typed; more may be known of it soon */
};

/* --- Rows -------------------------------------------------------------------------------- */

static const char *
kind_icon (FluoProposalKind kind)
{
  switch (kind)
    {
    case FLUO_PROPOSAL_ANNOTATION:
    case FLUO_PROPOSAL_VALUE:
      return "fluoroscope-tag-symbolic";
    case FLUO_PROPOSAL_SERVICE:
      return "fluoroscope-kind-container-symbolic";
    case FLUO_PROPOSAL_FORM:
      return "fluoroscope-route-symbolic";
    case FLUO_PROPOSAL_CONDITION:
      return "fluoroscope-filter-symbolic";
    case FLUO_PROPOSAL_TRACE:
      return "fluoroscope-waterfall-symbolic";
    case FLUO_PROPOSAL_KEYWORD:
    case FLUO_PROPOSAL_OPERATOR:
    case FLUO_PROPOSAL_JOIN:
    default:
      return "fluoroscope-kind-code-symbolic";
    }
}

static PangoAttrList *
make_match (const FluoFilterProposal *proposal)
{
  PangoAttrList *list = pango_attr_list_new ();
  PangoAttribute *bold = pango_attr_weight_new (PANGO_WEIGHT_BOLD);

  bold->start_index = proposal->match.start;
  bold->end_index = proposal->match.end;
  pango_attr_list_insert (list, bold);
  return list;
}

static GtkWidget *
make_row (const FluoFilterProposal *proposal)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *icon = gtk_image_new_from_icon_name (kind_icon (proposal->kind));
  GtkWidget *label = gtk_label_new (proposal->label);
  GtkWidget *type = gtk_label_new (proposal->type);
  GtkWidget *count = gtk_label_new (NULL);
  g_autoptr (PangoAttrList) match = make_match (proposal);
  g_autofree char *number = proposal->count >= 0 ? fluo_format_count (proposal->count) : NULL;
  g_autofree char *spoken = g_strdup_printf (
      "%s%s%s%s%s", proposal->label, proposal->type ? ", " : "",
      proposal->type ? proposal->type : "", number ? ", " : "", number ? number : "");

  gtk_image_set_pixel_size (GTK_IMAGE (icon), 14);
  gtk_widget_add_css_class (icon, "faint");
  gtk_widget_add_css_class (label, "monospace");
  gtk_label_set_attributes (GTK_LABEL (label), match);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (type, "caption");
  gtk_widget_add_css_class (type, "faint");
  gtk_widget_add_css_class (count, "caption");
  gtk_widget_add_css_class (count, "numeric");
  gtk_label_set_text (GTK_LABEL (count), number ? number : "");
  gtk_label_set_width_chars (GTK_LABEL (count), number ? 6 : 0);
  gtk_label_set_xalign (GTK_LABEL (count), 1);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), type);
  gtk_box_append (GTK_BOX (box), count);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
  return row;
}

/* --- Help beside the list ---------------------------------------------------------------- */

static void
add_value (FluoFilterCompletionList *self, const FluoProposalValue *value, gint64 most, int line)
{
  GtkGrid *grid = GTK_GRID (self->values);
  GtkWidget *name = gtk_label_new (value->text);
  GtkWidget *bar = gtk_level_bar_new_for_interval (0, MAX (most, 1));
  g_autofree char *number = fluo_format_count (MAX (value->count, 0));
  GtkWidget *count = gtk_label_new (number);

  gtk_widget_add_css_class (name, "monospace");
  gtk_widget_add_css_class (name, "caption");
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (name), 14);
  gtk_level_bar_set_value (GTK_LEVEL_BAR (bar), MAX (value->count, 0));
  gtk_widget_add_css_class (bar, "value-bar");
  gtk_widget_set_hexpand (bar, TRUE);
  gtk_widget_set_valign (bar, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (count, "caption");
  gtk_widget_add_css_class (count, "numeric");
  gtk_label_set_xalign (GTK_LABEL (count), 1);
  gtk_grid_attach (grid, name, 0, line, 1, 1);
  gtk_grid_attach (grid, bar, 1, line, 1, 1);
  gtk_grid_attach (grid, count, 2, line, 1, 1);
}

static void
update_help (FluoFilterCompletionList *self, const FluoFilterProposal *proposal)
{
  gboolean room = gtk_widget_get_width (GTK_WIDGET (gtk_widget_get_root (self->parent)))
                  >= HELP_MIN_PX;
  GtkWidget *child;
  gint64 most = 0;

  gtk_widget_set_visible (self->help, room && (proposal->help || proposal->n_values > 0));
  gtk_label_set_text (self->title, proposal->label);
  gtk_label_set_text (self->text, proposal->help ? proposal->help : "");
  gtk_widget_set_visible (GTK_WIDGET (self->text), proposal->help != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->values_title), proposal->n_values > 0);
  while ((child = gtk_widget_get_first_child (self->values)))
    gtk_grid_remove (GTK_GRID (self->values), child);
  for (guint i = 0; i < proposal->n_values; i++)
    most = MAX (most, proposal->values[i].count);
  for (guint i = 0; i < proposal->n_values; i++)
    add_value (self, &proposal->values[i], most, i);
}

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
  update_help (self, proposal);
  spoken = g_strdup_printf (_ ("%s, %u of %u"), proposal->label, get_index (self) + 1,
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

gboolean
fluo_filter_completion_list_is_open (FluoFilterCompletionList *self)
{
  return self->popover && gtk_widget_get_visible (self->popover);
}

void
fluo_filter_completion_list_close (FluoFilterCompletionList *self)
{
  self->waiting = FALSE;
  if (!fluo_filter_completion_list_is_open (self))
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
    gtk_list_box_append (self->list, make_row (g_ptr_array_index (self->completion->proposals, i)));
  text = g_strdup_printf (_ ("%u of %u"), self->completion->n_matching,
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
  if (!fluo_filter_completion_list_is_open (self))
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

  if (!fluo_filter_completion_list_is_open (self) || self->inserting)
    return;
  text = self->host->dup_text (self->data, &cursor);
  first = g_ptr_array_index (self->completion->proposals, 0);
  if (cursor < first->range.start || cursor > first->range.end)
    fluo_filter_completion_list_close (self);
}

static void
vocabulary_changed_cb (FluoExplorer *explorer, FluoFilterCompletionList *self)
{
  if (fluo_filter_completion_list_is_open (self))
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
  if (!fluo_filter_completion_list_is_open (self) || held != 0)
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

/* --- Layout ------------------------------------------------------------------------------ */

static GtkWidget *
make_key (const char *key)
{
  GtkWidget *label = gtk_label_new (key);

  gtk_widget_add_css_class (label, "key-cap");
  return label;
}

static GtkWidget *
make_foot (FluoFilterCompletionList *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_add_css_class (foot, "completion-foot");
  gtk_box_append (GTK_BOX (foot), make_key (_ ("Tab")));
  gtk_box_append (GTK_BOX (foot), gtk_label_new (_ ("insert")));
  gtk_box_append (GTK_BOX (foot), make_key (_ ("Esc")));
  gtk_box_append (GTK_BOX (foot), gtk_label_new (_ ("close")));
  self->foot = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->foot, 1);
  gtk_widget_set_hexpand (GTK_WIDGET (self->foot), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->foot), "numeric");
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->foot));
  return foot;
}

static GtkWidget *
make_list (FluoFilterCompletionList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_widget_set_focusable (GTK_WIDGET (self->list), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What can be written here"), -1);
  g_signal_connect_swapped (self->list, "selected-rows-changed", G_CALLBACK (row_selected_cb),
                            self);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_box_append (GTK_BOX (box), self->scroller);
  gtk_box_append (GTK_BOX (box), make_foot (self));
  return box;
}

static GtkWidget *
make_help (FluoFilterCompletionList *self)
{
  GtkWidget *help = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  self->help = help;
  gtk_widget_add_css_class (help, "completion-help");
  gtk_widget_set_size_request (help, HELP_PX, -1);
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_MIDDLE);
  /* No text makes the help wider than it is: it would be cut at the popover's edge. */
  gtk_label_set_max_width_chars (self->title, 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "monospace");
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "strong");
  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_wrap (self->text, TRUE);
  gtk_label_set_max_width_chars (self->text, 1);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "dense");
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "dim-label");
  self->values_title = GTK_LABEL (gtk_label_new (_ ("Values")));
  gtk_label_set_xalign (self->values_title, 0);
  gtk_widget_set_margin_top (GTK_WIDGET (self->values_title), 7);
  gtk_widget_add_css_class (GTK_WIDGET (self->values_title), "caption-heading");
  self->values = gtk_grid_new ();
  gtk_grid_set_column_spacing (GTK_GRID (self->values), 8);
  gtk_grid_set_row_spacing (GTK_GRID (self->values), 6);
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (help), GTK_WIDGET (self->values_title));
  gtk_box_append (GTK_BOX (help), self->values);
  return help;
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
  gtk_grid_attach (GTK_GRID (grid), make_list (self), 0, 0, 1, 1);
  gtk_grid_attach (GTK_GRID (grid), make_help (self), 1, 0, 1, 1);
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
