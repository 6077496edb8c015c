"""The cluster adapter: the only package that imports the Kubernetes client.

`connect` finds the cluster and the credentials; `KubernetesReader` reads it for a triage and never writes.
"""

from bot.adapters.kube.client import connect
from bot.adapters.kube.connection import ApiConnection
from bot.adapters.kube.reader import KubernetesReader

__all__ = ["ApiConnection", "KubernetesReader", "connect"]
