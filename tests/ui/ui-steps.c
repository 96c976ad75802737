/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui-steps.h"

#include <string.h>

#include "fake-xray.h"
#include "fluo-test-util.h"

typedef struct
{
  GtkWidget *root;
  const char *words;
} Saying;

static gboolean
says (gpointer data)
{
  Saying *saying = data;
  g_autofree char *text = fake_ui_dup_text (saying->root);

  return strstr (text, saying->words) != NULL;
}

gboolean
ui_wait_says (gpointer root, const char *words)
{
  g_autofree char *text = NULL;

  if (fluo_test_wait_until (says, &(Saying) { GTK_WIDGET (root), words }, UI_PATIENCE_MS))
    return TRUE;
  text = fake_ui_dup_text (GTK_WIDGET (root));
  g_test_message ("it says instead of \"%s\":\n%s", words, text);
  return FALSE;
}

GtkWidget *
ui_find_button (gpointer root, const char *label)
{
  if (GTK_IS_BUTTON (root) && gtk_widget_get_mapped (root)
      && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), label) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = ui_find_button (child, label);

      if (found)
        return found;
    }
  return NULL;
}

static gboolean
can_be_clicked (gpointer data)
{
  Saying *saying = data;
  GtkWidget *button = ui_find_button (saying->root, saying->words);

  return button && gtk_widget_is_sensitive (button);
}

void
ui_click (gpointer root, const char *label)
{
  if (!fluo_test_wait_until (can_be_clicked, &(Saying) { GTK_WIDGET (root), label },
                             UI_PATIENCE_MS))
    g_error ("there is no button \"%s\" to click", label);
  g_signal_emit_by_name (ui_find_button (root, label), "clicked");
}

static gboolean
has_dialog (gpointer data)
{
  return fake_ui_find_dialog (data) != NULL;
}

GtkWindow *
ui_wait_for_dialog (gpointer parent)
{
  g_assert_true (fluo_test_wait_until (has_dialog, parent, UI_PATIENCE_MS));
  return fake_ui_find_dialog (parent);
}

static gboolean
has_no_dialog (gpointer data)
{
  return fake_ui_find_dialog (data) == NULL;
}

void
ui_wait_no_dialog (gpointer parent)
{
  g_assert_true (fluo_test_wait_until (has_no_dialog, parent, UI_PATIENCE_MS));
}
