"""Which remedies each cause gets on the recorded views, and that a changed object would no longer show the cause.

Workloads must run to show whether they are healed: tests/contract/kube/test_remedies_heal.py does that. What only
Services, URLs and policies say is judged here by patching the view itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.domain.diagnosis import CauseVerdict
from bot.domain.remedies import Remedy, Step, StepKind
from bot.domain.view import View
from tests.scenario.test_recorded_views import NAMES, diagnosed, recorded, recorded_diagnosis
from tests.support.sampling import sampled

RESTART, RAISE, PROBE = "restart-api", "raise-memory-api", "fix-probe-api"
URL, ALLOW, PORT = "set-url-web-to-api", "allow-web-to-api", "fix-port-web-to-api"
SELECTOR, UP = "fix-selector-web-to-api", "scale-up-api"

OFFERED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "chart-oom": {"api-oom-killed": (RAISE,)},
    "chart-postgres": {"dependency-down": ()},
    "config-key-absent": {"api-config-missing": ()},
    "config-map-absent": {"api-config-missing": ()},
    "crash-migration": {"alembic-revision-missing": ()},
    "crash-no-command": {"api-crash-looping": ()},
    "crash-no-secret": {"user-auth-secret-empty": ()},
    "crash-wrong-password": {"postgres-login-failed": ()},
    "dns-failing": {"dns-failing": ()},
    "hangs": {"api-not-responding": (RESTART,)},
    "hangs-killed": {"api-not-responding": (RESTART,)},
    "hangs-probed": {"api-not-responding": (RESTART,)},
    "image-absent": {"api-image-pull-failing": ()},
    "liveness-wrong-path": {"api-liveness-killing": (PROBE,)},
    "liveness-wrong-port": {"api-liveness-killing": (PROBE,)},
    "loopback-only": {"api-not-listening": (RESTART,)},
    "manifests-url-port": {"internal-url-wrong": (URL,)},
    "model-server-absent": {"dependency-down": ()},
    "node-lost": {"api-node-lost": ()},
    "oom": {"api-oom-killed": (RAISE,)},
    "oom-at-start": {"api-oom-killed": (RAISE,)},
    "over-quota": {"api-quota-exceeded": ()},
    "policy-denies-all": {"network-policy-blocks": (ALLOW,)},
    "policy-denies-api": {"network-policy-blocks": (ALLOW,)},
    "policy-denies-dns": {"network-policy-blocks": (ALLOW,)},
    "policy-denies-egress": {"network-policy-blocks": (ALLOW,)},
    "policy-other-caller": {"network-policy-blocks": (ALLOW,)},
    "policy-other-namespace": {"network-policy-blocks": (ALLOW,)},
    "policy-other-port": {"network-policy-blocks": (ALLOW,)},
    "postgres-crashing": {"dependency-down": ("restart-postgres",)},
    "readiness-wrong-path": {"api-not-ready": (PROBE,)},
    "readiness-wrong-port": {"api-not-ready": (PROBE,)},
    "recovered-oom": {"recovered": ()},
    "redis-scaled-to-zero": {"dependency-down": ("scale-up-redis",)},
    "rollout-stuck": {"api-rollout-stuck": ("roll-back-api",)},
    "scaled-to-zero": {"api-scaled-to-zero": (UP,)},
    "secret-absent": {"api-config-missing": ()},
    "selector-one-label-too-many": {"service-selector-mismatch": (SELECTOR,)},
    "selector-wrong": {"service-selector-mismatch": (SELECTOR,)},
    "service-absent": {"service-missing": ("create-service-web-to-api",)},
    "target-port-name": {"service-port-mismatch": (PORT,)},
    "target-port-number": {"service-port-mismatch": (PORT,)},
    "two-crash-and-port": {"service-port-mismatch": (PORT,), "user-auth-secret-empty": ()},
    "two-oom-and-url": {"internal-url-wrong": (URL,), "api-oom-killed": (RAISE,)},
    "two-selector-and-policy": {"service-selector-mismatch": (SELECTOR,), "network-policy-blocks": (ALLOW,)},
    "unschedulable-memory": {"api-unschedulable": ()},
    "url-in-env-wrong": {"internal-url-wrong": (URL,)},
    "url-missing": {"internal-url-missing": (URL,)},
    "url-of-compose": {"internal-url-wrong": (URL,)},
    "url-stale": {"internal-url-stale": ("restart-caller-web-to-api",)},
    "url-wrong-name": {"internal-url-wrong": (URL,)},
    "url-wrong-namespace": {"internal-url-wrong": (URL,)},
    "url-wrong-port": {"internal-url-wrong": (URL,)},
    "volume-config-absent": {"api-config-missing": ()},
    "healthy": {"healthy": ()},
}
"""Root causes of recorded views with the remedies that change something, in order."""

SHOWN_BY_OBJECTS = sorted(name for name, causes in OFFERED.items() if any(URL in ids or ALLOW in ids or PORT in ids
    or SELECTOR in ids or "create-service-web-to-api" in ids for ids in causes.values()))  # fmt: skip
FOLDERS = {
    "configmap": "configmaps",
    "service": "services",
    "deployment": "deployments",
    "networkpolicy": "networkpolicies",
}
MERGE_KEYS = {"containers": "name", "env": "name", "ports": "port"}


def merged(value: Any, patch: Any, field: str = "") -> Any:
    """A strategic merge, as far as the remedies' patches need one."""
    if isinstance(patch, Mapping):
        base = dict(value) if isinstance(value, dict) else {}
        for key, change in patch.items():
            base[key] = merged(base.get(key), change, key)
        return {key: item for key, item in base.items() if item is not None}
    key = MERGE_KEYS.get(field)
    if isinstance(patch, list) and key is not None and isinstance(value, list):
        changes = {item[key]: item for item in patch}
        kept = [merged(item, changes.pop(item.get(key), {})) for item in value]
        return kept + list(changes.values())
    return patch


def patched(view: View, step: Step) -> View:
    """The view as it would be read after the step; a restart changes nothing that objects say."""
    if step.kind not in (StepKind.PATCH, StepKind.CREATE):
        return view
    kind, _, name = step.target.partition("/")
    data = view.model_dump(mode="json", by_alias=True)
    folder = data[FOLDERS[kind]]
    if step.kind is StepKind.CREATE:
        folder.append(dict(step.patch))
    for index, item in enumerate(folder):
        if item["metadata"]["name"] == name and step.kind is StepKind.PATCH:
            folder[index] = merged(item, step.patch)
    if kind == "deployment":  # its pods are replaced
        for pod in data["pods"]:
            if pod["metadata"]["name"].startswith(f"{name}-"):
                pod["spec"] = merged(pod["spec"], step.patch["spec"]["template"]["spec"])
    return View.model_validate(data)


def first_change(name: str, cause: str) -> Remedy:
    found = next(item for item in recorded_diagnosis(name).root_causes if item.id == cause)
    return next(remedy for remedy in found.remedies if remedy.steps)


@pytest.mark.parametrize("name", sampled(OFFERED, 3))
def test_a_cause_gets_the_remedies_that_fit_in_order(name: str) -> None:
    found = recorded_diagnosis(name)
    changing = {cause.id: tuple(remedy.id for remedy in cause.remedies if remedy.steps) for cause in found.root_causes}
    assert changing == OFFERED[name]


@pytest.mark.parametrize("name", sampled(SHOWN_BY_OBJECTS, 3))
def test_a_changed_object_shows_the_cause_no_more(name: str) -> None:
    view = recorded(name).view
    own = {cause for cause, changes in OFFERED[name].items() if not cause.startswith("api-") and changes}
    for cause in own:
        for step in first_change(name, cause).steps:
            view = patched(view, step)
    after = {item.id: item.verdict for item in diagnosed(view).causes}
    assert {cause: after[cause] for cause in own if after[cause] is CauseVerdict.CONFIRMED} == {}


@pytest.mark.parametrize("name", sampled(NAMES, 3))
def test_every_remedy_says_what_it_does_and_nothing_twice(name: str) -> None:
    for cause in recorded_diagnosis(name).causes:
        for remedy in cause.remedies:
            assert "{" not in remedy.title
            assert "unknown" not in remedy.title
            assert bool(remedy.steps) == (remedy.kind != "advice")
            targets = [step.target for step in remedy.steps]
            assert len(targets) == len(set(targets)), "each write has its own object as precondition"
            assert remedy.target == (targets[0] if targets else "")
            for step in remedy.steps:
                assert bool(step.patch) == (step.kind in (StepKind.PATCH, StepKind.CREATE))
                assert step.target.partition("/")[2] in remedy.command
