"""What the Home tab says about changes: which wait for this person, and what this person may do where.

Made by `assembly`; monitors and the bot's health come from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.adapters.slack.events.changes.people import People
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.options import ChangeOptions
from bot.adapters.slack.render.blocks import Json, link_button
from bot.adapters.slack.render.home_facts import HomeFacts, HomeItem
from bot.changes.policy.access_request import Act, question_about
from bot.changes.policy.decision import decide
from bot.changes.policy.model import BUDGET_WINDOW, Closed, Holder, HolderKind
from bot.changes.policy.views import PermissionRow, what_may
from bot.domain.changes import Change, ChangeState
from bot.domain.errors import SlackError
from bot.domain.incidents import Incident
from bot.incidents.fixes.card import waiting_words
from bot.incidents.fixes.fix_state import kept_of
from bot.incidents.plain_text import one_line

OPEN_REQUEST = "change_open_request"


class ChangeFacts:
    """Implements `HomeFacts`."""

    def __init__(self, services: SlackDeps, people: People, deps: ChangeOptions, rest: HomeFacts) -> None:
        """`rest` knows about monitors and the bot's health."""
        self._services = services
        self._people = people
        self._changes = deps.changes
        self._policy = deps.policy
        self._rest = rest

    def approvals(self, team: str, user: str) -> Sequence[HomeItem]:
        """Changes that wait for this person's approval. Raises `StoreError`."""
        services = self._services
        items: list[HomeItem] = []
        for incident in services.incidents.open_incidents():
            if not services.gate.may_read(incident.channel, user):
                continue
            for change in self._changes.of_incident(incident.id):
                if change.state is ChangeState.REQUESTED and self._may_approve(change, team, user, incident.channel):
                    items.append(HomeItem(waiting_words(change), self._link(change, incident, len(items))))
        return items

    def rights(self, team: str, user: str) -> Sequence[str]:
        """What this person may do, and where."""
        policy = self._policy.current()
        if isinstance(policy, Closed):
            return (f"{policy.reason} {policy.remedy}",)
        if not policy.enabled:
            return ("Changes are switched off in the policy, so nobody may change anything.",)
        found = [_right(row) for row in what_may(policy, self._people.of_home(team, user))]
        if any(holder.kind is HolderKind.CHANNEL for role in policy.roles.values() for holder in role.holders):
            found.append("in some channels more: rights there go to whoever presses")
        return found

    def monitors(self) -> Sequence[str]:
        """See `HomeFacts`."""
        return self._rest.monitors()

    def health(self) -> Sequence[str]:
        """See `HomeFacts`."""
        return self._rest.health()

    def _may_approve(self, change: Change, team: str, user: str, channel: str) -> bool:
        if change.requester is None:
            return False
        now = self._services.clock()
        count = self._changes.count(change.requester, change.workload_key, now - BUDGET_WINDOW)
        actor = self._people.of_home(team, user, channel)
        asked = question_about(change, actor, count, now, Act.APPROVE)
        return now < change.expires_at and decide(self._policy.current(), asked).allowed

    def _link(self, change: Change, incident: Incident, number: int) -> tuple[Json, ...]:
        posted = kept_of(incident).asked.get(change.id)
        try:
            url = self._services.links.get(incident.channel, posted.ts) if posted is not None and posted.ts else ""
        except SlackError:
            url = ""
        if not url:
            return ()
        spoken = f"Open the request: {change.remedy.title}"
        return (link_button(f"{OPEN_REQUEST}_{number}", "Open the request", url, spoken=spoken),)


def _right(row: PermissionRow) -> str:
    """`as operator (you): restart, raise memory (1 approval); apps onyx, namespaces onyx*, clusters *`."""
    kinds = ", ".join(_kinds(row)) or "nothing"
    if row.alone:
        kinds += f" (not {', '.join(_spoken(kind) for kind in row.alone)}: nobody else could approve it)"
    limits = [
        f"{what} {', '.join(names)}"
        for what, names in (("apps", row.apps), ("namespaces", row.namespaces), ("clusters", row.clusters))
        if "*" not in names
    ]
    where = f"In {'; '.join(limits)}" if limits else "Everywhere"
    return one_line(f"as {row.role} ({_via(row.via)}): {kinds}. {where}.", 400)


def _kinds(row: PermissionRow) -> Iterator[str]:
    for kind, needed in row.kinds:
        name = _spoken(kind)
        yield f"{name} ({needed} approval{'s' if needed > 1 else ''})" if needed else name


def _spoken(kind: str) -> str:
    return kind.replace("_", " ")


def _via(holders: Sequence[Holder]) -> str:
    words = {HolderKind.USER: "you", HolderKind.GROUP: "your user group", HolderKind.CHANNEL: "this channel"}
    return ", ".join(dict.fromkeys(words[holder.kind] for holder in holders)) or "you"
