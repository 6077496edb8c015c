"""The registries the simulated nodes can pull from: which images exist, and what runs in them.

Asked by the kubelet before a container starts. A repository or tag that is not here fails as on a real node.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

_RELEASES = r"latest|v[0-4]\.\d{1,2}\.\d{1,2}(?:-(?:beta|cloud)\.\d{1,2})?"

_PROGRAMS: dict[str, tuple[str, str]] = {
    "docker.io/onyxdotapp/onyx-backend": ("onyx-backend", _RELEASES),
    "docker.io/onyxdotapp/onyx-web-server": ("onyx-web", _RELEASES),
    "docker.io/onyxdotapp/onyx-model-server": ("onyx-model", _RELEASES),
    "docker.io/library/postgres": ("postgres", r"1[0-9][\w.-]*|latest"),
    "ghcr.io/cloudnative-pg/postgresql": ("postgres", r"1[0-9][\w.-]*"),
    "docker.io/library/redis": ("redis", r"[678][\w.-]*|latest"),
    "quay.io/opstree/redis": ("redis", r"v[678][\w.-]*"),
    "docker.io/vespaengine/vespa": ("vespa", r"8[\w.-]*|latest"),
    "docker.io/opensearchproject/opensearch": ("opensearch", r"[23][\w.-]*|latest"),
    "docker.io/library/nginx": ("nginx", r"1[\w.-]*|latest|alpine|stable"),
    "registry.k8s.io/ingress-nginx/controller": ("nginx", r"v1[\w.-]*"),
    "docker.io/minio/minio": ("server", r"latest|RELEASE[\w.-]*"),
    "docker.io/onyxdotapp/code-interpreter": ("server", r"latest|\d[\w.-]*"),
    "ghcr.io/immich-app/immich-server": ("immich-server", r"release|v[12]\.\d{1,3}\.\d{1,2}"),
    "ghcr.io/immich-app/immich-machine-learning": ("immich-learning", r"release|v[12]\.\d{1,3}\.\d{1,2}"),
    "ghcr.io/immich-app/postgres": ("postgres", r"1[4-8][\w.-]*"),
    "docker.io/valkey/valkey": ("redis", r"[789][\w.-]*|latest"),
    "docker.io/library/busybox": ("idle", r"1[\w.-]*|latest"),
    "docker.io/library/alpine": ("idle", r"3[\w.-]*|latest"),
    "docker.io/curlimages/curl": ("idle", r"\d[\w.-]*|latest"),
    "docker.io/library/httpd": ("server", r"2[\w.-]*|latest"),
    "docker.io/library/node": ("server", r"[12]\d[\w.-]*|latest"),
    "docker.io/library/python": ("server", r"3[\w.-]*|latest"),
    "registry.k8s.io/coredns/coredns": ("coredns", r"v1[\w.-]*"),
    "registry.k8s.io/pause": ("idle", r"3[\w.-]*"),
    "registry.k8s.io/e2e-test-images/agnhost": ("server", r"2[\w.-]*"),
    "registry.shop.example/front": ("by-command", r"1\.4\.[0-2]"),
    "registry.shop.example/orders": ("by-command", r"1\.4\.[0-2]"),
    "lab.local/app": ("by-command", r"1"),
}


@dataclass(frozen=True)
class Image:
    """An image that exists. `program` names what runs in it (see `process.launch`)."""

    reference: str
    program: str

    @property
    def digest(self) -> str:
        """A digest that is the same for the same reference."""
        return f"sha256:{hashlib.sha256(self.reference.encode()).hexdigest()}"


@dataclass(frozen=True)
class PullFailure:
    """An image that cannot be pulled; `message` is the container runtime's."""

    message: str


@dataclass
class ImageCatalogue:
    """All images that exist; tests and other sandboxes may publish more."""

    published: dict[str, str] = field(default_factory=dict)

    def publish(self, reference: str, program: str = "server") -> None:
        """Make an image available under a full or short reference."""
        self.published[canonical(reference)] = program

    def look_up(self, reference: str) -> Image | PullFailure:
        """The image, or why pulling it fails."""
        full = canonical(reference)
        if full in self.published:
            return Image(full, self.published[full])
        repository, _, tag = full.partition("@")[0].rpartition(":")
        known = _PROGRAMS.get(repository)
        if known is not None and re.fullmatch(known[1], tag):
            return Image(full, known[0])
        tried = f'failed to pull and unpack image "{full}": failed to resolve reference "{full}"'
        if known is not None or any(name.startswith(f"{repository}:") for name in self.published):
            return PullFailure(f"rpc error: code = NotFound desc = {tried}: {full}: not found")
        host = repository.split("/", 1)[0]
        if host in ("docker.io", "ghcr.io", "quay.io", "registry.k8s.io"):
            return PullFailure(
                f"{tried}: pull access denied, repository does not exist or may require authorization: server message: "
                "insufficient_scope: authorization failed"
            )
        return PullFailure(
            f'{tried}: failed to do request: Head "https://{host}/v2/": dial tcp: lookup {host}: no such host'
        )


def canonical(reference: str) -> str:
    """The reference with registry and tag: `nginx` is `docker.io/library/nginx:latest`."""
    name = reference
    first = name.split("/", 1)[0]
    if "/" not in name:
        name = f"docker.io/library/{name}"
    elif not ("." in first or ":" in first or first == "localhost"):
        name = f"docker.io/{name}"
    return name if ":" in name.rsplit("/", 1)[-1] or "@" in name else f"{name}:latest"
