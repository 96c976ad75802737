/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-app"

#include "fluo-config.h"

#include "fluo-trace-scale.h"

#include "app/connect/fluo-graph-order.h"
#include "app/widgets/fluo-canvas.h"
#include "core/fluo-format.h"
#include "core/fluo-kind.h"

/* As far apart as all of them allow. */
#define WIDTH_PX 159.0
#define PITCH_MAX_PX 14.4
#define ICON_PX 11
#define NAME_CHARS_MAX 200

typedef struct
{
  char *name;
  char *type;
  FluoKind kind;
} Place;

struct _FluoTraceScale
{
  GObject parent_instance;

  FluoExplorer *explorer;
  FluoPainter *painter;
  GHashTable *places; /* service name -> place + 1 */
  GPtrArray *names;   /* Place */
  gint64 max_ns;
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FluoTraceScale, fluo_trace_scale, G_TYPE_OBJECT)

static void
place_free (gpointer data)
{
  Place *self = data;

  g_free (self->name);
  g_free (self->type);
  g_free (self);
}

static double
get_pitch (FluoTraceScale *self)
{
  return MIN (PITCH_MAX_PX, WIDTH_PX / MAX (self->names->len, 1));
}

static void
fluo_trace_scale_finalize (GObject *object)
{
  FluoTraceScale *self = FLUO_TRACE_SCALE (object);

  g_object_unref (self->explorer);
  fluo_painter_free (self->painter);
  g_hash_table_unref (self->places);
  g_ptr_array_unref (self->names);
  G_OBJECT_CLASS (fluo_trace_scale_parent_class)->finalize (object);
}

static void
fluo_trace_scale_class_init (FluoTraceScaleClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fluo_trace_scale_finalize;
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fluo_trace_scale_init (FluoTraceScale *self)
{
  self->painter = fluo_painter_new ();
  self->places = g_hash_table_new (g_str_hash, g_str_equal);
  self->names = g_ptr_array_new_with_free_func (place_free);
  self->max_ns = FLUO_NSEC_PER_SEC;
}

static void
emit_changed (FluoTraceScale *self)
{
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

FluoTraceScale *
fluo_trace_scale_new (FluoExplorer *explorer)
{
  FluoTraceScale *self = g_object_new (FLUO_TYPE_TRACE_SCALE, NULL);

  self->explorer = g_object_ref (explorer);
  g_signal_connect_object (explorer, "colors-changed", G_CALLBACK (emit_changed), self,
                           G_CONNECT_SWAPPED);
  fluo_trace_scale_update (self);
  return self;
}

static void
give_place (FluoTraceScale *self, const FluoGraphNode *node)
{
  Place *place;

  if (self->names->len >= FLUO_TRACE_SCALE_PLACES
      || g_hash_table_contains (self->places, node->name))
    return;
  place = g_new0 (Place, 1);
  place->name = g_strdup (node->name);
  place->type = g_strdup (node->type);
  place->kind = fluo_kind_from_type (node->type, node->name);
  g_ptr_array_add (self->names, place);
  g_hash_table_insert (self->places, place->name, GUINT_TO_POINTER (self->names->len));
}

void
fluo_trace_scale_update (FluoTraceScale *self)
{
  FluoServiceGraph *graph;
  g_autoptr (GArray) order = NULL;
  guint before;

  g_return_if_fail (FLUO_IS_TRACE_SCALE (self));
  graph = fluo_explorer_get_graph (self->explorer);
  before = self->names->len;
  if (graph && graph->nodes->len > 0)
    {
      order = fluo_graph_order_new (graph);
      for (guint i = 0; i < order->len; i++)
        give_place (self, g_ptr_array_index (graph->nodes, g_array_index (order, guint, i)));
    }
  else if (fluo_explorer_get_summaries (self->explorer)->len == 0)
    {
      g_hash_table_remove_all (self->places);
      g_ptr_array_set_size (self->names, 0);
    }
  if (self->names->len != before)
    emit_changed (self);
}

void
fluo_trace_scale_set_max (FluoTraceScale *self, gint64 max_ns)
{
  g_return_if_fail (FLUO_IS_TRACE_SCALE (self));
  max_ns = MAX (max_ns, 1);
  if (self->max_ns == max_ns)
    return;
  self->max_ns = max_ns;
  emit_changed (self);
}

gint64
fluo_trace_scale_get_max (FluoTraceScale *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), 1);
  return self->max_ns;
}

FluoKept *
fluo_trace_scale_get_kept (FluoTraceScale *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), NULL);
  return fluo_explorer_get_kept (self->explorer);
}

FluoPainter *
fluo_trace_scale_get_painter (FluoTraceScale *self)
{
  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), NULL);
  return self->painter;
}

guint
fluo_trace_scale_get_color (FluoTraceScale *self, const char *name, const char *type)
{
  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), 0);
  return fluo_service_colors_lookup (fluo_explorer_get_colors (self->explorer), name, type)
         % FLUO_N_SERVICE_COLORS;
}

gboolean
fluo_trace_scale_get_place (FluoTraceScale *self, const char *name, double *ret_x)
{
  guint place;

  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), FALSE);
  place = GPOINTER_TO_UINT (g_hash_table_lookup (self->places, name));
  if (place == 0)
    return FALSE;
  *ret_x = (place - 0.5) * get_pitch (self);
  return TRUE;
}

/* --- Head -------------------------------------------------------------------------------- */

static void
draw_head_cb (FluoPainter *painter, double width, double height, gpointer user_data)
{
  FluoTraceScale *self = user_data;
  const FluoPalette *palette = fluo_painter_get_palette (painter);

  for (guint i = 0; i < self->names->len; i++)
    {
      const Place *place = g_ptr_array_index (self->names, i);
      const guint color = fluo_trace_scale_get_color (self, place->name, place->type);

      fluo_painter_icon (painter, fluo_kind_get_icon (place->kind),
                         (i + .5) * get_pitch (self) - ICON_PX / 2.0, (height - ICON_PX) / 2,
                         ICON_PX, palette->service[color]);
    }
}

static gboolean
query_tooltip_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip,
                  FluoTraceScale *self)
{
  const double scale = fluo_canvas_get_scale (FLUO_CANVAS (widget));
  const guint at = (guint) (MAX (x, 0) / scale / get_pitch (self));
  const Place *place = at < self->names->len ? g_ptr_array_index (self->names, at) : NULL;
  g_autofree char *text = NULL;

  if (!place)
    return FALSE;
  text = fluo_format_untrusted (fluo_kind_get_display_name (place->type, place->name),
                                NAME_CHARS_MAX);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

GtkWidget *
fluo_trace_scale_make_head (FluoTraceScale *self)
{
  GtkWidget *head;

  g_return_val_if_fail (FLUO_IS_TRACE_SCALE (self), NULL);
  head = fluo_canvas_new (draw_head_cb, self, -1, -1);
  fluo_canvas_set_size (FLUO_CANVAS (head), -1, ICON_PX + 4);
  g_object_set_data_full (G_OBJECT (head), "fluo-scale", g_object_ref (self), g_object_unref);
  gtk_widget_set_hexpand (head, TRUE);
  gtk_widget_set_has_tooltip (head, TRUE);
  gtk_widget_add_css_class (head, "services-head");
  g_signal_connect_object (head, "query-tooltip", G_CALLBACK (query_tooltip_cb), self, 0);
  g_signal_connect_object (self, "changed", G_CALLBACK (gtk_widget_queue_draw), head,
                           G_CONNECT_SWAPPED);
  return head;
}
