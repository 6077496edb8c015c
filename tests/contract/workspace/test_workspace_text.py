"""What people type is delivered the way Slack delivers it: escaped, linked, mentioned, and as rich_text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.workspace.acts.text import MentionNames, compose
from bot.sandbox.workspace.rules.validate import check_block_list

NAMES = MentionNames(
    people={"triage": "U0BOT", "sam": "U0SAM"}, channels={"incidents": "C0INC"}, groups={"oncall": "S0ON"}
)

DELIVERED = {
    "entities": ("a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"),
    "address": ("see https://example.com/a?b=1&c=2.", "see <https://example.com/a?b=1&amp;c=2>."),
    "address in parentheses": ("(http://10.0.0.1:8080)", "(<http://10.0.0.1:8080>)"),
    "bare host name": ("cloud.onyx.app is down", "<http://cloud.onyx.app|cloud.onyx.app> is down"),
    "cluster name stays": ("api-server.onyx.svc:8080", "api-server.onyx.svc:8080"),
    "mail": ("ask sam@meridian.example.com", "ask <mailto:sam@meridian.example.com|sam@meridian.example.com>"),
    "mention by name": ("@triage help", "<@U0BOT> help"),
    "mention by id": ("<@U0BOT> help", "<@U0BOT> help"),
    "unknown id is text": ("<@U0WHO> help", "&lt;@U0WHO&gt; help"),
    "group": ("@oncall look", "<!subteam^S0ON> look"),
    "broadcast": ("@here", "<!here>"),
    "typed token is text": ("<!channel> <https://x.example|y>", "&lt;!channel&gt; &lt;<https://x.example>|y&gt;"),
    "channel": ("in #incidents", "in <#C0INC|>"),
    "inline code": ("run `kubectl get <pod>`", "run `kubectl get &lt;pod&gt;`"),
    "nothing inside code": ("`@triage`", "`@triage`"),
    "fence": ("look\n```\na <b>\n@triage\n```", "look\n```a &lt;b&gt;\n@triage```"),
    "address in a fence": ("```\nGET http://api:8080/x\n```", "```GET <http://api:8080/x>```"),
    "stars stay": ("*** FATAL _x_ ~y~", "*** FATAL _x_ ~y~"),
    "windows line ends": ("a\r\nb", "a\nb"),
}


@pytest.mark.parametrize(("typed", "delivered"), DELIVERED.values(), ids=DELIVERED.keys())
def test_text_is_delivered_like_slack_does(typed: str, delivered: str) -> None:
    assert compose(typed, NAMES).text == delivered


def test_blocks_keep_the_raw_text_of_a_fence() -> None:
    composed = compose("@triage this:\n```\nError: <x> & y\n    at z\n```\nthanks", NAMES)

    (block,) = composed.blocks
    assert [element["type"] for element in block["elements"]] == [
        "rich_text_section",
        "rich_text_preformatted",
        "rich_text_section",
    ]
    assert block["elements"][0]["elements"][0] == {"type": "user", "user_id": "U0BOT"}
    assert block["elements"][1]["elements"] == [{"type": "text", "text": "Error: <x> & y\n    at z"}]
    assert composed.mentions == {"U0BOT"}


def _text_of(node: Any) -> str:
    if isinstance(node, dict):
        return str(node["text"]) if node.get("type") == "text" else "".join(_text_of(v) for v in node.values())
    return "".join(_text_of(each) for each in node) if isinstance(node, list) else ""


@settings(max_examples=150, deadline=None, database=None)
@given(st.text(alphabet="ab<>&`\n @#:/._*~1", max_size=60))
def test_whatever_is_typed_is_deliverable(typed: str) -> None:
    composed = compose(typed, NAMES)

    assert check_block_list(composed.blocks, "message") == ()
    # Only our own tokens may hold an angle bracket.
    assert all(token[:1] in "@!#hm" for token in composed.text.split("<")[1:])


@settings(max_examples=100, deadline=None, database=None)
@given(st.text(alphabet="abc<>&*_~ \n", min_size=1, max_size=40).filter(lambda t: t.strip()))
def test_plain_text_survives_in_the_blocks_unchanged(typed: str) -> None:
    assert _text_of(compose(typed, NAMES).blocks) == typed.strip()
