/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-sealed-vfs.h"

#include <errno.h>
#include <string.h>

#include <gcrypt.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "aws/fluo-gcrypt.h"
#include "local/store/fluo-connection.h"
#include "local/store/fluo-store.h"

#define VFS_NAME "fluo-sealed"
#define PAGE_BYTES 4096
#define NONCE_BYTES 12
#define TAG_BYTES 16
#define SEALED_BYTES (NONCE_BYTES + PAGE_BYTES + TAG_BYTES)

/* SQLite's log: a header, then frames of a header and a page each. */
#define LOG_HEADER_BYTES 32
#define FRAME_HEADER_BYTES 24
#define FRAME_BYTES (FRAME_HEADER_BYTES + PAGE_BYTES)
#define SEALED_FRAME_BYTES (FRAME_HEADER_BYTES + SEALED_BYTES)

#define CHECK_FILE_NAME "sealed"

typedef enum
{
  KIND_DATABASE = 'D',
  KIND_LOG = 'L',
  KIND_CHECK = 'C'
} Kind;

/* What SQLite allocates for a file; the real file's own bytes follow. */
typedef struct
{
  sqlite3_file     base;
  sqlite3_file    *real;
  Kind             kind;
  gcry_cipher_hd_t cipher; /* used by one thread at a time, as SQLite's connections here are */
} SealedFile;

static struct
{
  gboolean     active;
  guint8       key[FLUO_SEAL_KEY_BYTES];
  sqlite3_vfs *below;
  sqlite3_vfs  vfs;
} sealed;

/* --- One page -------------------------------------------------------------------------------- */

static gboolean
open_cipher (gcry_cipher_hd_t *ret_cipher)
{
  gcry_cipher_hd_t cipher;

  if (gcry_cipher_open (&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0) != 0)
    return FALSE;
  if (gcry_cipher_setkey (cipher, sealed.key, sizeof sealed.key) != 0)
    {
      gcry_cipher_close (cipher);
      return FALSE;
    }
  *ret_cipher = cipher;
  return TRUE;
}

/* The place that a page belongs to, as the authenticated bytes beside it. */
static gboolean
begin_page (gcry_cipher_hd_t cipher, const guint8 *nonce, Kind kind, guint64 index)
{
  const guint64 place[2] = { GUINT64_TO_BE ((guint64) kind), GUINT64_TO_BE (index) };

  return gcry_cipher_setiv (cipher, nonce, NONCE_BYTES) == 0
         && gcry_cipher_authenticate (cipher, place, sizeof place) == 0;
}

static gboolean
seal_page (gcry_cipher_hd_t cipher, Kind kind, guint64 index, const void *page, guint8 *out)
{
  gcry_create_nonce (out, NONCE_BYTES);
  return begin_page (cipher, out, kind, index)
         && gcry_cipher_encrypt (cipher, out + NONCE_BYTES, PAGE_BYTES, page, PAGE_BYTES) == 0
         && gcry_cipher_gettag (cipher, out + NONCE_BYTES + PAGE_BYTES, TAG_BYTES) == 0;
}

static gboolean
open_page (gcry_cipher_hd_t cipher, Kind kind, guint64 index, const guint8 *in, void *page)
{
  return begin_page (cipher, in, kind, index)
         && gcry_cipher_decrypt (cipher, page, PAGE_BYTES, in + NONCE_BYTES, PAGE_BYTES) == 0
         && gcry_cipher_checktag (cipher, in + NONCE_BYTES + PAGE_BYTES, TAG_BYTES) == 0;
}

/* --- Where things are ------------------------------------------------------------------------ */

/* A stretch of a file that is one page, or plain bytes up to the next. */
typedef struct
{
  gboolean      is_page;
  guint64       index;    /* of the page */
  sqlite3_int64 at;       /* in the file on the disk: of the sealed page, or of the plain bytes */
  int           offset;   /* of what is wanted, in the page */
  int           length;   /* that is wanted */
} Stretch;

static Stretch
find_stretch (const SealedFile *file, sqlite3_int64 offset, int amount)
{
  Stretch stretch = { .is_page = TRUE };
  sqlite3_int64 frame;
  int inside;

  if (file->kind == KIND_DATABASE)
    {
      stretch.index = (guint64) (offset / PAGE_BYTES);
      stretch.at = (sqlite3_int64) stretch.index * SEALED_BYTES;
      stretch.offset = (int) (offset % PAGE_BYTES);
      stretch.length = MIN (amount, PAGE_BYTES - stretch.offset);
      return stretch;
    }
  if (offset < LOG_HEADER_BYTES)
    return (Stretch) { .at = offset, .length = (int) MIN (amount, LOG_HEADER_BYTES - offset) };
  frame = (offset - LOG_HEADER_BYTES) / FRAME_BYTES;
  inside = (int) ((offset - LOG_HEADER_BYTES) % FRAME_BYTES);
  stretch.at = LOG_HEADER_BYTES + frame * SEALED_FRAME_BYTES;
  if (inside < FRAME_HEADER_BYTES)
    return (Stretch) { .at = stretch.at + inside,
                       .length = MIN (amount, FRAME_HEADER_BYTES - inside) };
  stretch.at += FRAME_HEADER_BYTES;
  stretch.index = (guint64) frame;
  stretch.offset = inside - FRAME_HEADER_BYTES;
  stretch.length = MIN (amount, PAGE_BYTES - stretch.offset);
  return stretch;
}

/* The size on the disk of what SQLite takes for @size bytes; a torn page at the end counts as none
 * in the other direction. */
static sqlite3_int64
size_on_disk (const SealedFile *file, sqlite3_int64 size)
{
  sqlite3_int64 frames, rest;

  if (file->kind == KIND_DATABASE)
    return size / PAGE_BYTES * SEALED_BYTES;
  if (size <= LOG_HEADER_BYTES)
    return size;
  frames = (size - LOG_HEADER_BYTES) / FRAME_BYTES;
  rest = (size - LOG_HEADER_BYTES) % FRAME_BYTES;
  return LOG_HEADER_BYTES + frames * SEALED_FRAME_BYTES + MIN (rest, FRAME_HEADER_BYTES);
}

static sqlite3_int64
size_for_sqlite (const SealedFile *file, sqlite3_int64 size)
{
  sqlite3_int64 frames, rest;

  if (file->kind == KIND_DATABASE)
    return size / SEALED_BYTES * PAGE_BYTES;
  if (size <= LOG_HEADER_BYTES)
    return size;
  frames = (size - LOG_HEADER_BYTES) / SEALED_FRAME_BYTES;
  rest = (size - LOG_HEADER_BYTES) % SEALED_FRAME_BYTES;
  return LOG_HEADER_BYTES + frames * FRAME_BYTES + MIN (rest, FRAME_HEADER_BYTES);
}

/* --- SQLite's methods of a file -------------------------------------------------------------- */

static int
sealed_close (sqlite3_file *base)
{
  SealedFile *file = (SealedFile *) base;
  int rc = file->real->pMethods->xClose (file->real);

  gcry_cipher_close (file->cipher);
  return rc;
}

/* @recovering: SQLite looks for the log's end, where a frame may be unfinished. */
static int
read_page (SealedFile *file, const Stretch *stretch, gboolean recovering, guint8 *out)
{
  guint8 in[SEALED_BYTES], page[PAGE_BYTES];
  int rc = file->real->pMethods->xRead (file->real, in, sizeof in, stretch->at);

  /* A page that is not there reads as zeros, as SQLite has it. */
  if (rc == SQLITE_IOERR_SHORT_READ)
    memset (out, 0, (gsize) stretch->length);
  if (rc != SQLITE_OK)
    return rc;
  if (!open_page (file->cipher, file->kind, stretch->index, in, page))
    {
      /* An unfinished frame reads as one that fails SQLite's own sum. */
      memset (out, 0, (gsize) stretch->length);
      return recovering ? SQLITE_OK : SQLITE_CORRUPT;
    }
  memcpy (out, page + stretch->offset, (gsize) stretch->length);
  return SQLITE_OK;
}

static int
sealed_read (sqlite3_file *base, void *buffer, int amount, sqlite3_int64 offset)
{
  SealedFile *file = (SealedFile *) base;
  guint8 *out = buffer;
  /* Frames are read whole then, and pages alone otherwise. */
  const gboolean recovering = file->kind == KIND_LOG && amount > PAGE_BYTES;

  while (amount > 0)
    {
      const Stretch stretch = find_stretch (file, offset, amount);
      int rc = stretch.is_page
                 ? read_page (file, &stretch, recovering, out)
                 : file->real->pMethods->xRead (file->real, out, stretch.length, stretch.at);

      if (rc != SQLITE_OK)
        {
          if (rc == SQLITE_IOERR_SHORT_READ && amount > stretch.length)
            memset (out + stretch.length, 0, (gsize) (amount - stretch.length));
          return rc;
        }
      out += stretch.length;
      offset += stretch.length;
      amount -= stretch.length;
    }
  return SQLITE_OK;
}

static int
sealed_write (sqlite3_file *base, const void *buffer, int amount, sqlite3_int64 offset)
{
  SealedFile *file = (SealedFile *) base;
  const guint8 *in = buffer;

  while (amount > 0)
    {
      const Stretch stretch = find_stretch (file, offset, amount);
      guint8 out[SEALED_BYTES];
      int rc;

      if (!stretch.is_page)
        rc = file->real->pMethods->xWrite (file->real, in, stretch.length, stretch.at);
      /* SQLite writes pages whole; a part of one could not be sealed. */
      else if (stretch.length != PAGE_BYTES
               || !seal_page (file->cipher, file->kind, stretch.index, in, out))
        rc = SQLITE_IOERR_WRITE;
      else
        rc = file->real->pMethods->xWrite (file->real, out, sizeof out, stretch.at);
      if (rc != SQLITE_OK)
        return rc;
      in += stretch.length;
      offset += stretch.length;
      amount -= stretch.length;
    }
  return SQLITE_OK;
}

static int
sealed_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xTruncate (file->real, size_on_disk (file, size));
}

static int
sealed_sync (sqlite3_file *base, int flags)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xSync (file->real, flags);
}

static int
sealed_file_size (sqlite3_file *base, sqlite3_int64 *ret_size)
{
  SealedFile *file = (SealedFile *) base;
  int rc = file->real->pMethods->xFileSize (file->real, ret_size);

  if (rc == SQLITE_OK)
    *ret_size = size_for_sqlite (file, *ret_size);
  return rc;
}

static int
sealed_lock (sqlite3_file *base, int level)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xLock (file->real, level);
}

static int
sealed_unlock (sqlite3_file *base, int level)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xUnlock (file->real, level);
}

static int
sealed_check_reserved_lock (sqlite3_file *base, int *ret_locked)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xCheckReservedLock (file->real, ret_locked);
}

static int
sealed_file_control (sqlite3_file *base, int operation, void *argument)
{
  SealedFile *file = (SealedFile *) base;

  /* Sizes mean something else below, and nothing may be read past us. */
  if (operation == SQLITE_FCNTL_SIZE_HINT || operation == SQLITE_FCNTL_CHUNK_SIZE
      || operation == SQLITE_FCNTL_MMAP_SIZE)
    return SQLITE_NOTFOUND;
  return file->real->pMethods->xFileControl (file->real, operation, argument);
}

static int
sealed_sector_size (sqlite3_file *base)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xSectorSize (file->real);
}

/* What holds for pages below does not hold for ours, which lie across them. */
static int
sealed_device_characteristics (sqlite3_file *base)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xDeviceCharacteristics (file->real)
         & (SQLITE_IOCAP_POWERSAFE_OVERWRITE | SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN
            | SQLITE_IOCAP_SEQUENTIAL);
}

static int
sealed_shm_map (sqlite3_file *base, int page, int size, int extend, void volatile **ret_address)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xShmMap (file->real, page, size, extend, ret_address);
}

static int
sealed_shm_lock (sqlite3_file *base, int offset, int n, int flags)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xShmLock (file->real, offset, n, flags);
}

static void
sealed_shm_barrier (sqlite3_file *base)
{
  SealedFile *file = (SealedFile *) base;

  file->real->pMethods->xShmBarrier (file->real);
}

static int
sealed_shm_unmap (sqlite3_file *base, int delete_flag)
{
  SealedFile *file = (SealedFile *) base;

  return file->real->pMethods->xShmUnmap (file->real, delete_flag);
}

/* Version 2: with shared memory for the log's index, without mapping the file itself. */
static const sqlite3_io_methods sealed_methods = {
  .iVersion = 2,
  .xClose = sealed_close,
  .xRead = sealed_read,
  .xWrite = sealed_write,
  .xTruncate = sealed_truncate,
  .xSync = sealed_sync,
  .xFileSize = sealed_file_size,
  .xLock = sealed_lock,
  .xUnlock = sealed_unlock,
  .xCheckReservedLock = sealed_check_reserved_lock,
  .xFileControl = sealed_file_control,
  .xSectorSize = sealed_sector_size,
  .xDeviceCharacteristics = sealed_device_characteristics,
  .xShmMap = sealed_shm_map,
  .xShmLock = sealed_shm_lock,
  .xShmBarrier = sealed_shm_barrier,
  .xShmUnmap = sealed_shm_unmap,
};

/* A journal or a temporary file would hold pages in the clear: connections keep both in memory, and
 * what still wants one is refused. */
static int
sealed_open (sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags,
             int *ret_flags)
{
  SealedFile *file = (SealedFile *) base;
  int rc;

  base->pMethods = NULL;
  if (!(flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)))
    return SQLITE_CANTOPEN;
  file->real = (sqlite3_file *) (file + 1);
  file->kind = flags & SQLITE_OPEN_WAL ? KIND_LOG : KIND_DATABASE;
  if (!open_cipher (&file->cipher))
    return SQLITE_NOMEM;
  rc = sealed.below->xOpen (sealed.below, name, file->real, flags, ret_flags);
  if (rc == SQLITE_OK)
    base->pMethods = &sealed_methods;
  else
    gcry_cipher_close (file->cipher);
  return rc;
}

/* --- Beginning ------------------------------------------------------------------------------- */

gboolean
fluo_sealed_vfs_begin (const guint8 *key, GError **error)
{
  g_return_val_if_fail (key != NULL, FALSE);
  g_return_val_if_fail (!sealed.active, FALSE);

  fluo_gcrypt_prepare ();
  memcpy (sealed.key, key, sizeof sealed.key);
  sqlite3_initialize ();
  sealed.below = sqlite3_vfs_find (NULL);
  sealed.vfs = *sealed.below;
  sealed.vfs.pNext = NULL;
  sealed.vfs.zName = VFS_NAME;
  sealed.vfs.szOsFile = (int) sizeof (SealedFile) + sealed.below->szOsFile;
  sealed.vfs.xOpen = sealed_open;
  if (sqlite3_vfs_register (&sealed.vfs, 1) != SQLITE_OK)
    {
      g_set_error_literal (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FAILED,
                           _("SQLite takes no files of our own kind"));
      return FALSE;
    }
  sealed.active = TRUE;
  return TRUE;
}

gboolean
fluo_sealed_vfs_is_active (void)
{
  return sealed.active;
}

static gboolean
make_check (const char *path, GError **error)
{
  static const guint8 nothing[PAGE_BYTES];
  guint8 out[SEALED_BYTES];
  gcry_cipher_hd_t cipher;
  gboolean ok;

  ok = open_cipher (&cipher);
  if (ok)
    {
      ok = seal_page (cipher, KIND_CHECK, 0, nothing, out);
      gcry_cipher_close (cipher);
    }
  if (!ok)
    {
      g_set_error_literal (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_FAILED,
                           _("AES-256-GCM does not work here"));
      return FALSE;
    }
  return g_file_set_contents_full (path, (const char *) out, sizeof out,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error);
}

static gboolean
key_opens (const char *bytes, gsize length)
{
  guint8 page[PAGE_BYTES];
  gcry_cipher_hd_t cipher;
  gboolean ok;

  if (length != SEALED_BYTES || !open_cipher (&cipher))
    return FALSE;
  ok = open_page (cipher, KIND_CHECK, 0, (const guint8 *) bytes, page);
  gcry_cipher_close (cipher);
  return ok;
}

gboolean
fluo_sealed_vfs_check (const char *directory, GError **error)
{
  g_autofree char *path = g_build_filename (directory, CHECK_FILE_NAME, NULL);
  g_autofree char *store = g_build_filename (directory, FLUO_STORE_FILE_NAME, NULL);
  g_autofree char *bytes = NULL;
  gsize length;

  if (!g_file_get_contents (path, &bytes, &length, NULL))
    {
      if (!sealed.active)
        return TRUE;
      if (g_file_test (store, G_FILE_TEST_EXISTS))
        {
          g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY,
                       _("“%s” holds a store that is not encrypted; choose another directory "
                         "with --data-dir"),
                       directory);
          return FALSE;
        }
      if (g_mkdir_with_parents (directory, 0700) != 0)
        {
          g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY, "“%s”: %s", directory,
                       g_strerror (errno));
          return FALSE;
        }
      return make_check (path, error);
    }
  if (sealed.active && key_opens (bytes, length))
    return TRUE;
  g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_DIRECTORY,
               sealed.active ? _("the key does not open the store in “%s”; find the right one, or "
                                 "delete the directory to begin anew")
                             : _("the store in “%s” is encrypted; only the program that has its "
                                 "key opens it"),
               directory);
  return FALSE;
}
