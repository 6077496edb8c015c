"""What the fixes of incidents need, wired once by whoever puts the bot together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.changes.policy.source import PolicySource
from bot.changes.ports import ChangeStore
from bot.changes.service import ChangeService
from bot.diagnosis.ports import Clock, IncidentStore, TriageRequest
from bot.incidents.card_reconciler import CardReconciler
from bot.incidents.ports import MessageQueue, PeopleDirectory, Tell
from bot.incidents.questions.origin import QuestionOrigin
from bot.incidents.tokens import Tokens
from bot.redaction.boundary import Boundary
from bot.runtime.loops import Failed


@dataclass(frozen=True)
class FixDeps:
    """`changes` is the store that `service` works with, `policy` the one it decides by. `ask` starts a triage; it says
    False when too much is going on."""

    service: ChangeService
    changes: ChangeStore
    policy: PolicySource
    incidents: IncidentStore
    cards: CardReconciler
    tokens: Tokens
    queue: MessageQueue
    directory: PeopleDirectory
    tell: Tell
    ask: Callable[[QuestionOrigin, TriageRequest], bool]
    boundary: Boundary
    clock: Clock
    failed: Failed
