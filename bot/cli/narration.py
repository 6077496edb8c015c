"""`triage diagnose --explain` and `triage playbooks draft`: what a language model words on the command line.

Called by `commands`. Loads the model's client only here; without a configured model both say so
before anything is read.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.hiding import safe_boundary
from bot.cli.output import print_json, print_text, progress
from bot.cli.paste import read_paste
from bot.domain.errors import ConfigurationError, ModelError, UsageError

if TYPE_CHECKING:
    from bot.domain.diagnosis import Diagnosis
    from bot.narration.ports import BudgetStore
    from bot.narration.service import Drafted, Explanation, Wording
    from bot.playbook.loaded import PlaybookSet
    from bot.redaction import Boundary
    from bot.settings import Settings


def need_wording() -> Wording:
    """The configured model's part. Raises `ConfigurationError` when there is none."""
    from bot.bootstrap.narration import build_boundary, build_wording  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings()
    boundary = build_boundary(settings)
    wording = build_wording(settings, boundary, _budget(settings, boundary))
    if wording is None:
        raise ConfigurationError(
            "No language model is configured.",
            "Set TRIAGE_MODEL_URL and TRIAGE_MODEL, or do without: nothing needs it.",
        )
    return wording


def _budget(settings: Settings, boundary: Boundary) -> BudgetStore | None:
    """The database's where a day has a limit, which then holds for all commands and the bot together."""
    if settings.model_url is None or not (settings.model_daily_tokens or settings.model_daily_money):
        return None
    from bot.bootstrap.storage import open_storage  # noqa: PLC0415 - half a second

    return open_storage(settings, lambda: datetime.now(UTC), boundary).budget


def explain(wording: Wording, diagnosis: Diagnosis, *, show_sent: bool = False) -> Explanation | None:
    """The diagnosis in plain words. A model that fails is a note on standard error, and changes nothing."""
    from bot.diagnosis.text_report import safe  # noqa: PLC0415 - `playbooks draft` needs no report

    progress(f"Asking {wording.model} to put it in plain words")
    try:
        explanation = wording.explanation(diagnosis)
    except ModelError as error:
        sys.stderr.write(f"triage: no explanation: {safe_boundary().text(str(error))}\n")
        if show_sent and error.answer:
            answer = safe_boundary().text(error.answer)
            sys.stderr.write(f"triage: the model answered, which nobody has checked: {safe(answer)}\n")
        return None
    if not explanation.sentences:
        sys.stderr.write(f"triage: no explanation: {explanation.why_nothing()}.\n")
    return explanation


def draft(arguments: Namespace, playbooks: PlaybookSet) -> int:
    """`triage playbooks draft`: a checked draft, printed or written into a directory."""
    app = _app(arguments.app, playbooks)
    target: Path | None = arguments.into
    if target is not None and not target.is_dir():
        raise UsageError(f"There is no directory {target}.", "Make it first, or leave out --into to print the draft.")
    wording = need_wording()
    text = read_paste(arguments.file)
    progress(f"Asking {wording.model} for a draft")
    found = wording.draft(text, app, playbooks)
    if target is not None:
        _write(found, target)
    if arguments.output == "json":
        print_json(_json(found))
    elif target is None:
        print_text(_text(found))
    return 0


def _app(wanted: str | None, playbooks: PlaybookSet) -> str:
    known = sorted(playbooks.apps)
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted not in playbooks.apps:
        said = "Which app is it an error of?" if wanted is None else f"There is no app “{wanted}” in the playbooks."
        raise UsageError(said, f"Name one with --app: {', '.join(known)}.")
    return str(wanted)


def _files(found: Drafted) -> tuple[tuple[str, str], ...]:
    made = found.draft
    return (Path(made.name).name, made.playbook), (Path(made.cases_name).name, made.cases)


def _write(found: Drafted, target: Path) -> None:
    """Both files, or a refusal before either: nothing is overwritten."""
    for name, _ in _files(found):
        if (target / name).exists():
            raise UsageError(f"{target / name} is already there.", "Move it away, or name another directory.")
    for name, content in _files(found):
        try:
            with (target / name).open("x", encoding="utf-8") as file:
                file.write(content)
        except OSError as exc:
            message = f"{target / name} cannot be written: {exc.strerror}."
            raise UsageError(message, "Name a directory that you may write.") from exc
        sys.stderr.write(f"Wrote {target / name}.\n")


def _text(found: Drafted) -> str:
    parts = [f"# file: {name}\n{content}" for name, content in _files(found)]
    return "\n".join([*parts, f"# Drafted by {found.participation.model}. Review it, and move it beside the others."])


def _json(found: Drafted) -> dict[str, Any]:
    from bot.narration.report import participation_json  # noqa: PLC0415

    files = [{"name": name, "content": content} for name, content in _files(found)]
    return {"schema": "triage/v1", "id": found.draft.id, "files": files, **participation_json(found.participation)}
