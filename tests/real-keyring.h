/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* gnome-keyring on a session bus of its own, its files below @directory. The environment names both
 * from then on, so it is made before anything asks for the bus. There is nobody to ask for a
 * password until prompts are dismissed. */
typedef struct _RealKeyring RealKeyring;

RealKeyring *real_keyring_new                (const char *directory);
void         real_keyring_free               (RealKeyring *self);
/* @password opens the keyring, and makes it; NULL: nothing is open. */
void         real_keyring_start              (RealKeyring *self, const char *password);
void         real_keyring_stop               (RealKeyring *self);
void         real_keyring_lock               (RealKeyring *self);
/* From now on whoever is asked for a password says no, from a thread. */
void         real_keyring_dismiss_prompts    (RealKeyring *self);
/* How many times somebody was asked for a password. */
guint        real_keyring_get_n_dismissed    (RealKeyring *self);

G_END_DECLS
