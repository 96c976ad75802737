/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-application.h"

#include <stdlib.h>

#include <glib/gi18n.h>

#include "app/vault/fluo-vault.h"
#include "fluo-preferences.h"
#include "fluo-resources.h"
#include "fluo-settings.h"
#include "fluo-window.h"

/* More than this at once nobody left open on purpose. */
#define WINDOWS_MAX 20

struct _FluoApplication
{
  AdwApplication parent_instance;

  FluoCollector *collector;
  gint64 start_usec;
  gboolean measure;      /* quit after the first frame */
  gboolean measure_file; /* and after the first with a file's trace */
  gboolean framed;       /* the first frame was reported */
};

G_DEFINE_FINAL_TYPE (FluoApplication, fluo_application, ADW_TYPE_APPLICATION)

static void
apply_style_cb (GSettings *settings, const char *key, gpointer data)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  g_autofree char *style = fluo_settings_dup_string ("style", "follow");

  /* Following means leaving it to the desktop (and to ADW_DEBUG_COLOR_SCHEME). */
  if (g_str_equal (style, "light"))
    adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_FORCE_LIGHT);
  else if (g_str_equal (style, "dark"))
    adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_FORCE_DARK);
  else
    adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_DEFAULT);
}

static void
after_paint_cb (GdkFrameClock *clock, FluoApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  int elapsed_ms = (int) ((g_get_monotonic_time () - self->start_usec) / 1000);

  if (!self->measure)
    return;
  if (!self->framed)
    g_print ("first frame %d ms\n", elapsed_ms);
  self->framed = TRUE;
  if (self->measure_file)
    {
      if (!FLUO_IS_WINDOW (window) || fluo_window_get_n_tabs (FLUO_WINDOW (window)) == 0)
        return;
      g_print ("file shown %d ms\n", elapsed_ms);
    }
  self->measure = FALSE;
  g_application_quit (G_APPLICATION (self));
}

static void
realize_cb (GtkWidget *window, FluoApplication *self)
{
  if (self->measure)
    g_signal_connect_object (gtk_widget_get_frame_clock (window), "after-paint",
                             G_CALLBACK (after_paint_cb), self, 0);
}

static FluoWindow *
open_window (FluoApplication *self)
{
  FluoWindow *window = FLUO_WINDOW (fluo_window_new (GTK_APPLICATION (self), self->collector));

  g_signal_connect_object (window, "realize", G_CALLBACK (realize_cb), self, 0);
  return window;
}

/* The windows and tabs that were there when the application was quit, and the one in front then in
 * front; else one. */
static FluoWindow *
restore_windows (FluoApplication *self)
{
  g_autoptr (GVariant) session = fluo_settings_dup_value ("windows");
  gsize n = session ? g_variant_n_children (session) : 0;
  FluoWindow *window = NULL;

  if (n == 0)
    {
      window = open_window (self);
      fluo_window_restore (window, TRUE);
      return window;
    }
  for (gsize i = MIN (n, WINDOWS_MAX); i > 0; i--)
    {
      g_autoptr (GVariant) state = g_variant_get_child_value (session, i - 1);

      window = open_window (self);
      fluo_window_restore_state (window, state);
      gtk_window_present (GTK_WINDOW (window));
    }
  return window;
}

static FluoWindow *
active_window (FluoApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  return FLUO_IS_WINDOW (window) ? FLUO_WINDOW (window) : NULL;
}

/* --- Actions ----------------------------------------------------------------------------- */

static void
new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoWindow *window = open_window (user_data);
  gint64 range_s = fluo_settings_get_int64 ("default-range", 15 * 60);

  fluo_explorer_set_relative (fluo_window_get_explorer (window), range_s * FLUO_NSEC_PER_SEC);
  fluo_window_restore (window, FALSE);
  gtk_window_present (GTK_WINDOW (window));
}

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (user_data));
  g_autoptr (GVariant) session = fluo_window_dup_session (windows);

  /* Closing saves what each window remembers. */
  for (GList *window = windows; window; window = window->next)
    gtk_window_close (window->data);
  g_list_free (windows);
  /* One window has said the same itself. */
  if (g_variant_n_children (session) > 1)
    fluo_settings_set_value ("windows", session);
}

static void
preferences_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoWindow *window = active_window (user_data);

  if (window)
    gtk_window_present (GTK_WINDOW (
      fluo_preferences_new (GTK_WINDOW (window), fluo_window_get_explorer (window))));
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWindow *parent = gtk_application_get_active_window (user_data);

  adw_show_about_window (
      parent, "application-name", _("Fluoroscope"), "application-icon", FLUO_APP_ID, "version",
      FLUO_VERSION, "developer-name", _("The Fluoroscope developers"), "license-type",
      GTK_LICENSE_GPL_3_0, "comments",
      _("Collects, stores and explores distributed traces: on this computer, or in AWS X-Ray."),
      NULL);
}

static void
help_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FluoWindow *window = active_window (user_data);

  if (window)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.show-help-overlay", NULL);
}

static const GActionEntry app_actions[] = {
  { .name = "new-window", .activate = new_window_cb }, { .name = "quit", .activate = quit_cb },
  { .name = "preferences", .activate = preferences_cb }, { .name = "about", .activate = about_cb },
  { .name = "help", .activate = help_cb },
};

/* Design: keys. Single letters belong to the pages, which handle them while they have the focus. */
static const struct
{
  const char *action;
  const char *keys[3];
} accels[] = {
  { "win.page::map", { "<Control>1" } },
  { "win.page::traces", { "<Control>2" } },
  { "win.page::insights", { "<Control>3" } },
  { "win.focus-query", { "<Control>l" } },
  { "win.find", { "<Control>f" } },
  { "win.save-filter", { "<Control>d" } },
  { "win.reload", { "F5" } },
  { "win.back", { "<Alt>Left" } },
  { "win.forward", { "<Alt>Right" } },
  { "win.toggle-live", { "<Control><Shift>l" } },
  { "win.new-tab", { "<Control>t" } },
  { "win.open-trace-by-id", { "<Control><Shift>o" } },
  { "win.close-tab", { "<Control>w" } },
  { "win.next-tab", { "<Control>Tab" } },
  { "win.previous-tab", { "<Control><Shift>Tab" } },
  { "win.export", { "<Control>e" } },
  { "win.toggle-panel", { "F9" } },
  { "win.copy-trace-id", { "<Control><Shift>c" } },
  { "win.open-file", { "<Control>o" } },
  { "win.switch-connection", { "<Control>k" } },
  { "win.connections", { "<Control><Shift>k" } },
  { "app.new-window", { "<Control>n" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.help", { "F1" } },
  { "app.quit", { "<Control>q" } },
};

/* --- Start-up and command line ----------------------------------------------------------- */

static void
fluo_application_startup (GApplication *application)
{
  FluoApplication *self = FLUO_APPLICATION (application);

  /* Before chaining up: the base class looks for the style sheets there. */
  fluo_app_register_resources ();
  G_APPLICATION_CLASS (fluo_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), app_actions, G_N_ELEMENTS (app_actions),
                                   self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    {
      const char *keys[] = { accels[i].keys[0], accels[i].keys[1], NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action, keys);
    }
  gtk_window_set_default_icon_name (FLUO_APP_ID);
  if (fluo_settings_get ())
    g_signal_connect_object (fluo_settings_get (), "changed::style", G_CALLBACK (apply_style_cb),
                             self, 0);
  apply_style_cb (NULL, NULL, NULL);
  self->collector = fluo_collector_new ();
}

static void
fluo_application_activate (GApplication *application)
{
  FluoApplication *self = FLUO_APPLICATION (application);
  FluoWindow *window = active_window (self);

  if (!window)
    window = restore_windows (self);
  gtk_window_present (GTK_WINDOW (window));
}

static int
fluo_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  FluoApplication *self = FLUO_APPLICATION (application);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  FluoWindow *window = active_window (self);
  g_auto (GStrv) files = NULL;
  const char *endpoint = NULL;
  gboolean fresh = FALSE;

  g_variant_dict_lookup (options, "endpoint", "&s", &endpoint);
  g_variant_dict_lookup (options, "new-window", "b", &fresh);
  g_variant_dict_lookup (options, G_OPTION_REMAINING, "^aay", &files);
  g_variant_dict_lookup (options, "quit-after-first-frame", "b", &self->measure);
  self->measure_file = files && files[0];
  if (!window || fresh || endpoint)
    {
      if (!window && !fresh && !endpoint)
        window = restore_windows (self);
      else
        {
          window = open_window (self);
          if (endpoint)
            fluo_window_connect_endpoint (window, endpoint);
          else
            fluo_window_restore (window, FALSE);
        }
    }
  for (guint i = 0; files && files[i]; i++)
    {
      g_autoptr (GFile) file = NULL;

      /* An address of AWS's console comes to the same view here. */
      if (fluo_window_open_console_link (window, files[i]))
        continue;
      file = g_application_command_line_create_file_for_arg (command_line, files[i]);
      fluo_window_open_file (window, file);
    }
  gtk_window_present (GTK_WINDOW (window));
  return EXIT_SUCCESS;
}

static int
fluo_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("fluoroscope %s\n", FLUO_VERSION);
      return EXIT_SUCCESS;
    }
  /* A measurement is of this process, never of one that runs already. */
  if (g_variant_dict_contains (options, "quit-after-first-frame"))
    g_application_set_flags (application,
                             g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  return -1;
}

static void
fluo_application_shutdown (GApplication *application)
{
  FluoApplication *self = FLUO_APPLICATION (application);

  fluo_vault_stop_all ();
  if (self->collector)
    fluo_collector_stop (self->collector);
  g_clear_object (&self->collector);
  G_APPLICATION_CLASS (fluo_application_parent_class)->shutdown (application);
}

static void
fluo_application_class_init (FluoApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = fluo_application_startup;
  application_class->activate = fluo_application_activate;
  application_class->command_line = fluo_application_command_line;
  application_class->handle_local_options = fluo_application_handle_local_options;
  application_class->shutdown = fluo_application_shutdown;
}

static void
fluo_application_init (FluoApplication *self)
{
  static const GOptionEntry options[] = {
    { "new-window", 'n', 0, G_OPTION_ARG_NONE, NULL, N_("Open a new window"), NULL },
    { "endpoint", 'e', 0, G_OPTION_ARG_STRING, NULL, N_("Look at an X-Ray API at this address"),
      N_("URL") },
    { "quit-after-first-frame", 0, 0, G_OPTION_ARG_NONE, NULL,
      N_("Print how long the start took and quit"), NULL },
    { "version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_("Print the version and quit"), NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL,
      N_("[FILE|CONSOLE-URL…]") },
    { NULL },
  };

  self->start_usec = g_get_monotonic_time ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

FluoApplication *
fluo_application_new (void)
{
  return g_object_new (FLUO_TYPE_APPLICATION, "application-id", FLUO_APP_ID, "flags",
                       G_APPLICATION_HANDLES_COMMAND_LINE, NULL);
}

void
fluo_application_set_start (FluoApplication *self, gint64 start_usec)
{
  g_return_if_fail (FLUO_IS_APPLICATION (self));
  self->start_usec = start_usec;
}
