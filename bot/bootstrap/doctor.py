"""Puts the doctor's checks together: a small function per thing that must work.

Used by `triage doctor`, and by App Home for what may be shown there. Each check makes what it needs and closes it
again; none changes anything: no table is made, no message is posted, no lease is taken.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.kube.access.client import connect
from bot.adapters.kube.access.probe import ask_server
from bot.adapters.slack.bot import ESSENTIAL_SCOPES, USEFUL_SCOPES
from bot.adapters.slack.send.probe import SlackAnswer, ask_app_token, ask_bot_token
from bot.bootstrap.chat_settings import slack_settings
from bot.bootstrap.cli_changes import connect_writer
from bot.bootstrap.cluster import connect_reader
from bot.bootstrap.clusters import settings_of
from bot.bootstrap.narration import build_boundary, build_wording
from bot.bootstrap.schedule import lease_store
from bot.bootstrap.storage import open_storage
from bot.changes.guard.fields import FIELDS
from bot.changes.policy.loader import load as load_policy
from bot.changes.policy.model import Policy
from bot.changes.policy.views import notes
from bot.changes.ports import Impersonation
from bot.diagnosis.ports import Clock, ListRequest
from bot.domain.changes import Person
from bot.domain.errors import FilesRejected, TriageError
from bot.engine.remedies.fields import Field
from bot.monitors.loader import MonitorSet
from bot.monitors.source import MonitorSource
from bot.playbook.loaded import PlaybookSet
from bot.playbook.loader import parse
from bot.playbook.places import parse_places
from bot.playbook.remedy_kinds import REMEDY_KINDS
from bot.redaction import Boundary
from bot.redaction.rules import formats_recent
from bot.runtime.doctor import (
    Check,
    Result,
    Status,
    acting_result,
    clock_result,
    database_results,
    guard_result,
    not_configured,
    rights_result,
    scope_results,
    space_result,
)
from bot.settings import Settings, check_tokens

_ASKING = Person(user="doctor", name="triage doctor")
"""Shown in the cluster's audit log: the person takes part in the impersonation, and in the right to it."""
_HEAD_LOST = "the head file is missing"


def lenient_boundary(settings: Settings) -> Boundary:
    """The site's boundary; the built-in rules alone where the site's are wrong, which then is one of the results."""
    try:
        return build_boundary(settings)
    except TriageError:
        return Boundary(hides_personal_data=settings.hide_personal_data)


@dataclass
class Doctor:
    """The checks for one set of settings. `namespaces`: where rights are looked at besides those of monitors."""

    settings: Settings
    clock: Clock
    namespaces: Sequence[str] = ()
    boundary: Boundary = field(default_factory=Boundary)

    def checks(self) -> Mapping[str, Check]:
        """All checks, by what they are about, in the order in which they are shown."""
        plain: dict[str, Check] = {
            "slack": self.slack,
            "socket mode": self.socket_mode,
            "database": self.database,
            "state": self.state,
            "playbooks": self.playbooks,
            "policy": self.policy,
            "monitors": self.monitors,
            "redaction": self.redaction,
            "model": self.model,
            "election": self.election,
        }
        return plain | self._clusters()

    def slack(self) -> Sequence[Result]:
        """The bot token, its scopes, and the clock."""
        check_tokens(self.settings)
        if not self.settings.has_slack:
            return not_configured("slack", "No tokens are set: `triage run` starts the sandbox.", "Set both tokens.")
        answer: SlackAnswer = ask_bot_token(slack_settings(self.settings))
        return (
            Result("slack", Status.OK, f"The bot token is @{answer.name} in {answer.team}."),
            *scope_results("slack scopes", answer.scopes, ESSENTIAL_SCOPES, USEFUL_SCOPES),
            *clock_result("clock (slack)", answer.time, self.clock()),
        )

    def socket_mode(self) -> Sequence[Result]:
        """The app-level token."""
        if not self.settings.has_slack:
            return ()
        ask_app_token(slack_settings(self.settings))
        return (Result("socket mode", Status.OK, "The app-level token may open connections."),)

    def database(self) -> Sequence[Result]:
        """The database, its tables and the audit log, as they are: nothing is made or migrated."""
        if self.settings.database is None and not (self.settings.state / "triage.db").exists():
            words = f"There is none yet in {self.settings.state}; the first `triage run` makes it."
            return (Result("database", Status.OK, words),)
        store = open_storage(self.settings, self.clock, migrating=False)
        try:
            found = list(database_results(store.health()))
            broken = store.audit.verify().broken
        finally:
            store.close()
        if broken is None:
            return (*found, Result("audit chain", Status.OK, "No entry was changed or removed."))
        if _HEAD_LOST in broken.reason:
            remedy = "Normal on a new volume: the next entry writes it. Else compare the newest entry with the log."
            return (*found, Result("audit chain", Status.WARNING, f"The chain holds, but {broken.reason}.", remedy))
        words = f"The audit chain is broken at entry {broken.seq}: {broken.reason}."
        remedy = "Somebody or something changed the table: `triage audit verify` says more."
        return (*found, Result("audit chain", Status.FAILED, words, remedy))

    def state(self) -> Sequence[Result]:
        """Room in the state directory."""
        place = next(path for path in (self.settings.state, *self.settings.state.absolute().parents) if path.exists())
        return (space_result("disk", shutil.disk_usage(place).free),)

    def playbooks(self) -> Sequence[Result]:
        """Every mistake of the playbooks."""
        found = self._playbooks()
        words = f"{len(found.files)} playbooks for {len(found.apps)} apps, without a mistake."
        if not parse_places(self.settings.playbooks).builtin:
            words += " The ones that come with the program are left out (no-builtin)."
        return (Result("playbooks", Status.OK, words),)

    def policy(self) -> Sequence[Result]:
        """Whether anybody may change anything, and every mistake."""
        if self.settings.policy is None:
            remedy = "To let people press buttons, copy deploy/policy/policy.yaml and set TRIAGE_POLICY."
            return not_configured("policy", "Nobody may change anything.", remedy)
        policy = load_policy(self.settings.policy)
        remarks = notes(policy)
        if remarks:
            return (Result("policy", Status.WARNING, " ".join(remarks), "Is it meant like this?"),)
        return (Result("policy", Status.OK, f"{len(policy.roles)} roles."),)

    def monitors(self) -> Sequence[Result]:
        """Every mistake of the monitors."""
        found = self._monitors()
        if found is None or not found.monitors:
            return not_configured("monitors", "Nothing is watched.", "Copy deploy/monitors, and set TRIAGE_MONITORS.")
        return (Result("monitors", Status.OK, f"{len(found.monitors)} monitors, {len(found.digests)} digests."),)

    def redaction(self) -> Sequence[Result]:
        """The site's own redaction rules, with every mistake."""
        stale = formats_recent.is_stale(self.clock().date())
        if stale:
            said = f"The formats of secrets were written down on {formats_recent.WRITTEN:%Y-%m-%d}, over a year ago."
            return (Result("redaction", Status.WARNING, said, "Upgrade: issuers change the formats of their keys."),)
        if self.settings.redaction is None:
            return (Result("redaction", Status.OK, "Secrets are hidden by the built-in rules."),)
        build_boundary(self.settings)
        return (Result("redaction", Status.OK, "Secrets are hidden by the built-in rules and this site's own."),)

    def model(self) -> Sequence[Result]:
        """Whether a model is configured. It is not asked: that would cost."""
        if build_wording(self.settings, self.boundary) is None:
            return not_configured("model", "No language model takes part.", "It is optional: TRIAGE_MODEL_URL.")
        words = f"{self.settings.model_name} at {self.settings.model_url}. It was not asked, because that costs."
        return (Result("model", Status.OK, words),)

    def election(self) -> Sequence[Result]:
        """Who leads, where a Lease says so."""
        if self.settings.election == "database" or not self.settings.kubernetes_service_host:
            return ()
        store = open_storage(self.settings, self.clock, migrating=False)
        try:
            record = lease_store(self.settings, store).read()
        finally:
            store.close()
        who = record.holder if record is not None else ""
        return (Result("election", Status.OK, f"The lease can be read; {who or 'nobody'} holds it."),)

    def _clusters(self) -> dict[str, Check]:
        named = {item.name: settings_of(self.settings, item.name) for item in self.settings.clusters}
        places: dict[str, Settings] = named or {"": self.settings}
        found: dict[str, Check] = {}
        for name, settings in places.items():
            title = f"cluster {name}".strip()
            found[title] = self._server(title, settings)
            found[f"{title} rights"] = self._rights(name, settings)
            if self.settings.policy is not None:
                found[f"{title} changes"] = self._acting(name, settings, self.settings.policy)
        return found

    def _server(self, title: str, settings: Settings) -> Callable[[], Sequence[Result]]:
        def check() -> Sequence[Result]:
            in_cluster = (
                settings.kubeconfig is None and settings.context is None and bool(settings.kubernetes_service_host)
            )
            connection = connect(kubeconfig=settings.kubeconfig, context=settings.context, in_cluster=in_cluster)
            try:
                answer = ask_server(connection)
            finally:
                connection.close()
            return (
                Result(title, Status.OK, f"{connection.cluster} answers, Kubernetes {answer.version}."),
                *clock_result(f"clock ({title})", answer.time, self.clock()),
            )

        return check

    def _rights(self, cluster: str, settings: Settings) -> Callable[[], Sequence[Result]]:
        def check() -> Sequence[Result]:
            reader = connect_reader(settings)
            try:
                found = [
                    rights_result(namespace, reader.list_resources(ListRequest(namespace, wide=True)).gaps.values())
                    for namespace in self._places(cluster, reader.default_namespace)
                ]
            finally:
                reader.close()
            if found:
                return found
            remedy = "Name one: `triage doctor -n NAMESPACE`."
            return not_configured(f"rights {cluster}".strip(), "No namespace to look at is known.", remedy)

        return check

    def _acting(self, cluster: str, settings: Settings, file: Path) -> Callable[[], Sequence[Result]]:
        """Whether the cluster lets the roles of the policy act: asked as each of them, nothing is changed."""

        def check() -> Sequence[Result]:
            try:
                policy = load_policy(file)
            except TriageError:  # said by its own check
                return ()
            writer = connect_writer(settings, self.boundary)
            try:
                return [
                    *guard_result(f"field guard {cluster}".strip(), writer.field_guard(), _beyond_the_guard(policy)),
                    *(
                        acting_result(
                            namespace,
                            {
                                role.name: writer.may_patch_deployments(Impersonation(role.name, _ASKING), namespace)
                                for role in policy.roles.values()
                                if any(grant.scope.reaches(writer.cluster, namespace) for grant in role.grants)
                            },
                        )
                        for namespace in self._places(cluster, writer.default_namespace)
                    ),
                ]
            finally:
                writer.close()

        return check

    def _places(self, cluster: str, default: str) -> tuple[str, ...]:
        """Namespaces that were named, and those of the monitors of this cluster."""
        try:
            monitors = self._monitors()
        except FilesRejected:  # said by their own check
            monitors = None
        watched = monitors.monitors.values() if monitors is not None else ()
        names = [item.namespace.partition("/")[0] for item in watched if item.cluster == cluster]
        return tuple(dict.fromkeys([*self.namespaces, *names])) or ((default,) if default else ())

    def _playbooks(self) -> PlaybookSet:
        return parse(parse_places(self.settings.playbooks).read())

    def _monitors(self) -> MonitorSet | None:
        if self.settings.monitors is None:
            return None
        names = frozenset(item.name for item in self.settings.clusters)
        playbooks = self._playbooks()
        return MonitorSource(self.settings.monitors, lambda: playbooks, names).current()


def _beyond_the_guard(policy: Policy) -> tuple[str, ...]:
    """Roles other than `admin` that may do what the field guard lets only that one do."""
    kept = [kind for kind, fields in FIELDS.items() if {Field.EARLIER_TEMPLATE, Field.NEW_POLICY} & {*fields}]
    return tuple(
        role.name
        for role in policy.roles.values()
        if role.name != "admin"
        and any(one.allows(kind, REMEDY_KINDS[kind].risk) for one in role.grants for kind in kept)
    )
