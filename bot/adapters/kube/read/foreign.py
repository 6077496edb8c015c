"""Looks at a Service in another namespace: whether it is there, and how many of its addresses are ready.

Called by `fetch_details`. Two requests, three on a cluster without EndpointSlices that has not been looked at before.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from bot.adapters.kube.access.failures import AnswerTooLarge, NoAnswer, ReadTarget, api_status, refusal_gap
from bot.adapters.kube.access.session import Session
from bot.adapters.kube.read.catalogue import ENDPOINT_SLICES
from bot.adapters.kube.read.decode import Decoder
from bot.adapters.kube.read.endpoints import SERVICE_NAME
from bot.adapters.kube.read.list_resources import SMALL_ANSWER, ServerMemory
from bot.adapters.kube.read.paging import PageLimits, read_list
from bot.domain.facts import Gap, GapReason
from bot.domain.kubernetes import EndpointGroup, KubernetesModel, Service
from bot.domain.view import ForeignService

REQUESTS = 2
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_ONE_PAGE = PageLimits(page_size=250, max_pages=2)


def read_foreign_service(session: Session, namespace: str, name: str, memory: ServerMemory) -> ForeignService:
    """The Service, or a gap. A Service that is not there has neither `service` nor `gap`, and 0 ready addresses."""
    if not (_NAME.fullmatch(namespace) and _NAME.fullmatch(name)):
        return foreign_gap(namespace, name, GapReason.ABSENT, "no Service can have this name")
    found = _read_one(session, "services", namespace, name)
    if isinstance(found, Gap):
        if found.reason is GapReason.ABSENT:
            return ForeignService(namespace=namespace, name=name, ready_addresses=0)
        return ForeignService(namespace=namespace, name=name, gap=found)
    service = next((item for item in found if isinstance(item, Service)), None)
    if service is not None and service.spec.type == "ExternalName":
        return ForeignService(namespace=namespace, name=name, service=service)
    ready, gap = _ready_addresses(session, namespace, name, memory)
    return ForeignService(namespace=namespace, name=name, service=service, ready_addresses=ready, gap=gap)


def foreign_gap(namespace: str, name: str, reason: GapReason, detail: str) -> ForeignService:
    """The Service as one that could not be looked at."""
    gap = _target("services", namespace, name).gap(reason, detail)
    return ForeignService(namespace=namespace, name=name, gap=gap)


def _ready_addresses(
    session: Session, namespace: str, name: str, memory: ServerMemory
) -> tuple[int | None, Gap | None]:
    groups: list[KubernetesModel] = []
    gap: Gap | None = None
    if not memory.slices_missing:
        target = _target("endpointslices", namespace, name, verb="list")
        selector = (("labelSelector", f"{SERVICE_NAME}={name}"),)
        path, decode = ENDPOINT_SLICES.path(namespace), Decoder("endpointslices")
        listing = read_list(session, path, target, decode, _ONE_PAGE, selector)
        groups, gap = listing.items, listing.gap
        memory.slices_missing = listing.http_status == 404
    if memory.slices_missing:
        found = _read_one(session, "endpoints", namespace, name)
        if isinstance(found, Gap) and found.reason is not GapReason.ABSENT:
            return None, found
        groups, gap = ([] if isinstance(found, Gap) else list(found)), None
    if gap is not None:
        return None, gap
    ready = {
        address.pod or address.ip
        for group in groups
        if isinstance(group, EndpointGroup)
        for address in group.addresses
        if address.ready
    }
    return len(ready), None


def _read_one(session: Session, plural: str, namespace: str, name: str) -> tuple[KubernetesModel, ...] | Gap:
    target = _target(plural, namespace, name)
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/{plural}/{quote(name, safe='')}"
    try:
        answer = session.get(path, bounds=SMALL_ANSWER)
        if not answer.ok:
            return refusal_gap(target, answer.status, api_status(answer.body))
        return Decoder(plural).single(answer.body)
    except NoAnswer as exc:
        return target.gap(exc.reason, exc.detail)
    except AnswerTooLarge as exc:
        return target.gap(GapReason.FAILED, exc.message)
    except ValueError as exc:
        return target.gap(GapReason.MALFORMED, str(exc))


def _target(plural: str, namespace: str, name: str, *, verb: str = "get") -> ReadTarget:
    subject = "the Service" if plural == "services" else "the addresses behind the Service"
    return ReadTarget(f"{subject} {name} in {namespace}", verb, plural, namespace)
