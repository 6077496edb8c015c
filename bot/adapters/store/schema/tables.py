"""The tables. Read by the repositories; `migrations/versions` says the same in steps (a test compares the two).

A row's `body` is the whole value as JSON text; the other columns are what questions and guards need, derived from it.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from bot.adapters.store.schema.append_only import guard
from bot.adapters.store.schema.columns import BIG, DIGEST, UtcTime

REVISIONS = ("0001", "0002")
"""Every migration there is, oldest first. The last one is what this version of the program needs."""

VERSION_TABLE = "alembic_version"


metadata = MetaData()

seen_events = Table(
    "seen_events",
    metadata,
    Column("key_digest", DIGEST, primary_key=True),
    Column("expires_at", UtcTime, nullable=False),
    Index("seen_events_expiry", "expires_at"),
)

button_cards = Table(
    "button_cards",
    metadata,
    Column("card", String(128), primary_key=True),
    Column("claims", Integer, nullable=False),
)
"""One row per card. Whoever takes a button of it updates this row first, so that claims of one card queue up."""

buttons = Table(
    "buttons",
    metadata,
    Column("token_digest", DIGEST, primary_key=True),
    Column("card", String(128), ForeignKey("button_cards.card", ondelete="CASCADE"), nullable=False),
    Column("ts", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("claim", DIGEST),
    Column("body", Text, nullable=False),
    Index("buttons_card", "card"),
    Index("buttons_claim", "claim"),
    Index("buttons_expiry", "expires_at"),
)
"""`claim` is the digest of the token that was pressed, also in the rows that were taken with it."""

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("key_digest", DIGEST, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("closed_at", UtcTime),
    Column("updated_at", UtcTime, nullable=False),
    Column("wanted", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index(
        "incidents_one_open",
        "key_digest",
        "channel",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index("incidents_state", "state", "opened_at"),
    Index(
        "incidents_unshown", "updated_at", sqlite_where=text("wanted > shown"), postgresql_where=text("wanted > shown")
    ),
)

views = Table(
    "views",
    metadata,
    Column("incident", String(64), ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True),
    Column("snapshot", LargeBinary, nullable=False),
)
"""The redacted view behind an incident's newest diagnosis, as `bot.diagnosis.snapshot` packs it."""

mutes = Table(
    "mutes",
    metadata,
    Column("key_digest", DIGEST, primary_key=True),
    Column("key", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("until", UtcTime, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("incident", String(64), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("verdict", String(32), nullable=False),
    Column("detail", Text, nullable=False),
    Column("snapshot", LargeBinary, nullable=False),
    Index("feedback_at", "at"),
)

changes = Table(
    "changes",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("cluster", Text, nullable=False),
    Column("incident", String(64), nullable=False),
    Column("remedy", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("workload_key", Text, nullable=False),
    Column("undoes", String(64), nullable=False),
    Column("requester_team", Text, nullable=False),
    Column("requester_user", Text, nullable=False),
    Column("offered_at", UtcTime, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("due_at", UtcTime),
    Column("claimed_at", UtcTime),
    Column("owned_until", UtcTime),
    Column("body", Text, nullable=False),
    Column("seal", DIGEST, nullable=False),
    Index("changes_incident", "incident"),
    Index("changes_due", "due_at"),
    Index("changes_claimed", "claimed_at"),
    Index("changes_state", "state", "offered_at"),
)

"""`seal` is a keyed hash of `body`: who can write to the database but has not the audit key cannot make up a change,
an approval or another patch. The other columns are not sealed: they find rows and count budgets, and decide nothing."""

transitions = Table(
    "transitions",
    metadata,
    Column("change_id", String(64), ForeignKey("changes.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("from_state", String(16), nullable=False),
    Column("to_state", String(16), nullable=False),
    Column("by", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

approvals = Table(
    "approvals",
    metadata,
    Column("change_id", String(64), ForeignKey("changes.id", ondelete="CASCADE"), primary_key=True),
    Column("team", String(64), primary_key=True),
    Column("person", String(128), primary_key=True),
    Column("at", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("time", String(32), nullable=False),
    Column("event", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("prev", DIGEST, nullable=False, unique=True),
    Column("hash", DIGEST, nullable=False),
    Index("audit_about", "about"),
    Index("audit_time", "time"),
)
guard(audit)

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("transitions", BIG, nullable=False),
    Column("duration_seconds", Float, nullable=False),
    Column("version", BIG, nullable=False),
)
"""Nothing here ends by a clock: who wants the lease watches for how long the row stays as it is."""

claims = Table(
    "claims",
    metadata,
    Column("key_digest", DIGEST, primary_key=True),
    Column("key", Text, nullable=False),
    Column("term", BIG, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("result", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("claims_at", "at"),
)

fences = Table(
    "fences",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("term", BIG, nullable=False),
)
"""The highest term of a leader that was seen. Lower ones come from a leader of the past."""

findings = Table(
    "findings",
    metadata,
    Column("monitor", String(256), primary_key=True),
    Column("key_digest", DIGEST, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("touched_at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),
    Index("findings_touched", "touched_at"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("owned_until", UtcTime, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Index("questions_owned", "owned_until"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("edited_ts", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("owner", Text, nullable=False),
    Column("owned_until", UtcTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("inbox_owned", "owned_until"),
)
"""Messages that were acknowledged and are not dealt with yet. No texts: they hold secrets, and Slack has them."""

hearing = Table(
    "hearing",
    metadata,
    Column("team", String(64), primary_key=True),
    Column("at", UtcTime, nullable=False),
)
"""When some replica could last hear a workspace."""

model_spending = Table(
    "model_spending",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("tokens", BIG, nullable=False),
    Column("micros", BIG, nullable=False),
)
"""What was spent or is reserved on the model, per day (UTC, ISO): `micros` are millionths of the prices' currency."""
