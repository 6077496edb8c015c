"""A server that others make, put into the shop: a Deployment with its Service, one that calls it, and its log.

In lines of a log, `<<%H:%M>>` is the line's own time, in a format of `strftime`.
"""

from __future__ import annotations

import copy
import json
import re
from datetime import timedelta
from typing import Any

from tests.nearmiss.shops.making import WELL, born, group
from tests.support.near_miss_world import Json, World

PG = "<<%Y-%m-%d %H:%M:%S>>.118 UTC [41] "
ISO = "<<%Y-%m-%dT%H:%M:%SZ>>"
SPRING = "<<%Y-%m-%dT%H:%M:%S>>.240Z  {} 1 --- [shop] [nio-8080-exec-2] {} : {}"
CELERY = "[<<%Y-%m-%d %H:%M:%S>>,118: {}/{}] {}"
KLOG = "{}<<%m%d %H:%M:%S>>.118201       1 {}] {}"
NGINX = "<<%Y/%m/%d %H:%M:%S>> [{}] 29#29: *431 {}"
ACCESS = '10.85.0.1 - - [<<%d/%b/%Y:%H:%M:%S>> +0000] "GET {} HTTP/1.1" {} 157 "-" "Mozilla/5.0"'
UNTIL_NOW = (292, 250, 210, 170, 130, 95, 70, 45, 30, 18, 9, 3)
_TIME = re.compile(r"<<(.+?)>>")


def dated(world: World, age: float, line: str) -> tuple[float, str]:
    when = world.now - timedelta(seconds=age)
    return age, _TIME.sub(lambda found: when.strftime(found[1]), line)


def server(world: World, name: str, image: str, port: int, *, caller: str = "orders") -> World:
    """Made after the cache of the shop: it runs for three days, and `caller` has a variable that names it."""
    for kind in ("deployments", "replicasets", "pods", "services", "endpoints"):
        found = next(
            x for x in world.view[kind] if x.get("service", x.get("metadata", {}).get("name", ""))[:5] == "cache"
        )
        text = json.dumps(found).replace("cache", name).replace("6379", str(port))
        text = text.replace("10.85.4.127", "10.85.4.77").replace("172.30.235.192", "172.30.235.77")
        made = json.loads(text)
        if "metadata" in made:
            made["metadata"]["uid"] = f"{kind}-{name}"
            for owner in made["metadata"].get("ownerReferences", []):
                owner["uid"] = f"{'deployments' if kind == 'replicasets' else 'replicasets'}-{name}"
        world.view[kind].append(made)
    for container in world.main(name):
        container.update(image=image)
        for key in ("command", "args", "envFrom"):
            container.pop(key, None)
    for container in world.main(caller) if caller else ():
        variable = {"name": f"{name.upper().replace('-', '_')}_ADDR", "endpoints": [f"{name}:{port}"]}
        container.setdefault("env", []).append(variable)
    return world.log(name, dated(world, 259_000, "started"))


def chat(world: World, name: str, *lines: str, ages: tuple[float, ...] = UNTIL_NOW) -> World:
    """It prints all these lines at each of these times."""
    return world.log(name, *(dated(world, age, line) for age in ages for line in lines))


def once(world: World, name: str, good: str, *rare: tuple[float, str]) -> World:
    """It prints the good line until now, and each of the others at its own time."""
    rows = [(age, good) for age in UNTIL_NOW] + list(rare)
    return world.log(name, *(dated(world, age, line) for age, line in sorted(rows, key=lambda row: -row[0])))


def along(world: World, name: str, *rare: tuple[float, str]) -> World:
    """One of the shop prints its good line until now, and each of the others at its own time."""
    return once(world, name, WELL[name], *rare)


def crashes(world: World, name: str, code: int, *last: str, caller: str = "", said: str = "", count: int = 9) -> World:
    """Its only pod ends again and again, with these last words; one that calls it says so."""
    pod = world.pod(name)
    born(world, pod, 1_500)
    world.crashing(pod, code=code, count=count)
    for item in world.view["endpoints"]:
        for address in item["addresses"]:
            if address.get("pod") == pod["metadata"]["name"]:
                address["ready"] = False
    made = world.workload(name)["status"]
    made |= {"readyReplicas": 0, "availableReplicas": 0}
    for condition in made.get("conditions", []):
        if condition["type"] == "Available":
            condition |= {
                "status": "False",
                "reason": "MinimumReplicasUnavailable",
                "lastTransitionTime": world.ago(1_400),
            }
    world.log(name, *(dated(world, 61, line) for line in last), previous=True)
    world.log(name, *(dated(world, 61, line) for line in last))
    world.event(pod, "Pod", "BackOff", f"Back-off restarting failed container {name} in pod", 20)
    return chat(world, caller, said) if said else world


def unready(world: World, name: str, seconds: float, said: str = "", *, container: int = 0) -> Json:
    """Its only pod is not ready for so long; the kubelet tells why."""
    pod = world.pod(name)
    world.not_ready(pod, seconds)
    for status in pod["status"]["containerStatuses"]:
        status["ready"] = True
    pod["status"]["containerStatuses"][container]["ready"] = False
    group(world, name)["addresses"] = [{"ip": pod["status"]["podIP"], "pod": pod["metadata"]["name"], "ready": False}]
    if said:
        world.event(pod, "Pod", "Unhealthy", said, 5)
    return pod


def beside(world: World, component: str, name: str, *lines: str, **fields: Any) -> World:
    """A container beside the program prints these lines until now; the program does its work."""
    world.container(component, name=name, image=f"{name}:1", **copy.deepcopy(fields))
    pod = world.pod(component)["metadata"]["name"]
    rows = [dated(world, age, line) for age in UNTIL_NOW for line in lines]
    text = "".join(f"{world.ago(age)} {line}\n" for age, line in rows)
    world.view["logs"].append({"pod": pod, "container": name, "text": text})
    return world


def three(name: str, caller: str = "orders") -> tuple[str, ...]:
    """The three ways to ask: about the namespace, the object, and who calls it."""
    return ("namespace", f"deployment/{name}", f"deployment/{caller}")
