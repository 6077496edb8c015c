"""Which fault makes which failure: every fault of the simulated cluster against every way in which a call can fail.

The table is that of the reference on failed calls: what a fault makes is explained by it, what it may make may be, and
what it cannot make is not, with a sentence that says why.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.diagnosis.service import RedactedView, TriageService
from bot.domain.diagnosis import Diagnosis, ExplainedSymptom, Fit
from bot.domain.view import View
from bot.sandbox.cluster import SimulatedCluster
from tests.contract.kube.simulated_cluster_client import serving
from tests.scenario.partial_sight import triage
from tests.support.shipped import shipped_playbooks
from tests.unit.match_shapes import dump, refused

pytestmark = pytest.mark.slow

HEAD = " ⨯ TypeError: fetch failed"
SERVICE = "172.30.154.48:8080"


def failures(service_name: str) -> dict[str, str]:
    """What the web server prints, by the way in which its call fails."""
    causes = {
        "name-unknown": f"[cause]: Error: getaddrinfo ENOTFOUND {service_name}",
        "name-no-answer": f"[cause]: Error: getaddrinfo EAI_AGAIN {service_name}",
        "connect-timeout": refused(SERVICE, errno="ETIMEDOUT", number=-110),
        "unreachable": refused(SERVICE, errno="EHOSTUNREACH", number=-113),
        "refused": refused(SERVICE),
        "refused-loopback": refused("127.0.0.1:8080"),
        "reset": "[cause]: Error: read ECONNRESET\n  errno: -104,\n  code: 'ECONNRESET',\n  syscall: 'read'",
        "closed-early": "[cause]: SocketError: other side closed\n  code: 'UND_ERR_SOCKET'",
        "response-timeout": "[cause]: HeadersTimeoutError: Headers Timeout Error\n  code: 'UND_ERR_HEADERS_TIMEOUT'",
    }
    return {kind: dump(HEAD, cause) for kind, cause in causes.items()}


KINDS = tuple(failures("api-server"))
NOTHING_SERVES = ("refused", "connect-timeout unreachable reset closed-early")
DIES = ("refused reset closed-early", "connect-timeout unreachable")
PORT_CLOSED = ("refused", "reset closed-early")
NO_SERVICE = ("name-unknown", "name-no-answer connect-timeout unreachable refused")
TABLE: dict[str, tuple[str, str]] = {
    "api-oom-killed": DIES,
    "api-crash-looping": DIES,
    "dependency-down": DIES,
    "api-scaled-to-zero": NOTHING_SERVES,
    "api-quota-exceeded": NOTHING_SERVES,
    "api-unschedulable": NOTHING_SERVES,
    "api-image-pull-failing": NOTHING_SERVES,
    "api-config-missing": NOTHING_SERVES,
    "api-liveness-killing": DIES,
    "api-not-ready": NOTHING_SERVES,
    "api-not-listening": PORT_CLOSED,
    "api-node-lost": (
        "connect-timeout unreachable",
        "refused reset closed-early response-timeout name-no-answer",
    ),
    "service-missing": NO_SERVICE,
    "service-selector-mismatch": NOTHING_SERVES,
    "service-port-mismatch": PORT_CLOSED,
    "service-port-mismatch-named": PORT_CLOSED,
    "internal-url-missing": ("refused-loopback", ""),
    "internal-url-wrong": NO_SERVICE,
    "internal-url-wrong-compose": NO_SERVICE,
    "internal-url-wrong-port": ("connect-timeout", "unreachable refused"),
    "network-policy-blocks": ("connect-timeout", "unreachable refused reset closed-early response-timeout"),
    "network-policy-blocks-egress": ("connect-timeout", "unreachable refused reset closed-early response-timeout"),
    "dns-failing": ("name-no-answer", "name-unknown"),
}
"""For each fault the failures that it makes, and those that it may make; the others it cannot."""
NOBODYS_ADDRESS = {("service-missing", kind) for kind in ("refused", "connect-timeout", "unreachable")}
"""The address in the text is nobody's then: it may be of another cluster, and nothing here is blamed."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimulatedCluster]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def service(cluster: SimulatedCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TriageService]:
    kubeconfig = cluster.write_kubeconfig(tmp_path_factory.mktemp("reader") / "kubeconfig")
    with triage(kubeconfig, shipped_playbooks()) as found:
        yield found


def seen(service: TriageService) -> View:
    found = service.look(TriageRequest("onyx", "onyx"), lambda _: None)
    assert isinstance(found, RedactedView)
    return found.view


def asked(service: TriageService, view: View, paste: str) -> tuple[Diagnosis, ExplainedSymptom]:
    """The diagnosis for somebody who pastes this, and what is said of the paste's first symptom about the route."""
    symptoms = service.match(paste, "onyx")
    assert symptoms, paste
    diagnosis = service.replay(view, TriageRequest("onyx", "onyx", symptoms))
    return diagnosis, diagnosis.symptoms[0]


@pytest.mark.parametrize("fault", TABLE)
def test_what_a_fault_explains(cluster: SimulatedCluster, service: TriageService, fault: str) -> None:
    cluster.inject(fault)
    view = seen(service)
    fits, possible = (set(kinds.split()) for kinds in TABLE[fault])
    wrong: dict[str, str] = {}
    for kind, paste in failures(cluster.names.api_service).items():
        diagnosis, entry = asked(service, view, paste)
        wanted = Fit.FITS if kind in fits else Fit.POSSIBLE if kind in possible else Fit.CONTRADICTS
        explained = entry.explained_by is not None
        if (fault, kind) in NOBODYS_ADDRESS:
            if explained or not any("restart the caller" in note for note in diagnosis.notes):
                wrong[kind] = f"{entry.fit}, by {entry.explained_by}"
            continue
        if entry.fit is not wanted or explained != (wanted is not Fit.CONTRADICTS) or not entry.fit_reason:
            wrong[kind] = f"{entry.fit}, by {entry.explained_by}: {entry.fit_reason} (wanted {wanted})"
        if wanted is Fit.CONTRADICTS and not any(entry.fit_reason in note for note in diagnosis.notes):
            wrong[kind] = "the contradiction is not told"
    assert not wrong, "\n".join(f"{kind}: {text}" for kind, text in wrong.items())


@pytest.mark.parametrize("fault", ["api-not-responding"])
def test_a_program_that_hangs(cluster: SimulatedCluster, service: TriageService, fault: str) -> None:
    """It fails its probe as well: then the Service has no endpoint, and refuses."""
    cluster.inject(fault)
    view = seen(service)
    found = {kind: asked(service, view, paste)[1] for kind, paste in failures(cluster.names.api_service).items()}
    assert found["response-timeout"].fit is Fit.FITS
    assert found["response-timeout"].explained_by == fault
    assert {kind for kind, entry in found.items() if entry.explained_by is None} == {
        "name-unknown",
        "name-no-answer",
        "unreachable",
        "refused-loopback",
    } | {kind for kind in ("refused", "reset", "closed-early") if found[kind].fit is Fit.CONTRADICTS}


def test_every_sentence_is_for_people(cluster: SimulatedCluster, service: TriageService) -> None:
    cluster.inject("dns-failing")
    _, entry = asked(service, seen(service), failures(cluster.names.api_service)["refused"])
    assert entry.fit_reason == (
        f"A refusal by {SERVICE} needs a resolved name and an open way, so it is not because the caller of "
        "web server → API server cannot resolve names; that may have come later."
    )


def test_an_old_address_is_told(cluster: SimulatedCluster, service: TriageService) -> None:
    """An address in the range of Services that is nobody's: the caller keeps it from before."""
    cluster.inject("api-scaled-to-zero")
    diagnosis, entry = asked(service, seen(service), dump(HEAD, refused("172.30.99.7:8080", errno="ETIMEDOUT")))
    assert entry.explained_by is None
    assert any("may hold an address from before; restart the caller" in note for note in diagnosis.notes)


def test_kinds_are_all_tried() -> None:
    named = {kind for row in TABLE.values() for kinds in row for kind in kinds.split()}
    assert named == set(KINDS)
