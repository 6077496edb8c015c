"""What `triage apply` knew of an outage that its fix has ended, for the `triage diagnose` that comes after it.

A cluster records the last part of an outage only: after a fix that is the fix's own rollout. So apply notes the whole
of it in the state directory, and a diagnosis that finds the app recovered tells the same times. The note is a
convenience: where it cannot be written or read, the cluster's own times are told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.diagnosis.outage import Outage, with_outage
from bot.domain.diagnosis import Diagnosis, Verdict

FILE = "outages.json"
KEPT = 50
"""Notes in the file, the newest ones."""


def note(state: Path, before: Diagnosis, until: datetime) -> None:
    """Keep that the outage which this diagnosis saw ended then."""
    noted = {**_read(state), _key(before): {
        "seen": before.collected_at.isoformat(),
        "since": before.since.isoformat() if before.since else None,
        "until": until.isoformat(),
    }}  # fmt: skip
    with suppress(OSError):
        state.mkdir(parents=True, exist_ok=True)
        fresh = state / f".{FILE}"
        fresh.write_text(json.dumps(dict(list(noted.items())[-KEPT:])), encoding="utf-8")
        fresh.replace(state / FILE)


def recalled(state: Path, diagnosis: Diagnosis) -> Diagnosis:
    """The diagnosis, with the whole outage where it finds the end of the one that is noted."""
    found = _read(state).get(_key(diagnosis))
    if diagnosis.verdict is not Verdict.RECOVERED or diagnosis.until is None or not isinstance(found, Mapping):
        return diagnosis
    with suppress(KeyError, TypeError, ValueError):
        since = found["since"]
        known = Outage(datetime.fromisoformat(found["seen"]), datetime.fromisoformat(since) if since else None)
        until = datetime.fromisoformat(found["until"])
        # What had ended before the fix was looked for, or began after it had helped, is another outage.
        another = diagnosis.until < known.seen or (diagnosis.since is not None and diagnosis.since > until)
        return diagnosis if another else with_outage(diagnosis, known, until)
    return diagnosis


def _key(diagnosis: Diagnosis) -> str:
    return f"{diagnosis.cluster}/{diagnosis.namespace}/{diagnosis.app}"


def _read(state: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((state / FILE).read_text(encoding="utf-8"))
        return dict(found) if isinstance(found, dict) else {}
    return {}
