"""Example pastes for the page: the four errors of the analysis as Onyx really prints them, what became of them in
today's version, one of Immich, and a line that is no error.

`{now}` stands for the time as Onyx writes it, `{now, as Nest}` as Immich does; the page fills it in when an example is
chosen.
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
ERROR:    {now}                        main.py  319: [API:Qm7_pL0x] Could not trace chat message history
  File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain
    raise RuntimeError("Could not trace chat message history")
RuntimeError: Could not trace chat message history"""

_MCP = """\
ERROR:    {now}                        main.py  319: [API:YCrqgDXa] 404: Not Found
INFO:     {now}                    h11_impl.py  473: [API:YCrqgDXa] 10.42.0.61:59248 \
- "GET /mcp/servers/persona/0 HTTP/1.1" 404"""

_LOGIN = """\
Failed to fetch assistants - Access denied. User is not authenticated.
Login page: User is logged in, redirecting to chat {
  userId: '755033c6-4661-4be5-9622-c6d51f5d1533',
  is_active: true,
  is_anonymous: null
}"""

_TODAY = """\
Failed to fetch auth information - TypeError: fetch failed
Proxy error: [TypeError: fetch failed] {
  [cause]: Error: connect ECONNREFUSED 172.30.154.48:8080
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '172.30.154.48',
    port: 8080
  }
}
ERROR:    {now}             process_message.py 1802: [API:Qm7_pL0x] Failed to process chat message.
ValueError: The new message sent is not on the latest mainline of messages
WARNING:  {now}              session_tokens.py  218: [API:2pXlDacg] Presented session token has no Redis entry: \
the cookie outlived the grace window, or Redis dropped the key (restart/eviction/flush).
WARNING:  {now}                  exceptions.py   73: [API:2pXlDacg] OnyxError SESSION_UNRECOGNIZED: \
Session not recognized. Please log in again.
INFO:     {now}                    h11_impl.py  481: [-] 172.18.0.8:55288 - "GET /me HTTP/1.1" 403"""

_PHOTOS = """\
[Nest] 7  - {now, as Nest}    WARN [Microservices:MachineLearningRepository] Machine learning request to \
"http://immich-machine-learning:3003" failed: fetch failed
[Nest] 7  - {now, as Nest}   ERROR [Microservices:{}] Unable to run job handler (SmartSearch): Error: Machine learning \
request '{"clip":{"visual":{"modelName":"ViT-B-32__openai"}}}' failed for all URLs"""

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("Connection refused", f"The site is down, the web pod says:\n```\n{_REFUSED}\n```"),
    ("Chat history", f"```\n{_HISTORY}\n```"),
    ("MCP 404", f"Is this a problem?\n```\n{_MCP}\n```"),
    ("Login contradiction", f"```\n{_LOGIN}\n```"),
    ("All four", f"```\n{_REFUSED}\n{_HISTORY}\n{_MCP}\n{_LOGIN}\n```"),
    ("All four today", f"```\n{_TODAY}\n{_MCP}\n```"),
    ("Immich: no search", f"Photos are not found any more:\n```\n{_PHOTOS}\n```"),
    ("Just chatter", "Does anybody know when the next Onyx upgrade window is?"),
)
"""(label, text) of each chip."""
