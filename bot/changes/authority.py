"""Whose rights decide about changes: a policy's roles (the bot), or the caller's own (the command line)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.changes.deps import Limits
from bot.changes.policy.access_request import AccessRequest, ChangeScope, RequestedChange
from bot.changes.policy.bounds import capped, problems_of
from bot.changes.policy.decision import Decision, decide, decide_own_rights
from bot.changes.policy.model import BUDGET_WINDOW, Closed, Holder, Policy
from bot.changes.policy.people import fitting_roles, holders
from bot.changes.policy.source import PolicySource
from bot.changes.ports import Impersonation
from bot.domain.changes import Person
from bot.domain.remedies import Remedy
from bot.engine.remedies.parameters import with_parameters

_WITHOUT_POLICY = Limits(
    offer=timedelta(minutes=30),
    approval=timedelta(minutes=10),
    verify_for=timedelta(minutes=5),
    withdraw_after=2,
    budget_window=BUDGET_WINDOW,
)
"""Where no policy says otherwise: with the caller's own rights, or while nobody may act anyhow."""


class PolicyAuthority:
    """The policy decides who may, as which role; the cluster is asked in the name of that role and person."""

    own_rights = False

    def __init__(self, source: PolicySource) -> None:
        self._source = source

    def limits(self) -> Limits:
        """The policy's times and counts."""
        return _limits(self._source.current())

    def rules(self) -> str:
        """The digest of the policy's file."""
        return _rules(self._source.current())

    def works_for(self, requester: Person) -> bool:
        """People in chat; whoever uses the command line does so with rights that the bot does not have."""
        return bool(requester.team)

    def closed(self) -> str:
        """Why nobody may act: no policy, a broken one, or the kill switch."""
        return _closed(self._source.current())

    def roles(self, place: ChangeScope, ask: RequestedChange) -> Sequence[str]:
        """Roles that grant it there and that somebody holds."""
        policy = self._source.current()
        if isinstance(policy, Closed) or not holders(policy, place, ask):
            return ()
        return tuple(role.name for role in fitting_roles(policy, place, ask))

    def holders(self, place: ChangeScope, ask: RequestedChange) -> Sequence[Holder]:
        """Who holds a role that may do it there."""
        policy = self._source.current()
        return () if isinstance(policy, Closed) else holders(policy, place, ask)

    def approvals_needed(self, remedy: Remedy) -> int:
        """How many people besides the requester."""
        policy = self._source.current()
        return 0 if isinstance(policy, Closed) else policy.approvals_needed(remedy.kind, remedy.risk)

    def fitted(self, remedy: Remedy, place: ChangeScope) -> Remedy | None:
        """The remedy with its parameters capped by the policy's bounds."""
        return _fitted(self._source.current(), remedy, place)

    def problem(self, remedy: Remedy, place: ChangeScope) -> str:
        """Which parameter is out of bounds."""
        return _problem(self._source.current(), remedy, place)

    def decide(self, question: AccessRequest) -> Decision:
        """By roles, bounds, freezes, budgets and the rule of four eyes."""
        return decide(self._source.current(), question)

    def acting_as(self, role: str, person: Person) -> Impersonation | None:
        """The role is impersonated."""
        return Impersonation(role, person)


class OwnRights:
    """The caller's kubeconfig decides. A policy that is configured still sets bounds, freezes and the kill switch."""

    own_rights = True

    def __init__(self, source: PolicySource | None, user: str) -> None:
        """`source` None: no policy is configured. `user`: the operating system's, whose rights these are."""
        self._source = source
        self._user = user

    def limits(self) -> Limits:
        """The policy's times and counts, if there is one."""
        return _limits(self._source.current()) if self._source else _WITHOUT_POLICY

    def rules(self) -> str:
        """The digest of the policy's file, if there is one."""
        return _rules(self._source.current()) if self._source else ""

    def works_for(self, requester: Person) -> bool:
        """The caller alone: what others have begun is not finished with these rights."""
        return not requester.team and requester.user == self._user

    def closed(self) -> str:
        """Why nobody may act: a policy that is configured and broken, or its kill switch."""
        return _closed(self._source.current()) if self._source else ""

    def roles(self, place: ChangeScope, ask: RequestedChange) -> Sequence[str]:  # noqa: ARG002 - the cluster alone decides
        """No role: the caller."""
        return ("",)

    def holders(self, place: ChangeScope, ask: RequestedChange) -> Sequence[Holder]:  # noqa: ARG002 - the cluster alone knows
        """Nobody who could be named."""
        return ()

    def approvals_needed(self, remedy: Remedy) -> int:  # noqa: ARG002 - nobody else is asked
        """Nobody else."""
        return 0

    def fitted(self, remedy: Remedy, place: ChangeScope) -> Remedy | None:
        """The remedy, capped if there is a policy."""
        return _fitted(self._source.current(), remedy, place) if self._source else remedy

    def problem(self, remedy: Remedy, place: ChangeScope) -> str:
        """Which parameter is out of bounds, if there is a policy."""
        return _problem(self._source.current(), remedy, place) if self._source else ""

    def decide(self, question: AccessRequest) -> Decision:
        """Everything that is not about persons."""
        if self._source is None:
            return Decision(allowed=True, risk=question.ask.risk, approvals_needed=0)
        policy = self._source.current()
        return decide_own_rights(policy, question.place, question.ask, question.count, question.now)

    def acting_as(self, role: str, person: Person) -> Impersonation | None:  # noqa: ARG002 - nobody is impersonated
        """The caller's own account."""
        return None


def _limits(policy: Policy | Closed) -> Limits:
    if isinstance(policy, Closed):
        return _WITHOUT_POLICY
    expiry = policy.expiry
    return Limits(expiry.offer, expiry.approval, policy.verify_for, policy.withdraw_after, BUDGET_WINDOW)


def _rules(policy: Policy | Closed) -> str:
    return "" if isinstance(policy, Closed) else policy.digest


def _closed(policy: Policy | Closed) -> str:
    if isinstance(policy, Closed):
        return policy.reason
    return "" if policy.enabled else "The policy's kill switch is set, so nobody may change anything."


def _fitted(policy: Policy | Closed, remedy: Remedy, place: ChangeScope) -> Remedy | None:
    if isinstance(policy, Closed):
        return None
    ask = RequestedChange.of(remedy)
    fitting = capped(policy, ask, place)
    if fitting is None:
        return None
    old = {item.name: item.value for item in ask.parameters}
    new = {item.name: item.value for item in fitting.parameters if item.value != old.get(item.name)}
    return with_parameters(remedy, new) if new else remedy


def _problem(policy: Policy | Closed, remedy: Remedy, place: ChangeScope) -> str:
    if isinstance(policy, Closed):
        return policy.reason
    return " ".join(problems_of(policy, RequestedChange.of(remedy), place))
