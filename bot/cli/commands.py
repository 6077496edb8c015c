"""The commands themselves: what each does with its arguments. Each returns an exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from bot.cli.apply import Bench, check_usage, utc_now
from bot.cli.apply import apply as apply_remedy
from bot.cli.colour import painted
from bot.cli.hiding import site_boundary
from bot.cli.narration import explain, need_wording
from bot.cli.outages import recalled
from bot.cli.output import print_json, print_text, progress
from bot.cli.paste import follow, read_once, read_paste, what_it_could_be, with_note
from bot.cli.playbooks import load
from bot.diagnosis.report import diagnosis_report
from bot.domain.diagnosis import Cost, Verdict
from bot.domain.errors import UsageError
from bot.settings.quick import quick_settings
from bot.settings.terminal import wants_colour, width

if TYPE_CHECKING:
    from bot.diagnosis.ports import ClusterReader, NamespaceChoice
    from bot.diagnosis.service import TriageService
    from bot.domain.diagnosis import Diagnosis
    from bot.domain.symptoms import Symptom
    from bot.domain.view import View
    from bot.narration.service import Wording
    from bot.settings import Settings
    from bot.settings.quick import QuickSettings

Found = TypeVar("Found")

EXIT_CODES = {Verdict.HEALTHY: 0, Verdict.RECOVERED: 0, Verdict.FAULT_FOUND: 1, Verdict.INCONCLUSIVE: 2}


def run(arguments: Namespace) -> int:
    """`triage run`: the bot."""
    from bot.bootstrap.program import run_bot  # noqa: PLC0415 - Slack and Kubernetes clients cost a second to import
    from bot.settings import load_settings  # noqa: PLC0415

    settings = load_settings(
        config=arguments.config,
        context=arguments.context,
        kubeconfig=arguments.kubeconfig,
        allow_exec=arguments.allow_exec,
        playbooks=arguments.playbooks,
        port=arguments.port,
    )
    real_cluster = bool(arguments.context or arguments.kubeconfig)
    return run_bot(settings, real_cluster=real_cluster, say=print_text)


def match(arguments: Namespace) -> int:
    """`triage match`: symptoms in a text, offline."""
    from bot.diagnosis.paste_report import paste_report, paste_text  # noqa: PLC0415
    from bot.engine.match.matcher import Matcher  # noqa: PLC0415

    text = read_paste(arguments.file)
    playbooks = load(arguments.playbooks, quick=True)
    if arguments.app is not None and arguments.app not in playbooks.apps:
        known = ", ".join(sorted(playbooks.apps))
        raise UsageError(f"There is no app “{arguments.app}” in the playbooks.", f"Say one of these: {known}.")
    reading = Matcher(playbooks.apps, playbooks.symptoms, playbooks.lines, checked=True).read(text, arguments.app)
    if reading.symptoms or reading.foreign or reading.calls or reading.mentions or reading.meanings:
        from bot.redaction.symptoms import redact_reading  # noqa: PLC0415

        reading = redact_reading(reading, site_boundary().redactor())
    titles = {app.id: app.title for app in playbooks.apps.values()}
    if arguments.output == "json":
        print_json(paste_report(reading))
    else:
        print_text(paste_text(reading, titles, "FILE" if arguments.file == "-" else arguments.file))
    return 0


def diagnose(arguments: Namespace) -> int:
    """`triage diagnose`: the full diagnosis, on a live cluster or of a snapshot."""
    wording = _wording(arguments)
    result, cost = _result(arguments)
    if arguments.output == "json":
        print_json({**diagnosis_report(result, cost), **_explanation(wording, result)})
    else:
        from bot.incidents.terminal import diagnosis_text  # noqa: PLC0415

        text = diagnosis_text(result, cost, every_check=arguments.all_checks, width=width(sys.stdout))
        print_text(painted(text) if wants_colour(sys.stdout) else text)
        _print_explanation(wording, result, arguments)
    return EXIT_CODES[result.verdict]


def _name_the_subject(arguments: Namespace) -> None:
    """What a paste names is what the question is about where nothing else is; else a namespace that is named alone."""
    if arguments.app is None and getattr(arguments, "paste", None):
        follow(arguments, load(arguments.playbooks, quick=True))
    if arguments.app is None and arguments.namespace:
        arguments.app = f"namespace/{arguments.namespace}"
    if arguments.app is None:
        remedy = "Name an app, a namespace (-n NAME) or an object (deployment/NAME -n NAMESPACE); --help says more."
        what = "What shall be diagnosed?"
        if getattr(arguments, "paste", None):
            what, remedy = what_it_could_be(arguments) or (
                f"The paste names no app that is known and no object. {what}",
                remedy,
            )
        raise UsageError(what, remedy)


def _result(arguments: Namespace) -> tuple[Diagnosis, Cost]:
    """The diagnosis that the arguments ask for, and what it cost."""
    from bot.diagnosis.ports import TriageRequest  # noqa: PLC0415

    _name_the_subject(arguments)
    if arguments.snapshot is not None:
        return _diagnose_snapshot(arguments)
    service, reader = _live_service(arguments)
    symptoms = _symptoms(service, arguments)
    found = _one(service.diagnose(TriageRequest(arguments.app, _place(arguments), symptoms), progress), arguments)
    return with_note(_with_known_outage(found), arguments), reader.cost()


def _with_known_outage(found: Diagnosis) -> Diagnosis:
    """An outage that `triage apply` has ended, as it told it; everything else as the cluster records it."""

    if found.verdict is not Verdict.RECOVERED:
        return found
    from bot.settings import load_settings  # noqa: PLC0415

    return recalled(load_settings().state, found)


def diagnosis_of(arguments: Namespace) -> Diagnosis:
    """The same for another command that shows it in its own way."""
    return _result(arguments)[0]


def view_of(arguments: Namespace) -> View:
    """What a diagnosis of the subject looks at, without secrets."""
    from bot.diagnosis.ports import TriageRequest  # noqa: PLC0415

    service, _ = _live_service(arguments)
    return _one(service.look(TriageRequest(arguments.app), progress), arguments).view


def _wording(arguments: Namespace) -> Wording | None:
    """The model's part when it is asked for. Raises `ConfigurationError` before anything is read."""
    if not arguments.explain:
        return None

    return need_wording()


def _explanation(wording: Wording | None, diagnosis: Diagnosis) -> dict[str, Any]:
    """What `--explain` adds to the JSON: a key of its own; the diagnosis stays as it is."""
    if wording is None:
        return {}
    from bot.narration.report import explanation_json  # noqa: PLC0415

    return {"explanation": explanation_json(explain(wording, diagnosis))}


def _print_explanation(wording: Wording | None, diagnosis: Diagnosis, arguments: Namespace) -> None:
    if wording is None:
        return
    from bot.narration.report import explanation_text  # noqa: PLC0415

    explanation = explain(wording, diagnosis, show_sent=arguments.show_sent)
    if explanation is not None:
        print_text("\n" + explanation_text(explanation, show_sent=arguments.show_sent))


def apply(arguments: Namespace) -> int:
    """`triage apply`: preview a remedy, and with --yes apply it, under the caller's own rights."""
    from bot.diagnosis.ports import TriageRequest  # noqa: PLC0415
    from bot.settings import load_settings  # noqa: PLC0415

    check_usage(arguments)
    service, _ = _live_service(arguments)
    settings = load_settings(kubeconfig=arguments.kubeconfig, context=arguments.context)

    def diagnose(app: str, place: str | None) -> Diagnosis:
        return _one(service.diagnose(TriageRequest(app, place), progress), arguments)

    place = _place(arguments)
    first = None if arguments.undo else lambda: diagnose(arguments.app, place)
    return apply_remedy(arguments, Bench(settings, diagnose, utc_now), place, first)


def snapshot(arguments: Namespace) -> int:
    """`triage snapshot`: read the cluster as a diagnosis does, and save what was seen without its secrets."""

    from bot.cli.snapshots import check_target, save  # noqa: PLC0415
    from bot.diagnosis.ports import TriageRequest  # noqa: PLC0415
    from bot.diagnosis.snapshot import Snapshot, program_version  # noqa: PLC0415

    check_target(arguments)
    _name_the_subject(arguments)
    service, _ = _live_service(arguments)
    seen = _one(service.look(TriageRequest(arguments.app, _place(arguments)), progress), arguments)
    now = datetime.now(UTC).replace(microsecond=0)
    return save(Snapshot(arguments.app, seen.view, program_version(), now, seen.redactor.hidden), arguments)


def _diagnose_snapshot(arguments: Namespace) -> tuple[Diagnosis, Cost]:
    """The diagnosis of a saved view. Imports nothing that could reach a cluster."""
    from bot.cli.snapshots import load as load_snapshot  # noqa: PLC0415
    from bot.diagnosis.ports import TriageRequest  # noqa: PLC0415
    from bot.diagnosis.service import TriageService  # noqa: PLC0415
    from bot.diagnosis.subjects import Subject  # noqa: PLC0415

    if arguments.context or arguments.kubeconfig or arguments.release:
        raise UsageError("--snapshot looks at no cluster.", "Leave out --context, --kubeconfig and --release.")
    playbooks = load(arguments.playbooks, quick=True)
    service = TriageService(lambda: playbooks, _no_cluster, site_boundary())
    subject = service.subject(arguments.app)
    is_bare = isinstance(subject, Subject) and subject.kind is None
    view = load_snapshot(arguments.snapshot, arguments.app, bare=is_bare).view
    if arguments.namespace and arguments.namespace != view.namespace:
        message = f"{arguments.snapshot} is of namespace {view.namespace}, not of {arguments.namespace}."
        raise UsageError(message, "Leave out -n.")
    symptoms = _symptoms(service, arguments)
    return with_note(service.replay(view, TriageRequest(arguments.app, view.namespace, symptoms)), arguments), Cost()


def _no_cluster() -> NoReturn:
    raise UsageError("A snapshot has no cluster to read.", "Leave out --snapshot to read a cluster.")


def _live_service(arguments: Namespace) -> tuple[TriageService, ClusterReader]:
    """A service on the cluster that the arguments name. Raises before connecting if the app or workload is unknown."""
    from bot.bootstrap.cluster import connect_reader  # noqa: PLC0415
    from bot.bootstrap.narration import build_boundary  # noqa: PLC0415
    from bot.diagnosis.service import TriageService, import_ahead  # noqa: PLC0415

    if not arguments.timeout > 0:
        raise UsageError("--timeout must be more than 0 seconds.", "Leave it out for 20 seconds.")
    playbooks = load(arguments.playbooks, quick=True)
    settings = _settings(arguments)
    service = TriageService(lambda: playbooks, lambda: reader, build_boundary(settings))
    if arguments.app is not None:
        service.subject(arguments.app)
    reader = connect_reader(settings, deadline_seconds=arguments.timeout, brief=True)
    Thread(target=import_ahead, daemon=True).start()
    return service, reader


def _settings(arguments: Namespace) -> Settings | QuickSettings:

    quick = quick_settings(arguments.kubeconfig, arguments.context, allow_exec=arguments.allow_exec)
    if quick is not None:
        return quick
    from bot.settings import load_settings  # noqa: PLC0415 - costs 50 ms

    return load_settings(kubeconfig=arguments.kubeconfig, context=arguments.context, allow_exec=arguments.allow_exec)


def _symptoms(service: TriageService, arguments: Namespace) -> tuple[Symptom, ...]:
    """What the paste says, if there is one."""
    from bot.playbook.app_schema import AppPlaybook  # noqa: PLC0415

    if not arguments.paste:
        return ()
    known = isinstance(service.subject(arguments.app), AppPlaybook)
    return service.match(read_once(arguments), arguments.app if known else None)


def _one(found: Found | NamespaceChoice, arguments: Namespace) -> Found:
    """What was found. Raises `UsageError` when the person must choose between several places first."""
    from bot.diagnosis.ports import NamespaceChoice  # noqa: PLC0415

    if isinstance(found, NamespaceChoice):
        places = ", ".join(found.namespaces)
        raise UsageError(f"{arguments.app} runs in several places: {places}.", _how_to_choose(found))
    return found


def _place(arguments: Namespace) -> str | None:
    """The namespace, with the release that was named."""
    if arguments.release is None:
        namespace: str | None = arguments.namespace
        return namespace
    if not arguments.namespace:
        raise UsageError("--release needs to know the namespace.", "Name it with -n NAMESPACE.")
    return f"{arguments.namespace}/{arguments.release}"


def _how_to_choose(choice: NamespaceChoice) -> str:
    namespace, slash, release = choice.namespaces[0].partition("/")
    return f"Choose one, for example -n {namespace} --release {release}." if slash else "Choose one with -n."
