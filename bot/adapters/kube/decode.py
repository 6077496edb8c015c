"""From JSON items to the domain's models, one at a time: one that cannot be understood does not lose the others.

Called by `paging` for lists and by the looks for single objects. It guesses nothing: what a model refuses is reported
by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json
from typing_extensions import TypedDict

from bot.adapters.kube import door, endpoints
from bot.adapters.kube.door import Door, Item
from bot.domain.kubernetes import (
    ConfigMap,
    Event,
    KubernetesModel,
    Namespace,
    NetworkPolicy,
    Node,
    PersistentVolumeClaim,
    Pod,
    ResourceQuota,
    Service,
    Workload,
)


class NotUnderstood(ValueError):
    """An item is not what its list says it is. `name` is its name as far as it can be told."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name or 'an object without a name'} cannot be understood")
        self.name = name


class Decoder:
    """Decodes the items of one resource, with the values of `variables` kept and all others dropped."""

    def __init__(self, plural: str, variables: frozenset[str] = frozenset()) -> None:
        self._decode = _decoding(plural, variables)
        # only a ConfigMap's managedFields are of use; elsewhere they are a third of the bytes
        self._parse = from_json if plural == "configmaps" else _REDUCED_PAGE.validate_json

    def page(self, body: bytes) -> tuple[list[Any], str] | None:
        """The items of a list's page and the token of the next one; None when it is not a list at all."""
        try:
            page = self._parse(body)
        except ValueError:
            return None
        if not isinstance(page, dict) or "items" not in page:
            return None
        items, metadata = page["items"], page.get("metadata")
        if items is not None and not isinstance(items, list):
            return None
        token = metadata.get("continue") if isinstance(metadata, dict) else None
        return items or [], token if isinstance(token, str) else ""

    def item(self, item: Any) -> tuple[KubernetesModel, ...]:
        """The models in one item. Raises `NotUnderstood`."""
        name = _name(item)
        if not name:
            raise NotUnderstood("")
        try:
            return self._decode(item)
        except ValidationError as exc:
            raise NotUnderstood(name) from exc

    def single(self, body: bytes) -> tuple[KubernetesModel, ...]:
        """The models in a body that is one object. Raises ValueError (`NotUnderstood` is one)."""
        return self.item(from_json(body))


class _Metadata(TypedDict, total=False):
    """What is kept of an object's metadata while a page is parsed; the rest never becomes a Python object."""

    __pydantic_config__ = ConfigDict(extra="ignore")  # type: ignore[misc]

    name: Any
    namespace: Any
    uid: Any
    resourceVersion: Any
    generation: Any
    labels: Any
    annotations: Any
    creationTimestamp: Any
    deletionTimestamp: Any
    ownerReferences: Any


class _Item(TypedDict, total=False):
    """One item of a page: everything, but its metadata reduced. Shapes that are wrong are kept for the model to refuse."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]

    metadata: Annotated[_Metadata | Any, Field(union_mode="left_to_right")]


class _Page(TypedDict, total=False):
    __pydantic_config__ = ConfigDict(extra="ignore")  # type: ignore[misc]

    metadata: Any
    items: Annotated[
        list[Annotated[_Item | Any, Field(union_mode="left_to_right")]] | Any, Field(union_mode="left_to_right")
    ]


_REDUCED_PAGE: TypeAdapter[Any] = TypeAdapter(_Page)


def _decoding(plural: str, variables: frozenset[str]) -> Callable[[Item], tuple[KubernetesModel, ...]]:
    if plural == "endpointslices":
        return lambda item: (endpoints.from_slice(item),)
    if plural == "endpoints":
        return endpoints.from_endpoints
    model, enter = _KINDS[plural]
    kind = _WORKLOAD_KINDS.get(plural)

    def decode(item: Item) -> tuple[KubernetesModel, ...]:
        reduced = enter(item, variables)
        if kind is not None:
            reduced["kind"] = kind  # list items do not carry it
        return (model.model_validate(reduced),)

    return decode


def _name(item: Any) -> str:
    metadata = item.get("metadata") if isinstance(item, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""


_KINDS: Mapping[str, tuple[type[KubernetesModel], Door]] = {
    "pods": (Pod, door.pod),
    "services": (Service, door.any_item),
    "deployments": (Workload, door.workload),
    "replicasets": (Workload, door.workload),
    "statefulsets": (Workload, door.workload),
    "configmaps": (ConfigMap, door.config_map),
    "networkpolicies": (NetworkPolicy, door.any_item),
    "events": (Event, door.any_item),
    "resourcequotas": (ResourceQuota, door.any_item),
    "persistentvolumeclaims": (PersistentVolumeClaim, door.any_item),
    "nodes": (Node, door.any_item),
    "namespaces": (Namespace, door.any_item),
}
_WORKLOAD_KINDS = {"deployments": "Deployment", "replicasets": "ReplicaSet", "statefulsets": "StatefulSet"}
