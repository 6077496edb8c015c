"""Migrations, on both databases: from empty to today, once, and never backwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, inspect

from bot.adapters.store import migrate
from bot.adapters.store.schema.tables import REVISIONS, metadata
from bot.adapters.store.sql.database import Database
from bot.adapters.store.sql.engine import Patience, parse_url
from bot.domain.errors import StoreError
from tests.databases import StoreCase
from tests.store_samples import a_change


def described(case: StoreCase) -> dict[str, Any]:
    """Tables, columns, indexes, keys and triggers, as the database itself says them."""
    database = Database(parse_url(case.url), Patience(), create=True)
    try:
        with database.read() as connection:
            inspector = inspect(connection)
            tables = {name: described_table(inspector, name) for name in inspector.get_table_names()}
    finally:
        database.close()
    if case.kind == "sqlite":
        triggers = case.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
    else:
        triggers = case.execute(
            "SELECT tgname, pg_get_triggerdef(pg_trigger.oid), prosrc FROM pg_trigger "
            "JOIN pg_proc ON tgfoid = pg_proc.oid WHERE NOT tgisinternal ORDER BY tgname"
        )
    return {"tables": tables, "triggers": [tuple(row) for row in triggers]}


def described_table(inspector: Inspector, name: str) -> dict[str, Any]:
    columns = [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(name)]
    indexes = [
        (
            index["name"],
            index["column_names"],
            bool(index["unique"]),
            sorted(map(str, index["dialect_options"].values())),
        )
        for index in inspector.get_indexes(name)
    ]
    foreign = [
        (key["constrained_columns"], key["referred_table"], key["options"]) for key in inspector.get_foreign_keys(name)
    ]
    return {
        "columns": columns,
        "primary": inspector.get_pk_constraint(name)["constrained_columns"],
        "unique": sorted(str(key["column_names"]) for key in inspector.get_unique_constraints(name)),
        "foreign": sorted(map(str, foreign)),
        "indexes": sorted(map(str, indexes)),
    }


def migrate_step_by_step(case: StoreCase) -> None:
    """As an old database is brought to today: by the migrations alone."""
    database = Database(parse_url(case.url), Patience(), create=True)
    try:
        with database.write(audit=True) as transaction:
            migrate._upgrade(transaction.connection)
    finally:
        database.close()


def test_migrations_and_the_tables_of_a_new_database_are_the_same(own_database: StoreCase, tmp_path: Path) -> None:
    migrate_step_by_step(own_database)
    stepwise = described(own_database)
    if own_database.kind == "sqlite":
        (tmp_path / "triage.db").unlink()
    else:
        own_database.execute("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    own_database.open()
    at_once = described(own_database)
    assert stepwise == at_once
    assert set(at_once["tables"]) == {*metadata.tables, "alembic_version"}


def test_the_known_versions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS


def test_a_database_that_was_migrated_step_by_step_works(own_database: StoreCase) -> None:
    migrate_step_by_step(own_database)
    store = own_database.open()
    store.changes.add(a_change(), "triage")
    assert store.audit.verify().broken is None
    assert store.health().version == REVISIONS[-1]


def test_two_replicas_that_start_at_once_make_the_tables_once(own_database: StoreCase) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(lambda _: own_database.open(), range(4)))
    for number, store in enumerate(stores):
        store.changes.add(a_change(number), "triage")
    assert stores[0].audit.verify().head.seq == 4


def test_a_database_of_a_newer_program_is_refused_and_left_alone(own_database: StoreCase) -> None:
    own_database.open().close()
    own_database.execute("UPDATE alembic_version SET version_num = '0999'")
    before = described(own_database)
    with pytest.raises(StoreError, match=r"version 0999 by a newer program.*Run the newer version"):
        own_database.open()
    with pytest.raises(StoreError, match="0999"):
        own_database.open(migrating=False)
    assert described(own_database) == before


def test_a_running_store_says_that_its_database_became_too_new(database: StoreCase) -> None:
    store = database.open()
    database.execute("UPDATE alembic_version SET version_num = '0999'")
    health = store.health()
    database.execute("UPDATE alembic_version SET version_num = :version", version=REVISIONS[-1])
    assert health.reachable
    assert not health.ready
    assert "newer program" in health.problem


def test_a_database_whose_tables_are_gone_is_not_ready(own_database: StoreCase) -> None:
    store = own_database.open()
    own_database.execute("DROP TABLE alembic_version")
    health = store.health()
    assert (health.reachable, health.ready, health.version) == (True, False, "")
    assert "version none" in health.problem


def test_a_row_of_a_newer_program_is_an_error_of_ours_and_left_alone(database: StoreCase) -> None:
    store = database.open()
    store.changes.add(a_change(), "triage")
    ((body,),) = database.execute("SELECT body FROM changes")
    newer = body.replace('"app"', '"new_field": 1,"app"')
    seal = store.audit.seal(newer)
    database.execute("UPDATE changes SET body = :newer, seal = :seal", newer=newer, seal=seal)
    with pytest.raises(StoreError, match=r"written by another version.*the newer one"):
        store.changes.get("change-1")


def test_who_only_looks_makes_no_tables(own_database: StoreCase, tmp_path: Path) -> None:
    expected = "There is no database" if own_database.kind == "sqlite" else "of version none"
    with pytest.raises(StoreError, match=expected):
        own_database.open(migrating=False)
    assert list(tmp_path.iterdir()) == []
