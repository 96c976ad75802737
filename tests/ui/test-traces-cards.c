/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Brushes, what the selected traces share, and what becomes a filter. */
#include <string.h>

#include "app/traces/fluo-brush-words.h"
#include "app/traces/fluo-cohort-words.h"
#include "app/traces/fluo-compare-card.h"
#include "app/traces/fluo-compare-dialog.h"
#include "app/traces/fluo-compare-groups.h"
#include "app/traces/fluo-trace-list.h"
#include "app/traces/fluo-trace-words.h"
#include "app/traces/fluo-traces-compare.h"
#include "filter/fluo-filter.h"
#include "fluo-test-util.h"
#include "traces-fixture.h"

static void
test_brush (TracesFixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  guint all = traces_n_rows (self);
  FluoBrush brush = { { 0, 0 }, traces_get_middle_ns (self), G_MAXINT64 };
  FluoBrush none = FLUO_BRUSH_NONE;
  FluoTraceId id;
  GtkWidget *words = fake_ui_find (GTK_WIDGET (charts), GTK_TYPE_LABEL, "brush-words");
  g_autofree char *selected = NULL;
  g_autofree char *wanted = NULL;

  traces_click_header (self, "Duration");
  id = traces_row_at (self, 0)->id;
  wanted = fluo_trace_id_to_string (&id);
  g_assert_true (fluo_traces_page_select (self->page, &id));
  fluo_traces_charts_set_brush (charts, &brush);
  g_assert_cmpuint (traces_n_rows (self), ==, traces_count_slow (self, brush.from_ns));
  g_assert_cmpuint (traces_n_rows (self), <, all);
  g_assert_cmpuint (fluo_traces_page_count_selected (self->page), ==, traces_n_rows (self));
  /* The header still counts what matches. */
  g_assert_cmpuint (fluo_traces_page_get_n_matching (self->page), ==, all);
  g_assert_nonnull (strstr (gtk_label_get_text (GTK_LABEL (words)), " and up: "));
  /* What was selected stays so, wherever the row is now. */
  selected = fluo_traces_page_dup_selected (self->page);
  g_assert_cmpstr (selected, ==, wanted);
  /* A search narrows what is brushed, and the other way round. */
  fluo_traces_page_set_search (self->page, "checkout");
  g_assert_cmpuint (traces_n_rows (self), <=, traces_count_slow (self, brush.from_ns));
  for (guint i = 0; i < traces_n_rows (self); i++)
    g_assert_cmpint (fluo_trace_summary_get_time_ns (traces_row_at (self, i)), >=, brush.from_ns);
  fluo_traces_page_set_search (self->page, "");
  fluo_traces_charts_set_brush (charts, &none);
  g_assert_cmpuint (traces_n_rows (self), ==, all);
}

static void
test_brush_of_times (TracesFixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  gint64 newest = traces_row_at (self, 0)->start_ns;
  gint64 middle = traces_row_at (self, traces_n_rows (self) / 2)->start_ns;
  FluoBrush brush = { { middle, newest }, 0, 0 };

  fluo_traces_charts_set_brush (charts, &brush);
  g_assert_cmpuint (traces_n_rows (self), >, 0);
  for (guint i = 0; i < traces_n_rows (self); i++)
    {
      g_assert_cmpint (traces_row_at (self, i)->start_ns, >=, middle);
      g_assert_cmpint (traces_row_at (self, i)->start_ns, <, newest);
    }
}

/* While a row is selected, new traces wait; those that the brush leaves out do not count. */
static void
test_live_while_brushed (TracesFixture *self, gconstpointer data)
{
  FluoBrush brush = { { 0, 0 }, traces_get_middle_ns (self), G_MAXINT64 };
  FluoTraceId id;
  guint before;

  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  before = traces_n_rows (self);
  id = traces_row_at (self, before / 2)->id;
  g_assert_true (fluo_traces_page_select (self->page, &id));
  fake_xray_add_traces (self->xray, 20, 1, 91);
  g_assert_true (fluo_test_wait_until (traces_pill_shows, self, PATIENCE_MS));
  g_assert_cmpuint (traces_n_rows (self), ==, before);
  g_assert_true (fluo_test_wait_until (traces_are_settled, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "new-pill"),
                         "clicked");
  g_assert_cmpuint (traces_n_rows (self), ==, traces_count_slow (self, brush.from_ns));
}

static gboolean
has_cards (gpointer data)
{
  TracesFixture *self = data;
  GtkWidget *compare = fake_ui_find (GTK_WIDGET (self->page), FLUO_TYPE_TRACES_COMPARE, NULL);

  return !fluo_traces_compare_is_busy (FLUO_TRACES_COMPARE (compare))
         && fake_ui_find (compare, GTK_TYPE_BUTTON, "compare-card") != NULL;
}

static gboolean
has_taken_card (gpointer data)
{
  TracesFixture *self = data;

  return fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "taken") != NULL;
}

/* From slow traces to what they share: a click asks for it, the next click takes it back. */
static void
test_card (TracesFixture *self, gconstpointer data)
{
  FluoBrush brush = { { 0, 0 }, 0, G_MAXINT64 };
  FluoBrush none = FLUO_BRUSH_NONE;
  FluoCohort *cohort;
  const FluoCohortRow *rows;
  g_autofree char *condition = NULL;
  guint n;
  guint all = traces_n_rows (self);

  brush.from_ns = traces_get_middle_ns (self) * 4;
  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  g_assert_true (fluo_test_wait_until (has_cards, self, PATIENCE_MS));
  cohort = fluo_traces_compare_get_cohort (FLUO_TRACES_COMPARE (
      fake_ui_find (GTK_WIDGET (self->page), FLUO_TYPE_TRACES_COMPARE, NULL)));
  rows = fluo_cohort_get_rows (cohort, &n);
  condition = fluo_cohort_dup_expression (&rows[0].term);
  g_assert_nonnull (condition);
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "compare-card"),
                         "clicked");
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, condition);
  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &none);
  g_assert_true (fluo_test_wait_until (traces_are_answered, self, PATIENCE_MS));
  g_assert_cmpuint (traces_n_rows (self), >, 0);
  g_assert_cmpuint (traces_n_rows (self), <, all);
  g_assert_true (fluo_test_wait_until (has_taken_card, self, PATIENCE_MS));
  g_signal_emit_by_name (fake_ui_find (GTK_WIDGET (self->page), GTK_TYPE_BUTTON, "taken"),
                         "clicked");
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, "");
  g_assert_true (fluo_test_wait_until (traces_are_answered, self, PATIENCE_MS));
  g_assert_cmpuint (traces_n_rows (self), ==, all);
}

static gboolean
has_other_cohort (gpointer data)
{
  return fluo_traces_compare_get_cohort (g_object_get_data (data, "compare"))
         != g_object_get_data (data, "cohort");
}

/* No two cards say the same. */
static void
check_cards (GtkWidget *compare)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (GtkWidget *card = fake_ui_find (compare, FLUO_TYPE_COMPARE_CARD, NULL); card;
       card = gtk_widget_get_next_sibling (card))
    {
      const FluoTerm *term = &fluo_compare_card_get_row (FLUO_COMPARE_CARD (card))->term;

      if (gtk_widget_get_visible (card) && term->field != FLUO_FIELD_TIME)
        g_assert_true (g_hash_table_add (
          seen, g_strdup_printf ("%d %s %s %d %d %d", term->field, term->key, term->value,
                                 term->operator, term->status, term->http_status)));
    }
  g_assert_cmpuint (g_hash_table_size (seen), >, 0);
}

/* Answers come and go, but what somebody is about to press stays what and where it is. */
static void
test_cards_stay (TracesFixture *self, gconstpointer data)
{
  GtkWidget *compare = fake_ui_find (GTK_WIDGET (self->page), FLUO_TYPE_TRACES_COMPARE, NULL);
  FluoBrush brush = { { 0, 0 }, traces_get_middle_ns (self) * 4, G_MAXINT64 };
  GtkWidget *first, *card;
  FluoCohort *cohort;
  FluoTerm term;
  g_autofree char *value = NULL;

  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  g_assert_true (fluo_test_wait_until (has_cards, self, PATIENCE_MS));
  first = fake_ui_find (compare, FLUO_TYPE_COMPARE_CARD, NULL);
  card = gtk_widget_get_next_sibling (first);
  g_assert_true (gtk_widget_get_visible (card));
  g_assert_true (gtk_widget_grab_focus (card));
  term = fluo_compare_card_get_row (FLUO_COMPARE_CARD (card))->term;
  value = g_strdup (term.value);
  check_cards (compare);
  /* Pressed, it is taken where it is, and given back there. */
  g_signal_emit_by_name (card, "clicked");
  g_assert_true (gtk_widget_has_css_class (card, "taken") && gtk_widget_is_focus (card));
  check_cards (compare);
  g_signal_emit_by_name (card, "clicked");
  g_assert_false (gtk_widget_has_css_class (card, "taken"));
  check_cards (compare);
  cohort = fluo_traces_compare_get_cohort (FLUO_TRACES_COMPARE (compare));
  g_object_set_data_full (G_OBJECT (card), "cohort", fluo_cohort_ref (cohort),
                          (GDestroyNotify) fluo_cohort_unref);
  g_object_set_data (G_OBJECT (card), "compare", compare);
  /* Of nearly everything else: other things are common now, and their order is another one. */
  brush.to_ns = brush.from_ns;
  brush.from_ns = 1;
  fluo_traces_charts_set_brush (fluo_traces_page_get_charts (self->page), &brush);
  g_assert_true (fluo_test_wait_until (has_other_cohort, card, PATIENCE_MS));
  check_cards (compare);
  g_assert_true (gtk_widget_get_mapped (card) && gtk_widget_is_focus (card));
  g_assert_true (gtk_widget_get_next_sibling (first) == card);
  g_assert_cmpint (fluo_compare_card_get_row (FLUO_COMPARE_CARD (card))->term.field, ==,
                   term.field);
  if (term.operator == FLUO_COHORT_IS)
    g_assert_cmpstr (fluo_compare_card_get_row (FLUO_COMPARE_CARD (card))->term.value, ==, value);
}

/* Traces that all took as long set nothing apart. */
static void
test_alike (void)
{
  g_autoptr (GPtrArray) summaries = NULL;
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (FluoScatterPoint));
  GtkWidget *window = gtk_window_new ();
  GtkWidget *compare = fluo_traces_compare_new ();
  const FluoBrush none = FLUO_BRUSH_NONE;

  summaries = g_ptr_array_new_with_free_func ((GDestroyNotify) fluo_trace_summary_unref);
  for (guint i = 0; i < 100; i++)
    {
      const FluoScatterPoint point = { i, FLUO_NSEC_PER_SEC, FLUO_STATUS_OK };

      g_ptr_array_add (summaries, fluo_trace_summary_new ());
      g_array_append_val (points, point);
    }
  gtk_window_set_child (GTK_WINDOW (window), compare);
  fluo_traces_compare_set_data (FLUO_TRACES_COMPARE (compare), summaries, points, &none);
  while (fluo_traces_compare_is_busy (FLUO_TRACES_COMPARE (compare)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (fluo_cohort_get_size (fluo_traces_compare_get_cohort (
                      FLUO_TRACES_COMPARE (compare)), 0), ==, 100);
  g_assert_null (fake_ui_find (compare, FLUO_TYPE_COMPARE_CARD, NULL));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_add_to_filter (TracesFixture *self, gconstpointer data)
{
  FluoTracesCharts *charts = fluo_traces_page_get_charts (self->page);
  FluoBrush brush = { { 0, 0 }, 100 * FLUO_NSEC_PER_MSEC, G_MAXINT64 };
  guint slow = traces_count_slow (self, brush.from_ns);

  fluo_traces_charts_set_brush (charts, &brush);
  gtk_widget_activate_action (GTK_WIDGET (self->page), "traces.add-to-filter", NULL);
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, "responsetime >= 0.1");
  brush = fluo_traces_charts_get_brush (charts);
  g_assert_true (fluo_brush_is_empty (&brush));
  g_assert_true (fluo_test_wait_until (traces_are_answered, self, PATIENCE_MS));
  g_assert_cmpuint (traces_n_rows (self), <=, slow);
}

/* A time narrows the range, and the second time gives back the range there was before: one that
 * moves with the clock, or a fixed one. */
static void
test_time (TracesFixture *self, gconstpointer data)
{
  const gint64 relative_ns = fluo_explorer_get_relative_ns (self->explorer);
  const FluoTerm after = { .field = FLUO_FIELD_TIME, .operator = FLUO_COHORT_AT_LEAST,
                           .time_ns = traces_row_at (self, traces_n_rows (self) / 2)->start_ns };
  const FluoTerm before = { .field = FLUO_FIELD_TIME, .operator = FLUO_COHORT_UNDER,
                            .time_ns = traces_row_at (self, 3)->start_ns };
  FluoTimeSpan span;

  g_assert_cmpint (relative_ns, >, 0);
  fluo_traces_page_toggle_term (self->page, &after);
  span = fluo_explorer_get_span (self->explorer);
  g_assert_cmpint (span.begin_ns, ==, after.time_ns);
  g_assert_cmpint (fluo_explorer_get_relative_ns (self->explorer), ==, 0);
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==, "");
  /* The other end of what is fixed now, and back to that. */
  fluo_traces_page_toggle_term (self->page, &before);
  g_assert_cmpint (fluo_explorer_get_span (self->explorer).end_ns, ==, before.time_ns);
  g_assert_cmpint (fluo_explorer_get_span (self->explorer).begin_ns, ==, after.time_ns);
  fluo_traces_page_toggle_term (self->page, &before);
  g_assert_true (fluo_time_span_equal (fluo_explorer_get_span (self->explorer), span));
  fluo_explorer_set_relative (self->explorer, relative_ns);
  fluo_traces_page_toggle_term (self->page, &after);
  fluo_traces_page_toggle_term (self->page, &after);
  g_assert_cmpint (fluo_explorer_get_relative_ns (self->explorer), ==, relative_ns);
  /* A range that was chosen otherwise meanwhile is nobody's to take back. */
  fluo_traces_page_toggle_term (self->page, &after);
  fluo_explorer_set_relative (self->explorer, 2 * relative_ns);
  fluo_traces_page_toggle_term (self->page, &after);
  g_assert_cmpint (fluo_explorer_get_span (self->explorer).begin_ns, ==, after.time_ns);
}

static guint
count_words (GPtrArray *all, const char *text)
{
  g_auto (GStrv) words = fluo_trace_words_split (text);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    n += fluo_trace_words_match (words, g_ptr_array_index (all, i));
  return n;
}

/* As a filter, words find what they found as words, and are kept when a condition is added. */
static void
test_words (TracesFixture *self, gconstpointer data)
{
  static const char *const rows[] = {
    "checkout", "/CHECKOUT", "checkout gold", "tier=gold", "tier", "post 502", "payments",
    "orders gold", "TimeoutError", "order_id", "eu", "petshop/prod",
  };
  GPtrArray *all = fluo_explorer_get_summaries (self->explorer);
  g_autofree char *id = fluo_trace_id_to_string (&traces_row_at (self, 0)->id);
  g_autofree char *left = NULL;
  g_autofree char *nothing = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *unsaid = NULL;
      g_autofree char *filter = fluo_trace_words_dup_filter (rows[i], all, &unsaid);

      g_test_message ("%s: %s", rows[i], filter);
      g_assert_null (unsaid);
      g_assert_cmpuint (count_words (all, rows[i]), >, 0);
      g_assert_cmpuint (fake_xray_count (self->xray, filter), ==, count_words (all, rows[i]));
    }
  /* No filter asks for an id, or for a part of many numbers. */
  nothing = fluo_trace_words_dup_filter (id + strlen (id) - 8, all, &left);
  g_assert_cmpstr (nothing, ==, "");
  g_assert_cmpstr (left, ==, id + strlen (id) - 8);
  g_free (nothing);
  g_free (left);
  nothing = fluo_trace_words_dup_filter ("84 gold", all, &left);
  g_assert_cmpstr (nothing, ==, "annotation.tier CONTAINS \"gold\"");
  g_assert_cmpstr (left, ==, "84");

  fluo_traces_page_set_search (self->page, "/checkout gold");
  fluo_traces_page_toggle_condition (self->page, "responsetime > 0.01");
  g_assert_cmpstr (fluo_explorer_get_filter (self->explorer), ==,
                   "http.url CONTAINS \"/checkout\" AND annotation.tier CONTAINS \"gold\" AND "
                   "responsetime > 0.01");
}

static FluoCompareDialog *
find_dialog (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      if (FLUO_IS_COMPARE_DIALOG (window))
        return FLUO_COMPARE_DIALOG (window);
    }
  return NULL;
}

static gboolean
is_compared (gpointer data)
{
  return !fluo_compare_dialog_is_busy (data) && fluo_compare_dialog_get_cohort (data) != NULL;
}

static guint
find_set (FluoCompareDialog *dialog, const char *words)
{
  GListModel *names = fluo_compare_dialog_get_sets (dialog);

  for (guint i = 0; i < g_list_model_get_n_items (names); i++)
    {
      g_autoptr (GtkStringObject) name = g_list_model_get_item (names, i);

      if (g_str_equal (gtk_string_object_get_string (name), words))
        return i;
    }
  g_assert_not_reached ();
}

/* How many traces are of that tier; NULL: how many tiers there are. */
static guint
count_tier (TracesFixture *self, const char *tier)
{
  GPtrArray *all = fluo_explorer_get_matches (self->explorer);
  g_autoptr (GHashTable) tiers = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    {
      GArray *annotations = ((FluoTraceSummary *) g_ptr_array_index (all, i))->annotations;

      for (guint k = 0; k < annotations->len; k++)
        {
          FluoSummaryAnnotation *row = &g_array_index (annotations, FluoSummaryAnnotation, k);

          if (!g_str_equal (row->key, "tier"))
            continue;
          g_hash_table_add (tiers, row->value);
          n += g_strcmp0 (row->value, tier) == 0;
        }
    }
  return tier ? n : g_hash_table_size (tiers);
}

/* How many traces saw that service run that version. */
static guint
count_version (TracesFixture *self, const char *service, const char *version)
{
  GPtrArray *all = fluo_explorer_get_matches (self->explorer);
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    {
      const GArray *versions = ((FluoTraceSummary *) g_ptr_array_index (all, i))->versions;
      gboolean found = FALSE;

      for (guint k = 0; k < versions->len; k++)
        {
          const FluoSummaryVersion *row = &g_array_index (versions, FluoSummaryVersion, k);

          found |= g_str_equal (row->service, service)
                   && g_str_equal (row->version, version);
        }
      n += found;
    }
  return n;
}

typedef struct
{
  GListModel *model;
  guint n;
} Wanted;

static gboolean
has_groups (gpointer data)
{
  Wanted *wanted = data;

  return g_list_model_get_n_items (wanted->model) == wanted->n;
}

/* The slowest against the rest, two values of a field, and groups of it. */
static void
test_compare (TracesFixture *self, gconstpointer data)
{
  FluoCompareDialog *dialog;
  FluoCohort *cohort;
  GtkWidget *groups;
  guint gold, basic;
  Wanted wanted;

  gtk_widget_activate_action (GTK_WIDGET (self->page), "traces.compare-fields", NULL);
  dialog = find_dialog ();
  g_assert_nonnull (dialog);
  g_assert_true (fluo_test_wait_until (is_compared, dialog, PATIENCE_MS));
  cohort = fluo_compare_dialog_get_cohort (dialog);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0) + fluo_cohort_get_size (cohort, 1), ==,
                    traces_n_rows (self));
  g_assert_cmpuint (g_list_model_get_n_items (fluo_compare_dialog_get_rows (dialog)), >, 0);
  gold = find_set (dialog, "tier gold");
  basic = find_set (dialog, "tier basic");
  fluo_compare_dialog_set_sets (dialog, gold, basic);
  g_assert_true (fluo_test_wait_until (is_compared, dialog, PATIENCE_MS));
  cohort = fluo_compare_dialog_get_cohort (dialog);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0), ==, count_tier (self, "gold"));
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 1), ==, count_tier (self, "basic"));
  groups = fake_ui_find (GTK_WIDGET (dialog), FLUO_TYPE_COMPARE_GROUPS, NULL);
  fluo_compare_groups_select_field (FLUO_COMPARE_GROUPS (groups), FLUO_FIELD_ANNOTATION, "tier");
  wanted.model = fluo_compare_groups_get_model (FLUO_COMPARE_GROUPS (groups));
  wanted.n = count_tier (self, NULL);
  g_assert_true (fluo_test_wait_until (has_groups, &wanted, PATIENCE_MS));
  /* And what a service was replaced by against what it was. */
  fluo_compare_dialog_set_sets (dialog, find_set (dialog, "payments version 1.42.0"),
                                find_set (dialog, "payments version 1.41.3"));
  g_assert_true (fluo_test_wait_until (is_compared, dialog, PATIENCE_MS));
  cohort = fluo_compare_dialog_get_cohort (dialog);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0), ==,
                    count_version (self, "payments", "1.42.0"));
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 1), ==,
                    count_version (self, "payments", "1.41.3"));
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 0), >, 0);
  g_assert_cmpuint (fluo_cohort_get_size (cohort, 1), >, 0);
  fluo_compare_groups_select_field (FLUO_COMPARE_GROUPS (groups), FLUO_FIELD_VERSION, "payments");
  wanted.n = 2;
  g_assert_true (fluo_test_wait_until (has_groups, &wanted, PATIENCE_MS));
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The whole way to a failure is a field of its own, and asked for it finds what was counted. */
static void
test_path (TracesFixture *self, gconstpointer data)
{
  GPtrArray *all = fluo_explorer_get_summaries (self->explorer);
  g_autoptr (FluoCohortGroups) groups =
    fluo_cohort_groups_new (all, NULL, FLUO_FIELD_PATH, NULL);
  const FluoCohortGroup *group;
  g_autofree char *words = NULL;
  g_autofree char *expression = NULL;

  g_assert_cmpuint (groups->rows->len, >, 0);
  group = &g_array_index (groups->rows, FluoCohortGroup, 0);
  words = fluo_cohort_dup_value_words (&group->term);
  g_assert_nonnull (strstr (words, " → "));
  expression = fluo_cohort_dup_expression (&group->term);
  g_test_message ("%s: %s", words, expression);
  g_assert_cmpuint (fake_xray_count (self->xray, expression), ==, group->n);
}

/* Every term can be asked for in the language, whatever its text. */
static void
test_expressions (void)
{
  static const FluoTerm terms[] = {
    { .field = FLUO_FIELD_STATUS, .status = FLUO_STATUS_FAULT },
    { .field = FLUO_FIELD_HTTP_STATUS, .http_status = 502 },
    { .field = FLUO_FIELD_METHOD, .value = "POST" },
    { .field = FLUO_FIELD_URL, .value = "http://a/\"b\"", .had_query = TRUE },
    { .field = FLUO_FIELD_USER, .value = "a\\\"\n" },
    { .field = FLUO_FIELD_AGENT, .value = "curl" },
    { .field = FLUO_FIELD_CLIENT, .value = "1.2.3.4" },
    { .field = FLUO_FIELD_ENTRY, .value = "petshop/prod" },
    { .field = FLUO_FIELD_SERVICE, .value = "\"" },
    { .field = FLUO_FIELD_SERVICE_STATUS, .value = "payments", .status = FLUO_STATUS_THROTTLE },
    { .field = FLUO_FIELD_VERSION, .key = "pay \"ments\"", .value = "2.1\"" },
    { .field = FLUO_FIELD_INSTANCE, .value = "i-1" },
    { .field = FLUO_FIELD_ZONE, .value = "eu" },
    { .field = FLUO_FIELD_ARN, .value = "arn:x" },
    { .field = FLUO_FIELD_CAUSE, .key = "bank", .value = "E", .status = FLUO_STATUS_FAULT },
    { .field = FLUO_FIELD_CAUSE, .key = "bank", .status = FLUO_STATUS_ERROR },
    { .field = FLUO_FIELD_PATH, .value = "\x1f" "web\x1f" "a\"b\x1f" "bank",
      .status = FLUO_STATUS_FAULT },
    { .field = FLUO_FIELD_ANNOTATION, .key = "tier", .value = "gold" },
    { .field = FLUO_FIELD_ANNOTATION, .key = "a.b c", .value = "12", .type = FLUO_VALUE_NUMBER,
      .operator = FLUO_COHORT_AT_LEAST },
    { .field = FLUO_FIELD_ANNOTATION, .key = "ok", .value = "true", .type = FLUO_VALUE_BOOLEAN },
  };
  static const char *const filters[] = { "", "fault", "a OR", "http.status = 200 OR error",
                                         "service(\"x\") { fault AND responsetime > 1 } AND user",
                                         "ok\nAND responsetime > 1" };

  for (guint i = 0; i < G_N_ELEMENTS (terms); i++)
    {
      g_autofree char *condition = fluo_cohort_dup_expression (&terms[i]);
      g_autoptr (GError) error = NULL;
      g_autoptr (FluoFilter) filter = fluo_filter_new (condition, -1, NULL, &error);

      g_assert_no_error (error);
      for (guint k = 0; k < G_N_ELEMENTS (filters); k++)
        {
          g_autoptr (FluoFilter) before = fluo_filter_new (filters[k], -1, NULL, NULL);
          g_autofree char *with = NULL;
          g_autofree char *without = NULL;
          g_autoptr (FluoFilter) after = NULL;

          /* Its own condition is not put in a second time. */
          if (!before || fluo_filter_has_condition (filters[k], condition))
            continue;
          with = fluo_filter_add_condition (filters[k], condition);
          g_assert_true (fluo_filter_has_condition (with, condition));
          without = fluo_filter_remove_condition (with, condition);
          after = fluo_filter_new (without, -1, NULL, &error);
          g_assert_no_error (error);
          g_assert_true (fluo_filter_equal (before, after));
        }
    }
}

static void
test_brush_words (void)
{
  static const struct
  {
    gint64 from_ns, to_ns;
    const char *expression;
  } rows[] = {
    { 1200 * FLUO_NSEC_PER_MSEC, G_MAXINT64, "responsetime >= 1.2" },
    { 0, 20 * FLUO_NSEC_PER_MSEC, "responsetime < 0.02" },
    { 2 * FLUO_NSEC_PER_SEC, 10 * FLUO_NSEC_PER_SEC,
      "responsetime >= 2 AND responsetime < 10" },
    { 100 * FLUO_NSEC_PER_SEC, G_MAXINT64, "responsetime >= 100" },
    { 1, 2, "responsetime >= 0.000000001 AND responsetime < 0.000000002" },
    { 0, 0, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FluoBrush brush = { { 0, 0 }, rows[i].from_ns, rows[i].to_ns };
      g_autofree char *expression = fluo_brush_dup_expression (&brush);

      g_assert_cmpstr (expression, ==, rows[i].expression);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (TracesFixture *, gconstpointer);
    guint n_traces; /* 0: 60 */
  } tests[] = {
    { "/traces-cards/brush", test_brush },
    { "/traces-cards/brush-of-times", test_brush_of_times },
    { "/traces-cards/live-while-brushed", test_live_while_brushed },
    { "/traces-cards/card", test_card, 400 },
    { "/traces-cards/cards-stay", test_cards_stay, 400 },
    { "/traces-cards/time", test_time, 400 },
    { "/traces-cards/add-to-filter", test_add_to_filter },
    { "/traces-cards/words", test_words, 400 },
    { "/traces-cards/compare", test_compare, 400 },
    { "/traces-cards/path", test_path, 400 },
  };
  char *home = fake_ui_init_home (&argc, &argv);

  if (!home)
    return 77;
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, TracesFixture, GUINT_TO_POINTER (tests[i].n_traces), traces_set_up,
                tests[i].test, traces_tear_down);
  g_test_add_func ("/traces-cards/brush-words", test_brush_words);
  g_test_add_func ("/traces-cards/alike", test_alike);
  g_test_add_func ("/traces-cards/expressions", test_expressions);
  return fake_ui_run (home);
}
