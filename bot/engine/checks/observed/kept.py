"""Does the caller still call an address from before: one in the range of Services that nothing here has now?"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.calls import CallFailure, FailedCall
from bot.domain.facts import FactValue, Gap
from bot.engine.binding import Binding, BoundRoute
from bot.engine.calls.places import place_of

_WELL_KNOWN = (0, 80, 443)


def kept_address(
    binding: Binding, route: BoundRoute, calls: Iterable[tuple[str, int, str]]
) -> dict[str, FactValue | Gap]:
    """The facts about calls that fail now, each with host, port and line.

    Only a port that is the route's own and no common one tells that a call to a bare address is meant for it.
    """
    port = route.address.port if route.address else route.called.spec.port
    for host, number, line in calls:
        if number != port or number in _WELL_KNOWN:
            continue
        call = FailedCall(CallFailure.CONNECT_TIMEOUT, host=host, address=host, port=number)
        place = place_of(call, binding, route.name) if _is_address(host) else None
        if place is not None and place.where == "kept":
            return {"observed.kept": True, "observed.kept_text": f"{place.words}. Its log says: {line}"}
    return {"observed.kept": False, "observed.kept_text": "its calls go to no address from before"}


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
