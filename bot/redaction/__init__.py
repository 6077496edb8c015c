"""The redaction boundary: secrets in text become typed, stable tokens (`‹aws-key:1›`) before the text goes anywhere.

Start reading at `boundary.py`.
"""

from bot.redaction.boundary import Boundary, load_site_rules
from bot.redaction.redactor import Hidden, Redactor

__all__ = ["Boundary", "Hidden", "Redactor", "load_site_rules"]
