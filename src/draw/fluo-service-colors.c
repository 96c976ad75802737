/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-draw"

#include "fluo-config.h"

#include "draw/fluo-service-colors.h"

#include <glib/gi18n.h>
#include <string.h>

/* Only this many services are remembered per connection; later ones share colours by a hash of
 * their name, so that a stream of invented names can't grow the table without end. */
#define SERVICES_MAX 4096

#define LAMBDA "AWS::Lambda"
#define LAMBDA_FUNCTION "AWS::Lambda::Function"

struct _FluoServiceColors
{
  GObject parent_instance;

  GHashTable *index;   /* "name\ntype", borrowed from keys -> index + 1 */
  GPtrArray  *keys;    /* in order of first appearance */
  GHashTable *choices; /* "name\ntype" -> colour + 1 */
  GHashTable *foreign; /* "name\ntype" -> what was loaded and names no colour of ours */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* In the order of FluoPalette.service. */
static const struct
{
  const char *id;
  const char *label;
} names[FLUO_N_SERVICE_COLORS] = {
  { "blue", N_("Blue") },   { "teal", N_("Teal") },     { "clay", N_("Clay") },
  { "rose", N_("Rose") },   { "olive", N_("Olive") },   { "iris", N_("Iris") },
  { "green", N_("Green") }, { "sky", N_("Sky") },       { "plum", N_("Plum") },
  { "lime", N_("Lime") },   { "violet", N_("Violet") }, { "slate", N_("Slate") },
};

G_DEFINE_FINAL_TYPE (FluoServiceColors, fluo_service_colors, G_TYPE_OBJECT)

static char *
make_key (const char *name, const char *type)
{
  return g_strconcat (name != NULL ? name : "", "\n", type != NULL ? type : "", NULL);
}

/* Lambda reports a function twice, as the service and as the function. The map has one node of
 * both, so what is chosen for either is for both. */
static char *
make_choice_key (const char *name, const char *type)
{
  return make_key (name, g_strcmp0 (type, LAMBDA) == 0 ? LAMBDA_FUNCTION : type);
}

/* Takes @key. */
static guint
register_key (FluoServiceColors *self, char *key)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->index, key));

  if (index > 0)
    {
      g_free (key);
      return index - 1;
    }
  if (self->keys->len >= SERVICES_MAX)
    {
      index = g_str_hash (key) % SERVICES_MAX;
      g_free (key);
      return index;
    }
  g_ptr_array_add (self->keys, key);
  g_hash_table_insert (self->index, key, GUINT_TO_POINTER (self->keys->len));
  return self->keys->len - 1;
}

/* --- Object ----------------------------------------------------------------------------------- */

static void
fluo_service_colors_finalize (GObject *object)
{
  FluoServiceColors *self = FLUO_SERVICE_COLORS (object);

  g_hash_table_unref (self->index);
  g_ptr_array_unref (self->keys);
  g_hash_table_unref (self->choices);
  g_hash_table_unref (self->foreign);
  G_OBJECT_CLASS (fluo_service_colors_parent_class)->finalize (object);
}

static void
fluo_service_colors_class_init (FluoServiceColorsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_service_colors_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_service_colors_init (FluoServiceColors *self)
{
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  self->choices = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->foreign = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

FluoServiceColors *
fluo_service_colors_new (void)
{
  return g_object_new (FLUO_TYPE_SERVICE_COLORS, NULL);
}

FluoServiceColors *
fluo_service_colors_copy (FluoServiceColors *self)
{
  FluoServiceColors *copy = fluo_service_colors_new ();
  GHashTableIter iter;
  gpointer key, color;

  if (self == NULL)
    return copy;
  for (guint i = 0; i < self->keys->len; i++)
    register_key (copy, g_strdup (g_ptr_array_index (self->keys, i)));
  g_hash_table_iter_init (&iter, self->choices);
  while (g_hash_table_iter_next (&iter, &key, &color))
    g_hash_table_insert (copy->choices, g_strdup (key), color);
  g_hash_table_iter_init (&iter, self->foreign);
  while (g_hash_table_iter_next (&iter, &key, &color))
    g_hash_table_insert (copy->foreign, g_strdup (key), g_strdup (color));
  return copy;
}

/* --- Services --------------------------------------------------------------------------------- */

guint
fluo_service_colors_get_automatic (FluoServiceColors *self, const char *name, const char *type)
{
  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), 0);

  return register_key (self, make_key (name, type));
}

guint
fluo_service_colors_get_choice (FluoServiceColors *self, const char *name, const char *type)
{
  g_autofree char *key = NULL;
  guint color;

  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), FLUO_SERVICE_COLOR_AUTOMATIC);

  /* Most connections have none, and this is asked for every service of every picture. */
  if (g_hash_table_size (self->choices) == 0)
    return FLUO_SERVICE_COLOR_AUTOMATIC;
  key = make_choice_key (name, type);
  color = GPOINTER_TO_UINT (g_hash_table_lookup (self->choices, key));
  return color > 0 ? color - 1 : FLUO_SERVICE_COLOR_AUTOMATIC;
}

guint
fluo_service_colors_lookup (FluoServiceColors *self, const char *name, const char *type)
{
  /* Registered all the same: the colours of those that come later don't depend on choices. */
  const guint automatic = fluo_service_colors_get_automatic (self, name, type);
  const guint choice = fluo_service_colors_get_choice (self, name, type);

  return choice != FLUO_SERVICE_COLOR_AUTOMATIC ? choice : automatic;
}

guint
fluo_service_colors_get_n (FluoServiceColors *self)
{
  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), 0);

  return self->keys->len;
}

gboolean
fluo_service_colors_choose (FluoServiceColors *self, const char *name, const char *type,
                            guint color)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), FALSE);
  g_return_val_if_fail (color < FLUO_N_SERVICE_COLORS || color == FLUO_SERVICE_COLOR_AUTOMATIC,
                        FALSE);

  key = make_choice_key (name, type);
  if (fluo_service_colors_get_choice (self, name, type) == color
      && !g_hash_table_contains (self->foreign, key))
    return FALSE;
  g_hash_table_remove (self->foreign, key);
  if (color == FLUO_SERVICE_COLOR_AUTOMATIC)
    g_hash_table_remove (self->choices, key);
  else
    g_hash_table_insert (self->choices, g_steal_pointer (&key), GUINT_TO_POINTER (color + 1));
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  return TRUE;
}

/* --- Keeping ---------------------------------------------------------------------------------- */

void
fluo_service_colors_hold (FluoServiceColors **held, FluoServiceColors *colors, GCallback changed,
                          gpointer self)
{
  if (*held == colors)
    return;
  if (*held)
    g_signal_handlers_disconnect_matched (*held, G_SIGNAL_MATCH_FUNC | G_SIGNAL_MATCH_DATA, 0, 0,
                                          NULL, (gpointer) changed, self);
  g_set_object (held, colors);
  if (colors)
    g_signal_connect_object (colors, "changed", changed, self, G_CONNECT_SWAPPED);
}

char **
fluo_service_colors_save (FluoServiceColors *self)
{
  char **saved;

  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), NULL);

  saved = g_new0 (char *, self->keys->len + 1);
  for (guint i = 0; i < self->keys->len; i++)
    saved[i] = g_strdup (g_ptr_array_index (self->keys, i));
  return saved;
}

void
fluo_service_colors_load (FluoServiceColors *self, const char *const *order)
{
  g_return_if_fail (FLUO_IS_SERVICE_COLORS (self));

  g_hash_table_remove_all (self->index);
  g_ptr_array_set_size (self->keys, 0);
  for (; order != NULL && *order != NULL; order++)
    if (strchr (*order, '\n') != NULL)
      register_key (self, g_strdup (*order));
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
fluo_service_colors_save_choices (FluoServiceColors *self)
{
  g_autoptr (GPtrArray) saved = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;

  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), NULL);

  g_hash_table_iter_init (&iter, self->choices);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_ptr_array_add (saved, g_strconcat (names[GPOINTER_TO_UINT (value) - 1].id, "\n", key, NULL));
  g_hash_table_iter_init (&iter, self->foreign);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_ptr_array_add (saved, g_strdup (value));
  g_ptr_array_sort (saved, compare_strings);
  g_ptr_array_add (saved, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&saved), FALSE);
}

guint
fluo_service_colors_load_choices (FluoServiceColors *self, const char *const *choices)
{
  guint n_foreign = 0;

  g_return_val_if_fail (FLUO_IS_SERVICE_COLORS (self), 0);

  g_hash_table_remove_all (self->choices);
  g_hash_table_remove_all (self->foreign);
  for (; choices != NULL && *choices != NULL; choices++)
    {
      const char *end = strchr (*choices, '\n');
      const char *key = end != NULL ? end + 1 : *choices;
      g_autofree char *id = end != NULL ? g_strndup (*choices, end - *choices) : NULL;
      const guint color = fluo_service_color_from_id (id);

      if (color != FLUO_SERVICE_COLOR_AUTOMATIC && strchr (key, '\n') != NULL)
        {
          g_hash_table_insert (self->choices, g_strdup (key), GUINT_TO_POINTER (color + 1));
          continue;
        }
      g_hash_table_insert (self->foreign, g_strdup (key), g_strdup (*choices));
      n_foreign++;
    }
  return n_foreign;
}

/* --- Names ------------------------------------------------------------------------------------ */

const char *
fluo_service_color_to_id (guint color)
{
  g_return_val_if_fail (color < FLUO_N_SERVICE_COLORS, NULL);

  return names[color].id;
}

guint
fluo_service_color_from_id (const char *id)
{
  for (guint i = 0; i < FLUO_N_SERVICE_COLORS; i++)
    if (g_strcmp0 (names[i].id, id) == 0)
      return i;
  return FLUO_SERVICE_COLOR_AUTOMATIC;
}

const char *
fluo_service_color_to_label (guint color)
{
  g_return_val_if_fail (color < FLUO_N_SERVICE_COLORS, NULL);

  return _(names[color].label);
}
