"""Where a message that was edited was answered, so that its answer is corrected and not repeated. Used by `posts`."""

from __future__ import annotations

import logging

from bot.adapters.slack.events.intake.incoming import Post
from bot.adapters.slack.events.services import SlackDeps
from bot.adapters.slack.send.reading import marker_of
from bot.domain.errors import SlackError
from bot.incidents.card_state import state_of
from bot.incidents.pasted.ledger import source_of
from bot.incidents.questions.origin import QuestionOrigin

_log = logging.getLogger(__name__)


def where_it_was_answered(services: SlackDeps, post: Post, asked: QuestionOrigin) -> QuestionOrigin:
    """A corrected paste corrects its answer: the card, if it is about this message alone, or the short reply.

    Raises `SlackError` while Slack has trouble: an answer that was not looked for would be given a second time.
    """
    try:
        thread = services.api.thread(post.channel, post.thread)
    except SlackError as error:
        if error.passing:
            raise
        _log.warning("the answer to an edited message was not found: %s", error)
        return asked
    ours = [message for message in thread if marker_of(message).get("source") == post.ts]
    if not ours:
        services.withdrawals.edited(source_of(post.channel, post.ts))
        return asked
    incident = services.incidents.get(str(marker_of(ours[-1]).get("id")))
    if incident is not None and state_of(incident).count == 1:
        return asked.but(incident=incident.id)
    services.withdrawals.edited(source_of(post.channel, post.ts))
    return asked if incident is not None else asked.but(ts=str(ours[-1]["ts"]))
