"""Socket Mode: hands each payload to one of the bot's connections, waits for its acknowledgement, retries events.

Called by the people's actions (`send`, from any thread) and by the server's WebSocket handler (everything else, on the
server's event loop). It knows nothing of what the payloads mean; the sender says what follows an acknowledgement.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.sandbox.workspace.state.changes import Changes, WorkspaceChange

Json = dict[str, Any]

MAX_CONNECTIONS = 10
CONNECTION_SECONDS = 18_060
REMEMBERED = 10_000  # the latest attempts; a workspace may run for weeks


class Outlet(Protocol):
    """Where frames go: one WebSocket."""

    async def send_json(self, data: Any) -> None:
        """Send one frame. Raises ConnectionError when the other side has gone."""

    async def close(self) -> Any:
        """Close the connection."""


@dataclass(eq=False)
class Connection:
    """One open Socket Mode connection. `leaving` after a disconnect frame: used only when no other is left."""

    number: int
    outlet: Outlet
    leaving: bool = False


@dataclass
class Parcel:
    """One payload on its way to the bot, over all attempts.

    on_ack:     called with the response payload (or None) once it is acknowledged
    on_failure: called with `operation_timeout` or `dispatch_failed` when it is given up
    """

    kind: str
    payload: Json
    retried: bool
    on_ack: Callable[[Json | None], None]
    on_failure: Callable[[str], None]
    attempt: int = 0
    reason: str = ""
    settled: bool = False


@dataclass
class DeliveryAttempt:
    """One attempt, for the record.

    outcome: waiting, acked, timeout, no_connection, http_error
    sent_at, settled_at: seconds of a monotonic clock; 0: not yet
    """

    envelope_id: str
    kind: str
    payload: Json
    attempt: int
    reason: str
    connection: int | None
    outcome: str = "waiting"
    sent_at: float = 0.0
    settled_at: float = 0.0


@dataclass
class _Pending:
    parcel: Parcel
    delivery: DeliveryAttempt
    timer: asyncio.TimerHandle


@dataclass
class SocketModeServer:
    """The connections of one app and what is in flight on them."""

    app_id: str
    changes: Changes
    ack_timeout_seconds: float
    retry_delays_seconds: Sequence[float]
    bound_acks: bool = False
    connections: list[Connection] = field(default_factory=list)
    deliveries: deque[DeliveryAttempt] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    in_flight: int = 0  # parcels not yet settled
    opened: int = 0  # connections so far
    _loop: asyncio.AbstractEventLoop | None = None
    _turn: int = 0
    _pending: dict[str, _Pending] = field(default_factory=dict)
    _waiting: dict[int, tuple[Parcel, asyncio.TimerHandle]] = field(default_factory=dict)
    _sends: set[asyncio.Task[None]] = field(default_factory=set)

    # ------------------------------------------------------------------ life

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run on this event loop from now on."""
        self._loop = loop

    def detach(self) -> None:
        """Stop all timers; nothing is delivered any more."""
        for pending in self._pending.values():
            pending.timer.cancel()
        for _, timer in self._waiting.values():
            timer.cancel()
        self._pending.clear()
        self._waiting.clear()
        self._loop = None

    # ------------------------------------------------------------------ connections

    async def connected(self, outlet: Outlet) -> Connection | None:
        """Greet a new connection; None (after a disconnect frame) when there are too many."""
        if len(self.connections) >= MAX_CONNECTIONS:
            await outlet.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            return None
        self.opened += 1
        connection = Connection(self.opened, outlet)
        await outlet.send_json(
            {
                "type": "hello",
                "num_connections": len(self.connections) + 1,
                "debug_info": {
                    "host": f"applink-{connection.number}",
                    "build_number": 1,
                    "approximate_connection_time": CONNECTION_SECONDS,
                },
                "connection_info": {"app_id": self.app_id},
            }
        )
        self.connections.append(connection)
        self._note_connections()
        self._hurry_undelivered()
        return connection

    def disconnected(self, connection: Connection) -> None:
        """The connection is gone; what it carried will time out."""
        if connection in self.connections:
            self.connections.remove(connection)
            self._note_connections()

    async def ask_to_leave(self, reason: str, numbers: Sequence[int] | None = None) -> None:
        """Send a disconnect frame, as Slack does every few hours; the client is expected to reconnect and close."""
        for connection in list(self.connections):
            if numbers is None or connection.number in numbers:
                connection.leaving = reason != "warning"
                await connection.outlet.send_json(
                    {"type": "disconnect", "reason": reason, "debug_info": {"host": f"applink-{connection.number}"}}
                )

    async def drop_all(self) -> None:
        """Close every connection without a word, as a network failure would."""
        for connection in list(self.connections):
            await connection.outlet.close()

    # ------------------------------------------------------------------ delivering

    def send(self, parcel: Parcel) -> None:
        """Deliver a payload. Returns at once; may be called from any thread."""
        with self.changes.lock:
            self.in_flight += 1
        if self._loop is None:
            self._settle(parcel, lambda: parcel.on_failure("dispatch_failed"))
        else:
            self._loop.call_soon_threadsafe(self._attempt, parcel)

    def acknowledged(self, connection: Connection, frame: Json) -> None:
        """A frame from the bot: the acknowledgement of an envelope; anything else is ignored as Slack does."""
        pending = self._pending.get(str(frame.get("envelope_id", "")))
        if pending is None or (self.bound_acks and pending.delivery.connection != connection.number):
            return
        del self._pending[pending.delivery.envelope_id]
        pending.timer.cancel()
        self._record(pending.delivery, "acked")
        payload = frame.get("payload")
        self._settle(pending.parcel, lambda: pending.parcel.on_ack(payload if isinstance(payload, dict) else None))

    def refused(self, envelope_id: str, reason: str) -> None:
        """Over HTTP an answer that is not 200 says at once that the payload was not taken."""
        pending = self._pending.pop(envelope_id, None)
        if pending is not None:
            pending.timer.cancel()
            self._failed(pending.parcel, pending.delivery, reason)

    def _attempt(self, parcel: Parcel) -> None:
        assert self._loop is not None
        connection = self._next_connection()
        envelope_id = secrets.token_hex(16)
        number = connection.number if connection else None
        delivery = DeliveryAttempt(envelope_id, parcel.kind, parcel.payload, parcel.attempt, parcel.reason, number)
        self.deliveries.append(delivery)
        if connection is None:
            self._failed(parcel, delivery, "no_connection")
            return
        delivery.sent_at = self._loop.time()
        timer = self._loop.call_later(self.ack_timeout_seconds, self._timed_out, envelope_id)
        self._pending[envelope_id] = _Pending(parcel, delivery, timer)
        task = self._loop.create_task(self._transmit(connection, _envelope(envelope_id, parcel)))
        self._sends.add(task)
        task.add_done_callback(self._sends.discard)
        self.changes.note(WorkspaceChange("delivery", delivery))

    async def _transmit(self, connection: Connection, envelope: Json) -> None:
        try:
            await connection.outlet.send_json(envelope)
        except ConnectionError:
            self.disconnected(connection)  # the envelope then times out, and an event is retried

    def _next_connection(self) -> Connection | None:
        """Connections take turns; one that was asked to leave is used only when there is no other."""
        usable = [each for each in self.connections if not each.leaving] or self.connections
        if not usable:
            return None
        self._turn += 1
        return usable[self._turn % len(usable)]

    def _timed_out(self, envelope_id: str) -> None:
        pending = self._pending.pop(envelope_id, None)
        if pending is not None:
            self._failed(pending.parcel, pending.delivery, "timeout")

    def _failed(self, parcel: Parcel, delivery: DeliveryAttempt, outcome: str) -> None:
        assert self._loop is not None
        self._record(delivery, outcome)
        error = "operation_timeout" if outcome == "timeout" else "dispatch_failed"
        if not parcel.retried or parcel.attempt >= len(self.retry_delays_seconds):
            self._settle(parcel, lambda: parcel.on_failure(error))
            return
        delay = self.retry_delays_seconds[parcel.attempt]
        parcel.attempt += 1
        parcel.reason = "connection_failed" if outcome == "no_connection" else outcome
        self._waiting[id(parcel)] = (parcel, self._loop.call_later(delay, self._retry, parcel))

    def _retry(self, parcel: Parcel) -> None:
        self._waiting.pop(id(parcel), None)
        self._attempt(parcel)

    def _hurry_undelivered(self) -> None:
        """What no connection was there for need not wait for its next retry."""
        for parcel, timer in list(self._waiting.values()):
            if parcel.reason == "connection_failed":
                timer.cancel()
                self._retry(parcel)

    def _settle(self, parcel: Parcel, consequence: Callable[[], None]) -> None:
        with self.changes.lock:
            parcel.settled = True
            self.in_flight -= 1
            consequence()
            self.changes.note(WorkspaceChange("settled", {"kind": parcel.kind}))

    def _record(self, delivery: DeliveryAttempt, outcome: str) -> None:
        with self.changes.lock:
            delivery.outcome = outcome
            delivery.settled_at = self._loop.time() if self._loop else 0.0
            self.changes.note(WorkspaceChange("delivery", delivery))

    def _note_connections(self) -> None:
        self.changes.note(WorkspaceChange("connections", {"count": len(self.connections)}))


def _envelope(envelope_id: str, parcel: Parcel) -> Json:
    envelope: Json = {
        "envelope_id": envelope_id,
        "type": parcel.kind,
        "payload": parcel.payload,
        "accepts_response_payload": parcel.kind != "events_api",
    }
    if parcel.kind == "events_api":
        envelope |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return envelope
