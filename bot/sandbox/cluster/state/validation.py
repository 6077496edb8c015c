"""What the API server refuses with 422: the checks people and remedies really run into.

Called by the registry after defaults. It is not a schema: unknown fields are accepted.
"""

from __future__ import annotations

import re

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.required import required_fields
from bot.sandbox.cluster.state.selectors import selects
from bot.sandbox.cluster.state.status import bad_request, invalid
from bot.sandbox.cluster.state.values import Object, quantity

Causes = list[tuple[str, str]]

_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_RBAC_GROUP = "rbac.authorization.k8s.io"
_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)

_FROZEN = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing "
    "tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def validate(kind: Kind, item: Object, old: Object | None = None) -> None:
    """Raise a 422 StatusError naming every field that is wrong; `old` is the version a change starts from."""
    name = str(item["metadata"].get("name", ""))
    causes: Causes = []
    if old is None and kind.group != _RBAC_GROUP and (len(name) > 253 or not _SUBDOMAIN.match(name)):
        causes.append(("metadata.name", f'Invalid value: "{name}": {_SUBDOMAIN_TEXT}'))
    if kind.storage in ("deployments.apps", "replicasets.apps", "statefulsets.apps"):
        causes += _workload(kind, item, old)
    elif kind.storage == "pods":
        causes += _pod(item, old)
    elif kind.storage == "services":
        causes += _service(item, old)
    elif kind.storage in ("configmaps", "secrets"):
        _text_values(kind, item)
    causes += required_fields(kind.storage, item)
    if causes:
        raise invalid(kind, name, causes)


def _text_values(kind: Kind, item: Object) -> None:
    for field in ("data", "stringData"):
        values = item.get(field) or {}
        for value in values.values():
            if value is not None and not isinstance(value, str):
                found = "bool" if isinstance(value, bool) else "number" if isinstance(value, (int, float)) else "object"
                raise bad_request(
                    f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: json: cannot '
                    f"unmarshal {found} into Go struct field {kind.kind}.{field} of type string"
                )


def _workload(kind: Kind, item: Object, old: Object | None) -> Causes:
    spec = item.get("spec") or {}
    causes: Causes = []
    replicas = spec.get("replicas", 0)
    if not isinstance(replicas, int):
        raise bad_request(
            f"json: cannot unmarshal string into Go struct field {kind.kind}Spec.spec.replicas of type int32"
        )
    if replicas < 0:
        causes.append(("spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0"))
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not spec.get("selector"):
        causes.append(("spec.selector", "Required value"))
    elif not selects(spec["selector"], labels):
        causes.append(("spec.template.metadata.labels",
                       f"Invalid value: {_go_map(labels)}: `selector` does not match template `labels`"))  # fmt: skip
    if old is not None and old["spec"].get("selector") != spec.get("selector"):
        causes.append(("spec.selector", "Invalid value: field is immutable"))
    return causes + _pod_spec(template.get("spec") or {}, "spec.template.spec")


def _go_map(labels: dict[str, str]) -> str:
    listed = ", ".join(f'"{key}":"{value}"' for key, value in sorted(labels.items()))
    return f"map[string]string{{{listed}}}"


def _pod(item: Object, old: Object | None) -> Causes:
    causes = _pod_spec(item.get("spec") or {}, "spec")
    if old is not None and _frozen_part(old["spec"]) != _frozen_part(item["spec"]):
        causes.append(("spec", _FROZEN))
    return causes


def _frozen_part(spec: Object) -> Object:
    kept = {key: value for key, value in spec.items() if key not in ("activeDeadlineSeconds", "tolerations")}
    kept["containers"] = [{**entry, "image": ""} for entry in spec.get("containers") or []]
    return kept


def _pod_spec(spec: Object, path: str) -> Causes:
    containers = spec.get("containers") or []
    if not containers:
        return [(f"{path}.containers", "Required value")]
    causes: Causes = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        here = f"{path}.containers[{index}]"
        if not container.get("name"):
            causes.append((f"{here}.name", "Required value"))
        elif container["name"] in seen:
            causes.append((f"{here}.name", f'Duplicate value: "{container["name"]}"'))
        seen.add(container.get("name", ""))
        if not container.get("image"):
            causes.append((f"{here}.image", "Required value"))
        causes += _resources(container.get("resources") or {}, f"{here}.resources")
        for number, port in enumerate(container.get("ports") or []):
            causes += _port(port.get("containerPort"), f"{here}.ports[{number}].containerPort")
    return causes


def _resources(resources: Object, path: str) -> Causes:
    amounts: dict[str, dict[str, float]] = {"limits": {}, "requests": {}}
    for side, known in amounts.items():
        for name, value in (resources.get(side) or {}).items():
            try:
                known[name] = quantity(value)
            except ValueError as exc:
                raise bad_request(f"{path}.{side}: {exc}") from exc
    requests, limits = resources.get("requests") or {}, resources.get("limits") or {}
    over = [name for name, amount in amounts["requests"].items() if amount > amounts["limits"].get(name, amount)]
    words = "must be less than or equal to"
    return [
        (f"{path}.requests", f'Invalid value: "{requests[name]}": {words} {name} limit of {limits[name]}')
        for name in over
    ]


def _port(port: object, path: str) -> Causes:
    if isinstance(port, int) and 1 <= port <= 65535:
        return []
    return [(path, f"Invalid value: {port}: must be between 1 and 65535, inclusive")]


def _service(item: Object, old: Object | None) -> Causes:
    spec = item["spec"]
    causes: Causes = []
    if not spec.get("ports") and spec.get("clusterIP") != "None" and spec.get("type") != "ExternalName":
        causes.append(("spec.ports", "Required value"))
    for index, port in enumerate(spec.get("ports") or []):
        causes += _port(port.get("port"), f"spec.ports[{index}].port")
        target = port.get("targetPort")
        if isinstance(target, int):
            causes += _port(target, f"spec.ports[{index}].targetPort")
    if old is not None and old["spec"].get("clusterIP") != spec.get("clusterIP"):
        causes.append(("spec.clusterIPs[0]", f'Invalid value: ["{spec.get("clusterIP")}"]: may not change once set'))
    return causes
