/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-query-bar-private.h"

#include <glib/gi18n.h>

#include "app/widgets/fluo-foreign.h"
#include "core/fluo-console-link.h"
#include "filter/fluo-filter.h"
#include "fluo-parameter-dialog.h"
#include "fluo-query-history.h"
#include "fluo-query-parameters.h"
#include "fluo-query-text.h"


enum
{
  SIGNAL_RAN,
  SIGNAL_DRAFT_CHANGED,
  SIGNAL_TOAST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoQueryBar, fluo_query_bar, GTK_TYPE_WIDGET)

/* --- Draft ------------------------------------------------------------------------------- */

char *
fluo_query_bar_dup_draft (FluoQueryBar *self)
{
  if (self->expanded)
    return fluo_filter_editor_dup_text (FLUO_FILTER_EDITOR (self->editor));
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->text)));
}

static char *
dup_plain (const char *text)
{
  return g_strstrip (fluo_query_text_fold (text));
}

void
fluo_query_bar_update_dirty (FluoQueryBar *self)
{
  g_autofree char *draft = fluo_query_bar_dup_draft (self);
  g_autofree char *written = dup_plain (draft);
  g_autofree char *shown = dup_plain (self->query);
  gboolean pending;

  self->dirty = !g_str_equal (written, shown);
  /* Words are looked for while they are typed. */
  pending = self->dirty
            && (fluo_query_text_get_kind (written, NULL) == FLUO_QUERY_EXPRESSION
                || fluo_query_text_get_kind (shown, NULL) == FLUO_QUERY_EXPRESSION);
  gtk_widget_set_visible (self->clear, *written || *shown);
  if (self->pending == pending)
    return;
  self->pending = pending;
  g_signal_emit (self, signals[SIGNAL_DRAFT_CHANGED], 0);
}

/* Puts the text where writing goes on. */
static void
show_text (FluoQueryBar *self, const char *text, gboolean fresh)
{
  self->setting = TRUE;
  if (self->expanded)
    {
      g_autofree char *unfolded = fluo_query_text_unfold (text);

      fluo_filter_editor_set_text (FLUO_FILTER_EDITOR (self->editor), unfolded, fresh);
    }
  else
    {
      g_autofree char *folded = fluo_query_text_fold (text);

      if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->text)), folded))
        {
          gtk_editable_set_text (GTK_EDITABLE (self->text), folded);
          gtk_editable_set_position (GTK_EDITABLE (self->text), -1);
        }
    }
  self->setting = FALSE;
  fluo_query_bar_color_field (self);
  fluo_query_bar_update_dirty (self);
}

/* --- Running ----------------------------------------------------------------------------- */

static void
record (FluoQueryBar *self, const char *text, FluoQueryKind kind)
{
  g_free (self->recorded);
  self->recorded = g_strdup (text);
  self->recorded_kind = kind;
  fluo_query_history_add (fluo_query_history_get_default (), text,
                          fluo_explorer_get_name (self->explorer), fluo_time_now_ns (), -1);
}

/* What was asked last and how many it found, once everything was looked at. */
static void
record_result (FluoQueryBar *self, FluoQueryKind kind, gint64 n_matching)
{
  const FluoAskProgress *progress = fluo_explorer_get_progress (self->explorer);

  if (!self->recorded || self->recorded_kind != kind || progress->running || progress->stale
      || progress->error)
    return;
  fluo_query_history_add (fluo_query_history_get_default (), self->recorded,
                          fluo_explorer_get_name (self->explorer), fluo_time_now_ns (),
                          n_matching);
  g_clear_pointer (&self->recorded, g_free);
}

gboolean
fluo_query_bar_apply (FluoQueryBar *self, const char *text)
{
  FluoQueryKind kind = fluo_query_text_get_kind (text, NULL);
  gboolean words = kind == FLUO_QUERY_WORDS || kind == FLUO_QUERY_TRACE;
  gboolean good;

  g_clear_handle_id (&self->words_id, g_source_remove);
  self->applying = TRUE;
  good = fluo_explorer_set_filter (self->explorer, words ? "" : text, NULL);
  self->applying = FALSE;
  if (!good)
    return FALSE;
  g_free (self->query);
  self->query = g_strdup (text);
  g_free (self->words);
  self->words = words ? dup_plain (text) : g_strdup ("");
  fluo_query_bar_update_dirty (self);
  fluo_query_bar_show_progress (self);
  g_signal_emit (self, signals[SIGNAL_RAN], 0);
  return TRUE;
}

void
fluo_query_bar_open_trace (FluoQueryBar *self, const FluoTraceId *id)
{
  g_autofree char *text = fluo_trace_id_to_string (id);

  show_text (self, self->query, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-trace", "s", text);
}

gboolean
fluo_query_bar_open_address (FluoQueryBar *self, const char *text)
{
  g_autofree char *address = NULL;

  if (!fluo_console_link_is_meant (text))
    return FALSE;
  /* The field's own text, perhaps, which goes. */
  address = g_strdup (text);
  show_text (self, self->query, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-console-address", "s", address);
  return TRUE;
}

/* What can't be run is shown where it can be mended. */
static void
run_text (FluoQueryBar *self, const char *text)
{
  FluoTraceId id;
  FluoQueryKind kind = fluo_query_text_get_kind (text, &id);

  if (fluo_query_bar_open_address (self, text))
    return;
  if (kind == FLUO_QUERY_TRACE)
    {
      fluo_query_bar_open_trace (self, &id);
      return;
    }
  if (fluo_query_bar_apply (self, text))
    {
      if (kind != FLUO_QUERY_EMPTY)
        record (self, text, kind);
      if (kind == FLUO_QUERY_WORDS)
        gtk_widget_activate_action (GTK_WIDGET (self), "win.show-matches", NULL);
      return;
    }
  fluo_query_bar_set_expanded (self, TRUE);
}

static void
filled_cb (FluoQueryBar *self, const char *filled)
{
  show_text (self, filled, FALSE);
  run_text (self, filled);
}

/* Asks for the values of parameters first. */
static void
use_text (FluoQueryBar *self, const char *text)
{
  g_autoptr (GPtrArray) parameters = fluo_query_parameters_find (text);
  g_autofree char *blank = fluo_query_parameters_blank (text);
  g_autoptr (FluoFilter) filter = fluo_filter_new (blank, -1, NULL, NULL);

  fluo_filter_completion_list_close (self->completion);
  if (parameters->len > 0 && filter)
    {
      GtkWidget *dialog = fluo_parameter_dialog_new (
          GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), text, parameters);

      g_signal_connect_object (dialog, "filled", G_CALLBACK (filled_cb), self, G_CONNECT_SWAPPED);
      gtk_window_present (GTK_WINDOW (dialog));
      return;
    }
  run_text (self, text);
}

static void
run_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  g_autofree char *draft = fluo_query_bar_dup_draft (self);
  FluoDraftState state;

  if (self->expanded)
    {
      state = fluo_filter_editor_get_state (FLUO_FILTER_EDITOR (self->editor));
      if (state == FLUO_DRAFT_WRONG || state == FLUO_DRAFT_TYPING)
        {
          gtk_widget_error_bell (widget);
          return;
        }
    }
  use_text (self, draft);
}

static void
stop_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_explorer_stop (FLUO_QUERY_BAR (widget)->explorer);
}

static void
clear_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);

  fluo_query_bar_set_query (self, "");
  if (self->expanded)
    fluo_filter_editor_focus (FLUO_FILTER_EDITOR (self->editor));
}

static void
use_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);
  const char *text = g_variant_get_string (parameter, NULL);

  show_text (self, text, FALSE);
  use_text (self, text);
}

static void
put_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);

  fluo_query_bar_set_expanded (self, TRUE);
  show_text (self, g_variant_get_string (parameter, NULL), FALSE);
  fluo_filter_editor_focus (FLUO_FILTER_EDITOR (self->editor));
}

static void
expand_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_query_bar_set_expanded (FLUO_QUERY_BAR (widget), TRUE);
}

static void
collapse_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);

  fluo_query_bar_set_expanded (self, FALSE);
  gtk_widget_grab_focus (self->text);
}

static void
save_as_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_query_bar_save_as (FLUO_QUERY_BAR (widget));
}

static void
fix_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (widget);

  if (self->expanded)
    fluo_filter_editor_take_fix (FLUO_FILTER_EDITOR (self->editor));
}

static void
clear_history_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  fluo_query_history_clear (fluo_query_history_get_default ());
}

/* --- The editor -------------------------------------------------------------------------- */

static void
editor_changed_cb (FluoQueryBar *self)
{
  if (self->expanded && !self->setting)
    fluo_query_bar_update_dirty (self);
}

static void
editor_run_cb (FluoQueryBar *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "query.run", NULL);
}

static void
editor_leave_cb (FluoQueryBar *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "query.collapse", NULL);
}

/* --- Following --------------------------------------------------------------------------- */

/* Somebody else set it: a chart, the map, another page. */
static void
filter_changed_cb (FluoQueryBar *self)
{
  const char *filter = fluo_explorer_get_filter (self->explorer);

  if (self->applying || g_str_equal (filter, self->query)
      || (!*filter && *self->words))
    return;
  g_free (self->query);
  self->query = g_strdup (filter);
  g_free (self->words);
  self->words = g_strdup ("");
  show_text (self, filter, FALSE);
  g_signal_emit (self, signals[SIGNAL_RAN], 0);
}

static void
progress_changed_cb (FluoQueryBar *self)
{
  fluo_query_bar_show_progress (self);
  record_result (self, FLUO_QUERY_EXPRESSION,
                 fluo_explorer_get_progress (self->explorer)->n_matching);
}

/* --- Object ------------------------------------------------------------------------------ */

static void
fluo_query_bar_dispose (GObject *object)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (object);

  g_clear_handle_id (&self->words_id, g_source_remove);
  g_clear_handle_id (&self->pulse_id, g_source_remove);
  g_clear_weak_pointer (&self->said);
  g_clear_pointer (&self->completion, fluo_filter_completion_list_free);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->explorer);
  G_OBJECT_CLASS (fluo_query_bar_parent_class)->dispose (object);
}

static void
fluo_query_bar_finalize (GObject *object)
{
  FluoQueryBar *self = FLUO_QUERY_BAR (object);

  g_free (self->query);
  g_free (self->words);
  g_free (self->recorded);
  G_OBJECT_CLASS (fluo_query_bar_parent_class)->finalize (object);
}

static void
fluo_query_bar_class_init (FluoQueryBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  static const struct
  {
    const char *name;
    const char *parameter;
    GtkWidgetActionActivateFunc activate;
  } actions[] = {
    { "query.run", NULL, run_cb },           { "query.stop", NULL, stop_cb },
    { "query.clear", NULL, clear_cb },       { "query.use", "s", use_cb },
    { "query.put", "s", put_cb },            { "query.expand", NULL, expand_cb },
    { "query.collapse", NULL, collapse_cb }, { "query.save-as", NULL, save_as_cb },
    { "query.fix", NULL, fix_cb },           { "query.clear-history", NULL, clear_history_cb },
  };

  object_class->dispose = fluo_query_bar_dispose;
  object_class->finalize = fluo_query_bar_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "querybar");
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, actions[i].parameter,
                                     actions[i].activate);
  fluo_query_bar_install_saved (widget_class);
  signals[SIGNAL_RAN] = g_signal_new ("ran", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 0);
  signals[SIGNAL_DRAFT_CHANGED] = g_signal_new ("draft-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_TOAST] = g_signal_new ("toast", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, ADW_TYPE_TOAST);
}

static void
fluo_query_bar_init (FluoQueryBar *self)
{
  self->query = g_strdup ("");
  self->words = g_strdup ("");
}

GtkWidget *
fluo_query_bar_new (FluoExplorer *explorer)
{
  FluoQueryBar *self = g_object_new (FLUO_TYPE_QUERY_BAR, NULL);

  self->explorer = g_object_ref (explorer);
  fluo_query_bar_build (self);
  fluo_query_bar_follow_field (self);
  g_signal_connect_object (self->editor, "changed", G_CALLBACK (editor_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "run", G_CALLBACK (editor_run_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->editor, "leave", G_CALLBACK (editor_leave_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "filter-changed", G_CALLBACK (filter_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "progress-changed", G_CALLBACK (progress_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (explorer, "state-changed", G_CALLBACK (fluo_query_bar_show_progress),
                           self, G_CONNECT_SWAPPED);
  fluo_query_bar_show_progress (self);
  return GTK_WIDGET (self);
}

const char *
fluo_query_bar_get_query (FluoQueryBar *self)
{
  g_return_val_if_fail (FLUO_IS_QUERY_BAR (self), NULL);
  return self->query;
}

const char *
fluo_query_bar_get_words (FluoQueryBar *self)
{
  g_return_val_if_fail (FLUO_IS_QUERY_BAR (self), NULL);
  return self->words;
}

void
fluo_query_bar_set_query (FluoQueryBar *self, const char *query)
{
  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  show_text (self, query, FALSE);
  if (!g_str_equal (self->query, query))
    fluo_query_bar_apply (self, query);
}

gboolean
fluo_query_bar_is_dirty (FluoQueryBar *self)
{
  g_return_val_if_fail (FLUO_IS_QUERY_BAR (self), FALSE);
  return self->pending;
}

void
fluo_query_bar_set_draft (FluoQueryBar *self, const char *text)
{
  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  show_text (self, text, FALSE);
}

gboolean
fluo_query_bar_get_expanded (FluoQueryBar *self)
{
  g_return_val_if_fail (FLUO_IS_QUERY_BAR (self), FALSE);
  return self->expanded;
}

void
fluo_query_bar_set_expanded (FluoQueryBar *self, gboolean expanded)
{
  g_autofree char *draft = NULL;

  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  if (self->expanded == expanded)
    return;
  g_clear_handle_id (&self->words_id, g_source_remove);
  fluo_filter_completion_list_close (self->completion);
  draft = fluo_query_bar_dup_draft (self);
  self->expanded = expanded;
  show_text (self, draft, TRUE);
  gtk_widget_set_visible (self->row, !expanded);
  gtk_widget_set_visible (self->editor, expanded);
  fluo_filter_editor_set_shown (FLUO_FILTER_EDITOR (self->editor), expanded);
  if (expanded)
    fluo_filter_editor_focus (FLUO_FILTER_EDITOR (self->editor));
}

void
fluo_query_bar_focus (FluoQueryBar *self)
{
  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  if (self->expanded)
    {
      fluo_filter_editor_focus (FLUO_FILTER_EDITOR (self->editor));
      return;
    }
  gtk_widget_grab_focus (self->text);
  gtk_editable_select_region (GTK_EDITABLE (self->text), 0, -1);
}

void
fluo_query_bar_set_count (FluoQueryBar *self, guint matching, guint total, gboolean narrowed)
{
  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  fluo_query_bar_show_count (self, matching, total, narrowed);
  if (*self->words && g_strcmp0 (self->recorded, self->query) == 0)
    record_result (self, FLUO_QUERY_WORDS, matching);
}

void
fluo_query_bar_set_width (FluoQueryBar *self, int width_px)
{
  g_return_if_fail (FLUO_IS_QUERY_BAR (self));
  if (self->width == width_px)
    return;
  self->width = width_px;
  fluo_filter_completion_list_close (self->completion);
  fluo_query_bar_fold (self);
}

void
fluo_query_bar_toast (FluoQueryBar *self, AdwToast *toast)
{
  g_object_ref_sink (toast);
  g_signal_emit (self, signals[SIGNAL_TOAST], 0, toast);
  g_object_unref (toast);
}

void
fluo_query_bar_say (FluoQueryBar *self, const char *text)
{
  /* What was said before is of something else; nobody waits for it to go. */
  if (self->said)
    adw_toast_dismiss (self->said);
  g_clear_weak_pointer (&self->said);
  g_set_weak_pointer (&self->said, fluo_foreign_new_toast (text));
  fluo_query_bar_toast (self, self->said);
}
