"""Which pastes make the bot tell a person to revoke a credential, and what it says."""

import base64
import json
from datetime import UTC, datetime
from random import Random

import pytest

from bot.redaction.live import ADVICE, credential_notice, live_credentials
from tests.corpus.secret_values import GENERATORS

NOW = datetime(2026, 11, 23, 10, 9, tzinfo=UTC)


def made(name: str) -> str:
    return GENERATORS[name](Random(5))


def token(expires: int) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": "1", "exp": expires})
    body = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{body}.{GENERATORS['opaque'](Random(2))}"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"key {made('aws_key')}", ("aws-key",)),
        (f"SLACK_BOT_TOKEN={made('slack_bot')}\n{made('github')}", ("slack-token", "github-token")),
        (f"{made('github')} {made('gitlab')} {made('github')}", ("github-token", "gitlab-token")),
        (made("pem"), ("private-key",)),
        (f"DATABASE_URL=postgresql://onyx:{made('password_plain')}@db/onyx", ("url-password",)),
        (f"POSTGRES_PASSWORD={made('password')}", ("password",)),
        (f"Authorization: Bearer {made('opaque')}", ("authorization",)),
        (f"Bearer {token(1_795_900_000)}", ("jwt",)),
        # not live
        ("connect ECONNREFUSED 172.30.154.48:8080", ()),
        ("aws_access_key_id = AKIAIOSFODNN7" + "EXAMPLE", ()),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY", ()),
        ("POSTGRES_PASSWORD=postgres", ()),
        ("password=changeme123", ()),
        ("api_key=your-api-key-1234", ()),
        ("token=xxxxxxxxxxxxxxxx1", ()),
        (f"Bearer {token(1_700_000_000)}", ()),
        (f"Set-Cookie: session={made('session')}", ()),
        (f"https://x.blob.core.windows.net/a?sig={made('azure_sas')}", ()),
        (f"hash {made('bcrypt')}", ()),
    ],
)
def test_a_paste_is_judged(text: str, kinds: tuple[str, ...]) -> None:
    assert live_credentials(text, NOW) == kinds


def test_the_notice_names_kinds_and_where_to_revoke_and_never_the_value() -> None:
    secret = made("aws_key")
    said = credential_notice(live_credentials(f"{secret} {made('slack_bot')}", NOW))
    assert "an AWS access key and a Slack token" in said
    assert "deactivate it" in said
    assert "delete the message" in said
    assert "Only you can see this." in said
    assert secret not in said


def test_every_kind_has_words_and_advice() -> None:
    for kind, (name, advice) in ADVICE.items():
        assert name.startswith(("a ", "an ", "the ")), kind
        assert len(advice) > 10
    assert credential_notice(()) == ""
    assert "a secret of this site" in credential_notice(("badge",))
