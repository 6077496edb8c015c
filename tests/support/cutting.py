"""A door to PostgreSQL that is slammed now and then: a proxy that cuts connections at random points."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import parse_qs, urlsplit

from bot.adapters.store.sql.engine import parse_url

CHUNK = 1 << 16


class CuttingProxy:
    """Passes bytes on to the server's socket. Each message of a client's ends its connection with this chance, before
    the server has it, or after the server has answered and before the client has the answer: half each."""

    def __init__(self, behind: str, chance: random.Random, share: float) -> None:
        self._behind = behind
        self._chance = chance
        self.share = share
        self.cuts = 0
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self._closed = False
        threading.Thread(target=self._serve, name="cutting-proxy", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._door.getsockname()[1])

    def close(self) -> None:
        self._closed = True
        self._door.close()

    def _serve(self) -> None:
        while not self._closed:
            with suppress(OSError):
                client, _ = self._door.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._behind)
                answers_lost = threading.Event()
                for one, two, counts in ((client, server, True), (server, client, False)):
                    words = (one, two, answers_lost, counts)
                    threading.Thread(target=self._pass_on, args=words, name="cutting-proxy-half", daemon=True).start()

    def _pass_on(self, one: socket.socket, two: socket.socket, answers_lost: threading.Event, counts: bool) -> None:
        with suppress(OSError):
            while data := one.recv(CHUNK):
                if counts and self._is_cut():
                    if not self._half():
                        break
                    answers_lost.set()
                if not counts and answers_lost.is_set():
                    break
                two.sendall(data)
        for side in (one, two):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
            side.close()

    def _is_cut(self) -> bool:
        with self._lock:
            cut = self._chance.random() < self.share
            self.cuts += cut
            return cut

    def _half(self) -> bool:
        with self._lock:
            return self._chance.random() < 0.5


@contextmanager
def cutting(url: str, seed: int, share: float) -> Iterator[tuple[CuttingProxy, str]]:
    """The proxy, and the database's address by way of it."""
    directory = parse_qs(urlsplit(url).query)["host"][0]
    found = parse_url(url)
    proxy = CuttingProxy(f"{directory}/.s.PGSQL.5432", random.Random(seed), share)
    by_way_of_it = found.set(host="127.0.0.1", port=proxy.port, query={})
    try:
        yield proxy, by_way_of_it.render_as_string(hide_password=False)
    finally:
        proxy.close()
