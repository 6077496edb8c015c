"""Triggers that let the audit table only grow. Used by `tables`; the first migration has the same text.

They stop mistakes and ordinary access. Whoever may drop a trigger can get past them: that is what the chain is for.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, event

SQLITE = (
    (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
    (
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
    # INSERT OR REPLACE removes rows without asking a delete trigger, so every insert must be the next row.
    (
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) "
        "OR EXISTS (SELECT 1 FROM audit WHERE prev = NEW.prev) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
)

POSTGRES = (
    (
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    ),
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)


def guard(table: Table) -> None:
    """Have the triggers made right after the table."""
    event.listen(table, "after_create", _make_triggers)


def _make_triggers(_table: Table, connection: Connection, **_options: object) -> None:
    for statement in SQLITE if connection.dialect.name == "sqlite" else POSTGRES:
        connection.exec_driver_sql(statement)
