"""Faults that the API server meets while it starts, as the real one was seen to meet them.

What a dependency answers is its mood; the API server prints what the real one prints then. Collected by
`faults.catalogue`.
"""

from __future__ import annotations

from bot.sandbox.cluster.apps.build import NAMESPACE
from bot.sandbox.cluster.faults.model import Act, Deed, Fault, Operator, Scenario, minutes
from bot.sandbox.cluster.state.kinds import DEPLOYMENTS, STATEFUL_SETS, Kind

REFUSES_LOGIN, NO_DATABASE, NOT_MIGRATED, NEWER = "refuses_login", "no_database", "not_migrated", "newer"


def _database(mood: str) -> Deed:
    def deed(operator: Operator) -> None:
        operator.put_in_mood(STATEFUL_SETS, operator.names.database, mood)
        operator.replace_pods(operator.names.api)

    return deed


def _newer_database(operator: Operator) -> None:
    operator.put_in_mood(STATEFUL_SETS, operator.names.database, NEWER)
    start = (
        'alembic upgrade head && echo "Starting Onyx Api Server" && '
        "uvicorn onyx.main:app --host 0.0.0.0 --port 8080"  # a simulated socket
    )
    operator.change_api(container={"command": ["/bin/sh", "-c", start]})
    operator.replace_pods(operator.names.api)


def _cache(operator: Operator) -> Kind:
    """Redis is a Deployment in hand-written manifests, and a StatefulSet of an operator in the chart."""
    found = operator.world.store.get(DEPLOYMENTS, NAMESPACE, operator.names.cache)
    return DEPLOYMENTS if found is not None else STATEFUL_SETS


def _stop_redis(operator: Operator) -> None:
    operator.scale(_cache(operator), operator.names.cache, 0)
    operator.replace_pods(operator.names.api)


def _change_password_of_redis(operator: Operator) -> None:
    operator.put_in_mood(_cache(operator), operator.names.cache, REFUSES_LOGIN)
    operator.replace_pods(operator.names.api)


def _scenario(identity: str, label: str, description: str, deed: Deed, cause: str) -> Scenario:
    return Scenario(Fault(identity, label, description, (cause,)), (Act(minutes(6), deed),))


SCENARIOS: tuple[Scenario, ...] = (
    _scenario(
        "redis-down",
        "Redis is down",
        "Redis was scaled to zero and the API server restarted since. It dies with words about its document index.",
        _stop_redis,
        "dependency-down",
    ),
    _scenario(
        "redis-password",
        "Redis has another password",
        "The password of Redis was changed; the API server restarted since and still has the old one.",
        _change_password_of_redis,
        "redis-login-failed",
    ),
    _scenario(
        "postgres-password",
        "Postgres has another password",
        "The password of the database user was changed; the API server restarted since and still has the old one.",
        _database(REFUSES_LOGIN),
        "postgres-login-failed",
    ),
    _scenario(
        "database-missing",
        "The database does not exist",
        "Postgres was set up anew without the database of Onyx; the API server restarted since.",
        _database(NO_DATABASE),
        "postgres-database-missing",
    ),
    _scenario(
        "database-not-migrated",
        "The database is not migrated",
        "The database is empty, and nobody has run alembic; the API server restarted since.",
        _database(NOT_MIGRATED),
        "database-schema-mismatch",
    ),
    _scenario(
        "database-newer",
        "The database is newer",
        "A newer release has migrated the database, and somebody went back to the older image.",
        _newer_database,
        "alembic-revision-missing",
    ),
)
