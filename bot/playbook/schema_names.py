"""Names and texts in playbooks: which characters they may have, and how long they may be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

LONGEST_IDENTIFIER = 80
"""Characters."""

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=LONGEST_IDENTIFIER)]


_SCOPE = r"\{(workload|route|dependency|service|edge|ingress|autoscaler)\}"


CAUSE_ID = rf"^({_SCOPE}-)?[a-z][a-z0-9_-]*$"


TARGET = rf"^({_SCOPE}|[a-z][a-z0-9_-]*)$"


REMEDY_ID = rf"^[a-z][a-z0-9-]*({_SCOPE})?(-[a-z0-9-]+)?$"


CauseId = Annotated[str, Field(pattern=CAUSE_ID, max_length=80)]
"""May start with `{workload}-`: filled in with the component's name, e.g. `api-oom-killed`."""


Sentence = Annotated[str, Field(min_length=1, max_length=600)]


Title = Annotated[str, Field(min_length=1, max_length=150)]


Pattern = Annotated[str, Field(min_length=1, max_length=1000)]
"""A regular expression for RE2: linear time, no look-around and no back-references."""


Glob = Annotated[str, Field(min_length=1, max_length=200)]


Strings = Annotated[tuple[str, ...], Field(strict=False)]


FOUND = r"^([a-z][a-z0-9_-]*|\*)$"


Found = Annotated[str, Field(pattern=FOUND, max_length=80)]
"""A symptom of the same app; `*` is any other critical one that does not itself give way to `*`."""


SchemaVersion = Literal["triage/playbook/v1"]
