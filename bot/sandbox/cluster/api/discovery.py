"""Discovery documents and the OpenAPI stubs that kubectl reads before it writes.

Called by `api.server` for paths that are no resource. Pure functions of the kinds.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.sandbox.cluster.state.changes import APPLY_PATCH, JSON_PATCH, MERGE_PATCH
from bot.sandbox.cluster.state.kinds import KINDS, Kind
from bot.sandbox.cluster.state.served import DEFAULT, kinds_of
from bot.sandbox.cluster.state.values import Object

VERSION: Object = {
    "major": "1",
    "minor": "33",
    "gitVersion": "v1.33.2",
    "gitTreeState": "clean",
    "goVersion": "go1.24.4",
    "gitCommit": "a57b6f7709f6c2722b92f07b8b4c48210a51fc40",
    "buildDate": "2025-06-17T18:32:41Z",
    "compiler": "gc",
    "platform": "linux/amd64",
    "emulationMajor": "1",
    "emulationMinor": "33",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "32",
}

_ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_SUBRESOURCES: dict[str, tuple[tuple[str, str, list[str]], ...]] = {
    "pods": (
        ("log", "Pod", ["get"]),
        ("proxy", "PodProxyOptions", ["create", "delete", "get", "patch", "update"]),
        ("eviction", "Eviction", ["create"]),
        ("exec", "PodExecOptions", ["create", "get"]),
    ),
    "services": (("proxy", "ServiceProxyOptions", ["create", "delete", "get", "patch", "update"]),),
    "namespaces": (("finalize", "Namespace", ["update"]),),
}


def document(path: str, address: str, release: str = DEFAULT) -> Object | None:
    """The document at a discovery, version or OpenAPI path; None when there is none."""
    parts, kinds = path.strip("/").split("/"), kinds_of(release)
    if path.rstrip("/") == "/version":
        return version_of(release)
    if parts == ["api"]:
        servers = [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": servers}
    if parts == ["apis"]:
        groups = [_group(name, kinds) for name in _groups(kinds)]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if parts[0] == "apis" and len(parts) == 2 and parts[1] in _groups(kinds):
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(parts[1], kinds)}
    if parts[0] in ("api", "apis") and len(parts) == (2 if parts[0] == "api" else 3):
        return _resources("/".join(parts[1:]), kinds)
    if parts[:2] == ["openapi", "v3"]:
        return _openapi_root() if len(parts) == 2 else _openapi(parts[2:])
    if parts[:2] == ["openapi", "v2"]:
        return {
            "swagger": "2.0",
            "info": {"title": "Kubernetes", "version": version_of(release)["gitVersion"]},
            "paths": {},
            "definitions": {},
        }
    return None


def version_of(release: str) -> Object:
    """What `/version` says of a release."""
    if release == DEFAULT:
        return VERSION
    major, _, minor = release.partition(".")
    plain = {key: value for key, value in VERSION.items() if not key.startswith(("emulation", "minCompat"))}
    return {**plain, "major": major, "minor": minor, "gitVersion": f"v{release}.0"}


def _groups(kinds: Iterable[Kind]) -> list[str]:
    return list(dict.fromkeys(kind.group for kind in kinds if kind.group))


def _group(name: str, kinds: Iterable[Kind]) -> Object:
    versions = list(dict.fromkeys(kind.version for kind in kinds if kind.group == name))
    listed = [{"groupVersion": f"{name}/{version}", "version": version} for version in versions]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def _resources(group_version: str, kinds: Iterable[Kind]) -> Object | None:
    found = [kind for kind in kinds if kind.api_version == group_version]
    if not found:
        return None
    resources = [entry for kind in found for entry in _entries(kind)]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": resources}


def _entries(kind: Kind) -> list[Object]:
    main: Object = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": ["create"] if kind.create_only else list(_ALL_VERBS),
    }
    if kind.short:
        main["shortNames"] = list(kind.short)
    if kind.categories:
        main["categories"] = list(kind.categories)
    entries = [main]

    def subresource(name: str, shown: str, verbs: list[str]) -> None:
        entries.append(
            {
                "name": f"{kind.plural}/{name}",
                "singularName": "",
                "namespaced": kind.namespaced,
                "kind": shown,
                "verbs": verbs,
            }
        )

    if kind.has_status:
        subresource("status", kind.kind, ["get", "patch", "update"])
    if kind.has_scale:
        subresource("scale", "Scale", ["get", "patch", "update"])
        entries[-1] |= {"group": "autoscaling", "version": "v1"}
    for name, shown, verbs in _SUBRESOURCES.get(kind.storage, ()):
        subresource(name, shown, verbs)
    return entries


def _openapi_root() -> Object:
    versions = dict.fromkeys(kind.api_version for kind in KINDS)
    paths = {(f"apis/{name}" if "/" in name else f"api/{name}"): name for name in versions}
    return {"paths": {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=SANDBOX"} for path in paths}}


def _openapi(parts: list[str]) -> Object | None:
    """Just enough of a group's schema for kubectl to see that the server validates and takes every patch type."""
    kinds = [kind for kind in KINDS if kind.api_version == "/".join(parts[1:]) and not kind.create_only]
    if not kinds:
        return None
    paths = {_path(kind, parts): {"patch": _patch_operation(kind)} for kind in kinds}
    schemas = {_schema_name(kind): _schema(kind) for kind in kinds}
    info = {"title": "Kubernetes", "version": VERSION["gitVersion"]}
    return {"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _path(kind: Kind, parts: list[str]) -> str:
    scope = "/namespaces/{namespace}" if kind.namespaced else ""
    return f"/{'/'.join(parts)}{scope}/{kind.plural}/{{name}}"


def _gvk(kind: Kind) -> Object:
    return {"group": kind.group, "kind": kind.kind, "version": kind.version}


def _patch_operation(kind: Kind) -> Object:
    names = ("dryRun", "fieldManager", "fieldValidation", "force", "pretty")
    parameters = [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for name in names]
    # Strategic merge is left out on purpose: kubectl would compute patches from these schemas, which are only stubs.
    content = {media: {"schema": {"type": "object"}} for media in (APPLY_PATCH, JSON_PATCH, MERGE_PATCH)}
    return {
        "operationId": f"patch{kind.kind}",
        "parameters": parameters,
        "requestBody": {"content": content, "required": True},
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": _gvk(kind),
    }


def _schema_name(kind: Kind) -> str:
    group = kind.group.split(".", 1)[0] or "core"
    return f"io.k8s.api.{group}.{kind.version}.{kind.kind}"


def _schema(kind: Kind) -> Object:
    return {
        "type": "object",
        "description": f"{kind.kind} of the sandbox.",
        "x-kubernetes-group-version-kind": [_gvk(kind)],
        "x-kubernetes-preserve-unknown-fields": True,
    }
