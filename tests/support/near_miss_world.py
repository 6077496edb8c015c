"""A healthy view of the Onyx-like app (the control of tests/nearmiss), and the ways in which clusters differ.

Every method changes the view in place and returns the world, so that a near miss is a short chain of them.
"""

from __future__ import annotations

import copy
import gzip
import json
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.domain.view import View

Json = dict[str, Any]
CONTROL = Path(__file__).parents[1] / "nearmiss" / "00-control.json.gz"
DAY = 86_400
_STAMP = re.compile(r"(?m)^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z(?= |$)")


@cache
def _control() -> str:
    return json.dumps(json.loads(gzip.decompress(CONTROL.read_bytes()))["view"])


class World:
    """`api` and `web` name the two components; times are seconds before the view was collected."""

    def __init__(self, document: Json | None = None) -> None:
        self.view: Json = document if document is not None else json.loads(_control())
        self.now = datetime.fromisoformat(self.view["collectedAt"])

    def built(self) -> View:
        return View.model_validate(copy.deepcopy(self.view))

    def ago(self, seconds: float) -> str:
        return (self.now - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")

    # What is there

    def workload(self, name: str) -> Json:
        kinds = ("deployments", "statefulsets")
        return next(x for k in kinds for x in self.view.get(k, []) if x["metadata"]["name"].startswith(name))

    def pods(self, name: str) -> list[Json]:
        return [item for item in self.view["pods"] if item["metadata"]["name"].startswith(name)]

    def pod(self, name: str) -> Json:
        return self.pods(name)[0]

    def service(self, name: str = "api-server") -> Json:
        return next(item for item in self.view["services"] if item["metadata"]["name"] == name)

    def specs(self, name: str) -> list[Json]:
        """The pod specs of a component: of its workload, its ReplicaSets and its pods."""
        owners = [*self.view["deployments"], *self.view.get("statefulsets", []), *self.view["replicasets"]]
        found = [x["spec"]["template"]["spec"] for x in owners if x["metadata"]["name"].startswith(name)]
        return found + [item["spec"] for item in self.pods(name)]

    def main(self, name: str) -> list[Json]:
        return [spec["containers"][0] for spec in self.specs(name)]

    # Settings

    def url(self, value: str) -> World:
        settings = next(x for x in self.view["configmaps"] if x["metadata"]["name"] == "web-server-config")
        settings["data"]["INTERNAL_URL"] = value
        return self

    def env(self, name: str, *entries: Json, from_map: bool = False) -> World:
        for container in self.main(name):
            container["env"] = copy.deepcopy(list(entries))
            if not from_map:
                container.pop("envFrom", None)
        return self

    def with_spec(self, name: str, **fields: Any) -> World:
        for spec in self.specs(name):
            spec.update(copy.deepcopy(fields))
        return self

    def with_main(self, name: str, **fields: Any) -> World:
        for container in self.main(name):
            container.update(copy.deepcopy(fields))
        return self

    def annotate(self, name: str, **marks: str) -> World:
        metadata = self.workload(name)["metadata"]
        metadata.setdefault("annotations", {}).update({key.replace("__", "/"): value for key, value in marks.items()})
        return self

    # Pods and their controllers

    def owned_by(self, name: str, kind: str, *, keep_sets: bool = False, labels: Json | None = None) -> World:
        """The component's pods belong to a controller of another kind; its Deployment is gone."""
        self.view["deployments"] = [x for x in self.view["deployments"] if not x["metadata"]["name"].startswith(name)]
        owner = {"kind": kind, "name": name, "uid": f"{kind}-1", "controller": True}
        if keep_sets:
            for item in self.view["replicasets"]:
                if item["metadata"]["name"].startswith(name):
                    item["metadata"]["ownerReferences"] = [owner]
            return self
        self.view["replicasets"] = [x for x in self.view["replicasets"] if not x["metadata"]["name"].startswith(name)]
        for pod in self.pods(name):
            pod["metadata"]["ownerReferences"] = [owner] if kind != "Pod" else []
            pod["metadata"]["labels"].update(labels or {})
        return self

    def without(self, name: str, *, service: bool = True) -> World:
        """Nothing of the component is in the namespace; with its Service and endpoints unless `service` is false."""
        pods = {item["metadata"]["name"] for item in self.pods(name)}
        for kind in ("deployments", "replicasets", "pods"):
            self.view[kind] = [x for x in self.view[kind] if not x["metadata"]["name"].startswith(name)]
        self.view["logs"] = [item for item in self.view["logs"] if item["pod"] not in pods]
        self.view["health"] = []
        if service:
            self.view["services"] = [x for x in self.view["services"] if x["metadata"]["name"] != name]
            self.view["endpoints"] = [x for x in self.view["endpoints"] if x["service"] != name]
        return self

    def replicas(self, name: str, count: int) -> World:
        first = self.pod(name)
        self.workload(name)["spec"]["replicas"] = count
        group = next((x for x in self.view["endpoints"] if x["service"] == name), None)
        for number in range(2, count + 1):
            pod = copy.deepcopy(first)
            pod["metadata"] |= {"name": f"{name}-x{number}", "uid": f"{name}-u{number}"}
            pod["status"]["podIP"] = f"10.85.0.{100 + number}"
            self.view["pods"].append(pod)
            if group is not None:
                group["addresses"].append({"ip": pod["status"]["podIP"], "pod": pod["metadata"]["name"]})
        return self

    def not_ready(self, pod: Json, since: float = 300) -> World:
        for condition in pod["status"]["conditions"]:
            if condition["type"] in ("Ready", "ContainersReady"):
                condition |= {"status": "False", "lastTransitionTime": self.ago(since)}
        for status in pod["status"]["containerStatuses"][:1]:
            status["ready"] = False
        return self._endpoint(pod["metadata"]["name"], ready=False)

    def _endpoint(self, pod: str, *, ready: bool) -> World:
        for group in self.view["endpoints"]:
            for address in group["addresses"]:
                if address.get("pod") == pod:
                    address["ready"] = ready
        return self

    def restarted(
        self,
        pod: Json,
        *,
        ended: float,
        lasted: float,
        count: int = 1,
        code: int = 1,
        reason: str = "Error",
        container: int = 0,
    ) -> World:
        """The container runs again since shortly after it ended."""
        status = pod["status"]["containerStatuses"][container]
        end = {"exitCode": code, "reason": reason, "startedAt": self.ago(ended + lasted), "finishedAt": self.ago(ended)}
        status |= {
            "restartCount": count,
            "lastState": {"terminated": end},
            "state": {"running": {"startedAt": self.ago(ended - 1)}},
        }
        return self

    def crashing(self, pod: Json, *, code: int = 1, reason: str = "Error", container: int = 0, count: int = 6) -> World:
        self.not_ready(pod)
        self.restarted(pod, ended=60, lasted=8, count=count, code=code, reason=reason, container=container)
        status = pod["status"]["containerStatuses"][container]
        status |= {"ready": False, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}
        return self.unasked(pod)

    def unasked(self, pod: Json) -> World:
        """No container of the pod runs, so nobody asked for its health."""
        target = f"pod/{pod['metadata']['name']}"
        self.view["health"] = [item for item in self.view["health"] if item["target"] != target]
        return self

    def container(self, component: str, *, init: bool = False, template: bool = True, **fields: Any) -> World:
        """Beside the main container: in the template and in the pods, or injected into the pods only."""
        spec = {"name": "beside", "image": "beside:1", **fields}
        key = "initContainers" if init else "containers"
        specs = self.specs(component) if template else [item["spec"] for item in self.pods(component)]
        for item in specs:
            item.setdefault(key, []).append(copy.deepcopy(spec))
        for pod in self.pods(component):
            statuses = pod["status"].setdefault("initContainerStatuses" if init else "containerStatuses", [])
            running = {"running": {"startedAt": self.ago(3 * DAY)}}
            statuses.append({"name": spec["name"], "ready": True, "started": True, "image": "x", "state": running})
        return self

    def beside(self, name: str, labels: Json, *, ready: bool = True, replicas: int = 1, **container: Any) -> World:
        """Another Deployment in the namespace."""
        spec = {"nodeName": "lab-node", "containers": [{"name": name, "image": f"{name}:1", **container}]}
        template = {"metadata": {"labels": labels}, "spec": {"containers": spec["containers"]}}
        self.view["deployments"].append({
            "kind": "Deployment",
            "metadata": {"name": name, "uid": f"d-{name}", "labels": labels, "creationTimestamp": self.ago(3 * DAY)},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
            "status": {"observedGeneration": 0, "replicas": replicas},
        })  # fmt: skip
        owner = {"kind": "Deployment", "name": name, "uid": f"d-{name}", "controller": True}
        self.view["replicasets"].append({
            "kind": "ReplicaSet",
            "metadata": {"name": f"{name}-abc", "uid": f"r-{name}", "ownerReferences": [owner]},
            "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
        })  # fmt: skip
        for number in range(replicas):
            self._pod_beside(f"{name}-abc-{number}", name, labels, spec, ready=ready)
        return self

    def _pod_beside(self, pod: str, owner: str, labels: Json, spec: Json, *, ready: bool) -> None:
        made = copy.deepcopy(next(item for item in self.view["pods"] if item["status"].get("phase") == "Running"))
        controller = {"kind": "ReplicaSet", "name": f"{owner}-abc", "uid": f"r-{owner}", "controller": True}
        made["metadata"] |= {"name": pod, "uid": f"p-{pod}", "labels": labels, "ownerReferences": [controller]}
        made["spec"] = copy.deepcopy(spec)
        made["status"]["podIP"] = "10.85.7.7"
        made["status"]["containerStatuses"][0]["name"] = spec["containers"][0]["name"]
        self.view["pods"].append(made)
        if not ready:
            self.not_ready(made)

    # Services, policies, events, answers and logs

    def add_service(self, name: str, selector: Json | None, *ports: Json, **spec: Any) -> World:
        chosen = {"selector": selector} if selector is not None else {}
        spec = {"clusterIP": f"172.30.1.{len(self.view['services'])}", "ports": list(ports), **chosen, **spec}
        self.view["services"].append({"metadata": {"name": name, "namespace": "onyx-healthy"}, "spec": spec})
        return self

    def endpoints(self, service: str, *addresses: str, port: int = 8080, ready: bool = True) -> World:
        listed = [{"ip": ip, "ready": ready} for ip in addresses]
        self.view["endpoints"].append({"service": service, "addresses": listed, "ports": [{"port": port}]})
        return self

    def policy(self, name: str, selector: Json, *types: str, **rules: Any) -> World:
        spec = {"podSelector": selector, "policyTypes": list(types), **rules}
        self.view.setdefault("networkpolicies", []).append({"metadata": {"name": name, "uid": name}, "spec": spec})
        return self

    def event(self, about: Json, kind: str, reason: str, message: str, seconds: float, uid: str = "") -> World:
        metadata = about["metadata"]
        involved = {"kind": kind, "name": metadata["name"], "uid": uid or metadata["uid"]}
        when = self.ago(seconds)
        self.view["events"].append({
            "metadata": {"name": f"e{len(self.view['events'])}"}, "involvedObject": involved, "reason": reason,
            "message": message, "type": "Warning", "firstTimestamp": when, "lastTimestamp": when,
        })  # fmt: skip
        return self

    def answers(self, outcome: str, status: int = 0, *, pod: bool = True, service: bool = True) -> World:
        for item in self.view["health"]:
            if (item["target"].startswith("pod/") and pod) or (item["target"].startswith("service/") and service):
                item |= {"outcome": outcome, "status": status}
        return self

    def log(self, name: str, *lines: tuple[float, str], previous: bool = False) -> World:
        pod = self.pod(name)
        text = "".join(f"{self.ago(seconds)} {line}\n" for seconds, line in lines)
        kept = [
            x for x in self.view["logs"] if x["pod"] != pod["metadata"]["name"] or x.get("previous", False) != previous
        ]
        entry = {"pod": pod["metadata"]["name"], "container": pod["spec"]["containers"][0]["name"], "text": text}
        self.view["logs"] = [*kept, entry | ({"previous": True} if previous else {})]
        return self

    def node_behind(self, seconds: float) -> World:
        """The clock of every node is so far behind the API server's; negative: ahead. The view is by the latter's."""
        self.view["clock"] = "server"
        self.view["logs"] = _shift(self.view["logs"], -seconds)
        for pod in self.view["pods"]:
            placed = [item for item in pod["status"].get("conditions", []) if item["type"] == "PodScheduled"]
            others = [item for item in pod["status"].get("conditions", []) if item["type"] != "PodScheduled"]
            pod["status"] = _shift({**pod["status"], "conditions": others}, -seconds)
            pod["status"]["conditions"] += placed
        self.view["events"] = [
            _shift(item, -seconds) if item["involvedObject"]["kind"] == "Pod" else item for item in self.view["events"]
        ]
        return self

    def older(self, seconds: float) -> World:
        """Every recorded time lies this much further back."""
        text = json.dumps({key: value for key, value in self.view.items() if key != "collectedAt"})
        moved = _shift(json.loads(text), -seconds)
        self.view = {**moved, "collectedAt": self.view["collectedAt"]}
        return self


def _shift(node: Any, seconds: float) -> Any:
    if isinstance(node, dict):
        return {key: _shift(value, seconds) for key, value in node.items()}
    if isinstance(node, list):
        return [_shift(item, seconds) for item in node]
    if isinstance(node, str) and _STAMP.match(node):  # a time, or a log, whose lines begin with one
        return _STAMP.sub(lambda found: _later(found, seconds), node)
    return node


def _later(found: re.Match[str], seconds: float) -> str:
    moment = datetime.fromisoformat(f"{found[1]}Z") + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{found[2] or ''}Z"
