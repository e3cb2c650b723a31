"""A line to a server that can be cut and mended: a TCP relay on a port of its own."""

from __future__ import annotations

import contextlib
import socket
import threading


class Line:
    """Relays to a port of this machine until it is cut; whoever comes then is refused.

    Args:
        target: the port of the server.
        word: counted in what clients send, such as `b"PUT "`.
        most: cut at this count of the word; never when 0.
    """

    def __init__(self, target: int, word: bytes = b"", most: int = 0) -> None:
        self._target, self._word, self._left = target, word, most
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._lock = threading.Lock()
        self.port = 0
        self.mend()

    def mend(self) -> None:
        """Listen, again on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(50)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Stop listening and break every connection."""
        with self._lock:
            listener, self._listener = self._listener, None
            closing = [one for one in (listener, *self._open) if one is not None]
            self._open.clear()
        for one in closing:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def is_cut(self) -> bool:
        """Whether nobody gets through."""
        return self._listener is None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            with self._lock:
                if self.is_cut:
                    client.close()
                    server.close()
                    return
                self._open += [client, server]
            for one, other, counts in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._relay, args=(one, other, counts), daemon=True).start()

    def _relay(self, one: socket.socket, other: socket.socket, counts: bool) -> None:
        with contextlib.suppress(OSError):
            while received := one.recv(65536):
                if counts and self._word and self._word in received and self._left > 0:
                    self._left -= 1
                    if not self._left:
                        self.cut()
                        return
                other.sendall(received)
            other.shutdown(socket.SHUT_WR)
