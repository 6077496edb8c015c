"""Takes the README's picture again: `python -m tests.browser.picture`. Not a test; run it when the card changes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.browser.chromium import chromium, find_chromium
from tests.browser.sandbox import running_sandbox

PICTURE = Path(__file__).parents[2] / "deploy" / "images" / "card.png"


def main() -> int:
    """Paste the first example, open its thread, and save what is to be seen."""
    program = find_chromium()
    if program is None:
        sys.stderr.write("Chromium is not on PATH.\n")
        return 1
    with (
        tempfile.TemporaryDirectory() as profiles,
        running_sandbox() as sandbox,
        chromium(program, Path(profiles)) as browser,
        browser.page(sandbox.address) as page,
    ):
        page.resize(1240, 940)
        page.reload()
        page.click(".chip", "Connection refused")
        page.click("#composer .send")
        page.click("#messages .thread-link")
        page.until("[...document.querySelectorAll('#thread .button')].length > 1")
        page.until("document.getAnimations().length === 0")
        page.picture(PICTURE)
    sys.stdout.write(f"{PICTURE}: {PICTURE.stat().st_size // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
