"""pods/log: a container's lines, cut as the query asks.

Called by the handlers. Follow answers what there is and ends; the sandbox does not stream.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.sandbox.cluster.process.runtime import LogLines, PodRuntime
from bot.sandbox.cluster.state.status import StatusError, bad_request
from bot.sandbox.cluster.state.values import Object, nano_stamp, parse_stamp


def read_log(
    pod: Object, runtime: PodRuntime | None, query: Mapping[str, str], now: datetime, *, node_lost: bool
) -> bytes:
    """The log as bytes. Raises 400 for a container that is not there or has no log, as the API server words it."""
    name = _container(pod, query)
    previous = query.get("previous") in ("1", "true")
    lines = _lines(pod, runtime, name, previous=previous, node_lost=node_lost)
    chosen = list(lines)
    if query.get("sinceSeconds"):
        chosen = [entry for entry in chosen if entry[0] >= now - timedelta(seconds=int(query["sinceSeconds"]))]
    if query.get("sinceTime"):
        chosen = [entry for entry in chosen if entry[0] >= parse_stamp(query["sinceTime"])]
    if query.get("tailLines"):
        count = int(query["tailLines"])
        chosen = chosen[-count:] if count else []
    stamped = query.get("timestamps") in ("1", "true")
    text = "".join(f"{nano_stamp(at)} {line}\n" if stamped else f"{line}\n" for at, line in chosen)
    data = text.encode()
    return data[: int(query["limitBytes"])] if query.get("limitBytes") else data


def _container(pod: Object, query: Mapping[str, str]) -> str:
    names = [entry["name"] for entry in pod["spec"]["containers"]]
    asked = query.get("container")
    meta = pod["metadata"]
    if not asked:
        if len(names) > 1:
            raise bad_request(
                f"a container name must be specified for pod {meta['name']}, choose one of: [{' '.join(names)}]"
            )
        return str(names[0])
    if asked not in names:
        raise bad_request(f"container {asked} is not valid for pod {meta['name']}")
    return asked


def _lines(pod: Object, runtime: PodRuntime | None, name: str, *, previous: bool, node_lost: bool) -> LogLines:
    meta = pod["metadata"]
    if node_lost:
        host = pod["status"].get("hostIP", "")
        path = f"https://{host}:10250/containerLogs/{meta['namespace']}/{meta['name']}/{name}"
        raise StatusError(500, "InternalError", f'Get "{path}": dial tcp {host}:10250: i/o timeout')
    container = runtime.containers.get(name) if runtime else None
    if container is None:
        if not pod["spec"].get("nodeName"):
            raise bad_request(f"pod {meta['name']} does not have a host assigned")
        raise bad_request(f'container "{name}" in pod "{meta["name"]}" is waiting to start: ContainerCreating')
    if previous:
        # After an end the ended instance is the previous one until the next start.
        lines = (
            container.log if container.terminated is not None and container.program is None else container.previous_log
        )
        if lines is None:
            raise bad_request(f'previous terminated container "{name}" in pod "{meta["name"]}" not found')
        return lines
    if not container.container_id:
        why = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}
        said = why.get(container.waiting, container.waiting)
        raise bad_request(f'container "{name}" in pod "{meta["name"]}" is waiting to start: {said}')
    return container.log
