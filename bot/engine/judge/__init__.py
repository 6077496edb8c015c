"""From facts to verdicts: conditions, hypotheses, impact, and since when something fails."""
