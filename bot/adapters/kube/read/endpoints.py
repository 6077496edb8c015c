"""EndpointSlices and Endpoints as one thing: groups of addresses that share their ports.

Called by `decode`. Raises pydantic's `ValidationError` for objects that make no sense.
"""

from __future__ import annotations

from bot.domain.kubernetes import (
    EndpointAddress,
    EndpointGroup,
    EndpointPort,
    KubernetesModel,
    ObjectMeta,
    ObjectReference,
)

SERVICE_NAME = "kubernetes.io/service-name"


class _Conditions(KubernetesModel):
    ready: bool = True  # "nil should be interpreted as true"


class _SliceEndpoint(KubernetesModel):
    addresses: tuple[str, ...] = ()
    conditions: _Conditions = _Conditions()
    target_ref: ObjectReference = ObjectReference()


class _EndpointSlice(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    endpoints: tuple[_SliceEndpoint, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class _SubsetAddress(KubernetesModel):
    ip: str = ""
    target_ref: ObjectReference = ObjectReference()


class _Subset(KubernetesModel):
    addresses: tuple[_SubsetAddress, ...] = ()
    not_ready_addresses: tuple[_SubsetAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class _Endpoints(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    subsets: tuple[_Subset, ...] = ()


def from_slice(item: object) -> EndpointGroup:
    """One EndpointSlice as a group. An endpoint with several addresses counts once: they reach the same pod."""
    piece = _EndpointSlice.model_validate(item)
    owner = next((ref.name for ref in piece.metadata.owner_references if ref.kind == "Service"), "")
    return EndpointGroup(
        service=piece.metadata.labels.get(SERVICE_NAME) or owner,
        namespace=piece.metadata.namespace,
        addresses=tuple(
            EndpointAddress(ip=endpoint.addresses[0], ready=endpoint.conditions.ready, pod=_pod(endpoint.target_ref))
            for endpoint in piece.endpoints
            if endpoint.addresses
        ),
        ports=piece.ports,
    )


def from_endpoints(item: object) -> tuple[EndpointGroup, ...]:
    """One Endpoints object as a group per subset; one empty group when it has none, as an empty slice gives."""
    whole = _Endpoints.model_validate(item)
    return tuple(_group(whole.metadata, subset) for subset in whole.subsets or (_Subset(),))


def _group(metadata: ObjectMeta, subset: _Subset) -> EndpointGroup:
    ready = tuple(EndpointAddress(ip=one.ip, ready=True, pod=_pod(one.target_ref)) for one in subset.addresses)
    waiting = tuple(
        EndpointAddress(ip=one.ip, ready=False, pod=_pod(one.target_ref)) for one in subset.not_ready_addresses
    )
    return EndpointGroup(
        service=metadata.name, namespace=metadata.namespace, addresses=ready + waiting, ports=subset.ports
    )


def _pod(reference: ObjectReference) -> str:
    return reference.name if reference.kind == "Pod" else ""
