"""Finds the cluster and the credentials, and says in plain words what is missing.

`connect` and `connect_for_writing` are called by the wiring. They read kubeconfig files and a pod's ServiceAccount,
send nothing to the API server and never write a kubeconfig. A user's credential plugin is run, as kubectl would.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kubernetes.client.configuration import Configuration
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)

from bot.adapters.kube.access.connection import ApiConnection
from bot.adapters.kube.access.explanations import VENDOR_ERRORS, plain_words
from bot.adapters.kube.access.kubeconfig import KubeconfigChoice, choose
from bot.adapters.kube.access.plain_access import is_plain, plain_configuration
from bot.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.adapters.kube.access.lease import KubernetesLease
    from bot.adapters.kube.access.write_connection import WriteConnection

USUAL_PLACE = "~/.kube/config"
SERVICE_NAMESPACE_FILENAME = Path(SERVICE_TOKEN_FILENAME).with_name("namespace")
_LOADER_ERRORS = (ConfigException, *VENDOR_ERRORS, AttributeError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Account:
    """A cluster and the credentials for it. `context` and `namespace` are the kubeconfig's, or empty."""

    configuration: Configuration
    context: str = ""
    namespace: str = ""


def connect(
    *,
    kubeconfig: str | None,
    context: str | None,
    in_cluster: bool,
    connect_timeout_seconds: float = 3,
    read_timeout_seconds: float = 10,
) -> ApiConnection:
    """Find the cluster and the credentials; sends nothing yet.

    `kubeconfig` is a path or a KUBECONFIG list (None: the usual place), `context` None the current one. With
    `in_cluster` the pod's ServiceAccount is used and the other two are ignored. Raises `ConfigurationError`.
    """
    account = _find(kubeconfig, context, in_cluster=in_cluster)
    return ApiConnection(
        account.configuration,
        context=account.context,
        default_namespace=account.namespace,
        connect_timeout_seconds=connect_timeout_seconds,
        read_timeout_seconds=read_timeout_seconds,
    )


def connect_for_writing(
    *, kubeconfig: str | None, context: str | None, in_cluster: bool, connect_timeout_seconds: float = 3
) -> WriteConnection:
    """The same cluster and account as `connect` finds, for writes. Sends nothing yet. Raises `ConfigurationError`."""
    from bot.adapters.kube.access.write_connection import WriteConnection  # noqa: PLC0415 - a diagnosis does not write

    account = _find(kubeconfig, context, in_cluster=in_cluster)
    return WriteConnection(
        account.configuration, context=account.context, connect_timeout_seconds=connect_timeout_seconds
    )


def _find(kubeconfig: str | None, context: str | None, *, in_cluster: bool) -> Account:
    if in_cluster:
        loader = InClusterConfigLoader(  # type: ignore[no-untyped-call]
            token_filename=SERVICE_TOKEN_FILENAME, cert_filename=SERVICE_CERT_FILENAME
        )
        return Account(in_cluster_configuration(loader))
    choice = choose(kubeconfig or USUAL_PLACE, context)
    return Account(_kubeconfig_configuration(choice), choice.context, choice.namespace)


def connect_for_election(
    *, kubeconfig: str | None, context: str | None, in_cluster: bool, namespace: str | None, name: str
) -> KubernetesLease:
    """The leader's Lease in the same cluster. Sends nothing yet.

    `namespace` None: the pod's own, or the context's. Raises `ConfigurationError`.
    """
    from bot.adapters.kube.access.lease import KubernetesLease  # noqa: PLC0415 - only the bot elects a leader

    account = _find(kubeconfig, context, in_cluster=in_cluster)
    place = namespace or account.namespace or (_own_namespace() if in_cluster else "")
    if not place:
        raise ConfigurationError(
            "Nobody says in which namespace the leader's Lease is.",
            "Set TRIAGE_LEASE_NAMESPACE, or a context that has a namespace.",
        )
    return KubernetesLease(account.configuration, place, name)


def _own_namespace() -> str:
    """The namespace of this pod; empty when nobody says it."""
    try:
        return SERVICE_NAMESPACE_FILENAME.read_text().strip()
    except OSError:
        return ""


def in_cluster_configuration(loader: InClusterConfigLoader) -> Configuration:
    """The configuration of a pod's ServiceAccount, renewed from its token file. Raises `ConfigurationError`."""
    configuration = Configuration()
    try:
        loader.load_and_set(configuration)  # type: ignore[no-untyped-call]
    except _LOADER_ERRORS as exc:
        raise ConfigurationError(
            f"This program does not run in a cluster, or without a ServiceAccount: {exc}",
            "Give the pod a ServiceAccount with automountServiceAccountToken, or name a kubeconfig with --kubeconfig.",
        ) from exc
    return configuration


def _kubeconfig_configuration(choice: KubeconfigChoice) -> Configuration:
    plain = len(choice.paths) == 1 and is_plain(choice.cluster_entry, choice.user_entry)
    try:
        configuration = (
            plain_configuration(choice.cluster_entry, choice.user_entry, choice.paths[0].parent)
            if plain
            else _configured_by_vendor(choice)
        )
    except _LOADER_ERRORS as exc:
        raise ConfigurationError(
            f"The context {choice.context} of {choice.search_path} cannot be used: {plain_words(exc)}.",
            f"Make `kubectl --context {choice.context} get --raw /version` work, or choose another context.",
        ) from exc
    if choice.plugin and not configuration.api_key and not configuration.cert_file:
        # The vendor logs a failed plugin and would go on as nobody.
        raise ConfigurationError(
            f"The credential plugin {choice.plugin} of the context {choice.context} gave no credentials.",
            f"Run `kubectl --context {choice.context} get --raw /version` to see why, and log in again.",
        )
    if not choice.proxied and _is_loopback(choice.server):
        configuration.proxy = None  # a proxy for the world outside cannot reach this machine's own addresses
    return configuration


def _configured_by_vendor(choice: KubeconfigChoice) -> Configuration:
    """What the vendor's loader makes of the files; it runs credential plugins."""
    from kubernetes.config.kube_config import load_kube_config  # noqa: PLC0415 - it imports OAuth clients

    configuration = Configuration()
    load_kube_config(  # type: ignore[no-untyped-call]
        choice.search_path, choice.context, configuration, persist_config=False
    )
    return configuration


def _is_loopback(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
