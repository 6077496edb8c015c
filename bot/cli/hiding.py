"""The redaction boundary of the command line: with the site's own rules, where they are set.

Used by commands that print what people pasted or what servers said. Without site rules nothing but the built-in ones is
loaded, so that `triage match` starts at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errors import TriageError
from bot.settings.quick import may_be_set

if TYPE_CHECKING:
    from bot.redaction import Boundary


def site_boundary() -> Boundary:
    """The boundary that the settings ask for. Raises `ConfigurationError` and `FilesRejected`."""
    from bot.redaction import Boundary  # noqa: PLC0415 - pydantic models cost time to build

    if not may_be_set("TRIAGE_REDACTION", "TRIAGE_HIDE_PERSONAL_DATA"):
        return Boundary()
    from bot.bootstrap.narration import build_boundary  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415 - costs 50 ms

    return build_boundary(load_settings())


def safe_boundary() -> Boundary:
    """The same for errors, which must be told even where the site's rules are what is wrong. Raises nothing of ours."""
    from bot.redaction import Boundary  # noqa: PLC0415

    try:
        return site_boundary()
    except TriageError:
        return Boundary()
