"""Takes the README's pictures again: `python -m tests.browser.picture`. Not a test; run it when the card changes."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bot.sandbox.start import prepare
from tests.browser.chromium import Page, chromium, find_chromium
from tests.browser.sandbox import running_sandbox

IMAGES = Path(__file__).parents[2] / "deploy" / "images"
THREAD = "document.querySelector('#thread').innerText"


def main() -> int:
    """Paste the first example, look at the fix, press it, and save what is to be seen each time."""
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
        prepare(sandbox)
        page.resize(1280, 800)
        page.reload()
        page.until(f"{THREAD}.includes('Raise memory')", patience=3)
        _take(page, "card")
        page.click("#thread .button", "Raise memory")
        page.until("document.querySelector('dialog[open]')?.innerText.includes('limits.memory')")
        _take(page, "preview")
        page.click("dialog .button", "Apply")
        page.until("document.querySelector('dialog[open]')?.innerText.includes('Applied to')")
        page.click("dialog .button", "Close")
        page.until(f"{THREAD}.includes('Fixed · ')", patience=5)
        _take(page, "fixed")
    return 0


def _take(page: Page, name: str) -> None:
    page.until("document.getAnimations().length === 0")
    path = page.picture(IMAGES / f"{name}.png")
    sys.stdout.write(f"{path}: {path.stat().st_size // 1024} KB\n")


if __name__ == "__main__":
    sys.exit(main())
