"""A cluster reader over views that a test has made; called by the tests of the use case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.diagnosis.ports import ListRequest
from bot.domain.diagnosis import Cost
from bot.domain.errors import ClusterError, NamespaceNotFound
from bot.domain.kubernetes import Workload
from bot.domain.view import DetailRequest, View


@dataclass
class RecordedCluster:
    """Implements `ClusterReader`. `looked_at` lists the namespaces of all first looks, `asked` all second ones."""

    views: dict[str, View]
    may_list_deployments: bool = True
    default_namespace: str = ""
    cluster: str = "test"
    looked_at: list[str] = field(default_factory=list)
    asked: list[DetailRequest] = field(default_factory=list)

    def namespaces(self) -> Sequence[str]:
        return sorted(self.views)

    def workloads_everywhere(self) -> Sequence[Workload]:
        if not self.may_list_deployments:
            raise ClusterError("The Deployments cannot be listed.", "Name the namespace.")
        return [item for view in self.views.values() for item in view.deployments]

    def list_resources(self, request: ListRequest) -> View:
        self.looked_at.append(request.namespace)
        if request.namespace not in self.views:
            raise NamespaceNotFound(f"There is no namespace {request.namespace}.", "Check the name.")
        return self.views[request.namespace]

    def fetch_details(self, view: View, wanted: DetailRequest) -> View:
        self.asked.append(wanted)
        return view

    def cost(self) -> Cost:
        return Cost(api_requests=len(self.looked_at) + len(self.asked), seconds=0.0)
