"""`triage apply`: a remedy from the command line, under the caller's own rights. Preview first, always.

Registered in `bot.cli.arguments`. Without --yes it changes nothing: it prints what would change and how to apply it.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.cli.outages import note
from bot.cli.output import SCHEMA, print_json, print_text
from bot.diagnosis.report import remedy_json
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.changes.actor import Actor
    from bot.changes.results import Previewed, Refusal
    from bot.changes.service import ChangeService
    from bot.diagnosis.ports import Clock
    from bot.domain.changes import Change
    from bot.domain.diagnosis import Diagnosis
    from bot.settings import Settings

APPLY = (
    "Diagnoses the app, and shows what the remedy would change: a dry run on the server with the rights of your "
    "kubeconfig. With --yes it is applied, and the same checks are run again until it has helped or time is up."
)
EXIT_CODES = (
    "exit codes: 0 fixed (or only previewed), 1 not fixed, 2 the outcome is not known, 3 refused or wrong usage"
)
FIXED, NOT_FIXED, UNKNOWN, REFUSED = 0, 1, 2, 3
_TICK_SECONDS = 1.0


def add(sub: _SubParsersAction[Any], run: Callable[[Namespace], int]) -> ArgumentParser:
    """Register `triage apply`; the caller adds the options that all commands on a cluster share."""
    parser: ArgumentParser = sub.add_parser(
        "apply", help="preview a remedy and apply it", description=APPLY, epilog=EXIT_CODES
    )
    parser.add_argument("remedy", nargs="?", metavar="REMEDY", help="id of the remedy; an unknown one lists all")
    parser.add_argument("--yes", action="store_true", help="apply it; without this, nothing is changed")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="values",
        help="a value of the remedy, e.g. memory_limit=4Gi; may be given several times",
    )  # fmt: skip
    parser.add_argument("--undo", metavar="CHANGE", help="take back this change instead (its id was printed)")
    parser.set_defaults(run=run)
    return parser


@dataclass(frozen=True, slots=True)
class Bench:
    """What the command works with. `pause` waits for so many seconds; `diagnose` asks for (app, place) again."""

    settings: Settings
    diagnose: Callable[[str, str], Diagnosis]
    clock: Clock
    pause: Callable[[float], object] = time.sleep


def utc_now() -> datetime:
    """The current time."""
    return datetime.now(UTC)


def apply(arguments: Namespace, bench: Bench, place: str | None, first: Callable[[], Diagnosis] | None) -> int:
    """Preview, and with --yes apply. `first` is the diagnosis that the remedy comes from; None for an undo."""
    from bot.changes.results import Refusal  # noqa: PLC0415 - pydantic models cost time to build

    actor = _caller()
    with _service(bench, actor.person.user) as service:
        if arguments.yes:  # what an earlier command has left behind: to finish it would change something
            service.tick(bench.clock())
        if first is None:
            return _undo(arguments, bench, service, actor)
        diagnosis = first()
        change = _offer(service, diagnosis, str(arguments.remedy or ""), place or diagnosis.namespace)
        previewed = service.preview(change.id, actor, _values(arguments.values))
        if isinstance(previewed, Refusal):
            return _refused(arguments, previewed)
        if not arguments.yes:
            _print(arguments, previewed.change, previewed, hint=_how_to_apply())
            return FIXED
        if arguments.output == "text":
            print_text(_preview_text(previewed))
        requested = service.request(previewed.change.id, actor, previewed.change.digest)
        if isinstance(requested, Refusal):
            return _refused(arguments, requested)
        code = _follow(arguments, bench, service, requested.change, previewed)
        _note_outage(bench, diagnosis, service.find(requested.change.id))
        return code


def _note_outage(bench: Bench, before: Diagnosis, change: Change | None) -> None:
    """So that the next diagnosis tells the same times."""
    from bot.domain.changes import ChangeState  # noqa: PLC0415

    if change is not None and change.state is ChangeState.FIXED and change.calm_since is not None:
        note(bench.settings.state, before, change.calm_since)


def check_usage(arguments: Namespace) -> None:
    """Raises `UsageError` when the arguments cannot be meant together."""
    if arguments.undo and (arguments.remedy or arguments.app or arguments.values):
        raise UsageError("--undo takes a change back; it needs no remedy, app or values.", "Leave them out.")
    if arguments.undo and not arguments.yes:
        raise UsageError("--undo changes the cluster.", f"To do it: triage apply --undo {arguments.undo} --yes.")
    if not arguments.undo and not (arguments.remedy and arguments.app):
        raise UsageError(
            "Which remedy, and for which app?",
            "For example `triage apply restart-api onyx`; `triage diagnose onyx -o json` names the remedies.",
        )


@contextmanager
def _service(bench: Bench, user: str) -> Iterator[ChangeService]:
    from bot.bootstrap.cli_changes import changes_with_own_rights, connect_writer  # noqa: PLC0415 - the database costs half a second
    from bot.bootstrap.narration import build_boundary  # noqa: PLC0415
    from bot.bootstrap.storage import open_storage  # noqa: PLC0415

    boundary = build_boundary(bench.settings)
    store = open_storage(bench.settings, bench.clock, boundary)
    try:
        writer = connect_writer(bench.settings, boundary)
        yield changes_with_own_rights(bench.settings, store, writer, bench.diagnose, bench.clock, user)
        writer.close()
    finally:
        store.close()


def _caller() -> Actor:
    """Who runs the command, for the audit: nobody is impersonated."""
    import pwd  # noqa: PLC0415 - not there on every system

    from bot.changes.actor import Actor  # noqa: PLC0415
    from bot.domain.changes import Person  # noqa: PLC0415

    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"uid {number}"
    return Actor(Person(user=name, name=name), place="command line", original=True)


def _offer(service: ChangeService, diagnosis: Diagnosis, wanted: str, place: str) -> Change:
    """The change for the remedy that was named. Raises `UsageError` that lists what there is, or says why not."""
    found = {remedy.id: remedy for cause in diagnosis.root_causes for remedy in cause.remedies if remedy.steps}
    if wanted not in found:
        listed = "; ".join(f"{remedy.id} ({remedy.title})" for remedy in found.values())
        nothing = f"{diagnosis.headline} Nothing that is found now can be fixed by a remedy."
        raise UsageError(f"The diagnosis offers no remedy {wanted}.", f"It offers: {listed}." if listed else nothing)
    roots = tuple(
        replace(cause, remedies=tuple(item for item in cause.remedies if item.id == wanted))
        for cause in diagnosis.root_causes
    )
    offers = service.offer(replace(diagnosis, root_causes=roots), incident_id="", details={}, place=place)
    if not offers.changes:
        why = " ".join(item.reason for item in offers.withheld)
        raise UsageError(f"{wanted} cannot be applied now. {why}".strip(), "Nothing was changed.")
    return offers.changes[0]


def _values(given: list[str]) -> dict[str, str]:
    """`--set` as a mapping. Raises `UsageError`."""
    values: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise UsageError(f"--set {text} names no value.", "Write it as --set memory_limit=4Gi.")
        values[name.strip()] = value.strip()
    return values


def _undo(arguments: Namespace, bench: Bench, service: ChangeService, actor: Actor) -> int:
    from bot.changes.results import Refusal  # noqa: PLC0415

    found = service.find(arguments.undo)
    if found is None:
        raise UsageError(f"There is no change {arguments.undo} in this database.", "`triage audit list` names them.")
    answer = service.undo(arguments.undo, actor)
    if isinstance(answer, Refusal):
        return _refused(arguments, answer)
    return _follow(arguments, bench, service, answer.change, None)


def _follow(
    arguments: Namespace, bench: Bench, service: ChangeService, change: Change, previewed: Previewed | None
) -> int:
    """Say what happens until the outcome is there; it is found out here, by this very process."""
    said = ""
    _say(f"Change {change.id}")
    try:
        while change.due_at is not None:
            if change.outcome != said:
                said = change.outcome
                _say(said)
            wait = (change.due_at - bench.clock()) / timedelta(seconds=1)
            bench.pause(min(max(wait, 0.1), _TICK_SECONDS))
            service.tick(bench.clock())
            change = service.find(change.id) or change
    except KeyboardInterrupt:
        _say(f"Stopped looking. {change.outcome} To take it back: triage apply --undo {change.id} --yes")
        raise
    _print(arguments, change, previewed, hint=_how_to_undo(change), preview=arguments.output == "json")
    return _exit_code(change)


def _exit_code(change: Change) -> int:
    from bot.changes.deps import UNCERTAIN  # noqa: PLC0415
    from bot.domain.changes import ChangeState  # noqa: PLC0415

    if change.state is ChangeState.FIXED:
        return FIXED
    return UNKNOWN if change.details.get(UNCERTAIN) else NOT_FIXED


def _refused(arguments: Namespace, refusal: Refusal) -> int:
    if arguments.output == "json":
        print_json({"schema": SCHEMA, "refused": {"code": str(refusal.code), "sentence": refusal.sentence}})
    sys.stderr.write(f"triage: {refusal.sentence}\n")
    return REFUSED


def _say(sentence: str) -> None:
    """Progress, beside the result: also in scripts, for this takes minutes and changes something."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def _print(
    arguments: Namespace, change: Change, previewed: Previewed | None, *, hint: str, preview: bool = True
) -> None:
    if arguments.output == "json":
        print_json(_as_json(change, previewed))
        return
    parts = [_preview_text(previewed) if previewed and preview else "", change.outcome, hint]
    print_text("\n".join(part for part in parts if part))


def _as_json(change: Change, previewed: Previewed | None) -> dict[str, Any]:

    rows = [
        {"target": step.write.target, "path": field.path, "before": field.before, "after": field.after}
        for step, fields in (zip(previewed.steps, previewed.fields, strict=True) if previewed else ())
        for field in fields
    ]
    return {
        "schema": SCHEMA,
        "remedy": remedy_json(change.remedy),
        "change": change.id,
        "undoes": change.undoes or None,
        "diff": rows,
        "warnings": list(previewed.warnings) if previewed else [],
        "state": change.state.value,
        "outcome": change.outcome,
    }


def _preview_text(previewed: Previewed) -> str:
    from bot.diagnosis.text_report import safe  # noqa: PLC0415

    remedy = previewed.change.remedy
    lines = [remedy.title, f"  $ {remedy.command}"]
    for step, fields in zip(previewed.steps, previewed.fields, strict=True):
        lines.append(f"  {step.write.target}")
        lines += [f"    {field}" for field in fields]
    lines += [f"  warning: {warning}" for warning in previewed.warnings]
    if remedy.note:
        lines.append(f"  {remedy.note}")
    return "\n".join(safe(line) for line in lines)


def _how_to_apply() -> str:
    words = shlex.join([word for word in sys.argv[1:] if word != "--yes"])
    return f"\nNothing was changed. To apply it: triage {words} --yes"


def _how_to_undo(change: Change) -> str:
    from bot.changes.undoing import can_be_undone  # noqa: PLC0415

    return f"To take it back: triage apply --undo {change.id} --yes" if can_be_undone(change) else ""
