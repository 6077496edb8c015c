"""What the bot is given from outside: the stores it keeps everything in, changes, a language model, its pace.

Filled by the bootstrap. The defaults add nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.adapters.slack.render.home_facts import HomeFacts, NoFacts
from bot.adapters.slack.render.limits import (
    EDIT_INTERVAL_SECONDS,
    EDITS_PER_MINUTE,
    POSTS_AT_ONCE,
    POSTS_PER_SECOND,
    PROGRESS_EDITS_PER_MINUTE,
    REDRAW_SECONDS,
)
from bot.changes.policy.source import PolicySource
from bot.changes.ports import ChangeStore
from bot.changes.service import ChangeService
from bot.diagnosis.ports import ButtonStore, Inbox, IncidentStore, QuestionStore, SeenEvents
from bot.incidents.questions.upkeep import INTERVAL_SECONDS
from bot.incidents.sending.rate_limiter import RateLimits
from bot.narration.service import Wording
from bot.playbook.loaded import PlaybookSet
from bot.redaction.boundary import Boundary
from bot.runtime.measures import Measures

SLACKS_PACE = RateLimits(
    EDIT_INTERVAL_SECONDS,
    REDRAW_SECONDS,
    EDITS_PER_MINUTE,
    PROGRESS_EDITS_PER_MINUTE,
    POSTS_AT_ONCE,
    POSTS_PER_SECOND,
)
"""As fast as Slack allows."""


@dataclass(frozen=True)
class SlackStores:
    """Where everything is kept that must outlive the process, or be known to all replicas."""

    buttons: ButtonStore
    incidents: IncidentStore
    questions: QuestionStore
    seen: SeenEvents
    inbox: Inbox


@dataclass(frozen=True)
class ChangeOptions:
    """Fixes on the cards. `changes` is the store that `service` works with; `policy` the one it decides by."""

    service: ChangeService
    changes: ChangeStore
    policy: PolicySource


@dataclass(frozen=True)
class ModelDeps:
    """A language model's words. `playbooks` gives those in force."""

    wording: Wording
    playbooks: Callable[[], PlaybookSet]


@dataclass(frozen=True)
class Options:
    """What differs between installations and tests.

    pace:     how fast messages and edits may go; by default as fast as Slack allows
    boundary: hides secrets in everything that is sent and kept
    changes:  fixes on the cards; None: the bot only says what is wrong
    model:    a language model's words; None: no card and no answer shows a trace of one
    facts:    what the Home tab shows and this adapter does not know by itself
    measures: counts what goes wrong, and what waits
    upkeep_seconds: how often promises are looked after, when nothing asks for it sooner
    """

    pace: RateLimits = SLACKS_PACE
    boundary: Boundary = field(default_factory=Boundary)
    changes: ChangeOptions | None = None
    model: ModelDeps | None = None
    facts: HomeFacts = field(default_factory=NoFacts)
    measures: Measures = field(default_factory=Measures)
    upkeep_seconds: float = INTERVAL_SECONDS
