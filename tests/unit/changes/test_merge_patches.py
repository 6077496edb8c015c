"""The way back of a patch, and the smallest patch between two objects, against an API server's strategic merge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.changes.patches.merge import UnclearList, is_said, two_way, way_back
from bot.changes.patches.undo import CHANGE_ANNOTATION, inverse, stamped
from bot.domain.changes import Write
from bot.domain.remedies import StepKind
from bot.sandbox.cluster.state.patches import strategic_merge

Object = dict[str, Any]


def _named(names: Callable[[], st.SearchStrategy[list[str]]], rest: st.SearchStrategy[Object]) -> Any:
    return names().flatmap(
        lambda chosen: st.tuples(*(rest for _ in chosen)).map(
            lambda items: [{"name": name, **item} for name, item in zip(chosen, items, strict=True)]
        )
    )


def _names() -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from("ABCDE"), unique=True, max_size=4)


def _some(fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Object]:
    return st.fixed_dictionaries({}, optional=dict(fields))


_texts = st.sampled_from(["1", "2", "128Mi", "http://api:80"])
_maps = st.dictionaries(st.sampled_from(["a", "b", "team/x"]), _texts, min_size=1, max_size=3)
_env = _named(_names, _some({"value": _texts, "valueFrom": st.just({"fieldRef": {"fieldPath": "metadata.name"}})}))
_probe = _some({"httpGet": st.fixed_dictionaries({"path": _texts}), "periodSeconds": st.integers(1, 3)})
_container = _some({
    "image": _texts,
    "env": _env,
    "args": st.lists(_texts, max_size=2),
    "resources": _some({"limits": _maps, "requests": _maps}),
    "readinessProbe": _probe,
})  # fmt: skip
_objects = st.fixed_dictionaries({
    "spec": _some({
        "replicas": st.integers(0, 3),
        "selector": _maps,
        "containers": _named(_names, _container),
        "ports": st.lists(st.integers(80, 84), unique=True, max_size=3).map(
            lambda ports: [{"port": port, "targetPort": port + 1} for port in ports]
        ),
    })
})  # fmt: skip


def _plain(value: Any) -> Any:
    """Without what the API server does not keep: nulls, and maps and lists that are empty."""
    if isinstance(value, dict):
        kept = {name: _plain(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, {}, [])}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _kept(value: Any) -> Any:
    """Without nulls and empty lists, which a patch takes for the same as nothing; an empty map stays."""
    if isinstance(value, dict):
        kept = {name: _kept(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item not in (None, [])}
    return [_kept(item) for item in value] if isinstance(value, list) else value


def _sorted(value: Any) -> Any:
    """With keyed lists in the order of their keys: a deleted element that comes back may stand elsewhere."""
    if isinstance(value, dict):
        return {name: _sorted(item) for name, item in value.items()}
    if isinstance(value, list):
        items = [_sorted(item) for item in value]
        return sorted(items, key=repr) if items and isinstance(items[0], dict) else items
    return value


@settings(max_examples=150, deadline=None)
@given(_objects, _objects)
def test_the_smallest_patch_makes_one_object_of_another(old: Object, new: Object) -> None:
    patch = two_way(old, new)
    assert _plain(strategic_merge(old, patch)) == _plain(new)
    assert patch == {} or _kept(old) != _kept(new)  # a map may be empty and mean something: `emptyDir: {}`


@settings(max_examples=150, deadline=None)
@given(_objects, _objects)
def test_the_way_back_puts_back_what_the_patch_changes(old: Object, new: Object) -> None:
    patch = two_way(old, new)
    back = way_back(patch, old)
    changed = strategic_merge(old, patch)
    assert _sorted(_plain(strategic_merge(changed, back))) == _sorted(_plain(old))
    assert is_said(patch, changed)


def test_the_way_back_holds_the_touched_fields_only() -> None:
    server = {"name": "server", "env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "URL", "value": "old"}]}
    current = {"spec": {"containers": [{"name": "sidecar", "image": "i"}, server], "replicas": 2}}
    patch = {"spec": {"containers": [{"name": "server", "env": [{"name": "URL", "value": "new"}]}]}}
    assert way_back(patch, current) == {
        "spec": {"containers": [{"name": "server", "env": [{"name": "URL", "value": "old"}]}]}
    }


def test_what_was_absent_is_removed_again() -> None:
    patch = {
        "metadata": {"annotations": {"note": "x"}},
        "spec": {
            "containers": [
                {"name": "a", "livenessProbe": {"httpGet": {"path": "/"}}, "env": [{"name": "N", "value": "1"}]}
            ]
        },
    }
    current: Object = {"metadata": {"name": "x"}, "spec": {"containers": [{"name": "a"}]}}
    assert way_back(patch, current) == {
        "metadata": {"annotations": {"note": None}},
        "spec": {"containers": [{"name": "a", "livenessProbe": None, "env": [{"name": "N", "$patch": "delete"}]}]},
    }


def test_a_list_whose_elements_cannot_be_told_apart_is_an_error_not_a_guess() -> None:
    current = {"spec": {"ports": [{"port": 53, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]}}
    with pytest.raises(UnclearList, match="ports has two elements with the key 53"):
        way_back({"spec": {"ports": [{"port": 53, "targetPort": 5353}]}}, current)
    wanted = {"spec": {"ports": [{"port": 53, "protocol": "UDP"}]}}
    assert two_way(current, wanted) == {"spec": {"ports": [{"$patch": "replace"}, {"port": 53, "protocol": "UDP"}]}}


@pytest.mark.parametrize(
    ("patch", "current", "said"),
    [
        ({"memory": "4096Mi"}, {"memory": "4Gi"}, True),
        ({"cpu": "1"}, {"cpu": "1000m"}, True),
        ({"memory": "4Gi"}, {"memory": "5Gi"}, False),
        ({"tier": None}, {"app": "x"}, True),
        ({"tier": None}, {"tier": "x"}, False),
        ({"ports": [{"port": 80}]}, {"ports": [{"port": 80, "protocol": "TCP"}]}, True),
        ({"env": [{"name": "A", "$patch": "delete"}]}, {"env": [{"name": "A"}]}, False),
        ({"env": [{"name": "A", "$patch": "delete"}]}, {}, True),
        ({"ingress": [{"ports": [{"port": 1}]}]}, {"ingress": []}, False),
    ],
)
def test_whether_an_object_says_what_a_patch_says(patch: Object, current: Object, said: bool) -> None:
    assert is_said(patch, current) is said


def _write(**fields: Any) -> Write:
    given = {"api_version": "v1", "kind": "Service", "namespace": "n", "name": "s", "content_type": "x", **fields}
    return Write.model_validate(given)


def test_the_inverse_of_a_patch_is_a_patch_of_a_creation_a_deletion_and_of_that_a_creation() -> None:
    back = inverse(_write(body={"spec": {"a": 1}}, before={"spec": {"a": None}}), "c-1")
    assert (back.kind, back.target, back.patch) == (StepKind.PATCH, "service/s", {"spec": {"a": None}})
    created = inverse(_write(body={"metadata": {"name": "s"}, "spec": {}}), "c-1")
    assert created.kind is StepKind.DELETE
    assert created.patch["metadata"] == {"name": "s", "annotations": {CHANGE_ANNOTATION: "c-1"}}
    deleted = inverse(_write(body={"kind": "DeleteOptions"}, before={"spec": {"a": 1}}), "c-2")
    assert (deleted.kind, deleted.patch) == (StepKind.CREATE, {"spec": {"a": 1}})


def test_a_mark_leaves_the_body_it_is_put_on_alone() -> None:
    body = {"metadata": {"annotations": {"a": "b"}}}
    assert stamped(body, "c")["metadata"]["annotations"] == {"a": "b", CHANGE_ANNOTATION: "c"}
    assert body == {"metadata": {"annotations": {"a": "b"}}}
