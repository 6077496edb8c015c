"""Addresses in what is told: whose each is, where that is known. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.kubernetes import Service

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
