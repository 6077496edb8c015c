"""The catalogue of `triage playbooks list`: apps with their errors, and the causes each can have."""

from __future__ import annotations

from typing import Any

from bot.engine.judge.hypotheses import hypotheses
from bot.playbook.loaded import PlaybookSet


def listing(playbooks: PlaybookSet) -> dict[str, Any]:
    """The catalogue as JSON."""
    apps = []
    for app in playbooks.apps.values():
        symptoms = playbooks.symptoms_of(app.id)
        causes = hypotheses(app, playbooks.generic, symptoms)
        apps.append(
            {
                "id": app.id,
                "title": app.title,
                "components": sorted(app.components),
                "symptoms": [{"id": item.id, "title": item.title, "severity": item.severity} for item in symptoms],
                "causes": sorted({item.spec.id for item in causes}),
            }
        )
    return {"schema": "triage/v1", "apps": apps}


def listing_text(playbooks: PlaybookSet) -> str:
    """The catalogue for a terminal."""
    lines: list[str] = []
    for app in listing(playbooks)["apps"]:
        lines += [f"{app['id']}: {app['title']}", f"  components: {', '.join(app['components'])}", "  errors:"]
        width = max((len(item["id"]) for item in app["symptoms"]), default=0)
        lines += [f"    {item['id']:<{width}}  {item['title']}" for item in app["symptoms"]]
        lines += ["  causes:", *(f"    {name}" for name in app["causes"])]
    return "\n".join(lines) or "There are no playbooks."
