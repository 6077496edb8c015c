"""Whether a setting may be set at all, without building the settings: for commands that start at once.

`pydantic_settings` and all the settings take a tenth of what a diagnosis loads, and an ordinary terminal does not need
them.

It may say yes for nothing (a settings file that says nothing of it), and then the settings themselves decide. It never
says no where they would say something.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

DOTENV = Path(".env")
"""As in `bot.settings.load`."""
_OF_A_DIAGNOSIS = (
    "TRIAGE_KUBECONFIG",
    "TRIAGE_CONTEXT",
    "TRIAGE_ALLOW_EXEC",
    "TRIAGE_DEADLINE_SECONDS",
    "TRIAGE_REDACTION",
    "TRIAGE_HIDE_PERSONAL_DATA",
)
_OF_THE_PLACE = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST")


@dataclass(frozen=True, slots=True)
class QuickSettings:
    """The settings that a diagnosis needs, with the same names, meanings and defaults as in `bot.settings.Settings`."""

    kubeconfig: str | None
    context: str | None
    allow_exec: bool
    kubernetes_service_host: str | None
    deadline_seconds: float = 20
    redaction: Path | None = None
    hide_personal_data: bool = False


def quick_settings(kubeconfig: str | None, context: str | None, *, allow_exec: bool | None) -> QuickSettings | None:
    """The settings from the command's options and from what every terminal or pod sets; None where more may be set."""
    if may_be_set(*_OF_A_DIAGNOSIS) or _in_dotenv(_OF_THE_PLACE):
        return None
    place = {name.upper(): value for name, value in os.environ.items() if value}
    return QuickSettings(
        kubeconfig=kubeconfig or place.get("KUBECONFIG"),
        context=context,
        allow_exec=bool(allow_exec),
        kubernetes_service_host=place.get("KUBERNETES_SERVICE_HOST"),
    )


def may_be_set(*variables: str) -> bool:
    """Whether the environment or `.env` mentions one of these variables, or a settings file that could set them."""
    wanted = (*variables, "TRIAGE_CONFIG")
    if any(name.upper() in wanted and value for name, value in os.environ.items()):
        return True
    return _in_dotenv(wanted)


def _in_dotenv(names: tuple[str, ...]) -> bool:
    try:
        said = DOTENV.read_text(encoding="utf-8", errors="replace").upper()
    except OSError:
        return False
    return any(name in said for name in names)
