"""A door in front of a real server: a forwarder of TCP that a test can shut, as a network that fails does."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Door:
    """Listens on a port of its own and passes everything to `target`; shut, it refuses and breaks what is under way."""

    def __init__(self, target: tuple[str, int], *, locked: ssl.SSLContext | None = None) -> None:
        self._target = target
        self._locked = locked
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.unlock()

    @property
    def url(self) -> str:
        """Where to knock."""
        return f"http://127.0.0.1:{self.port}"

    def unlock(self) -> None:
        """Let everybody through (again)."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._receive, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        """Nobody gets through any more."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in tuple(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _receive(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                guest, _ = listener.accept()
                if self._locked is not None:
                    try:
                        guest = self._locked.wrap_socket(guest, server_side=True)
                    except OSError:  # a guest who does not trust our certificate
                        continue
                server = socket.create_connection(self._target)
                self._open |= {guest, server}
                for one, other in ((guest, server), (server, guest)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                sink.sendall(data)
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._open -= {source}
        source.close()


@contextlib.contextmanager
def saying(status: int, body: bytes, *, product: bool = True, after: float = 0.0) -> Iterator[str]:
    """A server that gives every request the same answer, as Elasticsearch or as something else; its address."""

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            over.wait(after)
            self.send_response(status)
            if product:
                self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
