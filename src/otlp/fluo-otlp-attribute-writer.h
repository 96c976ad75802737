/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "core/fluo-json.h"

G_BEGIN_DECLS

/* Members of a segment document as attributes of OTLP's JSON, KeyValue objects of an open list. Any
 * thread. */

typedef struct
{
  const char *path; /* members, with / between them */
  const char *attribute;
} FluoOtlpRow;

/* The node at @path, members with / between them; FLUO_JSON_NONE where there is none. */
guint32 fluo_otlp_find (FluoJsonTape *tape, const char *path);
/* Nothing for NULL. */
void fluo_otlp_write_text (FluoJsonWriter *writer, const char *key, const char *text);
void fluo_otlp_write_true (FluoJsonWriter *writer, const char *key);
/* A string, number or boolean; anything else is left out. */
void fluo_otlp_write_value (FluoJsonTape *tape, guint32 node, FluoJsonWriter *writer,
                            const char *key);
/* Of each of the @n @rows what is there. */
void fluo_otlp_write_rows (FluoJsonTape *tape, FluoJsonWriter *writer, const FluoOtlpRow *rows,
                           guint n);

/* An attribute that is a list of texts. */
void fluo_otlp_begin_list (FluoJsonWriter *writer, const char *key);
void fluo_otlp_write_element (FluoJsonWriter *writer, const char *text);
void fluo_otlp_end_list (FluoJsonWriter *writer);

G_END_DECLS
