"""A door in front of a real server: a forwarder of TCP that a test can shut, as a network that fails does."""

from __future__ import annotations

import contextlib
import socket
import threading


class Door:
    """Listens on a port of its own and passes everything to `target`; shut, it refuses and breaks what is under way."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
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
