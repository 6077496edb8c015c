"""Containers of a pod: what they run, with which settings, probes and limits, and in which state they are."""

from __future__ import annotations

from pydantic import Field

from bot.domain.kubernetes.base import (
    IntOrString,
    KubernetesModel,
    Labels,
    Moment,
)


class KeyReference(KubernetesModel):
    """A reference to one key of a ConfigMap or Secret."""

    name: str = ""
    key: str = ""
    optional: bool = False


class EnvVarSource(KubernetesModel):
    config_map_key_ref: KeyReference | None = None
    secret_key_ref: KeyReference | None = None


class EnvVar(KubernetesModel):
    """One environment variable. `value` is None when it was not read (only variables that a playbook asks for are).

    `endpoints` are the addresses that its value names (see `bot.domain.endpoints`): never more of a value than that.
    `empty`: it is set to nothing.
    """

    name: str = ""
    value: str | None = None
    endpoints: tuple[str, ...] = ()
    empty: bool = False
    value_from: EnvVarSource | None = None


class NameReference(KubernetesModel):
    name: str = ""
    optional: bool = False


class EnvFromSource(KubernetesModel):
    prefix: str = ""
    config_map_ref: NameReference | None = None
    secret_ref: NameReference | None = None


class ContainerPort(KubernetesModel):
    name: str = ""
    container_port: int = 0
    host_port: int = 0
    protocol: str = "TCP"


class ResourceRequirements(KubernetesModel):
    requests: Labels = Field(default_factory=dict)
    limits: Labels = Field(default_factory=dict)


class VolumeMount(KubernetesModel):
    name: str = ""
    mount_path: str = ""
    sub_path: str = ""
    read_only: bool = False


class SecurityContext(KubernetesModel):
    """The part of a pod's and a container's security context that keeps programs from doing what they try."""

    read_only_root_filesystem: bool = False
    run_as_non_root: bool | None = None
    run_as_user: int | None = None
    privileged: bool = False


class HTTPGetAction(KubernetesModel):
    path: str = "/"
    port: IntOrString = 0
    scheme: str = "HTTP"


class TCPSocketAction(KubernetesModel):
    port: IntOrString = 0


class Probe(KubernetesModel):
    http_get: HTTPGetAction | None = None
    tcp_socket: TCPSocketAction | None = None
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    failure_threshold: int = 3


class Container(KubernetesModel):
    name: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFromSource, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    resources: ResourceRequirements = ResourceRequirements()
    restart_policy: str = ""
    """`Always` makes an init container a sidecar that runs beside the others."""
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    volume_mounts: tuple[VolumeMount, ...] = ()
    security_context: SecurityContext = SecurityContext()
    endpoints: tuple[str, ...] = ()


class ContainerStateWaiting(KubernetesModel):
    reason: str = ""
    message: str = ""


class ContainerStateRunning(KubernetesModel):
    started_at: Moment = None


class ContainerStateTerminated(KubernetesModel):
    exit_code: int = 0
    signal: int = 0
    reason: str = ""
    message: str = ""
    started_at: Moment = None
    finished_at: Moment = None


class ContainerState(KubernetesModel):
    waiting: ContainerStateWaiting | None = None
    running: ContainerStateRunning | None = None
    terminated: ContainerStateTerminated | None = None


class ContainerStatus(KubernetesModel):
    name: str = ""
    ready: bool = False
    started: bool | None = None
    restart_count: int = 0
    image: str = ""
    state: ContainerState = ContainerState()
    last_state: ContainerState = ContainerState()
