"""Where the bot's token may be sent. Read before every download and every private answer. Pure."""

from __future__ import annotations

import urllib.parse


def may_see_token(url: str, api_url: str) -> bool:
    """Whether the bot's token may be sent there: https to slack.com, or the very server that was configured instead."""
    wanted, own = urllib.parse.urlsplit(url), urllib.parse.urlsplit(api_url)
    host = (wanted.hostname or "").lower()
    if is_slack(api_url):
        return wanted.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com")) and not wanted.username
    return (wanted.scheme, wanted.netloc) == (own.scheme, own.netloc)


def is_slack(api_url: str) -> bool:
    """Whether the configured server is Slack itself."""
    host = (urllib.parse.urlsplit(api_url).hostname or "").lower()
    return host == "slack.com" or host.endswith(".slack.com")
