"""What runs in a namespace and who calls whom, worked out from the view alone: an app that no playbook describes.

Called by `bot.diagnosis` for a question about a namespace or an object in it. Pure.
"""

from bot.engine.discovery.discover import discover
from bot.engine.discovery.graph import BoundEdge, BoundService, Graph, Reference

__all__ = ["BoundEdge", "BoundService", "Graph", "Reference", "discover"]
