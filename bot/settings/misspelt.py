"""Variables that look as if they were ours and are not: somebody has misspelt a setting, which would be ignored.

Called by the command line at every start; builds the settings only where there is such a variable to be judged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from bot.settings.quick import DOTENV
from bot.yamlfile.spelling import nearest

PREFIX = "TRIAGE_"
_OF_A_SERVICE = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")
"""Kubernetes sets these in every pod for each Service of the namespace, and the bot's may be called `triage`."""
_ADDRESS = re.compile(r"(tcp|udp|sctp)://")


def warnings() -> list[str]:
    """One sentence for each variable with our prefix that sets nothing."""
    found = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    suspects = [name for name, value in found.items() if not _service_link(name, value)] + _in_dotenv()
    if not suspects:
        return []
    known = _known()
    return [_warning(name, known) for name in sorted(set(suspects)) if name.upper() not in known]


def _service_link(name: str, value: str) -> bool:
    if _ADDRESS.match(value):
        return True
    return _OF_A_SERVICE.search(name) is not None and name != "TRIAGE_PORT"


def _in_dotenv() -> list[str]:
    try:
        text = DOTENV.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return re.findall(rf"^\s*(?:export\s+)?({PREFIX}\w+)\s*=", text, re.MULTILINE)


def _known() -> frozenset[str]:
    from bot.settings.load import Settings  # noqa: PLC0415 - costs 130 ms, and hardly anybody has such a variable
    from bot.settings.secret_files import SUFFIX, is_secret, names_of  # noqa: PLC0415

    names: list[str] = []
    for name, field in Settings.model_fields.items():
        variables = names_of(name, field)
        names += [*variables, *(variable + SUFFIX for variable in variables if is_secret(field))]
    return frozenset(names)


def _warning(name: str, known: Iterable[str]) -> str:
    meant = nearest(name.upper(), known)
    hint = f"did you mean {meant}?" if meant else "`deploy/docs/settings.md` lists those that do."
    return f"{name} sets nothing; {hint}"
