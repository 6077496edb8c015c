"""Objects that a paste names: pods, workloads, Services, namespaces, nodes, claims. `mentions_in` is the way in."""

from bot.engine.mentions.reading import mentions_in

__all__ = ["mentions_in"]
