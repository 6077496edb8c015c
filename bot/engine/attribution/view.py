"""Whose error a symptom is, once the app has been looked at: are the addresses of the paste the app's?

Only what the text itself leaves open is decided here: a mark of the app in the paste outweighs an address, because
Services and pods get new ones. Where nobody says that it is the app's, a bare name (`postgres`) does not either: every
second namespace has a Service of that name; and an address that is nobody's there is another program's.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.attribution import Attribution, Owner
from bot.domain.symptoms import Symptom
from bot.domain.view import View

_ADDRESSES = ("address", "ip")
_HOSTS = ("host", "hostname", "service", "pod")


def settled(symptom: Symptom, view: View) -> Symptom:
    """The symptom with what the view says about whose it is."""
    attribution = symptom.attribution
    if attribution.owner is Owner.FOREIGN or (attribution.owner is Owner.OURS and not attribution.claimed):
        return symptom
    known = _seen(symptom, view, bare=attribution.claimed)
    if known:
        return replace(symptom, attribution=Attribution(Owner.OURS, (known, *attribution.evidence)))
    strange = _strange(symptom, view)
    if strange:
        owner = Owner.MAYBE if attribution.claimed else Owner.FOREIGN
        return replace(symptom, attribution=Attribution(owner, (strange, *attribution.evidence[-1:])))
    return symptom


def comparable(symptom: Symptom) -> bool:
    """Whether the symptom names something that a view can show to be the app's."""
    if any(symptom.fields.get(name) for name in (*_ADDRESSES, "pod")):
        return True
    hosts = (symptom.fields.get(name, "") for name in _HOSTS)
    return any("." in host or ":" in host for host in hosts)  # a bare name is what many namespaces have


def attribution_notes(symptoms: Sequence[Symptom], title: str) -> tuple[str, ...]:
    """What is said about pasted errors that may not be explained by this app's state."""
    return tuple(
        f"“{item.title}” could be {title}'s, but {'; '.join(item.attribution.evidence)}. It is not blamed on {title}."
        for item in symptoms
        if item.attribution.owner is not Owner.OURS
    )


def _seen(symptom: Symptom, view: View, *, bare: bool) -> str:
    """The object of the view that the paste speaks of. `bare`: a host may be a name that says no namespace."""
    addresses = {symptom.fields[name] for name in _ADDRESSES if symptom.fields.get(name)}
    hosts = {symptom.fields[name] for name in _HOSTS if symptom.fields.get(name)}
    first_labels = {_service_of(host, view.namespace) for host in hosts if bare or "." in host}
    for service in view.services:
        if service.spec.cluster_ip and service.spec.cluster_ip in addresses | hosts:
            return f"{service.spec.cluster_ip} is Service {service.metadata.name} of namespace {view.namespace}"
        if service.metadata.name in first_labels:
            return f"there is a Service {service.metadata.name} in namespace {view.namespace}"
    for pod in view.pods:
        if pod.status.pod_ip and pod.status.pod_ip in addresses | hosts:
            return f"{pod.status.pod_ip} is pod {pod.metadata.name}"
        if pod.metadata.name in hosts:
            return f"there is a pod {pod.metadata.name} in namespace {view.namespace}"
    return ""


def _service_of(host: str, namespace: str) -> str:
    """The Service that a host names, if it can be one of this namespace."""
    parts = host.split(".")
    return parts[0] if len(parts) == 1 or parts[1] == namespace else ""


def _strange(symptom: Symptom, view: View) -> str:
    """An address inside a cluster that nothing in the view has, where everything that could have it was seen."""
    if {"pods", "services"} & set(view.gaps) or not view.services:
        return ""
    called = {one.service.spec.cluster_ip for one in view.foreign_services if one.service}
    for name in (*_ADDRESSES, *_HOSTS):
        text = symptom.fields.get(name, "")
        try:
            address = ipaddress.ip_address(text.strip("[]"))
        except ValueError:
            continue
        if text in called:  # the app calls that Service of another namespace
            continue
        if address.is_private and not address.is_loopback and not address.is_unspecified:
            return f"no Service and no pod of namespace {view.namespace} has the address {text}"
    return ""
