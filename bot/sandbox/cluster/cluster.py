"""`SimulatedCluster`: the simulation with its API server, kubeconfig files and faults of the API itself.

The sandbox starts one when no real cluster is configured; tests start as many as they like. Loopback only.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import yaml

from bot.sandbox.cluster.api.authorizer import Denial
from bot.sandbox.cluster.api.chaos import Misbehaviour
from bot.sandbox.cluster.api.recording import RecordedRequest
from bot.sandbox.cluster.api.server import ApiServer
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.served import DEFAULT
from bot.sandbox.cluster.state.values import utc_now

USERS = ("admin", "reader", "nobody")
"""The users every kubeconfig of the sandbox has a context for; any other name may be asked for."""


def context_of(user: str) -> str:
    """What a user's context is called: the administrator's `sandbox`, for it names the cluster; others by the user."""
    return "sandbox" if user == "admin" else user


class SimulatedCluster(Simulation):
    """A Kubernetes API server in which a possibly broken Onyx runs and recovers when it is fixed."""

    def __init__(
        self, *, clock: Callable[[], datetime] = utc_now, onyx: str = "analysis", release: str = DEFAULT
    ) -> None:
        super().__init__(clock=clock, onyx=onyx, release=release)
        self._tokens: dict[str, str] = {}
        self.server = ApiServer(self, self._tokens)

    def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Serve on a loopback address; port 0 takes a free one. Raises ConfigurationError."""
        self.server.start(host, port)

    def stop(self) -> None:
        """Stop serving; the state stays."""
        self.server.stop()

    def __enter__(self) -> SimulatedCluster:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:port` while serving."""
        return self.server.address

    def address_for(self, user: str) -> str:
        """The server address that authenticates as `user`, for clients that send no credentials over plain HTTP."""
        return self.server.address_for(user)

    def token(self, user: str) -> str:
        """A bearer token of the user, valid while this object lives."""
        for token, name in self._tokens.items():
            if name == user:
                return token
        token = secrets.token_urlsafe(24)
        self._tokens[token] = user
        return token

    def write_kubeconfig(self, path: Path, user: str = "admin", context: str = "") -> Path:
        """Write a kubeconfig with a context for each of USERS (see `context_of`); the current one is `user`'s.

        `context` is what that one is called instead; the one that had the name is called by its user.
        """
        names = list(dict.fromkeys((user, *USERS)))
        current = context or context_of(user)
        called = {
            name: current if name == user else name if context_of(name) == current else context_of(name)
            for name in names
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "preferences": {},
            "clusters": [{"name": f"sandbox-{name}", "cluster": {"server": self.address_for(name)}} for name in names],
            "users": [{"name": name, "user": {"token": self.token(name)}} for name in names],
            "contexts": [
                {"name": called[name], "context": {"cluster": f"sandbox-{name}", "user": name, "namespace": "onyx"}}
                for name in names
            ],
            "current-context": current,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        path.chmod(0o600)
        return path

    # faults of the API itself

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests served so far, oldest first, as an audit log would have them."""
        return list(self.server.requests)

    @property
    def writes(self) -> list[RecordedRequest]:
        """Who changed something, or tried to, oldest first: no reads, no reviews, no dry runs."""
        reviews = ("authorization.k8s.io", "authentication.k8s.io")
        return [
            seen
            for seen in self.requests
            if seen.method not in ("GET", "HEAD")
            and not seen.dry_run
            and (not seen.asked or seen.asked.group not in reviews)
        ]

    def hang(self, path_regex: str, *, method: str = "") -> None:
        """Requests whose path matches get no answer until `behave`."""
        self.server.chaos.add(Misbehaviour("hang", re.compile(path_regex), method=method))

    def fail(self, path_regex: str, status: int = 500, retry_after: int | None = None, *, times: int | None = None,
             method: str = "", message: str = "") -> None:  # fmt: skip
        """Requests whose path matches are answered with this status, for ever or `times` times."""
        rule = Misbehaviour("fail", re.compile(path_regex), status, retry_after, message, method)
        self.server.chaos.add(rule, times)

    def drop(self, path_regex: str, *, times: int | None = None, method: str = "") -> None:
        """The connection of matching requests is cut without an answer."""
        self.server.chaos.add(Misbehaviour("drop", re.compile(path_regex), method=method), times)

    def lose_answer(self, path_regex: str, *, times: int | None = None, method: str = "") -> None:
        """Matching requests are carried out, but the connection is cut before their answer."""
        self.server.chaos.add(Misbehaviour("lose", re.compile(path_regex), method=method), times)

    def deny(self, verb: str, resource: str, namespace: str = "") -> None:
        """Everybody is forbidden this, whatever RBAC says: `deny("get", "pods/log", "onyx")`; "*" stands for any."""
        with self.lock:
            self.server.authorizer.denials.append(Denial(verb, resource, namespace))

    def behave(self) -> None:
        """End every hang, failure, drop and denial."""
        self.server.chaos.clear()
        with self.lock:
            self.server.authorizer.denials.clear()
