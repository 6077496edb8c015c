"""The door: what of an object may come in. Everything else is dropped before a model sees it.

Values of environment variables and ConfigMap keys may be secrets, so only those are kept that a playbook asks for, with
the credentials of URLs masked. `managedFields` and the last-applied annotation repeat whole objects and are dropped.
All functions change the given item in place and tolerate any shape: what makes no sense is for the model to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.adapters.kube.access.masking import mask_url_credentials
from bot.domain.endpoints import endpoints_in_words, endpoints_of

Item = dict[str, Any]
FieldFilter = Callable[[Item, frozenset[str]], Item]
"""Takes an item and the names of the variables whose values may be kept; returns what may be kept."""

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MAX_WORD = 200
"""Characters kept of one word of `command` or `args`: scripts and tokens are often passed there."""
_REFERENCE = re.compile(r"(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_SECRET_NAME = re.compile(r"(?i)pass|secret|token|key|cred|auth|salt|private")
MAX_ANNOTATION = 1000
"""Characters kept of one annotation value."""


def any_item(item: Item, _variables: frozenset[str]) -> Item:
    """An object without values worth hiding: only its metadata is reduced."""
    metadata = item.get("metadata")
    if not isinstance(metadata, dict):
        return item
    metadata.pop("managedFields", None)
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        annotations.pop(LAST_APPLIED, None)
        for name, value in annotations.items():
            if isinstance(value, str):
                annotations[name] = mask_url_credentials(value[:MAX_ANNOTATION])
    return item


def pod(item: Item, variables: frozenset[str]) -> Item:
    """A Pod: values of unasked variables are dropped, long command words cut."""
    _reduce_pod_spec(item.get("spec"), variables)
    return any_item(item, variables)


def workload(item: Item, variables: frozenset[str]) -> Item:
    """What makes pods: its pod template is reduced as a Pod is."""
    spec = item.get("spec")
    template = spec.get("template") if isinstance(spec, dict) else None
    if isinstance(template, dict):
        pod(template, variables)
    return any_item(item, variables)


def daemon_set(item: Item, variables: frozenset[str]) -> Item:
    """A DaemonSet, with its numbers where a Deployment has them: it asks for a pod on every node it may use."""
    spec, status = _mapping(item.get("spec")), _mapping(item.get("status"))
    numbers = {
        "replicas": status.get("currentNumberScheduled"),
        "readyReplicas": status.get("numberReady"),
        "updatedReplicas": status.get("updatedNumberScheduled"),
        "availableReplicas": status.get("numberAvailable"),
    }
    item["spec"] = {**spec, "replicas": status.get("desiredNumberScheduled") or 0}
    item["status"] = {**status, **numbers}
    return workload(item, variables)


def job(item: Item, variables: frozenset[str]) -> Item:
    """A Job: it asks for one run, whatever it has done so far."""
    item["spec"] = {**_mapping(item.get("spec")), "replicas": 1}
    return workload(item, variables)


def cron_job(item: Item, variables: frozenset[str]) -> Item:
    """A CronJob, with the pod template of its Jobs. Its `active` names Jobs; the view has these themselves."""
    spec, status = _mapping(item.get("spec")), _mapping(item.get("status"))
    made = _mapping(_mapping(spec.get("jobTemplate")).get("spec"))
    kept = {key: made.get(key) for key in ("template", "backoffLimit", "activeDeadlineSeconds")}
    item["spec"] = {**{key: value for key, value in spec.items() if key != "jobTemplate"}, **kept, "replicas": 1}
    item["status"] = {**status, "active": len(list(_dicts(status.get("active"))))}
    return workload(item, variables)


def config_map(item: Item, variables: frozenset[str]) -> Item:
    """A ConfigMap: all key names, the values asked for, and when those were last written."""
    data, binary = _mapping(item.get("data")), _mapping(item.get("binaryData"))
    times, changed_at = _key_times(item.get("metadata"), variables), _data_time(item.get("metadata"))
    any_item(item, variables)
    return {
        "metadata": item.get("metadata"),
        "data": {
            key: mask_url_credentials(value) if isinstance(value, str) else value
            for key, value in data.items()
            if key in variables
        },
        "keys": [*data, *binary],
        "keyTimes": times,
        "changedAt": changed_at,
        "endpoints": {
            key: found for key, value in data.items() if isinstance(value, str) and (found := endpoints_of(key, value))
        },
    }


def _reduce_pod_spec(spec: Any, variables: frozenset[str]) -> None:
    if not isinstance(spec, dict):
        return
    for kind in ("containers", "initContainers"):
        for container in _dicts(spec.get(kind)):
            entries = list(_dicts(container.get("env")))
            wanted = _with_references(entries, variables)
            for variable in entries:
                _reduce_variable(variable, wanted)
            _reduce_words(container)


def _reduce_words(container: Item) -> None:
    """Command and arguments: every word cut, and the addresses that stood in them."""
    lists = [container[words] for words in ("command", "args") if isinstance(container.get(words), list)]
    found = endpoints_in_words(" ".join(word for listed in lists for word in listed if isinstance(word, str)))
    if found:
        container["endpoints"] = found
    for words in ("command", "args"):
        if isinstance(container.get(words), list):
            container[words] = [_word(word) for word in container[words]]


def _with_references(entries: list[Item], variables: frozenset[str]) -> frozenset[str]:
    """The wanted variables with those that they refer to as `$(NAME)`: an address is often put together so.

    What stands where a URL has its credentials is masked first, and is not followed. Nor is a name of a secret.
    """
    values = [item.get("value") for item in entries if item.get("name") in variables]
    texts = [mask_url_credentials(value) for value in values if isinstance(value, str)]
    found = {name for text in texts for name in _REFERENCE.findall(text)}
    return variables | {name for name in found if not _SECRET_NAME.search(name)}


def _reduce_variable(variable: Item, variables: frozenset[str]) -> None:
    value, name = variable.pop("value", None), variable.get("name")
    if isinstance(value, str) and isinstance(name, str):
        found = endpoints_of(name, value)
        if found:
            variable["endpoints"] = found
    if not value and not variable.get("valueFrom"):
        variable["empty"] = True  # the API leaves an empty value out
    if name not in variables:
        return
    if isinstance(value, str):
        variable["value"] = mask_url_credentials(value)
    elif value is None and not variable.get("valueFrom"):
        variable["value"] = ""


def _word(word: Any) -> Any:
    if not isinstance(word, str):
        return word
    masked = mask_url_credentials(word)
    return masked if len(masked) <= MAX_WORD else masked[:MAX_WORD] + "…"


def _key_times(metadata: Any, variables: frozenset[str]) -> dict[str, str]:
    """When each wanted key was last written, from the field managers' records; the latest counts."""
    times: dict[str, str] = {}
    for entry in _dicts(_mapping(metadata).get("managedFields")):
        moment, fields = entry.get("time"), _mapping(_mapping(entry.get("fieldsV1")).get("f:data"))
        for key in variables:
            if isinstance(moment, str) and f"f:{key}" in fields:
                times[key] = max(moment, times.get(key, ""))  # RFC 3339 in UTC with seconds: sorts as text
    return times


def _data_time(metadata: Any) -> str | None:
    """When any of the data was last written."""
    entries = _dicts(_mapping(metadata).get("managedFields"))
    moments = [entry.get("time") for entry in entries if "f:data" in _mapping(entry.get("fieldsV1"))]
    return max((moment for moment in moments if isinstance(moment, str)), default=None)


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: Any) -> Iterator[Item]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
