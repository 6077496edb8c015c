"""The setting `channels` says where the bot listens, and which apps a channel is bound to."""

import pytest

from bot.adapters.slack.events.bindings import Bindings, ChannelApp

NAMES = {"C0123456789": "incidents", "C0000000009": "chat-ops"}


def bindings(*said):
    return Bindings(said, NAMES.get)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("C0123456789",), ()),
        (("C0123456789=onyx",), (ChannelApp("onyx"),)),
        (("#incidents=onyx/onyx-prod+immich",), (ChannelApp("onyx", "onyx-prod"), ChannelApp("immich"))),
        (("incidents = onyx",), (ChannelApp("onyx"),)),
        (("#chat-ops=onyx",), ()),
        ((), ()),
    ],
)
def test_a_channel_is_bound_to_apps(said, expected):
    assert bindings(*said).of("C0123456789") == expected


def test_every_channel_that_is_named_is_watched():
    assert bindings("#incidents=onyx", "C0000000009").channels == {"incidents", "C0000000009"}


def test_a_bound_app_runs_where_the_setting_says():
    found = bindings("C0123456789=onyx/onyx-prod+immich")
    assert found.namespace("C0123456789", "onyx") == "onyx-prod"
    assert found.namespace("C0123456789", "immich") is None
    assert found.namespace("C0000000009", "onyx") is None
