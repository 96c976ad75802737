/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-parameter-dialog.h"

#include <glib/gi18n.h>

#include "core/fluo-format.h"
#include "fluo-ask-dialog.h"
#include "fluo-filter-style.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"

#define NAME_CHARS_MAX 60

#define WIDTH_PX 460
/* More than these scroll. */
#define SHOWN_MAX 6
#define HEIGHT_PX 480

/* One value to be given. */
typedef struct
{
  char *name;
  guint types;
  GtkWidget *entry; /* AdwEntryRow */
  GtkWidget *type;  /* GtkDropDown, or NULL when there is no choice */
  guint order[3];   /* the types of its choices */
  gboolean typed;   /* the type was chosen by hand */
  gboolean setting;
} Value;

struct _FluoParameterDialog
{
  AdwWindow parent_instance;

  char *text;
  GArray *values; /* Value */
  GtkLabel *preview;
  GtkLabel *problem;
  GtkWidget *run;
};

enum
{
  SIGNAL_FILLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoParameterDialog, fluo_parameter_dialog, ADW_TYPE_WINDOW)

/* What was given last for a name, in this program's life. */
static GHashTable *
get_remembered (void)
{
  static GHashTable *remembered = NULL;

  if (!remembered)
    remembered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return remembered;
}

static Value *
get_value (FluoParameterDialog *self, guint i)
{
  return &g_array_index (self->values, Value, i);
}

static FluoParameterType
get_type_of (const Value *value)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (value->entry));

  return value->type ? value->order[gtk_drop_down_get_selected (GTK_DROP_DOWN (value->type))]
                     : fluo_query_parameters_guess (value->types, text);
}

/* The filter as it will run, or NULL. */
static char *
dup_filled (FluoParameterDialog *self, const char **ret_problem, Value **ret_wrong)
{
  g_autoptr (GHashTable) literals = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  for (guint i = 0; i < self->values->len; i++)
    {
      Value *value = get_value (self, i);
      char *literal = fluo_query_parameters_literal (
          get_type_of (value), gtk_editable_get_text (GTK_EDITABLE (value->entry)), ret_problem);

      if (!literal)
        {
          *ret_wrong = value;
          return NULL;
        }
      g_hash_table_insert (literals, value->name, literal);
    }
  return fluo_query_parameters_fill (self->text, literals);
}

static void
update (FluoParameterDialog *self)
{
  const char *problem = NULL;
  Value *wrong = NULL;
  g_autofree char *filled = dup_filled (self, &problem, &wrong);
  g_autofree char *folded = fluo_query_text_fold (filled ? filled : self->text);
  g_autofree char *safe = fluo_format_untrusted (folded, 300);
  g_autoptr (PangoAttrList) attributes = fluo_filter_style_dup_attributes (safe);

  gtk_label_set_text (self->preview, safe);
  gtk_label_set_attributes (self->preview, attributes);
  gtk_label_set_text (self->problem, problem ? problem : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem && *problem);
  for (guint i = 0; i < self->values->len; i++)
    if (get_value (self, i) == wrong && problem && *problem)
      gtk_widget_add_css_class (get_value (self, i)->entry, "error");
    else
      gtk_widget_remove_css_class (get_value (self, i)->entry, "error");
  gtk_widget_set_sensitive (self->run, filled != NULL);
}

static Value *
find_value (FluoParameterDialog *self, gpointer widget)
{
  for (guint i = 0; i < self->values->len; i++)
    if (get_value (self, i)->entry == widget || get_value (self, i)->type == widget)
      return get_value (self, i);
  return NULL;
}

static void
text_changed_cb (GtkEditable *entry, FluoParameterDialog *self)
{
  Value *value = find_value (self, entry);

  if (value && value->type && !value->typed)
    {
      FluoParameterType type = fluo_query_parameters_guess (value->types,
                                                            gtk_editable_get_text (entry));

      value->setting = TRUE;
      for (guint i = 0; i < G_N_ELEMENTS (value->order); i++)
        if (value->order[i] == type)
          gtk_drop_down_set_selected (GTK_DROP_DOWN (value->type), i);
      value->setting = FALSE;
    }
  update (self);
}

static void
type_changed_cb (GtkWidget *drop, GParamSpec *pspec, FluoParameterDialog *self)
{
  Value *value = find_value (self, drop);

  if (!value || value->setting)
    return;
  value->typed = TRUE;
  update (self);
}

static void
run_cb (FluoParameterDialog *self)
{
  const char *problem = NULL;
  Value *wrong = NULL;
  g_autofree char *filled = dup_filled (self, &problem, &wrong);

  if (!filled)
    {
      gtk_widget_grab_focus (wrong->entry);
      return;
    }
  for (guint i = 0; i < self->values->len; i++)
    g_hash_table_replace (
        get_remembered (), g_strdup (get_value (self, i)->name),
        g_strdup (gtk_editable_get_text (GTK_EDITABLE (get_value (self, i)->entry))));
  g_signal_emit (self, signals[SIGNAL_FILLED], 0, filled);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
make_type (Value *value)
{
  static const struct
  {
    FluoParameterType type;
    const char *name;
  } names[] = { { FLUO_PARAMETER_TEXT, N_("Text") },
                { FLUO_PARAMETER_NUMBER, N_("Number") },
                { FLUO_PARAMETER_BOOLEAN, N_("Yes or no") } };
  GtkStringList *list = gtk_string_list_new (NULL);
  GtkWidget *drop;
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (value->types & names[i].type)
      {
        gtk_string_list_append (list, _ (names[i].name));
        value->order[n++] = names[i].type;
      }
  if (n < 2)
    {
      g_object_unref (list);
      return NULL;
    }
  drop = gtk_drop_down_new (G_LIST_MODEL (list), NULL);
  gtk_widget_set_valign (drop, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (drop, _("What kind of value it is"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (drop), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("What kind of value it is"), -1);
  return drop;
}

static GtkWidget *
make_rows (FluoParameterDialog *self, GPtrArray *parameters)
{
  GtkWidget *group = adw_preferences_group_new ();

  for (guint i = 0; i < parameters->len; i++)
    {
      const FluoParameter *parameter = g_ptr_array_index (parameters, i);
      Value *value = get_value (self, i);
      const char *before = g_hash_table_lookup (get_remembered (), parameter->name);
      g_autofree char *title = NULL;

      value->name = g_strdup (parameter->name);
      value->types = parameter->types;
      value->entry = adw_entry_row_new ();
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (value->entry), FALSE);
      title = fluo_format_untrusted (parameter->name, NAME_CHARS_MAX);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (value->entry), title);
      value->type = make_type (value);
      if (value->type)
        {
          adw_entry_row_add_suffix (ADW_ENTRY_ROW (value->entry), value->type);
          g_signal_connect_object (value->type, "notify::selected", G_CALLBACK (type_changed_cb),
                                   self, 0);
        }
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), value->entry);
      g_signal_connect_object (value->entry, "changed", G_CALLBACK (text_changed_cb), self, 0);
      g_signal_connect_object (value->entry, "entry-activated", G_CALLBACK (run_cb), self,
                               G_CONNECT_SWAPPED);
      if (before)
        gtk_editable_set_text (GTK_EDITABLE (value->entry), before);
    }
  return group;
}

static GtkWidget *
make_content (FluoParameterDialog *self, GPtrArray *parameters)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *column = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *rows;

  self->run = gtk_button_new_with_mnemonic (_("_Run"));
  g_signal_connect_object (self->run, "clicked", G_CALLBACK (run_cb), self, G_CONNECT_SWAPPED);

  self->preview = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->preview, TRUE);
  gtk_label_set_wrap_mode (self->preview, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->preview, 0);
  gtk_label_set_lines (self->preview, 6);
  gtk_label_set_ellipsize (self->preview, PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (GTK_WIDGET (self->preview), "filter-preview");
  gtk_widget_add_css_class (GTK_WIDGET (self->preview), "monospace");
  self->problem = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->problem, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "dense");
  gtk_widget_add_css_class (GTK_WIDGET (self->problem), "fault-text");
  rows = make_rows (self, parameters);
  gtk_widget_add_css_class (column, "dialog-column");
  gtk_box_append (GTK_BOX (column), rows);
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->problem));
  gtk_box_append (GTK_BOX (column), GTK_WIDGET (self->preview));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  if (parameters->len > SHOWN_MAX)
    gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), HEIGHT_PX);
  else
    gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                    GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), column);
  gtk_box_append (GTK_BOX (box), fluo_ask_dialog_make_header (
                                   GTK_WINDOW (self), _("Values for the Filter"), self->run));
  gtk_box_append (GTK_BOX (box), scroller);
  return box;
}

static void
fluo_parameter_dialog_finalize (GObject *object)
{
  FluoParameterDialog *self = FLUO_PARAMETER_DIALOG (object);

  for (guint i = 0; i < self->values->len; i++)
    g_free (get_value (self, i)->name);
  g_array_unref (self->values);
  g_free (self->text);
  G_OBJECT_CLASS (fluo_parameter_dialog_parent_class)->finalize (object);
}

static void
fluo_parameter_dialog_class_init (FluoParameterDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fluo_parameter_dialog_finalize;
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  signals[SIGNAL_FILLED] = g_signal_new ("filled", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
fluo_parameter_dialog_init (FluoParameterDialog *self)
{
  self->values = g_array_new (FALSE, TRUE, sizeof (Value));
  gtk_window_set_title (GTK_WINDOW (self), _("Values for the Filter"));
  gtk_window_set_resizable (GTK_WINDOW (self), FALSE);
}

GtkWidget *
fluo_parameter_dialog_new (GtkWindow *parent, const char *text, GPtrArray *parameters)
{
  FluoParameterDialog *self = g_object_new (FLUO_TYPE_PARAMETER_DIALOG, NULL);

  self->text = g_strdup (text);
  g_array_set_size (self->values, parameters->len);
  fluo_ask_dialog_place (GTK_WINDOW (self), parent, WIDTH_PX);
  adw_window_set_content (ADW_WINDOW (self), make_content (self, parameters));
  update (self);
  gtk_window_set_focus (GTK_WINDOW (self), get_value (self, 0)->entry);
  return GTK_WIDGET (self);
}
