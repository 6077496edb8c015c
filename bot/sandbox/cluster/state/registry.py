"""Create, change and delete with the API server's semantics: defaults, validation, admission, preconditions, dry run.

Used by the request handlers for clients and by controllers for objects they create or delete. Authorisation is not
here (see `api.authorizer`); a controller that only reports status writes to the store through `write_status`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.cluster.state import status
from bot.sandbox.cluster.state.admission import admit_counted, admit_pod
from bot.sandbox.cluster.state.changes import (
    APPLY_PATCH,
    isolated,
    keep_cluster_ip,
    patched,
    same,
    spec_part,
    without_owner,
)
from bot.sandbox.cluster.state.defaults import fill_defaults
from bot.sandbox.cluster.state.kinds import BY_STORAGE, CONFIG_MAPS, NAMESPACES, PODS, SERVICE_ACCOUNTS, Kind
from bot.sandbox.cluster.state.managed import record_write
from bot.sandbox.cluster.state.store import ObjectStore
from bot.sandbox.cluster.state.validation import validate
from bot.sandbox.cluster.state.validators import Admission, Validator
from bot.sandbox.cluster.state.values import SAFE_ALPHABET, Object, clone, stamp

_FIXED_METADATA = ("uid", "creationTimestamp", "namespace", "name", "generateName", "selfLink")
_GENERATIONLESS = ("pods", "configmaps", "secrets", "events", "endpoints", "namespaces", "nodes", "services",
                   "serviceaccounts", "persistentvolumeclaims", "leases.coordination.k8s.io")  # fmt: skip


@dataclass(frozen=True)
class WriteMode:
    """How a write is made: under which field manager, and whether it is only tried."""

    manager: str = "kube-controller-manager"
    dry_run: bool = False
    subresource: str = ""
    user: str = ""
    groups: tuple[str, ...] = ()


CONTROLLER = WriteMode()


class Registry:
    """The writing half of the API server, over one store."""

    def __init__(self, store: ObjectStore, now: Callable[[], datetime], randomness: random.Random) -> None:
        self.store = store
        self.now = now
        self._random = randomness
        self.validators: list[Validator] = []

    def suffix(self, length: int = 5) -> str:
        """A random name ending, reproducible because the generator is seeded."""
        return "".join(self._random.choice(SAFE_ALPHABET) for _ in range(length))

    def new_uid(self) -> str:
        """A version 4 UUID from the seeded generator."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    # create

    def create(self, kind: Kind, namespace: str, given: Object, write: WriteMode = CONTROLLER) -> Object:
        """Store a new object. Raises StatusError: 404 namespace, 409 exists, 422 invalid, 403 admission."""
        item = clone(given)
        meta = item.setdefault("metadata", {})
        self._check_scope(kind, namespace, meta)
        if not meta.get("name") and meta.get("generateName"):
            meta["name"] = meta["generateName"] + self.suffix()
        if not meta.get("name"):
            raise status.invalid(kind, "", [("metadata.name", "Required value: name or generateName is required")])
        for field in (
            "resourceVersion",
            "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "managedFields",
            "selfLink",
        ):
            meta.pop(field, None)
        meta.update(uid=self.new_uid(), creationTimestamp=stamp(self.now()))
        if kind.storage not in _GENERATIONLESS:
            meta["generation"] = 1
        item["apiVersion"], item["kind"] = BY_STORAGE[kind.storage].api_version, kind.kind
        if kind.has_status:
            item.pop("status", None)
        fill_defaults(kind, item)
        validate(kind, item)
        if self.store.get(kind, meta.get("namespace", ""), meta["name"]) is not None:
            raise status.already_exists(kind, meta["name"])
        if kind == PODS:
            admit_pod(self.store, item)
        else:
            admit_counted(self.store, kind, item)
        record_write(item, None, write.manager, "Update", "", stamp(self.now()))
        self._admit(kind, "CREATE", None, item, write)
        if write.dry_run:
            return item  # type: ignore[no-any-return]  # clone() is untyped
        stored = self.store.put(kind, item)
        if kind == NAMESPACES:
            self._furnish_namespace(meta["name"])
        return stored

    def _admit(self, kind: Kind, operation: str, old: Object | None, new: Object | None, write: WriteMode) -> None:
        """Raise a 403 StatusError when an admission policy refuses; the API server's own controllers are not asked."""
        if not write.user:
            return
        asked = Admission(kind, operation, old, new, write.user, write.groups, write.subresource)
        for validator in self.validators:
            if why := validator(asked):
                raise status.admission_forbidden(kind, asked.name, why)

    def _check_scope(self, kind: Kind, namespace: str, meta: Object) -> None:
        if not kind.namespaced:
            meta.pop("namespace", None)
            return
        if meta.get("namespace") not in (None, "", namespace):
            raise status.bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        meta["namespace"] = namespace
        home = self.store.get(NAMESPACES, "", namespace)
        if home is None:
            raise status.not_found(NAMESPACES, namespace)
        if home["status"].get("phase") == "Terminating":
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise status.admission_forbidden(kind, meta.get("name", ""), why)

    def _furnish_namespace(self, name: str) -> None:
        self.create(SERVICE_ACCOUNTS, name, {"metadata": {"name": "default"}})
        authority = "-----BEGIN CERTIFICATE-----\n(none: the sandbox serves plain HTTP)\n-----END CERTIFICATE-----\n"
        self.create(CONFIG_MAPS, name, {"metadata": {"name": "kube-root-ca.crt"}, "data": {"ca.crt": authority}})

    # change

    def require(self, kind: Kind, namespace: str, name: str) -> Object:
        """The object, or a 404 StatusError."""
        found = self.store.get(kind, namespace, name)
        if found is None:
            raise status.not_found(kind, name)
        return found

    def update(self, kind: Kind, namespace: str, name: str, given: Object, write: WriteMode) -> Object:
        """Replace an object (PUT). A resourceVersion in it is a precondition."""
        old = self.require(kind, namespace, name)
        if given.get("metadata", {}).get("name", name) != name:
            raise status.bad_request("the name of the object does not match the name on the URL")
        return self._store_change(kind, old, clone(given), write)

    def patch(self, kind: Kind, namespace: str, name: str, media: str, body: Any, write: WriteMode) -> Object:
        """Apply a patch of one of PATCH_TYPES; an apply patch creates what is missing."""
        old = self.store.get(kind, namespace, name)
        if old is None:
            if media == APPLY_PATCH and not write.subresource:
                return self.create(
                    kind, namespace, {**body, "metadata": {**body.get("metadata", {}), "name": name}}, write
                )
            raise status.not_found(kind, name)
        return self._store_change(kind, old, patched(old, media, body), write, apply=media == APPLY_PATCH)

    def _store_change(self, kind: Kind, old: Object, new: Object, write: WriteMode, *, apply: bool = False) -> Object:
        name = old["metadata"]["name"]
        meta = new.setdefault("metadata", {})
        if meta.get("resourceVersion") not in (None, "", old["metadata"]["resourceVersion"]):
            raise status.conflict(kind, name)
        if meta.get("uid") not in (None, old["metadata"]["uid"]):
            why = (
                f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {old['metadata']['uid']}"
            )
            raise status.conflict(kind, name, why)
        new["apiVersion"], new["kind"] = old["apiVersion"], old["kind"]
        new = isolated(kind, old, new, write.subresource)
        meta = new["metadata"]
        self._carry_metadata(old, meta)
        keep_cluster_ip(kind, old, new)
        fill_defaults(kind, new)
        validate(kind, new, old)
        if same(old, new):
            return old
        if "generation" in old["metadata"] and spec_part(old) != spec_part(new):
            meta["generation"] = old["metadata"]["generation"] + 1
        record_write(new, old, write.manager, "Apply" if apply else "Update", write.subresource, stamp(self.now()))
        self._admit(kind, "UPDATE", old, new, write)
        if write.dry_run:
            meta["resourceVersion"] = old["metadata"]["resourceVersion"]
            return new
        if meta.get("deletionTimestamp") and not meta.get("finalizers") and kind != PODS:
            self.vanish(kind, old)
            return new
        return self.store.put(kind, new)

    @staticmethod
    def _carry_metadata(old: Object, meta: Object) -> None:
        for field in (*_FIXED_METADATA, "generation", "deletionTimestamp", "deletionGracePeriodSeconds"):
            meta.pop(field, None)
            if field in old["metadata"]:
                meta[field] = old["metadata"][field]
        if "managedFields" not in meta and "managedFields" in old["metadata"]:
            meta["managedFields"] = old["metadata"]["managedFields"]
        for field in ("labels", "annotations", "finalizers", "ownerReferences"):
            if not meta.get(field):
                meta.pop(field, None)

    def write_status(self, kind: Kind, old: Object, fields: Object) -> Object:
        """A controller's report: `status` replaced by `fields` when it differs."""
        current = self.store.get(kind, old["metadata"].get("namespace", ""), old["metadata"]["name"])
        if current is None or current.get("status") == fields:
            return current or old
        return self.store.put(kind, {**current, "metadata": dict(current["metadata"]), "status": fields})

    def modify(self, kind: Kind, old: Object, change: Callable[[Object], None]) -> Object:
        """A controller's edit of spec or metadata: `change` gets a copy; stored when it differs."""
        new = clone(self.require(kind, old["metadata"].get("namespace", ""), old["metadata"]["name"]))
        change(new)
        return self._store_change(kind, old, new, CONTROLLER) if kind.has_status else self.store.put(kind, new)

    # delete

    def delete(self, kind: Kind, namespace: str, name: str, options: Object, write: WriteMode = CONTROLLER) -> Object:
        """Delete, gracefully for pods. Returns the object while it lingers, else its last version."""
        old = self.require(kind, namespace, name)
        self._check_preconditions(kind, old, options.get("preconditions") or {})
        self._admit(kind, "DELETE", old, None, write)
        if write.dry_run:
            return old
        meta = old["metadata"]
        grace = self._grace(kind, old, options)
        if kind == NAMESPACES:
            return self._terminate_namespace(old)
        if grace > 0 or meta.get("finalizers"):
            return self._mark_deleted(kind, old, grace)
        self.vanish(
            kind, old, orphan=options.get("propagationPolicy") == "Orphan" or bool(options.get("orphanDependents"))
        )
        return old

    @staticmethod
    def _check_preconditions(kind: Kind, old: Object, wanted: Object) -> None:
        for field, label in (("uid", "UID"), ("resourceVersion", "ResourceVersion")):
            have = old["metadata"][field]
            if wanted.get(field) not in (None, "", have):
                why = f"Precondition failed: {label} in precondition: {wanted[field]}, {label} in object meta: {have}"
                raise status.conflict(kind, old["metadata"]["name"], why)

    @staticmethod
    def _grace(kind: Kind, old: Object, options: Object) -> int:
        if kind != PODS:
            return 0
        if not old["spec"].get("nodeName") or old["status"].get("phase") in ("Succeeded", "Failed"):
            return 0
        asked = options.get("gracePeriodSeconds")
        return int(old["spec"].get("terminationGracePeriodSeconds", 30) if asked is None else asked)

    def _mark_deleted(self, kind: Kind, old: Object, grace: int) -> Object:
        meta = old["metadata"]
        if meta.get("deletionTimestamp") and grace >= meta.get("deletionGracePeriodSeconds", 0):
            return old
        marked = {**meta, "deletionTimestamp": stamp(self.now() + timedelta(seconds=grace)),
                  "deletionGracePeriodSeconds": grace}  # fmt: skip
        return self.store.put(kind, {**old, "metadata": marked})

    def _terminate_namespace(self, old: Object) -> Object:
        meta = {**old["metadata"], "deletionTimestamp": stamp(self.now())}
        item = self.store.put(NAMESPACES, {**old, "metadata": meta, "status": {"phase": "Terminating"}})
        for kind in BY_STORAGE.values():
            if kind.namespaced and not kind.create_only:
                for child in self.store.list(kind, meta["name"]):
                    self.store.remove(kind, meta["name"], child["metadata"]["name"])
        self.store.remove(NAMESPACES, "", meta["name"])
        return item

    def vanish(self, kind: Kind, item: Object, *, orphan: bool = False) -> None:
        """Remove the object now; what it controls goes with it, or loses its owner when `orphan`."""
        meta = item["metadata"]
        self.store.remove(kind, meta.get("namespace", ""), meta["name"])
        if not self.store.has_children(meta["uid"]):
            return
        for child_kind in BY_STORAGE.values():
            for child in self.store.children(meta["uid"], child_kind):
                if orphan:
                    self.store.put(child_kind, without_owner(child, meta["uid"]))
                else:
                    self.delete(child_kind, child["metadata"].get("namespace", ""), child["metadata"]["name"], {})
