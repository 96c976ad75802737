/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-trace-lines.h"
#include "draw/fluo-paint.h"

G_BEGIN_DECLS

/* When the lines of a log were written: a mark each on the waterfall's time axis, with the call
 * that is selected above them. Marks in one pixel are one; the worst is what is seen. */

#define FLUO_LOG_STRIP_HEIGHT_PX 68

typedef struct
{
  double       x;
  guint32      line;  /* index of the line that is seen */
  FluoLogLevel level;
  FluoColor    color;
  gboolean     shape; /* room for the level's sign above it */
} FluoLogMark;

typedef struct
{
  double       width;
  FluoTimeSpan span;    /* the axis */
  gint64       zero_ns; /* what the axis counts from; 0: it tells the time of day */
  GArray      *marks;   /* FluoLogMark, left to right */
  gint64       tick_ns;

  FluoTimeSpan call;    /* empty: none */
  FluoColor    call_color;
  char        *call_name;
} FluoLogStrip;

FluoLogStrip *fluo_log_strip_new  (void);
void          fluo_log_strip_free (FluoLogStrip *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoLogStrip, fluo_log_strip_free)
/* A line's colour by the service it has. */
typedef FluoColor (*FluoLogColorFunc) (guint32 service, gpointer user_data);
/* @indexes: guint32, ascending: the lines that are shown. */
void fluo_log_strip_layout (FluoLogStrip *self, const FluoTraceLines *lines, const GArray *indexes,
                            FluoLogColorFunc color, gpointer user_data, FluoTimeSpan span,
                            gint64 zero_ns, double width);
/* @name NULL: no call. */
void fluo_log_strip_set_call (FluoLogStrip *self, const char *name, FluoTimeSpan call,
                              FluoColor color);
/* @background is what it stands on. @hot: the mark of that line stands out; G_MAXUINT32: none. */
void fluo_log_strip_draw     (FluoPainter *painter, const FluoLogStrip *self, guint32 hot,
                              FluoColor background);
/* The line whose mark is nearest, G_MAXUINT32 when none is near. */
guint32 fluo_log_strip_hit   (const FluoLogStrip *self, double x);

/* The sign of a level: a status of the palette, FLUO_STATUS_OK for none. */
FluoStatus fluo_log_level_get_status (FluoLogLevel level);

G_END_DECLS
