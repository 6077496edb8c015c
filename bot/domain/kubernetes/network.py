"""How pods are reached: Services, endpoints and NetworkPolicies."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from bot.domain.kubernetes.base import IntOrString, KubernetesModel, Labels, LabelSelector, ObjectMeta


class ServicePort(KubernetesModel):
    name: str = ""
    port: int = 0
    target_port: IntOrString = 0
    protocol: str = "TCP"
    node_port: int = 0


class ServiceSpec(KubernetesModel):
    type: str = "ClusterIP"
    cluster_ip: str = Field(default="", alias="clusterIP")
    cluster_ips: tuple[str, ...] = Field(default=(), alias="clusterIPs")
    external_ips: tuple[str, ...] = Field(default=(), alias="externalIPs")
    load_balancer_ip: str = Field(default="", alias="loadBalancerIP")
    external_name: str = ""
    publish_not_ready_addresses: bool = False
    internal_traffic_policy: str = ""
    selector: Labels = Field(default_factory=dict)
    ports: tuple[ServicePort, ...] = ()


class LoadBalancerAddress(KubernetesModel):
    ip: str = ""
    hostname: str = ""


class LoadBalancerStatus(KubernetesModel):
    ingress: tuple[LoadBalancerAddress, ...] = ()


class ServiceStatus(KubernetesModel):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Service(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: ServiceSpec = ServiceSpec()
    status: ServiceStatus = ServiceStatus()

    @property
    def headless(self) -> bool:
        """Whether its name resolves to the pods themselves, so that its own ports translate nothing."""
        return self.spec.cluster_ip == "None"

    @property
    def addresses(self) -> frozenset[str]:
        """Every address and name outside the DNS of the cluster by which it can be called."""
        spec, balancers = self.spec, self.status.load_balancer.ingress
        found = {spec.cluster_ip, spec.load_balancer_ip, *spec.cluster_ips, *spec.external_ips}
        found |= {name for item in balancers for name in (item.ip, item.hostname.rstrip(".").lower())}
        return frozenset(found - {"", "None"})


class EndpointAddress(KubernetesModel):
    ip: str = ""
    ready: bool = True
    pod: str = ""


class EndpointPort(KubernetesModel):
    name: str = ""
    port: int = 0
    protocol: str = "TCP"


class EndpointGroup(KubernetesModel):
    """Addresses behind one Service that share their ports: one EndpointSlice, or one subset of an Endpoints object."""

    service: str = ""
    namespace: str = ""
    addresses: tuple[EndpointAddress, ...] = ()
    ports: tuple[EndpointPort, ...] = ()


class IPBlock(KubernetesModel):
    cidr: str = ""
    except_: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _except_is_a_keyword(cls, data: Any) -> Any:
        if isinstance(data, dict) and "except" in data:
            return {**data, "except_": data["except"] or ()}
        return data


class NetworkPolicyPeer(KubernetesModel):
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None


class NetworkPolicyPort(KubernetesModel):
    """A port rule. `port` None means every port; `end_port` closes a range."""

    port: IntOrString | None = None
    end_port: int | None = None
    protocol: str = "TCP"


class NetworkPolicyIngressRule(KubernetesModel):
    from_: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_is_a_keyword(cls, data: Any) -> Any:
        if isinstance(data, dict) and "from" in data:
            return {**data, "from_": data["from"] or ()}
        return data


class NetworkPolicyEgressRule(KubernetesModel):
    to: tuple[NetworkPolicyPeer, ...] = ()
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(KubernetesModel):
    """`ingress` and `egress` are None when the policy does not mention them, empty when it allows nothing."""

    pod_selector: LabelSelector = LabelSelector()
    policy_types: tuple[str, ...] = ()
    ingress: tuple[NetworkPolicyIngressRule, ...] | None = None
    egress: tuple[NetworkPolicyEgressRule, ...] | None = None


class NetworkPolicy(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: NetworkPolicySpec = NetworkPolicySpec()


class IngressServicePort(KubernetesModel):
    name: str = ""
    number: int = 0


class IngressService(KubernetesModel):
    name: str = ""
    port: IngressServicePort = IngressServicePort()


class IngressBackend(KubernetesModel):
    service: IngressService | None = None


class IngressPath(KubernetesModel):
    path: str = ""
    path_type: str = ""
    backend: IngressBackend = IngressBackend()


class IngressHTTP(KubernetesModel):
    paths: tuple[IngressPath, ...] = ()


class IngressRule(KubernetesModel):
    host: str = ""
    http: IngressHTTP = IngressHTTP()


class IngressTLS(KubernetesModel):
    hosts: tuple[str, ...] = ()
    secret_name: str = ""


class IngressSpec(KubernetesModel):
    ingress_class_name: str = ""
    default_backend: IngressBackend | None = None
    rules: tuple[IngressRule, ...] = ()
    tls: tuple[IngressTLS, ...] = ()


class IngressStatus(KubernetesModel):
    load_balancer: LoadBalancerStatus = LoadBalancerStatus()


class Ingress(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: IngressSpec = IngressSpec()
    status: IngressStatus = IngressStatus()


class IngressClassSpec(KubernetesModel):
    controller: str = ""


class IngressClass(KubernetesModel):
    metadata: ObjectMeta = ObjectMeta()
    spec: IngressClassSpec = IngressClassSpec()
