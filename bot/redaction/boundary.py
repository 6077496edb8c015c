"""The one redaction boundary (ARCHITECTURE, "Redaction"): every outlet of the program passes through one `Boundary`.

    outlet                                   what it calls
    a triage: Slack card, text, JSON,        `redactor(scope)`, once, on the view and the symptoms, before anything is
    snapshot, model                          decided: whatever is made of them cannot show a secret
    database, audit                          the store itself (`bot.adapters.store.sql.hiding`): `text`, `json`, `texts`
    refusals, previews of changes            `ChangeService`, before anybody sees them
    command line, `triage doctor`, `/readyz` `text`: errors quote what people typed and what servers said
    Slack, last chance                       `slack(payload)` on every outgoing payload
    logs                                     `logs.RedactingFormatter` around every handler's formatter
    metrics                                  `label(value)`
    model, last chance                       a redactor of its own on what is sent
    the person who pasted it                 `live_credentials(paste, now)`: revoke it, at once and alone

It is on, always. The site's rules (`TRIAGE_REDACTION`) come on top of the built-in ones and cannot switch them off.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime
from pathlib import Path

from bot.redaction.documents import Json, redact_document, redact_slack, redact_texts
from bot.redaction.live import live_credentials
from bot.redaction.redactor import Redactor, secrets_in
from bot.redaction.site import NO_RULES, SiteRules, read_site_rules
from bot.redaction.tokens import TOKEN, TokenBook

SCOPES_REMEMBERED = 512
"""Incidents whose tokens stay stable. One book holds digests only: about 100 bytes for each secret seen."""
LONGEST_LABEL = 120


class Boundary:
    """Made once per process by the wiring and handed to every outlet. Safe to use from several threads."""

    def __init__(self, rules: SiteRules = NO_RULES, *, hides_personal_data: bool = False) -> None:
        """`hides_personal_data`: in pastes and in what is read from clusters; who did what is told with names."""
        self._rules = rules
        self._personal = hides_personal_data
        self._lock = threading.Lock()
        self._books: OrderedDict[str, TokenBook] = OrderedDict()
        self._process = TokenBook()

    def redactor(self, scope: str = "") -> Redactor:
        """A redactor for one triage. With the same scope (cluster, namespace and app of an incident) equal secrets get
        equal tokens as long as the process lives; without one, tokens are numbered from 1.
        """
        book = self._book(scope) if scope else TokenBook()
        return Redactor(self._rules, book, hides_personal_data=self._personal)

    def text(self, text: str) -> str:
        """A text without secrets. Tokens are stable within the process."""
        return Redactor(self._rules, self._process).text(text)

    def json(self, document: Json) -> Json:
        """A JSON document without secrets: every text, and every value whose key announces a secret."""
        return redact_document(document, Redactor(self._rules, self._process))

    def texts(self, document: Json) -> Json:
        """A document of ours without secrets in its texts. Its keys announce nothing: `secret` may name an object."""
        return redact_texts(document, Redactor(self._rules, self._process))

    def slack(self, payload: Json) -> Json:
        """A Web API payload (`text`, `blocks`, `view`…) without secrets: the last look before it is sent.

        The triage has hidden its secrets long before; this catches what people typed and errors said. No text grows.
        """
        return redact_slack(payload, Redactor(self._rules, self._process))

    def live_credentials(self, text: str, now: datetime) -> tuple[str, ...]:
        """The kinds of credentials in a raw paste that may still work: see `live`, which has the words for them."""
        return live_credentials(text, now, self._rules)

    def label(self, value: str) -> str:
        """A value of a metric's label: on one line, short, with the kind of a secret but no number."""
        found = TOKEN.sub(r"‹\1›", self.text(value))
        return " ".join(found.split())[:LONGEST_LABEL]

    def _book(self, scope: str) -> TokenBook:
        with self._lock:
            book = self._books.setdefault(scope, TokenBook())
            self._books.move_to_end(scope)
            if len(self._books) > SCOPES_REMEMBERED:
                self._books.popitem(last=False)
            return book


def load_site_rules(path: Path | None) -> SiteRules:
    """The rules that `TRIAGE_REDACTION` names, with their cases run; none without a path.

    Raises `RedactionRulesRejected` with every mistake and its place.
    """
    return NO_RULES if path is None else read_site_rules(path, hidden_values)


def hidden_values(rules: SiteRules, text: str) -> list[str]:
    """What is hidden in a text under these rules, for their cases."""
    return [secret.value for secret in secrets_in(text, rules)]
