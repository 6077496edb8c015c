"""Reads kubeconfig files far enough to choose a context and to name what is wrong with them.

Called by `client` before the vendor's loader, which follows the last `current-context` of several files where
kubectl follows the first, and which goes on anonymously when a user is missing. Never writes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.adapters.kube.access.masking import mask_url_credentials
from bot.domain.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class KubeconfigChoice:
    """The context that is going to be used. `proxied` and `plugin`: its cluster names a proxy, its user a plugin.

    `cluster_entry` and `user_entry` are what the files say about both; credentials are in there.
    """

    paths: tuple[Path, ...]
    context: str
    cluster: str
    server: str
    namespace: str
    proxied: bool
    plugin: str
    cluster_entry: Mapping[str, Any] = field(default_factory=dict, repr=False)
    user_entry: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def search_path(self) -> str:
        """The files as a KUBECONFIG value."""
        return os.pathsep.join(str(path) for path in self.paths)


def choose(search_path: str, context: str | None) -> KubeconfigChoice:
    """Choose a context of the files in `search_path` (a KUBECONFIG value); None means the current context.

    Raises `ConfigurationError` when there is no file, when one is broken, or when the context is unknown or incomplete.
    """
    paths = _existing(search_path)
    documents = [_load(path) for path in paths]
    contexts = _named(documents, "contexts", "context")
    name = context or _current_context(documents)
    if name not in contexts:
        raise _unknown_context(name, tuple(contexts), paths)
    chosen = contexts[name]
    clusters, users = _named(documents, "clusters", "cluster"), _named(documents, "users", "user")
    cluster = _member(clusters, chosen, "cluster", name)
    user = _member(users, chosen, "user", name) if chosen.get("user") else {}
    return KubeconfigChoice(
        paths=paths,
        context=name,
        cluster=str(chosen["cluster"]),
        server=_server(cluster, name),
        namespace=str(chosen.get("namespace") or ""),
        proxied=bool(cluster.get("proxy-url")),
        plugin=_plugin(user),
        cluster_entry=cluster,
        user_entry=user,
    )


def _existing(search_path: str) -> tuple[Path, ...]:
    paths = [Path(part).expanduser() for part in search_path.split(os.pathsep) if part.strip()]
    found = tuple(path for path in paths if path.exists())
    if found:
        return found
    where = ", ".join(str(path) for path in paths) or "the usual place"
    raise ConfigurationError(
        f"No kubeconfig was found at {where}.",
        "Name the file with --kubeconfig or KUBECONFIG, or run this program in the cluster with a ServiceAccount.",
    )


def _load(path: Path) -> Mapping[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise ConfigurationError(
            f"The kubeconfig {path} cannot be read: {exc.strerror or exc}.", "Make the file readable for this account."
        ) from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ConfigurationError(
            f"The kubeconfig {path} is not valid YAML{_place(exc)}.",
            "Restore the file, or write it anew with your cluster's tool; `kubectl config view` must accept it.",
        ) from exc
    if not isinstance(document, dict):
        raise ConfigurationError(
            f"The kubeconfig {path} is empty or not a mapping.", "Name another file with --kubeconfig or KUBECONFIG."
        )
    return document


def _place(exc: Exception) -> str:
    mark = getattr(exc, "problem_mark", None)
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark is not None else ""


def _named(documents: Sequence[Mapping[str, Any]], section: str, content: str) -> dict[str, Mapping[str, Any]]:
    """The entries of a section by name; of several with one name the first counts, as for kubectl."""
    found: dict[str, Mapping[str, Any]] = {}
    for document in documents:
        entries = document.get(section)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("name"):
                value = entry.get(content)
                found.setdefault(str(entry["name"]), value if isinstance(value, dict) else {})
    return found


def _current_context(documents: Sequence[Mapping[str, Any]]) -> str:
    return next((str(item["current-context"]) for item in documents if item.get("current-context")), "")


def _unknown_context(name: str, contexts: Sequence[str], paths: Sequence[Path]) -> ConfigurationError:
    files = ", ".join(str(path) for path in paths)
    problem = f"There is no context {name!r} in {files}." if name else f"No current context is set in {files}."
    if not contexts:
        return ConfigurationError(problem, "The file has no contexts at all: name another with --kubeconfig.")
    return ConfigurationError(problem, f"Name one of these with --context: {', '.join(sorted(contexts))}.")


def _member(
    entries: Mapping[str, Mapping[str, Any]], chosen: Mapping[str, Any], key: str, context: str
) -> Mapping[str, Any]:
    name = str(chosen.get(key) or "")
    if name in entries:
        return entries[name]
    raise ConfigurationError(
        f"The context {context} names the {key} {name!r}, which the kubeconfig does not have.",
        f"Correct the {key} of this context, or choose another context with --context.",
    )


def _server(cluster: Mapping[str, Any], context: str) -> str:
    server = str(cluster.get("server") or "")
    if server.startswith(("https://", "http://")):
        return server.rstrip("/")
    raise ConfigurationError(
        f"The cluster of the context {context} has no usable server address: {mask_url_credentials(server)!r}.",
        "Set `server` of this cluster to the API server's URL, for example https://api.example.com:6443.",
    )


def _plugin(user: Mapping[str, Any]) -> str:
    plugin = user.get("exec")
    return str(plugin.get("command") or "") if isinstance(plugin, dict) else ""
