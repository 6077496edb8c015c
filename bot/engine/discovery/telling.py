"""Whom a program calls, as its log tells without a failed connection: by a URL that answered with an error, by an
error of another program that it passes on in that program's own words or at the same moment, or as it says that it
calls a Service. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from itertools import islice

import re2

from bot.domain.calls import FailedCall
from bot.domain.endpoints import Endpoint
from bot.domain.view import View
from bot.engine.binding import BoundComponent
from bot.engine.binding.candidates import selects
from bot.engine.calls.quoting import Quoted, depth_of, failed_url, quoted
from bot.engine.checks.logs import shape_of
from bot.engine.discovery.evidence import TRANSPORT, component_logs, recent_text
from bot.engine.discovery.graph import Reference
from bot.engine.discovery.together import Failed, failed_lines, failing_together
from bot.engine.values.clocks import clocks_of

_MANY = 12
"""Different errors of one program that are looked for in the logs of the others."""
_SAID = 60
"""Places in one log at which it says that it calls something; most of them say the same."""
_CALLS = re2.compile(
    r"(?i)\b(?:call(?:ing|ed)?|calls? (?:to|of)|requests? (?:to|of)|requesting|connect(?:ing|ed|ion)? (?:to|with)"
    r"|dial(?:ing)?|invoking|reach(?:ing)?|fetching from|sen[dt](?:ing)? to|database ur[li]:)"
    r" (?:the |service |server |database |host |at ){0,2}[\"'`]?(?:\w+://)?(?:[^\s/@]+@)?(?P<host>[a-z][a-z0-9.-]{1,100})"
)
"""What a program says of its own calls, whether they succeed or not."""


def told_calls(
    view: View, components: Mapping[str, BoundComponent], calls: Mapping[str, Iterable[FailedCall]]
) -> Iterable[Reference]:
    """The calls of each component that its own log tells of; only to Services that are there."""
    texts = _texts(view, components)
    whole = {name: "\n".join(lines) for name, lines in texts.items()}
    services = _services(view, components)
    hosts = {item.metadata.name for item in view.services}
    hosts |= {f"{name}.{view.namespace}{end}" for name in hosts for end in ("", ".svc", ".svc.cluster.local")}
    failed: dict[str, list[Failed]] = {}
    for name, lines in texts.items():
        found = _named(hosts, calls.get(name, ()), lines, whole[name])
        spoken_for = _spoken_for(name, lines, texts, whole)
        if not spoken_for and any(map(depth_of, lines)):
            failed = failed or failed_lines(view, components)
            spoken_for = failing_together(name, failed)
        for other in spoken_for:
            if services.get(other):
                found.setdefault(services[other], 0)
        for host, port in found.items():
            if host != services.get(name):
                yield Reference(name, Endpoint(host, port, stated_port=bool(port)), source="its log", logged=True)


def _named(hosts: Set[str], calls: Iterable[FailedCall], lines: Iterable[str], whole: str) -> dict[str, int]:
    """The Services that a log names as called, each with its port as far as that is said (else 0)."""
    found: dict[str, int] = {}
    for call in calls:
        if call.host and call.host in hosts and call.kind not in TRANSPORT and not call.is_vague:
            found.setdefault(call.host, call.port or 0)
    for line in lines:
        host, port = failed_url(line)
        if host in hosts:
            found.setdefault(host, port)
    for match in islice(_CALLS.finditer(whole), _SAID):
        host = match["host"].rstrip(".").lower()
        if host in hosts:
            found.setdefault(host, 0)
    return found


def _texts(view: View, components: Mapping[str, BoundComponent]) -> dict[str, tuple[str, ...]]:
    """The different lines of the last minutes in each component's logs."""
    clocks = clocks_of(view)
    found: dict[str, tuple[str, ...]] = {}
    for name, component in components.items():
        lines = (line for log in component_logs(view, component) for line in recent_text(clocks, log).splitlines())
        found[name] = tuple(dict.fromkeys(_STAMP.sub("", line).replace('\\"', '"') for line in lines))
    return found


_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) ")


def _services(view: View, components: Mapping[str, BoundComponent]) -> dict[str, str]:
    """The first Service that leads to each component."""
    return {
        name: found
        for name, item in components.items()
        for found in [next((one.metadata.name for one in view.services if selects(one, item.template_labels)), "")]
        if found
    }


def _spoken_for(
    name: str, lines: Iterable[str], texts: Mapping[str, tuple[str, ...]], whole: Mapping[str, str]
) -> list[str]:
    """The components whose errors this one passes on: the same words, through fewer programs than here.

    `whole` are the texts in one piece: most hold none of the words, and that is seen at once.
    """
    said: dict[str, Quoted] = {}
    for item in map(quoted, lines):
        if item is not None and len(said) < _MANY:
            said.setdefault(shape_of(item.words), item)
    found: dict[str, None] = {}
    for words, depth in said.values():
        nearest: dict[str, int] = {}
        for other, theirs in texts.items():
            if other == name or words not in whole[other]:
                continue
            depths = [depth_of(line) for line in theirs if words in line]
            if depths and min(depths) < depth:
                nearest[other] = min(depths)
        found |= dict.fromkeys(one for one, at in nearest.items() if at == max(nearest.values()))
    return list(found)
