"""Where something is, in the words in which every outlet says it."""

from __future__ import annotations


def place_words(app: str, namespace: str, cluster: str) -> tuple[str, ...]:
    """`web`, `namespace prod`, `cluster eu`; a subject that is the whole namespace is not said twice."""
    subject = () if app == f"namespace/{namespace}" else (app,)
    return (*subject, f"namespace {namespace}", f"cluster {cluster}")
