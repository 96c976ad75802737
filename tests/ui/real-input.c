/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "real-input.h"

#include <gdk/x11/gdkx.h>

#include "fake-ui.h"
#include "fluo-test-util.h"

/* A busy server loses keys and clicks, so they are tried again. Each try waits twice as long as the
 * one before: what a key does is seen on a slow machine too before the next one undoes it. */
#define TRIES 6
#define FIRST_TRY_MS 5000
#define DELAY_MS "1"
#define DRAG_STEPS 6
/* What is new is laid out in the next frame; what asks for its width from an idle, in the one after
 * that. */
#define FRAMES 3

static void
run (const char *const *words)
{
  g_autoptr (GError) error = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) words, NULL, G_SPAWN_SEARCH_PATH, fluo_test_tie_child, NULL, NULL,
                NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static char *
dup_id (GtkNative *native)
{
  return g_strdup_printf ("%lu",
                          (gulong) gdk_x11_surface_get_xid (gtk_native_get_surface (native)));
}

gboolean
real_input_is_there (void)
{
  g_autofree char *xdotool = g_find_program_in_path ("xdotool");

  return xdotool && GDK_IS_X11_DISPLAY (gdk_display_get_default ());
}

char *
real_input_init_home (int *argc, char ***argv)
{
  char *home = fake_ui_init_home (argc, argv);

  if (home && !real_input_is_there ())
    g_clear_pointer (&home, fluo_test_dir_free);
  return home;
}

static gboolean
is_active (gpointer data)
{
  return gtk_window_is_active (data);
}

void
real_focus (GtkWindow *window)
{
  g_autofree char *id = dup_id (GTK_NATIVE (window));

  run ((const char *[]) { "xdotool", "windowfocus", "--sync", id, NULL });
  g_assert_true (fluo_test_wait_until (is_active, window, REAL_PATIENCE_MS));
}

void
real_press (const char *keys)
{
  run ((const char *[]) { "xdotool", "key", "--clearmodifiers", keys, NULL });
}

/* For whoever reads why it did not work. */
static const char *
get_focus_name (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);
      GtkWidget *focus = gtk_window_is_active (window) ? gtk_window_get_focus (window) : NULL;

      if (focus)
        return G_OBJECT_TYPE_NAME (focus);
    }
  return "nothing";
}

void
real_press_until (const char *keys, gboolean (*reached) (gpointer), gpointer data)
{
  gboolean there = FALSE;

  for (guint i = 0; i < TRIES && !there; i++)
    {
      real_press (keys);
      there = fluo_test_wait_until (reached, data, FIRST_TRY_MS << i);
    }
  if (!there)
    g_error ("%s did not lead there; the keyboard is in %s", keys, get_focus_name ());
}

void
real_type (const char *text)
{
  run ((const char *[]) { "xdotool", "type", "--clearmodifiers", "--delay", DELAY_MS, text, NULL });
}

typedef struct
{
  GtkWidget *widget;
  guint n_frames;
} Settling;

static void
painted_cb (GdkFrameClock *clock, Settling *settling)
{
  settling->n_frames++;
  gtk_widget_queue_draw (settling->widget);
}

static gboolean
is_settled (gpointer data)
{
  Settling *settling = data;

  return settling->n_frames >= FRAMES;
}

void
real_settle (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  Settling settling = { GTK_WIDGET (gtk_widget_get_native (widget)), 0 };
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (painted_cb), &settling);

  gtk_widget_queue_draw (settling.widget);
  g_assert_true (fluo_test_wait_until (is_settled, &settling, REAL_PATIENCE_MS));
  g_signal_handler_disconnect (clock, id);
}

void
real_point (GtkWidget *widget, double x, double y)
{
  GtkNative *native = gtk_widget_get_native (widget);
  g_autofree char *id = dup_id (native);
  g_autofree char *left = NULL;
  g_autofree char *top = NULL;
  double dx, dy, at_x, at_y;

  g_assert_true (gtk_widget_get_mapped (widget));
  g_assert_true (gtk_widget_translate_coordinates (widget, GTK_WIDGET (native), x, y, &at_x,
                                                   &at_y));
  gtk_native_get_surface_transform (native, &dx, &dy);
  left = g_strdup_printf ("%d", (int) (at_x + dx));
  top = g_strdup_printf ("%d", (int) (at_y + dy));
  run ((const char *[]) { "xdotool", "mousemove", "--window", id, left, top, NULL });
}

void
real_click (GtkWidget *widget, double x, double y, guint button)
{
  g_autofree char *number = g_strdup_printf ("%u", button);

  real_point (widget, x, y);
  run ((const char *[]) { "xdotool", "click", number, NULL });
}

void
real_click_until (GtkWidget *widget, gboolean (*reached) (gpointer), gpointer data)
{
  gboolean there = FALSE;

  g_assert_nonnull (widget);
  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *) &widget);
  for (guint i = 0; i < TRIES && !there; i++)
    {
      if (widget)
        real_settle (widget);
      if (!widget)
        g_error ("what was to be clicked on is gone");
      real_click (widget, gtk_widget_get_width (widget) / 2., gtk_widget_get_height (widget) / 2.,
                  1);
      there = fluo_test_wait_until (reached, data, FIRST_TRY_MS << i);
    }
  if (!there)
    g_error ("a click on a %s did not lead there", G_OBJECT_TYPE_NAME (widget));
  if (widget)
    g_object_remove_weak_pointer (G_OBJECT (widget), (gpointer *) &widget);
}

void
real_drag (GtkWidget *widget, double x1, double y1, double x2, double y2)
{
  real_point (widget, x1, y1);
  run ((const char *[]) { "xdotool", "mousedown", "1", NULL });
  for (guint i = 1; i <= DRAG_STEPS; i++)
    real_point (widget, x1 + (x2 - x1) * i / DRAG_STEPS, y1 + (y2 - y1) * i / DRAG_STEPS);
}

void
real_drop_until (gboolean (*reached) (gpointer), gpointer data)
{
  gboolean there = FALSE;

  for (guint i = 0; i < TRIES && !there; i++)
    {
      run ((const char *[]) { "xdotool", "mouseup", "1", NULL });
      there = fluo_test_wait_until (reached, data, FIRST_TRY_MS << i);
    }
  if (!there)
    g_error ("dropping did not lead there");
}
