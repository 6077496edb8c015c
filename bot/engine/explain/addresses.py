"""Addresses in what is told: whose each is, where that is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from bot.domain.calls import FailedCall
from bot.domain.kubernetes import Pod, Service
from bot.domain.view import View

_ADDRESS = re.compile(r"(?<![\w.-])(\d{1,3}(?:\.\d{1,3}){3})(:\d{1,5})?(?![\w/-]|:\w|\.\d)")


def with_names(text: str, services: Iterable[Service]) -> str:
    """The text with the Service's name behind the first address of it, where the text does not name it already.

    `connect ECONNREFUSED 10.96.4.2:5432` becomes `connect ECONNREFUSED 10.96.4.2:5432 (Service db)`.
    """
    if not _ADDRESS.search(text):
        return text
    names = {
        address: item.metadata.name for item in services for address in (item.spec.cluster_ip, *item.spec.cluster_ips)
    }

    def told(match: re.Match[str]) -> str:
        name = names.pop(match[1], "")
        said = not name or re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None
        return match[0] if said else f"{match[0]} (Service {name})"

    return _ADDRESS.sub(told, text)


def named_addresses(view: View, calls: Iterable[FailedCall]) -> Mapping[str, str]:
    """`Service db` or `pod db-0` for each address that the calls went to and that is one of theirs.

    Addresses of pods go round: one that began after the call is not what was called.
    """
    services = {address: item for item in view.services for address in item.addresses}
    pods = {item.status.pod_ip: item for item in view.pods if not item.spec.host_network}
    found: dict[str, str] = {}
    for call in calls:
        for address in filter(None, (call.host, call.address)):
            if address in services:
                found[address] = f"Service {services[address].metadata.name}"
            elif address in pods and _was_there(pods[address], call):
                found[address] = f"pod {pods[address].metadata.name}"
    return found


def _was_there(pod: Pod, call: FailedCall) -> bool:
    begun = pod.metadata.creation_timestamp
    return call.at is None or begun is None or begun <= call.at
