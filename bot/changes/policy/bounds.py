"""Whether the values of a remedy are within what the policy allows, and the nearest that is.

Called by the decision, and when a remedy is offered. Amounts are compared as amounts (`1Gi` is `1024Mi`). A parameter
that no rule here knows may not be set.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from bot.changes.policy import values
from bot.changes.policy.access_request import ChangeScope, RequestedChange
from bot.changes.policy.model import Policy, Range
from bot.domain.remedies import Parameter
from bot.engine.values.address import parse_address
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.yamlfile.spelling import short

_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{0,199}")
_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_NAME = r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
"""A Service's name follows RFC 1035: it begins with a letter. `10` and `0xa9fea9fe` are addresses to a resolver."""
_SERVICE = re.compile(rf"{_NAME}(\.{_LABEL}(\.svc(\.cluster\.local)?)?)?")
"""`name`, `name.namespace`, `name.namespace.svc` or the full name: what follows `svc` must not lead out again."""
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[1-9][0-9]{0,4})?((/[A-Za-z0-9._~-]+)*/?)?", re.IGNORECASE)
"""Scheme, host, port and a path of plain segments. A name with a dot at its end is looked up outside of the cluster,
`$(NAME)` is filled in by the kubelet with what may be a password, and what follows `?` or `#` swallows the paths that
callers append.
"""


def problem_of(policy: Policy, parameter: Parameter, place: ChangeScope) -> str:
    """Why the parameter may not have its value, as a sentence; empty if it may."""
    name, value = parameter.name, parameter.value
    if name == "path":
        return _path_problem(value)
    if name == "url":
        return _url_problem(policy, value, place)
    bound = policy.ranges.get(name)
    if bound is None:
        return f"The policy sets no bound for {_words(name)}, so it may not be set."
    amount = amount_of(name, value)
    if amount is None:
        return f"“{short(value)}” is no value for {_words(name)}."
    if not bound.least <= amount <= bound.most:
        return f"{_words(name).capitalize()} may be from {bound.least_text} to {bound.most_text}, not {short(value)}."
    return ""


def problems_of(policy: Policy, ask: RequestedChange, place: ChangeScope) -> tuple[str, ...]:
    """The same for all values of a remedy, and whether one that is there to raise something does."""
    found = [problem_of(policy, parameter, place) for parameter in ask.parameters]
    found += [_not_raised(ask.kind, parameter) for parameter in ask.parameters]
    return tuple(problem for problem in found if problem)


def cap(policy: Policy, parameter: Parameter, place: ChangeScope) -> Parameter | None:
    """The parameter with the nearest value that the policy allows; None if there is none, so nothing can be offered.

    A limit that would be raised is never capped to what it is already, or to less.
    """
    if not problem_of(policy, parameter, place):
        return parameter
    bound, amount = policy.ranges.get(parameter.name), amount_of(parameter.name, parameter.value)
    if bound is None or amount is None or parameter.name == "port":
        return None
    capped = replace(parameter, value=_nearest(bound, amount))
    before, now = amount_of(parameter.name, parameter.current), amount_of(parameter.name, capped.value)
    wanted_more = before is not None and amount > before
    if wanted_more and (now is None or before is None or now <= before):
        return None
    return capped


def capped(policy: Policy, ask: RequestedChange, place: ChangeScope) -> RequestedChange | None:
    """The same for all values of a remedy; None if it cannot be offered."""
    found = [cap(policy, parameter, place) for parameter in ask.parameters]
    kept = tuple(parameter for parameter in found if parameter is not None)
    changed = replace(ask, parameters=kept)
    return None if len(kept) < len(found) or problems_of(policy, changed, place) else changed


def amount_of(name: str, text: str) -> Decimal | None:
    """The amount that a value of this parameter is: bytes, cores or pieces; None if it is none."""
    try:
        return values.number(name, text)
    except ValueError:
        return None


def _nearest(bound: Range, amount: Decimal) -> str:
    return bound.least_text if amount < bound.least else bound.most_text


def _not_raised(kind: str, parameter: Parameter) -> str:
    known = REMEDY_KINDS.get(kind)
    if known is None or known.raises != parameter.name:
        return ""
    before, now = amount_of(parameter.name, parameter.current), amount_of(parameter.name, parameter.value)
    if before is None or now is None or now > before:
        return ""
    return f"{_words(parameter.name).capitalize()} is {parameter.current} now; {short(parameter.value)} is not more."


def _path_problem(value: str) -> str:
    segments = value.split("/")
    if not _PATH.fullmatch(value) or value.startswith("//") or ".." in segments:
        return f"“{short(value)}” is no path of a health endpoint; write it as /health."
    return ""


def _url_problem(policy: Policy, value: str, place: ChangeScope) -> str:
    """A URL must lead to a Service, by its name in the cluster, without a password in it."""
    address = parse_address(value, place.namespace)
    if address is None or not _is_plain(value):
        return f"“{short(value)}” is no plain http or https address of a Service, such as http://api-server:8080."
    if address.kind != "service" or not _SERVICE.fullmatch(address.host):
        return f"A URL may only lead to a Service in the cluster; “{short(address.host)}” is none."
    if address.namespace != place.namespace and not values.fits(address.namespace, policy.url_namespaces):
        return f"A URL may lead to Services of {place.namespace} only, not of {address.namespace}."
    return ""


def _is_plain(url: str) -> bool:
    host, _, path = url.partition("://")[2].partition("/")
    steps_aside = {".", ".."} & set(path.split("/"))
    return _PLAIN_URL.fullmatch(url) is not None and not host.split(":")[0].endswith(".") and not steps_aside


def _words(name: str) -> str:
    """`memory_limit` as people say it."""
    return "the " + name.replace("_", " ").replace("cpu", "CPU")
