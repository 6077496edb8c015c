"""The four errors of the analysis together, in their old and in today's shapes: one cause explains them, or harmless."""

from datetime import timedelta

import pytest

from bot.diagnosis.ports import TriageRequest
from bot.domain.diagnosis import Diagnosis
from tests.scenario.test_recorded_views import recorded, service

# ruff: noqa: E501 - log lines are as long as they are

OLD = """fetchSettingsSS exception:  TypeError: fetch failed
    at async n (/app/.next/server/chunks/6312.js:1:6022) {{
  [cause]: Error: connect ECONNREFUSED {ip}:8080
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {{
    code: 'ECONNREFUSED',
    address: '{ip}',
    port: 8080
  }}
}}
ERROR:    {t}                        main.py  319: [API:Qm7_pL0x] Could not trace chat message history
ERROR:    {t}                        main.py  319: [API:YCrqgDXa] 404: Not Found
INFO:     {t}                    h11_impl.py  473: [API:YCrqgDXa] 10.42.0.61:59248 - "GET /mcp/servers/persona/0 HTTP/1.1" 404
Failed to fetch assistants - Access denied. User is not authenticated.
Login page: User is logged in, redirecting to chat {{
  userId: '755033c6-4661-4be5-9622-c6d51f5d1533',
  is_active: true,
  is_anonymous: null
}}
"""

TODAY = """Failed to fetch auth information - TypeError: fetch failed
Proxy error: [TypeError: fetch failed] {{
  [cause]: Error: connect ECONNREFUSED {ip}:8080
      at <unknown> (Error: connect ECONNREFUSED {ip}:8080) {{
    errno: -111,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '{ip}',
    port: 8080
  }}
}}
ERROR:    {t}             process_message.py 1802: [API:Qm7_pL0x] Failed to process chat message.
Traceback (most recent call last):
  File "/app/onyx/chat/process_message.py", line 758, in build_chat_turn
    raise ValueError(
ValueError: The new message sent is not on the latest mainline of messages
ERROR:    {t}                        main.py  483: [API:YCrqgDXa] 404: Not Found
INFO:     {t}                    h11_impl.py  481: [API:YCrqgDXa] 10.42.0.61:59248 - "GET /mcp/servers/persona/0 HTTP/1.1" 404
WARNING:  {t}              session_tokens.py  207: [API:2pXlDacg] Rejected session token: reason=not_found user_id=None token_age=None issued_at=None expires_at=None logged_out_at=None
WARNING:  {t}              session_tokens.py  218: [API:2pXlDacg] Presented session token has no Redis entry: the cookie outlived the grace window, or Redis dropped the key (restart/eviction/flush).
WARNING:  {t}                  exceptions.py   73: [API:2pXlDacg] OnyxError SESSION_UNRECOGNIZED: Session not recognized. Please log in again.
INFO:     {t}                    h11_impl.py  481: [-] 172.18.0.8:55288 - "GET /me HTTP/1.1" 403
"""

OUTAGES = {
    "chart-oom": "api-oom-killed",
    "crash-no-secret": "user-auth-secret-empty",
    "redis-scaled-to-zero": "dependency-down",
    "scaled-to-zero": "api-scaled-to-zero",
}
FOUR_OLD = {"api_unreachable", "chat_history_broken", "auth_contradiction", "mcp_not_configured"}
FOUR_TODAY = {"api_unreachable", "chat_branch_not_on_mainline", "session_lost", "mcp_not_configured"}


def diagnosed(name: str, paste: str, seconds_ago: int = 45) -> Diagnosis:
    """What is said of a recorded view to a person who pastes the four errors of that minute."""
    view = recorded(name).view
    service_of_api = next(item for item in view.services if "api" in item.metadata.name)
    when = (view.collected_at - timedelta(seconds=seconds_ago)).strftime("%m/%d/%Y %I:%M:%S %p")
    text = paste.format(t=when, ip=service_of_api.spec.cluster_ip)
    return service().replay(view, TriageRequest("onyx", view.namespace, service().match(text, "onyx")))


@pytest.mark.parametrize(("paste", "four"), [(OLD, FOUR_OLD), (TODAY, FOUR_TODAY)], ids=["old", "today"])
@pytest.mark.parametrize("name", OUTAGES)
def test_all_four_are_explained_by_the_root_cause_or_harmless(name, paste, four):
    found = diagnosed(name, paste)
    explained = {entry.symptom.id: entry.explained_by for entry in found.symptoms}
    assert set(explained) == four
    assert explained.pop("mcp_not_configured") == "mcp-not-configured"
    assert set(explained.values()) == {OUTAGES[name]}
    assert not any("the log is of another" in note for note in found.notes)


@pytest.mark.parametrize(("paste", "four"), [(OLD, FOUR_OLD), (TODAY, FOUR_TODAY)], ids=["old", "today"])
def test_afterwards_they_are_the_residue_of_the_outage(paste, four):
    found = diagnosed("recovered-oom", paste)
    explained = {entry.symptom.id: entry.explained_by for entry in found.symptoms}
    assert {name for name, cause in explained.items() if cause == "recovered"} == four - {"mcp_not_configured"}
    assert any("The paste is from that time" in note for note in found.notes)
