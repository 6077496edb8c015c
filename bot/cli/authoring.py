"""`triage playbooks init` and `try`: begin a playbook for an app, and see what its causes say about a real view."""

from __future__ import annotations

import re
from argparse import Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.output import SCHEMA, print_json, print_text
from bot.cli.playbooks import chosen, load
from bot.domain.errors import UsageError

if TYPE_CHECKING:
    from bot.domain.diagnosis import Diagnosis

INIT = (
    "Writes the first files of a playbook: the app with one component, and one error with its cases. They pass "
    "`playbooks check` as they are; replace the examples by what is true."
)
TRY = (
    "Diagnoses as `triage diagnose` does, and shows for each cause of your own playbooks every condition with what was "
    "seen: on a snapshot, or on the cluster."
)
_ID = re.compile(r"[a-z][a-z0-9_-]{0,79}")


def add(commands: _SubParsersAction[Any], subject: Callable[[Any], None], diagnosis: Callable[..., Diagnosis]) -> None:
    """Register both below `triage playbooks`. `subject` adds the arguments that say what to look at."""
    init = commands.add_parser("init", help="write the first files for an app", description=INIT)
    init.add_argument("name", metavar="NAME", help="the app's id, as people will type it: small letters, digits, -")
    init.add_argument(
        "--into", type=Path, default=Path("my-playbooks"), metavar="DIR", help="where (default: my-playbooks)"
    )
    init.set_defaults(run=playbooks_init)
    trying = commands.add_parser("try", help="see what your causes say about a snapshot", description=TRY)
    subject(trying)
    trying.add_argument("--cause", metavar="ID", help="this cause only, also one of the program's")
    trying.set_defaults(run=lambda arguments: playbooks_try(arguments, diagnosis))


def playbooks_init(arguments: Namespace) -> int:
    """`triage playbooks init`: never overwrites a file."""
    app = arguments.name
    if not _ID.fullmatch(app):
        raise UsageError(f"“{app}” cannot be the id of an app.", "Use small letters, digits, - and _.")
    if app in load(None, quick=True).apps:
        raise UsageError(f"There is an app {app} already.", "`triage playbooks list` shows it; choose another id.")
    folder = arguments.into / app
    files = {folder / name: text.replace("@APP@", app) for name, text in FILES.items()}
    there = [str(path) for path in files if path.exists()]
    if there:
        raise UsageError(f"{there[0]} is there already.", "Choose another --into, or move it away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise UsageError(f"{folder} cannot be written ({exc.strerror}).", "Choose another --into.") from exc
    written = "\n".join(f"  {path}" for path in files)
    print_text(
        f"Written:\n{written}\n\nNow replace the examples, then:\n"
        f"  triage playbooks check {arguments.into}\n"
        f"  triage diagnose {app} -n {app} --playbooks {arguments.into}\n"
        f"`triage playbooks facts` lists what conditions may name."
    )
    return 0


def playbooks_try(arguments: Namespace, diagnosis: Callable[..., Diagnosis]) -> int:
    """`triage playbooks try`: 0 whatever the causes say."""
    from bot.diagnosis.trying import trials_json, trials_text, try_causes  # noqa: PLC0415

    places = chosen(arguments.playbooks)
    if not places.own and arguments.cause is None:
        raise UsageError("Which causes?", "Name your playbooks with --playbooks DIR, or one cause with --cause ID.")
    playbooks = load(arguments.playbooks, quick=True)
    if arguments.app not in playbooks.apps:
        known = ", ".join(sorted(playbooks.apps))
        raise UsageError(f"There is no app “{arguments.app}” in the playbooks.", f"Say one of these: {known}.")
    found = diagnosis(arguments)
    trials = try_causes(playbooks, found, places.own_files(), arguments.cause)
    if not trials:
        which = f"There is no cause {arguments.cause}" if arguments.cause else "Your playbooks have no cause"
        raise UsageError(f"{which} for {arguments.app}.", "`triage playbooks list` names the causes of each app.")
    if arguments.output == "json":
        print_json({"schema": SCHEMA, "verdict": found.verdict.value, "tried": trials_json(trials)})
    else:
        print_text(f"{found.headline}\n\n{trials_text(trials)}")
    return 0


APP = """\
schema: triage/playbook/v1
kind: app
id: @APP@
title: @APP@
description: What @APP@ is, and how its parts talk to each other.
namespaces: [@APP@, "@APP@-*"]   # where it is looked for when nobody names a namespace

components:
  api:
    label: API                   # how people call it
    find:                        # tried in order; all that is given in one line must hold
      - labels: {app: api}
      - name: "*api*"
    port: 8080
    health: /health
"""
SYMPTOM = """\
schema: triage/playbook/v1
kind: symptom
app: @APP@
id: request_failed
title: A request failed
description: What the error says, who writes it, and when.
severity: critical
source: api
signatures:
  - id: message
    pattern: 'request (?P<number>[0-9]+) failed: (?P<reason>[^\\n]+)'   # RE2; named groups become fields
    unless: ['cancelled by the caller']                               # then it is not ours
caused_by:
  - breaks: api                  # any confirmed cause that stops the API explains it
causes:
  - id: wrong-release
    title: the API runs a release with a known defect
    sentence: "The API runs {api.image.tag}, which is known to fail."
    confirm:
      all:
        - {fact: symptoms.request_failed.present, op: is_true}
        - {fact: api.image.tag, op: version_in, value: "<1.2.0"}
    separated_by: [api.workload]
    remedies:
      - {id: update-api, kind: advice, title: Update the API to 1.2.0 or later}
"""
CASES = """\
schema: triage/playbook/v1
kind: cases
pastes:
  - name: the message itself
    text: "10:02:11 request 4711 failed: upstream timed out"
    expect: match
    fields: {number: "4711"}
    count: 1
  - name: somebody gave up
    text: "10:02:12 request 4712 failed: cancelled by the caller"
    expect: none
causes:
  - name: a release with the defect
    symptoms: [request_failed]
    facts: {api.image.tag: "1.1.9"}
    confirmed: [wrong-release]
  - name: a release without it
    symptoms: [request_failed]
    facts: {api.image.tag: "1.2.0"}
    ruled_out: [wrong-release]
  - name: a version that cannot be seen confirms nothing
    symptoms: [request_failed]
    gaps: {api.image.tag: forbidden}
    unknown: [wrong-release]
"""
FILES = {"app.yaml": APP, "request-failed.yaml": SYMPTOM, "request-failed.test.yaml": CASES}
