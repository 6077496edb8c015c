"""The redaction boundary: secrets in text become typed, stable tokens (`‹aws-key:1›`) before the text goes anywhere.

Start reading at `boundary.py`.
"""

from bot.triage.redact.boundary import Boundary, load_site_rules
from bot.triage.redact.redactor import Hidden, Redactor

__all__ = ["Boundary", "Hidden", "Redactor", "load_site_rules"]
