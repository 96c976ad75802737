/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "fluo-local"
#include "fluo-config.h"

#include "local/store/fluo-packer.h"

#include <string.h>

#include <zdict.h>
#include <zstd.h>

#include "local/store/fluo-connection.h"

/* Level 1: higher ones gain a few per cent for several times the time. */
#define LEVEL 1

/* Measured on 1.7 KB documents: 8 KiB pack to 1/7.4, 32 KiB to 1/7.6, larger ones to no less. */
#define DICTIONARY_SIZE (16 * 1024)

/* What training sees: enough to know a program's documents, little enough to take 0.3 s. */
#define N_SAMPLES 1000
#define N_SAMPLES_MIN 200
#define SAMPLES_BYTES_MAX (3 * 1024 * 1024)
#define SAMPLE_SIZE_MAX 8192

/* Every so many documents the ratio is looked at. Programs change; a dictionary that no longer
 * fits is replaced, a few times in the life of a store at most. */
#define N_WATCHED 50000
#define POOR_RATIO 0.35
#define BETTER_RATIO 0.85
#define N_DICTIONARIES_MAX 32

/* A context grows with what it packs. One that has packed more than the longest document is not
 * kept. */
#define KEPT_SIZE_MAX (64 * 1024)

typedef struct
{
  ZSTD_CDict *compress;
  ZSTD_DDict *decompress;
} Dictionary;

typedef struct
{
  ZSTD_CCtx *compress;
  ZSTD_DCtx *decompress;
} Contexts;

struct _FluoPacker
{
  Dictionary *dictionaries[N_DICTIONARIES_MAX + 1]; /* by number; atomic; set once */
  int         is_stored[N_DICTIONARIES_MAX + 1];    /* atomic */
  guint       current;                              /* atomic */

  struct
  {
    GPtrArray *samples; /* NULL = not collecting */
    gsize      samples_bytes;
    guint64    n_watched;
    guint64    watched_bytes, watched_packed;
    guint      last_number;
    GThread   *thread;
  } writer;

  struct
  {
    int     done; /* atomic: the thread has finished */
    GBytes *bytes;
  } training;
};

typedef struct
{
  FluoPacker *packer;
  GPtrArray  *samples;
  guint       current;
} Training;

static void
contexts_free (gpointer data)
{
  Contexts *contexts = data;

  ZSTD_freeCCtx (contexts->compress);
  ZSTD_freeDCtx (contexts->decompress);
  g_free (contexts);
}

/* One pair for each thread: making them costs more than packing a document. */
static GPrivate private_contexts = G_PRIVATE_INIT (contexts_free);

static Contexts *
get_contexts (void)
{
  Contexts *contexts = g_private_get (&private_contexts);

  if (!contexts)
    {
      contexts = g_new0 (Contexts, 1);
      contexts->compress = ZSTD_createCCtx ();
      contexts->decompress = ZSTD_createDCtx ();
      g_private_set (&private_contexts, contexts);
    }
  return contexts;
}

FluoPacker *
fluo_packer_new (void)
{
  FluoPacker *self = g_new0 (FluoPacker, 1);

  self->writer.samples = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return self;
}

void
fluo_packer_free (FluoPacker *self)
{
  if (self->writer.thread)
    g_thread_join (self->writer.thread);
  g_clear_pointer (&self->training.bytes, g_bytes_unref);
  g_clear_pointer (&self->writer.samples, g_ptr_array_unref);
  for (guint i = 0; i <= N_DICTIONARIES_MAX; i++)
    if (self->dictionaries[i])
      {
        ZSTD_freeCDict (self->dictionaries[i]->compress);
        ZSTD_freeDDict (self->dictionaries[i]->decompress);
        g_free (self->dictionaries[i]);
      }
  g_free (self);
}

/* --- Packing ------------------------------------------------------------ */

static GBytes *
pack_with (ZSTD_CCtx *context, const Dictionary *dictionary, gconstpointer data, gsize size)
{
  gsize room = ZSTD_compressBound (size);
  char *out = g_malloc (room);
  gsize packed;

  ZSTD_CCtx_reset (context, ZSTD_reset_session_and_parameters);
  ZSTD_CCtx_setParameter (context, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setParameter (context, ZSTD_c_dictIDFlag, 0);
  /* SQLite has no checksums: without these a flipped bit would be taken for data. */
  ZSTD_CCtx_setParameter (context, ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_refCDict (context, dictionary ? dictionary->compress : NULL);
  packed = ZSTD_compress2 (context, out, room, data, size);
  if (ZSTD_isError (packed))
    g_error ("packing %" G_GSIZE_FORMAT " bytes: %s", size, ZSTD_getErrorName (packed));
  return g_bytes_new_take (g_realloc (out, packed), packed);
}

static GBytes *
unpack_with (ZSTD_DCtx *context, const Dictionary *dictionary, gconstpointer data, gsize size,
             gsize size_max, GError **error)
{
  unsigned long long length = ZSTD_getFrameContentSize (data, size);
  g_autofree char *out = NULL;
  gsize unpacked;

  if (length == ZSTD_CONTENTSIZE_ERROR || length == ZSTD_CONTENTSIZE_UNKNOWN || length > size_max)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   "stored bytes are damaged: they do not begin as packed ones");
      return NULL;
    }
  out = g_malloc (length + 1);
  unpacked = dictionary ? ZSTD_decompress_usingDDict (context, out, length, data, size,
                                                      dictionary->decompress)
                        : ZSTD_decompressDCtx (context, out, length, data, size);
  if (ZSTD_isError (unpacked) || unpacked != length)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   "stored bytes are damaged: %s", ZSTD_getErrorName (unpacked));
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&out), unpacked);
}

GBytes *
fluo_packer_pack (FluoPacker *self, gconstpointer data, gsize size, guint32 *ret_dictionary)
{
  guint number = g_atomic_int_get (&self->current);

  *ret_dictionary = number;
  return pack_with (get_contexts ()->compress, g_atomic_pointer_get (&self->dictionaries[number]),
                    data, size);
}

GBytes *
fluo_packer_unpack (FluoPacker *self, guint32 dictionary, gconstpointer data, gsize size,
                    gsize size_max, GError **error)
{
  Dictionary *found =
    dictionary <= N_DICTIONARIES_MAX ? g_atomic_pointer_get (&self->dictionaries[dictionary])
                                     : NULL;

  if (dictionary != 0 && !found)
    {
      g_set_error (error, FLUO_STORE_ERROR, FLUO_STORE_ERROR_CORRUPT,
                   "dictionary %u is missing in the store", dictionary);
      return NULL;
    }
  return unpack_with (get_contexts ()->decompress, found, data, size, size_max, error);
}

GBytes *
fluo_pack_large (gconstpointer data, gsize size)
{
  ZSTD_CCtx *context;
  GBytes *packed;

  if (size <= KEPT_SIZE_MAX)
    return pack_with (get_contexts ()->compress, NULL, data, size);
  context = ZSTD_createCCtx ();
  packed = pack_with (context, NULL, data, size);
  ZSTD_freeCCtx (context);
  return packed;
}

GBytes *
fluo_unpack_large (gconstpointer data, gsize size, gsize size_max, GError **error)
{
  return unpack_with (get_contexts ()->decompress, NULL, data, size, size_max, error);
}

void
fluo_pack_trim (void)
{
  g_private_replace (&private_contexts, NULL);
}

/* --- Dictionaries ------------------------------------------------------- */

gboolean
fluo_packer_add (FluoPacker *self, guint32 number, GBytes *bytes)
{
  g_autofree Dictionary *dictionary = NULL;

  if (number == 0 || number > N_DICTIONARIES_MAX || self->dictionaries[number])
    return FALSE;
  dictionary = g_new0 (Dictionary, 1);
  dictionary->compress =
    ZSTD_createCDict (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), LEVEL);
  dictionary->decompress =
    ZSTD_createDDict (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (!dictionary->compress || !dictionary->decompress)
    {
      ZSTD_freeCDict (dictionary->compress);
      ZSTD_freeDDict (dictionary->decompress);
      return FALSE;
    }
  g_atomic_pointer_set (&self->dictionaries[number], g_steal_pointer (&dictionary));
  g_atomic_int_set (&self->is_stored[number], TRUE);
  self->writer.last_number = MAX (self->writer.last_number, number);
  g_atomic_int_set (&self->current, self->writer.last_number);
  g_clear_pointer (&self->writer.samples, g_ptr_array_unref);
  self->writer.n_watched = self->writer.watched_bytes = self->writer.watched_packed = 0;
  return TRUE;
}

void
fluo_packer_forget (FluoPacker *self)
{
  g_atomic_int_set (&self->current, 0);
  for (guint i = 0; i <= N_DICTIONARIES_MAX; i++)
    g_atomic_int_set (&self->is_stored[i], FALSE);
  if (!self->writer.samples && !self->writer.thread)
    self->writer.samples = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->writer.samples_bytes = 0;
}

gboolean
fluo_packer_is_stored (FluoPacker *self, guint32 dictionary)
{
  return dictionary == 0 || (dictionary <= N_DICTIONARIES_MAX &&
                             g_atomic_int_get (&self->is_stored[dictionary]));
}

/* --- Training ----------------------------------------------------------- */

/* What all samples pack to. */
static gsize
measure (GPtrArray *samples, const Dictionary *dictionary)
{
  gsize sum = 0;

  for (guint i = 0; i < samples->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (samples->pdata[i], &size);
      g_autoptr (GBytes) packed = pack_with (get_contexts ()->compress, dictionary, data, size);

      sum += g_bytes_get_size (packed);
    }
  return sum;
}

static gboolean
is_better (Training *training, GBytes *bytes)
{
  Dictionary *now = training->packer->dictionaries[training->current];
  Dictionary candidate = { ZSTD_createCDict (g_bytes_get_data (bytes, NULL),
                                             g_bytes_get_size (bytes), LEVEL),
                           NULL };
  gboolean better = candidate.compress &&
                    (double) measure (training->samples, &candidate) <
                      (double) measure (training->samples, now) * BETTER_RATIO;

  ZSTD_freeCDict (candidate.compress);
  return better;
}

static gpointer
train (gpointer data)
{
  Training *training = data;
  FluoPacker *self = training->packer;
  g_autofree size_t *sizes = g_new (size_t, training->samples->len);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  g_autofree guint8 *out = g_malloc (DICTIONARY_SIZE);
  size_t size;

  for (guint i = 0; i < training->samples->len; i++)
    {
      gsize length;
      gconstpointer sample = g_bytes_get_data (training->samples->pdata[i], &length);

      sizes[i] = length;
      g_byte_array_append (text, sample, (guint) length);
    }
  size = ZDICT_trainFromBuffer (out, DICTIONARY_SIZE, text->data, sizes, training->samples->len);
  if (!ZDICT_isError (size))
    {
      g_autoptr (GBytes) bytes = g_bytes_new (out, size);

      if (is_better (training, bytes))
        self->training.bytes = g_steal_pointer (&bytes);
    }
  g_ptr_array_unref (training->samples);
  g_free (training);
  g_atomic_int_set (&self->training.done, TRUE);
  return NULL;
}

static void
begin_training (FluoPacker *self)
{
  Training *training = g_new0 (Training, 1);

  training->packer = self;
  training->samples = g_steal_pointer (&self->writer.samples);
  training->current = g_atomic_int_get (&self->current);
  self->writer.samples_bytes = 0;
  self->writer.thread = g_thread_new ("dictionary", train, training);
}

/* Whether the documents of the last while packed badly. */
static void
watch (FluoPacker *self, gsize size, gsize packed_size)
{
  gboolean poor;

  self->writer.n_watched++;
  self->writer.watched_bytes += size;
  self->writer.watched_packed += packed_size;
  /* Each try that came to nothing makes the next one rarer. */
  if (self->writer.n_watched < N_WATCHED)
    return;
  poor = (double) self->writer.watched_packed > (double) self->writer.watched_bytes * POOR_RATIO;
  self->writer.n_watched = self->writer.watched_bytes = self->writer.watched_packed = 0;
  if (poor && self->writer.last_number < N_DICTIONARIES_MAX && !self->writer.thread)
    self->writer.samples = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

void
fluo_packer_sample (FluoPacker *self, GBytes *document, gsize packed_size)
{
  gsize size = g_bytes_get_size (document);

  if (!self->writer.samples)
    {
      watch (self, size, packed_size);
      return;
    }
  if (size <= SAMPLE_SIZE_MAX)
    {
      g_ptr_array_add (self->writer.samples, g_bytes_ref (document));
      self->writer.samples_bytes += size;
    }
  if (!self->writer.thread &&
      (self->writer.samples->len >= N_SAMPLES ||
       (self->writer.samples_bytes >= SAMPLES_BYTES_MAX &&
        self->writer.samples->len >= N_SAMPLES_MIN)))
    begin_training (self);
}

GBytes *
fluo_packer_take_trained (FluoPacker *self, guint32 *ret_number)
{
  if (!self->writer.thread || !g_atomic_int_get (&self->training.done))
    return NULL;
  g_thread_join (self->writer.thread);
  self->writer.thread = NULL;
  g_atomic_int_set (&self->training.done, FALSE);
  *ret_number = self->writer.last_number + 1;
  return g_steal_pointer (&self->training.bytes);
}
