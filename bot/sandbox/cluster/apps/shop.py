"""A small shop in a namespace of its own, which no playbook describes: a front, an orders service, a cache.

Applied beside Onyx by the sandbox, so that people can ask about an application that the bot has never heard of. Its
faults are variants of the manifests, as somebody would apply them.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import config_map, container, deployment, http_probe, port, service
from bot.sandbox.cluster.state.values import Object

NAMESPACE = "shop"
WELL = "shop-well"
FAULTS: tuple[tuple[str, str], ...] = (
    (WELL, "The shop is well"),
    ("shop-image", "Orders: the image tag does not exist"),
    ("shop-config", "Orders: its ConfigMap has no key of that name"),
    ("shop-selector", "The Service of orders selects no pods"),
)
"""(id, label) of each state."""
_SERVE = 'require("http").createServer((request, response) => response.end("{}")).listen({port},"0.0.0.0")'


def manifests(fault: str = WELL) -> list[Object]:
    """All objects in the order to apply them, with this fault in them."""
    key = "DATABASE" if fault == "shop-config" else "CACHE_URL"
    tag = "lab.local/app:2" if fault == "shop-image" else "lab.local/app:1"
    selector = "order" if fault == "shop-selector" else "orders"
    made = [
        config_map("orders-settings", {"CACHE_URL": "redis://cache:6379"}),
        deployment("cache", {"app": "cache"}, [container("redis", "redis:7", ports=[{"containerPort": 6379}])]),
        service("cache", {"app": "cache"}, [port(6379)]),
        deployment("orders", {"app": "orders"}, [_server("orders", tag, 8080, key)]),
        service("orders", {"app": selector}, [port(8080)]),
        deployment("front", {"app": "front"}, [_server("front", "lab.local/app:1", 3000, "")]),
        service("front", {"app": "front"}, [port(80, 3000)]),
    ]
    for item in made:
        item["metadata"]["namespace"] = NAMESPACE
    space: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [space, *made]


def _server(name: str, image: str, number: int, key: str) -> Object:
    """A container that answers HTTP; `key` is the setting it needs, if any."""
    reference = {"configMapKeyRef": {"name": "orders-settings", "key": key}}
    env = (
        [{"name": "CACHE_URL", "valueFrom": reference}]
        if key
        else [{"name": "ORDERS_URL", "value": "http://orders:8080"}]
    )
    return container(
        name,
        image,
        command=["node", "-e", _SERVE.replace("{port}", str(number))],
        ports=[{"containerPort": number}],
        env=env,
        readinessProbe=http_probe("/health", number, 1, 5),
    )
