"""Where an answer appears: a message of ours that is edited in place, or a card that is there already.

Used by `triages`, from worker threads. Showing one never raises: an answer that cannot be shown is logged, because
there is nobody left to tell.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import ChatError
from bot.incidents.card_model import CardModel
from bot.incidents.ports import Answer, Fixed, MessageQueue, Target

SETTLE_SECONDS = 30.0


class RoomAnswer:
    """A message in a channel.

    placed:   told the timestamp, once it stands there
    finished: told once the outcome is shown, or certainly never will be
    refused:  told when the bot may not post there, with what it wanted to say
    """

    def __init__(
        self,
        queue: MessageQueue,
        target: Target,
        placed: Callable[[str], None],
        finished: Callable[[], None],
        refused: Callable[[CardModel, ChatError], None],
    ) -> None:
        self._queue = queue
        self._target = target
        self._placed = placed
        self._finished = finished
        self._refused = refused
        self._known = target.ts

    def progress(self, message: CardModel) -> None:
        """See `Answer`."""
        self._show(message, final=False)

    def finish(self, message: CardModel) -> None:
        """See `Answer`."""
        self._show(message, final=True)

    def settle(self) -> str:
        """See `Answer`."""
        return self._queue.settle(self._target, SETTLE_SECONDS)

    def _show(self, message: CardModel, *, final: bool) -> None:
        def shown(target: Target) -> None:
            if target.ts != self._known:
                self._known = target.ts
                self._placed(target.ts)
            if final:
                self._finished()

        def refused(_: Target, error: ChatError) -> None:
            self._refused(message, error)
            if final:
                self._finished()

        self._queue.show(self._target, Fixed(message, shown, refused), final=final)


class CardAnswer:
    """The card of an incident that is checked again. `step` and `note` change what it says."""

    def __init__(self, step: Callable[[CardModel], None], note: Callable[[CardModel], None]) -> None:
        self._step = step
        self._note = note

    def progress(self, message: CardModel) -> None:
        """See `Answer`."""
        self._step(message)

    def finish(self, message: CardModel) -> None:
        """See `Answer`."""
        self._note(message)

    def settle(self) -> str:
        """See `Answer`."""
        return ""


class QuietAnswer:
    """What nobody asked for: no progress; whatever would be said at the end, a question is asked instead, if at all.

    question: makes it; None where it was asked before
    finished: told where there is nothing to say
    """

    def __init__(self, room: Answer, question: Callable[[], CardModel | None], finished: Callable[[], None]) -> None:
        self._room = room
        self._question = question
        self._finished = finished

    def progress(self, message: CardModel) -> None:
        """See `Answer`."""

    def finish(self, message: CardModel) -> None:  # noqa: ARG002  the port has it
        """See `Answer`."""
        asked = self._question()
        if asked is None:
            self._finished()
        else:
            self._room.finish(asked)

    def settle(self) -> str:
        """See `Answer`."""
        return ""
