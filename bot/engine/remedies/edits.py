"""Puts another value into the patch of a remedy, in place: one function per shape of patch. Pure.

Each takes the patch, the parameter's name and its new value, which has the parameter's form already.
"""

from __future__ import annotations

from typing import Any


def nothing(_patch: dict[str, Any], _name: str, _value: str) -> None:
    """For kinds of remedies without values."""


def _containers(patch: dict[str, Any]) -> list[dict[str, Any]]:
    spec = patch["spec"]["template"]["spec"]
    return [*spec.get("containers", ()), *spec.get("initContainers", ())]


def resources(patch: dict[str, Any], name: str, value: str) -> None:
    """The limit, and the request where the remedy raises it along."""
    resource = "memory" if name == "memory_limit" else "cpu"
    for container in _containers(patch):
        for group in container["resources"].values():
            group[resource] = value


def replicas(patch: dict[str, Any], _name: str, value: str) -> None:
    """How many replicas."""
    patch["spec"]["replicas"] = int(value)


def probes(patch: dict[str, Any], name: str, value: str) -> None:
    """A probe's path or port."""
    for container in _containers(patch):
        for field in container.keys() - {"name"}:
            for action in container[field].values():
                if name in action:
                    action[name] = _number_or_name(value)


def seconds(patch: dict[str, Any], _name: str, value: str) -> None:
    """A probe's times."""
    for container in _containers(patch):
        for field in container.keys() - {"name"}:
            container[field] = dict.fromkeys(container[field], int(value))


def target_port(patch: dict[str, Any], _name: str, value: str) -> None:
    """The port behind a Service's port."""
    patch["spec"]["ports"][0]["targetPort"] = _number_or_name(value)


def url(patch: dict[str, Any], _name: str, value: str) -> None:
    """The address in a ConfigMap key or a variable."""
    if "data" in patch:
        patch["data"] = dict.fromkeys(patch["data"], value)
    else:
        for container in _containers(patch):
            container["env"][0]["value"] = value


def _number_or_name(value: str) -> int | str:
    return int(value) if value.isdigit() else value
