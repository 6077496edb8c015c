"""Faults that Onyx meets while it runs: its health path answers all the while.

Somebody has the chat open, so that there are calls which fail. What a dependency does is its mood. Collected by
`faults.catalogue`.
"""

from __future__ import annotations

from bot.sandbox.cluster.faults.model import Deed, Operator, Scenario, one_deed
from bot.sandbox.cluster.state.kinds import INGRESSES, STATEFUL_SETS
from bot.sandbox.cluster.state.values import Object

READ_ONLY, LOCKED, KEY_REFUSED = "read_only", "locked", "model_key_refused"
HOST = "onyx.example.com"


def database(mood: str) -> Deed:
    """Postgres has this mood, and somebody chats."""

    def deed(operator: Operator) -> None:
        operator.put_in_mood(STATEFUL_SETS, operator.names.database, mood)
        operator.let_people_chat()

    return deed


def _insist_on_verified_mail(operator: Operator) -> None:
    operator.set_data(operator.names.api_settings, REQUIRE_EMAIL_VERIFICATION="true")
    operator.restart(operator.names.api)


def _people_chat(operator: Operator) -> None:
    operator.let_people_chat()


def ingress_to(service: str, port: int, path: str, name: str = "onyx") -> Object:
    """An Ingress of this host with one path."""
    backend = {"service": {"name": service, "port": {"number": port}}}
    rule = {"host": HOST, "http": {"paths": [{"path": path, "pathType": "Prefix", "backend": backend}]}}
    return {"metadata": {"name": name}, "spec": {"rules": [rule]}}


def expose_the_page_only(operator: Operator) -> None:
    """An Ingress for the web server alone."""
    operator.create(INGRESSES, ingress_to(operator.names.web_service, 3000, "/"))


SCENARIOS: tuple[Scenario, ...] = (
    one_deed(
        "postgres-read-only",
        "Postgres accepts no writes",
        "Postgres became read-only while Onyx runs: pages load, but no chat can be begun.",
        database(READ_ONLY),
        "postgres-read-only",
    ),
    one_deed(
        "postgres-pool-exhausted",
        "All connections to Postgres are taken",
        "Every connection of the API server waits for a lock: requests end after 30 seconds, and /health is well.",
        database(LOCKED),
        "postgres-exhausted",
    ),
    one_deed(
        "mail-not-verified",
        "Nobody's mail is verified",
        "REQUIRE_EMAIL_VERIFICATION was switched on: people are logged in, and everything is refused with 403.",
        _people_chat,
        "email-not-verified",
        prepare=_insist_on_verified_mail,
    ),
    one_deed(
        "ingress-without-api",
        "The Ingress has no /api",
        "An Ingress leads the page to the web server and /api to nobody: the browser gets 404 for every call.",
        expose_the_page_only,
        "ingress-without-api",
    ),
    one_deed(
        "llm-key-refused",
        "The language model refuses the key",
        "The provider of the language model no longer accepts the key: chats end with an error, all else is well.",
        database(KEY_REFUSED),
        "llm-login-failed",
    ),
)
