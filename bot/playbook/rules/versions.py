"""Rules about versions: ranges and versions can be understood."""

from __future__ import annotations

from collections.abc import Iterator

from bot.playbook.app_schema import Versions
from bot.playbook.conditions import Version
from bot.playbook.rules.subject import LintedSet
from bot.yamlfile.positions import Problem


def ranges_parse(subject: LintedSet) -> Iterator[Problem]:
    """Every range is one such as `<2.7.0` or `>=1.7,<2.6`, every single version one such as `2.7.0`."""
    for file, steps, condition in subject.every(Version):
        reason = _range_refusal(condition.value)
        if reason:
            yield file.problem((*steps, "value"), reason)
    for file, steps, versions in subject.every(Versions):
        reason = _range_refusal(versions.affected)
        if reason:
            yield file.problem((*steps, "affected"), reason)
        if versions.fixed_in is not None and not _is_version(versions.fixed_in):
            yield file.problem(
                (*steps, "fixed_in"), f"`{versions.fixed_in}` is not a version; write one such as `2.7.0`"
            )


def _range_refusal(text: str) -> str | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - only some playbooks have versions

    try:
        specifiers = SpecifierSet(text)
    except InvalidSpecifier:
        return f"`{text}` is not a range of versions; write one such as `<2.7.0` or `>=1.7,<2.6`"
    return None if len(specifiers) else "the range of versions is empty; write one such as `<2.7.0`"


def _is_version(text: str) -> bool:
    from packaging.version import InvalidVersion, Version  # noqa: PLC0415 - see above

    try:
        Version(text)
    except InvalidVersion:
        return False
    return True
