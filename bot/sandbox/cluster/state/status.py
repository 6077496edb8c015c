"""The errors the API server answers with: Kubernetes `Status` bodies with the real wording.

Raised by the registry and the request handlers, turned into HTTP by `api.server`. These are answers to a client,
part of the simulated protocol; mistakes in using the simulation itself are `bot.domain.errors` instead.
"""

from __future__ import annotations

from bot.sandbox.cluster.state.kinds import Kind
from bot.sandbox.cluster.state.values import Object


class StatusError(Exception):
    """An API request that fails: HTTP code, reason, message and details as in a real `Status`."""

    def __init__(
        self, code: int, reason: str, message: str, details: Object | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.code, self.reason, self.message, self.retry_after = code, reason, message, retry_after
        self.details = dict(details or {})
        if retry_after is not None:
            self.details["retryAfterSeconds"] = retry_after

    def body(self) -> Object:
        """The `Status` object to send."""
        status: Object = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
        status["message"] = self.message
        if self.reason:
            status["reason"] = self.reason
        if self.details:
            status["details"] = self.details
        return {**status, "code": self.code}


def success(details: Object) -> Object:
    """The `Status` a delete answers with."""
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _details(kind: Kind, name: str) -> Object:
    found: Object = {}
    if name:
        found["name"] = name
    if kind.group:
        found["group"] = kind.group
    return {**found, "kind": kind.plural}


def not_found(kind: Kind, name: str) -> StatusError:
    """404 for one object."""
    return StatusError(404, "NotFound", f'{kind.qualified} "{name}" not found', _details(kind, name))


def no_such_path() -> StatusError:
    """404 for a path or resource the server does not serve."""
    return StatusError(404, "NotFound", "the server could not find the requested resource")


def already_exists(kind: Kind, name: str) -> StatusError:
    """409 for a create of something that is there."""
    return StatusError(409, "AlreadyExists", f'{kind.qualified} "{name}" already exists', _details(kind, name))


def conflict(kind: Kind, name: str, why: str = "") -> StatusError:
    """409 for a write against an older resourceVersion, or a failed precondition."""
    reason = why or ("the object has been modified; please apply your changes to the latest version and try again")
    return StatusError(
        409, "Conflict", f'Operation cannot be fulfilled on {kind.qualified} "{name}": {reason}', _details(kind, name)
    )


def invalid(kind: Kind, name: str, causes: list[tuple[str, str]]) -> StatusError:
    """422; `causes` are (field path, message such as `Invalid value: …`)."""
    lines = [f"{field}: {message}" for field, message in causes]
    text = lines[0] if len(lines) == 1 else "[" + ", ".join(lines) + "]"
    details = {
        **_details(kind, name),
        "kind": kind.kind,
        "causes": [{"reason": _cause_reason(message), "message": message, "field": field} for field, message in causes],
    }
    shown = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return StatusError(422, "Invalid", f'{shown} "{name}" is invalid: {text}', details)


def _cause_reason(message: str) -> str:
    reasons = {
        "Required value": "FieldValueRequired",
        "Not found": "FieldValueNotFound",
        "Forbidden": "FieldValueForbidden",
        "Unsupported value": "FieldValueNotSupported",
        "Duplicate value": "FieldValueDuplicate",
    }
    return reasons.get(message.split(":", maxsplit=1)[0], "FieldValueInvalid")


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def admission_forbidden(kind: Kind, name: str, why: str) -> StatusError:
    """403 by an admission plugin such as the quota."""
    return StatusError(403, "Forbidden", f'{kind.qualified} "{name}" is forbidden: {why}', _details(kind, name))


def expired_continue() -> StatusError:
    """410 for a continue token whose snapshot is gone."""
    return StatusError(
        410,
        "Expired",
        "The provided continue parameter is too old to display a consistent list result. You can start a new list "
        "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
        "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
        "modified, or deleted between the time the first chunk was returned and now may show up in the list.",
    )


def too_old(asked: int, oldest: int) -> StatusError:
    """410 for a watch that starts before the history the server keeps."""
    return StatusError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def method_not_allowed() -> StatusError:
    """405."""
    return StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def unsupported_media(given: str, accepted: str) -> StatusError:
    """415 for a patch of a type the server does not know."""
    return StatusError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format - accepted media types include: {accepted} (got {given})",
    )


def unavailable(message: str) -> StatusError:
    """503, as the proxy to pods and services answers."""
    return StatusError(503, "ServiceUnavailable", message)
