"""From JSON items to the domain's models, one at a time: one that cannot be understood does not lose the others.

Called by `paging` for lists and by the looks for single objects. It guesses nothing: what a model refuses is reported
by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema, from_json

from bot.adapters.kube.read import endpoints, field_filter
from bot.adapters.kube.read.field_filter import FieldFilter, Item
from bot.domain.kubernetes import (
    ConfigMap,
    Event,
    HorizontalPodAutoscaler,
    Ingress,
    IngressClass,
    KubernetesModel,
    LimitRange,
    Namespace,
    NetworkPolicy,
    Node,
    ObjectMeta,
    PersistentVolumeClaim,
    Pod,
    PodSpec,
    PodStatus,
    ResourceQuota,
    Service,
    StorageClass,
    WebhookConfiguration,
    Workload,
)
from bot.domain.kubernetes.kinds import WORKLOAD_KINDS


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
        self._parse = from_json if plural == "configmaps" else _parser(plural).validate_json

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


def _parser(plural: str) -> SchemaValidator:
    """Of a pod nothing is built that its model does not read: a namespace has hundreds of pods for each other thing."""
    return _reduced_pods() if plural == "pods" else _reduced_others()


def _reduced_page(parts: Mapping[str, type[KubernetesModel]]) -> SchemaValidator:
    """Parses a page whose items keep, of each of these parts, only what its model reads; nothing else is built.

    Wrong shapes are let through as they are, for the models to refuse by name.
    """
    anything = core_schema.any_schema()

    def if_possible(schema: core_schema.CoreSchema) -> core_schema.CoreSchema:
        return core_schema.union_schema([schema, anything], mode="left_to_right")

    def optional(schema: core_schema.CoreSchema) -> core_schema.TypedDictField:
        return core_schema.typed_dict_field(schema, required=False)

    def reduced(model: type[KubernetesModel]) -> core_schema.CoreSchema:
        read = [field.alias or name for name, field in model.model_fields.items()]
        return core_schema.typed_dict_schema({name: optional(anything) for name in read}, extra_behavior="ignore")

    fields = {name: optional(if_possible(reduced(model))) for name, model in parts.items()}
    item = core_schema.typed_dict_schema(fields, extra_behavior="allow")
    items = core_schema.list_schema(if_possible(item))
    page = {"metadata": optional(anything), "items": optional(if_possible(items))}
    return SchemaValidator(core_schema.typed_dict_schema(page, extra_behavior="ignore"))


@cache
def _reduced_pods() -> SchemaValidator:
    return _reduced_page({"metadata": ObjectMeta, "spec": PodSpec, "status": PodStatus})


@cache
def _reduced_others() -> SchemaValidator:
    return _reduced_page({"metadata": ObjectMeta})


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


_FILTERS: Mapping[str, FieldFilter] = {
    "DaemonSet": field_filter.daemon_set,
    "Job": field_filter.job,
    "CronJob": field_filter.cron_job,
}
"""Kinds that state their numbers elsewhere than a Deployment does."""

_KINDS: Mapping[str, tuple[type[KubernetesModel], FieldFilter]] = {
    **{row.plural: (Workload, _FILTERS.get(row.kind, field_filter.workload)) for row in WORKLOAD_KINDS.values()},
    "pods": (Pod, field_filter.pod),
    "services": (Service, field_filter.any_item),
    "configmaps": (ConfigMap, field_filter.config_map),
    "networkpolicies": (NetworkPolicy, field_filter.any_item),
    "events": (Event, field_filter.any_item),
    "resourcequotas": (ResourceQuota, field_filter.any_item),
    "persistentvolumeclaims": (PersistentVolumeClaim, field_filter.any_item),
    "nodes": (Node, field_filter.any_item),
    "namespaces": (Namespace, field_filter.any_item),
    "ingresses": (Ingress, field_filter.any_item),
    "ingressclasses": (IngressClass, field_filter.any_item),
    "horizontalpodautoscalers": (HorizontalPodAutoscaler, field_filter.any_item),
    "limitranges": (LimitRange, field_filter.any_item),
    "storageclasses": (StorageClass, field_filter.any_item),
    "validatingwebhookconfigurations": (WebhookConfiguration, field_filter.any_item),
    "mutatingwebhookconfigurations": (WebhookConfiguration, field_filter.any_item),
}
_WORKLOAD_KINDS: Mapping[str, str] = {row.plural: row.kind for row in WORKLOAD_KINDS.values() if row.kind != "Pod"}
