/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/ask/fluo-why-nothing.h"
#include "filter/fluo-filter.h"
#include "fluo-test-util.h"
#include "xray-steps.h"

/* An empty result says why, and what to ask instead; what it proposes finds what it says. */

#define PATIENCE_MS FLUO_TEST_PATIENCE_MS

typedef struct
{
  FakeXray *xray;
  FluoExplorer *explorer;
  FluoWhyNothing *why;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->xray = fake_xray_new ();
  self->explorer = fluo_explorer_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_pointer (&self->why, fluo_why_nothing_free);
  g_assert_finalize_object (self->explorer);
  fake_xray_free (self->xray);
}

static gboolean
is_settled (gpointer data)
{
  return xray_steps_is_settled (((Fixture *) data)->explorer);
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  ((Fixture *) user_data)->why =
    fluo_why_nothing_finish (FLUO_EXPLORER (source), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_done (gpointer data)
{
  return ((Fixture *) data)->why != NULL;
}

static gboolean
has_words (gpointer data)
{
  return fluo_explorer_get_vocabulary (((Fixture *) data)->explorer, NULL, NULL) != NULL;
}

static void
ask (Fixture *self, const char *expression)
{
  g_autoptr (GError) error = NULL;

  xray_steps_connect (self->explorer, self->xray);
  g_assert_true (fluo_explorer_set_filter (self->explorer, expression, &error));
  g_assert_no_error (error);
  g_assert_true (fluo_test_wait_until (is_settled, self, PATIENCE_MS));
  g_assert_true (fluo_test_wait_until (has_words, self, PATIENCE_MS));
  g_assert_cmpuint (fluo_explorer_get_matches (self->explorer)->len, ==, 0);
  fluo_why_nothing_async (self->explorer, NULL, done_cb, self);
  g_assert_true (fluo_test_wait_until (is_done, self, PATIENCE_MS));
}

static const FluoWhyProposal *
find (Fixture *self, FluoWhyKind kind)
{
  for (guint i = 0; i < self->why->proposals->len; i++)
    {
      const FluoWhyProposal *proposal = self->why->proposals->pdata[i];

      if (proposal->kind == kind)
        return proposal;
    }
  return NULL;
}

static void
test_drop (Fixture *self, gconstpointer data)
{
  const FluoWhyProposal *drop;
  g_autofree char *count = NULL;
  guint n;

  fake_xray_add_traces (self->xray, 80, 600, 1);
  n = fake_xray_count (self->xray, "service(\"payments\") AND duration >= 0");
  g_assert_cmpuint (n, >, 1);
  ask (self, "service(\"payments\") user = \"nobody <b>\" duration >= 0");
  g_assert_cmpuint (self->why->culprit, ==, 1);
  g_assert_nonnull (strstr (self->why->reason, "nobody"));
  g_assert_nonnull (strstr (self->why->looked_at, "80"));
  drop = find (self, FLUO_WHY_DROP);
  g_assert_nonnull (drop);
  g_assert_cmpint (drop->count, ==, n);
  count = g_strdup_printf ("%u", n);
  g_assert_nonnull (strstr (drop->sentence, count));
  g_assert_cmpuint (fake_xray_count (self->xray, drop->expression), ==, n);
  g_assert_null (strstr (drop->expression, "nobody"));
}

/* Two conditions too many: those before the first of them are proposed. */
static void
test_prefix (Fixture *self, gconstpointer data)
{
  const FluoWhyProposal *prefix;

  fake_xray_add_traces (self->xray, 80, 600, 1);
  ask (self, "duration >= 0 user = \"nobody\" user = \"no one\" (fault OR ok)");
  g_assert_null (find (self, FLUO_WHY_DROP));
  prefix = find (self, FLUO_WHY_PREFIX);
  g_assert_nonnull (prefix);
  g_assert_cmpstr (prefix->expression, ==, "duration >= 0");
  g_assert_cmpint (prefix->count, ==, 80);
}

static void
test_any_service (Fixture *self, gconstpointer data)
{
  g_autofree char *root = NULL;
  const FluoWhyProposal *any;

  fake_xray_add_traces (self->xray, 400, 600, 1);
  /* What some service answers, and no root. */
  for (guint status = 400; status < 600 && !root; status++)
    {
      g_autofree char *text = g_strdup_printf ("http.status = %u", status);
      g_autofree char *inside = g_strdup_printf ("service() { %s }", text);

      if (fake_xray_count (self->xray, text) == 0 && fake_xray_count (self->xray, inside) > 0)
        root = g_steal_pointer (&text);
    }
  g_assert_nonnull (root);
  ask (self, root);
  any = find (self, FLUO_WHY_ANY_SERVICE);
  g_assert_nonnull (any);
  g_assert_cmpint (any->count, >, 0);
  g_assert_cmpint (any->count, ==, fake_xray_count (self->xray, any->expression));
  g_assert_true (g_str_has_prefix (any->expression, "service()"));
  /* It is what explains it, so it comes first. */
  g_assert_true (self->why->proposals->pdata[0] == any);
}

static void
test_longer (Fixture *self, gconstpointer data)
{
  const FluoWhyProposal *longer;

  fake_xray_add_traces (self->xray, 1, 3600 * 5, 3);
  fluo_explorer_set_relative (self->explorer, 1 * FLUO_NSEC_PER_SEC);
  ask (self, "duration >= 0");
  g_assert_cmpuint (self->why->counts->n_traces, ==, 0);
  longer = find (self, FLUO_WHY_LONGER);
  g_assert_nonnull (longer);
  g_assert_cmpint (longer->count, ==, 1);
  g_assert_cmpint (longer->relative_ns, ==, 24 * 60 * FLUO_NSEC_PER_MIN);
}

static void
test_metadata (Fixture *self, gconstpointer data)
{
  const FluoWhyProposal *metadata;

  fake_xray_add_traces (self->xray, 20, 600, 1);
  fake_xray_set_finding (self->xray, "Metadata");
  ask (self, "annotation[order.id] = 7");
  metadata = find (self, FLUO_WHY_METADATA);
  g_assert_nonnull (metadata);
  g_assert_nonnull (strstr (metadata->sentence, "order.id"));
  g_assert_null (metadata->expression);
}

/* As AWS: what was fetched is what is known. */
static void
test_plain (Fixture *self, gconstpointer data)
{
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, 60, 600, 1);
  ask (self, "duration >= 0 user = \"nobody\"");
  g_assert_false (self->why->counts->exact);
  g_assert_nonnull (strstr (self->why->looked_at, "fetched"));
  g_assert_cmpint (find (self, FLUO_WHY_DROP)->count, ==, 60);
  g_assert_null (find (self, FLUO_WHY_LONGER));
}

/* What is not indexed can't be found by a filter: where Transaction Search is on, that is said, and
 * where the traces are. */
static void
test_transaction_search (Fixture *self, gconstpointer data)
{
  static const char *const documents[] = { NULL };
  const FluoWhyProposal *indexing;

  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_set_search (self->xray, "XRAY", "1-6a866ac0-0123456789abcdef01234567", documents);
  fake_xray_add_traces (self->xray, 60, 600, 1);
  ask (self, "duration >= 0 user = \"nobody\"");
  indexing = find (self, FLUO_WHY_INDEXING);
  g_assert_nonnull (indexing);
  g_assert_nonnull (strstr (indexing->sentence, "Transaction Search is on"));
  g_assert_nonnull (strstr (indexing->sentence, "aws/spans"));
}

/* Where it is off, nobody is told of it. */
static void
test_no_transaction_search (Fixture *self, gconstpointer data)
{
  fake_xray_set_plain (self->xray, TRUE);
  fake_xray_add_traces (self->xray, 60, 600, 1);
  ask (self, "duration >= 0 user = \"nobody\"");
  g_assert_null (find (self, FLUO_WHY_INDEXING));
}

int
main (int argc, char **argv)
{
  char *state = fluo_test_dir_new ();
  int failed;

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/why/drop", Fixture, NULL, set_up, test_drop, tear_down);
  g_test_add ("/why/prefix", Fixture, NULL, set_up, test_prefix, tear_down);
  g_test_add ("/why/any-service", Fixture, NULL, set_up, test_any_service, tear_down);
  g_test_add ("/why/longer", Fixture, NULL, set_up, test_longer, tear_down);
  g_test_add ("/why/metadata", Fixture, NULL, set_up, test_metadata, tear_down);
  g_test_add ("/why/plain", Fixture, NULL, set_up, test_plain, tear_down);
  g_test_add ("/why/transaction-search", Fixture, NULL, set_up, test_transaction_search,
              tear_down);
  g_test_add ("/why/no-transaction-search", Fixture, NULL, set_up, test_no_transaction_search,
              tear_down);
  failed = g_test_run ();
  fluo_test_dir_free (state);
  return failed;
}
