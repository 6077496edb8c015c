"""What `deploy/` asks Slack and Kubernetes for is what the program uses: no right too many, none too few."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.adapters.kube.read.catalogue import (
    DEPLOYMENTS_EVERYWHERE,
    ENDPOINTS,
    NAMESPACES,
    NEEDED_SOURCES,
    SOURCES,
    WIDE_SOURCES,
    Source,
)
from bot.adapters.slack.bot import ESSENTIAL_SCOPES, USEFUL_SCOPES
from bot.adapters.slack.events import listeners
from tests.support.documented_rights import Right, documented_rights

DEPLOY = Path(__file__).parents[2] / "deploy"
MANIFEST = yaml.safe_load((DEPLOY / "slack" / "manifest.yaml").read_text(encoding="utf-8"))
RBAC = list(yaml.safe_load_all((DEPLOY / "rbac" / "reader.yaml").read_text(encoding="utf-8")))

NEEDED = tuple(source for sources in NEEDED_SOURCES.values() for source in sources)
EVERY = (*SOURCES, *WIDE_SOURCES, *NEEDED)

BY_NAME: set[Right] = {
    ("", "namespaces", "get"),
    ("", "pods/log", "get"),
    ("", "pods/proxy", "get"),
    ("", "services/proxy", "get"),
    ("", "services", "get"),  # a Service that a URL names, in another namespace
    ("", "endpoints", "get"),
}


def rights_of(name: str) -> set[Right]:
    """What the ClusterRole of this name grants."""
    role = next(item for item in RBAC if item["kind"] == "ClusterRole" and item["metadata"]["name"] == name)
    return {
        (group, resource, verb)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def listing(source: Source) -> Right:
    """The right to list what the reader lists."""
    group = source.group.removeprefix("apis/").rpartition("/")[0] if source.group.startswith("apis/") else ""
    return group, source.plural, "list"


def test_the_role_for_a_namespace_grants_what_the_reader_reads_there_and_nothing_else() -> None:
    lists = {listing(source) for source in (*EVERY, ENDPOINTS) if source.namespaced}
    assert rights_of("triage-reader") == lists | BY_NAME


def test_the_role_for_the_cluster_grants_what_lies_outside_a_namespace() -> None:
    outside = [source for source in (*EVERY, NAMESPACES, DEPLOYMENTS_EVERYWHERE) if not source.namespaced]
    assert rights_of("triage-reader-cluster") == {listing(source) for source in outside}


def test_the_documents_name_every_right_of_both_roles_and_no_other() -> None:
    in_a_namespace, _, everywhere = documented_rights()
    assert in_a_namespace == rights_of("triage-reader")
    assert {right for right in everywhere if right[2] != "impersonate"} == rights_of("triage-reader-cluster")


def test_no_role_touches_secrets_or_writes() -> None:
    for name in ("triage-reader", "triage-reader-cluster"):
        for _, resource, verb in rights_of(name):
            assert verb in {"get", "list"}
            assert resource not in {"secrets", "pods/exec", "*"}


def test_the_slack_app_asks_for_the_scopes_that_the_bot_uses() -> None:
    scopes = MANIFEST["oauth_config"]["scopes"]["bot"]
    assert sorted(scopes) == sorted({*ESSENTIAL_SCOPES, *USEFUL_SCOPES})


def test_the_slack_app_subscribes_to_the_events_that_the_bot_listens_to() -> None:
    channel_events = {*listeners._CHANNEL_EVENTS}
    messages = {"app_mention", "message.channels", "message.groups", "message.im", "message.mpim"}
    wanted = channel_events | messages | {"app_home_opened", "app_uninstalled", "tokens_revoked"}
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == wanted


def test_the_slack_app_has_the_shortcut_the_command_and_socket_mode() -> None:
    assert [one["callback_id"] for one in MANIFEST["features"]["shortcuts"]] == [listeners.SHORTCUT]
    assert [one["command"] for one in MANIFEST["features"]["slash_commands"]] == ["/triage"]
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True
