"""`triage playbooks`: checks, lists, describes and drafts playbooks. `bot.cli.authoring` begins and tries them."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.narration import draft
from bot.cli.output import print_json, print_text, print_warning
from bot.domain.errors import ConfigurationError, PlaybooksRejected, UsageError
from bot.playbook.location import default_playbooks
from bot.playbook.places import NO_BUILTIN, Places, parse_places
from bot.settings.quick import may_be_set
from bot.yamlfile.files import stamps

if TYPE_CHECKING:
    from bot.diagnosis.cases import CaseResult
    from bot.playbook.loaded import PlaybookSet

FAILED = 1
PLAYBOOKS = "Playbooks are the YAML files that hold the knowledge. README: “Write a playbook for another app”."
CHECK = (
    "Checks playbooks: every mistake of form and meaning, and every case, at once. Own playbooks are checked together "
    "with the ones that come with the program, which they add to."
)
DRAFT = (
    "Drafts a playbook with cases from an error that none knows, by the language model of TRIAGE_MODEL_URL. What "
    "passes `playbooks check` is printed for you to review; what does not is not shown. Secrets are taken out first."
)
FACTS = "Lists every fact that a condition or a text in braces may name, with its type and meaning."


def add(sub: _SubParsersAction[Any]) -> _SubParsersAction[Any]:
    """Register `triage playbooks` and its commands; returns where more of them can be registered."""
    parser = sub.add_parser("playbooks", help="check, list, begin and try playbooks", description=PLAYBOOKS)
    commands: _SubParsersAction[Any] = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    check = commands.add_parser("check", help="find every mistake and run every case", description=CHECK)
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="directories or files (default: all in use)")
    common(check)
    check.set_defaults(run=playbooks_check)
    check.add_argument("--redaction", type=Path, metavar="FILE", help="check this file of redaction rules too")
    facts = commands.add_parser("facts", help="what conditions may name", description=FACTS)
    facts.add_argument("words", nargs="*", metavar="WORD", help="only those that have all of these words")
    output(facts)
    facts.set_defaults(run=playbooks_facts)
    draft = commands.add_parser(
        "draft", help="let the language model draft one from an unknown error", description=DRAFT
    )
    draft.add_argument("file", nargs="?", default="-", metavar="FILE", help="the log or message; - reads stdin")
    draft.add_argument("--app", metavar="APP", help="the app it is an error of")
    draft.add_argument("--into", type=Path, metavar="DIR", help="write the two files here instead of printing them")
    common(draft)
    draft.set_defaults(run=playbooks_draft)
    listing = commands.add_parser(
        "list", help="apps, errors and causes that are known", description="Lists the catalogue."
    )
    common(listing)
    listing.set_defaults(run=playbooks_list)
    schema = commands.add_parser(
        "schema", help="JSON Schema of a playbook, for editors", description="Prints JSON Schema."
    )
    output(schema)
    schema.set_defaults(run=playbooks_schema)
    return commands


def output(parser: ArgumentParser) -> None:
    """`-o`."""
    parser.add_argument("-o", "--output", choices=("text", "json"), default="text", help="how to print (default: text)")


def own_playbooks(parser: ArgumentParser) -> None:
    """`--playbooks`."""
    parser.add_argument(
        "--playbooks",
        action="append",
        metavar="DIR",
        help="own playbooks, which add to those of the program; may be repeated or a list DIR:DIR; "
        f"{NO_BUILTIN} leaves the program's out (default: $TRIAGE_PLAYBOOKS)",
    )


def common(parser: ArgumentParser) -> None:
    """`-o` and `--playbooks`."""
    output(parser)
    own_playbooks(parser)


def playbooks_check(arguments: Namespace) -> int:
    """`triage playbooks check`: every mistake and every case that fails."""
    from bot.diagnosis.cases import run_cases  # noqa: PLC0415
    from bot.playbook.loader import examine  # noqa: PLC0415
    from bot.yamlfile.recipe import listed_problems  # noqa: PLC0415

    places, wanted = _what_to_check(arguments)
    found, problems = examine(places.read())
    broken = {problem.file for problem in problems}
    sound = tuple(file for file in found.files if not {file.name, file.cases_name} & broken)
    results = [item for item in run_cases(found, sound) if wanted is None or item.file in wanted]
    failed = [item for item in results if item.problems]
    told = [problem for problem in problems if wanted is None or problem.file in wanted]
    if told:
        lines = listed_problems(told)
        raise PlaybooksRejected((*lines, *(_failure(item) for item in failed)))
    if arguments.redaction is not None:
        from bot.redaction import load_site_rules  # noqa: PLC0415

        load_site_rules(arguments.redaction)
    names = {file.name for file in found.files}
    _report(arguments, len(names if wanted is None else names & wanted), results, _remarks(places))
    return FAILED if failed else 0


def _what_to_check(arguments: Namespace) -> tuple[Places, frozenset[str] | None]:
    """Which files to read, and the names of those to speak of; None for all of them."""
    places = chosen(arguments.playbooks)
    empty = [path for path in arguments.paths if path.is_dir() and not stamps(path)]
    if empty:
        raise UsageError(f"There is no playbook in {empty[0]}.", "Name the directory that holds them.")
    files = [path for path in arguments.paths if path.is_file()]
    folders = [str(path) for path in arguments.paths if path not in files] + [str(_root(path)) for path in files]
    both = parse_places([*map(str, places.own), *folders, *(() if places.builtin else (NO_BUILTIN,))])
    if not files:
        own = both.own_files() if both.own else None
        return both, own
    same = {path.resolve() for path in files} | {_companion(path).resolve() for path in files}
    return both, frozenset(file.name for file in both.read() if file.path.resolve() in same)


def _root(file: Path) -> Path:
    """The directory of playbooks that a single file belongs to: its folder, or the one above if that is an app's."""
    standard = default_playbooks()
    if standard.resolve() in file.resolve().parents:
        return standard
    return file.parent.parent if (standard / file.resolve().parent.name).is_dir() else file.parent


def _companion(file: Path) -> Path:
    """The case file beside a playbook, and the playbook beside a case file."""
    stem = file.name.removesuffix(".yaml")
    return file.with_name(f"{stem.removesuffix('.test')}.yaml" if stem.endswith(".test") else f"{stem}.test.yaml")


def _failure(result: CaseResult) -> str:
    return f"{result.file}: {result.name}: {'; '.join(result.problems)}"


def _report(arguments: Namespace, count: int, results: Sequence[CaseResult], remarks: Iterable[str]) -> None:
    failed = [item for item in results if item.problems]
    if arguments.output == "json":
        rows = [{"file": item.file, "case": item.name, "problems": list(item.problems)} for item in failed]
        notes = list(remarks)
        print_json({"schema": "triage/v1", "playbooks": count, "cases": len(results), "failed": rows, "notes": notes})
        return
    for item in failed:
        print_text(_failure(item))
    passed = len(results) - len(failed)
    files = "1 playbook" if count == 1 else f"{count} playbooks"
    print_text(f"{files}, {len(results)} cases: {passed} passed, {len(failed)} failed")
    for remark in remarks:
        print_text(remark)


def _remarks(places: Places) -> list[str]:
    remarks = [f"{name} stands in for the one that comes with the program." for name in places.replaced()]
    if places.own and places.builtin:
        return [*remarks, "Checked together with the playbooks that come with the program, which they add to."]
    return remarks


def playbooks_facts(arguments: Namespace) -> int:
    """`triage playbooks facts`: the catalogue of facts."""
    from bot.playbook.catalogue import FACTS as CATALOGUE  # noqa: PLC0415

    rows = [
        {
            "fact": f"{_PREFIX.get(scope, scope)}.{name}",
            "type": spec.type,
            "check": spec.check,
            "meaning": spec.description,
        }
        for scope, facts in CATALOGUE.items()
        for name, spec in facts.items()
        if scope != "dependency" or name not in CATALOGUE["workload"]
    ]
    words = [word.lower() for word in arguments.words]
    rows = [row for row in rows if all(word in f"{row['fact']} {row['meaning']}".lower() for word in words)]
    if arguments.output == "json":
        print_json({"schema": "triage/v1", "facts": rows})
        return 0
    if not rows:
        raise UsageError(f"No fact has the words “{' '.join(words)}”.", "Say fewer words, or none to see all.")
    width = max(len(row["fact"]) for row in rows)
    print_text("\n".join(f"{row['fact']:<{width}}  {row['type']:<6} {row['meaning']}" for row in rows))
    print_text(_HOW_TO_WRITE)
    return 0


_PREFIX = {
    "workload": "workload",
    "dependency": "dependency",
    "route": "route",
    "app": "app",
    "symptom": "symptoms.ID",
}
_HOW_TO_WRITE = (
    "\nIn an app's own causes write the component's or route's name for `workload`, `dependency` and `route`: "
    "`api.pods.ready`.\nA dependency has the facts of a workload too. `symptoms.ID.field.NAME` is what a named group "
    "captured."
)


def playbooks_draft(arguments: Namespace) -> int:
    """`triage playbooks draft`: a playbook from an unknown error, by the language model."""

    return draft(arguments, load(arguments.playbooks))


def playbooks_list(arguments: Namespace) -> int:
    """`triage playbooks list`: the catalogue."""
    from bot.diagnosis.listing import listing, listing_text  # noqa: PLC0415

    playbooks = load(arguments.playbooks)
    if arguments.output == "json":
        print_json(listing(playbooks))
    else:
        print_text(listing_text(playbooks))
    return 0


def playbooks_schema(_arguments: Namespace) -> int:
    """`triage playbooks schema`: JSON Schema of a playbook file."""
    from bot.playbook.json_schema import json_schema  # noqa: PLC0415

    print_json(json_schema())
    return 0


def chosen(words: Sequence[str] | None) -> Places:
    """Where `--playbooks` says that playbooks are, else where the settings say it."""
    if words:
        return parse_places(words)

    if not may_be_set("TRIAGE_PLAYBOOKS"):
        return Places()
    from bot.settings import load_settings  # noqa: PLC0415 - costs 50 ms

    return parse_places(load_settings().playbooks)


def load(words: Sequence[str] | None, *, quick: bool = False) -> PlaybookSet:
    """The playbooks to use. `quick` trusts those that come with the program: they have passed `playbooks check`.

    Own ones are always checked. Says so when the program's are left out.
    """
    from bot.playbook.loader import load_checked, parse  # noqa: PLC0415

    places = chosen(words)
    for directory in places.directories:
        if not directory.is_dir():
            raise ConfigurationError(f"There is no directory {directory} with playbooks.", "Name one with --playbooks.")
    if not places.builtin:
        print_warning("The playbooks that come with the program are left out: no generic causes, no Onyx.")
    return load_checked(default_playbooks()) if quick and places == Places() else parse(places.read())
