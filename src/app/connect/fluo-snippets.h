/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lines to copy that make a program send its traces here, per language. */
typedef enum
{
  FLUO_SNIPPET_SHELL,
  FLUO_SNIPPET_DOCKER,
  FLUO_SNIPPET_NODE,
  FLUO_SNIPPET_PYTHON,
  FLUO_SNIPPET_JAVA,
  FLUO_SNIPPET_GO,
  FLUO_N_SNIPPETS
} FluoSnippet;

const char *fluo_snippet_get_name   (FluoSnippet snippet);
/* With the collector's real addresses ("127.0.0.1:2000"); @otlp may be NULL. Newly allocated. */
char *fluo_snippet_dup_text (FluoSnippet snippet, const char *udp, const char *http,
                             const char *otlp);
/* The same text as Pango markup with keywords, names of variables and comments coloured. */
char       *fluo_snippet_dup_markup (const char *text, gboolean dark);

G_END_DECLS
