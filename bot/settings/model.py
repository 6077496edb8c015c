"""Settings of the language model, which only words things. Unset, there is none."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from bot.settings.unit import unit


class ModelPart(BaseSettings):
    """The model's endpoint and its limits."""

    model_url: str | None = Field(default=None, validation_alias="TRIAGE_MODEL_URL")
    """Address of an OpenAI-compatible API, up to before `/chat/completions` (`https://api.openai.com/v1`,
    `http://ollama:11434/v1`). Unset: no model takes part in anything, and nothing is sent anywhere."""
    model_name: str | None = Field(default=None, validation_alias="TRIAGE_MODEL")
    """Name of the model, as the API knows it. Needed with an address."""
    model_key: SecretStr | None = Field(default=None, validation_alias="TRIAGE_MODEL_KEY")
    """The API's key; best from a file (`TRIAGE_MODEL_KEY_FILE`). Unset: none is sent."""
    model_language: str = Field(default="en", validation_alias="TRIAGE_MODEL_LANGUAGE")
    """Language of the model's words: `en`, `de`, `es`, `fr`, `it`, `nl` or `pt`. Whatever is not English stands beside
    the statements that it translates, and only its numbers, names and negations are compared."""
    model_personal_data: bool = Field(default=False, validation_alias="TRIAGE_MODEL_PERSONAL_DATA")
    """Send e-mail addresses, phone numbers, card numbers and IBANs to the model. Unset, marks stand for them."""
    model_seconds: float = Field(
        default=60, gt=0, le=600, validation_alias="TRIAGE_MODEL_SECONDS", json_schema_extra=unit("seconds")
    )
    """Longest time for one question, retries included. Nobody waits for it: the answer without words comes first."""
    model_daily_tokens: int = Field(
        default=1_000_000, ge=0, validation_alias="TRIAGE_MODEL_DAILY_TOKENS", json_schema_extra=unit("tokens")
    )
    """Tokens per day (UTC), in and out; 0: no limit. About 500 explanations by default."""
    model_daily_money: float = Field(
        default=5, ge=0, validation_alias="TRIAGE_MODEL_DAILY_MONEY", json_schema_extra=unit("currency of the prices")
    )
    """Money per day (UTC); 0: no limit. Counts only where prices are set."""
    model_price_in: float = Field(
        default=0, ge=0, validation_alias="TRIAGE_MODEL_PRICE_IN", json_schema_extra=unit("money per million tokens")
    )
    """Price of what is sent; 0 for a model of one's own."""
    model_price_out: float = Field(
        default=0, ge=0, validation_alias="TRIAGE_MODEL_PRICE_OUT", json_schema_extra=unit("money per million tokens")
    )
    """Price of what is answered."""
