/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake-ui.h"

#include <string.h>

#include <adwaita.h>

#include "app/fluo-application.h"
#include "app/fluo-resources.h"
#include "fluo-test-util.h"

/* GTK 4.8 warns of what it does itself, and no user sees; that must not end a test on a machine
 * that is slow enough. When a tooltip has changed it looks from an idle where the pointer is, over
 * a window that may be closed by then; and a text view whose text changed just before a frame
 * measures its lines while it is drawn, when it is too late to place its scroll bar's trough. */
static gboolean
is_to_be_told (const char *domain, GLogLevelFlags level, const char *message, gpointer unused)
{
  static const char *const own[] = {
    "gdk_surface_get_device_position: assertion 'GDK_IS_SURFACE",
    "_gtk_widget_find_at_coords: assertion 'GDK_IS_SURFACE",
    "Trying to snapshot GtkGizmo ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (g_str_has_prefix (message, own[i]))
      return FALSE;
  return TRUE;
}

static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer unused)
{
  if (is_to_be_told (domain, level, message, NULL))
    g_log_default_handler (domain, level, message, NULL);
  /* GLib asks next whether the message ends the program. It forgets whom to ask whenever a test
   * begins, so that cannot be said once for all. */
  g_test_log_set_fatal_handler (is_to_be_told, NULL);
}

/* What GTK says itself goes past the handlers, and the writer is who ends the program. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer unused)
{
  for (gsize i = 0; i < n_fields; i++)
    if (g_str_equal (fields[i].key, "MESSAGE") && fields[i].length < 0
        && !is_to_be_told (NULL, level, fields[i].value, NULL))
      return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, NULL);
}

gboolean
fake_ui_init (int *argc, char ***argv)
{
  g_test_init (argc, argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  g_log_set_handler ("Gdk", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, log_cb, NULL);
  g_log_set_handler ("Gtk", G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, log_cb,
                     NULL);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP no display\n");
      return FALSE;
    }
  adw_init ();
  fluo_app_load_resources (gdk_display_get_default ());
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-cursor-blink",
                FALSE, "gtk-font-name", "Cantarell 11", "gtk-xft-dpi", 98304, NULL);
  return TRUE;
}

char *
fake_ui_init_home (int *argc, char ***argv)
{
  static const char *const variables[] = { "HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
                                           "XDG_CONFIG_HOME" };
  char *home = fluo_test_dir_new ();
  g_autofree char *profiles = g_build_filename (home, "aws-config", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (variables); i++)
    g_setenv (variables[i], home, TRUE);
  g_setenv ("AWS_CONFIG_FILE", profiles, TRUE);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent", TRUE);
  if (!fake_ui_init (argc, argv))
    g_clear_pointer (&home, fluo_test_dir_free);
  return home;
}

int
fake_ui_run (char *home)
{
  const int failed = g_test_run ();

  fluo_test_dir_free (home);
  return failed;
}

GtkApplication *
fake_ui_application_new (void)
{
  GApplication *application = G_APPLICATION (fluo_application_new ());
  g_autoptr (GError) error = NULL;

  g_application_set_flags (application, G_APPLICATION_NON_UNIQUE);
  g_application_register (application, NULL, &error);
  g_assert_no_error (error);
  return GTK_APPLICATION (application);
}

static GtkWidget *
find (GtkWidget *root, GType type, const char *css_class, gboolean mapped)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type) && (!mapped || gtk_widget_get_mapped (root))
      && (!css_class || gtk_widget_has_css_class (root, css_class)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, css_class, mapped);

      if (found)
        return found;
    }
  return NULL;
}

GtkWidget *
fake_ui_find (GtkWidget *root, GType type, const char *css_class)
{
  return find (root, type, css_class, FALSE);
}

GtkWidget *
fake_ui_find_mapped (GtkWidget *root, GType type)
{
  return find (root, type, NULL, TRUE);
}

static void
collect_text (GtkWidget *widget, GString *text)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    g_string_append_printf (text, "%s\n", gtk_label_get_text (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    collect_text (child, text);
}

char *
fake_ui_dup_text (GtkWidget *root)
{
  GString *text = g_string_new (NULL);

  collect_text (root, text);
  return g_string_free (text, FALSE);
}

/* Labels have an underscore before the letter that is their key. */
static gboolean
is_called (const char *label, const char *words)
{
  g_autoptr (GString) plain = g_string_new (label);

  g_string_replace (plain, "_", "", 0);
  return g_str_equal (plain->str, words);
}

GtkWidget *
fake_ui_find_button (GtkWidget *root, const char *words)
{
  const char *label = GTK_IS_BUTTON (root) ? gtk_button_get_label (GTK_BUTTON (root)) : NULL;

  if (GTK_IS_BUTTON (root) && gtk_widget_get_mapped (root) &&
      ((label && is_called (label, words)) ||
       g_strcmp0 (gtk_widget_get_tooltip_text (root), words) == 0))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = fake_ui_find_button (child, words);

      if (found)
        return found;
    }
  return NULL;
}

GtkWindow *
fake_ui_find_dialog (GtkWindow *parent)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (gtk_window_get_transient_for (window) == parent
          && gtk_widget_get_mapped (GTK_WIDGET (window)))
        return window;
    }
  return NULL;
}

gboolean
fake_ui_is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

void
fake_ui_close (gpointer window)
{
  GtkWindow **own = window;

  g_object_add_weak_pointer (G_OBJECT (*own), window);
  gtk_window_destroy (*own);
  g_assert_true (fluo_test_wait_until (fake_ui_is_gone, window, FLUO_TEST_PATIENCE_MS));
}
