"""A bill of materials in CycloneDX 1.6 (JSON), from the lock file: the same lock gives the same document.

`wheel` names what the wheel needs; `image` what is in the image: without what the Dockerfile takes away, with its base.
See https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from bot.version import VERSION
from tests.supply.licences import licence_of
from tests.supply.locks import ROOT, Pin, locked

KINDS = ("wheel", "image")
_NAMESPACE = uuid.UUID("6f1d7f6e-0f5e-5b1e-9d0c-5d3c7a1f2b34")


def document(kind: str) -> dict[str, Any]:
    """The document of the wheel or the image."""
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    gone = taken_away(dockerfile) if kind == "image" else frozenset()
    parts = [_component(pin) for pin in locked("run") if pin.name not in gone]
    if kind == "image":
        parts.append(_base(dockerfile))
    main = {
        "type": "container" if kind == "image" else "application",
        "bom-ref": f"triage@{VERSION}",
        "name": "triage",
        "version": VERSION,
        "licenses": [{"license": {"id": "Apache-2.0"}}],
    }
    known = "\n".join([kind, VERSION, *(str(one["bom-ref"]) for one in parts)])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, known)}",
        "version": 1,
        "metadata": {"component": main},
        "components": parts,
        "dependencies": [{"ref": main["bom-ref"], "dependsOn": [one["bom-ref"] for one in parts]}],
    }


def taken_away(dockerfile: str) -> frozenset[str]:
    """What the image's build uninstalls again."""
    words = re.search(r"pip uninstall --yes ((?:[\w-]+|\\|\s)+?)\s*\\?\n\s*&&", dockerfile)
    return frozenset(words[1].replace("\\", " ").split()) if words else frozenset()


def _component(pin: Pin) -> dict[str, Any]:
    """The lock names the hashes of all files that may be taken, one a platform: none of them is the package's."""
    licence = licence_of(pin.name)
    url = f"pkg:pypi/{pin.name}@{pin.version}"
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": url,
        "name": pin.name,
        "version": pin.version,
        "purl": url,
        "properties": [{"name": "triage:sha256", "value": one} for one in sorted(pin.hashes)],
    }
    if licence:
        found["licenses"] = [{"expression": licence}]
    return found


def _base(dockerfile: str) -> dict[str, Any]:
    base = re.search(r"^ARG BASE=(\S+)$", dockerfile, re.MULTILINE)
    assert base is not None
    name, _, tag = base[1].partition(":")
    url = f"pkg:docker/{name}@{tag}"
    return {"type": "container", "bom-ref": url, "name": name, "version": tag, "purl": url}
