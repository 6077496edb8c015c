"""The supply chain: locks with hashes, licences on the list, a bill of materials, an image without tools."""

from __future__ import annotations

import re

import pytest

from tests.supply.licences import is_allowed, licence_of
from tests.supply.locks import ROOT, changes, locked
from tests.supply.sbom import KINDS, document, taken_away

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["run", "sandbox", "dev", "build"])
def test_every_package_is_locked_with_the_hashes_of_its_files(name: str) -> None:
    found = locked(name)
    assert found
    assert [one.name for one in found if not one.hashes] == []
    assert len({(one.name, one.marker) for one in found}) == len(found)


def test_the_image_takes_wheels_of_the_lock_only_and_leaves_no_installer() -> None:
    assert "--require-hashes --only-binary :all: --requirement run.txt" in DOCKERFILE
    assert "pip" in taken_away(DOCKERFILE)
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert not re.search(r"\b(?:pip install|apt-get|gcc|curl|wget)\b", last)
    assert "rm -rf /usr/local/bin/pip* /usr/local/lib/python3.13/site-packages/pip*" in last, "the base brings pip"
    assert re.search(r"^USER 65532$", last, re.MULTILINE)


@pytest.mark.parametrize("name", sorted({one.name for one in locked("run")}))
def test_the_licence_of_what_is_shipped_is_on_the_list(name: str) -> None:
    licence = licence_of(name)
    if not licence:
        pytest.skip("not installed on this platform")
    assert is_allowed(licence), f"{name}: {licence}; a new licence is a decision (tests/supply/licences.py)"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True), ("Apache-2.0 OR BSD-2-Clause", True), ("Apache-2.0 AND MIT", True), ("GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False), ("GPL-2.0-only OR MIT", True), ("Proprietary", False), ("", False),
        ("AGPL-3.0-or-later", False), ("BUSL-1.1", False),
    ],
)  # fmt: skip
def test_what_the_list_allows(expression: str, allowed: bool) -> None:
    assert is_allowed(expression) is allowed


@pytest.mark.parametrize("kind", KINDS)
def test_the_bill_of_materials_names_everything_and_is_reproducible(kind: str) -> None:
    made = document(kind)
    assert made == document(kind)
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", made["serialNumber"])
    gone = taken_away(DOCKERFILE) if kind == "image" else frozenset()
    named = {one["name"] for one in made["components"] if one["purl"].startswith("pkg:pypi/")}
    assert named == {one.name for one in locked("run")} - gone
    assert {one["ref"] for one in made["dependencies"]} == {made["metadata"]["component"]["bom-ref"]}
    assert sorted(made["dependencies"][0]["dependsOn"]) == sorted(one["bom-ref"] for one in made["components"])
    assert ("pkg:docker/python" in str(made["components"])) is (kind == "image")


def test_a_refresh_of_the_locks_says_what_it_changed() -> None:
    hashed = "    --hash=sha256:" + "a" * 64
    other = "    --hash=sha256:" + "b" * 64
    before = f"one==1.0 \\\n{hashed}\ntwo==1.0 ; python_version < '3.12' \\\n{hashed}\nthree==3 \\\n{hashed}\n"
    after = f"four==4 \\\n{hashed}\none==1.1 \\\n{hashed}\nthree==3 \\\n{other}\n"
    assert [*changes(before, after)] == [
        "+ four 4",
        "one 1.0 -> 1.1",
        "! three 3: files that were there have other hashes or are gone",
        "- two 1.0",
    ]
    assert [*changes(before, before)] == []
