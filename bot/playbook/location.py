"""Where the playbooks that come with the program are."""

from __future__ import annotations

from pathlib import Path


def default_playbooks() -> Path:
    """Beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "playbooks"
    return beside if beside.is_dir() else package / "_playbooks"
