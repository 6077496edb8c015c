"""The verbs on resources: get, list, create, update, patch, delete, and the subresources that are data.

Called by `api.server` under the simulation's lock, after authorisation. Watches and proxies are elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.sandbox.cluster.api.authorizer import Authorizer
from bot.sandbox.cluster.api.calls import ApiServerResponse, Call
from bot.sandbox.cluster.api.event_versions import to_stored
from bot.sandbox.cluster.api.lists import ListPages, list_answer, matcher, object_answer
from bot.sandbox.cluster.api.logs import read_log
from bot.sandbox.cluster.api.requests import ResourceRequest
from bot.sandbox.cluster.api.reviews import review
from bot.sandbox.cluster.simulation import Simulation
from bot.sandbox.cluster.state.changes import APPLY_PATCH, patched
from bot.sandbox.cluster.state.kinds import DISRUPTION_BUDGETS, NAMESPACES, PODS, Kind
from bot.sandbox.cluster.state.registry import WriteMode
from bot.sandbox.cluster.state.selectors import selector_text, selects
from bot.sandbox.cluster.state.status import StatusError, method_not_allowed, no_such_path, not_found, success
from bot.sandbox.cluster.state.values import Object, clone

_ENDPOINTS_WARNING = '299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'


class Handlers:
    """Answers resource requests from one simulation."""

    def __init__(self, simulation: Simulation, authorizer: Authorizer) -> None:
        self._simulation, self._authorizer = simulation, authorizer
        self._registry, self._store = simulation.registry, simulation.store
        self._pages = ListPages()

    def handle(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        """Dispatch by subresource and verb. Raises StatusError."""
        subresources: dict[str, Callable[[Call, ResourceRequest], ApiServerResponse]] = {
            "log": self._log, "scale": self._scale, "eviction": self._evict, "finalize": self._get,
        }  # fmt: skip
        if request.kind.create_only:
            if request.verb != "create":
                raise method_not_allowed()
            return ApiServerResponse(201, review(self._authorizer, request.kind, call.object(), call.user))
        if request.subresource in subresources:
            return subresources[request.subresource](call, request)
        if request.subresource and not (request.subresource == "status" and request.kind.has_status):
            raise no_such_path()
        verbs: dict[str, Callable[[Call, ResourceRequest], ApiServerResponse]] = {
            "get": self._get, "list": self._list, "create": self._create, "update": self._update, "patch": self._patch,
            "delete": self._delete, "deletecollection": self._delete_collection,
        }  # fmt: skip
        if request.verb not in verbs:
            raise method_not_allowed()
        return verbs[request.verb](call, request)

    # reading

    def _show(self, call: Call, kind: Kind, item: Object, status: int = 200) -> ApiServerResponse:
        include = call.query.get("includeObject") or "Metadata"
        headers = {"Warning": _ENDPOINTS_WARNING} if kind.storage == "endpoints" else {}
        return ApiServerResponse(
            status, object_answer(kind, item, call.accept, include, self._simulation.now()), headers=headers
        )

    def _get(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        return self._show(call, request.kind, self._registry.require(request.kind, _space(request), request.name))

    def _list(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        items, meta = self._pages.cut(self._store, request.kind, _space(request), call.query)
        include = call.query.get("includeObject") or "Metadata"
        headers = {"Warning": _ENDPOINTS_WARNING} if request.kind.storage == "endpoints" else {}
        return ApiServerResponse(
            200, list_answer(request.kind, items, meta, call.accept, include, self._simulation.now()), headers=headers
        )

    def _log(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        pod = self._registry.require(PODS, request.namespace, request.name)
        world = self._simulation.world
        runtime = world.runtimes.get(pod["metadata"]["uid"])
        lost = pod["spec"].get("nodeName") in world.lost_nodes
        return ApiServerResponse(
            200, read_log(pod, runtime, call.query, self._simulation.now(), node_lost=lost), "text/plain"
        )

    # writing

    def _create(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        if request.name:
            raise method_not_allowed()
        given = to_stored(request.kind, call.object())
        if given.get("kind") not in (None, request.kind.kind):
            shown = f'{given.get("kind")} in version "{request.kind.version}"'
            raise StatusError(400, "BadRequest", f"{shown} cannot be handled as a {request.kind.kind}: kind mismatch")
        item = self._registry.create(request.kind, _space(request), given, call.write())
        return self._show(call, request.kind, item, 201)

    def _update(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        given = to_stored(request.kind, call.object())
        item = self._registry.update(
            request.kind, _space(request), request.name, given, call.write(request.subresource)
        )
        return self._show(call, request.kind, item)

    def _patch(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        media, body = _media(call), call.decoded()
        existed = self._store.get(request.kind, _space(request), request.name) is not None
        write = call.write(request.subresource)
        item = self._registry.patch(request.kind, _space(request), request.name, media, body, write)
        return self._show(call, request.kind, item, 200 if existed else 201)

    def _delete_options(self, call: Call) -> Object:
        """From the body, or without one from the query: as on the real server, a body makes it ignore the query."""
        if call.body:
            return call.object()
        options: Object = {"dryRun": ["All"]} if call.query.get("dryRun") else {}
        for name in ("gracePeriodSeconds", "propagationPolicy"):
            if name in call.query:
                options[name] = int(call.query[name]) if name == "gracePeriodSeconds" else call.query[name]
        return options

    def _delete(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        options = self._delete_options(call)
        write = _deleting(call, options)
        item = self._registry.delete(request.kind, _space(request), request.name, options, write)
        if request.kind in (PODS, NAMESPACES) or item["metadata"].get("deletionTimestamp"):
            return self._show(call, request.kind, item)
        meta = item["metadata"]
        group = {"group": request.kind.group} if request.kind.group else {}
        return ApiServerResponse(
            200, success({"name": meta["name"], **group, "kind": request.kind.plural, "uid": meta["uid"]})
        )

    def _delete_collection(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        matches, options = matcher(request.kind, call.query), self._delete_options(call)
        write = _deleting(call, options)
        chosen = [item for item in self._store.list(request.kind, _space(request)) if matches(item)]
        for item in chosen:
            self._registry.delete(
                request.kind, item["metadata"].get("namespace", ""), item["metadata"]["name"], options, write
            )
        meta = {"resourceVersion": str(self._store.revision)}
        return ApiServerResponse(
            200, list_answer(request.kind, chosen, meta, call.accept, "Metadata", self._simulation.now())
        )

    # subresources

    def _scale(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        if not request.kind.has_scale:
            raise no_such_path()
        item = self._registry.require(request.kind, request.namespace, request.name)
        scale = _scale_of(item)
        if request.verb == "get":
            return ApiServerResponse(200, scale)
        wanted: Object
        if request.verb == "patch":
            wanted = patched(scale, _media(call), call.decoded())
        elif request.verb == "update":
            wanted = call.object()
        else:
            raise method_not_allowed()
        new = clone(item)
        new["spec"]["replicas"] = (wanted.get("spec") or {}).get("replicas", 0)
        new["metadata"].pop("resourceVersion")
        if (wanted.get("metadata") or {}).get("resourceVersion"):
            new["metadata"]["resourceVersion"] = wanted["metadata"]["resourceVersion"]
        stored = self._registry.update(request.kind, request.namespace, request.name, new, call.write("scale"))
        return ApiServerResponse(200, _scale_of(stored))

    def _evict(self, call: Call, request: ResourceRequest) -> ApiServerResponse:
        if request.kind != PODS:
            raise no_such_path()
        pod = self._store.get(PODS, request.namespace, request.name)
        if pod is None:
            raise not_found(PODS, request.name)
        for budget in self._store.list(DISRUPTION_BUDGETS, request.namespace):
            covered = selects(budget["spec"].get("selector"), pod["metadata"].get("labels") or {})
            if covered and not budget.get("status", {}).get("disruptionsAllowed", 0):
                message = "Cannot evict pod as it would violate the pod's disruption budget."
                raise StatusError(429, "TooManyRequests", message, retry_after=10)
        options = call.object().get("deleteOptions") or {}
        self._registry.delete(PODS, request.namespace, request.name, options, call.write())
        return ApiServerResponse(
            201, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
        )


def _deleting(call: Call, options: Object) -> WriteMode:
    return replace(call.write(), dry_run="All" in (options.get("dryRun") or []))


def _space(request: ResourceRequest) -> str:
    return request.namespace if request.kind.namespaced else ""


def _media(call: Call) -> str:
    media = call.headers.get("Content-Type", "").split(";", 1)[0].strip()
    return APPLY_PATCH if media == "application/apply-patch+cbor" else media


def _scale_of(item: Object) -> Object:
    meta: dict[str, Any] = item["metadata"]
    kept = {
        key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp") if key in meta
    }
    status = {
        "replicas": item.get("status", {}).get("replicas", 0),
        "selector": selector_text(item["spec"]["selector"]),
    }
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": kept,
        "spec": {"replicas": item["spec"]["replicas"]},
        "status": status,
    }
