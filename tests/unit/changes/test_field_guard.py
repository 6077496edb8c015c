"""`deploy/rbac/field-guard.yaml`: generated, valid, and narrow: abuses are refused, their near misses pass."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from bot.changes.guard.__main__ import printed
from bot.changes.guard.cel import OWN_ANNOTATIONS
from bot.changes.guard.fields import FIELDS, fields_of
from bot.changes.guard.manifest import objects
from bot.changes.patches.undo import CHANGE_ANNOTATION, FENCE_ANNOTATION
from bot.engine.remedies.registry import REGISTRY
from bot.playbook.remedy_kinds import REMEDY_KINDS
from tests.support.guard import FILE, changed, documents, policies, refusals, request_of
from tests.support.guard_abuses import (
    ALLOWED,
    CREATIONS,
    DEPLOYMENT,
    EGRESS,
    MARK,
    NEW_SERVICE,
    POD,
    POLICY,
    SECRET,
    SERVER,
    STATEFUL_SET,
    UPDATES,
)

Object = dict[str, Any]

# --- the file ------------------------------------------------------------------------------------------------------


def test_the_committed_file_is_what_the_generator_writes() -> None:
    assert FILE.read_text(encoding="utf-8") == printed([])


def test_every_kind_of_remedy_says_what_it_changes() -> None:
    assert set(FIELDS) == set(REMEDY_KINDS) == set(REGISTRY)


def test_a_kind_without_a_row_cannot_be_forgotten() -> None:
    with pytest.raises(ValueError, match="does not know what drain_node changes"):
        fields_of([*REMEDY_KINDS, "drain_node"])


@pytest.mark.parametrize("kind", [kind for kind in FIELDS if FIELDS[kind] and kind != "restart_caller"])
def test_without_a_kind_of_remedy_its_fields_are_closed(kind: str) -> None:
    others = [name for name in FIELDS if not set(FIELDS[name]) & set(FIELDS[kind])]
    assert objects(others, ["INTERNAL_URL"]) != objects(FIELDS, ["INTERNAL_URL"])


def test_the_marks_are_those_of_the_writer() -> None:
    assert OWN_ANNOTATIONS == (CHANGE_ANNOTATION, FENCE_ANNOTATION)


def _newest() -> str:
    folder = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema"
    return max(
        (path.name.removeprefix("v").split("-")[0] for path in folder.iterdir() if path.name.startswith("v")),
        key=lambda text: tuple(int(part) for part in text.split(".")),
    )


@pytest.mark.parametrize("version", ["1.30", _newest().rpartition(".")[0]])
def test_every_object_fits_the_schema_of_its_kind(version: str) -> None:
    for item in documents():
        kubernetes_validate.validate(item, version, strict=True)


def test_every_policy_fails_closed_and_is_bound() -> None:
    bound = {item["spec"]["policyName"]: item["spec"] for item in documents() if item["kind"].endswith("Binding")}
    assert set(bound) == {item["metadata"]["name"] for item in policies()}
    assert all(item["spec"]["failurePolicy"] == "Fail" for item in policies())
    assert all(spec["validationActions"] == ["Deny"] for spec in bound.values())


# --- abuses --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("what", "item", "path", "value"), UPDATES, ids=[row[0] for row in UPDATES])
def test_other_fields_are_refused(what: str, item: Object, path: str, value: Any) -> None:
    assert refusals(request_of("admin", "UPDATE", item), item, changed(item, path, value))


@pytest.mark.slow
@pytest.mark.parametrize("role", ["operator", "dba"])
def test_every_role_is_held_to_the_fields(role: str) -> None:
    now = changed(DEPLOYMENT, f"{SERVER}.image", "evil.example/miner:1")
    assert refusals(request_of(role, "UPDATE", DEPLOYMENT), DEPLOYMENT, now)


@pytest.mark.slow
def test_others_are_not_looked_at() -> None:
    request = request_of("operator", "UPDATE", DEPLOYMENT)
    request["userInfo"] = {"username": "Robin", "groups": ["system:authenticated"]}
    assert not refusals(request, DEPLOYMENT, changed(DEPLOYMENT, f"{SERVER}.image", "other:1"))


@pytest.mark.slow
@pytest.mark.parametrize(("what", "item", "path", "value"), ALLOWED, ids=[row[0] for row in ALLOWED])
def test_the_fields_of_the_remedies_pass(what: str, item: Object, path: str, value: Any) -> None:
    assert refusals(request_of("operator", "UPDATE", item), item, changed(item, path, value)) == []


# --- creating and deleting -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("what", "item", "path", "value"), CREATIONS, ids=[row[0] for row in CREATIONS])
def test_other_creations_are_refused(what: str, item: Object, path: str, value: Any) -> None:
    assert refusals(request_of("admin", "CREATE", item), None, changed(item, path, value))


@pytest.mark.slow
@pytest.mark.parametrize("item", [NEW_SERVICE, POLICY, EGRESS], ids=["Service", "Ingress", "Egress"])
def test_what_the_remedies_create_passes(item: Object) -> None:
    assert refusals(request_of("admin", "CREATE", item), None, item) == []


@pytest.mark.slow
def test_only_an_admin_opens_the_network() -> None:
    assert refusals(request_of("operator", "CREATE", POLICY), None, POLICY)


@pytest.mark.slow
def test_only_what_was_created_here_is_deleted() -> None:
    ours = changed(NEW_SERVICE, "metadata.managedFields", [{"manager": "triage"}])
    touched = changed(ours, "metadata.managedFields.+", {"manager": "kubectl"})
    unmarked = changed(ours, MARK, ...)
    request = request_of("operator", "DELETE", ours)
    assert refusals(request, ours, None) == []
    assert refusals(request, touched, None)
    assert refusals(request, unmarked, None)
    assert refusals(request_of("admin", "DELETE", DEPLOYMENT), changed(DEPLOYMENT, MARK, "c-1"), None)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("item", "operation", "changes"),
    [
        ({"kind": "Secret"}, "UPDATE", {}),
        ({"kind": "Pod"}, "CREATE", {}),
        ({"kind": "Pod"}, "CONNECT", {"subResource": "exec"}),
        ({"kind": "RoleBinding"}, "CREATE", {}),
        ({"kind": "Deployment"}, "UPDATE", {"subResource": "scale"}),
        ({"kind": "Service"}, "UPDATE", {"subResource": "status"}),
    ],
)
def test_other_kinds_and_what_is_beside_the_objects_are_refused(item: Object, operation: str, changes: Object) -> None:
    assert refusals(request_of("admin", operation, item, **changes), {}, {})


@pytest.mark.slow
def test_a_role_may_ask_about_its_rights() -> None:
    request = request_of("operator", "CREATE", {"kind": "SelfSubjectAccessReview"})
    request["resource"]["group"] = "authorization.k8s.io"
    assert refusals(request, None, {}) == []


# --- roll back -----------------------------------------------------------------------------------------------------


def rolled_back(path: str = f"{SERVER}.image", value: Any = "lab.local/app:0", mark: str = "c-2") -> Object:
    """The Deployment after a roll back that changes this."""
    made = changed(DEPLOYMENT, path, value)
    return changed(made, MARK, mark) if mark else made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{SERVER}.image", "lab.local/app:0"),
        (f"{SERVER}.image", "lab.local/app@sha256:0123"),
        (f"{SERVER}.envFrom", [{"configMapRef": {"name": "old"}}]),
        (f"{SERVER}.env.0", {"name": "DB_PASSWORD", "valueFrom": SECRET}),
        (f"{SERVER}.readinessProbe", {"tcpSocket": {"port": 8080}}),
        ("spec.template.metadata.annotations", {"checksum/config": "1"}),
    ],
)
def test_an_admin_rolls_back_and_an_operator_does_not(path: str, value: Any) -> None:
    now = rolled_back(path, value)
    assert refusals(request_of("admin", "UPDATE", DEPLOYMENT), DEPLOYMENT, now) == []
    assert refusals(request_of("operator", "UPDATE", DEPLOYMENT), DEPLOYMENT, now)
    assert refusals(request_of("admin", "UPDATE", DEPLOYMENT), DEPLOYMENT, rolled_back(path, value, mark=""))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{SERVER}.image", "lab.local/app2:0"),
        (f"{SERVER}.image", "lab.local:5000/app:0"),
        (f"{SERVER}.image", "evil.example/app:1"),
        (f"{SERVER}.command", ["sh"]),
        (f"{SERVER}.readinessProbe", {"exec": {"command": ["id"]}}),
        (f"{SERVER}.readinessProbe.httpGet.host", "169.254.169.254"),
        (f"{SERVER}.resources.claims", [{"name": "gpu"}]),
        (f"{POD}.serviceAccountName", "admin"),
        (f"{POD}.volumes", [{"name": "h", "hostPath": {"path": "/"}}]),
        (f"{POD}.securityContext", {"runAsUser": 0}),
        (f"{SERVER}.securityContext", {"privileged": True}),
        ("spec.template.metadata.annotations", {"container.apparmor.security.beta.kubernetes.io/server": "unconfined"}),
        ("metadata.labels.app", "other"),
        ("spec.paused", True),
    ],
)
def test_a_roll_back_stays_within_the_application(path: str, value: Any) -> None:
    assert refusals(request_of("admin", "UPDATE", DEPLOYMENT), DEPLOYMENT, rolled_back(path, value))


@pytest.mark.slow
def test_a_stateful_set_is_not_rolled_back() -> None:
    item = copy.deepcopy(STATEFUL_SET)
    now = changed(changed(item, f"{SERVER}.image", "lab.local/app:0"), MARK, "c-2")
    assert refusals(request_of("admin", "UPDATE", item), item, now)
