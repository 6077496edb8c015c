"""The Home tab: published for each person who opens it, with what that person may see and nothing else.

`receive` runs in a listener and only queues. Guests and people from outside get a polite empty page; a channel that
somebody is not in is not named.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from bot.adapters.slack.events.feedback import UNMUTE
from bot.adapters.slack.events.overview import MOST, listed
from bot.adapters.slack.events.people import Denied, SlackUser
from bot.adapters.slack.events.presses import Press, PressKind
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json, button
from bot.adapters.slack.render.home_facts import HomeFacts, HomeItem
from bot.adapters.slack.render.home_page import HomeContent, closed_page, home_page
from bot.domain.errors import TriageError
from bot.domain.incidents import Incident
from bot.incidents.plain_text import spoken_time
from bot.incidents.tokens import Spot

Found = TypeVar("Found")

_log = logging.getLogger(__name__)


class Home:
    """Publishes Home tabs."""

    def __init__(self, services: SlackDeps, facts: HomeFacts) -> None:
        self._services = services
        self._facts = facts

    def kinds(self) -> dict[str, PressKind]:
        """What is registered with `clicks`."""
        return {UNMUTE: PressKind(self._unmute)}

    def receive(self, body: Json) -> None:
        """Queue an `app_home_opened` event."""
        event = body.get("event") or {}
        user, team = str(event.get("user") or ""), str(body.get("team_id") or "")
        if event.get("tab") == "home" and user:
            self._services.clicks.submit(lambda: self._run(user, team), name=f"home of {user}")

    def _run(self, user: str, team: str) -> None:
        try:
            self.publish(user, team)
        except TriageError as error:
            _log.error("the Home tab of %s was not published: %s", user, error)

    def publish(self, user: str, team: str) -> None:
        """Show this person the newest state. Raises `SlackError`."""
        person = self._services.gate.person(SlackUser(user, frozenset({team} - {""})))
        if isinstance(person, Denied):
            view = closed_page(person.reason, person.who_can_help)
        else:
            view = home_page(self._content(user, team))
        self._services.api.publish_home(user, view)

    def _content(self, user: str, team: str) -> HomeContent:
        facts, problems = self._facts, list[str]()

        def known(ask: Callable[[], Iterable[Found]]) -> list[Found]:
            try:
                return list(ask())
            except TriageError as error:
                problems.append(str(error))
                return []

        found = known(lambda: self._services.incidents.open_incidents(MOST))
        visible = [one for one in found if self._services.gate.may_read(one.channel, user)]
        return HomeContent(
            apps=self._services.triage.apps(),
            incidents=[listed(self._services, one) for one in visible],
            hidden=len(found) - len(visible),
            approvals=known(lambda: facts.approvals(team, user)),
            rights=known(lambda: facts.rights(team, user)),
            monitors=known(facts.monitors),
            muted=known(lambda: self._muted(user, team, visible)),
            health=known(facts.health),
            at=self._services.clock(),
            problems=tuple(dict.fromkeys(problems)),
        )

    def _muted(self, user: str, team: str, visible: list[Incident]) -> list[HomeItem]:
        """Mutes of incidents this person may see, and this person's own."""
        titles = {incident.key: incident.title for incident in visible}
        spot = Spot(team, "", f"home {user}", private_to=user)
        items = []
        for number, (key, (by, until)) in enumerate(self._services.incidents.muted(self._services.clock()).items()):
            if key not in titles and by != user:
                continue
            token = self._services.tokens.issue(UNMUTE, spot, {"key": key})
            title = titles.get(key, key)
            unmute = button(f"{UNMUTE}_{number}", "Unmute", token, spoken=f"Unmute: {title}")
            items.append(HomeItem(f"{title}: until {spoken_time(until, with_date=True)}", (unmute,)))
        return items

    def _unmute(self, press: Press) -> None:
        self._services.incidents.unmute(str(press.button.payload.get("key") or ""))
        self.publish(press.click.user, press.click.team)
