/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws/fluo-local-keys.h"
#include "aws/fluo-sigv4-verify.h"
#include "local/api/fluo-api-checks.h"

G_BEGIN_DECLS

/* Who may ask what: routes that read or change settings need a request signed with one of the two
 * key pairs of the data directory. Immutable once made; any thread. */
typedef struct _FluoAccessControl FluoAccessControl;

/* Tells a client of the same user where the keys are, with a refusal on a loopback address. */
#define FLUO_ACCESS_HEADER "x-fluoroscope-credentials"

/* Reads or makes the key pairs of @directory. @open: nobody needs any. */
FluoAccessControl *fluo_access_control_new      (const char *directory, gboolean open,
                                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void               fluo_access_control_free     (FluoAccessControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FluoAccessControl, fluo_access_control_free)
gboolean           fluo_access_control_is_open  (FluoAccessControl *self);
/* The file with the key pairs; NULL when nobody needs any. */
const char        *fluo_access_control_get_path (FluoAccessControl *self);

typedef struct
{
  guint       status;
  const char *type;    /* of AWS's own; static */
  char       *message; /* says how to get what is missing */
} FluoAccessRefusal;

/* TRUE when @request may go on to @route, and then @ret_role says what it may do; where nobody
 * needs keys that is everything. Else @ret_refusal is filled; free its message. */
gboolean fluo_access_control_check         (FluoAccessControl *self, const FluoRoute *route,
                                            const FluoSigv4Request *request, gint64 now_s,
                                            FluoRole *ret_role, FluoAccessRefusal *ret_refusal);
/* The same for a message whose body is @body (NULL: none). */
gboolean fluo_access_control_check_message (FluoAccessControl *self, const FluoRoute *route,
                                            SoupServerMessage *message, GBytes *body,
                                            FluoRole *ret_role, FluoAccessRefusal *ret_refusal);

G_END_DECLS
