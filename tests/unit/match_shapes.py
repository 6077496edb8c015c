"""What Onyx and Node really print, and how people wrap it when they paste it. Data for the tests of the matcher."""

# ruff: noqa: E501, ISC004 - log lines are as long as they are

import json
import textwrap
from collections.abc import Callable

E1, E2, E3, E4 = "chat_history_broken", "api_unreachable", "mcp_not_configured", "auth_contradiction"


def dump(head: str, cause: str, *, bare: bool = False, indent: str = "") -> str:
    """A dump of Node: the head, a frame, the digest, the cause."""
    lines = [f"{head} {{" if bare else head]
    if not bare:
        lines.append("    at async g (/app/.next/server/app/layout.js:2:7916) {")
    lines += ["  digest: '1252290056',", *("  " + line for line in cause.split("\n")), "}"]
    return "\n".join(indent + line for line in lines)


def refused(target: str, label: str = "[cause]", *, errno: str = "ECONNREFUSED", number: int = -111) -> str:
    address, _, port = target.rpartition(":")
    return (
        f"{label}: Error: connect {errno} {target}\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)"
        f" {{\n  errno: {number},\n  code: '{errno}',\n  syscall: 'connect',\n  address: '{address}',\n  port: {port}\n}}"
    )


IPV4 = "172.30.154.48:8080"
NAMED = (
    "fetchSettingsSS exception:  TypeError: fetch failed",
    "Unexpected error in fetchAssistantData: TypeError: fetch failed",
    "Unexpected error in fetchAgentData: TypeError: fetch failed",
    "Failed to fetch settings for EE check: TypeError: fetch failed",
    "Proxy error: TypeError: fetch failed",
)
NEXT = (" ⨯ TypeError: fetch failed", "⨯ TypeError: fetch failed", "TypeError: fetch failed")
CAUSES = {
    "refused": refused(IPV4),
    "refused-node18": refused(IPV4, "cause"),
    "refused-ipv6": refused("::1:8080"),
    "refused-ipv6-service": refused("fd00:10:96::a:8080"),
    "refused-port80": refused("10.100.31.77:80"),
    "refused-odd-port": refused("10.100.31.77:8088"),
    "timed-out": refused(IPV4, errno="ETIMEDOUT", number=-110),
    "no-route": refused(IPV4, errno="EHOSTUNREACH", number=-113),
    "no-network": refused(IPV4, errno="ENETUNREACH", number=-101),
    "not-found": "[cause]: Error: getaddrinfo ENOTFOUND onyx-api-service\n    at GetAddrInfoReqWrap.onlookup (node:dns:120:26)",
    "not-found-next15": "[cause]: [Error: getaddrinfo ENOTFOUND api_server] {\n  errno: -3008,\n  hostname: 'api_server'\n}",
    "not-found-other-name": "[cause]: Error: getaddrinfo ENOTFOUND backend.onyx.svc.cluster.local",
    "dns-down": "[cause]: Error: getaddrinfo EAI_AGAIN api-server-service\n    at ignore-listed frames {\n  errno: -3001\n}",
    "connect-timeout": (
        "[cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: onyx-api-service:8080, timeout: 10000ms)"
        "\n    at onConnectTimeout (node:internal/deps/undici/undici:1:1) {\n  code: 'UND_ERR_CONNECT_TIMEOUT'\n}"
    ),
    "connect-timeout-node18": (
        "cause: ConnectTimeoutError: Connect Timeout Error\n    at onConnectTimeout (node:internal/deps:8437:28) {\n"
        "  code: 'UND_ERR_CONNECT_TIMEOUT'\n}"
    ),
    "aggregate-next15": "[cause]: [AggregateError: ] { code: 'ECONNREFUSED' }",
    "aggregate-next16": "[cause]: AggregateError: \n    at ignore-listed frames {\n  code: 'ECONNREFUSED'\n}",
    "aggregate-node20": (
        "[cause]: AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1122:18) {\n"
        "  code: 'ECONNREFUSED',\n  [errors]: [ [Error], [Error] ]\n}"
    ),
}

ACCESS = (
    "INFO:     10/07/2025 10:11:12 AM                    h11_impl.py  473: [API:EtygOkg-] 10.42.0.61:59248 - "
    '"GET /mcp/servers/persona/{id} HTTP/1.1" 404'
)
NOT_FOUND = (
    "ERROR:    10/07/2025 10:11:12 AM                        main.py  301: [API:EtygOkg-] 404: Not Found\n"
    '  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 652, in not_found\n'
    "    raise HTTPException(status_code=404)"
)
REFUSED_VISITOR = "Failed to fetch assistants - Access denied. User is not authenticated."
LOGIN = (
    "Login page: User is logged in, redirecting to chat {\n  userId: '755033c6-4661-4be5-9622-c6d51f5d1533',\n"
    "  is_active: true,\n  is_anonymous: null\n}"
)
BROKEN = "Could not trace chat message history"

SHAPES: dict[str, tuple[str, str]] = {
    **{
        f"e2 {name} in {head.split()[0]}": (E2, dump(head, cause))
        for head in NAMED[:1]
        for name, cause in CAUSES.items()
    },
    **{f"e2 {name} in next": (E2, dump(NEXT[0], cause)) for name, cause in CAUSES.items()},
    **{f"e2 refused after {head}": (E2, dump(head, CAUSES["refused"])) for head in (*NAMED, *NEXT)},
    "e2 next16 on node24": (E2, dump("⨯ [TypeError: fetch failed]", CAUSES["refused"], bare=True)),
    "e2 login page": (E2, "Some fetch failed for the login page - TypeError: fetch failed"),
    "e2 search page": (E2, "Some fetch failed for the main search page - TypeError: fetch failed"),
    "e2 user": (E2, "Error fetching user: TypeError: fetch failed"),
    "e2 auth information": (E2, "Failed to fetch auth information - TypeError: fetch failed"),
    "e2 cause line only": (E2, f"  [cause]: Error: connect ECONNREFUSED {IPV4}"),
    "e2 IPv4 in IPv6": (E2, "[cause]: Error: connect ECONNREFUSED ::ffff:10.0.0.9:8080"),
    "e2 Next proxy": (E2, "Failed to proxy http://127.0.0.1:8080/api/me Error: connect ECONNREFUSED 127.0.0.1:8080"),
    "e2 macOS": (E2, refused("127.0.0.1:8080", number=-61)),
    "e2 dns line only": (E2, "Error: getaddrinfo ENOTFOUND api_server"),
    "e2 bad url": (E2, "TypeError: Failed to parse URL from onyx-api-service:8080/me"),
    "e2 bad url input": (E2, "  code: 'ERR_INVALID_URL',\n  input: 'http//api_server:8080/me'"),
    "e1 main": (E1, f"ERROR:    11/12/2025 07:14:03 AM          main.py  319: [API:YCrqgDXa] {BROKEN}"),
    "e1 streamed": (
        E1,
        "ERROR:    11/18/2025 01:11:40 AM             process_message.py  875: [API:fT2-0qWe] [t:1f0c2a3b] Failed to process "
        f"chat message due to {BROKEN}",
    ),
    "e1 last line": (E1, f"RuntimeError: {BROKEN}"),
    "e1 cut off": (E1, "RuntimeError: Could not trace chat message"),
    "e1 danswer": (E1, f"04/19/2024 11:49:26 AM             main.py 241 : {BROKEN}"),
    "e1 packet": (E1, '{"error": "' + BROKEN + '", "stack_trace": "Traceback (most recent call last):\\n"}'),
    "e1 frames": (
        E1,
        '  File "/app/danswer/chat/chat_utils.py", line 84, in create_chat_chain\n'
        f'    raise RuntimeError("{BROKEN}")\nRuntimeError: {BROKEN}',
    ),
    "e3 access line": (E3, ACCESS.format(id=0)),
    "e3 negative id": (E3, ACCESS.format(id=-3)),
    "e3 large id": (E3, ACCESS.format(id=123456789)),
    "e3 both lines": (E3, NOT_FOUND + "\n" + ACCESS.format(id=1)),
    "e3 stock uvicorn": (E3, 'INFO:     172.18.0.7:33528 - "GET /mcp/servers/persona/0 HTTP/1.1" 404 Not Found'),
    "e3 no request id": (E3, 'INFO: h11_impl.py 473: [-] 10.0.0.1:1 - "GET /mcp/servers/persona/0 HTTP/1.1" 404'),
    "e3 prefix kept": (E3, '10.0.0.1:1 - "GET /api/mcp/servers/persona/0 HTTP/1.1" 404'),
    "e3 chrome": (E3, "GET https://onyx.example.org/api/mcp/servers/persona/0 404 (Not Found)"),
    "e3 firefox": (E3, "GET https://onyx.example.org/api/mcp/servers/persona/0 [HTTP/1.1 404 Not Found 12ms]"),
    "e3 nginx": (
        E3,
        '10.0.0.1 - - [12/Nov/2025:08:14:03 +0000] "GET /api/mcp/servers/persona/0 HTTP/1.1" 404 22 "-" "Mozilla/5.0"',
    ),
    "e3 curl": (E3, "GET /api/mcp/servers/persona/0 HTTP/1.1\nHost: onyx\n\n< HTTP/1.1 404 Not Found"),
    "e3 body": (E3, '$ curl http://onyx-api-service:8080/mcp/servers/persona/0\n{"detail":"Not Found"}'),
    "e3 network tab": (
        E3,
        "Request URL: https://onyx.example.org/api/mcp/servers/persona/0\nRequest Method: GET\nStatus Code: 404 Not Found",
    ),
    "e3 failed to load": (
        E3,
        "/api/mcp/servers/persona/0:1 Failed to load resource: the server responded with a status of 404 (Not Found)",
    ),
    "e3 joined by id": (E3, NOT_FOUND + '\n[API:EtygOkg-] 10.0.0.1:2 - "GET /mcp/servers/persona/2'),
    "e3 prose": (E3, "API says 404: Not Found for GET /mcp/servers/persona/..."),
    "e3 prose, path first": (E3, "GET /mcp/servers/persona/<id> returns 404"),
    "e4 pair": (E4, REFUSED_VISITOR + "\n" + LOGIN),
    "e4 reversed": (E4, LOGIN + "\n" + REFUSED_VISITOR),
    "e4 agents": (E4, REFUSED_VISITOR.replace("assistants", "agents") + "\n" + LOGIN),
    "e4 first line of the object only": (
        E4,
        REFUSED_VISITOR + "\nLogin page: User is logged in, redirecting to chat {",
    ),
}

WEB, API = "onyx-web-server-6c9d7f8b5-x2x7q", "onyx-api-server-8dd784d9b-mbk94"
_POD = {E1: (API, "api-server"), E2: (WEB, "web-server"), E3: (API, "api-server"), E4: (WEB, "web-server")}
_COMPOSE = {E1: "api_server-1", E2: "web_server-1", E3: "api_server-1", E4: "web_server-1"}
_AT = "2025-11-12T08:31:07.512345678Z"


def _each(text: str, wrap: Callable[[str], str]) -> str:
    return "\n".join(wrap(line) for line in text.split("\n"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _colour(text: str) -> str:
    return _each(text, lambda line: f"\x1b[31m\x1b[1m{line}\x1b[22m\x1b[39m")


def _narrow(line: str) -> str:
    return (
        "\n".join(textwrap.wrap(line, 60, break_long_words=False, break_on_hyphens=False)) if line[:1] != " " else line
    )


WRAPS: dict[str, Callable[[str, str], str]] = {
    "as it is": lambda text, _: text,
    "kubectl --prefix": lambda text, kind: _each(text, lambda line: f"[pod/{'/'.join(_POD[kind])}] {line}"),
    "kubectl --timestamps": lambda text, _: _each(text, lambda line: f"{_AT} {line}"),
    "both": lambda text, kind: _each(text, lambda line: f"[pod/{'/'.join(_POD[kind])}] {_AT} {line}"),
    "stern": lambda text, kind: _each(text, lambda line: f"{' '.join(_POD[kind])} {line}"),
    "stern in colour": lambda text, kind: _each(
        text, lambda line: f"\x1b[35m{_POD[kind][0]}\x1b[0m \x1b[95m{_POD[kind][1]}\x1b[0m {line}"
    ),
    "compose": lambda text, kind: _each(text, lambda line: f"{_COMPOSE[kind]:<26}| {line}"),
    "older compose": lambda text, kind: _each(text, lambda line: f"onyx-{_COMPOSE[kind].replace('-1', '_1')} | {line}"),
    "CRI": lambda text, _: _each(text, lambda line: f"{_AT} stderr F {line}"),
    "docker json-file": lambda text, _: _each(
        text, lambda line: _json({"log": line + "\n", "stream": "stderr", "time": _AT})
    ),
    "one docker record": lambda text, _: _json({"log": text + "\n", "stream": "stderr", "time": _AT}),
    "fluent bit": lambda text, kind: _each(
        text,
        lambda line: _json(
            {
                "log": line,
                "kubernetes": {"pod_name": _POD[kind][0], "container_name": _POD[kind][1], "namespace_name": "onyx"},
            }
        ),
    ),
    "google cloud": lambda text, kind: _each(
        text,
        lambda line: _json(
            {"textPayload": line, "resource": {"labels": {"pod_name": _POD[kind][0], "container_name": _POD[kind][1]}}}
        ),
    ),
    "json behind a prefix": lambda text, kind: _each(
        text, lambda line: f"[pod/{'/'.join(_POD[kind])}] " + _json({"message": line, "level": "error"})
    ),
    "journald": lambda text, _: _each(text, lambda line: f"Nov 12 08:14:03 node-1 dockerd[812]: {line}"),
    "syslog": lambda text, kind: _each(text, lambda line: f"Nov  2 08:14:03 node-1 {_COMPOSE[kind]}[812]: {line}"),
    "colours": lambda text, _: _colour(text),
    "colours without escape": lambda text, _: _colour(text).replace("\x1b", ""),
    "CRLF": lambda text, _: text.replace("\n", "\r\n"),
    "tabs in front": lambda text, _: _each(text, lambda line: "\t" + line),
    "no-break spaces": lambda text, _: text.replace(" ", "\u00a0"),
    "zero-width": lambda text, _: text.replace("/", "/\u200b").replace(" ", " \u200b"),
    "blockquote": lambda text, _: _each(text, lambda line: "> " + line),
    "blockquote from the API": lambda text, _: _each(text, lambda line: "&gt; " + line.replace("<", "&lt;")),
    "quote in a quote": lambda text, _: _each(text, lambda line: ">> " + line),
    "fence": lambda text, _: f"hier das Log:\n```\n{text}\n```\nkann jemand schauen?",
    "inline code": lambda text, _: _each(text, lambda line: f"`{line}`"),
    "bullets": lambda text, _: _each(text, lambda line: f"• {line}"),
    "indentation lost": lambda text, _: _each(text, str.strip),
    "wrapped": lambda text, _: text.replace("chat message", "chat\nmessage").replace("is not auth", "is not\nauth"),
    "narrow terminal": lambda text, _: _each(text, _narrow),
    "linkified by Slack": lambda text, _: text.replace(IPV4, f"<http://{IPV4}|{IPV4}>").replace(
        "main.py", "<http://main.py|main.py>"
    ),
    "smart quotes": lambda text, _: text.replace("'", "’"),
    "German prose": lambda text, _: f"Moin, seit heute früh sehen wir das hier: „{text}“ — jemand eine Idee?",
    "Japanese prose": lambda text, _: f"チャットが止まりました。ログ:\n{text}\n再起動しますか？",
    "logcli": lambda text, kind: _each(text, lambda line: f'{_AT} {{pod="{_POD[kind][0]}", app="x"}} {line}'),
}
