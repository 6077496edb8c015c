"""Breaks the shop on a real cluster, row by row, and saves what is seen as snapshots beside this file.

python -m tests.shop.record                    # every row that has no view yet, a few at a time
python -m tests.shop.record zero no-service    # only these, again
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bot.cli import main
from tests.cluster.kubectl import KubectlError, apply, kubectl, read
from tests.shop.app import Object
from tests.shop.row import Row
from tests.shop.rows import ROWS

VIEWS = Path(__file__).parent / "views"
WAVE = 6
PLACE = "PLACE"
"""In any object and command it stands for the namespace."""
_FREE = '{"metadata":{"finalizers":null}}'


def namespace(row: Row) -> str:
    return f"anyns-{row.id}"


def placed(row: Row, objects: list[Object]) -> list[Object]:
    found: list[Object] = json.loads(json.dumps(objects).replace(PLACE, namespace(row)))
    return found


def wide(row: Row) -> list[Object]:
    """What the row needs beside its namespace: volumes, classes, webhooks."""
    shop = row.shop()
    row.change(shop)
    return placed(row, shop.wide)


def prepare(row: Row) -> None:
    place = namespace(row)
    for _ in range(150):
        try:
            kubectl("create", "namespace", place)
            break
        except KubectlError:  # an earlier one is still being taken away
            time.sleep(2)
    time.sleep(0.5)
    shop = row.shop()
    row.change(shop)
    objects = [*placed(row, shop.wide), *placed(row, shop.objects)]
    for _ in range(3):
        try:
            apply(place, objects)
            break
        except KubectlError as error:
            print(error, file=sys.stderr)
            time.sleep(2)


def settle(row: Row) -> None:
    """Wait until the kubelet has made what it can: no container is being created, as far as it is placed on a node."""
    for _ in range(60):
        pods = read("pods", "--namespace", namespace(row))["items"]
        statuses = [item for pod in pods for item in pod["status"].get("containerStatuses", [])]
        creating = [item for item in statuses if item["state"].get("waiting", {}).get("reason") == "ContainerCreating"]
        if pods and not creating:
            return
        time.sleep(1)


def step(row: Row) -> None:
    """What happens once it runs."""
    if row.later or row.commands:
        time.sleep(row.seconds)
    if row.later:
        apply(namespace(row), placed(row, row.later()))
    run(row, row.commands)
    if row.last:
        apply(namespace(row), placed(row, row.last()))


def run(row: Row, commands: tuple[str, ...]) -> None:
    for command in commands:
        kubectl("--namespace", namespace(row), *command.replace(PLACE, namespace(row)).split())


def save(row: Row) -> None:
    target = VIEWS / f"{row.id}.json.gz"
    main(["snapshot", f"namespace/{namespace(row)}", "-f", str(target), "--force"])


def wave(rows: list[Row]) -> None:
    for row in rows:
        prepare(row)
    for row in rows:
        settle(row)
    for row in rows:
        step(row)
    for row in rows:
        settle(row)
    time.sleep(max(row.seconds for row in rows))
    for row in rows:
        save(row)
    for row in rows:
        clear(row)


def clear(row: Row) -> None:
    run(row, row.after)
    for kind, name in row.frees:
        kubectl("--namespace", namespace(row), "patch", kind, name, "--type=merge", "-p", _FREE)
    for item in wide(row):
        if namespace(row) in item["metadata"]["name"]:
            kubectl("delete", item["kind"], item["metadata"]["name"], "--wait=false")
    kubectl("delete", "namespace", namespace(row), "--wait=false", "--ignore-not-found")


if __name__ == "__main__":
    wanted = sys.argv[1:]
    todo = [row for row in ROWS if (row.id in wanted if wanted else not (VIEWS / f"{row.id}.json.gz").exists())]
    todo.sort(key=lambda row: row.seconds)
    together = [row for row in todo if not row.alone]
    for start in range(0, len(together), WAVE):
        wave(together[start : start + WAVE])
    for row in todo:
        if row.alone:
            wave([row])
