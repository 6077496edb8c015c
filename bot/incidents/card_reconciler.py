"""The cards of incidents: what each should look like is in the store; this brings what people see up to date.

Called by `triages`, by the answers to people and by `upkeep`. Whoever changes an incident raises `wanted` in the same
write; a card is right when `shown` has caught up. One process at a time draws a card, and only it: two edits that
overtook each other would leave the older one standing.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from bot.diagnosis.diagnosis_codec import decode
from bot.diagnosis.ports import Clock, IncidentStore
from bot.domain.diagnosis import Diagnosis
from bot.domain.errors import ChatError, StoreError, TriageError
from bot.domain.incidents import Incident
from bot.incidents import notices
from bot.incidents.card_facts import facts_of, kinds_of
from bot.incidents.card_model import CardModel
from bot.incidents.card_state import CardState, state_of
from bot.incidents.cards import CardExtras, card
from bot.incidents.ports import Fixed, MessageQueue, Target, Tell
from bot.incidents.tokens import Spot, Tokens
from bot.runtime.logs import about_incident
from bot.runtime.loops import Failed, guarded, uncounted

DRAWING = timedelta(seconds=60)
"""A process that draws a card and has not finished by then is thought dead."""
ATTEMPTS = 50

_log = logging.getLogger(__name__)


class KeyTaken(StoreError):
    """The incident's new key belongs to another open one in the channel."""


class CardPart(Protocol):
    """A part of every card that is kept elsewhere: its fixes, and the words of a language model."""

    def extras(self, incident: Incident, diagnosis: Diagnosis) -> CardExtras:
        """What it adds to this card. Called each time the card is drawn: it reads, and starts nothing. May raise
        `StoreError`."""

    def follow(self, incident: Incident, diagnosis: Diagnosis) -> None:
        """The incident is as this says now: start what follows from it. Returns at once. May raise `StoreError`."""


@dataclass(frozen=True)
class CardDeps:
    """What the reconciler works with. `owner` names this process; `tell` tells one person; `failed` counts."""

    incidents: IncidentStore
    tokens: Tokens
    queue: MessageQueue
    clock: Clock
    owner: str
    tell: Tell
    failed: Failed = uncounted


class CardReconciler:
    """All cards."""

    def __init__(self, deps: CardDeps) -> None:
        self._deps = deps
        self._incidents = deps.incidents
        self._parts: tuple[CardPart, ...] = ()
        self.turn = threading.RLock()

    def consists_also_of(self, *parts: CardPart) -> None:
        """What else cards are made of; called once, while the bot is put together."""
        self._parts = parts

    def change(
        self, incident_id: str, change: Callable[[Incident, CardState], Mapping[str, Any] | None]
    ) -> Incident | None:
        """Change an incident, whoever else changes it at the same time, and have its card drawn anew.

        `change` says which fields become what; nothing or none: they stay, and nothing is drawn. The incident as it is
        then; None when there is no such incident. Raises `KeyTaken` when its new key is another one's, or `StoreError`.
        """
        for _ in range(ATTEMPTS):
            # One at a time in this process: of many that try at once the slowest would lose every time, and give up.
            with self.turn:
                incident = self._incidents.get(incident_id)
                if incident is None:
                    return None
                fields = change(incident, state_of(incident))
                if not fields:
                    return incident
                wanted = incident.wanted if state_of(incident).private_to else incident.wanted + 1
                fields = {"updated_at": self._deps.clock(), **fields, "wanted": wanted}
                changed = self._incidents.update(incident, **fields)
            if changed is not None:
                self.show(changed)
                return changed
            newest = self._incidents.get(incident_id)
            if newest is not None and newest.version == incident.version:
                raise KeyTaken(f"Another card is about the same as incident {incident_id}.", "Look at that one.")
        raise StoreError(f"Incident {incident_id} could not be changed.", "Ask again.")

    def redraw(self, incident_id: str) -> None:
        """Have a card drawn anew, because something beside the incident has changed (a change made progress)."""
        self.change(incident_id, lambda incident, _: {"updated_at": incident.updated_at})

    def show(self, incident: Incident) -> None:
        """Bring the card up to date, soon."""
        if state_of(incident).private_to:
            return
        target = _target(incident)
        self._deps.queue.show(target, _CardDrawing(self, self._deps, target), final=True)
        self._follow(incident)

    def step(self, incident: Incident, step: str) -> None:
        """Say on the card what is being done now, if there is time for it."""
        if incident.ts:
            self._deps.queue.show(_target(incident), Fixed(self.render(incident, step=step)), final=False)

    def catch_up(self) -> None:
        """Draw all cards that are not what they should be; those that somebody else draws are left to that one."""
        for incident in self._incidents.unshown():
            with about_incident(incident.id):
                guarded("board", lambda one=incident: self._catch_up(one), self._deps.failed)  # type: ignore[misc]

    def _catch_up(self, incident: Incident) -> None:
        if not _drawn_by_another(state_of(incident), self._deps):
            self.show(incident)

    def render(self, incident: Incident, *, step: str = "") -> CardModel:
        """The card. Its buttons are new ones each time; the older ones work as well."""
        diagnosis = decode(dict(incident.diagnosis))
        if step:
            return card(diagnosis, facts_of(incident, step), {})
        extras = sum((part.extras(incident, diagnosis) for part in self._parts), CardExtras())
        return card(diagnosis, facts_of(incident), self._buttons(incident, diagnosis), extras)

    def _follow(self, incident: Incident) -> None:
        """What follows from the incident's newest state is begun; what cannot be now is taken up by upkeep."""
        try:
            diagnosis = decode(dict(incident.diagnosis))
            for part in self._parts:
                part.follow(incident, diagnosis)
        except TriageError as error:
            _log.warning("what follows from incident %s has to wait: %s", incident.id, error)

    def _buttons(self, incident: Incident, diagnosis: Diagnosis) -> Mapping[str, str]:
        tokens, spot = self._deps.tokens, spot_of(incident)
        payload = {"incident": incident.id}
        return {kind: tokens.issue(kind, spot, payload) for kind in kinds_of(incident, diagnosis)}


@dataclass
class _CardDrawing:
    """The newest state of one card, as the queue asks for it."""

    cards: CardReconciler
    deps: CardDeps
    target: Target
    drawn: int = 0
    stood: str = ""

    def message(self) -> CardModel | None:
        """See `Content`."""
        with about_incident(self.target.id):
            return self._next()

    def _next(self) -> CardModel | None:
        for _ in range(ATTEMPTS):
            with self.cards.turn:
                incident = self.deps.incidents.get(self.target.id)
                if incident is None or incident.shown >= incident.wanted:
                    return None
                state = state_of(incident)
                if _drawn_by_another(state, self.deps):
                    raise StoreError("Another process draws this card.", "")
                until = self.deps.clock() + DRAWING
                mine = state.but(drawing=self.deps.owner, drawing_until=until)
                incident = self.deps.incidents.update(incident, card=mine.stored())
            if incident is not None:
                if incident.ts != self.stood:  # else it was deleted there, and is posted anew
                    self.target.ts = incident.ts
                # A drawing that was begun and not finished may have posted it, here or in a process that is gone.
                self.target.doubtful |= bool(state.drawing)
                self.drawn, self.stood = incident.wanted, incident.ts
                return self._rendered(incident)
        raise StoreError("This card changes all the time.", "")

    def _rendered(self, incident: Incident) -> CardModel:
        """The card; where it cannot be drawn because of a mistake of ours, at least what it is about."""
        try:
            return self.cards.render(incident)
        except TriageError:
            raise
        except Exception:  # noqa: BLE001  a card that cannot be drawn must not be tried for ever
            mark = secrets.token_hex(4)
            _log.exception("incident %s: the card of incident %s could not be drawn", mark, incident.id)
            self.deps.failed("board")
            return notices.undrawable(incident.title, mark)

    def shown(self, target: Target) -> None:
        """See `Content`."""
        with about_incident(self.target.id):
            if target.ts != self.stood:
                self.deps.tokens.placed(self.target.id, target.ts)
            incident = self._finish({"ts": target.ts})
            if incident is not None and incident.wanted > incident.shown:
                self.cards.show(incident)

    def refused(self, target: Target, error: ChatError) -> None:  # noqa: ARG002  the protocol has it
        """See `Content`."""
        with about_incident(self.target.id):
            incident = self._finish({})
            if incident is not None:
                self._tell(incident, error)

    def _tell(self, incident: Incident, error: ChatError) -> None:
        user = state_of(incident).user
        if user:
            self.deps.tell(incident.channel, user, notices.failure(error))

    def _finish(self, fields: Mapping[str, Any]) -> Incident | None:
        for _ in range(ATTEMPTS):
            with self.cards.turn:
                incident = self.deps.incidents.get(self.target.id)
                if incident is None:
                    return None
                state = state_of(incident)
                if state.drawing == self.deps.owner:
                    state = state.but(drawing="", drawing_until=None)
                shown = max(incident.shown, self.drawn)
                changed = self.deps.incidents.update(incident, card=state.stored(), shown=shown, **fields)
            if changed is not None:
                return changed
        raise StoreError("This card changes all the time.", "")


def _drawn_by_another(state: CardState, deps: CardDeps) -> bool:
    until = state.drawing_until
    return state.drawing not in ("", deps.owner) and until is not None and until > deps.clock()


def spot_of(incident: Incident) -> Spot:
    """Where the buttons of an incident's card stand. Buttons that are added to it belong there too."""
    return Spot(incident.team, incident.channel, incident.id, incident.ts, state_of(incident).private_to)


def _target(incident: Incident) -> Target:
    source = state_of(incident).source
    return Target(incident.channel, incident.thread_ts or None, incident.ts, incident.id, source=source)
