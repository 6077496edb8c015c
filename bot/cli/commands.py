"""The commands themselves: what each does with its arguments. Each returns an exit code."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.output import print_json, print_text, progress
from bot.cli.paste import read_paste
from bot.domain.diagnosis import Verdict
from bot.domain.errors import ConfigurationError, UsageError
from bot.playbook.location import default_playbooks

if TYPE_CHECKING:
    from bot.playbook.loaded import PlaybookSet

EXIT_CODES = {Verdict.HEALTHY: 0, Verdict.RECOVERED: 0, Verdict.FAULT_FOUND: 1, Verdict.INCONCLUSIVE: 2}
FAILED = 1


def run(arguments: Namespace) -> int:
    """`triage run`: the bot."""
    from bot.bootstrap import run_bot  # noqa: PLC0415 - Slack and Kubernetes clients cost a second to import
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings(
        context=arguments.context, kubeconfig=arguments.kubeconfig, playbooks=arguments.playbooks, port=arguments.port
    )
    real_cluster = bool(arguments.context or arguments.kubeconfig)
    return run_bot(settings, real_cluster=real_cluster, say=print_text)


def match(arguments: Namespace) -> int:
    """`triage match`: symptoms in a text, offline."""
    from bot.engine.match.matcher import Matcher  # noqa: PLC0415
    from bot.triage.report import symptoms_report  # noqa: PLC0415
    from bot.triage.text_report import symptoms_text  # noqa: PLC0415

    text = read_paste(arguments.file)
    playbooks = _load(arguments.playbooks)
    if arguments.app is not None and arguments.app not in playbooks.apps:
        known = ", ".join(sorted(playbooks.apps))
        raise UsageError(f"There is no app “{arguments.app}” in the playbooks.", f"Say one of these: {known}.")
    symptoms = Matcher(playbooks.apps, playbooks.symptoms).match(text, arguments.app)
    if arguments.output == "json":
        print_json(symptoms_report(symptoms))
    else:
        print_text(symptoms_text(symptoms))
    return 0


def diagnose(arguments: Namespace) -> int:
    """`triage diagnose`: the full diagnosis on a live cluster."""
    from bot.bootstrap import connect_reader  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415
    from bot.triage.ports import NamespaceChoice, TriageRequest  # noqa: PLC0415
    from bot.triage.report import diagnosis_report  # noqa: PLC0415
    from bot.triage.service import TriageService  # noqa: PLC0415
    from bot.triage.text_report import diagnosis_text  # noqa: PLC0415

    if not arguments.timeout > 0:
        raise UsageError("--timeout must be more than 0 seconds.", "Leave it out for 20 seconds.")
    playbooks = _load(arguments.playbooks)
    service = TriageService(lambda: playbooks, lambda: reader)
    service.app(arguments.app)
    symptoms = service.match(read_paste(arguments.paste), arguments.app) if arguments.paste else ()
    settings = load_settings(kubeconfig=arguments.kubeconfig, context=arguments.context)
    reader = connect_reader(settings, deadline_seconds=arguments.timeout)
    result = service.diagnose(TriageRequest(arguments.app, arguments.namespace, symptoms), progress)
    if isinstance(result, NamespaceChoice):
        raise UsageError(
            f"{arguments.app} runs in several namespaces: {', '.join(result.namespaces)}.", "Choose one with -n."
        )
    cost = reader.cost()
    if arguments.output == "json":
        print_json(diagnosis_report(result, cost))
    else:
        print_text(diagnosis_text(result, cost, every_check=arguments.all_checks))
    return EXIT_CODES[result.verdict]


def playbooks_check(arguments: Namespace) -> int:
    """`triage playbooks check`: every mistake, then every case."""
    from bot.triage.cases import run_cases  # noqa: PLC0415

    directory = arguments.directory or arguments.playbooks
    playbooks = _load(directory)
    results = list(run_cases(playbooks))
    failed = [item for item in results if item.problems]
    if arguments.output == "json":
        rows = [{"file": item.file, "case": item.name, "problems": list(item.problems)} for item in failed]
        print_json({"schema": "triage/v1", "playbooks": len(playbooks.files), "cases": len(results), "failed": rows})
    else:
        for item in failed:
            print_text(f"{item.file}: {item.name}: {'; '.join(item.problems)}")
        passed = len(results) - len(failed)
        print_text(f"{len(playbooks.files)} playbooks, {len(results)} cases: {passed} passed, {len(failed)} failed")
    return FAILED if failed else 0


def playbooks_list(arguments: Namespace) -> int:
    """`triage playbooks list`: the catalogue."""
    from bot.triage.listing import listing, listing_text  # noqa: PLC0415

    playbooks = _load(arguments.playbooks)
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


def _load(directory: Path | None) -> PlaybookSet:
    from bot.playbook.loader import load  # noqa: PLC0415

    chosen = directory or default_playbooks()
    if not chosen.is_dir():
        raise ConfigurationError(f"There is no directory {chosen} with playbooks.", "Name one with --playbooks.")
    return load(chosen)
