/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "app/trace/fluo-compare-page-private.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-export-dialog.h"
#include "app/trace/fluo-trace-page-private.h"
#include "app/widgets/fluo-text-tool.h"
#include "app/widgets/fluo-theme.h"
#include "app/widgets/fluo-width-box.h"
#include "core/fluo-format.h"

#define WIDTH_MIN 340

enum
{
  PROP_0,
  PROP_TITLE,
  PROP_COMPARING,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (FluoComparePage, fluo_compare_page, GTK_TYPE_WIDGET)

/* --- Buttons ---------------------------------------------------------------------------------- */

static void
swap_cb (GtkButton *button, FluoComparePage *self)
{
  FluoTrace *trace = self->sides[0].trace;
  FluoTraceId id = self->sides[0].id;

  self->sides[0].trace = self->sides[1].trace;
  self->sides[0].id = self->sides[1].id;
  self->sides[1].trace = trace;
  self->sides[1].id = id;
  self->sides[0].reading = self->sides[1].reading = FALSE;
  self->n_usual = 0;
  fluo_compare_page_compare (self);
}

static void
line_up_cb (GtkToggleButton *button, FluoComparePage *self)
{
  fluo_compare_view_set_each_call (
    self->view, gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->each_call)));
}

static void
threshold_cb (GtkToggleButton *button, FluoComparePage *self)
{
  fluo_compare_view_set_threshold (self->view,
                                   gtk_toggle_button_get_active (button)
                                     ? FLUO_COMPARE_THRESHOLD_NS
                                     : 0);
  fluo_compare_page_update_foot (self);
}

static void
show_all_cb (GtkButton *button, FluoComparePage *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->threshold), FALSE);
}

static void
copy_cb (GtkButton *button, FluoComparePage *self)
{
  FluoCompareTable *table = fluo_compare_view_get_table (self->view);
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;

  if (table == NULL)
    return;
  options.format = FLUO_EXPORT_MARKDOWN;
  options.n_usual = self->n_usual;
  bytes = fluo_compare_export_to_bytes (table, &options, NULL);
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _("Copied as Markdown"));
}

void
fluo_compare_page_export (FluoComparePage *self)
{
  FluoExportOptions options = FLUO_EXPORT_OPTIONS_INIT;
  GtkWidget *dialog;

  g_return_if_fail (FLUO_IS_COMPARE_PAGE (self));

  if (!self->comparing)
    return;
  options.n_usual = self->n_usual;
  if (self->explorer != NULL)
    options.range = fluo_explorer_get_span (self->explorer);
  dialog = fluo_export_dialog_new_for_comparison (
    GTK_WIDGET (self), fluo_compare_view_get_table (self->view), &options);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
export_cb (GtkButton *button, FluoComparePage *self)
{
  fluo_compare_page_export (self);
}

void
fluo_compare_page_toggle_panel (FluoComparePage *self)
{
  GtkToggleButton *toggle;

  g_return_if_fail (FLUO_IS_COMPARE_PAGE (self));

  toggle = GTK_TOGGLE_BUTTON (self->logs.toggle);
  if (self->comparing)
    gtk_toggle_button_set_active (toggle, !gtk_toggle_button_get_active (toggle));
}

static const char *const orders[] = {
  "called", N_("As called"), "difference", N_("Largest difference first"),
  "name",   N_("By name"),   NULL,
};
G_STATIC_ASSERT (G_N_ELEMENTS (orders) == 2 * FLUO_N_COMPARE_ORDERS + 1);

static void
show_order (FluoComparePage *self, FluoCompareOrder order)
{
  static const char *const words[FLUO_N_COMPARE_ORDERS] = { N_("Order: as called"),
                                                            N_("Order: by difference"),
                                                            N_("Order: by name") };

  gtk_label_set_text (self->order_label, _(words[order]));
}

static void
order_cb (GSimpleAction *action, GVariant *state, FluoComparePage *self)
{
  for (guint i = 0; i < FLUO_N_COMPARE_ORDERS; i++)
    if (g_str_equal (g_variant_get_string (state, NULL), orders[2 * i]))
      {
        g_simple_action_set_state (action, state);
        fluo_compare_view_set_order (self->view, i);
        show_order (self, i);
      }
}

static void
selected_cb (FluoCompareView *view, guint row, FluoComparePage *self)
{
  fluo_compare_page_select_logs (self);
}

static void
activated_cb (FluoCompareView *view, guint row, FluoComparePage *self)
{
  const FluoCompareRow *found = &g_array_index (
    fluo_compare_table_get_comparison (fluo_compare_view_get_table (view))->rows, FluoCompareRow,
    row);
  g_autofree char *id =
    fluo_trace_id_to_string (&self->sides[found->a != FLUO_SPAN_NONE ? 0 : 1].id);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-trace", "s", id);
}

/* --- Building --------------------------------------------------------------------------------- */

static GtkLabel *
new_label (const char *css)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, "numeric");
  if (css != NULL)
    gtk_widget_add_css_class (label, css);

  return GTK_LABEL (label);
}

static GtkWidget *
make_card (FluoCompareSide *side, const char *letter)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *badge = gtk_label_new (letter);

  gtk_widget_add_css_class (card, "compare-card");
  gtk_widget_add_css_class (badge, "compare-badge");
  gtk_widget_add_css_class (badge, *letter == 'A' ? "side-a" : "side-b");
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  side->status = GTK_IMAGE (gtk_image_new ());
  gtk_widget_add_css_class (GTK_WIDGET (side->status), "status-icon");
  side->first = new_label ("compare-first");
  side->second = new_label ("compare-second");
  side->chip = new_label ("compare-chip");
  gtk_widget_set_valign (GTK_WIDGET (side->chip), GTK_ALIGN_CENTER);
  gtk_widget_set_visible (GTK_WIDGET (side->chip), FALSE);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (side->first));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (side->second));
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (card), badge);
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (side->status));
  gtk_box_append (GTK_BOX (card), texts);
  gtk_box_append (GTK_BOX (card), GTK_WIDGET (side->chip));
  side->card = card;

  return card;
}

/* @ret_word, if not NULL, is set to what can be left out when there is an icon. */
static GtkWidget *
new_toggle (const char *icon, const char *text, GtkWidget **ret_word)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkLabel *word;

  gtk_button_set_child (GTK_BUTTON (button), fluo_text_tool_new_content (icon, &word, FALSE));
  gtk_label_set_text (word, text);
  if (ret_word != NULL)
    *ret_word = GTK_WIDGET (word);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "text-tool");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);

  return button;
}

static GtkWidget *
new_tool (FluoComparePage *self, const char *icon, const char *text,
          void (*clicked_cb) (GtkButton *, FluoComparePage *))
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect (button, "clicked", G_CALLBACK (clicked_cb), self);

  return button;
}

static GtkWidget *
make_head (FluoComparePage *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 10);
  GtkWidget *cards = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *swap;

  self->cards = cards;
  self->sentence = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->sentence, 0);
  gtk_label_set_wrap (self->sentence, TRUE);
  gtk_label_set_wrap_mode (self->sentence, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (self->sentence, TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self->sentence), FALSE);
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "root-cause");
  gtk_widget_add_css_class (GTK_WIDGET (self->sentence), "numeric");
  swap = new_tool (self, "fluoroscope-swap-symbolic", _("Swap A and B"), swap_cb);
  gtk_widget_set_halign (swap, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (cards), make_card (&self->sides[0], "A"));
  gtk_box_append (GTK_BOX (cards), swap);
  gtk_box_append (GTK_BOX (cards), make_card (&self->sides[1], "B"));
  gtk_widget_set_hexpand (self->sides[0].card, TRUE);
  gtk_widget_set_hexpand (self->sides[1].card, TRUE);
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->sentence));
  gtk_box_append (GTK_BOX (head), cards);
  gtk_widget_add_css_class (head, "trace-head");

  return head;
}

static GtkWidget *
make_tools (FluoComparePage *self)
{
  GtkWidget *tools = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4), *label, *start, *space;
  GtkWidget *order =
    fluo_text_tool_new_menu ("fluoroscope-list-symbolic", &self->order_label,
                             _("Order of the calls"), "compare.order", orders);

  gtk_widget_add_css_class (tools, "trace-tools");
  label = gtk_label_new (_("Line up"));
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "compare-word");
  start = new_toggle (NULL, _("from the start"), NULL);
  self->each_call = new_toggle (NULL, _("each call"), NULL);
  gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->each_call), GTK_TOGGLE_BUTTON (start));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (start), TRUE);
  g_signal_connect (self->each_call, "toggled", G_CALLBACK (line_up_cb), self);
  space = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_hexpand (space, TRUE);
  self->threshold = new_toggle ("fluoroscope-filter-symbolic", _("Differences over 5 ms"),
                                &self->fold_words[1]);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->threshold), TRUE);
  g_signal_connect (self->threshold, "toggled", G_CALLBACK (threshold_cb), self);
  self->fold_words[0] = label;
  self->fold_words[2] = GTK_WIDGET (self->order_label);
  gtk_widget_set_tooltip_text (self->threshold, _("Differences over 5 ms"));
  show_order (self, FLUO_COMPARE_AS_CALLED);
  gtk_box_append (GTK_BOX (tools), label);
  gtk_box_append (GTK_BOX (tools), start);
  gtk_box_append (GTK_BOX (tools), self->each_call);
  gtk_box_append (GTK_BOX (tools), space);
  self->logs.toggle = new_toggle ("fluoroscope-logs-symbolic", _("Logs"), &self->fold_words[3]);
  gtk_widget_set_tooltip_text (self->logs.toggle, _("What the programs of either trace wrote"));
  g_signal_connect_swapped (self->logs.toggle, "toggled",
                            G_CALLBACK (fluo_compare_page_toggle_logs), self);
  gtk_box_append (GTK_BOX (tools), self->threshold);
  gtk_box_append (GTK_BOX (tools), order);
  gtk_box_append (GTK_BOX (tools), self->logs.toggle);
  self->copy = new_tool (self, "fluoroscope-copy-symbolic", _("Copy as Markdown"), copy_cb);
  gtk_box_append (GTK_BOX (tools), self->copy);
  gtk_box_append (GTK_BOX (tools), new_tool (self, "fluoroscope-export-symbolic",
                                             _("Export this comparison (Ctrl+E)"), export_cb));

  return tools;
}

static void
draw_legend_cb (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  FluoComparePage *self = user_data;
  const double scale = fluo_theme_get_text_scale (GTK_WIDGET (area));

  cairo_scale (cr, scale, scale);
  fluo_theme_begin (self->painter, cr, GTK_WIDGET (area));
  fluo_compare_draw_legend (self->painter, 0, height / scale / 2);
}

static GtkWidget *
make_foot (FluoComparePage *self)
{
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 16), *legend = gtk_drawing_area_new ();

  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (legend),
                                      (int) (94 * fluo_theme_get_text_scale (legend)));
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (legend), 28);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (legend), draw_legend_cb, self, NULL);
  fluo_theme_follow (legend);
  self->hidden = new_label ("dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->hidden), "caption");
  gtk_widget_set_hexpand (GTK_WIDGET (self->hidden), TRUE);
  self->show_all = gtk_button_new_with_label ("");
  gtk_widget_add_css_class (self->show_all, "text-link");
  gtk_widget_add_css_class (self->show_all, "flat");
  gtk_widget_set_valign (self->show_all, GTK_ALIGN_CENTER);
  g_signal_connect (self->show_all, "clicked", G_CALLBACK (show_all_cb), self);
  gtk_box_append (GTK_BOX (foot), legend);
  gtk_box_append (GTK_BOX (foot), GTK_WIDGET (self->hidden));
  gtk_box_append (GTK_BOX (foot), self->show_all);
  gtk_widget_add_css_class (foot, "compare-foot");

  return foot;
}

static GtkWidget *
make_content (FluoComparePage *self)
{
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->view = FLUO_COMPARE_VIEW (fluo_compare_view_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->view), TRUE);
  g_signal_connect (self->view, "activated", G_CALLBACK (activated_cb), self);
  g_signal_connect (self->view, "selected", G_CALLBACK (selected_cb), self);
  gtk_box_append (GTK_BOX (content), make_head (self));
  gtk_box_append (GTK_BOX (content), make_tools (self));
  gtk_box_append (GTK_BOX (content), GTK_WIDGET (self->view));
  gtk_box_append (GTK_BOX (content), make_foot (self));
  gtk_box_append (GTK_BOX (content), fluo_compare_page_make_facts (self));

  gtk_widget_set_hexpand (content, TRUE);
  self->content = content;
  self->logs.split = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_append (GTK_BOX (self->logs.split), content);
  self->width_box = FLUO_WIDTH_BOX (fluo_width_box_new (self->logs.split, WIDTH_MIN));
  g_signal_connect_swapped (self->width_box, "notify::width", G_CALLBACK (fluo_compare_page_fold),
                            self);
  g_signal_connect_swapped (self->width_box, "notify::height", G_CALLBACK (fluo_compare_page_fold),
                            self);
  return GTK_WIDGET (self->width_box);
}

/* --- Class ------------------------------------------------------------------------------------ */

static void
fluo_compare_page_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  FluoComparePage *self = FLUO_COMPARE_PAGE (object);

  switch (prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_COMPARING:
      g_value_set_boolean (value, self->comparing);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
fluo_compare_page_dispose (GObject *object)
{
  FluoComparePage *self = FLUO_COMPARE_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->live.source, g_source_remove);
  self->generation++;
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->explorer);
  g_clear_object (&self->actions);

  G_OBJECT_CLASS (fluo_compare_page_parent_class)->dispose (object);
}

static void
fluo_compare_page_finalize (GObject *object)
{
  FluoComparePage *self = FLUO_COMPARE_PAGE (object);

  g_clear_object (&self->cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++)
    g_clear_pointer (&self->sides[i].trace, fluo_trace_unref);
  fluo_painter_free (self->painter);
  g_free (self->key);
  g_free (self->title);

  G_OBJECT_CLASS (fluo_compare_page_parent_class)->finalize (object);
}

static gboolean
fluo_compare_page_grab_focus (GtkWidget *widget)
{
  FluoComparePage *self = FLUO_COMPARE_PAGE (widget);

  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "failed") == 0)
    return gtk_widget_grab_focus (gtk_widget_get_visible (self->retry) ? self->retry
                                                                       : self->choose);
  return gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
fluo_compare_page_class_init (FluoComparePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = fluo_compare_page_get_property;
  object_class->dispose = fluo_compare_page_dispose;
  object_class->finalize = fluo_compare_page_finalize;
  widget_class->grab_focus = fluo_compare_page_grab_focus;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "comparepage");

  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPARING] = g_param_spec_boolean (
    "comparing", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
add_actions (FluoComparePage *self)
{
  g_autoptr (GSimpleAction) order = g_simple_action_new_stateful (
    "order", G_VARIANT_TYPE_STRING, g_variant_new_string (orders[0]));

  self->actions = g_simple_action_group_new ();
  g_signal_connect (order, "change-state", G_CALLBACK (order_cb), self);
  g_action_map_add_action (G_ACTION_MAP (self->actions), G_ACTION (order));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "compare", G_ACTION_GROUP (self->actions));
}

static void
fluo_compare_page_init (FluoComparePage *self)
{
  GtkWidget *spinner = gtk_spinner_new ();

  fluo_trace_page_load_style (gtk_widget_get_display (GTK_WIDGET (self)));
  self->painter = fluo_painter_new ();
  self->cancellable = g_cancellable_new ();
  add_actions (self);
  self->title = g_strdup (_("Comparing two traces"));
  gtk_spinner_start (GTK_SPINNER (spinner));
  gtk_widget_set_halign (spinner, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (spinner, GTK_ALIGN_CENTER);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_add_named (self->stack, spinner, "loading");
  gtk_stack_add_named (self->stack, fluo_compare_page_make_failure (self), "failed");
  gtk_stack_add_named (self->stack, make_content (self), "content");
  gtk_stack_set_hhomogeneous (self->stack, FALSE);
  self->box = GTK_WIDGET (self->stack);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "compare-page");
}

static void
colors_changed_cb (FluoComparePage *self)
{
  FluoCompareTable *table = fluo_compare_view_get_table (self->view);

  if (table == NULL)
    return;
  fluo_compare_table_set_colors (table, fluo_explorer_get_colors (self->explorer));
  gtk_widget_queue_draw (GTK_WIDGET (self->view));
}

GtkWidget *
fluo_compare_page_new (FluoExplorer *explorer, const FluoTraceId *a, FluoTrace *trace_a,
                       const FluoTraceId *b)
{
  FluoComparePage *self = g_object_new (FLUO_TYPE_COMPARE_PAGE, NULL);
  g_autofree char *text_a = fluo_trace_id_to_string (a), *text_b = NULL;

  g_set_object (&self->explorer, explorer);
  if (explorer != NULL)
    g_signal_connect_object (explorer, "colors-changed", G_CALLBACK (colors_changed_cb), self,
                             G_CONNECT_SWAPPED);
  self->sides[0].id = *a;
  self->sides[0].has_id = TRUE;
  if (b != NULL)
    {
      self->sides[1].id = *b;
      self->sides[1].has_id = TRUE;
      text_b = fluo_trace_id_to_string (b);
    }
  self->key = g_strdup_printf ("compare %s %s", text_a, text_b != NULL ? text_b : "");
  fluo_compare_page_follow (self);
  if (b != NULL)
    fluo_compare_page_read (self, 1);
  if (trace_a != NULL)
    fluo_compare_page_take_trace (self, 0, trace_a);
  else
    fluo_compare_page_read (self, 0);

  return GTK_WIDGET (self);
}

const char *
fluo_compare_page_get_key (FluoComparePage *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_PAGE (self), NULL);

  return self->key;
}

const char *
fluo_compare_page_get_title (FluoComparePage *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_PAGE (self), NULL);

  return self->title;
}

gboolean
fluo_compare_page_is_comparing (FluoComparePage *self)
{
  g_return_val_if_fail (FLUO_IS_COMPARE_PAGE (self), FALSE);

  return self->comparing;
}
