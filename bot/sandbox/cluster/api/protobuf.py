"""Just enough of Kubernetes' protobuf to read what kubectl's typed clients send.

Called by `api.calls` for bodies of type application/vnd.kubernetes.protobuf. Answers are JSON: every client takes both.
Kinds that are not in the table are refused with 415.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from bot.sandbox.cluster.state.status import StatusError, unsupported_media
from bot.sandbox.cluster.state.values import Object

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"

# message -> field number -> (JSON name, type). A type ending in [] repeats; {} is a map of strings, {b} of bytes.
_MESSAGES: dict[str, dict[int, tuple[str, str]]] = {
    "ObjectMeta": {1: ("name", "string"), 2: ("generateName", "string"), 3: ("namespace", "string"),
                   5: ("uid", "string"), 6: ("resourceVersion", "string"), 11: ("labels", "{}"),
                   12: ("annotations", "{}"), 14: ("finalizers", "string[]")},
    "ResourceAttributes": {1: ("namespace", "string"), 2: ("verb", "string"), 3: ("group", "string"),
                           4: ("version", "string"), 5: ("resource", "string"), 6: ("subresource", "string"),
                           7: ("name", "string")},
    "NonResourceAttributes": {1: ("path", "string"), 2: ("verb", "string")},
    "AccessSpec": {1: ("resourceAttributes", "ResourceAttributes"),
                   2: ("nonResourceAttributes", "NonResourceAttributes"),
                   3: ("user", "string"), 4: ("groups", "string[]"), 6: ("uid", "string")},
    "RulesSpec": {1: ("namespace", "string")},
    "SelfSubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "AccessSpec")},
    "SubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "AccessSpec")},
    "LocalSubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "AccessSpec")},
    "SelfSubjectRulesReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "RulesSpec")},
    "SelfSubjectReview": {1: ("metadata", "ObjectMeta")},
    "Namespace": {1: ("metadata", "ObjectMeta")},
    "ServiceAccount": {1: ("metadata", "ObjectMeta")},
    "ConfigMap": {1: ("metadata", "ObjectMeta"), 2: ("data", "{}"), 4: ("immutable", "bool")},
    "Secret": {1: ("metadata", "ObjectMeta"), 2: ("data", "{b}"), 3: ("type", "string"), 4: ("stringData", "{}")},
    "Subject": {1: ("kind", "string"), 2: ("apiGroup", "string"), 3: ("name", "string"), 4: ("namespace", "string")},
    "RoleRef": {1: ("apiGroup", "string"), 2: ("kind", "string"), 3: ("name", "string")},
    "RoleBinding": {1: ("metadata", "ObjectMeta"), 2: ("subjects", "Subject[]"), 3: ("roleRef", "RoleRef")},
    "ClusterRoleBinding": {1: ("metadata", "ObjectMeta"), 2: ("subjects", "Subject[]"), 3: ("roleRef", "RoleRef")},
    "PolicyRule": {1: ("verbs", "string[]"), 2: ("apiGroups", "string[]"), 3: ("resources", "string[]"),
                   4: ("resourceNames", "string[]"), 5: ("nonResourceURLs", "string[]")},
    "Role": {1: ("metadata", "ObjectMeta"), 2: ("rules", "PolicyRule[]")},
    "ClusterRole": {1: ("metadata", "ObjectMeta"), 2: ("rules", "PolicyRule[]")},
    "Preconditions": {1: ("uid", "string"), 2: ("resourceVersion", "string")},
    "DeleteOptions": {1: ("gracePeriodSeconds", "int"), 2: ("preconditions", "Preconditions"),
                      3: ("orphanDependents", "bool"), 4: ("propagationPolicy", "string"), 5: ("dryRun", "string[]")},
    "Eviction": {1: ("metadata", "ObjectMeta"), 2: ("deleteOptions", "DeleteOptions")},
    "LabelSelector": {1: ("matchLabels", "{}")},
    "ContainerPort": {1: ("name", "string"), 3: ("containerPort", "int"), 4: ("protocol", "string")},
    "EnvVar": {1: ("name", "string"), 2: ("value", "string")},
    "Container": {1: ("name", "string"), 2: ("image", "string"), 3: ("command", "string[]"), 4: ("args", "string[]"),
                  6: ("ports", "ContainerPort[]"), 7: ("env", "EnvVar[]"), 14: ("imagePullPolicy", "string")},
    "PodSpec": {2: ("containers", "Container[]"), 3: ("restartPolicy", "string"), 8: ("serviceAccountName", "string")},
    "PodTemplateSpec": {1: ("metadata", "ObjectMeta"), 2: ("spec", "PodSpec")},
    "DeploymentSpec": {1: ("replicas", "int"), 2: ("selector", "LabelSelector"), 3: ("template", "PodTemplateSpec")},
    "Deployment": {1: ("metadata", "ObjectMeta"), 2: ("spec", "DeploymentSpec")},
    "TypeMeta": {1: ("apiVersion", "string"), 2: ("kind", "string")},
}  # fmt: skip


def is_protobuf(body: bytes) -> bool:
    """Whether a body carries Kubernetes' protobuf envelope."""
    return body.startswith(_MAGIC)


def decode(body: bytes) -> Object:
    """The object in the envelope. Raises a 415 StatusError for a kind that is not known here."""
    kind: Object = {}
    raw = b""
    try:
        for number, value in _fields(body[len(_MAGIC) :]):
            if number == 1 and isinstance(value, bytes):
                kind = _message("TypeMeta", value)
            elif number == 2 and isinstance(value, bytes):
                raw = value
        name = kind.get("kind", "")
        if name not in _MESSAGES:
            raise unsupported_media(f"{MEDIA_TYPE} of kind {name}", "application/json, application/yaml")
        return {**kind, **_message(name, raw)}
    except (IndexError, UnicodeDecodeError) as exc:
        raise StatusError(400, "BadRequest", f"the body is not valid protobuf: {exc}") from exc


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
        elif wire == 2:
            length, at = _varint(data, at)
            yield number, data[at : at + length]
            at += length
        else:
            at += 8 if wire == 1 else 4


def _message(name: str, data: bytes) -> Object:
    result: Object = {}
    fields = _MESSAGES[name]
    for number, value in _fields(data):
        if number not in fields:
            continue
        field, kind = fields[number]
        if kind in ("{}", "{b}"):
            pair = dict(_fields(value if isinstance(value, bytes) else b""))
            result.setdefault(field, {})[_text(pair.get(1, b""))] = _map_value(pair.get(2, b""), kind)
        elif kind.endswith("[]"):
            result.setdefault(field, []).append(_value(kind[:-2], value))
        else:
            result[field] = _value(kind, value)
    return {field: value for field, value in result.items() if value != ""}


def _map_value(value: int | bytes, kind: str) -> str:
    if kind == "{b}" and isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _text(value)


def _text(value: int | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _value(kind: str, value: int | bytes) -> Any:
    if kind == "string":
        return _text(value)
    if isinstance(value, int):
        return bool(value) if kind == "bool" else value
    return _message(kind, value)
