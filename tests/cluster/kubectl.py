"""The one way in which the cluster suite touches a cluster: kubectl, with the KUBECONFIG the caller has.

Called by prepare.py and the tests. It does not interpret what it reads; conditions.py does.
"""

import json
import subprocess
from typing import Any

Object = dict[str, Any]


class KubectlError(Exception):
    """kubectl ended with an error; the text is what it printed."""


def kubectl(*words: str, stdin: str | None = None, seconds: float = 60) -> str:
    """Run kubectl and return what it printed on stdout; raise KubectlError with its stderr when it fails."""
    done = subprocess.run(
        ["kubectl", *words], input=stdin, capture_output=True, text=True, timeout=seconds, check=False, errors="replace"
    )
    if done.returncode != 0:
        raise KubectlError(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def read(*words: str) -> Object:
    """`kubectl get … -o json`, decoded."""
    decoded: Object = json.loads(kubectl("get", *words, "-o", "json"))
    return decoded


def apply(namespace: str, objects: list[Object]) -> None:
    """Create or change objects in a namespace, as a person with `kubectl apply` would."""
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    kubectl("apply", "--namespace", namespace, "--validate=false", "--filename", "-", stdin=manifest)
