"""Diagnoses for tests of the cards: one of each kind a person may see. Everything in them is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.diagnosis import Cause, CauseVerdict, Diagnosis, ExplainedSymptom, Verdict
from bot.domain.facts import Check, CheckStatus, Gap, GapReason
from bot.domain.remedies import Remedy
from bot.domain.symptoms import Symptom

COLLECTED = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)
SINCE = datetime(2026, 11, 23, 10, 2, tzinfo=UTC)

REFUSED = Symptom(
    id="api_unreachable",
    title="The web server cannot reach the API server",
    playbook="onyx/api-unreachable.yaml",
    app="onyx",
    count=41,
    lines=("Error: connect ECONNREFUSED 172.30.154.48:8080",),
    fields={"address": "172.30.154.48", "port": "8080"},
)
HISTORY = Symptom(
    id="chat_history_broken",
    title="Chat history cannot be loaded",
    playbook="onyx/chat-history.yaml",
    app="onyx",
    count=3,
    lines=("Error loading chat history: fetch failed",),
)
MCP = Symptom(
    id="mcp_not_configured",
    title="MCP server not configured",
    playbook="onyx/mcp.yaml",
    app="onyx",
    count=12,
    lines=("No MCP servers configured",),
)
FORBIDDEN = Gap(GapReason.FORBIDDEN, "API health", verb="get", resource="services/proxy", namespace="onyx")
PODS = Check("api.pods", CheckStatus.FAIL, "0 of 2 pods are ready", "kubectl -n onyx get pods -l app=api-server")
LAST_EXIT = Check(
    "api.last-exit",
    CheckStatus.FAIL,
    "The last run ended OOMKilled at 10:08, 5 restarts",
    "kubectl -n onyx describe pods -l app=api-server",
)
ENDPOINTS = Check(
    "api.endpoints",
    CheckStatus.FAIL,
    "Service api-server has no ready endpoints",
    "kubectl -n onyx get endpointslices -l kubernetes.io/service-name=api-server",
)
URL = Check(
    "web.internal-url", CheckStatus.PASS, "INTERNAL_URL is right", "kubectl -n onyx get configmap env-configmap -o yaml"
)
HEALTH = Check(
    "api.health",
    CheckStatus.UNKNOWN,
    "The health endpoint could not be asked",
    "kubectl -n onyx get --raw /api/v1/namespaces/onyx/services/api-server:8080/proxy/health",
    gap=FORBIDDEN,
)
RAISE_MEMORY = Remedy(
    "raise-api-memory",
    "patch_resources",
    "Raise the memory limit of deployment/api-server from 2Gi to 4Gi",
    "deployment/api-server",
    "operator",
    "kubectl -n onyx set resources deployment/api-server --limits=memory=4Gi",
    note="The pods restart one by one.",
)
RESTART = Remedy(
    "restart-api",
    "restart",
    "Restart deployment/api-server",
    "deployment/api-server",
    "operator",
    "kubectl -n onyx rollout restart deployment/api-server",
)
OOM = Cause(
    "api-oom-killed",
    CauseVerdict.CONFIRMED,
    "The API server is killed for memory",
    "deployment/api-server was killed for memory 5 times; its limit is 2Gi.",
    component="api",
    because=("api.last-exit", "api.pods", "api.endpoints"),
    explains=("api_unreachable", "chat_history_broken", "api-not-ready"),
    remedies=(RAISE_MEMORY, RESTART),
)
NOT_READY = Cause(
    "api-not-ready",
    CauseVerdict.CONFIRMED,
    "No API server pod is ready",
    "0 of 2 pods are ready.",
    explained_by="api-oom-killed",
)
WRONG_URL = Cause(
    "internal-url-wrong", CauseVerdict.RULED_OUT, "INTERNAL_URL is wrong", "", against=("web.internal-url",)
)
SELECTOR = Cause("service-selector-mismatch", CauseVerdict.RULED_OUT, "The Service selects no pods", "")


def oom() -> Diagnosis:
    """An outage with one confirmed cause and one gap."""
    return Diagnosis(
        app="onyx",
        app_title="Onyx",
        namespace="onyx",
        cluster="prod-eu",
        collected_at=COLLECTED,
        verdict=Verdict.FAULT_FOUND,
        headline="Onyx: the web server cannot reach the API server. The API server is being killed for memory.",
        root_causes=(OOM,),
        symptoms=(ExplainedSymptom(REFUSED, "api-oom-killed"), ExplainedSymptom(HISTORY, "api-not-ready")),
        causes=(OOM, NOT_READY, WRONG_URL, SELECTOR),
        checks=(PODS, LAST_EXIT, ENDPOINTS, URL, HEALTH),
        gaps=(FORBIDDEN,),
        since=SINCE,
        ruled_out=("INTERNAL_URL is right", "selector and ports agree"),
    )


def healthy() -> Diagnosis:
    """Nothing is wrong."""
    return replace(
        oom(),
        verdict=Verdict.HEALTHY,
        headline="Onyx is healthy: every check passed.",
        root_causes=(),
        symptoms=(),
        causes=(WRONG_URL, SELECTOR),
        checks=(URL,),
        gaps=(),
        since=None,
    )


def recovered() -> Diagnosis:
    """It was down and is not any more."""
    state = Cause(
        "recovered", CauseVerdict.CONFIRMED, "It has recovered", "The API server restarted twice and is ready now.",
        state=True,
    )  # fmt: skip
    return replace(
        healthy(),
        verdict=Verdict.RECOVERED,
        headline="Onyx was down and is healthy now.",
        root_causes=(state,),
        causes=(state,),
        symptoms=(ExplainedSymptom(REFUSED, "recovered"),),
        since=SINCE,
        until=COLLECTED,
    )


def benign() -> Diagnosis:
    """The error is harmless."""
    mcp = Cause(
        "mcp-not-configured",
        CauseVerdict.CONFIRMED,
        "No MCP server is configured",
        "Onyx prints this whenever nobody has configured an MCP server; chat and search work without one.",
        benign=True,
        explains=("mcp_not_configured",),
    )
    return replace(
        healthy(),
        verdict=Verdict.FAULT_FOUND,
        headline="Onyx: the MCP message is harmless.",
        root_causes=(mcp,),
        causes=(mcp,),
        symptoms=(ExplainedSymptom(MCP, "mcp-not-configured"),),
    )


def inconclusive() -> Diagnosis:
    """Nothing could be confirmed."""
    possible = Cause(
        "api-overloaded", CauseVerdict.POSSIBLE, "The API server is overloaded", "", separated_by=("api.health",)
    )
    unknown = Cause(
        "dns-failing", CauseVerdict.UNKNOWN, "DNS fails in the cluster", "", separated_by=("web.internal-url",)
    )
    return replace(
        oom(),
        verdict=Verdict.INCONCLUSIVE,
        headline="Onyx: the cause could not be confirmed.",
        root_causes=(),
        causes=(unknown, possible, SELECTOR),
        symptoms=(ExplainedSymptom(REFUSED, None),),
        since=None,
    )


def two_faults() -> Diagnosis:
    """Two independent faults."""
    quota = Cause(
        "web-quota-exceeded",
        CauseVerdict.LIKELY,
        "The web server hits its quota",
        "ResourceQuota compute allows 4 CPU, and all of them are taken.",
        because=("web.internal-url",),
        explains=("chat_history_broken",),
    )
    return replace(
        oom(),
        headline="Onyx has two independent faults.",
        root_causes=(OOM, quota),
        causes=(OOM, NOT_READY, quota, WRONG_URL),
        symptoms=(ExplainedSymptom(REFUSED, "api-oom-killed"), ExplainedSymptom(HISTORY, "web-quota-exceeded")),
    )
