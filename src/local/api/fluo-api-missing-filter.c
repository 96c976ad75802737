/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/api/fluo-api-missing-private.h"

#include <glib/gi18n-lib.h>

#include "core/fluo-format.h"

/* Without a trace, this many of the newest block's are looked through for the key. */
#define N_TRACES_MAX 200
#define BYTES_MAX (16 * 1024 * 1024)

#define SHOWN_CHARS_MAX 60

/* --- Annotation or metadata --------------------------------------------- */

typedef enum
{
  FOUND_ANNOTATION = 1 << 0,
  FOUND_METADATA = 1 << 1
} Found;

/* Is the key in the object that begins now? Names of metadata's namespaces are taken for keys too:
 * whoever looks for one has mixed the two up as well. */
static gboolean
has_key (FluoJsonScanner *scanner, const char *key)
{
  guint depth = scanner->depth;
  gboolean found = FALSE;
  FluoJsonToken token;

  do
    {
      token = fluo_json_scanner_next (scanner);
      if (token == FLUO_JSON_KEY && fluo_json_scanner_equal (scanner, key))
        found = TRUE;
    }
  while (token != FLUO_JSON_INVALID && token != FLUO_JSON_END && scanner->depth >= depth);
  return found;
}

/* Annotations and metadata of the segment and of all its subsegments. */
static guint
look_for_key (GBytes *body, const char *key)
{
  FluoJsonScanner scanner;
  FluoJsonToken token;
  guint found = 0;
  gsize length;
  const char *text = g_bytes_get_data (body, &length);

  fluo_json_scanner_init (&scanner, text, length);
  while ((token = fluo_json_scanner_next (&scanner)) != FLUO_JSON_END &&
         token != FLUO_JSON_INVALID)
    {
      gboolean annotations, metadata;

      if (token != FLUO_JSON_KEY)
        continue;
      annotations = fluo_json_scanner_equal (&scanner, "annotations");
      metadata = fluo_json_scanner_equal (&scanner, "metadata");
      if ((!annotations && !metadata) ||
          fluo_json_scanner_next (&scanner) != FLUO_JSON_OBJECT_BEGIN)
        continue;
      if (has_key (&scanner, key))
        found |= annotations ? FOUND_ANNOTATION : FOUND_METADATA;
    }
  return found;
}

static guint
look_into_trace (FluoStoredTrace *stored, const char *key)
{
  guint found = 0;

  for (guint i = 0; i < stored->documents->len; i++)
    found |= look_for_key (g_array_index (stored->documents, FluoStoredDocument, i).body, key);
  return found;
}

typedef struct
{
  guint n, n_annotation, n_metadata;
} KeyCounts;

static gboolean
count_key (FluoMissing *self, FluoConnection *reader, KeyCounts *counts, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  gint64 bytes = 0;

  if (!fluo_stored_traces_find (reader, (FluoTimeSpan) { 0, G_MAXINT64 }, 0, N_TRACES_MAX, entries,
                                error))
    return FALSE;
  for (guint i = 0; i < entries->len && bytes < BYTES_MAX; i++)
    {
      const FluoTraceEntry *entry = &g_array_index (entries, FluoTraceEntry, i);
      g_autoptr (FluoStoredTrace) stored =
        fluo_stored_trace_load_row (reader, &entry->id, entry->row, error);
      guint found;

      if (!stored)
        return FALSE;
      found = look_into_trace (stored, self->key);
      counts->n++;
      counts->n_annotation += (found & FOUND_ANNOTATION) != 0;
      counts->n_metadata += found == FOUND_METADATA;
      bytes += stored->bytes;
    }
  return TRUE;
}

static char *
describe_key (FluoMissing *self, const KeyCounts *counts, guint n, gboolean annotation)
{
  g_autofree char *key = fluo_format_untrusted (self->key, SHOWN_CHARS_MAX);
  g_autofree char *some = fluo_format_count (n);
  g_autofree char *all = fluo_format_count (counts->n);

  if (self->trace)
    return g_strdup_printf (annotation ? _("“%s” is an annotation of this trace.")
                                       : _("“%s” is in this trace’s metadata, and no annotation."),
                            key);
  return g_strdup_printf (
    annotation ? _("“%s” is an annotation of %s of the %s traces that were looked at.")
               : _("“%s” is in the metadata, and no annotation, of %s of the %s traces that were "
                   "looked at."),
    key, some, all);
}

gboolean
fluo_missing_check_key (FluoMissing *self, FluoConnection *reader, GError **error)
{
  g_autofree char *key = fluo_format_untrusted (self->key, SHOWN_CHARS_MAX);
  KeyCounts counts = { 0 };

  if (self->stored)
    {
      guint found = look_into_trace (self->stored, self->key);

      counts = (KeyCounts) { 1, (found & FOUND_ANNOTATION) != 0, found == FOUND_METADATA };
    }
  else if (!count_key (self, reader, &counts, error))
    return FALSE;
  if (counts.n_metadata > 0)
    fluo_missing_add (
      self, "Metadata", FLUO_FINDING_PROBLEM, _("It is metadata, and filters see annotations only"),
      describe_key (self, &counts, counts.n_metadata, FALSE),
      g_strdup_printf (_("Record “%s” as an annotation: put_annotation instead of put_metadata in "
                         "X-Ray’s SDKs; with OpenTelemetry name it in aws.xray.annotations or "
                         "start the collector with --index-all-attributes."),
                       key));
  if (counts.n_annotation > 0)
    fluo_missing_add (self, "Annotation", FLUO_FINDING_FINE, _("Filters find it"),
                      describe_key (self, &counts, counts.n_annotation, TRUE),
                      g_strdup (_("Texts must match in upper and lower case too, and a number is "
                                  "not the same as its text.")));
  if (counts.n_annotation + counts.n_metadata == 0)
    fluo_missing_add (self, "NoSuchKey", FLUO_FINDING_MAYBE, _("Nobody has recorded it"),
                      g_strdup_printf (_("“%s” is neither an annotation nor in the metadata of "
                                         "what was looked at."),
                                       key),
                      g_strdup (_("Keys are the same in upper and lower case too.")));
  return TRUE;
}

/* --- Membership in a group ---------------------------------------------- */

static gboolean
is_member (FluoMissing *self, FluoConnection *reader, const FluoGroup *group, gboolean *ret_member,
           GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (FluoTraceEntry));
  FluoTimeSpan span = { self->stored->start_ns, self->stored->start_ns + 1 };

  *ret_member = FALSE;
  if (!fluo_stored_traces_find (reader, span, group->key, G_MAXUINT, entries, error))
    return FALSE;
  for (guint i = 0; i < entries->len && !*ret_member; i++)
    *ret_member =
      fluo_trace_id_equal (&g_array_index (entries, FluoTraceEntry, i).id, &self->id);
  return TRUE;
}

static void
explain_member (FluoMissing *self, const FluoGroup *group, gboolean member, const char *name,
                const char *made)
{
  g_autofree char *expression = fluo_format_untrusted (group->expression, 200);
  gint64 made_s = FLUO_GROUP_KEY_EPOCH_S + group->key;

  if (member)
    fluo_missing_add (self, "Group", FLUO_FINDING_FINE, _("It belongs to the group"),
                      g_strdup_printf (_("It matched the filter of “%s” when it was stored."),
                                       name),
                      NULL);
  else if (self->stored->start_ns / FLUO_NSEC_PER_SEC < made_s)
    fluo_missing_add (
      self, "GroupLater", FLUO_FINDING_PROBLEM, _("The group was made later"),
      g_strdup_printf (_("“%s” was made at %s, and a trace belongs to the groups that there were "
                         "when it was stored; X-Ray does the same."),
                       name, made),
      g_strdup_printf (_("To find older traces use the group’s filter by itself: %s"), expression));
  else
    fluo_missing_add (
      self, "GroupOther", FLUO_FINDING_PROBLEM, _("It did not match the group’s filter"),
      g_strdup_printf (group->version > 1
                         ? _("When it was stored, the filter of “%s” did not match; the filter may "
                             "have been another one then. Now it is: %s")
                         : _("When it was stored, the filter of “%s” did not match: %s"),
                       name, expression),
      g_strdup (_("What comes after a trace was first put together doesn’t change its groups.")));
}

gboolean
fluo_missing_check_group (FluoMissing *self, FluoConnection *reader, GError **error)
{
  g_autoptr (FluoGroups) groups = fluo_settings_ref_groups (self->context->settings);
  const FluoGroup *group = fluo_groups_find (groups, self->group, NULL);
  g_autofree char *name = fluo_format_untrusted (self->group, SHOWN_CHARS_MAX);
  g_autofree char *made = NULL;
  gboolean member;

  if (!group)
    {
      fluo_missing_add (self, "NoSuchGroup", FLUO_FINDING_PROBLEM, _("There is no such group"),
                        g_strdup_printf (_("No group is called “%s”."), name),
                        g_strdup (_("Names of groups are the same in upper and lower case too.")));
      return TRUE;
    }
  if (group->key == 0)
    {
      fluo_missing_add (self, "Group", FLUO_FINDING_FINE, _("Every trace belongs to it"),
                        g_strdup_printf (_("“%s” holds all traces."), name), NULL);
      return TRUE;
    }
  made = fluo_missing_dup_time ((FLUO_GROUP_KEY_EPOCH_S + group->key) * FLUO_NSEC_PER_SEC);
  if (!self->trace)
    {
      fluo_missing_add (self, "GroupSince", FLUO_FINDING_NOTE,
                        _("The group holds what was stored after it was made"),
                        g_strdup_printf (_("“%s” was made at %s."), name, made), NULL);
      return TRUE;
    }
  if (!is_member (self, reader, group, &member, error))
    return FALSE;
  explain_member (self, group, member, name, made);
  return TRUE;
}
