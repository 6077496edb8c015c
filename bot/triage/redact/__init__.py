"""The redaction boundary: secrets in text become typed, stable tokens (`‹aws-key:1›`) before the text goes anywhere."""

from bot.triage.redact.redactor import Hidden, Redactor

__all__ = ["Hidden", "Redactor"]
