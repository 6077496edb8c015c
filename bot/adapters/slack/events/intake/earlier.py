"""What was said in a thread before somebody called the bot into it. Used by `posts`, at the desk.

Bounded, and honest about it: what was left out becomes a sentence for the card. Our own messages are not read.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.adapters.slack.events.intake.incoming import Post, files_of, paste_of
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.render.blocks import Json
from bot.adapters.slack.render.limits import THREAD_CHARACTERS
from bot.domain.errors import SlackError


@dataclass(frozen=True)
class Earlier:
    """The text of the earlier messages, and sentences about what of it could not be read."""

    text: str = ""
    unread: tuple[str, ...] = ()


def earlier_in_thread(services: SlackDeps, post: Post) -> Earlier:
    """Everything said in the thread before this post, and its files; the newest messages first where it is too much."""
    try:
        thread = services.api.thread(post.channel, post.thread)
    except SlackError as error:
        return Earlier(unread=(f"the earlier messages of this thread: {error.message}",))
    before = [message for message in thread if str(message.get("ts") or "") < post.ts and not _ours(services, message)]
    texts: list[str] = []
    left = THREAD_CHARACTERS
    unread: list[str] = []
    for message in reversed(before):
        text = paste_of(message)
        if len(text) > left:
            unread.append("the oldest messages of this thread: it is too long to read all of it")
            break
        texts.append(text)
        left -= len(text)
    files = services.files.read([file for message in reversed(before) for file in files_of(message)])
    return Earlier("\n".join([*reversed(texts), *files.texts]), (*unread, *files.unread))


def _ours(services: SlackDeps, message: Json) -> bool:
    return message.get("bot_id") == services.identity.bot_id or message.get("user") == services.identity.user_id
