"""Makes the redaction boundary and, where one is configured, the language model. Apart from `program`: the command line
needs them without Slack, and loads httpx only with a model.
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from bot.domain.errors import ConfigurationError
from bot.redaction import Boundary, load_site_rules

if TYPE_CHECKING:
    from bot.adapters.llm.client import ModelSettings
    from bot.narration.ports import BudgetStore
    from bot.narration.service import Wording
    from bot.runtime.measures import Measures
    from bot.settings import Settings
    from bot.settings.quick import QuickSettings


def build_boundary(settings: Settings | QuickSettings) -> Boundary:
    """The one boundary of this process. Raises `FilesRejected` with every mistake in the site's rules."""
    return Boundary(load_site_rules(settings.redaction), hides_personal_data=settings.hide_personal_data)


def build_wording(
    settings: Settings, boundary: Boundary, budget: BudgetStore | None = None, measures: Measures | None = None
) -> Wording | None:
    """The model's part, or None when no model is configured. `budget`: the store's, where a process has a store open;
    without one, what it costs is forgotten when the process ends. `measures` counts what becomes of questions.

    Sends nothing. Raises `ConfigurationError` when only half of the model is configured, or in a language that cannot
    be compared.
    """
    if settings.model_url is None and settings.model_name is None:
        return None
    if settings.model_url is None or settings.model_name is None:
        missing = "TRIAGE_MODEL_URL" if settings.model_url is None else "TRIAGE_MODEL"
        raise ConfigurationError(f"The model is half configured: {missing} is missing.", "Set both, or neither.")
    from bot.adapters.llm.client import ChatModel  # noqa: PLC0415 - httpx costs a fifth of a second
    from bot.narration.budget import MemoryBudget  # noqa: PLC0415
    from bot.narration.entailment.languages import LANGUAGES  # noqa: PLC0415
    from bot.narration.service import Wording  # noqa: PLC0415
    from bot.runtime.measures import Measures  # noqa: PLC0415

    if settings.model_language not in LANGUAGES:
        said = f"TRIAGE_MODEL_LANGUAGE is {settings.model_language}, whose negations this program does not know."
        raise ConfigurationError(said, f"Set one of: {', '.join(LANGUAGES)}.")
    model = ChatModel(_model_settings(settings, settings.model_url, settings.model_name), budget or MemoryBudget())
    count = (measures or Measures()).model_answer
    return Wording(
        model,
        boundary,
        lambda: token_hex(12),
        language=LANGUAGES[settings.model_language],
        personal_data=settings.model_personal_data,
        count=count,
    )


def _model_settings(settings: Settings, url: str, name: str) -> ModelSettings:
    from bot.adapters.llm.client import ModelSettings  # noqa: PLC0415 - httpx costs a fifth of a second

    return ModelSettings(
        url=url,
        model=name,
        key=settings.model_key.get_secret_value() if settings.model_key else "",
        price_in=settings.model_price_in,
        price_out=settings.model_price_out,
        daily_tokens=settings.model_daily_tokens,
        daily_money=settings.model_daily_money,
        read_seconds=settings.model_seconds,
        total_seconds=settings.model_seconds,
    )
