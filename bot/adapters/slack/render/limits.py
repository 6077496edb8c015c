"""Slack's limits, as far as this adapter comes near them, and our own, which are tighter.

Read by everything here that builds or sends a message. Characters are Unicode code points, counted after escaping.
"""

from __future__ import annotations

# What Slack accepts.
BLOCKS_PER_MESSAGE = 50
BLOCKS_PER_VIEW = 100
VIEW_BYTES = 250 * 1024
TEXT_CHARACTERS = 4_000
"""Of the top-level `text`: chat.update refuses more, chat.postMessage splits or cuts it."""
MODAL_TITLE_CHARACTERS = 24
BUTTON_CHARACTERS = 75
ACCESSIBILITY_LABEL_CHARACTERS = 75
BUTTONS_PER_BLOCK = 25
OPTION_CHARACTERS = 75
MENU_OPTIONS = 5
"""Entries of one overflow menu."""
RADIO_OPTIONS = 10
LABEL_CHARACTERS = 200
HINT_CHARACTERS = 300
CONFIRM_TITLE_CHARACTERS = 100
CONFIRM_TEXT_CHARACTERS = 300
CONFIRM_BUTTON_CHARACTERS = 30
CONTEXT_TEXT_CHARACTERS = 3_000
RESPONSE_URL_USES = 5

# What we allow ourselves.
CALLS = 10
"""People and user groups that one card pings."""
MESSAGE_BLOCK_CHARACTERS = 9_000
"""Over all blocks of a message. Slack's own limit is undocumented; refusals were seen from about 11,000 on."""
VIEW_BLOCK_CHARACTERS = 18_000
"""Over all blocks of a modal: even if each takes twelve bytes in JSON, the view stays below `VIEW_BYTES`."""
FILE_BYTES = 10 * 1024 * 1024
"""Read of one attached file: its beginning and its end; the middle is left out, and the person is told."""
FILE_HEAD_BYTES = 1024 * 1024
"""Of that, from the beginning; a log tells its error at the end."""
UNPACKED_BYTES = 300 * 1024 * 1024
"""Of a compressed log, or of a server that sends no part: looked through; what comes behind is not seen."""
FILES_PER_POST = 5
THREAD_CHARACTERS = 400_000
"""Read of a thread that the bot is called into; the oldest messages are left out."""
HTTP_TIMEOUT_SECONDS = 10
EDIT_INTERVAL_SECONDS = 1.0
"""At most one progress edit of a message in this time. The final state does not wait."""
REDRAW_SECONDS = 2.0
"""Between two final states of one message."""
EDITS_PER_MINUTE = 45
"""Over all messages: chat.update allows about 50 a minute."""
PROGRESS_EDITS_PER_MINUTE = 20
"""The part of these that progress may use; the rest is kept for final states."""
POSTS_AT_ONCE = 8
POSTS_PER_SECOND = 1.0
"""In one channel: Slack allows one a second, and short bursts."""
