/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-window-private.h"

#include "fluo-settings.h"

/* What a window remembers: its size, and its tabs. */

/* A window in the settings: which tab is in front, and all of them. */
#define STATE_TYPE "(ua" FLUO_VIEW_STATE_TYPE ")"
/* More than this in one window nobody left open on purpose. */
#define VIEWS_MAX 30

void
fluo_window_load_size (FluoWindow *self)
{
  g_autoptr (GVariant) size = fluo_settings_dup_value ("window-size");
  int width = 1440;
  int height = 900;

  if (size)
    g_variant_get (size, "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), MAX (width, 360), MAX (height, 480));
  if (fluo_settings_get_boolean ("window-maximized", FALSE))
    gtk_window_maximize (GTK_WINDOW (self));
}

static GVariant *
make_state (FluoWindow *self)
{
  GVariantBuilder builder;
  guint front = 0;
  guint n = fluo_window_get_n_views (self);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" FLUO_VIEW_STATE_TYPE));
  for (guint i = 0; i < n; i++)
    {
      FluoView *view = fluo_window_get_nth_view (self, i);

      if (view == fluo_window_get_view (self))
        front = i;
      g_variant_builder_add_value (&builder, fluo_view_make_state (view));
    }
  return g_variant_new ("(u@a" FLUO_VIEW_STATE_TYPE ")", front, g_variant_builder_end (&builder));
}

GVariant *
fluo_window_dup_session (GList *windows)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a" STATE_TYPE));
  for (GList *window = windows; window; window = window->next)
    if (FLUO_IS_WINDOW (window->data) && fluo_window_get_view (window->data))
      g_variant_builder_add_value (&builder, make_state (window->data));
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

/* A window that is closed by itself is opened again by itself; quitting with several says so
 * afterwards. */
void
fluo_window_save_state (FluoWindow *self)
{
  GList only = { self, NULL, NULL };
  g_autoptr (GVariant) session = NULL;
  int width;
  int height;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  fluo_settings_set_boolean ("window-maximized", gtk_window_is_maximized (GTK_WINDOW (self)));
  if (width > 0 && height > 0)
    fluo_settings_set_value ("window-size", g_variant_new ("(ii)", width, height));
  if (!fluo_window_get_view (self))
    return;
  fluo_view_save (fluo_window_get_view (self));
  session = fluo_window_get_n_views (self) > 1
              ? fluo_window_dup_session (&only)
              : g_variant_ref_sink (
                g_variant_new_array (G_VARIANT_TYPE (STATE_TYPE), NULL, 0));
  fluo_settings_set_value ("windows", session);
}

void
fluo_window_restore (FluoWindow *self, gboolean traces)
{
  g_return_if_fail (FLUO_IS_WINDOW (self));
  fluo_view_restore (fluo_window_get_view (self), traces);
}

void
fluo_window_restore_state (FluoWindow *self, GVariant *state)
{
  g_autoptr (GVariant) views = NULL;
  guint front;
  guint n;

  g_return_if_fail (FLUO_IS_WINDOW (self));
  g_return_if_fail (g_variant_is_of_type (state, G_VARIANT_TYPE (STATE_TYPE)));
  g_variant_get (state, "(u@a" FLUO_VIEW_STATE_TYPE ")", &front, &views);
  n = (guint) CLAMP (g_variant_n_children (views), 1, VIEWS_MAX);
  while (fluo_window_get_n_views (self) < n)
    fluo_window_add_view (self, FLUO_VIEW (fluo_view_new (self->collector)), FALSE);
  /* First, so that the others rest before they know what to ask. */
  fluo_window_show_view (self, fluo_window_get_nth_view (self, MIN (front, n - 1)));
  for (guint i = 0; i < MIN (n, g_variant_n_children (views)); i++)
    {
      g_autoptr (GVariant) view_state = g_variant_get_child_value (views, i);

      fluo_view_restore_state (fluo_window_get_nth_view (self, i), view_state);
    }
}
