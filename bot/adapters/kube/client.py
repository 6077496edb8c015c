"""Finds the cluster and the credentials, and says in plain words what is missing.

`connect` is called by the wiring. It reads kubeconfig files and the ServiceAccount of a pod, sends nothing to the API
server and never writes a kubeconfig. A user's credential plugin is run, as kubectl would.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from kubernetes.client.configuration import Configuration
from kubernetes.config.config_exception import ConfigException
from kubernetes.config.incluster_config import (
    SERVICE_CERT_FILENAME,
    SERVICE_TOKEN_FILENAME,
    InClusterConfigLoader,
)
from kubernetes.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION, load_kube_config

from bot.adapters.kube.connection import VENDOR_ERRORS, ApiConnection, plain_words
from bot.adapters.kube.kubeconfig import KubeconfigChoice, choose
from bot.domain.errors import ConfigurationError

_LOADER_ERRORS = (ConfigException, *VENDOR_ERRORS, AttributeError, KeyError, TypeError)


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
    if in_cluster:
        loader = InClusterConfigLoader(  # type: ignore[no-untyped-call]
            token_filename=SERVICE_TOKEN_FILENAME, cert_filename=SERVICE_CERT_FILENAME
        )
        configuration, name, namespace = in_cluster_configuration(loader), "", ""
    else:
        choice = choose(kubeconfig or KUBE_CONFIG_DEFAULT_LOCATION, context)
        configuration, name, namespace = _kubeconfig_configuration(choice), choice.context, choice.namespace
    return ApiConnection(
        configuration,
        context=name,
        default_namespace=namespace,
        connect_timeout_seconds=connect_timeout_seconds,
        read_timeout_seconds=read_timeout_seconds,
    )


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
    configuration = Configuration()
    try:
        load_kube_config(  # type: ignore[no-untyped-call]
            choice.search_path, choice.context, configuration, persist_config=False
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


def _is_loopback(server: str) -> bool:
    host = urlsplit(server).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
