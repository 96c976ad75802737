/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "fluo-id.h"
#include "fluo-time-span.h"

G_BEGIN_DECLS

/* Addresses of AWS's console that show traces, read and written: the pages of X-Ray's own console
 * ("…/xray/home?region=R#/traces?filter=…&timeRange=PT15M") and CloudWatch's
 * ("…/cloudwatch/home?region=R#xray:traces/query?~(query~(expression~'…)~context~(…))", of old
 * "#servicelens:…"), in every partition. Read are also Application Signals' map, services and
 * Transaction Search ("#application-signals:…"), and queries of Logs Insights that name a trace or
 * look through Transaction Search's spans. Pure functions of untrusted text. */

typedef enum
{
  FLUO_CONSOLE_MAP,
  FLUO_CONSOLE_TRACES,
  FLUO_CONSOLE_TRACE,
  FLUO_CONSOLE_LOGS /* written only: what it shows is a trace, or traces, when it is read */
} FluoConsolePlace;

typedef struct
{
  FluoConsolePlace place;
  char        *region;      /* a DNS label, or NULL: whatever the browser showed last */
  char        *account;     /* twelve digits, where the browser has several signed in; or NULL */
  char        *filter;      /* an expression, unchecked, or NULL */
  char        *group;       /* a group of X-Ray that narrows it further, or NULL */
  char        *node;        /* the service that is selected, or NULL */
  char        *node_type;   /* or NULL */
  FluoTraceId  id;          /* of FLUO_CONSOLE_TRACE */
  gint64       relative_ns; /* "the last …"; 0 when it says none */
  FluoTimeSpan span;        /* a fixed range; empty when it says none */
  char        *log_query;   /* of FLUO_CONSOLE_LOGS */
  char       **log_groups;
} FluoConsoleLink;

typedef enum
{
  FLUO_CONSOLE_LINK_ERROR_OTHER,  /* no address of AWS's console */
  FLUO_CONSOLE_LINK_ERROR_PAGE,   /* of the console, but a page that has no traces */
  FLUO_CONSOLE_LINK_ERROR_INVALID /* a page of traces that says something impossible */
} FluoConsoleLinkError;
#define FLUO_CONSOLE_LINK_ERROR (fluo_console_link_error_quark ())
GQuark fluo_console_link_error_quark (void);

#define FLUO_CONSOLE_LINK_LEN_MAX 16384 /* longer is no address that a browser keeps */

/* It begins like one, so that it is no filter and no trace's id, whatever is wrong with it. */
gboolean         fluo_console_link_is_meant (const char *text);
/* Blanks around it are left out. A range that is not understood is none. */
FluoConsoleLink *fluo_console_link_parse (const char *text,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
FluoConsoleLink *fluo_console_link_new   (FluoConsolePlace place, const char *region);
void             fluo_console_link_free  (FluoConsoleLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoConsoleLink, fluo_console_link_free)
/* The page of CloudWatch's console that shows the same. Needs a region; NULL without. */
char            *fluo_console_link_dup_uri (const FluoConsoleLink *self);

G_END_DECLS
