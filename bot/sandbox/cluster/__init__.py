"""A simulated Kubernetes cluster in which Onyx runs, breaks, and recovers when it is fixed.

Public: `SimulatedCluster` and `Fault`. Real clients (kubectl, the official Python client) talk to it over HTTP.
"""

from bot.sandbox.cluster.cluster import SimulatedCluster
from bot.sandbox.cluster.faults.model import Fault

__all__ = ["Fault", "SimulatedCluster"]
