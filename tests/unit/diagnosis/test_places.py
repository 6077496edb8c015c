"""Where an app is looked for: by its Deployments in all namespaces, by names where these are hidden, in one release."""

from __future__ import annotations

import pytest

from bot.diagnosis.ports import NamespaceChoice, TriageRequest
from bot.diagnosis.service import TriageService
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import NamespaceNotFound, UsageError
from bot.domain.view import View
from tests.support.shipped import shipped_playbooks
from tests.unit.onyx_objects import chart, database, view
from tests.unit.recorded_cluster import RecordedCluster

PLAYBOOKS = shipped_playbooks()


def ask(cluster: RecordedCluster, namespace: str | None = None) -> Diagnosis | NamespaceChoice:
    service = TriageService(lambda: PLAYBOOKS, lambda: cluster)
    return service.diagnose(TriageRequest("onyx", namespace), lambda _: None)


def cluster(*, may_list_deployments: bool = True, **namespaces: View) -> RecordedCluster:
    views = {name.replace("_", "-"): seen for name, seen in namespaces.items()}
    return RecordedCluster(views, may_list_deployments)


def test_it_is_found_in_a_namespace_with_any_name_and_nothing_else_is_read() -> None:
    seen = cluster(knowledge=view(*chart("onyx"), namespace="knowledge"), data=view(*database(), namespace="data"))
    found = ask(seen)
    assert isinstance(found, Diagnosis)
    assert found.namespace == "knowledge"
    assert seen.looked_at == ["knowledge"]


def test_several_namespaces_are_a_question() -> None:
    seen = cluster(a=view(*chart("onyx"), namespace="a"), b=view(*chart("onyx"), namespace="b"))
    assert ask(seen) == NamespaceChoice("onyx", ("a", "b"))
    assert seen.looked_at == []


def test_where_deployments_are_hidden_the_names_of_namespaces_decide() -> None:
    seen = cluster(
        may_list_deployments=False,
        onyx=view(*chart("onyx"), namespace="onyx"),
        knowledge=view(*chart("onyx"), namespace="knowledge"),
    )
    found = ask(seen)
    assert isinstance(found, Diagnosis)
    assert found.namespace == "onyx"


def test_a_cluster_without_it_is_said_to_have_none() -> None:
    with pytest.raises(NamespaceNotFound):
        ask(cluster(data=view(*database(), namespace="data")))


def test_several_releases_in_a_namespace_are_a_question_whose_answers_name_both() -> None:
    seen = cluster(prod=view(*chart("onyx"), *chart("acme", config="acme-config")))
    assert ask(seen, "prod") == NamespaceChoice("onyx", ("prod/acme", "prod/onyx"))
    assert seen.asked == []


@pytest.mark.parametrize("release", ["acme", "onyx"])
def test_an_answer_to_that_question_is_a_diagnosis_of_this_release(release: str) -> None:
    seen = cluster(prod=view(*chart("onyx"), *chart("acme", config="acme-config")))
    found = ask(seen, f"prod/{release}")
    assert isinstance(found, Diagnosis)
    prefix = "onyx-" if release == "onyx" else "acme-onyx-"
    assert found.components["api"] == f"deployment/{prefix}api-server"
    assert found.components["web"] == f"deployment/{prefix}web-server"
    assert found.namespace == "prod"


def test_a_release_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        ask(cluster(prod=view(*chart("onyx"))), "prod/acme")
    assert "acme" in caught.value.message
    assert "onyx" in caught.value.remedy
