"""When NetworkPolicies opened a route: what failed before, while they closed it, does not fail now.

Pure. Policies add up, so that a route which is open only by a younger one was closed until that one was made. Only the
making of a policy has a time in the API: one that was changed or taken away leaves none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.kubernetes import NetworkPolicy
from bot.domain.view import View
from bot.engine.binding import Binding, BoundRoute
from bot.engine.checks.network.policies import closed_directions


def opened_since(binding: Binding, route: BoundRoute) -> datetime | None:
    """When the policy was made without which this open route would be closed; None if there is no such moment."""
    policies = binding.view.networkpolicies
    if len(policies) < 2 or not _is_open(binding, route):
        return None
    made = {item.metadata.creation_timestamp for item in policies}
    for moment in sorted((one for one in made if one is not None), reverse=True):
        older = tuple(item for item in policies if _is_older(item, moment))
        closed = closed_directions(replace(binding, view=_with(binding, older)), route)
        if closed is None or closed.any:
            return moment if closed is not None else None
    return None


def _is_open(binding: Binding, route: BoundRoute) -> bool:
    """Whether policies are known to leave the route open: what depends on labels that were not read is not."""
    closed = closed_directions(binding, route)
    return closed is not None and not closed.any and None not in (closed.ingress, closed.egress)


def _is_older(policy: NetworkPolicy, moment: datetime) -> bool:
    made = policy.metadata.creation_timestamp
    return made is None or made < moment


def _with(binding: Binding, policies: tuple[NetworkPolicy, ...]) -> View:
    return binding.view.model_copy(update={"networkpolicies": policies})
