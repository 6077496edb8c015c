"""Which workload, pods and Services are the `api`, the `web`, the `postgres`; who owns and who holds them."""

from bot.engine.binding.bind import bind, service_at, serving_pods
from bot.engine.binding.bound import Binding, BoundComponent, BoundRoute, main_container

__all__ = ["Binding", "BoundComponent", "BoundRoute", "bind", "main_container", "service_at", "serving_pods"]
