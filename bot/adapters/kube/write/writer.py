"""`KubernetesWriter`: the port `bot.changes.ports.ClusterWriter` over a real API server.

Made by the wiring, used by the change service and the command line. It reads over the connection that can only GET, and
writes over one that can do little else. It decides nothing about who may do what: the cluster does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.adapters.kube.access.connection import ApiConnection
from bot.adapters.kube.access.failures import NoAnswer, api_status, shorten
from bot.adapters.kube.access.session import Deadline, RequestCounter, Session
from bot.adapters.kube.access.write_connection import WriteConnection, WriteRequest
from bot.adapters.kube.write.guarding import read_guard
from bot.adapters.kube.write.kinds import DEPLOYMENT, WritableKind, kind_of, split_target
from bot.adapters.kube.write.objects import (
    QUOTAS,
    REPLICA_SETS,
    annotations_of,
    is_unchanged,
    metadata_of,
    read_all,
    read_object,
)
from bot.adapters.kube.write.preparing import creation, deletion, patch_of, patch_write
from bot.adapters.kube.write.previewing import preview_of
from bot.adapters.kube.write.requests import attributes_of, denied, request_of, review_of
from bot.adapters.kube.write.rollout import rollout_of
from bot.adapters.kube.write.sending import FENCE_MANAGER, REVIEWS, Answered, Sender, impersonation
from bot.adapters.kube.write.surroundings import read_surroundings
from bot.adapters.kube.write.traces import fences_of, is_restart, says, says_before
from bot.changes.guard.presence import GuardFound
from bot.changes.patches.undo import CHANGE_ANNOTATION, FENCE_ANNOTATION, inverse
from bot.changes.ports import Impersonation, Permission, Preview, Rollout
from bot.domain.changes import Write
from bot.domain.errors import ClusterError, ClusterUnreachable, ObjectChanged, ObjectGone, WriteRefused
from bot.domain.remedies import Step, StepKind
from bot.redaction import Boundary

Json = Mapping[str, Any]
MAX_SENDINGS = 3
"""A write that the API server refuses because of a mere change of status is sent anew, at most this often in all."""
SEND_WITHIN_SECONDS = 45.0
"""A write leaves within this time after it was asked for, or not at all: later, somebody else may have it."""
MERGE_PATCH = "application/merge-patch+json"
FENCES = 8
"""Changes that an object remembers as given up."""
PREVIEW = "preview"
"""What stands for a change's id in a dry run."""


class KubernetesWriter:
    """Writes to one cluster. Thread-safe; `close` ends its connections.

    `timeout_seconds` bounds one write, `deadline_seconds` the reads before it; `monotonic` and `sleep` measure and wait
    in seconds. `boundary` says what a secret is: values that hold one are not written, as they would have to be kept.
    """

    def __init__(  # noqa: PLR0913 - two connections, and the bounds of their use by name
        self,
        reads: ApiConnection,
        writes: WriteConnection,
        *,
        timeout_seconds: float = 12,
        deadline_seconds: float = 10,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        boundary: Boundary | None = None,
    ) -> None:
        self.cluster = reads.cluster
        self.default_namespace = reads.default_namespace
        self._reads, self._writes = reads, writes
        self._sender = Sender(writes, timeout_seconds, monotonic)
        self._deadline_seconds = deadline_seconds
        self._monotonic, self._sleep = monotonic, sleep
        self._boundary = boundary or Boundary()

    def prepare(self, step: Step, namespace: str, stamp: str) -> Write:
        """See `ClusterWriter.prepare`."""
        kind, name = split_target(step.target)
        session = self._session()
        item = read_object(session, kind, namespace, name)
        if step.kind is StepKind.CREATE:
            if item is not None:
                raise WriteRefused(f"{step.target} exists already.", "Check again: the cause may be gone.")
            return creation(kind, namespace, name, step.patch, self._boundary.redactor())
        if item is None:
            raise _gone(step.target)
        if step.kind is StepKind.DELETE:
            return deletion(kind, namespace, item, step.patch)
        labels = ((item.get("spec") or {}).get("selector") or {}).get("matchLabels")
        patch = patch_of(step, kind, item, stamp, lambda: read_all(session, REPLICA_SETS, namespace, labels))
        return patch_write(kind, namespace, item, patch, self._boundary.redactor())

    def revert(self, write: Write, change_id: str, stamp: str) -> Write:
        """See `ClusterWriter.revert`."""
        restart = is_restart(write)
        step = Step(StepKind.RESTART, write.target) if restart else inverse(write, change_id)
        if step.kind is StepKind.PATCH:
            self._require_ours(write)
        made = self.prepare(step, write.namespace, stamp)
        if write.uid and made.uid and made.uid != write.uid:
            raise ObjectChanged(f"{write.target} was deleted and made anew since.", "Check again.")
        return made

    def may(self, acting_as: Impersonation | None, write: Write) -> Permission:
        """See `ClusterWriter.may`."""
        return self._review(acting_as, attributes_of(write), denied(acting_as, write))

    def may_patch_deployments(self, acting_as: Impersonation, namespace: str) -> Permission:
        """Whether the cluster would let this role patch any deployment of the namespace. Asked by the doctor."""
        attributes = {"namespace": namespace, "verb": "patch", "group": DEPLOYMENT.group, "resource": DEPLOYMENT.plural}
        words = f"The cluster does not let the role {acting_as.role} change deployments in {namespace}."
        return self._review(acting_as, attributes, words)

    def field_guard(self) -> GuardFound:
        """Whether the field guard is installed. Asked by the doctor."""
        return read_guard(self._session())

    def _review(self, acting_as: Impersonation | None, attributes: Mapping[str, str], denied: str) -> Permission:
        request = WriteRequest("POST", REVIEWS, headers=impersonation(acting_as), body=review_of(attributes))
        try:
            reply = self._sender.ask(request)
        except NoAnswer as exc:
            return Permission(allowed=False, reason=f"The cluster could not be asked: {exc.detail}.", known=False)
        status = api_status(reply.body)
        if reply.status == 403 and status is not None and "impersonate" in status.message:
            return Permission(
                allowed=False, reason=f"The bot may not act in this role: {shorten(status.message)}", acts=False
            )
        try:
            answer = json.loads(reply.body)["status"]
            allowed, reason = bool(answer["allowed"]), str(answer.get("reason", ""))
        except (ValueError, KeyError, TypeError):
            words = shorten(status.message) if status else f"HTTP {reply.status}"
            return Permission(allowed=False, reason=f"The cluster could not be asked: {words}.", known=False)
        return Permission(allowed=allowed, reason=reason if allowed else denied)

    def preview(self, acting_as: Impersonation | None, write: Write) -> Preview:
        """See `ClusterWriter.preview`."""
        item, answered = self._send(acting_as, write, PREVIEW, dry_run=True)
        kind = kind_of(write)
        around = read_surroundings(self._sender, impersonation(acting_as), kind, write.namespace)
        quotas, unread = self._quotas(kind, write.namespace)
        return preview_of(write, item, answered, replace(around, quotas=quotas, unread=(*around.unread, *unread)))

    def unchanged(self, write: Write) -> bool:
        """See `ClusterWriter.unchanged`."""
        return is_unchanged(write, self._read(write))

    def apply(self, acting_as: Impersonation | None, write: Write, change_id: str) -> None:
        """See `ClusterWriter.apply`."""
        self._send(acting_as, write, change_id, dry_run=False)

    def fence(self, acting_as: Impersonation | None, write: Write, change_id: str) -> bool:
        """See `ClusterWriter.fence`. Writes are sent on condition of a version, so that a new one refuses them; the
        mark stays on the object, so that a process that reads it anew before it sends refuses itself.
        """
        item = self._read(write)
        if write.creates or item is None or annotations_of(item).get(CHANGE_ANNOTATION) == change_id:
            return False
        marks = ",".join([*fences_of(item), change_id][-FENCES:])
        metadata = {
            "annotations": {FENCE_ANNOTATION: marks},
            "resourceVersion": metadata_of(item).get("resourceVersion"),
        }
        request = WriteRequest(
            "PATCH", kind_of(write).path(write.namespace, write.name), [("fieldManager", FENCE_MANAGER)],
            impersonation(acting_as), body={"metadata": metadata}, content_type=MERGE_PATCH,
        )  # fmt: skip
        try:
            self._sender.write(request, write.target, dry_run=False)
        except ClusterError:
            return False
        return True

    def was_applied(self, write: Write, change_id: str) -> bool | None:
        """See `ClusterWriter.was_applied`.

        True only when the object carries the mark of this change and says what the write says (or is gone, if it was
        to be deleted): a mark alone can be put there by anybody who may patch the object. False only when it is as it
        was. Ask when the API server must have given up the request: 15 seconds after it was sent.
        """
        item = self._read(write)
        if write.deletes:
            return item is None or metadata_of(item).get("uid") != write.uid
        if item is None:
            return False if write.creates else None
        marked = annotations_of(item).get(CHANGE_ANNOTATION) == change_id
        if marked and write.uid in ("", metadata_of(item).get("uid")) and says(write, item):
            return True
        return False if is_unchanged(write, item) or (not marked and says_before(write, item)) else None

    def rollout(self, write: Write) -> Rollout:
        """See `ClusterWriter.rollout`."""
        kind = kind_of(write)
        if not kind.has_template:
            return rollout_of(kind.kind, {})
        item = self._read(write)
        if item is None:
            raise _gone(write.target)
        return rollout_of(kind.kind, item)

    def close(self) -> None:
        """Close the connections."""
        self._reads.close()
        self._writes.close()

    def _session(self) -> Session:
        now = self._monotonic()
        self._reads.freshen(now)
        deadline = Deadline(now + self._deadline_seconds, self._monotonic)
        return Session(self._reads, deadline, RequestCounter(), self._sleep)

    def _read(self, write: Write) -> Json | None:
        return read_object(self._session(), kind_of(write), write.namespace, write.name)

    def _quotas(self, kind: WritableKind, namespace: str) -> tuple[tuple[Json, ...], tuple[str, ...]]:
        """The quotas of the namespace, and what could not be read."""
        if not kind.has_template:
            return (), ()
        try:
            return tuple(read_all(self._session(), QUOTAS, namespace)), ()
        except ClusterError as exc:
            return (), (f"resource quotas: {exc.message}".rstrip("."),)

    def _require_ours(self, write: Write) -> None:
        """The fields still are what the write made them."""
        item = self._read(write)
        if item is None:
            raise _gone(write.target)
        if not says(write, item):
            raise ObjectChanged(
                f"What this change wrote into {write.target} has been changed since.", "Look at it before you go on."
            )

    def _send(
        self, acting_as: Impersonation | None, write: Write, mark: str, *, dry_run: bool
    ) -> tuple[Json | None, Answered]:
        """Send the write against the newest version of the object, as long as that still says what it said.

        Returns the object as it was before, and the answer.
        """
        headers = impersonation(acting_as)
        refused: ObjectChanged | None = None
        began = self._monotonic()
        for _ in range(MAX_SENDINGS):
            item = self._read(write)
            if not is_unchanged(write, item) or mark in fences_of(item or {}):
                raise _changed(write, item) from refused
            if self._monotonic() - began > SEND_WITHIN_SECONDS:
                raise ClusterUnreachable(
                    f"Nothing was changed: it took too long until {write.target} could be written.", "Try again."
                )
            try:
                return item, self._sender.write(request_of(write, item, headers, mark), write.target, dry_run=dry_run)
            except ObjectChanged as exc:
                refused = exc
        raise refused or _gone(write.target)


def _gone(target: str) -> ObjectGone:
    return ObjectGone(f"{target} is not in the cluster any more.", "Check again: the cause may be gone.")


def _changed(write: Write, item: Json | None) -> ObjectGone | ObjectChanged:
    if item is None:
        return _gone(write.target)
    if write.creates:
        return ObjectChanged(f"{write.target} exists by now.", "Check again: the cause may be gone.")
    return ObjectChanged(
        f"{write.target} was changed since the preview: somebody or something else was faster.", "Look at it again."
    )
