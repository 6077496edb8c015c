"""What went wrong between this program and the API server, in plain words: one table for reading and writing.

Used by the two connections and by `client`. No exception of the vendor's packages gets past here.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Sequence

import urllib3
from kubernetes.client.exceptions import OpenApiException
from kubernetes.config.config_exception import ConfigException

from bot.adapters.kube.access.failures import NoAnswer
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.domain.facts import GapReason

VENDOR_ERRORS = (OpenApiException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

Explanation = tuple[GapReason, str, str]
"""Reason, what happened, and what to do; `{text}` and `{server}` are filled in."""

_EXPLANATIONS: Sequence[tuple[type[Exception], Explanation]] = (
    (
        urllib3.exceptions.NameResolutionError,
        (GapReason.FAILED, "the server name is unknown", "Check the address {server}, your DNS and your VPN."),
    ),
    (
        urllib3.exceptions.NewConnectionError,
        (
            GapReason.FAILED,
            "no connection ({text})",
            "Check that the API server runs and that {server} is its address.",
        ),
    ),
    (
        urllib3.exceptions.ConnectTimeoutError,
        (GapReason.TIMED_OUT, "no connection in time", "Check the network, VPN or firewall to {server}."),
    ),
    (
        urllib3.exceptions.ProxyError,
        (GapReason.FAILED, "the proxy failed ({text})", "Check the proxy settings (HTTPS_PROXY, NO_PROXY)."),
    ),
    (
        urllib3.exceptions.TimeoutError,
        (GapReason.TIMED_OUT, "no answer in time", "Check whether the API server is overloaded, and try again."),
    ),
    (
        TimeoutError,
        (GapReason.TIMED_OUT, "no answer in time", "Check whether the API server is overloaded, and try again."),
    ),
    (
        ConfigException,
        (GapReason.FAILED, "the credentials cannot be renewed ({text})", "Log in to the cluster again."),
    ),
)
"""The first that fits counts: the vendor's classes inherit from each other."""

_TLS: Explanation = (
    GapReason.FAILED,
    "TLS failed ({text})",
    "Check certificate-authority and tls-server-name of the cluster in the kubeconfig, and that {server} speaks HTTPS.",
)
_BROKEN: Explanation = (
    GapReason.FAILED,
    "the connection broke ({text})",
    "Try again; if it stays, look at what stands between this machine and {server}.",
)


def _explain(exc: Exception) -> Explanation:
    for kind, explanation in _EXPLANATIONS:
        if isinstance(exc, kind):
            return explanation
    return _TLS if "ssl" in str(exc).lower() else _BROKEN


def no_answer(exc: Exception, server: str, context: str) -> NoAnswer:
    """The failure for an exception of the vendor's packages. `context` is the kubeconfig's, or empty."""
    reason, detail, remedy = _explain(exc)
    text = _cause(exc)
    hint = f" `kubectl --context {context} get --raw /version` should show the same." if context else ""
    # a name server that does not answer is not bound by our timeouts
    slow = reason is GapReason.TIMED_OUT or isinstance(exc, urllib3.exceptions.NameResolutionError)
    listened = reason is GapReason.TIMED_OUT and not isinstance(exc, urllib3.exceptions.ConnectTimeoutError)
    words = f"{detail.format(text=text)} at {server}"
    return NoAnswer(reason, words, remedy.format(server=server) + hint, slow=slow, listened=listened)


def plain_words(exc: Exception) -> str:
    """An exception's own words on one line, credentials masked, or its name when it has none."""
    return mask_url_credentials(" ".join(str(exc).split())).rstrip(".") or type(exc).__name__


def _cause(exc: Exception) -> str:
    """The operating system's or TLS library's own words, where the vendor wraps them."""
    text = plain_words(exc)
    found = re.search(r"\[Errno -?\d+\] ([^'\")>]+)|(\[SSL[^)]*)", text)
    return (found[1] or found[2]).strip() if found else text
