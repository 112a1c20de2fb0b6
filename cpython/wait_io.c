/* Tasks that wait for sockets, streams and pipes: see waits.h. */
#include "cpython/objects.h"
#include "cpython/transports.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static bool local_of(struct waiting *w, const char *name, remote_addr *value)
{
	return frame_local(w->python, &w->frames->items[w->at], name, value);
}

/* Whether what the task is suspended on is in that variable: the same function may
 * wait for other things before, as for the address of a name. */
static bool awaits_local(struct waiting *w, const char *name)
{
	remote_addr future;

	return local_of(w, name, &future) && future == w->view->waiter;
}

static bool is_innermost(const struct waiting *w)
{
	return w->at + 1 == w->frames->count;
}

static bool fill(struct waiting *w, enum wait_kind kind, const char *op, remote_addr object,
		int64_t fd)
{
	w->wait->wait.kind = kind;
	w->wait->wait.object = object;
	w->wait->wait.io.op = op;
	w->wait->wait.io.fd = fd;
	return true;
}

/* ---- a loop's calls with a socket ---- */

static bool fill_socket(struct waiting *w, const char *future, const char *socket, const char *op)
{
	remote_addr object;

	return awaits_local(w, future) && local_of(w, socket, &object) &&
	       fill(w, WAIT_SOCKET, op, object, socket_fd(w->python, w->names, object));
}

/* These keep the descriptor beside the socket, which may be of any class. */
static bool fill_descriptor(struct waiting *w, const char *op)
{
	int64_t fd;

	if (!fill_socket(w, "fut", "sock", op))
		return false;
	if (frame_local_integer(w->python, &w->frames->items[w->at], "fd", &fd) && fd >= 0)
		w->wait->wait.io.fd = fd;
	return true;
}

bool wait_socket_read(struct waiting *w)
{
	return fill_descriptor(w, "read");
}

bool wait_socket_write(struct waiting *w)
{
	return fill_descriptor(w, "write");
}

bool wait_socket_connect(struct waiting *w)
{
	return fill_socket(w, "fut", "sock", "connect");
}

bool wait_socket_accept(struct waiting *w)
{
	return fill_socket(w, "fut", "sock", "accept");
}

bool wait_socket_made(struct waiting *w)
{
	remote_addr transport;
	bool tls = local_of(w, "transport", &transport) &&
		   is_instance(w->python, w->names, transport, CLASS_TLS_TRANSPORT);

	return fill_socket(w, "waiter", "sock", tls ? "handshake" : "connect");
}

bool wait_socket_accepted(struct waiting *w)
{
	return fill_socket(w, "waiter", "conn", "handshake");
}

/* On a loop that is not asyncio's own there is nothing to be seen below. */
bool wait_open_connection(struct waiting *w)
{
	return is_innermost(w) && fill(w, WAIT_SOCKET, "connect", 0, -1);
}

/* ---- transports ---- */

static bool fill_transport(struct waiting *w, enum wait_kind kind, const char *op,
		remote_addr object, remote_addr at)
{
	struct transport transport = transport_read(w->python, w->names, at);

	return fill(w, transport.is_pipe ? WAIT_PIPE : kind, op, object, transport.fd);
}

/* An object with the transport that it works on. */
static bool fill_owner(struct waiting *w, enum class class, enum wait_kind kind, const char *op)
{
	remote_addr transport = 0;

	if (!is_instance(w->python, w->names, w->self, class))
		return false;
	attribute_find(w->python, w->self, "_transport", &transport);
	return fill_transport(w, kind, op, w->self, transport);
}

bool wait_stream_read(struct waiting *w)
{
	return fill_owner(w, CLASS_STREAM_READER, WAIT_STREAM, "read");
}

bool wait_stream_drain(struct waiting *w)
{
	return fill_owner(w, CLASS_STREAM_WRITER, WAIT_STREAM, "drain");
}

bool wait_stream_close(struct waiting *w)
{
	return fill_owner(w, CLASS_STREAM_WRITER, WAIT_STREAM, "close");
}

/* A protocol that a user drains without a writer. */
bool wait_protocol_drain(struct waiting *w)
{
	return fill_owner(w, CLASS_FLOW_CONTROL, WAIT_STREAM, "drain");
}

bool wait_sendfile_drain(struct waiting *w)
{
	return fill_owner(w, CLASS_SENDFILE_PROTOCOL, WAIT_SOCKET, "write");
}

bool wait_sendfile(struct waiting *w)
{
	remote_addr transport;

	return is_innermost(w) && local_of(w, "transp", &transport) &&
	       fill_transport(w, WAIT_SOCKET, "write", transport, transport);
}

bool wait_pipe_made(struct waiting *w)
{
	remote_addr transport;

	return awaits_local(w, "waiter") && local_of(w, "transport", &transport) &&
	       fill_transport(w, WAIT_PIPE, "connect", transport, transport);
}

/* The writer of a stream asks the loop for it. */
bool wait_handshake(struct waiting *w)
{
	const struct frame_view *outer = w->at > w->first ? &w->frames->items[w->at - 1] : NULL;
	enum wait_kind kind = WAIT_SOCKET;
	remote_addr transport, object;

	if (!awaits_local(w, "waiter") || !local_of(w, "transport", &transport))
		return false;
	object = transport;
	if (outer && outer->globals == w->names->modules[MODULE_STREAMS] &&
			frame_local(w->python, outer, "self", &object))
		kind = WAIT_STREAM;
	return fill_transport(w, kind, "handshake", object, transport);
}

/* The same where the loop is not asyncio's own. */
bool wait_stream_handshake(struct waiting *w)
{
	return is_innermost(w) && fill_owner(w, CLASS_STREAM_WRITER, WAIT_STREAM, "handshake");
}

/* ---- servers ---- */

/* It may listen at many addresses; the first one stands for it. */
static bool fill_server(struct waiting *w, const char *op)
{
	remote_addr sockets, first;

	if (!is_instance(w->python, w->names, w->self, CLASS_SERVER))
		return false;
	int64_t fd = attribute_find(w->python, w->self, "_sockets", &sockets) &&
						     item_first(w->python, sockets, &first)
				     ? socket_fd(w->python, w->names, first)
				     : -1;
	return fill(w, WAIT_SOCKET, op, w->self, fd);
}

bool wait_server(struct waiting *w)
{
	remote_addr future;

	return w->self && attribute_find(w->python, w->self, "_serving_forever_fut", &future) &&
	       future == w->view->waiter && fill_server(w, "accept");
}

bool wait_server_closed(struct waiting *w)
{
	return awaits_local(w, "waiter") && fill_server(w, "close");
}
