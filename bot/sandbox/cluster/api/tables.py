"""Server-side printing: `as=Table` answers with the columns kubectl shows.

Called by the handlers for lists, gets and watches. The columns themselves are in `api.columns_*`; kinds without their
own get NAME and AGE.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.sandbox.cluster.api.columns_network import NETWORK_COLUMNS
from bot.sandbox.cluster.api.columns_other import OTHER_COLUMNS
from bot.sandbox.cluster.api.columns_workload import WORKLOAD_COLUMNS
from bot.sandbox.cluster.api.printing import Columns, age, column
from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object

_PLAIN = Columns((column("Name", "name"), column("Age")), lambda item, now: [item["metadata"]["name"], age(item, now)])
_COLUMNS: dict[str, Columns] = {**WORKLOAD_COLUMNS, **NETWORK_COLUMNS, **OTHER_COLUMNS}


def table(kind: Kind, items: list[Object], now: datetime, include: str, list_meta: Object) -> Object:
    """A meta.k8s.io/v1 Table. `include` is Metadata, Object or None: what accompanies each row."""
    columns = _COLUMNS.get(kind.storage, _PLAIN)
    rows = [_row(kind, columns.cells, item, now, include) for item in items]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_meta,
        "columnDefinitions": list(columns.definitions),
        "rows": rows,
    }


def _row(
    kind: Kind, cells: Callable[[Object, datetime], list[Any]], item: Object, now: datetime, include: str
) -> Object:
    row: Object = {"cells": cells(item, now)}
    if include == "Object":
        row["object"] = {**item, "apiVersion": kind.api_version, "kind": kind.kind}
    elif include != "None":
        row["object"] = partial(item)
    return row


def partial(item: Object) -> Object:
    """The PartialObjectMetadata of an object."""
    return {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": item["metadata"]}
