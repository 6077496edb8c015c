"""How the bot is configured in Slack. Filled by the program's settings; nothing here reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SlackSettings:
    """Tokens, and where the bot listens.

    bot_token:  `xoxb-…`
    app_token:  `xapp-…`, for Socket Mode
    mode:       `socket`, or `http`: then Slack sends its deliveries to `/slack/events` at this host and port
    signing_secret: by which a delivery over HTTP is known to be Slack's
    api_url:    Slack's Web API, or a server that speaks the same
    channels:   ids or names of channels in which every message is looked at, not only mentions; with the apps that one
                is bound to (`C0123456789=onyx/onyx-prod`, see `events.bindings`)
    allow_bots: ids (bot, app or user) of other bots whose messages are looked at
    answer_in_shared_channels: answer in channels shared with other organisations, which then read the diagnosis
    home_team:  the workspace whose members may ask; empty: the one the bot token belongs to
    who_can_help: what somebody who may not ask is told, as a sentence
    """

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False, default="")
    api_url: str = "https://slack.com/api/"
    channels: tuple[str, ...] = ()
    allow_bots: tuple[str, ...] = ()
    answer_in_shared_channels: bool = False
    home_team: str = ""
    who_can_help: str = ""
    mode: str = "socket"
    signing_secret: str = field(default="", repr=False)
    http_host: str = "0.0.0.0"
    http_port: int = 3000
