"""The environment of a container, resolved when it starts, from its env, envFrom, ConfigMaps and Secrets.

Used by the kubelet. Later edits of a ConfigMap do not reach a running process: that is what makes a stale value.
"""

from __future__ import annotations

import base64
import re

from bot.sandbox.cluster.state.kinds import CONFIG_MAPS, SECRETS
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.values import Object


class MissingConfiguration(Exception):  # becomes a container's waiting reason, never an error of ours
    """A referenced ConfigMap, Secret or key is not there; the text is the kubelet's."""


def resolve_environment(store: ObjectStore, pod: Object, container: Object, address: str) -> dict[str, str]:
    """All variables of the container. Raises MissingConfiguration when a non-optional source is missing."""
    namespace = pod["metadata"]["namespace"]
    values: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        prefix = source.get("prefix", "")
        for field in ("configMapRef", "secretRef"):
            if field in source:
                data = _data(store, namespace, field.removesuffix("Ref"), source[field])
                values |= {prefix + key: value for key, value in (data or {}).items()}
    for entry in container.get("env") or []:
        if "valueFrom" in entry:
            value = _value_from(store, pod, entry["valueFrom"], address)
        else:
            value = re.sub(
                r"\$\((\w+)\)", lambda found: values.get(found.group(1), found.group(0)), entry.get("value") or ""
            )
        if value is not None:
            values[entry["name"]] = value
    return values


def missing_volume(store: ObjectStore, pod: Object) -> str | None:
    """Why a ConfigMap or Secret volume cannot be mounted, or None."""
    for volume in pod["spec"].get("volumes") or []:
        for field, kind, name_field in (("configMap", CONFIG_MAPS, "name"), ("secret", SECRETS, "secretName")):
            source = volume.get(field)
            if not source or source.get("optional"):
                continue
            name = source.get(name_field, "")
            if store.get(kind, pod["metadata"]["namespace"], name) is None:
                return f'MountVolume.SetUp failed for volume "{volume["name"]}" : {field.lower()} "{name}" not found'
    return None


def _data(store: ObjectStore, namespace: str, source: str, reference: Object) -> dict[str, str] | None:
    kind = CONFIG_MAPS if source.startswith("configMap") else SECRETS
    found = store.get(kind, namespace, reference["name"])
    if found is None:
        if reference.get("optional"):
            return None
        raise MissingConfiguration(f'{kind.singular} "{reference["name"]}" not found')
    data: dict[str, str] = found.get("data") or {}
    if kind == SECRETS:
        return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}
    return dict(data)


def _value_from(store: ObjectStore, pod: Object, source: Object, address: str) -> str | None:
    namespace = pod["metadata"]["namespace"]
    for field, label in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        reference = source.get(field)
        if reference is None:
            continue
        data = _data(store, namespace, field.removesuffix("KeyRef"), reference)
        if data is None or reference["key"] not in data:
            if reference.get("optional"):
                return None
            where = f"{label} {namespace}/{reference['name']}"
            raise MissingConfiguration(f"couldn't find key {reference['key']} in {where}")
        return data[reference["key"]]
    path = (source.get("fieldRef") or {}).get("fieldPath", "")
    known = {"metadata.name": pod["metadata"]["name"], "metadata.namespace": namespace, "status.podIP": address,
             "spec.nodeName": pod["spec"].get("nodeName", ""), "metadata.uid": pod["metadata"]["uid"]}  # fmt: skip
    return str(known.get(path, ""))
