"""A question in Slack: who asks, what, and where the answer goes. Also as it is stored, so that it outlives a process.

Made by `posts`, `commands` and `clicks`; answered by `triages`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.diagnosis.ports import TriageRequest
from bot.domain.changes import Frozen
from bot.domain.errors import StoreError
from bot.incidents.reading import tolerant


class QuestionOrigin(Frozen):
    """Who asks, and where the answer goes.

    user, asked_by: the person's id, and the name to show
    thread_ts, ts:  the thread to answer in (None: the channel itself), and where the answer stands once it is posted
    source_ts:      the message that was asked about, if there is one; `edited_ts` when it was edited, if it was
    response_url:   for an answer that only this person sees (then `private` is set), or if the bot may not post
    replace:        the private answer takes the place of the one with the button
    incident:       the incident that is checked again; its card is the answer
    unread:         sentences about attached files that could not be read
    quiet:          nobody asked, and the paste may be another program's: only what the cluster shows to be the app's
                    is answered, and nothing is shown before (see `asking.quiet`)
    receipt:        the message in the inbox that is asked about: the same message asks the same question, whichever
                    process reads it; empty: it is no such message
    attempt:        how many processes have taken that message on
    """

    team: str
    channel: str
    user: str
    asked_by: str = ""
    thread_ts: str | None = None
    ts: str = ""
    source_ts: str = ""
    edited_ts: str = ""
    private: bool = False
    response_url: str = ""
    replace: bool = False
    incident: str = ""
    unread: tuple[str, ...] = ()
    quiet: bool = False
    receipt: str = ""
    attempt: int = 1

    def but(self, **changes: Any) -> QuestionOrigin:
        """The same with some fields changed."""
        return self.model_copy(update=changes)

    def for_a_button(self, **changes: Any) -> dict[str, Any]:
        """As a button keeps it: what it asks is another question, which is answered later."""
        return self.but(response_url="", receipt="", attempt=1, **changes).model_dump(mode="json")


def asked_from_json(stored: Mapping[str, Any]) -> QuestionOrigin:
    """As it was, as far as this version knows it. Raises `StoreError`."""
    return tolerant(QuestionOrigin, stored)


_REQUEST: TypeAdapter[TriageRequest] = TypeAdapter(TriageRequest)


def request_to_json(request: TriageRequest) -> dict[str, Any]:
    """As it is stored."""
    stored: dict[str, Any] = _REQUEST.dump_python(request, mode="json")
    return stored


def request_from_json(stored: Mapping[str, Any]) -> TriageRequest:
    """As it was. Raises `StoreError` when another version has kept it otherwise."""
    try:
        return _REQUEST.validate_python(dict(stored))
    except ValidationError as error:
        raise StoreError("This question was kept by another version of this program.", "Ask again.") from error
