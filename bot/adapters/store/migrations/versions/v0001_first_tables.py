"""The first tables.

Frozen: what is released is never changed here; a later migration changes it. Times are kept in UTC.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_DIGEST = sa.String(length=64)
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_SQLITE = (
    (
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
    (
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
    (
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit "
        "WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit) "
        "OR EXISTS (SELECT 1 FROM audit WHERE prev = NEW.prev) "
        "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END"
    ),
)
_POSTGRES = (
    (
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    ),
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()",
)


def upgrade() -> None:
    """Make all tables, in an empty database."""
    _incidents()
    _buttons()
    _changes()
    _audit()
    _schedule()
    _model()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", _DIGEST, nullable=False),
        sa.Column("key_digest", _DIGEST, nullable=False),
        sa.Column("channel", _DIGEST, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "incidents_one_open",
        "incidents",
        ["key_digest", "channel"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("incidents_state", "incidents", ["state", "opened_at"])
    op.create_index(
        "incidents_unshown",
        "incidents",
        ["updated_at"],
        sqlite_where=sa.text("wanted > shown"),
        postgresql_where=sa.text("wanted > shown"),
    )
    op.create_table(
        "views",
        sa.Column("incident", _DIGEST, nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("incident"),
    )
    op.create_table(
        "mutes",
        sa.Column("key_digest", _DIGEST, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key_digest"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", _BIG, autoincrement=True, nullable=False),
        sa.Column("incident", _DIGEST, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("feedback_at", "feedback", ["at"])
    op.create_table(
        "questions",
        sa.Column("id", _DIGEST, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("owned_until", _TIME, nullable=False),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("questions_owned", "questions", ["owned_until"])


def _buttons() -> None:
    op.create_table(
        "button_cards",
        sa.Column("card", sa.String(length=128), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("card"),
    )
    op.create_table(
        "buttons",
        sa.Column("token_digest", _DIGEST, nullable=False),
        sa.Column("card", sa.String(length=128), nullable=False),
        sa.Column("ts", sa.Text(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("claim", _DIGEST, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["card"], ["button_cards.card"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_digest"),
    )
    op.create_index("buttons_card", "buttons", ["card"])
    op.create_index("buttons_claim", "buttons", ["claim"])
    op.create_index("buttons_expiry", "buttons", ["expires_at"])
    op.create_table(
        "seen_events",
        sa.Column("key_digest", _DIGEST, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key_digest"),
    )
    op.create_index("seen_events_expiry", "seen_events", ["expires_at"])


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", _DIGEST, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.Column("incident", _DIGEST, nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("workload_key", sa.Text(), nullable=False),
        sa.Column("undoes", _DIGEST, nullable=False),
        sa.Column("requester_team", sa.Text(), nullable=False),
        sa.Column("requester_user", sa.Text(), nullable=False),
        sa.Column("offered_at", _TIME, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("claimed_at", _TIME, nullable=True),
        sa.Column("owned_until", _TIME, nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seal", _DIGEST, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("changes_claimed", "changes", ["claimed_at"])
    op.create_index("changes_due", "changes", ["due_at"])
    op.create_index("changes_incident", "changes", ["incident"])
    op.create_index("changes_state", "changes", ["state", "offered_at"])
    op.create_table(
        "transitions",
        sa.Column("change_id", _DIGEST, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=False),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("change_id", "version"),
    )
    op.create_table(
        "approvals",
        sa.Column("change_id", _DIGEST, nullable=False),
        sa.Column("team", _DIGEST, nullable=False),
        sa.Column("person", sa.String(length=128), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("change_id", "team", "person"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("time", sa.String(length=32), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("prev", _DIGEST, nullable=False),
        sa.Column("hash", _DIGEST, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("prev"),
    )
    op.create_index("audit_about", "audit", ["about"])
    op.create_index("audit_time", "audit", ["time"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)


def _schedule() -> None:
    op.create_table(
        "leases",
        sa.Column("name", _DIGEST, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("transitions", _BIG, nullable=False),
        sa.Column("duration_seconds", sa.Float(), nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "fences",
        sa.Column("name", _DIGEST, nullable=False),
        sa.Column("term", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "claims",
        sa.Column("key_digest", _DIGEST, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("term", _BIG, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("key_digest"),
    )
    op.create_index("claims_at", "claims", ["at"])
    op.create_table(
        "findings",
        sa.Column("monitor", sa.String(length=256), nullable=False),
        sa.Column("key_digest", _DIGEST, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("touched_at", _TIME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("monitor", "key_digest"),
    )
    op.create_index("findings_touched", "findings", ["touched_at"])


def _model() -> None:
    op.create_table(
        "model_spending",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("tokens", _BIG, nullable=False),
        sa.Column("micros", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )
