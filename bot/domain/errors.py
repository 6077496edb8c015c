"""Every error this program raises on purpose.

    TriageError                      has a message and a remedy: what the person should do next
    ├── UsageError                   the command or its arguments are wrong
    │   ├── PasteRejected            the paste is empty, binary or too large
    │   ├── UnknownApp               no playbook describes the app that was named
    │   ├── UnknownWorkload          the namespace has no such Deployment or StatefulSet
    │   ├── ParameterRefused         a value given for a remedy is not what its parameter takes
    │   └── ReleaseUnclear           the namespace holds several releases of the app; carries their names
    ├── ConfigurationError           a setting, kubeconfig or playbook is wrong
    │   └── FilesRejected            files of one set have mistakes; carries all of them
    │       ├── PlaybooksRejected    one or more playbooks
    │       ├── MonitorsRejected     one or more monitors
    │       └── PolicyRejected       the policy
    ├── ClusterError                 the cluster cannot be read at all
    │   ├── ClusterUnreachable       no answer, a refused connection or bad TLS
    │   ├── ClusterUnauthorized      the API server does not accept these credentials
    │   ├── NamespaceNotFound        the namespace is not there, or holds no such app
    │   ├── ObjectGone               the object to be changed is not there
    │   ├── ObjectChanged            it is not the one that was previewed any more
    │   ├── WriteRefused             RBAC or admission refused the write, with their words
    │   └── OutcomeUnknown           the write was sent, and no answer came
    ├── StoreError                   the database cannot be reached, or refuses
    │   └── AuditUnwritable          no audit entry can be written, so nothing may be done
    ├── ModelError                   the language model gave nothing that can be used; nothing depends on it
    │   ├── ModelUnavailable         no answer in time, an error of the server, or it failed too often just now
    │   ├── ModelRefused             the server does not accept the request: key, model name, address
    │   ├── ModelAnswerUnusable      the answer is cut off, too large, or not what was asked for
    │   └── ModelBudgetSpent         the day's tokens or money are used up
    └── ChatError                    the chat platform refused a call, or cannot be reached
        └── SlackError               Slack did

A single failed read inside a triage is not an error: it is a `Gap` (see `bot.domain.facts`).
"""

from __future__ import annotations

from enum import StrEnum


class TriageError(Exception):
    """Base of all our errors.

    `message` says what is wrong in one sentence; `remedy` says what to do next, also as a sentence.
    """

    exit_code = 3

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class UsageError(TriageError):
    """The command or its arguments are wrong."""


class PasteRejected(UsageError):
    """The paste is empty, binary or too large to be a log."""


class UnknownApp(UsageError):
    """No playbook describes the app that was named."""


class ParameterRefused(UsageError):
    """A value that a person gave for a remedy is not what that parameter takes, or the remedy has no such parameter."""


class UnknownWorkload(UsageError):
    """The namespace has no Deployment or StatefulSet of the name that was given, or it cannot be seen."""


class ReleaseUnclear(UsageError):
    """The namespace holds several releases of the app, and none was named. `places` are `namespace/release`."""

    def __init__(self, message: str, places: tuple[str, ...]) -> None:
        super().__init__(message, "Choose one with -n NAMESPACE --release RELEASE.")
        self.places = places


class ConfigurationError(TriageError):
    """A setting, a kubeconfig or a playbook is wrong."""


class FilesRejected(ConfigurationError):
    """Files of one set have mistakes. `problems` holds all of them as `file:line:column: message`."""

    def __init__(self, what: str, problems: tuple[str, ...], remedy: str, verb: str = "have") -> None:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__(f"The {what} {verb} {count}.", remedy)
        self.problems = problems


class PlaybooksRejected(FilesRejected):
    """The playbooks have mistakes."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("playbooks", problems, "Correct them; `triage playbooks check` lists all of them.")


class MonitorsRejected(FilesRejected):
    """The monitors have mistakes."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("monitors", problems, "Correct them; `triage doctor` lists all of them.")


class PolicyRejected(FilesRejected):
    """The policy has mistakes, so nobody may act."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("policy", problems, "Correct the file; until then nobody may act.", verb="has")


class ClusterError(TriageError):
    """The cluster cannot be read at all."""


class ClusterUnreachable(ClusterError):
    """The API server gives no answer: refused connection, timeout, name or TLS failure."""


class ClusterUnauthorized(ClusterError):
    """The API server does not accept the credentials (HTTP 401)."""


class NamespaceNotFound(ClusterError):
    """The namespace does not exist, or no namespace holds the app."""


class Unsent(StrEnum):
    """What a failed call means for the message that it should have sent."""

    REFUSED = "refused"
    """It will never be taken."""
    TOO_FAST = "too fast"
    """The same, in `retry_after` seconds; so with all that goes by that way."""
    LATER = "later"
    """The platform has trouble."""
    GONE = "gone"
    """It cannot be edited any more; it can be posted anew."""


class ChatError(TriageError):
    """The chat platform refused a call, or cannot be reached. `may_have_arrived`: it may be done all the same."""

    unsent = Unsent.REFUSED
    retry_after = 0.0
    may_have_arrived = False

    @property
    def passing(self) -> bool:
        """Whether the same may succeed a little later."""
        return self.unsent in (Unsent.TOO_FAST, Unsent.LATER)


class SlackError(ChatError):
    """Slack refused a call, or cannot be reached."""


class ObjectGone(ClusterError):
    """The object that should be changed is not in the cluster."""


class ObjectChanged(ClusterError):
    """The object is no longer the one that was previewed: somebody or something else changed it."""


class WriteRefused(ClusterError):
    """RBAC or an admission controller refused the write; the message carries their words."""


class OutcomeUnknown(ClusterError):
    """The write was sent and no answer came: only the cluster can say whether it took effect."""


class StoreError(TriageError):
    """The database cannot be reached, is full, or refuses.

    passing:  the same may succeed at once: the connection broke, or two transactions met
    doubtful: the transaction was being committed when the answer was lost, so it may have been done
    """

    passing = False
    doubtful = False


class AuditUnwritable(StoreError):
    """No audit entry can be written, so nothing may be done."""


class ModelError(TriageError):
    """The language model gave nothing that can be used. The diagnosis stands without it.

    `reason` tells the ways apart, for metrics; `answer` is what was read of its answer, which is untrusted.
    """

    reason = "unusable"

    def __init__(self, message: str, remedy: str, *, reason: str = "", answer: str = "") -> None:
        super().__init__(message, remedy)
        self.reason = reason or type(self).reason
        self.answer = answer


class ModelUnavailable(ModelError):
    """The model's server does not answer in time, answers with an error, or has failed too often just now."""

    reason = "unreachable"


class ModelRefused(ModelError):
    """The model's server does not accept the request: a wrong key, model name or address."""

    reason = "unreachable"


class ModelAnswerUnusable(ModelError):
    """The model answered, but the answer is cut off, too large, or not what was asked for."""


class ModelBudgetSpent(ModelError):
    """The day's budget of tokens or money is used up."""

    reason = "budget"
