"""A look at what a remedy would change: a dry run on the server, in the name of the person who looks.

Before a request it fixes what would be written; afterwards it only shows what was asked for. It changes nothing in the
cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.changes import messages
from bot.changes.actor import Actor
from bot.changes.deps import SERVICES, ChangeDeps, stamp_of
from bot.changes.gates import (
    Refused,
    allowed,
    allowed_by_cluster,
    cluster_silent,
    in_state,
    look_up,
    somebody_could_agree,
)
from bot.changes.patches.diff import differences
from bot.changes.patches.digest import digest_of
from bot.changes.policy.access_request import Act
from bot.changes.ports import ClusterWriter, Impersonation, Preview
from bot.changes.results import Code, Previewed
from bot.domain.changes import Change, ChangeState, Write
from bot.domain.errors import ClusterError, ObjectChanged, ObjectGone, ParameterRefused, WriteRefused
from bot.engine.remedies.parameters import with_parameters
from bot.engine.values.address import parse_address

_S = ChangeState
_LOOKED_AT = frozenset({_S.REQUESTED, _S.APPROVED})
_PREVIEWED = frozenset({_S.OFFERED, _S.PREVIEWED})


def preview(deps: ChangeDeps, change_id: str, actor: Actor, parameters: Mapping[str, str] | None) -> Previewed:
    """The dry run. Raises `Refused`, `Overtaken` and `StoreError`."""
    change = look_up(deps, change_id, actor)
    roles = allowed(deps, change, actor, _act(change, actor)).roles
    in_state(deps, change, _PREVIEWED | _LOOKED_AT)
    if change.state in _LOOKED_AT:
        return _look_again(deps, change, actor, roles)
    change = _edited(change, parameters)
    somebody_could_agree(deps, change, actor)
    roles = allowed(deps, change, actor, Act.REQUEST).roles
    writer, writes = _prepared(deps, change)
    role = allowed_by_cluster(deps, writer, change, writes, roles, actor.person)
    steps = _dry_run(writer, change, writes, deps.authority.acting_as(role, actor.person))
    span = deps.authority.limits().offer
    expires = min(deps.clock() + span, change.offered_at + 2 * span)  # looking again keeps no old diagnosis alive
    change = deps.journal.move(
        change,
        _S.PREVIEWED,
        actor.label,
        actor.place,
        remedy=change.remedy,
        writes=tuple(writes),
        digest=digest_of(writes),
        approvals_needed=deps.authority.approvals_needed(change.remedy),
        expires_at=expires,
        due_at=expires,
    )
    return _answer(deps, change, steps)


def _act(change: Change, actor: Actor) -> Act:
    """Once somebody has asked for it, others look at it in order to approve."""
    waits = change.state in _LOOKED_AT and change.requester is not None
    return Act.APPROVE if waits and not actor.person.is_same(change.requester) else Act.REQUEST


def _edited(change: Change, parameters: Mapping[str, str] | None) -> Change:
    """The change with the person's values; not stored yet."""
    if not parameters:
        return change
    try:
        remedy = with_parameters(change.remedy, parameters)
        _leads_to_a_service(change, parameters.get("url", ""))
    except ParameterRefused as exc:
        raise Refused(Code.WRONG_VALUE, messages.words_of(exc), change=change) from exc
    return change.model_copy(update={"remedy": remedy})


def _leads_to_a_service(change: Change, url: str) -> None:
    """Raises `ParameterRefused` for a URL that leads to no Service that was seen."""
    known, address = change.details.get(SERVICES), parse_address(url, change.namespace)
    if not url or known is None or address is None or address.kind != "service":
        return  # the policy's bounds refuse what is no Service's address
    if f"{address.namespace}/{address.service}" not in known:
        said = f"There is no Service {address.service} in {address.namespace}."
        raise ParameterRefused(said, "Name one that is there, or check again.")


def _prepared(deps: ChangeDeps, change: Change) -> tuple[ClusterWriter, list[Write]]:
    try:
        writer = deps.writer_to(change.cluster)
        stamp = stamp_of(deps.clock())
        return writer, [writer.prepare(step, change.namespace, stamp) for step in change.remedy.steps]
    except (ObjectGone, ObjectChanged) as exc:
        raise Refused(Code.OBJECT_CHANGED, f"{messages.words_of(exc)} {messages.CHECK_AGAIN}", change=change) from exc
    except WriteRefused as exc:
        raise Refused(Code.CLUSTER_REFUSES, messages.words_of(exc), change=change) from exc
    except ClusterError as exc:
        raise cluster_silent(exc, change) from exc


def _dry_run(
    writer: ClusterWriter, change: Change, writes: Sequence[Write], acting_as: Impersonation | None
) -> tuple[Preview, ...]:
    try:
        return tuple(writer.preview(acting_as, write) for write in writes)
    except (ObjectGone, ObjectChanged) as exc:
        raise Refused(Code.OBJECT_CHANGED, f"{messages.words_of(exc)} {messages.CHECK_AGAIN}", change=change) from exc
    except WriteRefused as exc:
        raise Refused(Code.CLUSTER_REFUSES, f"The cluster would refuse it. {exc}", change=change) from exc
    except ClusterError as exc:
        raise cluster_silent(exc, change) from exc


def _look_again(deps: ChangeDeps, change: Change, actor: Actor, roles: Sequence[str]) -> Previewed:
    """What was asked for, for those who are to approve it."""
    try:
        writer = deps.writer_to(change.cluster)
    except ClusterError as exc:
        raise cluster_silent(exc, change) from exc
    role = allowed_by_cluster(deps, writer, change, change.writes, roles, actor.person)
    return _answer(deps, change, _dry_run(writer, change, change.writes, deps.authority.acting_as(role, actor.person)))


def _answer(deps: ChangeDeps, change: Change, steps: tuple[Preview, ...]) -> Previewed:
    """What people see of it; the same secret has the same token throughout."""
    redactor = deps.journal.boundary.redactor()
    fields = tuple(differences(step, redactor) for step in steps)
    warnings = dict.fromkeys(redactor.text(warning) for step in steps for warning in step.warnings)
    return Previewed(change, steps, fields, tuple(warnings))
