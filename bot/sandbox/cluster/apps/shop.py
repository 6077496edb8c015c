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
    ("shop-memory", "Orders: killed for memory"),
    ("shop-crash", "Orders: its program ends at once"),
    ("shop-probe", "Front: a new version never becomes ready, the old one serves"),
    ("shop-cache", "The cache is scaled to zero"),
)
"""(id, label) of each state."""
_SERVE = 'require("http").createServer((request, response) => response.end("{}")).listen({port},"0.0.0.0")'
_FRONT, _ORDERS = "registry.shop.example/front:1.4.2", "registry.shop.example/orders:1.4.2"


def manifests(fault: str = WELL) -> list[Object]:
    """All objects in the order to apply them, with this fault in them."""
    selector = "order" if fault == "shop-selector" else "orders"
    cache = container("redis", "redis:7", ports=[{"containerPort": 6379}])
    made = [
        config_map("orders-settings", {"CACHE_URL": "redis://cache:6379"}),
        deployment("cache", {"app": "cache"}, [cache], replicas=0 if fault == "shop-cache" else 1),
        service("cache", {"app": "cache"}, [port(6379)]),
        deployment("orders", {"app": "orders"}, [_orders(fault)], strategy="Recreate"),
        service("orders", {"app": selector}, [port(8080)]),
        deployment("front", {"app": "front"}, [_front(fault)]),
        service("front", {"app": "front"}, [port(80, 3000)]),
    ]
    for item in made:
        item["metadata"]["namespace"] = NAMESPACE
    space: Object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    return [space, *made]


def _orders(fault: str) -> Object:
    key = "DATABASE" if fault == "shop-config" else "CACHE_URL"
    return container(
        "orders",
        _ORDERS.replace("1.4.2", "1.4.3") if fault == "shop-image" else _ORDERS,
        command=["false"] if fault == "shop-crash" else ["node", "-e", _SERVE.replace("{port}", "8080")],
        ports=[{"containerPort": 8080}],
        memory=("16Mi", "32Mi") if fault == "shop-memory" else ("64Mi", "256Mi"),
        env=[{"name": "CACHE_URL", "valueFrom": {"configMapKeyRef": {"name": "orders-settings", "key": key}}}],
        readinessProbe=http_probe("/health", 8080, 1, 5),
    )


def _front(fault: str) -> Object:
    return container(
        "front",
        _FRONT,
        command=["node", "-e", _SERVE.replace("{port}", "3000")],
        ports=[{"containerPort": 3000}],
        env=[{"name": "ORDERS_URL", "value": "http://orders:8080"}],
        readinessProbe=http_probe("/health", 3001 if fault == "shop-probe" else 3000, 1, 5),
    )
