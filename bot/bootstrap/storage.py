"""Opens the database that the settings name.

Apart from `program`: `triage audit` loads neither Slack nor Kubernetes.
"""

from __future__ import annotations

from bot.adapters.store.store import AuditFiles, Store, open_store
from bot.settings import Settings
from bot.triage.ports import Clock

DATABASE, KEY, HEAD = "triage.db", "audit.key", "audit.head"
"""Names in the state directory. The head is the newest audit entry, as this replica knows it."""


def open_storage(settings: Settings, clock: Clock, *, migrating: bool = True) -> Store:
    """The store. With `migrating` off nothing is made and nothing is changed.

    Raises `StoreError` when the database cannot be used, `ConfigurationError` when its address is none.
    """
    state = settings.state.expanduser().absolute()
    given = settings.database.get_secret_value() if settings.database is not None else ""
    files = AuditFiles(key=(settings.audit_key_file or state / KEY).expanduser(), head=state / HEAD)
    return open_store(given or f"sqlite:///{state / DATABASE}", clock, audit_files=files, migrating=migrating)
