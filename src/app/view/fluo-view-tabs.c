/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-view-private.h"

#include <glib/gi18n.h>

#include "app/trace/fluo-compare-page.h"
#include "app/widgets/fluo-theme.h"
#include "core/fluo-format.h"

/* A view of a hundred traces is a mistake; the oldest tab goes. */
#define TABS_MAX 60
#define TITLE_CHARS_MAX 60

/* NULL while it is read, and for a comparison, which has two. */
FluoTrace *
fluo_tab_get_trace (FluoTab *tab)
{
  return FLUO_IS_TRACE_PAGE (tab->page) ? fluo_trace_page_get_trace (FLUO_TRACE_PAGE (tab->page))
                                        : NULL;
}

void
fluo_tab_free (FluoTab *tab)
{
  g_free (tab->id);
  g_free (tab);
}

FluoTab *
fluo_view_get_tab (FluoView *self)
{
  GtkWidget *shown = gtk_stack_get_visible_child (GTK_STACK (self->stack));

  for (guint i = 0; i < self->tabs->len; i++)
    {
      FluoTab *tab = g_ptr_array_index (self->tabs, i);

      if (tab->page == shown)
        return tab;
    }
  return NULL;
}

FluoTab *
fluo_view_find_tab (FluoView *self, const char *id)
{
  for (guint i = 0; i < self->tabs->len; i++)
    {
      FluoTab *tab = g_ptr_array_index (self->tabs, i);

      if (g_str_equal (tab->id, id))
        return tab;
    }
  return NULL;
}

static void
update_tab (FluoTab *tab)
{
  gboolean compares = FLUO_IS_COMPARE_PAGE (tab->page);
  FluoTrace *trace = fluo_tab_get_trace (tab);
  const char *title = compares ? fluo_compare_page_get_title (FLUO_COMPARE_PAGE (tab->page))
                               : fluo_trace_page_get_title (FLUO_TRACE_PAGE (tab->page));
  g_autofree char *safe = fluo_format_untrusted (title && *title ? title : tab->id,
                                                 TITLE_CHARS_MAX);
  FluoStatus status = trace ? fluo_trace_get_status (trace) : FLUO_STATUS_RUNNING;

  gtk_label_set_text (tab->label, safe);
  gtk_widget_set_tooltip_text (tab->button, tab->id);
  if (compares)
    gtk_image_set_from_icon_name (tab->icon, "fluoroscope-compare-symbolic");
  else
    fluo_theme_set_status (tab->icon, status);
}

static void
page_changed_cb (GtkWidget *page, GParamSpec *pspec, FluoView *self)
{
  for (guint i = 0; i < self->tabs->len; i++)
    {
      FluoTab *tab = g_ptr_array_index (self->tabs, i);

      if (tab->page == page)
        update_tab (tab);
    }
  fluo_view_update_header (self);
  fluo_view_update_actions (self);
}

static void
tab_clicked_cb (GtkButton *button, FluoTab *tab)
{
  fluo_view_show_tab (tab->view, tab);
  fluo_view_visit (tab->view);
}

static void
tab_close_cb (GtkButton *button, FluoTab *tab)
{
  fluo_view_close_tab (tab->view, tab);
}

static void
tab_middle_cb (GtkGestureClick *gesture, int n_press, double x, double y, FluoTab *tab)
{
  fluo_view_close_tab (tab->view, tab);
}

static void
explore_clicked_cb (GtkButton *button, FluoView *self)
{
  fluo_view_show_tab (self, NULL);
  fluo_view_visit (self);
}

static GtkWidget *
make_tab_button (FluoTab *tab)
{
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *close = gtk_button_new_from_icon_name ("fluoroscope-close-symbolic");
  GtkGesture *middle = gtk_gesture_click_new ();

  tab->icon = GTK_IMAGE (gtk_image_new ());
  gtk_widget_add_css_class (GTK_WIDGET (tab->icon), "status-icon");
  tab->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (tab->label, PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (tab->label, 34);
  gtk_label_set_xalign (tab->label, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (tab->label), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (tab->label), "numeric");
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_add_css_class (close, "tab-close");
  gtk_widget_set_valign (close, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (close, _("Close tab"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Close tab"), -1);
  g_signal_connect (close, "clicked", G_CALLBACK (tab_close_cb), tab);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (tab->icon));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (tab->label));
  gtk_box_append (GTK_BOX (box), close);
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "fluo-tab");
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (middle), GDK_BUTTON_MIDDLE);
  g_signal_connect (middle, "released", G_CALLBACK (tab_middle_cb), tab);
  gtk_widget_add_controller (button, GTK_EVENT_CONTROLLER (middle));
  g_signal_connect (button, "clicked", G_CALLBACK (tab_clicked_cb), tab);
  return button;
}

void
fluo_view_show_tab (FluoView *self, FluoTab *tab)
{
  gtk_stack_set_visible_child (GTK_STACK (self->stack), tab ? tab->page : self->explore);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->explore_tab), tab == NULL);
  for (guint i = 0; i < self->tabs->len; i++)
    {
      FluoTab *other = g_ptr_array_index (self->tabs, i);

      gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (other->button), other == tab);
    }
  /* A page knows where its keys go; one that was left has the focus on what led away. */
  if (tab && !gtk_widget_grab_focus (tab->page))
    gtk_widget_child_focus (tab->page, GTK_DIR_TAB_FORWARD);
  fluo_view_update_header (self);
  fluo_view_update_actions (self);
}

void
fluo_view_add_tab (FluoView *self, GtkWidget *page, gboolean from_file, gboolean background)
{
  FluoTab *tab = g_new0 (FluoTab, 1);

  if (self->tabs->len >= TABS_MAX)
    fluo_view_close_tab (self, g_ptr_array_index (self->tabs, 0));
  tab->view = self;
  tab->page = page;
  tab->from_file = from_file;
  tab->id = FLUO_IS_COMPARE_PAGE (page)
              ? g_strdup (fluo_compare_page_get_key (FLUO_COMPARE_PAGE (page)))
              : fluo_trace_id_to_string (fluo_trace_page_get_id (FLUO_TRACE_PAGE (page)));
  tab->button = make_tab_button (tab);
  g_ptr_array_add (self->tabs, tab);
  gtk_box_append (GTK_BOX (self->tab_box), tab->button);
  gtk_stack_add_child (GTK_STACK (self->stack), page);
  g_signal_connect_object (page, "notify::title", G_CALLBACK (page_changed_cb), self, 0);
  if (FLUO_IS_TRACE_PAGE (page))
    g_signal_connect_object (page, "notify::trace", G_CALLBACK (page_changed_cb), self, 0);
  update_tab (tab);
  if (background)
    fluo_view_update_header (self);
  else
    {
      fluo_view_show_tab (self, tab);
      fluo_view_visit (self);
    }
}

void
fluo_view_close_tab (FluoView *self, FluoTab *tab)
{
  guint index;

  if (!g_ptr_array_find (self->tabs, tab, &index))
    return;
  /* The neighbour comes to the front: the next tab, else the one before, else Explore. */
  if (fluo_view_get_tab (self) == tab)
    {
      FluoTab *next = index + 1 < self->tabs->len ? g_ptr_array_index (self->tabs, index + 1)
                      : index > 0                 ? g_ptr_array_index (self->tabs, index - 1)
                                                  : NULL;

      fluo_view_show_tab (self, next);
    }
  g_signal_handlers_disconnect_by_data (tab->page, self);
  gtk_box_remove (GTK_BOX (self->tab_box), tab->button);
  gtk_stack_remove (GTK_STACK (self->stack), tab->page);
  g_ptr_array_remove_index (self->tabs, index);
  fluo_view_update_header (self);
  fluo_view_update_actions (self);
}

void
fluo_view_step_tab (FluoView *self, int step)
{
  FluoTab *tab = fluo_view_get_tab (self);
  guint n = self->tabs->len + 1;
  guint at = 0;

  if (tab)
    {
      g_ptr_array_find (self->tabs, tab, &at);
      at++;
    }
  at = (at + n + step) % n;
  fluo_view_show_tab (self, at == 0 ? NULL : g_ptr_array_index (self->tabs, at - 1));
  fluo_view_visit (self);
}

GtkWidget *
fluo_view_make_tab_bar (FluoView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->tab_bar = bar;
  gtk_widget_add_css_class (bar, "fluo-tabs");
  self->explore_tab = gtk_toggle_button_new ();
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("fluoroscope-list-symbolic"));
  gtk_box_append (GTK_BOX (box), gtk_label_new (_("Explore")));
  gtk_button_set_child (GTK_BUTTON (self->explore_tab), box);
  gtk_widget_add_css_class (self->explore_tab, "flat");
  gtk_widget_add_css_class (self->explore_tab, "fluo-tab");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->explore_tab), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Explore"), -1);
  g_signal_connect (self->explore_tab, "clicked", G_CALLBACK (explore_clicked_cb), self);
  self->tab_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_EXTERNAL,
                                  GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), self->tab_box);
  gtk_widget_set_halign (self->tab_box, GTK_ALIGN_START);
  gtk_widget_set_hexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (bar), self->explore_tab);
  gtk_box_append (GTK_BOX (bar), scroller);
  gtk_widget_set_visible (bar, FALSE);
  return bar;
}

void
fluo_view_open_trace (FluoView *self, const FluoTraceId *id, gboolean background)
{
  g_autofree char *text = NULL;
  FluoTab *tab;

  g_return_if_fail (FLUO_IS_VIEW (self));
  text = fluo_trace_id_to_string (id);
  tab = fluo_view_find_tab (self, text);
  if (!tab)
    fluo_view_add_tab (self, fluo_trace_page_new (self->explorer, id), FALSE, background);
  else if (!background)
    {
      fluo_view_show_tab (self, tab);
      fluo_view_visit (self);
    }
}

void
fluo_view_compare (FluoView *self, const FluoTraceId *a, const FluoTraceId *b)
{
  g_autofree char *text_a = NULL;
  g_autofree char *text_b = NULL;
  g_autofree char *key = NULL;
  FluoTab *tab;

  g_return_if_fail (FLUO_IS_VIEW (self));
  text_a = fluo_trace_id_to_string (a);
  text_b = b ? fluo_trace_id_to_string (b) : g_strdup ("");
  key = g_strdup_printf ("compare %s %s", text_a, text_b);
  tab = fluo_view_find_tab (self, key);
  if (tab)
    {
      fluo_view_show_tab (self, tab);
      fluo_view_visit (self);
      return;
    }
  /* A trace that is open need not be read again, and one of a file cannot. */
  tab = fluo_view_find_tab (self, text_a);
  fluo_view_add_tab (
      self,
      fluo_compare_page_new (self->explorer, a, tab ? fluo_tab_get_trace (tab) : NULL, b),
      TRUE, FALSE);
}
