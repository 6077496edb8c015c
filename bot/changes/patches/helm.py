"""Where a Helm chart takes a field from: the values to set instead of, or besides, a change by hand.

Pure data and one function, used by `field_managers`. For a chart that is not in the table people are
told the field itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's values.

    workloads: the end of a workload's name → its section of the values
    computed:  keys of ConfigMaps that the chart works out itself → the value they are worked out from
    config:    the section of the values that a ConfigMap's other keys come from; by the ConfigMap's name
    """

    workloads: Mapping[str, str]
    config: Mapping[str, str] = field(default_factory=dict)
    computed: Mapping[str, str] = field(default_factory=dict)


CHARTS: Mapping[str, Chart] = {
    "onyx": Chart(
        workloads={
            "api-server": "api",
            "web-server": "webserver",
            "inference-model": "inferenceCapability",
            "indexing-model": "indexCapability",
            "slackbot": "slackbot",
            "celery-beat": "celery_beat",
            "celery-worker-primary": "celery_worker_primary",
            "celery-worker-light": "celery_worker_light",
            "celery-worker-heavy": "celery_worker_heavy",
            "celery-worker-docfetching": "celery_worker_docfetching",
            "celery-worker-docprocessing": "celery_worker_docprocessing",
            "celery-worker-monitoring": "celery_worker_monitoring",
            "celery-worker-user-file-processing": "celery_worker_user_file_processing",
        },
        config={"env-configmap": "configMap"},
        computed={"INTERNAL_URL": "api.service.servicePort"},
    ),
}
"""By the name of the chart, as its label `helm.sh/chart` has it before the version."""

_PROBES = frozenset({"readinessProbe", "livenessProbe", "startupProbe"})


def values_path(chart: str, kind: str, name: str, path: Path) -> str | None:
    """The path in the chart's values that this field of this object comes from; None when it is not known."""
    known = CHARTS.get(chart)
    if known is None:
        return None
    if kind == "ConfigMap" and path[:1] == ("data",) and len(path) == 2 and name in known.config:
        return known.computed.get(path[1]) or f"{known.config[name]}.{path[1]}"
    section = next((values for end, values in known.workloads.items() if name.endswith(end)), None)
    if section is None or kind not in ("Deployment", "StatefulSet"):
        return None
    rest = _in_section(path, shared_probes=section.startswith("celery"))
    return f"{section}.{rest}" if rest else None


def _in_section(path: Path, *, shared_probes: bool) -> str | None:
    if path == ("spec", "replicas"):
        return "replicaCount"
    container: Sequence[str] = path[5:] if path[:4] == ("spec", "template", "spec", "containers") else ()
    if len(container) > 1 and container[0] == "resources":
        return ".".join(container)
    if container and container[0] in _PROBES and not shared_probes:
        return ".".join(container)
    return None
