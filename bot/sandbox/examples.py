"""Example pastes for the page: the four errors of the analysis as Onyx really prints them, and a line that is no
error.
"""

from __future__ import annotations

_REFUSED = """\
fetchSettingsSS exception:  TypeError: fetch failed
    at node:internal/deps/undici/undici:12618:11
    at async n (/app/.next/server/chunks/6312.js:1:6022) {
  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '172.30.154.48',
    port: 8080
  }
}"""

_HISTORY = """\
ERROR:    11/12/2025 07:14:03 AM                        main.py  319: [API:Qm7_pL0x] Could not trace chat message
history File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain RuntimeError: Could not trace chat message
history"""

_MCP = """\
ERROR:    10/07/2025 10:11:12 AM                        main.py  319: [API:YCrqgDXa] 404: Not Found
INFO:     10/07/2025 10:11:12 AM                    h11_impl.py  473: [API:YCrqgDXa] 10.42.0.61:59248 - "GET
/mcp/servers/persona/0 HTTP/1.1" 404"""

_LOGIN = """\
Failed to fetch assistants - Access denied. User is not authenticated.
Login page: User is logged in, redirecting to chat {
  userId: '755033c6-4661-4be5-9622-c6d51f5d1533',
  is_active: true,
  is_anonymous: null
}"""

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("Connection refused", f"The site is down, the web pod says:\n```\n{_REFUSED}\n```"),
    ("Chat history", f"```\n{_HISTORY}\n```"),
    ("MCP 404", f"Is this a problem?\n```\n{_MCP}\n```"),
    ("Login contradiction", f"```\n{_LOGIN}\n```"),
    ("All four", f"```\n{_REFUSED}\n{_HISTORY}\n{_MCP}\n{_LOGIN}\n```"),
    ("Just chatter", "Does anybody know when the next Onyx upgrade window is?"),
)
"""(label, text) of each chip."""
