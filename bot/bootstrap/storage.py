"""Opens the database that the settings name.

Apart from `program`: `triage audit` loads neither Slack nor Kubernetes.
"""

from __future__ import annotations

from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.bootstrap.narration import build_boundary
from bot.diagnosis.ports import Clock
from bot.redaction import Boundary
from bot.settings import Settings

DATABASE, KEY, HEAD = "triage.db", "audit.key", "audit.head"
"""Names in the state directory. The head is the newest audit entry, as this replica knows it."""


def open_storage(
    settings: Settings, clock: Clock, boundary: Boundary | None = None, *, migrating: bool = True
) -> Store:
    """The store. With `migrating` off nothing is made and nothing is changed.

    `boundary` is what free texts pass before they are kept; without one it is made of the site's rules, unless the
    store is only looked at. Raises `StoreError` when the database cannot be used, `ConfigurationError` when its address
    is none, `FilesRejected` for mistakes in the site's rules.
    """
    if boundary is None and migrating:
        boundary = build_boundary(settings)
    state = settings.state.expanduser().absolute()
    given = settings.database.get_secret_value() if settings.database is not None else ""
    files = AuditFiles(key=(settings.audit_key_file or state / KEY).expanduser(), head=state / HEAD)
    url = given or f"sqlite:///{state / DATABASE}"
    return open_store(url, clock, audit_files=files, migrating=migrating, boundary=boundary)
