/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Parameters of a filter: $name where a value would stand, asked for when it is run. Not part of
 * X-Ray's language: they are filled in before anything is parsed or sent. In text, in brackets of
 * annotation[…] and in #[…] of rootcause.json a "$" is an ordinary character. Any thread. */

typedef enum
{
  FLUO_PARAMETER_TEXT = 1 << 0,
  FLUO_PARAMETER_NUMBER = 1 << 1,
  FLUO_PARAMETER_BOOLEAN = 1 << 2
} FluoParameterType;

typedef struct
{
  char *name;  /* without the "$" */
  guint types; /* FluoParameterType that the expression takes there; never 0 */
} FluoParameter;

/* More are not asked for; those beyond stay as they are, and are wrong. */
#define FLUO_PARAMETERS_MAX 20

/* In order of first appearance; empty when there are none. Transfer full. */
GPtrArray *fluo_query_parameters_find  (const char *text);
/* The text with something valid and equally long in the place of every parameter, so that places
 * of diagnostics stay true. Newly allocated. */
char      *fluo_query_parameters_blank (const char *text);
/* Every parameter replaced by its literal: @literals is by name, without the "$". */
char      *fluo_query_parameters_fill  (const char *text, GHashTable *literals);
/* The value as the language writes it: quoted and escaped text, a number, true or false. NULL with
 * a sentence in @ret_problem when it is none. */
char      *fluo_query_parameters_literal (FluoParameterType type, const char *value,
                                          const char **ret_problem);
/* What somebody who typed this most likely means, of @types. */
FluoParameterType fluo_query_parameters_guess (guint types, const char *value);

G_END_DECLS
