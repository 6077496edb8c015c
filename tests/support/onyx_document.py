"""Writes deploy/docs/onyx.md: what Onyx does when what is missing, from the playbooks.

`python -m tests.support.onyx_document` rewrites it; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.playbook.schema import SymptomPlaybook
from tests.support.shipped import shipped_playbooks

PLACE = Path(__file__).parents[2] / "deploy" / "docs" / "onyx.md"
TOPICS = {
    "start": "Starting and stopping",
    "postgres": "Postgres",
    "schema": "Database schema and migrations",
    "redis": "Redis and logins",
    "index": "Document index (OpenSearch, Vespa)",
    "models": "Model servers and language models",
    "files": "Object store and uploads",
    "web": "Web server",
    "proxy": "Proxies in front (nginx, ingress)",
    "auth": "Login and licence",
    "chat": "Chat",
    "workers": "Background workers and bots",
    "craft": "Onyx Craft",
    "cluster": "Cluster and chart",
}
HEAD = """\
# What Onyx does when something is missing

What Triage knows about Onyx, one table for each topic. It was read from the source of the releases and checked against
the current version (August 2026) and v2.2.1, run with one thing after the other broken. **Generated from
`playbooks/onyx`: change those, then run `python -m tests.support.onyx_document`.**

## The order of a start, and what ends it (current version)

1. `alembic upgrade head` needs Postgres only, and does not wait: exit 1 at once, 255 for an unknown revision.
2. uvicorn imports for 30 to 60 s **without a line**. That is no hang.
3. Engines, auth type, `USER_AUTH_SECRET` (exit), Redis `INFO` (only a WARNING), tracing settings from Postgres (only a
   WARNING), warm-up of Postgres (exit at once), key-value store (only logged), **document index: 10 attempts of 5 s,
   then exit 3; the lock for it is in Redis, so a missing Redis ends in the same words**, S3 bucket (exit).
4. `Application startup complete`, and only then port 8080 is bound. Until then nothing listens: `/health` is refused.
5. Workers wait 60 s each for Redis, Postgres, OpenSearch and then for the primary worker, and exit with 1.

## What proves little here

* `/health` and `/health/ready` stay 200 with Postgres, Redis or the index dead and with the pool of connections used
  up.
* The web server answers every page with 200 while the API server is dead, and its page lines never say how a call
  failed.
* A chat is answered 200 without documents while the index is away, and 200 with the error in its stream while the
  language model fails. The current version logs nothing of the latter: use the test button of the admin page.
* Not logged in is 403, never 401. A 401 from the API server is OpenSearch refusing Onyx's password.
* "License" in a line hardly ever is about the licence: those checks are the first that fail without Redis or Postgres.
* Harmless things are logged as ERROR (404, a wrong password, a chat that is gone), real ones as WARNING.

## When the log ends and nothing follows

| last line | for | it hangs in |
|---|---|---|
"""


def document() -> str:
    """The whole text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    files = [file for file in shipped_playbooks().files if isinstance(file.playbook, SymptomPlaybook)]
    topics: dict[str, list[SymptomPlaybook]] = {}
    for file in files:
        assert isinstance(file.playbook, SymptomPlaybook)
        if file.playbook.app == "onyx":
            topics.setdefault(file.path.parent.name, []).append(file.playbook)
    yield HEAD.rstrip()
    for playbook in (item for items in topics.values() for item in items):
        for one in playbook.silences:
            yield f"| `{one.after.replace('|', chr(92) + '|')}` | {one.seconds} s | {playbook.title} |"
    for topic, title in TOPICS.items():
        yield from (
            "",
            f"## {title}",
            "",
            "| what people see or the log says | versions | what it means | what to do |",
        )
        yield "|---|---|---|---|"
        order = {"critical": 0, "warning": 1, "info": 2}
        for playbook in sorted(topics.get(topic, ()), key=lambda item: (order[item.severity], item.id)):
            versions = ", ".join(f"{item.component} {item.affected}" for item in playbook.versions) or "all"
            name = f"**{_cell(playbook.title)}** `{playbook.id}`"
            yield f"| {name} | {versions} | {_cell(playbook.description)} | {_cell(playbook.advice)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PLACE.write_text(document(), encoding="utf-8")
