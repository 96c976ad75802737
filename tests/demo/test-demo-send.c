/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
#include <sys/socket.h>

#include "core/fluo-time-span.h"
#include "demo/fluo-demo.h"
#include "fluo-test-util.h"

#define BEGIN_NS G_GINT64_CONSTANT (1795094220000000000)
#define HEADER "{\"format\": \"json\", \"version\": 1}\n"

typedef struct
{
  GSocket   *socket;
  char      *address;
  GThread   *thread;
  gint       stop;       /* atomic */
  gint       n_received; /* atomic */
  GPtrArray *datagrams;  /* the thread's until it is joined */
} Receiver;

static gpointer
receive_thread (gpointer data)
{
  Receiver *self = data;
  char buffer[65536];

  while (!g_atomic_int_get (&self->stop))
    {
      gssize n;

      if (!g_socket_condition_timed_wait (self->socket, G_IO_IN, 50000, NULL, NULL))
        continue;
      n = g_socket_receive (self->socket, buffer, sizeof buffer, NULL, NULL);
      if (n > 0)
        {
          g_ptr_array_add (self->datagrams, g_strndup (buffer, n));
          g_atomic_int_inc (&self->n_received);
        }
    }
  return NULL;
}

static void
receiver_start (Receiver *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) any = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;

  self->socket =
    g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, &error);
  g_assert_no_error (error);
  g_socket_set_option (self->socket, SOL_SOCKET, SO_RCVBUF, 8 * 1024 * 1024, NULL);
  g_socket_bind (self->socket, any, FALSE, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (self->socket, &error);
  self->address = g_strdup_printf ("127.0.0.1:%u",
                                   g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  self->datagrams = g_ptr_array_new_with_free_func (g_free);
  self->thread = g_thread_new ("receiver", receive_thread, self);
}

static void
receiver_stop (Receiver *self)
{
  g_atomic_int_set (&self->stop, 1);
  g_thread_join (self->thread);
}

static void
receiver_clear (Receiver *self)
{
  g_ptr_array_unref (self->datagrams);
  g_object_unref (self->socket);
  g_free (self->address);
}

typedef struct
{
  guint calls, done, total;
} Progress;

static void
progress_cb (guint done, guint total, gpointer user_data)
{
  Progress *progress = user_data;

  g_assert_cmpuint (done, >=, progress->done);
  progress->calls++;
  progress->done = done;
  progress->total = total;
}

static void
test_send (void)
{
  FluoDemoOptions options = { .seed = 3,
                              .span = { BEGIN_NS, BEGIN_NS + FLUO_NSEC_PER_MIN },
                              .n_traces = 200 };
  g_autoptr (FluoDemo) demo = fluo_demo_new (&options);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Receiver receiver = { 0 };
  Progress progress = { 0 };
  guint n_datagrams = 0, at = 0;

  receiver_start (&receiver);
  fluo_demo_send_async (demo, receiver.address, 0, NULL, progress_cb, &progress, NULL,
                        fluo_test_result_cb, &result);
  g_assert_true (fluo_test_wait_result (&result, FLUO_TEST_PATIENCE_MS));
  g_assert_true (fluo_demo_send_finish (demo, result, &n_datagrams, &error));
  g_assert_no_error (error);
  receiver_stop (&receiver);

  g_assert_cmpuint (progress.done, ==, 200);
  g_assert_cmpuint (progress.total, ==, 200);
  g_assert_cmpuint (receiver.datagrams->len, ==, n_datagrams);
  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GPtrArray) documents = fluo_demo_dup_trace (demo, i);

      for (guint j = 0; j < documents->len; j++, at++)
        {
          const char *datagram = g_ptr_array_index (receiver.datagrams, at);

          g_assert_true (g_str_has_prefix (datagram, HEADER));
          g_assert_cmpstr (datagram + strlen (HEADER), ==, g_ptr_array_index (documents, j));
        }
    }
  g_assert_cmpuint (at, ==, n_datagrams);
  receiver_clear (&receiver);
}

static void
test_bad_address (void)
{
  FluoDemoOptions options = { .seed = 3,
                              .span = { BEGIN_NS, BEGIN_NS + FLUO_NSEC_PER_MIN },
                              .n_traces = 2 };
  g_autoptr (FluoDemo) demo = fluo_demo_new (&options);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fluo_demo_send_async (demo, "127.0.0.1:nowhere", 0, NULL, NULL, NULL, NULL, fluo_test_result_cb,
                        &result);
  g_assert_true (fluo_test_wait_result (&result, FLUO_TEST_PATIENCE_MS));
  g_assert_false (fluo_demo_send_finish (demo, result, NULL, &error));
  g_assert_nonnull (error);
}

static void
cancel_cb (guint done, guint total, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Cancelling ends a long send early, and the demo may be dropped at once. */
static void
test_cancel (void)
{
  FluoDemoOptions options = { .seed = 3,
                              .span = { BEGIN_NS, BEGIN_NS + FLUO_NSEC_PER_MIN },
                              .n_traces = 100000 };
  FluoDemo *demo = fluo_demo_new (&options);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Receiver receiver = { 0 };

  receiver_start (&receiver);
  fluo_demo_send_async (demo, receiver.address, 1000, NULL, cancel_cb, cancellable, cancellable,
                        fluo_test_result_cb, &result);
  fluo_demo_free (demo);
  g_assert_true (fluo_test_wait_result (&result, FLUO_TEST_PATIENCE_MS));
  g_assert_false (fluo_demo_send_finish (demo, result, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  receiver_stop (&receiver);
  g_assert_cmpuint (receiver.datagrams->len, <, 10000);
  receiver_clear (&receiver);
}

static gboolean
has_window (gpointer data)
{
  Receiver *self = data;

  return g_atomic_int_get (&self->n_received) >= FLUO_DEMO_WINDOW;
}

static void
flow_progress_cb (guint done, guint total, gpointer user_data)
{
}

/* No more than a window goes out unacknowledged; with the acknowledgement the rest follows. */
static void
test_flow (void)
{
  FluoDemoOptions options = { .seed = 3,
                              .span = { BEGIN_NS, BEGIN_NS + FLUO_NSEC_PER_MIN },
                              .n_traces = 2000 };
  g_autoptr (FluoDemo) demo = fluo_demo_new (&options);
  g_autoptr (FluoDemoFlow) flow = fluo_demo_flow_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Receiver receiver = { 0 };
  guint n_datagrams = 0;

  receiver_start (&receiver);
  fluo_demo_send_async (demo, receiver.address, 0, flow, flow_progress_cb, NULL, NULL,
                        fluo_test_result_cb, &result);
  while (!has_window (&receiver))
    g_usleep (1000);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (result);
  g_assert_cmpint (g_atomic_int_get (&receiver.n_received), ==, FLUO_DEMO_WINDOW);

  fluo_demo_flow_acknowledge (flow, FLUO_DEMO_WINDOW);
  g_assert_true (fluo_test_wait_result (&result, FLUO_TEST_PATIENCE_MS));
  g_assert_true (fluo_demo_send_finish (demo, result, &n_datagrams, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_datagrams, >, FLUO_DEMO_WINDOW);
  receiver_stop (&receiver);
  receiver_clear (&receiver);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/demo/send/all", test_send);
  g_test_add_func ("/demo/send/bad-address", test_bad_address);
  g_test_add_func ("/demo/send/cancel", test_cancel);
  g_test_add_func ("/demo/send/flow", test_flow);
  return g_test_run ();
}
