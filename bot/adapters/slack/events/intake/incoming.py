"""Reads what Slack delivers: a message event as a `Post` with its raw pasted text, a slash command as words.

Called by the listeners. Pure. The raw text is best taken from `blocks`, where code is neither escaped nor prettified;
`text` is the fallback. It never trusts a name in a payload for more than display.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.adapters.slack.render.blocks import Json

_READ_SUBTYPES = frozenset({"", "file_share", "bot_message", "thread_broadcast", "me_message"})
_TOKEN = re.compile(
    r"<(?:(?P<sign>[@#!])(?P<target>[^<>|]+)|(?P<link>[A-Za-z][A-Za-z0-9+.-]*:[^<>|\s]+))(?:\|(?P<label>[^<>]*))?>"
)
_NESTED = 8  # depth of blocks and attachments that is still read


@dataclass(frozen=True)
class Post:
    """A message somebody posted.

    paste:      its text as typed, without the mention of the bot
    teams:      every team id the event names for its author
    response_url: where its author can be told something privately, in channels the bot is not in
    edited_ts:  when it was edited, if this is about an edit
    before_ts:  when it was edited before that, if it was
    shared:     whether the channel is shared with another organisation; None: the event does not say
    receipt:    the row in the inbox that stands for it until it is dealt with; empty: there is none
    attempt:    how many processes have taken it on, this one included
    asked_as:   of a use of the shortcut: what its questions are named after, so that nobody asks them twice
    """

    team: str
    channel: str
    ts: str
    user: str
    paste: str
    thread_ts: str | None = None
    bot_id: str = ""
    app_id: str = ""
    is_direct: bool = False
    mentions_bot: bool = False
    teams: frozenset[str] = frozenset()
    shared: bool | None = None
    files: tuple[Json, ...] = ()
    response_url: str = ""
    edited_ts: str = ""
    before_ts: str = ""
    receipt: str = ""
    attempt: int = 1
    asked_as: str = ""

    @property
    def thread(self) -> str:
        """Where the answer belongs."""
        return self.thread_ts or self.ts

    @property
    def addressed(self) -> bool:
        """Whether the bot was spoken to, so that silence would be rude."""
        return self.is_direct or self.mentions_bot


def seconds_of(ts: object) -> float:
    """Slack's timestamp of a message as seconds since the epoch; 0 where it is none."""
    try:
        return float(str(ts or 0))
    except ValueError:
        return 0.0


def read_post(body: Json, bot_user: str) -> Post | None:
    """The post in an `event_callback`, or None when the event is not a new message (an edit, a deletion, a join…)."""
    event = body.get("event") or {}
    if event.get("hidden"):
        return None
    return _post(body, event, bot_user)


def event_of(team: str, channel: str, message: Json) -> Json:
    """A message that was read from the history, as the event that it once was."""
    event = {**message, "type": "message", "channel": channel}
    if channel.startswith("D"):
        event["channel_type"] = "im"
    return {"type": "event_callback", "team_id": team, "event": event}


def read_edit(body: Json, bot_user: str) -> Post | None:
    """The post as it reads now, in a `message_changed` event; None when it is no edit by a person of what they said.

    Slack sends the same event when it unfurls a link or counts replies; then the text has not changed.
    """
    event = body.get("event") or {}
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    edited_ts = str((message.get("edited") or {}).get("ts") or "")
    if event.get("subtype") != "message_changed" or not edited_ts or paste_of(message) == paste_of(before):
        return None
    whole = {**message, "channel": event.get("channel"), "channel_type": event.get("channel_type")}
    post = _post(body, whole, bot_user)
    before_ts = str((before.get("edited") or {}).get("ts") or "")
    return replace(post, edited_ts=edited_ts, before_ts=before_ts) if post is not None else None


def read_deletion(body: Json) -> tuple[str, str, str] | None:
    """The message that is gone, in a `message_deleted` event: its channel, its timestamp, and when it had been edited
    (empty: never). None for any other event.

    Slack sends a `message_changed` with a tombstone instead where a thread hangs below the message.
    """
    event = body.get("event") or {}
    message, before = event.get("message") or {}, event.get("previous_message") or {}
    tombstone = event.get("subtype") == "message_changed" and message.get("subtype") == "tombstone"
    ts = (
        event.get("deleted_ts")
        if event.get("subtype") == "message_deleted"
        else message.get("ts")
        if tombstone
        else None
    )
    if not ts or not event.get("channel"):
        return None
    return str(event["channel"]), str(ts), str((before.get("edited") or {}).get("ts") or "")


def _post(body: Json, event: Json, bot_user: str) -> Post | None:
    if str(event.get("subtype") or "") not in _READ_SUBTYPES:
        return None
    if not event.get("channel") or not event.get("ts"):
        return None
    teams = [event.get(name) for name in ("team", "user_team", "source_team")]
    teams.append((event.get("user_profile") or {}).get("team"))
    text = paste_of(event)
    mention = f"<@{bot_user}>"
    return Post(
        team=str(body.get("team_id") or ""),
        channel=str(event["channel"]),
        ts=str(event["ts"]),
        thread_ts=event.get("thread_ts"),
        user=str(event.get("user") or ""),
        bot_id=str(event.get("bot_id") or ""),
        app_id=str(event.get("app_id") or ""),
        paste=text.replace(mention, " ").strip(),
        is_direct=event.get("channel_type") == "im" or str(event["channel"]).startswith("D"),
        mentions_bot=event.get("type") == "app_mention" or mention in text or mention in str(event.get("text") or ""),
        teams=frozenset(str(team) for team in teams if team),
        shared=body.get("is_ext_shared_channel"),
        files=files_of(event),
    )


def read_shortcut(body: Json) -> Post | None:
    """The message somebody used the shortcut on, as if that person had mentioned the bot in it."""
    message, user = body.get("message") or {}, body.get("user") or {}
    channel, ts = (body.get("channel") or {}).get("id"), body.get("message_ts") or message.get("ts")
    if not channel or not ts:
        return None
    return Post(
        team=str((body.get("team") or {}).get("id") or ""),
        channel=str(channel),
        ts=str(ts),
        thread_ts=message.get("thread_ts"),
        user=str(user.get("id") or ""),
        paste=paste_of(message),
        is_direct=str(channel).startswith("D"),
        mentions_bot=True,
        teams=frozenset({str(user.get("team_id") or "")} - {""}),
        files=files_of(message),
        response_url=str(body.get("response_url") or ""),
    )


def files_of(message: Json) -> tuple[Json, ...]:
    """The files of a message."""
    return tuple(_dicts(message.get("files")))


def paste_of(message: Json) -> str:
    """Everything a message says, as it was typed: blocks (else text), then attachments."""
    said = "\n".join(_blocks_text(message.get("blocks"))) or unescape(str(message.get("text") or ""))
    attached = [text for attachment in _dicts(message.get("attachments")) for text in _attachment(attachment)]
    return "\n".join([part for part in (said, *attached) if part.strip()])


def unescape(text: str) -> str:
    """Undo Slack's markup: links become what was typed, mentions `<@U…>` stay, entities become characters."""
    plain = _TOKEN.sub(_untoken, text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def words(text: str) -> tuple[str, ...]:
    """The words of a command, without Slack's markup."""
    return tuple(unescape(text).split())


def _untoken(token: re.Match[str]) -> str:
    sign, target, label = token["sign"], token["target"], token["label"]
    if sign == "@":
        return f"<@{target}>"
    if sign == "#":
        return f"#{label or target}"
    if sign == "!":
        return f"@{label or target}".replace("@@", "@")
    return label or str(token["link"]).removeprefix("mailto:")


def _attachment(attachment: Json) -> Iterator[str]:
    blocks = [*_blocks_text(attachment.get("blocks")), *_message_blocks(attachment)]
    texts = [unescape(str(attachment.get(name) or "")) for name in ("pretext", "title", "text")]
    texts += [
        f"{unescape(str(field.get('title') or ''))}: {unescape(str(field.get('value') or ''))}"
        for field in _dicts(attachment.get("fields"))
    ]
    if not any(text.strip() for text in (*blocks, *texts)):
        texts.append(unescape(str(attachment.get("fallback") or "")))
    yield from (text for text in (*texts, *blocks) if text.strip())


def _message_blocks(attachment: Json) -> Iterator[str]:
    """A shared message keeps its blocks one level deeper."""
    for shared in _dicts(attachment.get("message_blocks")):
        message = shared.get("message")
        yield from _blocks_text(message.get("blocks") if isinstance(message, dict) else None)


def _blocks_text(blocks: Any) -> Iterator[str]:
    for block in _dicts(blocks):
        kind = block.get("type")
        if kind == "rich_text":
            yield from _containers(block.get("elements"))
        elif kind in ("section", "header"):
            yield from _text_objects([block.get("text"), *_dicts(block.get("fields"))])
        elif kind == "context":
            yield from _text_objects(block.get("elements"))
        elif kind == "markdown":
            yield str(block.get("text") or "")


def _text_objects(objects: Any) -> Iterator[str]:
    for item in _dicts(objects):
        text = str(item.get("text") or "")
        if text:
            yield unescape(text) if item.get("type") == "mrkdwn" else text


def _containers(elements: Any, depth: int = 0) -> Iterator[str]:
    for element in _dicts(elements):
        inner = element.get("elements")
        if element.get("type") == "rich_text_list" and depth < _NESTED:
            yield from _containers(inner, depth + 1)
        else:
            yield "".join(_inline(item) for item in _dicts(inner))


def _inline(element: Json) -> str:
    kind = element.get("type")
    if kind == "text":
        return str(element.get("text") or "")
    if kind == "link":
        return str(element.get("text") or element.get("url") or "").removeprefix("mailto:")
    if kind == "user":
        return f"<@{element.get('user_id')}>"
    if kind == "emoji":
        return f":{element.get('name')}:"
    if kind == "broadcast":
        return f"@{element.get('range')}"
    return ""


def _dicts(values: Any) -> Iterator[Json]:
    if isinstance(values, list | tuple):
        yield from (value for value in values if isinstance(value, dict))
