"""Counts how far four things travel through the code: `python -m tests.support.journeys`.

A paste to its card, a view to its verdict, a press to the PATCH, a playbook file to the engine. Each is really run, in
the simulated workspace on the simulated cluster, and what is entered is counted: a file of `bot/` of which a function
is called, the simulator left out. Of the press also how many frames of ours stand on the stack when the object is sent.
"""

from __future__ import annotations

import inspect
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import TriageService
from bot.diagnosis.snapshot import decode_snapshot
from bot.engine.match.matcher import Matcher
from bot.playbook.loader import load
from bot.playbook.location import default_playbooks
from bot.sandbox.workspace.state.seed import ONCALL
from tests.scenario.slack_changing import scene
from tests.support.shipped import shipped_playbooks

BOT = Path(__file__).parents[2] / "bot"
VIEW = BOT.parent / "tests" / "views" / "chart-oom.json.gz"


@dataclass
class Journey:
    """Files of `bot/` that were entered, by their path in it; `frames`: of ours on the stack at each write."""

    files: set[str] = field(default_factory=set)
    frames: list[int] = field(default_factory=list)

    def rooms(self) -> str:
        """How many files of which rooms, the most first."""
        found = Counter(_room(name) for name in self.files)
        return ", ".join(f"{room} {count}" for room, count in found.most_common())


def _room(name: str) -> str:
    parts = Path(name).parts
    deep = 2 if parts[0] in ("adapters", "engine") and len(parts) > 2 else 1
    return "/".join(parts[:deep])


class Recorder:
    """Sees every call of every thread that is started after it was set up; keeps those within `recording`."""

    def __init__(self) -> None:
        self._now: Journey | None = None
        self._inside = f"{BOT}/"
        threading.setprofile(self._seen)
        sys.setprofile(self._seen)

    @contextmanager
    def recording(self) -> Iterator[Journey]:
        found = Journey()
        self._now = found
        try:
            yield found
        finally:
            self._now = None

    def _seen(self, frame: FrameType, event: str, _arg: Any) -> None:
        journey = self._now
        if journey is None or event != "call":
            return
        code = frame.f_code
        if code.co_filename.startswith(self._inside):
            name = code.co_filename.removeprefix(self._inside)
            # A body of a module or of a class runs when it is imported: nobody enters it.
            if code.co_flags & inspect.CO_OPTIMIZED and not name.startswith("sandbox/"):
                journey.files.add(name)
        elif code.co_name == "urlopen" and _writes(frame.f_locals):
            journey.frames.append(self._ours(frame))

    def _ours(self, frame: FrameType | None) -> int:
        count = 0
        while frame is not None:
            count += frame.f_code.co_filename.startswith(self._inside)
            frame = frame.f_back
        return count


def _writes(local: dict[str, Any]) -> bool:
    return local.get("method") == "PATCH" and "dryRun" not in str(local.get("url"))


def paste_and_press(recorder: Recorder, folder: Path) -> tuple[Journey, Journey]:
    """A paste to its card with everything that follows from it, and the press that applies its first fix."""
    with scene("api-oom-killed", folder) as made:
        with recorder.recording() as pasted:
            _, card = made.pasted()
            made.quiet()
        made.previewed(card)
        made.quiet()
        with recorder.recording() as pressed:
            made.submitted()
            made.modal(ONCALL, "Applied to deployment/api-server")
    return pasted, pressed


def view(recorder: Recorder) -> Journey:
    """A view to its verdict."""
    snapshot = decode_snapshot(VIEW.read_bytes(), VIEW.name, "onyx")
    playbooks = shipped_playbooks()
    service = TriageService(lambda: playbooks, _no_cluster)
    with recorder.recording() as found:
        service.replay(snapshot.view, TriageRequest("onyx", snapshot.view.namespace, ()))
    return found


def _no_cluster() -> Any:
    raise AssertionError("a snapshot asks no cluster")


def playbook_file(recorder: Recorder) -> Journey:
    """A folder of playbooks to what recognises their errors."""
    with recorder.recording() as found:
        playbooks = load(default_playbooks())
        Matcher(playbooks.apps, playbooks.symptoms)
    return found


def journeys(folder: Path) -> dict[str, Journey]:
    """All four, each by what it is called in ARCHITECTURE.md."""
    recorder = Recorder()
    try:
        loaded, judged = playbook_file(recorder), view(recorder)
        pasted, pressed = paste_and_press(recorder, folder)
    finally:
        threading.setprofile(None)
        sys.setprofile(None)
    return {"paste to card": pasted, "view to verdict": judged, "press to PATCH": pressed, "playbook to engine": loaded}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, journey in journeys(Path(folder)).items():
            frames = f", {max(journey.frames)} frames at the PATCH" if journey.frames else ""
            sys.stdout.write(f"{name}: {len(journey.files)} files{frames}\n    {journey.rooms()}\n")


if __name__ == "__main__":
    main()
