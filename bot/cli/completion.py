"""`triage completion`: what may come next on the command line, for bash, zsh, fish and kubectl.

The shells' scripts only ask `triage completion words`, so that all of them offer the same, and what they offer follows
from the parser itself.
"""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.cli.output import print_text
from bot.cli.playbooks import load
from bot.domain.errors import TriageError, UsageError

COMPLETION = (
    'Prints a script by which your shell completes commands and apps. bash: `eval "$(triage completion bash)"` '
    "in ~/.bashrc; zsh: the same with zsh, behind compinit in ~/.zshrc; fish: `triage completion fish | source`."
)
PLUGIN = "kubectl-triage"
"""An executable of this name makes `kubectl triage` work."""
_FILES = frozenset({"FILE", "DIR"})
_DEFAULT_DIRECTIVE = 0
_NO_FILES_DIRECTIVE = 4
"""As kubectl reads them from the last line of `kubectl_complete-triage`."""

BASH = """\
# Completion of triage for bash: eval "$(triage completion bash)"
_triage() {
    local line
    COMPREPLY=()
    while IFS= read -r line; do
        COMPREPLY+=("${line%%$'\\t'*}")
    done < <(triage completion words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o bashdefault -o default -F _triage triage
"""
ZSH = """\
#compdef triage
# Completion of triage for zsh: eval "$(triage completion zsh)", behind compinit
_triage() {
    local word meaning
    local -a found
    while IFS=$'\\t' read -r word meaning; do
        found+=("${word//:/\\\\:}${meaning:+:$meaning}")
    done < <(triage completion words -- "${(@)words[2,CURRENT]}" 2>/dev/null)
    if (( ${#found} )); then _describe triage found; else _files; fi
}
compdef _triage triage
"""
FISH = """\
# Completion of triage for fish: triage completion fish | source
function __triage_words
    set -l given (commandline --tokenize --cut-at-cursor --current-process)
    set -l begun (commandline --current-token --cut-at-cursor)
    set -l found (triage completion words -- $given[2..-1] "$begun" 2>/dev/null)
    if set --query found[1]
        printf '%s\\n' $found
    else
        __fish_complete_path "$begun"
    end
end
complete --command triage --no-files --arguments '(__triage_words)'
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@dataclass(frozen=True, slots=True)
class Candidate:
    """One word that may come next, and what it means."""

    word: str
    meaning: str = ""


def program_name() -> str:
    """How this program was called: `kubectl triage` when kubectl found it as its plugin."""
    return "kubectl triage" if Path(sys.argv[0]).name == PLUGIN else "triage"


def add(sub: _SubParsersAction[Any], build_parser: Callable[[], ArgumentParser]) -> None:
    """Register `triage completion`. Everything in it is fixed text but the words, which come from the whole parser."""
    parser = sub.add_parser("completion", help="let your shell complete commands and apps", description=COMPLETION)
    shells = parser.add_subparsers(title="shells", metavar="SHELL", required=True)
    for shell in SCRIPTS:
        one = shells.add_parser(shell, help=f"print the script for {shell}", description=COMPLETION)
        one.set_defaults(run=_print_script, shell=shell)
    words = shells.add_parser("words", description="What may come next; the scripts ask this.")
    words.add_argument("given", nargs="*", metavar="WORD", help="the words after `triage`; the last may be unfinished")
    words.set_defaults(run=lambda arguments: _print_words(arguments, build_parser()), quiet=True)


def _print_script(arguments: Namespace) -> int:
    print_text(SCRIPTS[arguments.shell].rstrip("\n"))
    return 0


def _print_words(arguments: Namespace, parser: ArgumentParser) -> int:
    lines = [f"{item.word}\t{item.meaning}" for item in candidates(parser, arguments.given, known_apps)]
    if lines:
        print_text("\n".join(lines))
    return 0


def entry_for_kubectl() -> None:
    """The console script `kubectl_complete-triage`: what kubectl asks to complete `kubectl triage …`."""
    from bot.cli.arguments import build_parser  # noqa: PLC0415 - it imports this module

    found = candidates(build_parser(), sys.argv[1:], known_apps)
    lines = [f"{item.word}\t{item.meaning}" for item in found]
    print_text("\n".join([*lines, f":{_NO_FILES_DIRECTIVE if found else _DEFAULT_DIRECTIVE}"]))


def candidates(parser: ArgumentParser, given: Sequence[str], apps: Callable[[], list[Candidate]]) -> list[Candidate]:
    """What the last of the given words may become. Empty where it may be anything, for example a file."""
    *done, current = given or [""]
    positionals = 0
    waiting: argparse.Action | None = None
    for word in done:
        if waiting is not None:
            waiting = None
            continue
        inner = _commands(parser)
        if word in inner:
            parser, positionals = inner[word], 0
        elif word.startswith("-") and word != "-":
            waiting = _takes_value(parser, word)
        else:
            positionals += 1
    found = _next(parser, current, waiting, positionals, apps)
    return [item for item in found if item.word.startswith(current)]


def _next(
    parser: ArgumentParser,
    current: str,
    waiting: argparse.Action | None,
    positionals: int,
    apps: Callable[[], list[Candidate]],
) -> list[Candidate]:
    if waiting is not None:
        return _values(waiting, apps)
    if current.startswith("-"):
        return list(_options(parser))
    action = _subcommands(parser)
    if action is not None:
        meanings = {choice.dest: choice.help or "" for choice in action._choices_actions}  # noqa: SLF001 - no public way
        return [Candidate(name, meaning) for name, meaning in meanings.items()]
    wanted = [item for item in parser._actions if not item.option_strings]  # noqa: SLF001
    return _values(wanted[positionals], apps) if positionals < len(wanted) else []


def _values(action: argparse.Action, apps: Callable[[], list[Candidate]]) -> list[Candidate]:
    if action.choices is not None:
        return [Candidate(str(choice)) for choice in action.choices]
    return apps() if action.metavar == "APP" else []


def _options(parser: ArgumentParser) -> Iterable[Candidate]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public list of its options
        for name in action.option_strings:
            if name.startswith("--"):
                yield Candidate(name, (action.help or "").replace("%%", "%"))


def _takes_value(parser: ArgumentParser, word: str) -> argparse.Action | None:
    """The option whose value comes next; None for a flag, and for `--option=value`."""
    action = parser._option_string_actions.get(word)  # noqa: SLF001
    return action if action is not None and action.nargs != 0 else None


def _subcommands(parser: ArgumentParser) -> _SubParsersAction[Any] | None:
    return next((item for item in parser._actions if isinstance(item, _SubParsersAction)), None)  # noqa: SLF001


def _commands(parser: ArgumentParser) -> dict[str, ArgumentParser]:
    action = _subcommands(parser)
    return dict(action.choices) if action is not None else {}


def known_apps() -> list[Candidate]:
    """The apps of the playbooks; none when these cannot be read, because a completion cannot complain."""
    try:
        return [Candidate(app.id, app.title) for app in load(None, quick=True).apps.values()]
    except (TriageError, UsageError, OSError):
        return []
