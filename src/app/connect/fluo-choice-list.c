/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-choice-list.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/fluo-format.h"

#define TITLE_CHARS_MAX 120
#define DETAIL_CHARS_MAX 200

/* --- A row's item -------------------------------------------------------------------------- */

#define FLUO_TYPE_CHOICE (fluo_choice_get_type ())
G_DECLARE_FINAL_TYPE (FluoChoice, fluo_choice, FLUO, CHOICE, GObject)

struct _FluoChoice
{
  GObject parent_instance;

  guint place;
  char *title;
  char *detail;
  char *note;
  char *words; /* all of it, as it is searched; digits without the blanks between them, too */
};

G_DEFINE_FINAL_TYPE (FluoChoice, fluo_choice, G_TYPE_OBJECT)

static void
fluo_choice_finalize (GObject *object)
{
  FluoChoice *self = FLUO_CHOICE (object);

  g_free (self->title);
  g_free (self->detail);
  g_free (self->note);
  g_free (self->words);
  G_OBJECT_CLASS (fluo_choice_parent_class)->finalize (object);
}

static void
fluo_choice_class_init (FluoChoiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_choice_finalize;
}

static void
fluo_choice_init (FluoChoice *self)
{
}

/* --- The list ------------------------------------------------------------------------------ */

struct _FluoChoiceList
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *search;
  GtkWidget *stack; /* "rows", "none" */
  GtkWidget *view;
  GListStore *store;
  GtkCustomFilter *filter;
  GtkFilterListModel *shown;
  char *wanted; /* casefolded; "" = everything */
};

enum
{
  SIGNAL_CHOSEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoChoiceList, fluo_choice_list, GTK_TYPE_WIDGET)

static gboolean
match_cb (gpointer item, gpointer user_data)
{
  return strstr (FLUO_CHOICE (item)->words, ((FluoChoiceList *) user_data)->wanted) != NULL;
}

static void
look (FluoChoiceList *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->search))));

  g_free (self->wanted);
  self->wanted = g_utf8_casefold (text, -1);
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  gtk_stack_set_visible_child_name (
      GTK_STACK (self->stack),
      g_list_model_get_n_items (G_LIST_MODEL (self->shown)) > 0 ? "rows" : "none");
}

static void
choose (FluoChoiceList *self, guint position)
{
  g_autoptr (FluoChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->shown), position);

  if (choice)
    g_signal_emit (self, signals[SIGNAL_CHOSEN], 0, choice->place);
}

static void
activate_cb (GtkListView *view, guint position, FluoChoiceList *self)
{
  choose (self, position);
}

/* The field tells of changes a little later than Enter does. */
static void
enter_cb (FluoChoiceList *self)
{
  look (self);
  choose (self, 0);
}

static void
stop_cb (FluoChoiceList *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static gboolean
search_key_cb (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
               FluoChoiceList *self)
{
  if (key != GDK_KEY_Down)
    return FALSE;
  gtk_widget_child_focus (self->view, GTK_DIR_TAB_FORWARD);
  return TRUE;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *label = gtk_label_new (NULL);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_widget_add_css_class (label, i == 0 ? "choice-title" : "lite");
      gtk_widget_add_css_class (label, "numeric");
      gtk_box_append (GTK_BOX (texts), label);
    }
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), texts);
  gtk_box_append (GTK_BOX (row), gtk_label_new (NULL));
  gtk_widget_add_css_class (gtk_widget_get_last_child (row), "badge");
  gtk_widget_set_valign (gtk_widget_get_last_child (row), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), gtk_image_new_from_icon_name ("fluoroscope-right-symbolic"));
  gtk_widget_add_css_class (row, "choice-row");
  gtk_list_item_set_child (item, row);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  FluoChoice *choice = FLUO_CHOICE (gtk_list_item_get_item (item));
  GtkWidget *row = gtk_list_item_get_child (item);
  GtkWidget *texts = gtk_widget_get_first_child (row);
  GtkWidget *note = gtk_widget_get_next_sibling (texts);

  gtk_label_set_text (GTK_LABEL (gtk_widget_get_first_child (texts)), choice->title);
  gtk_label_set_text (GTK_LABEL (gtk_widget_get_last_child (texts)), choice->detail);
  gtk_label_set_text (GTK_LABEL (note), choice->note ? choice->note : "");
  gtk_widget_set_visible (note, choice->note != NULL);
}

/* Where the keyboard goes: people type what they look for. */
static gboolean
fluo_choice_list_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (FLUO_CHOICE_LIST (widget)->search);
}

static void
fluo_choice_list_dispose (GObject *object)
{
  FluoChoiceList *self = FLUO_CHOICE_LIST (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->store);
  g_clear_object (&self->shown);
  g_clear_pointer (&self->wanted, g_free);
  G_OBJECT_CLASS (fluo_choice_list_parent_class)->dispose (object);
}

static void
fluo_choice_list_class_init (FluoChoiceListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fluo_choice_list_dispose;
  GTK_WIDGET_CLASS (klass)->grab_focus = fluo_choice_list_grab_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[SIGNAL_CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
make_view (FluoChoiceList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *none = gtk_label_new (_("Nothing matches."));

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  self->view = gtk_list_view_new (
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->shown)))),
      factory);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (self->view), TRUE);
  gtk_widget_add_css_class (self->view, "choice-list");
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self, 0);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->view);
  /* As high as its rows, up to what there is. */
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_widget_set_margin_bottom (none, 24);
  gtk_widget_add_css_class (none, "dim-label");
  gtk_widget_set_valign (none, GTK_ALIGN_START);
  gtk_widget_set_margin_top (none, 24);
  self->stack = gtk_stack_new ();
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_widget_set_valign (self->stack, GTK_ALIGN_START);
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_widget_add_css_class (self->stack, "fluo-card");
  gtk_stack_add_named (GTK_STACK (self->stack), scroller, "rows");
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
}

static void
fluo_choice_list_init (FluoChoiceList *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->wanted = g_strdup ("");
  self->store = g_list_store_new (FLUO_TYPE_CHOICE);
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->shown = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->store)),
                                           GTK_FILTER (self->filter));
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->search = gtk_search_entry_new ();
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search), self->box);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (look), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "activate", G_CALLBACK (enter_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "stop-search", G_CALLBACK (stop_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (search_key_cb), self, 0);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (self->search, keys);
  make_view (self);
  gtk_box_append (GTK_BOX (self->box), self->search);
  gtk_box_append (GTK_BOX (self->box), self->stack);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
fluo_choice_list_new (void)
{
  return g_object_new (FLUO_TYPE_CHOICE_LIST, NULL);
}

void
fluo_choice_list_reset (FluoChoiceList *self, const char *hint, const char *label)
{
  g_return_if_fail (FLUO_IS_CHOICE_LIST (self));
  g_list_store_remove_all (self->store);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  g_object_set (self->search, "placeholder-text", hint, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  hint, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  look (self);
}

void
fluo_choice_list_add (FluoChoiceList *self, const char *title, const char *detail,
                      const char *note)
{
  g_autoptr (FluoChoice) choice = g_object_new (FLUO_TYPE_CHOICE, NULL);
  g_autofree char *all = NULL, *close = NULL;
  char *to;

  g_return_if_fail (FLUO_IS_CHOICE_LIST (self));
  choice->place = g_list_model_get_n_items (G_LIST_MODEL (self->store));
  choice->title = fluo_format_untrusted (title, TITLE_CHARS_MAX);
  choice->detail = fluo_format_untrusted (detail, DETAIL_CHARS_MAX);
  choice->note = note ? fluo_format_untrusted (note, TITLE_CHARS_MAX) : NULL;
  close = to = g_strdup (choice->detail);
  for (const char *from = close; *from; from++)
    if (*from != ' ')
      *to++ = *from;
  *to = '\0';
  all = g_strjoin ("\n", choice->title, choice->detail, close,
                   choice->note ? choice->note : "", NULL);
  choice->words = g_utf8_casefold (all, -1);
  g_list_store_append (self->store, choice);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "rows");
}
