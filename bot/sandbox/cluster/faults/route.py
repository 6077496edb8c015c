"""Faults of the route from the web server to the API server.

Collected by `faults.catalogue`. The API server itself is well in all of them.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import NAMESPACE
from bot.sandbox.cluster.faults.model import Deed, Fault, Operator, PastAct, Scenario, minutes
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, NETWORK_POLICIES, SERVICES, STATEFUL_SETS
from bot.sandbox.cluster.state.values import Object


def _delete_service(operator: Operator) -> None:
    operator.delete(SERVICES, operator.names.api_service)


def _mismatch_selector(operator: Operator) -> None:
    operator.edit(SERVICES, operator.names.api_service, lambda item: item["spec"]["selector"].update(app="api"))


def _mismatch_port(operator: Operator) -> None:
    operator.edit(SERVICES, operator.names.api_service, lambda item: item["spec"]["ports"][0].update(targetPort=8081))


def _mismatch_named_port(operator: Operator) -> None:
    operator.edit(
        SERVICES, operator.names.api_service, lambda item: item["spec"]["ports"][0].update(targetPort="api-http")
    )


def _set_url(url: str | None) -> Deed:
    def deed(operator: Operator) -> None:
        operator.set_data(operator.names.web_settings, INTERNAL_URL=url)
        operator.restart(operator.names.web)

    return deed


def _wrong_host(operator: Operator) -> None:
    _set_url(f"http://{operator.names.api_service}-svc:8080")(operator)


def _wrong_port(operator: Operator) -> None:
    _set_url(f"http://{operator.names.api_service}:80")(operator)


def _start_with_old_url(operator: Operator) -> None:
    # The Service had another name when the web server started; today's ConfigMap is right, the process is not.
    _set_url(f"http://{operator.names.api_service}-v1:8080")(operator)
    item = operator.world.registry.require(SERVICES, NAMESPACE, operator.names.api_service)
    kept = ("selector", "ports")
    body: Object = {
        "metadata": {"name": f"{operator.names.api_service}-v1"},
        "spec": {key: item["spec"][key] for key in kept},
    }
    operator.create(SERVICES, body)


def _retire_old_service(operator: Operator) -> None:
    operator.set_data(operator.names.web_settings, INTERNAL_URL=f"http://{operator.names.api_service}:8080")
    operator.delete(SERVICES, f"{operator.names.api_service}-v1")


def _pod_labels(operator: Operator, deployment: str) -> dict[str, str]:
    found = operator.world.registry.require(DEPLOYMENTS, NAMESPACE, deployment)
    return dict(found["spec"]["selector"]["matchLabels"])


def _block_ingress(operator: Operator) -> None:
    spec = {
        "podSelector": {"matchLabels": _pod_labels(operator, operator.names.api)},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "nginx"}}}], "ports": [{"port": 8080}]}],
    }
    operator.create(NETWORK_POLICIES, {"metadata": {"name": "api-server-ingress"}, "spec": spec})


def _block_egress(operator: Operator) -> None:
    dns = {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]}
    outside = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "172.16.0.0/12"]}}]}
    spec = {
        "podSelector": {"matchLabels": _pod_labels(operator, operator.names.web)},
        "policyTypes": ["Egress"],
        "egress": [dns, outside],
    }
    operator.create(NETWORK_POLICIES, {"metadata": {"name": "web-server-egress"}, "spec": spec})


def _stop_dns(operator: Operator) -> None:
    registry = operator.world.registry
    registry.modify(
        DEPLOYMENTS,
        registry.require(DEPLOYMENTS, "kube-system", "coredns"),
        lambda item: item["spec"].update(replicas=0),
    )


def _stop_database_and_mismatch(operator: Operator) -> None:
    operator.scale(STATEFUL_SETS, operator.names.database, 0)
    operator.replace_pods(operator.names.api)
    _mismatch_selector(operator)


def _scenario(
    identity: str,
    label: str,
    description: str,
    deed: Deed,
    causes: tuple[str, ...] = (),
    *,
    prepare: Deed | None = None,
) -> Scenario:
    fault = Fault(identity, label, description, causes or (identity,))
    return Scenario(fault, (PastAct(minutes(6.5), deed),), prepare)


SCENARIOS: tuple[Scenario, ...] = (
    _scenario(
        "service-missing",
        "Service was deleted",
        "The API server's Service does not exist any more; its name does not resolve.",
        _delete_service,
    ),
    _scenario(
        "service-selector-mismatch",
        "Service selects no pods",
        "The Service's selector says app=api; the pods are labelled otherwise.",
        _mismatch_selector,
    ),
    _scenario(
        "service-port-mismatch",
        "Service points at a closed port",
        "The Service sends traffic to port 8081; the API server listens on 8080.",
        _mismatch_port,
    ),
    _scenario(
        "service-port-mismatch-named",
        "Service names a port nobody has",
        "The Service's targetPort is a name that no container port has.",
        _mismatch_named_port,
        causes=("service-port-mismatch",),
    ),
    _scenario(
        "internal-url-missing",
        "INTERNAL_URL is not set",
        "The key was removed from the ConfigMap; the web server falls back to 127.0.0.1:8080.",
        _set_url(None),
    ),
    _scenario(
        "internal-url-wrong",
        "INTERNAL_URL names no Service",
        "INTERNAL_URL was changed to a Service name that does not exist.",
        _wrong_host,
    ),
    _scenario(
        "internal-url-wrong-compose",
        "INTERNAL_URL is Compose's",
        "INTERNAL_URL is http://api_server:8080, the name from docker-compose.",
        _set_url("http://api_server:8080"),
        causes=("internal-url-wrong",),
    ),
    _scenario(
        "internal-url-wrong-port",
        "INTERNAL_URL has the wrong port",
        "INTERNAL_URL names port 80; the Service has 8080 only.",
        _wrong_port,
        causes=("internal-url-wrong",),
    ),
    _scenario(
        "internal-url-stale",
        "Running value is outdated",
        "The ConfigMap was corrected, but the web pod still runs with the old INTERNAL_URL, whose Service is gone.",
        _retire_old_service,
        prepare=_start_with_old_url,
    ),
    _scenario(
        "network-policy-blocks",
        "Policy blocks the API",
        "A NetworkPolicy lets only nginx reach the API server.",
        _block_ingress,
    ),
    _scenario(
        "network-policy-blocks-egress",
        "Policy blocks the web server",
        "A NetworkPolicy lets the web server reach DNS and the internet, but nothing in the cluster.",
        _block_egress,
        causes=("network-policy-blocks",),
    ),
    _scenario("dns-failing", "Cluster DNS is down", "CoreDNS was scaled to zero; no name resolves.", _stop_dns),
    _scenario(
        "two-faults",
        "Two independent faults",
        "Postgres is down, so the API server cannot start; and the Service selects no pods.",
        _stop_database_and_mismatch,
        causes=("dependency-down", "service-selector-mismatch"),
    ),
)
