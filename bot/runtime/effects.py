"""Does each effect of the schedule once, whoever leads, dies or wakes up late.

Used by monitors and by jobs that tell people something. An effect is done only by the leader, only after it was claimed
in the database under this term, and only if the term still holds then.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.errors import ChatError
from bot.monitors.ports import Claims, ClaimState
from bot.runtime.leadership import Leadership

Effect = Callable[[bool], str]
"""Does it and returns what should be remembered. Told whether somebody may have done it before, and died."""


class Effects:
    """Effects by unique key. `owner` names this process in the claims, for people who read them."""

    def __init__(self, claims: Claims, leadership: Leadership, owner: str) -> None:
        self._claims = claims
        self._leadership = leadership
        self._owner = owner

    def leads(self) -> bool:
        """Whether this process leads now: enough for what is harmless to repeat."""
        return self._leadership.term() is not None

    def once(self, key: str, effect: Effect) -> str | None:
        """Do the effect unless it was done. Returns what it gave, now or then; None when it is not ours to do.

        Raises what the effect raises; then it can be claimed again.
        """
        term = self._leadership.term()
        if term is None:
            return None
        claim = self._claims.claim(key, term, self._owner)
        if claim.state is ClaimState.DONE:
            return claim.result
        if claim.state is ClaimState.REFUSED:
            return None
        again = claim.state is ClaimState.UNFINISHED
        if self._leadership.term() != term:  # it was long between the claim and now
            self._claims.release(key, term, tried=again)
            return None
        result = self._perform(key, term, effect, again=again)
        self._claims.done(key, term, result)
        return result

    def _perform(self, key: str, term: int, effect: Effect, *, again: bool) -> str:
        """The effect, with the claim given back when it fails. Only Slack's own refusal says that nothing happened."""
        may_have_happened = True
        finished = False
        try:
            result = effect(again)
            finished = True
        except ChatError:
            may_have_happened = again
            raise
        finally:
            if not finished:
                self._claims.release(key, term, tried=may_have_happened)
        return result
