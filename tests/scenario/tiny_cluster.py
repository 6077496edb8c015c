"""A cluster of a few objects behind the `ClusterWriter` port, for the tests that kill a change at every step.

Those tests run hundreds of lives; what they need of a cluster is that it counts effects, keeps marks, refuses what is
no longer as it was, and may carry out a write after its sender has died. The real writer has its own tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.changes.ports import Impersonation, Permission, Preview, Rollout
from bot.domain.changes import Write
from bot.domain.errors import ObjectChanged, ObjectGone
from bot.domain.remedies import Step, StepKind


@dataclass(frozen=True)
class Thing:
    """An object: what it says, how often that has changed, and which change wrote it last."""

    says: str
    generation: int = 1
    mark: str = ""


@dataclass(frozen=True)
class Effect:
    """One write that took effect."""

    target: str
    change_id: str
    says: str


class TinyCluster:
    """Implements `ClusterWriter`. A step's patch is `{"says": TEXT}`; a restart says its stamp."""

    cluster = "prod"

    def __init__(self, clock: Callable[[], datetime], **things: str) -> None:
        """`things`: objects by `kind_name`, and what they say."""
        self._clock = clock
        self.things = {name.replace("_", "/", 1): Thing(text) for name, text in things.items()}
        self.effects: list[Effect] = []
        self.in_flight: list[tuple[datetime, Write, str]] = []
        self.silent = False
        self.fences: set[tuple[str, str]] = set()

    def now(self) -> datetime:
        """The time of the cluster."""
        return self._clock()

    def prepare(self, step: Step, namespace: str, stamp: str) -> Write:
        says = stamp if step.kind is StepKind.RESTART else str(step.patch["says"])
        return self._write(step.target, says, namespace)

    def revert(self, write: Write, change_id: str, stamp: str) -> Write:  # noqa: ARG002  the port has it
        thing = self._thing(write.target)
        if thing.says != write.body["says"]:
            raise ObjectChanged(f"{write.target} says something else.", "Look at it.")
        assert write.before is not None
        return self._write(write.target, str(write.before["says"]), write.namespace)

    def may(self, acting_as: Impersonation | None, write: Write) -> Permission:  # noqa: ARG002  the port has it
        return Permission(allowed=True)

    def preview(self, acting_as: Impersonation | None, write: Write) -> Preview:  # noqa: ARG002  the port has it
        return Preview(write, write.before, write.body)

    def unchanged(self, write: Write) -> bool:
        self._arrive()
        return self._thing(write.target).generation == write.generation

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:  # noqa: ARG002  the port has it
        self._arrive()
        self._take_effect(write, change_id)

    def send_late(self, write: Write, change_id: str, at: datetime) -> None:
        """The request is on its way; the cluster carries it out then, if the object is as it was."""
        self.in_flight.append((at, write, change_id))

    def fence(self, acting_as: Impersonation | None, write: Write, change_id: str) -> bool:  # noqa: ARG002  the port has it
        if self._thing(write.target).mark == change_id:
            return False
        self.fences.add((write.target, change_id))
        return True

    def was_applied(self, write: Write, change_id: str) -> bool | None:
        self._arrive()
        thing = self._thing(write.target)
        if thing.mark == change_id:
            return True
        return False if thing.generation == write.generation else None

    def rollout(self, write: Write) -> Rollout:  # noqa: ARG002  the port has it
        self._arrive()
        return Rollout(done=True, sentence="Everything is up to date.")

    def edit(self, target: str, says: str) -> None:
        """Somebody changes an object by hand."""
        thing = self.things[target]
        self.things[target] = replace(thing, says=says, generation=thing.generation + 1)

    def _write(self, target: str, says: str, namespace: str) -> Write:
        self._arrive()
        thing = self._thing(target)
        kind, name = target.split("/")
        body: dict[str, Any] = {"says": says}
        return Write(
            api_version="v1", kind=kind, namespace=namespace, name=name, body=body, content_type="application/json",
            uid=target, generation=thing.generation, resource_version=str(thing.generation),
            before={"says": thing.says},
        )  # fmt: skip

    def _thing(self, target: str) -> Thing:
        if target not in self.things:
            raise ObjectGone(f"{target} is not there.", "Check again.")
        return self.things[target]

    def _take_effect(self, write: Write, change_id: str) -> None:
        thing = self._thing(write.target)
        if thing.generation != write.generation or (write.target, change_id) in self.fences:
            raise ObjectChanged(f"{write.target} was changed since the preview.", "Look at it again.")
        says = str(write.body["says"])
        self.things[write.target] = Thing(says, thing.generation + 1, change_id)
        self.effects.append(Effect(write.target, change_id, says))

    def _arrive(self) -> None:
        """What was in flight arrives when its time has come; what no longer fits is refused, and nobody hears it."""
        now = self._clock()
        arrived = [item for item in self.in_flight if item[0] <= now]
        self.in_flight = [item for item in self.in_flight if item[0] > now]
        for _, write, change_id in arrived:
            fenced = (write.target, change_id) in self.fences
            if self._thing(write.target).generation == write.generation and not fenced:
                self._take_effect(write, change_id)
