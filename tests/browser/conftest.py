"""One browser for all tests here, and a sandbox and a tab of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.start import Sandbox
from tests.browser.chromium import Chromium, Page, chromium, find_chromium
from tests.browser.sandbox import running_sandbox


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = find_chromium()
    if program is None:
        pytest.fail("These tests need Chromium on PATH (Debian: apt-get install chromium).")
    with chromium(program, tmp_path_factory.mktemp("chromium")) as running:
        yield running


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox() as running:
        yield running


@pytest.fixture
def page(browser: Chromium, sandbox: Sandbox, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Page]:
    """The sandbox's page. Leaves a picture of its end in the test's temporary directory; its console must be quiet."""
    with browser.page(sandbox.address) as shown:
        shown.until("document.querySelector('.chip') && !document.querySelector('#banner:not([hidden])')")
        yield shown
        shown.picture(tmp_path / f"{request.node.name}.png")
        assert shown.complaints == []
