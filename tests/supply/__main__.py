"""`python -m tests.supply sbom FOLDER`, or `python -m tests.supply changes OLD_FOLDER` after a refresh of the locks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bot.version import VERSION
from tests.supply.locks import LOCKS, changes
from tests.supply.sbom import KINDS, document


def main(what: str, folder: Path) -> None:
    if what == "sbom":
        folder.mkdir(parents=True, exist_ok=True)
        for kind in KINDS:
            place = folder / f"triage-{VERSION}-{kind}.cdx.json"
            place.write_text(json.dumps(document(kind), indent=1) + "\n", encoding="utf-8")
            print(place)
        return
    for lock in sorted(LOCKS.glob("*.txt")):
        before = folder / lock.name
        if before.is_file():
            found = [*changes(before.read_text(encoding="utf-8"), lock.read_text(encoding="utf-8"))]
            print(f"{lock.name}: " + ("nothing changed" if not found else ""))
            print("".join(f"  {line}\n" for line in found), end="")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
