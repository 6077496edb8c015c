"""Reads a paste from a file or standard input, and follows it to what it names."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from bot.cli.hiding import site_boundary
from bot.domain.errors import UsageError
from bot.engine.match.decode import decode

if TYPE_CHECKING:
    from bot.domain.diagnosis import Diagnosis
    from bot.playbook.loaded import PlaybookSet

MAX_BYTES = 64 * 1024 * 1024


def read_paste(name: str) -> str:
    """The text of a file, or of standard input for `-`. Raises `UsageError` or `PasteRejected` with what to do."""
    if name == "-":
        if sys.stdin.isatty():
            sys.stderr.write("Paste the error, then press Ctrl-D.\n")
        return decode(sys.stdin.buffer.read(MAX_BYTES + 1))
    path = Path(name)
    try:
        with path.open("rb") as file:
            return decode(file.read(MAX_BYTES + 1))
    except IsADirectoryError as exc:
        raise UsageError(f"{name} is a directory.", "Name a file, or - for standard input.") from exc
    except FileNotFoundError as exc:
        raise UsageError(f"There is no file {name}.", "Name a file that exists, or - for standard input.") from exc
    except PermissionError as exc:
        raise UsageError(f"{name} may not be read.", "Change its permissions, or paste it on standard input.") from exc
    except OSError as exc:
        raise UsageError(
            f"{name} cannot be read: {exc.strerror}.", "Name another file, or - for standard input."
        ) from exc


def read_once(arguments: Namespace) -> str:
    """The paste of `--paste`; standard input can be read once only."""
    if getattr(arguments, "pasted", None) is None:
        arguments.pasted = read_paste(arguments.paste)
    text: str = arguments.pasted
    return text


def follow(arguments: Namespace, playbooks: PlaybookSet) -> None:
    """Make what the paste names the subject of the question, unless another namespace was named."""
    from bot.diagnosis.following import leads, others_note  # noqa: PLC0415
    from bot.engine.match.matcher import Matcher  # noqa: PLC0415
    from bot.redaction.symptoms import redact_reading  # noqa: PLC0415

    reading = Matcher(playbooks.apps, playbooks.symptoms, checked=True).read(read_once(arguments))
    found = leads(redact_reading(reading, site_boundary().redactor()))
    if arguments.namespace:
        found = tuple(lead for lead in found if lead.namespace in ("", arguments.namespace))
    if found:
        chosen = found[0]
        arguments.app = chosen.subject
        arguments.namespace = arguments.namespace or chosen.namespace or None
        arguments.followed = others_note(found, chosen)
    else:
        arguments.could_be = {item.app: playbooks.apps[item.app].title for item in reading.symptoms}


def what_it_could_be(arguments: Namespace) -> tuple[str, str] | None:
    """Whose error a paste looks like that names nothing, and how to ask then: a message and its remedy."""
    apps: dict[str, str] = getattr(arguments, "could_be", {})
    if not apps:
        return None
    name = "-" if arguments.paste == "-" else quote(arguments.paste)
    where = f" -n {quote(arguments.namespace)}" if arguments.namespace else ""
    asked = [f"triage diagnose {app}{where} --paste {name}" for app in apps]
    message = f"This could be an error of {' or '.join(apps.values())}, and nothing in the text says whose it is."
    return message, f"If it is: {' · or: '.join(asked)}"


def with_note(diagnosis: Diagnosis, arguments: Namespace) -> Diagnosis:
    """The diagnosis with a word about what else the paste names."""
    note = getattr(arguments, "followed", "")
    return replace(diagnosis, notes=(*diagnosis.notes, note)) if note else diagnosis
