"""Failed calls in words: how each failed, and what that proves. Used by the verdict's reasons, reports and cards."""

from __future__ import annotations

from bot.domain.calls import RUNGS, CallFailure, FailedCall, Rung

HOW: dict[CallFailure, str] = {
    CallFailure.NAME_UNKNOWN: "there is no such name",
    CallFailure.NAME_NO_ANSWER: "DNS did not answer",
    CallFailure.CONNECT_TIMEOUT: "no connection in time",
    CallFailure.UNREACHABLE: "no way to the host",
    CallFailure.REFUSED: "refused",
    CallFailure.TLS: "TLS failed",
    CallFailure.PROTOCOL: "the answer is in another protocol",
    CallFailure.RESET: "connection reset after it was accepted",
    CallFailure.CLOSED_EARLY: "connection closed before the answer was complete",
    CallFailure.RESPONSE_TIMEOUT: "accepted, but no answer in time",
    CallFailure.HTTP_STATUS: "answered with an error status",
    CallFailure.LOGIN_REFUSED: "login refused",
    CallFailure.LIMIT: "the server's limit is reached",
    CallFailure.STARTING: "the server is starting",
    CallFailure.MISSING_OBJECT: "what was asked for does not exist there",
    CallFailure.RESOURCE: "out of a resource",
}
_NOUN: dict[CallFailure, str] = {
    CallFailure.NAME_UNKNOWN: "“no such name” for {to}",
    CallFailure.NAME_NO_ANSWER: "a lookup of {to} that nobody answers",
    CallFailure.CONNECT_TIMEOUT: "a connection to {to} that does not come about in time",
    CallFailure.UNREACHABLE: "no way to {to}",
    CallFailure.REFUSED: "a refusal by {to}",
    CallFailure.TLS: "a TLS error with {to}",
    CallFailure.PROTOCOL: "an answer of {to} in another protocol",
    CallFailure.RESET: "a connection that {to} accepted and reset",
    CallFailure.CLOSED_EARLY: "a connection that {to} accepted and closed without an answer",
    CallFailure.RESPONSE_TIMEOUT: "a connection that {to} accepted and did not answer in time",
    CallFailure.HTTP_STATUS: "status {status} from {to}",
    CallFailure.LOGIN_REFUSED: "a login that {to} refused",
    CallFailure.LIMIT: "a limit that {to} has reached",
    CallFailure.STARTING: "{to} that says it is starting",
    CallFailure.MISSING_OBJECT: "something that {to} does not have",
    CallFailure.RESOURCE: "a resource that has run out at {to}",
}
_NEEDS: dict[Rung, str] = {
    Rung.NAME: "comes before any connection is opened",
    Rung.WAY: "needs a resolved name",
    Rung.PORT: "needs a resolved name and an open way",
    Rung.TLS: "needs something that accepts connections",
    Rung.PROTOCOL: "needs something that accepts connections",
    Rung.ANSWER: "needs something that accepts connections",
    Rung.STATUS: "needs a program that answers",
    Rung.MEANING: "needs a server that answers",
}
_PROVEN: tuple[tuple[Rung, str], ...] = (
    (Rung.NAME, "the name resolved"),
    (Rung.WAY, "the way is open"),
    (Rung.PORT, "something accepts connections"),
    (Rung.ANSWER, "it answers"),
)


def noun(call: FailedCall) -> str:
    """The failure as a noun: `a refusal by 172.30.154.48:8080`."""
    to = call.target or "the destination"
    return _NOUN[call.kind].format(to=to, status=call.status or "of an error")


def needs(call: FailedCall) -> str:
    """What must have held for the call to fail like this: `needs a resolved name`. An address needs none."""
    if call.kind is CallFailure.NAME_UNKNOWN:
        return "needs a DNS server that answers"
    rung = RUNGS[call.kind]
    return _NEEDS[rung]


def shown_by(call: FailedCall) -> str:
    """What the error itself shows, in one sentence without its end; "" where it shows nothing.

    `the name resolved, the way is open, nothing accepts connections at api-server:8080`.
    """
    if call.is_vague:
        return ""
    reached = [words for rung, words in _PROVEN if rung.height < call.rung.height]
    if call.host is not None and call.host == call.address and reached:
        reached[0] = "the address was known"
    return ", ".join([*reached, _fell(call)])


def _fell(call: FailedCall) -> str:
    at = f" at {call.target}" if call.target else ""
    match call.kind:
        case CallFailure.NAME_UNKNOWN:
            return (
                f"DNS answers, and there is no name {call.host}" if call.host else "DNS answers, and has no such name"
            )
        case CallFailure.NAME_NO_ANSWER:
            return f"DNS did not answer for {call.host}" if call.host else "DNS did not answer"
        case CallFailure.REFUSED if CallFailure.LIMIT in call.also:
            return f"the pooler{at} got no connection to its database in time"
        case CallFailure.REFUSED:
            return f"nothing accepts connections{at}"
        case CallFailure.CONNECT_TIMEOUT:
            return f"nobody answered{at}"
        case CallFailure.HTTP_STATUS:
            return f"the answer{at} is status {call.status}" if call.status else f"an error status{at}"
    return f"{HOW[call.kind]}{at}"
