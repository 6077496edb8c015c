"""Whether a paste holds a credential that may still work, and what its owner should do about it.

Called for every paste by the Slack adapter, which tells the person alone, at once. It says kinds, never values.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.redaction.judge import looks_random
from bot.redaction.redactor import Secret, secrets_in
from bot.redaction.site import NO_RULES, SiteRules

ADVICE: Mapping[str, tuple[str, str]] = {
    "aws-key": ("an AWS access key", "AWS console → IAM → Users → Security credentials: deactivate it, then delete it"),
    "azure-key": ("an Azure key or client secret", "Azure portal: rotate the key of the account, or delete the secret"),
    "google-key": ("a Google key", "Google Cloud console → APIs & Services → Credentials: delete or regenerate it"),
    "slack-token": ("a Slack token", "api.slack.com/apps → OAuth & Permissions: revoke it, then install the app again"),
    "webhook-url": ("a webhook URL", "the settings of the channel or app that made it: remove it and make a new one"),
    "telegram-token": ("a Telegram bot token", "@BotFather: /revoke"),
    "discord-token": ("a Discord bot token", "Discord Developer Portal → Bot: reset the token"),
    "github-token": ("a GitHub token", "github.com → Settings → Developer settings → Tokens: delete it"),
    "gitlab-token": ("a GitLab token", "GitLab → Preferences → Access tokens (or the runner's page): revoke it"),
    "bitbucket-token": ("an Atlassian token", "id.atlassian.com → Security → API tokens: revoke it"),
    "openai-key": ("a model provider's key", "the provider's dashboard → API keys: delete it"),
    "model-key": ("a model provider's key", "the provider's dashboard → API keys: delete it"),
    "stripe-key": ("a Stripe key", "dashboard.stripe.com → Developers → API keys: roll it"),
    "twilio-key": ("a Twilio key", "Twilio console → API keys: delete it"),
    "sendgrid-key": ("a SendGrid key", "SendGrid → Settings → API Keys: delete it"),
    "mail-key": ("a mail provider's key", "the provider's dashboard → API keys: delete it"),
    "npm-token": ("an npm token", "npmjs.com → Access Tokens: delete it"),
    "pypi-token": ("a PyPI token", "pypi.org → Account settings → API tokens: remove it"),
    "package-token": ("a package registry's token", "the registry's account settings → tokens: delete it"),
    "vault-token": ("a Vault token", "`vault token revoke`, and the secrets it could read"),
    "cloud-token": ("a cloud service's token", "the service's account settings → API tokens: delete it"),
    "private-key": (
        "a private key",
        "make a new pair; withdraw the certificate, or remove the public key where it is trusted",
    ),
    "jwt": ("a signed token", "end the session, or delete the ServiceAccount's token, that it belongs to"),
    "password": ("a password", "change it where it is set, and restart what uses it"),
    "url-password": ("a URL with a password", "change the password of that user, and restart what uses the URL"),
    "basic-auth": ("a user name with a password", "change the password of that user"),
    "secret-data": (
        "the content of a Kubernetes Secret",
        "change each value where it was issued, then update the Secret",
    ),
    "authorization": ("a credential of a request", "revoke it where it was issued"),
    "bearer": ("a credential of a request", "revoke it where it was issued"),
    "api-key": ("an API key", "delete it where it was issued, and make a new one"),
    "token": ("a token", "revoke it where it was issued"),
    "secret": ("a secret", "change it where it was issued, and update what uses it"),
}
"""By kind: what a person would call it, and where it is revoked. A kind that is not here is never warned about:
sessions, cookies, signatures of URLs and login codes end by themselves, hashes cannot be revoked."""

_JUDGED_BY_LOOK = frozenset({"password", "api-key", "token", "secret", "authorization", "bearer", "url-password"})
_DOCUMENTED = re.compile(
    r"(?i)example|sample|placeholder|dummy|changeme|your[_-]?|test[_-]?key|123456789|abcdef0?123|xxxx"
)
_DEMONSTRATION_JWT = "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
_FEWEST_CHARACTERS = 6
"""Different characters that a value made by chance has at least."""


def live_credentials(text: str, now: datetime, rules: SiteRules = NO_RULES) -> tuple[str, ...]:
    """The kinds of credentials in a text that may still work, each once, in the order of their first appearance.

    Documented examples, placeholders and tokens that had expired at `now` do not count.
    """
    found = (secret.kind for secret in secrets_in(text, rules) if _is_live(secret, now, rules))
    return tuple(dict.fromkeys(found))


def credential_notice(kinds: Iterable[str]) -> str:
    """What the person who pasted it is told, alone. Plain text; no value, no markup."""
    known = [(kind, *ADVICE.get(kind, ("a secret of this site", "revoke it where it was issued"))) for kind in kinds]
    if not known:
        return ""
    names = list(dict.fromkeys(name for _, name, _ in known))
    steps = dict.fromkeys(f"• {name[0].upper()}{name[1:]}: {advice}." for _, name, advice in known)
    listed = names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
    it = "it" if len(names) == 1 else "them"
    first = (
        f"Your message contains what looks like {listed}. Treat {it} as known to others: revoke {it} now, then delete "
        f"the message. I keep no copy, and show a mark instead of {it}."
    )
    return "\n".join((first, *steps, "Only you can see this."))


def _is_live(secret: Secret, now: datetime, rules: SiteRules) -> bool:
    value = secret.value
    if any(rule.id == secret.kind for rule in rules.rules):
        return True
    if secret.kind not in ADVICE or _DOCUMENTED.search(value) or len(set(value)) < _FEWEST_CHARACTERS:
        return False
    if secret.kind == "jwt":
        return not _is_expired(value, now)
    if secret.kind == "secret-data":
        return len(value) >= 8
    return secret.kind not in _JUDGED_BY_LOOK or _is_strong(value)


def _is_strong(value: str) -> bool:
    """Whether a value behind a telling name was made to be secret: `hunter2` in a question about logins was not."""
    signs = sum(not character.isalnum() for character in value)
    return looks_random(value.encode()) or (len(value) >= 8 and signs > 0 and any(map(str.isdigit, value)))


def _is_expired(token: str, now: datetime) -> bool:
    if token.endswith(_DEMONSTRATION_JWT):
        return True
    parts = token.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        expires = claims.get("exp")
        return isinstance(expires, int | float) and expires < now.timestamp()
    except (IndexError, binascii.Error, ValueError, AttributeError):
        return False
