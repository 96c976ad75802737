/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-admin-sampling-private.h"

#include <string.h>

#include <glib/gi18n.h>

#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"
#include "fluo-admin-dialog.h"
#include "fluo-admin-parts.h"
#include "fluo-admin-rule-dialog.h"
#include "fluo-admin-simulator.h"
#include "fluo-admin-trend.h"

/* Programs tell of their requests this often. */
#define POLL_INTERVAL_S 10
#define WIDTH_MIN_PX 300
/* Under these the table leaves columns out. */
#define FOLD_COUNTS_PX 830
#define FOLD_NUMBERS_PX 560
#define PRIORITY_NEW 1000
#define PRIORITY_STEP 10

/* The widths are those of the heads too. */
static const int widths_px[FLUO_SAMPLING_N_COLUMNS] = { 66, 50, 66, 66, 66, 120 };

#define PRIORITY_WIDTH_PX 66
#define ACTIONS_WIDTH_PX 86
#define TREND_HEIGHT_PX 24
#define TREND_MARGIN_PX 12

G_DEFINE_FINAL_TYPE (FluoAdminSampling, fluo_admin_sampling, FLUO_TYPE_ADMIN_PANE)

static const FluoSetting settings[] = { FLUO_SETTING_RULES, FLUO_SETTING_COUNTS };

static void
row_free (gpointer data)
{
  FluoSamplingRow *self = data;

  fluo_sampling_rule_unref (self->rule);
  g_free (self);
}

static FluoAdminWindow *
get_admin (FluoAdminSampling *self)
{
  return fluo_admin_pane_get_admin (FLUO_ADMIN_PANE (self));
}

/* --- What is done with a rule ------------------------------------------------------------ */

static void
edit (FluoAdminSampling *self, const FluoSamplingRow *row)
{
  if (fluo_admin_pane_may_change (FLUO_ADMIN_PANE (self)))
    fluo_admin_rule_dialog_present (get_admin (self), row->rule, TRUE);
}

static void
edit_cb (FluoAdminSampling *self, GtkButton *button)
{
  edit (self, fluo_sampling_row_of (GTK_WIDGET (button)));
}

static void
activated_cb (FluoAdminSampling *self, GtkListBoxRow *row)
{
  edit (self, fluo_sampling_row_of (GTK_WIDGET (row)));
}

static void
remove_cb (FluoAdminSampling *self, GtkButton *button)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_xray_change_unref);

  g_ptr_array_add (changes,
                   fluo_xray_change_rule (fluo_sampling_row_of (GTK_WIDGET (button))->rule, NULL,
                                          NULL));
  fluo_admin_dialog_confirm (get_admin (self), _("Remove Sampling Rule"), _("_Remove Rule"), TRUE,
                             _("Its requests fall to the next rule that matches them."), changes);
}

/* A new rule comes before the first that is there, as it is most likely narrower. */
static void
add_cb (FluoAdminSampling *self)
{
  g_autoptr (FluoSamplingRule) rule = fluo_sampling_rule_new ("", NULL);
  const FluoSamplingRule *first =
    self->rules && self->rules->len > 0 ? g_ptr_array_index (self->rules, 0) : NULL;

  rule->priority = !first || fluo_sampling_rule_is_default (first)
                     ? PRIORITY_NEW
                     : MAX (first->priority - PRIORITY_STEP, 1);
  rule->reservoir = 1;
  rule->rate = .05;
  fluo_admin_rule_dialog_present (get_admin (self), rule, FALSE);
}

/* --- Rows -------------------------------------------------------------------------------- */

/* "service bank*, method POST, tier=gold": what a rule looks at. */
static char *
describe (const FluoSamplingRule *rule)
{
  const char *const words[FLUO_N_RULE_FIELDS] = { _("service"), _("type"), _("host"),
                                                  _("method"),  _("path"), _("resource") };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < FLUO_N_RULE_FIELDS; i++)
    if (!g_str_equal (rule->fields[i], "*"))
      g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", words[i],
                              rule->fields[i]);
  for (guint i = 0; i < FLUO_N_RULE_ATTRIBUTES_MAX && rule->keys[i]; i++)
    g_string_append_printf (text, "%s%s=%s", text->len > 0 ? ", " : "", rule->keys[i],
                            rule->values[i]);
  if (text->len == 0)
    g_string_append (text, _("every request"));
  return g_string_free (text, FALSE);
}

static GtkWidget *
make_number (const char *text, FluoSamplingColumn column)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 1);
  gtk_widget_set_size_request (label, widths_px[column], -1);
  gtk_widget_add_css_class (label, "numeric");
  return label;
}

static GtkWidget *
make_priority (GtkWidget *list_row, const FluoSamplingRow *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *handle = gtk_image_new_from_icon_name ("fluoroscope-menu-symbolic");
  g_autofree char *text = g_strdup_printf ("%d", row->rule->priority);
  GtkWidget *number = gtk_label_new (text);

  gtk_widget_set_size_request (box, PRIORITY_WIDTH_PX, -1);
  gtk_label_set_xalign (GTK_LABEL (number), 1);
  gtk_widget_set_hexpand (number, TRUE);
  gtk_widget_set_hexpand (box, FALSE);
  gtk_widget_add_css_class (number, "numeric");
  gtk_widget_add_css_class (handle, "admin-handle");
  gtk_widget_set_opacity (handle, fluo_sampling_row_is_movable (row) ? 1 : 0);
  gtk_widget_set_cursor_from_name (box, fluo_sampling_row_is_movable (row) ? "grab" : NULL);
  if (fluo_sampling_row_is_movable (row))
    gtk_widget_set_tooltip_text (box, _("Drag to change the order (Alt+Up, Alt+Down)"));
  fluo_sampling_row_add_drag (box, list_row);
  gtk_box_append (GTK_BOX (box), handle);
  gtk_box_append (GTK_BOX (box), number);
  return box;
}

static GtkWidget *
make_words (FluoSamplingRow *row)
{
  const FluoSamplingRule *rule = row->rule;
  GtkWidget *words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 1);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *looks_at = describe (rule);
  g_autofree char *amounts =
    g_strdup_printf (_("%d a second, then %.4g%%"), rule->reservoir, rule->rate * 100);
  GtkWidget *line = fluo_admin_make_line (looks_at, "dim-label");

  gtk_box_append (GTK_BOX (head), fluo_admin_make_line (rule->name, "strong"));
  if (rule->has_boost)
    {
      g_autofree char *most = g_strdup_printf (
        _("Up to %.4g%% for a minute when errors or slow requests are missed"),
        rule->boost_max * 100);

      gtk_box_append (GTK_BOX (head), fluo_admin_make_chip (_("boost"), most));
    }
  row->more = fluo_admin_make_line (amounts, "dim-label");
  gtk_widget_set_visible (row->more, FALSE);
  gtk_widget_add_css_class (words, "dense");
  gtk_box_append (GTK_BOX (words), head);
  gtk_box_append (GTK_BOX (words), line);
  gtk_box_append (GTK_BOX (words), row->more);
  gtk_widget_set_hexpand (words, TRUE);
  return words;
}

static GtkWidget *
make_actions (FluoAdminSampling *self, const FluoSamplingRow *row)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  GtkWidget *change =
    fluo_admin_make_button ("fluoroscope-edit-symbolic", _("Change rule and tags…"));
  GtkWidget *remove = fluo_admin_make_button ("fluoroscope-trash-symbolic", _("Remove…"));
  gboolean may = fluo_admin_pane_may_change (FLUO_ADMIN_PANE (self));

  gtk_widget_set_size_request (box, ACTIONS_WIDTH_PX, -1);
  g_signal_connect_object (change, "clicked", G_CALLBACK (edit_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_set_sensitive (change, may);
  gtk_widget_set_sensitive (remove, may);
  if (fluo_sampling_rule_is_default (row->rule))
    {
      gtk_widget_set_sensitive (remove, FALSE);
      gtk_widget_set_tooltip_text (remove, _("Default can’t be removed"));
    }
  gtk_widget_set_hexpand (change, TRUE);
  gtk_widget_set_halign (change, GTK_ALIGN_END);
  gtk_widget_set_hexpand (box, FALSE);
  gtk_box_append (GTK_BOX (box), change);
  gtk_box_append (GTK_BOX (box), remove);
  return box;
}

static void
add_row (FluoAdminSampling *self, FluoSamplingRule *rule, guint index)
{
  GtkWidget *list_row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  g_autofree char *reservoir = g_strdup_printf (_("%d/s"), rule->reservoir);
  g_autofree char *rate = fluo_format_percent (rule->rate * 100, "%.4g");
  FluoSamplingRow *row = g_new0 (FluoSamplingRow, 1);

  row->pane = self;
  row->rule = fluo_sampling_rule_ref (rule);
  row->index = index;
  g_object_set_data_full (G_OBJECT (list_row), "fluo-row", row, row_free);
  gtk_widget_add_css_class (list_row, "admin-row");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (list_row), box);
  gtk_box_append (GTK_BOX (box), make_priority (list_row, row));
  gtk_box_append (GTK_BOX (box), make_words (row));
  row->cells[FLUO_SAMPLING_RESERVOIR] = make_number (reservoir, FLUO_SAMPLING_RESERVOIR);
  row->cells[FLUO_SAMPLING_RATE] = make_number (rate, FLUO_SAMPLING_RATE);
  for (guint i = FLUO_SAMPLING_REQUESTS; i <= FLUO_SAMPLING_BORROWED; i++)
    row->cells[i] = make_number ("–", (FluoSamplingColumn) i);
  row->cells[FLUO_SAMPLING_TREND] = fluo_admin_trend_new (widths_px[FLUO_SAMPLING_TREND],
                                                          TREND_HEIGHT_PX);
  gtk_widget_set_margin_start (row->cells[FLUO_SAMPLING_TREND], TREND_MARGIN_PX);
  for (guint i = 0; i < FLUO_SAMPLING_N_COLUMNS; i++)
    gtk_box_append (GTK_BOX (box), row->cells[i]);
  gtk_box_append (GTK_BOX (box), make_actions (self, row));
  gtk_accessible_update_property (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  rule->name, -1);
  gtk_list_box_append (GTK_LIST_BOX (self->list), list_row);
}

static FluoSamplingRow *
get_row (FluoAdminSampling *self, guint index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) index);

  return row ? fluo_sampling_row_of (GTK_WIDGET (row)) : NULL;
}

static void
set_number (GtkWidget *label, guint64 number)
{
  g_autofree char *text = fluo_format_count (number);

  gtk_label_set_text (GTK_LABEL (label), text);
}

static void
show_counts (FluoAdminSampling *self)
{
  FluoSamplingRow *row;

  for (guint i = 0; self->counts && (row = get_row (self, i)); i++)
    {
      FluoAdminTotals totals = fluo_admin_trend_set (
        FLUO_ADMIN_TREND (row->cells[FLUO_SAMPLING_TREND]), self->counts, row->rule->name);

      set_number (row->cells[FLUO_SAMPLING_REQUESTS], totals.requests);
      set_number (row->cells[FLUO_SAMPLING_SAMPLED], totals.sampled);
      set_number (row->cells[FLUO_SAMPLING_BORROWED], totals.borrowed);
    }
}

static gboolean
is_count (FluoSamplingColumn column)
{
  return column >= FLUO_SAMPLING_REQUESTS && column <= FLUO_SAMPLING_BORROWED;
}

/* Columns that have no room are left out; what they say is in the tooltip or the second line. */
static void
fold (FluoAdminSampling *self)
{
  int width = fluo_width_box_get_width (FLUO_WIDTH_BOX (self->width_box));
  gboolean counts = width == 0 || width >= FOLD_COUNTS_PX;
  gboolean numbers = width == 0 || width >= FOLD_NUMBERS_PX;
  GtkWidget *cell = gtk_widget_get_first_child (self->head);
  FluoSamplingRow *row;

  /* Priority and name come first. */
  cell = gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (cell));
  for (guint i = 0; i < FLUO_SAMPLING_N_COLUMNS; i++, cell = gtk_widget_get_next_sibling (cell))
    gtk_widget_set_visible (cell, is_count (i) ? counts : numbers);
  for (guint n = 0; (row = get_row (self, n)); n++)
    {
      for (guint i = 0; i < FLUO_SAMPLING_N_COLUMNS; i++)
        gtk_widget_set_visible (row->cells[i], is_count (i) ? counts : numbers);
      gtk_widget_set_visible (row->more, !numbers);
    }
}

static void
show_rules (FluoAdminSampling *self)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (self->list)))
    gtk_list_box_remove (GTK_LIST_BOX (self->list), row);
  for (guint i = 0; i < self->rules->len; i++)
    add_row (self, g_ptr_array_index (self->rules, i), i);
  for (guint i = 0; self->moved && i < self->rules->len; i++)
    if (g_str_equal (((FluoSamplingRule *) g_ptr_array_index (self->rules, i))->name, self->moved))
      gtk_widget_grab_focus (GTK_WIDGET (
        gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->list), (int) i)));
  g_clear_pointer (&self->moved, g_free);
  gtk_widget_set_visible (self->width_box, self->rules->len > 0);
  gtk_widget_set_visible (self->simulator, self->rules->len > 0);
  gtk_widget_set_visible (self->none, self->rules->len == 0);
  fold (self);
  show_counts (self);
}

/* --- Reading ----------------------------------------------------------------------------- */

static gboolean
poll_cb (gpointer data)
{
  FluoAdminSampling *self = data;

  self->poll_id = 0;
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    fluo_admin_pane_read_one (FLUO_ADMIN_PANE (self), FLUO_SETTING_COUNTS);
  return G_SOURCE_REMOVE;
}

static void
fluo_admin_sampling_answered (FluoAdminPane *pane, FluoSetting setting, GPtrArray *items)
{
  FluoAdminSampling *self = FLUO_ADMIN_SAMPLING (pane);

  if (setting == FLUO_SETTING_COUNTS)
    {
      g_clear_pointer (&self->counts, g_ptr_array_unref);
      self->counts = g_ptr_array_ref (items);
      show_counts (self);
      g_clear_handle_id (&self->poll_id, g_source_remove);
      self->poll_id = g_timeout_add_seconds (POLL_INTERVAL_S, poll_cb, self);
      return;
    }
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  self->rules = g_ptr_array_ref (items);
  fluo_admin_window_set_count (fluo_admin_pane_get_admin (pane), FLUO_ADMIN_SECTION_SAMPLING,
                               items->len);
  show_rules (self);
  fluo_admin_simulator_set_rules (FLUO_ADMIN_SIMULATOR (self->simulator), self->rules);
}

static void
map_cb (FluoAdminSampling *self)
{
  if (self->counts && self->poll_id == 0)
    poll_cb (self);
}

/* --- Making ------------------------------------------------------------------------------ */

static GtkWidget *
make_head (void)
{
  const char *const titles[FLUO_SAMPLING_N_COLUMNS] = {
    _("Reservoir"), _("Rate"), _("Matched"), _("Sampled"), _("Borrowed"), _("Last 5 minutes")
  };
  const char *const tooltips[FLUO_SAMPLING_N_COLUMNS] = {
    _("Requests a second that are sampled first, over all programs together"),
    _("Of the other requests"),
    _("Requests that programs told of, of which this rule was the first to match"),
    _("Of these, what was sampled"),
    _("Sampled while a program didn’t know its share of the reservoir yet"),
    _("Requests in each ten seconds, and on them what was sampled")
  };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *priority = gtk_label_new (_("Priority"));
  GtkWidget *name = gtk_label_new (_("Rule"));
  GtkWidget *actions = gtk_label_new (NULL);

  gtk_widget_add_css_class (head, "admin-head");
  gtk_label_set_xalign (GTK_LABEL (priority), 1);
  gtk_widget_set_size_request (priority, PRIORITY_WIDTH_PX, -1);
  gtk_widget_set_tooltip_text (priority, _("The lowest is tried first"));
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_box_append (GTK_BOX (head), priority);
  gtk_box_append (GTK_BOX (head), name);
  for (guint i = 0; i < FLUO_SAMPLING_N_COLUMNS; i++)
    {
      GtkWidget *label = make_number (titles[i], (FluoSamplingColumn) i);

      if (i == FLUO_SAMPLING_TREND)
        {
          gtk_label_set_xalign (GTK_LABEL (label), 0);
          gtk_widget_set_margin_start (label, TREND_MARGIN_PX);
        }
      gtk_widget_set_tooltip_text (label, tooltips[i]);
      gtk_box_append (GTK_BOX (head), label);
    }
  gtk_widget_set_size_request (actions, ACTIONS_WIDTH_PX, -1);
  gtk_box_append (GTK_BOX (head), actions);
  return head;
}

static void
fluo_admin_sampling_dispose (GObject *object)
{
  FluoAdminSampling *self = FLUO_ADMIN_SAMPLING (object);

  g_clear_handle_id (&self->poll_id, g_source_remove);
  g_clear_pointer (&self->rules, g_ptr_array_unref);
  g_clear_pointer (&self->counts, g_ptr_array_unref);
  g_clear_pointer (&self->moved, g_free);
  G_OBJECT_CLASS (fluo_admin_sampling_parent_class)->dispose (object);
}

static void
fluo_admin_sampling_class_init (FluoAdminSamplingClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_admin_sampling_dispose;
  FLUO_ADMIN_PANE_CLASS (klass)->answered = fluo_admin_sampling_answered;
}

static void
fluo_admin_sampling_init (FluoAdminSampling *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->head = make_head ();
  self->list = gtk_list_box_new ();
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (self->list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (self->list, "admin-list");
  gtk_widget_add_css_class (card, "fluo-card");
  gtk_widget_set_overflow (card, GTK_OVERFLOW_HIDDEN);
  gtk_box_append (GTK_BOX (card), self->head);
  gtk_box_append (GTK_BOX (card), self->list);
  self->width_box = fluo_width_box_new (card, WIDTH_MIN_PX);
  /* Before the list takes them for its own moves. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (fluo_admin_sampling_key_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_add_controller (self->list, keys);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->width_box, "notify::width", G_CALLBACK (fold), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "map", G_CALLBACK (map_cb), NULL);
  self->none = fluo_admin_make_empty (
    "fluoroscope-chart-symbolic", _("No sampling rule"),
    _("Without one programs record one request a second and one in twenty of the others. X-Ray "
      "itself always has the rule Default, so these rules are not all that there are."));
  gtk_widget_set_visible (self->none, FALSE);
  gtk_widget_set_visible (self->width_box, FALSE);
  gtk_box_append (fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self)), self->width_box);
  gtk_box_append (fluo_admin_pane_get_content (FLUO_ADMIN_PANE (self)), self->none);
}

GtkWidget *
fluo_admin_sampling_new (FluoAdminWindow *admin)
{
  FluoAdminSampling *self =
    g_object_new (FLUO_TYPE_ADMIN_SAMPLING, "orientation", GTK_ORIENTATION_VERTICAL, NULL);
  FluoAdminPane *pane = FLUO_ADMIN_PANE (self);

  fluo_admin_pane_set_up (pane, admin, _("Sampling rules"),
                          _("Which requests programs record. They ask for these rules and tell "
                            "how many requests each one matched."),
                          settings, G_N_ELEMENTS (settings));
  self->simulator = fluo_admin_simulator_new (admin);
  gtk_widget_set_visible (self->simulator, FALSE);
  gtk_box_append (fluo_admin_pane_get_content (pane), self->simulator);
  g_signal_connect_object (
    fluo_admin_pane_add_button (pane, _("_New Rule…"), _("Make a sampling rule")), "clicked",
    G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
