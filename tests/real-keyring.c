/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "real-keyring.h"

#include <gio/gio.h>
#include <signal.h>
#include <string.h>

#include "fluo-test-util.h"

/* Ends a test that has failed already. */
#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

/* Whoever asks for passwords, as gnome-keyring finds it. */
#define PROMPTER_NAME "org.gnome.keyring.SystemPrompter"
#define PROMPTER_PATH "/org/gnome/keyring/Prompter"
#define CALLBACK "org.gnome.keyring.internal.Prompter.Callback"

static const char prompter_xml[] =
  "<node><interface name='org.gnome.keyring.internal.Prompter'>"
  "<method name='BeginPrompting'><arg type='o' direction='in'/></method>"
  "<method name='PerformPrompt'><arg type='o' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='a{sv}' direction='in'/><arg type='s' direction='in'/></method>"
  "<method name='StopPrompting'><arg type='o' direction='in'/></method>"
  "</interface></node>";

struct _RealKeyring
{
  GTestDBus       *bus;
  GDBusConnection *connection;
  GSubprocess     *daemon;

  /* Has the prompter to itself. */
  GThread      *thread;
  GMainContext *context;
  GMainLoop    *loop;
  gint          is_prompting;
  gint          n_dismissed;
};

/* Its end would wait for that of every reference to what the process has of it. */
static GTestDBus *stopped_bus;

static GDBusConnection *
connect_to_bus (RealKeyring *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (self->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
      | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static gboolean
is_served (RealKeyring *self)
{
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
    self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
    "NameHasOwner", g_variant_new ("(s)", "org.freedesktop.secrets"), NULL, 0, -1, NULL, NULL);
  gboolean owned = FALSE;

  g_variant_get (answer, "(b)", &owned);
  return owned;
}

/* Nothing wakes a main loop here, so it is looked at again and again. */
static void
wait_served (RealKeyring *self, gboolean served)
{
  for (guint i = 0; is_served (self) != served; i++)
    {
      g_assert_cmpuint (i, <, PATIENCE_MS / 10);
      g_usleep (10000);
    }
}

RealKeyring *
real_keyring_new (const char *directory)
{
  static const char *const directories[] = { "HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR" };
  RealKeyring *self = g_new0 (RealKeyring, 1);
  g_autofree char *display = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (directories); i++)
    g_setenv (directories[i], directory, TRUE);
  g_setenv ("SECRET_BACKEND", "service", TRUE);
  /* GTestDBus forgets the display, where a real bus might be. */
  display = g_strdup (g_getenv ("DISPLAY"));
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  if (display)
    g_setenv ("DISPLAY", display, TRUE);
  self->connection = connect_to_bus (self);
  return self;
}

void
real_keyring_start (RealKeyring *self, const char *password)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
    | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  GOutputStream *input;

  g_assert_null (self->daemon);
  /* Its warnings are its own, and must not end it. */
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_CHECK_");
  g_subprocess_launcher_unsetenv (launcher, "MALLOC_PERTURB_");
  g_subprocess_launcher_set_child_setup (launcher, fluo_test_tie_child, NULL, NULL);
  self->daemon = g_subprocess_launcher_spawn (launcher, &error, "gnome-keyring-daemon",
                                              "--foreground", "--components=secrets",
                                              password ? "--unlock" : NULL, NULL);
  g_assert_no_error (error);
  input = g_subprocess_get_stdin_pipe (self->daemon);
  if (password)
    g_assert_true (g_output_stream_write_all (input, password, strlen (password), NULL, NULL,
                                              NULL));
  g_output_stream_close (input, NULL, NULL);
  wait_served (self, TRUE);
}

void
real_keyring_stop (RealKeyring *self)
{
  g_subprocess_send_signal (self->daemon, SIGTERM);
  g_subprocess_wait (self->daemon, NULL, NULL);
  g_clear_object (&self->daemon);
  wait_served (self, FALSE);
}

void
real_keyring_lock (RealKeyring *self)
{
  const char *paths[] = { "/org/freedesktop/secrets/collection/login" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
    self->connection, "org.freedesktop.secrets", "/org/freedesktop/secrets",
    "org.freedesktop.Secret.Service", "Lock",
    g_variant_new ("(@ao)", g_variant_new_objv (paths, 1)), NULL, 0, -1, NULL, &error);

  g_assert_no_error (error);
}

/* --- Somebody who says no ------------------------------------------------------------------- */

static void
tell (GDBusConnection *connection, const char *whom, const char *path, const char *reply)
{
  if (reply)
    g_dbus_connection_call (connection, whom, path, CALLBACK, "PromptReady",
                            g_variant_new ("(sa{sv}s)", reply, NULL, ""), NULL, 0, -1, NULL, NULL,
                            NULL);
  else
    g_dbus_connection_call (connection, whom, path, CALLBACK, "PromptDone", NULL, NULL, 0, -1,
                            NULL, NULL, NULL);
}

/* [prompter] */
static void
prompter_called_cb (GDBusConnection *connection, const char *sender, const char *path,
                    const char *interface, const char *method, GVariant *parameters,
                    GDBusMethodInvocation *invocation, gpointer user_data)
{
  RealKeyring *self = user_data;
  const char *callback;

  g_variant_get_child (parameters, 0, "&o", &callback);
  g_dbus_method_invocation_return_value (invocation, NULL);
  if (strcmp (method, "PerformPrompt") == 0)
    {
      g_atomic_int_inc (&self->n_dismissed);
      tell (connection, sender, callback, "no");
    }
  else
    tell (connection, sender, callback, strcmp (method, "BeginPrompting") == 0 ? "" : NULL);
}

static gboolean
quit_cb (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* [prompter] */
static gpointer
prompt_thread (gpointer data)
{
  static const GDBusInterfaceVTable table = { .method_call = prompter_called_cb };
  RealKeyring *self = data;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (prompter_xml, NULL);
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  connection = connect_to_bus (self);
  g_dbus_connection_register_object (connection, PROMPTER_PATH, node->interfaces[0], &table, self,
                                     NULL, &error);
  g_assert_no_error (error);
  owned = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", PROMPTER_NAME, 0),
                                       NULL, 0, -1, NULL, &error);
  g_assert_no_error (error);
  g_atomic_int_set (&self->is_prompting, TRUE);
  g_main_loop_run (self->loop);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

void
real_keyring_dismiss_prompts (RealKeyring *self)
{
  g_assert_null (self->thread);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("prompter", prompt_thread, self);
  while (!g_atomic_int_get (&self->is_prompting))
    g_usleep (1000);
}

guint
real_keyring_get_n_dismissed (RealKeyring *self)
{
  return (guint) g_atomic_int_get (&self->n_dismissed);
}

void
real_keyring_free (RealKeyring *self)
{
  GDBusConnection *shared;

  if (self->daemon)
    real_keyring_stop (self);
  if (self->thread)
    {
      g_main_context_invoke (self->context, quit_cb, self->loop);
      g_thread_join (self->thread);
      g_main_loop_unref (self->loop);
      g_main_context_unref (self->context);
    }
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  /* What the process has of the bus may be held by others yet, and must not end it. That there is
   * none is said where it is closed already. */
  shared = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  if (shared)
    g_dbus_connection_set_exit_on_close (shared, FALSE);
  g_clear_object (&shared);
  g_test_dbus_stop (self->bus);
  stopped_bus = g_steal_pointer (&self->bus);
  g_free (self);
}
