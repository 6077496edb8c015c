"""What only looks like an error of Onyx is not taken for one: nothing at all is found in these pastes."""

# ruff: noqa: E501, ISC004 - log lines are as long as they are

import pytest

from tests.unit.match_shapes import ACCESS, BROKEN, E1, E2, E3, E4, IPV4, LOGIN, NOT_FOUND, REFUSED_VISITOR, dump
from tests.unit.onyx_matcher import FOUR, ids

NOTHING = {
    # other errors of the same function and its neighbours
    "today's chain error": "RuntimeError: Invalid message chain, cannot have two assistant messages in a row",
    "today's root error": "RuntimeError: Invalid root message, unable to fetch valid chat message sequence",
    "next message": "RuntimeError: Invalid message chain,could not find next message in the same session",
    "mainline": "RuntimeError: The new message was not on the mainline. Be sure to update the chat pointers before calling this.",
    "last message": "RuntimeError: The last message was not a user message.",
    "lock": "RuntimeError: Could not acquire lock for key: settings",
    # quoted, not observed
    "source": f'    if not mainline_messages:\n        raise RuntimeError("{BROKEN}")',
    "grep": f'backend/onyx/chat/chat_utils.py:283:        raise RuntimeError("{BROKEN}")',
    "git grep with a dash": f'backend/onyx/chat/chat_utils.py-283-        raise RuntimeError("{BROKEN}")',
    "diff": f'@@ -257,7 +257,6 @@ def create_chat_chain(\n-        raise RuntimeError("{BROKEN}")\n+        return []',
    "test": f'with pytest.raises(RuntimeError, match="{BROKEN}"):',
    "commit": f"a7d66a8b fix(chat): do not raise '{BROKEN}' for empty sessions",
    "pull request title": f'fix: "{BROKEN}" on auto-naming (#6197)',
    "pull request prose": f"PR #7167 deletes the error `{BROKEN}` and returns an empty list instead.",
    "release notes": f'Release notes 2.7: no more "{BROKEN}"',
    "a fix by number": f'Fixed "{BROKEN}" on auto-naming (#6197)',
    "a search in vain": f'$ kubectl logs deploy/onyx-api-server | grep "{BROKEN}"\n$',
    "a Loki query": f'{{app="api-server"}} |= "{BROKEN}"',
    "hypothetical": f"If you ever see `Error: connect ECONNREFUSED {IPV4}`, check INTERNAL_URL first.",
    "runbook": "Runbook says: if you ever see an ECONNREFUSED from the web server, check INTERNAL_URL first. All well now.",
    "code of a test": f"expect(line).toContain('connect ECONNREFUSED {IPV4}')",
    "code of the web server": 'console.log("Login page: User is logged in, redirecting to chat", {\n' + REFUSED_VISITOR,
    "route in the code": '@router.get("/mcp/servers/persona/{assistant_id}")  # 404: Not Found on old versions',
    # refused, but not the web server by the API server
    "redis": "[ioredis] Unhandled error event: Error: connect ECONNREFUSED 10.43.8.8:6379",
    "postgres from Node": "Error: connect ECONNREFUSED 10.43.8.8:5432\n    at TCPConnectWrap.afterConnect (node:net:1611:16)",
    "minio from Node": "Error: connect ECONNREFUSED 10.43.8.8:9000",
    "opensearch from Node": "ConnectionError: connect ECONNREFUSED 10.43.8.8:9200",
    "vespa from Node": "Error: connect ECONNREFUSED 10.43.8.8:19071",
    "8081": "Error: connect ECONNREFUSED 10.43.8.8:8081",
    "8090": "Error: connect ECONNREFUSED 10.43.8.8:8090",
    "443": "Error: connect ECONNREFUSED 140.82.121.3:443",
    "80800": "Error: connect ECONNREFUSED 10.43.8.8:80800",
    "80 alone": "Error: connect ECONNREFUSED 10.43.8.8:80",
    "axios": f"AxiosError: connect ECONNREFUSED {IPV4}\n    at AxiosError.from (/srv/node_modules/axios/dist/axios.cjs:863:14)",
    "axios with a cause": (
        "AxiosError\n    at AxiosError.from (axios.cjs:836:14) {\n  port: 8080,\n  address: '10.0.0.5',\n  code: 'ECONNREFUSED',\n"
        f"  [cause]: Error: connect ECONNREFUSED {IPV4}\n"
        "      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)\n}"
    ),
    "axios, two addresses": "AxiosError [AggregateError]\n    at axios.cjs\n  [cause]: AggregateError [ECONNREFUSED]: \n",
    "node-fetch": f"FetchError: request to http://{IPV4}/me failed, reason: connect ECONNREFUSED {IPV4}",
    "vite": f"[vite] http proxy error: /api/me\nError: connect ECONNREFUSED {IPV4}\n    at node:net".replace(
        "\nError", " Error"
    ),
    "prisma": "PrismaClientInitializationError: Can't reach database server at `db:5432`",
    "sandbox": "Error: connect ECONNREFUSED sandbox-proxy:8080",
    "another pod": f"[pod/keycloak-7d9c4b6f5d-q8k2z/keycloak] Error: connect ECONNREFUSED {IPV4}",
    "another pod in stern": f"grafana-7d9c4b6f5d-q8k2z grafana Error: connect ECONNREFUSED {IPV4}",
    "a pod of a set": f"keycloak-0 keycloak Error: connect ECONNREFUSED {IPV4}",
    "another service of Compose": f"shop-proxy-1  | Error: connect ECONNREFUSED {IPV4}",
    "another pod in JSON": '{"log":"Error: connect ECONNREFUSED 10.0.0.5:8080","kubernetes":{"pod_name":"shop-1","container_name":"shop"}}',
    "another daemon": f"Nov 12 08:14:03 node-1 keycloak[812]: Error: connect ECONNREFUSED {IPV4}",
    "go": "dial tcp 10.96.143.7:8080: connect: connection refused",
    "kubelet": 'Readiness probe failed: Get "http://10.128.2.31:8080/": dial tcp 10.128.2.31:8080: connect: connection refused',
    "cnpg": 'Get "http://10.128.2.31:8080/metrics": dial tcp 10.128.2.31:8080: connect: connection refused, operator cnpg',
    "kubectl": "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
    "browser": "net::ERR_CONNECTION_REFUSED http://localhost:8080/",
    "public name": dump(" ⨯ TypeError: fetch failed", "[cause]: Error: getaddrinfo ENOTFOUND telemetry.nextjs.org"),
    "public name, DNS down": "Error: getaddrinfo EAI_AGAIN api.openai.com",
    "redis in Next": dump(" ⨯ TypeError: fetch failed", "[cause]: Error: getaddrinfo ENOTFOUND redis-service"),
    "connect timeout elsewhere": (
        "[cause]: ConnectTimeoutError: Connect Timeout Error (attempted address: api.openai.com:443, timeout: 10000ms)"
    ),
    "url of somebody": "TypeError: Failed to parse URL from /images/logo.png",
    "plain fetch failed": "TypeError: fetch failed\n    at node:internal/deps/undici/undici:12618:11",
    # 404, but not of this route
    "Ollama from a Next app": dump(
        " ⨯ TypeError: fetch failed", "[cause]: Error: connect ECONNREFUSED 127.0.0.1:11434"
    ),
    "another proxy": "[HPM] Error occurred while proxying request localhost:3000/api to http://localhost:8080/ [ECONNREFUSED]",
    "npm": "npm ERR! connect ECONNREFUSED 127.0.0.1:4873",
    "404 alone": NOT_FOUND,
    "mcp server": "ERROR: main.py 301: [API:aa11bb22] 404: MCP server not found",
    "mcp connection": "ERROR: main.py 301: [API:aa11bb22] 404: Connection config not found",
    "well-known": '127.0.0.1:5 - "GET /.well-known/oauth-protected-resource/servers/x/mcp HTTP/1.1" 404 Not Found',
    "upstream": "httpx.HTTPStatusError: Client error '404 Not Found' for url 'https://mcp.atlassian.com/v1/sse'",
    "search": NOT_FOUND + '\n[API:EtygOkg-] 10.0.0.1:5 - "POST /search/send-search-message HTTP/1.1" 404',
    "persona": '10.0.0.1:5 - "GET /api/persona/3 HTTP/1.1" 404',
    "scanner": '10.0.0.1:5 - "GET /wp-login.php HTTP/1.1" 404',
    "answered 200": ACCESS.format(id=0).replace(" 404", " 200"),
    "answered 500": ACCESS.format(id=0).replace(" 404", " 500"),
    "answered 403": ACCESS.format(id=0).replace(" 404", " 403"),
    "answered 200 with 404 bytes": '10.0.0.1 - - [x] "GET /api/mcp/servers/persona/0 HTTP/1.1" 200 404 "-" "Mozilla/5.0"',
    "answered 200, wrapped": '10.0.0.1:5 - "GET /mcp/servers/persona/0 HTTP/1.1"\n200\n404: Not Found',
    "200 beside another 404": NOT_FOUND
    + "\n"
    + ACCESS.format(id=0).replace(" 404", " 200").replace("EtygOkg-", "bbbbbbbb")
    + '\n[API:EtygOkg-] 10.0.0.1:5 - "POST /search/send-search-message HTTP/1.1" 404',
    "two requests": NOT_FOUND + '\n[API:bbbbbbbb] 10.0.0.1:2 - "GET /mcp/servers/persona/2',
    "vocabulary": "Does the MCP server for persona 3 work for anybody? I get nothing, maybe not configured.",
    # half a contradiction
    "visitor": REFUSED_VISITOR,
    "visitors": "\n".join([REFUSED_VISITOR] * 5),
    "login": LOGIN,
    "token": "Failed to fetch assistants - Access denied. User's OIDC token has expired.\n" + LOGIN,
    "permissions": "Failed to fetch assistants - Access denied. User has limited permissions.\n" + LOGIN,
    "no detail": "Failed to fetch assistants - Unknown Error\n" + LOGIN,
    "other callout": "Failed to fetch agents - Internal Server Error\n" + LOGIN,
    "me": "User Not Authenticated\n" + LOGIN,
    "api side": "ERROR: main.py  199: 403: Access denied. User is not authenticated.\n" + LOGIN,
    "saml": "User was not authenticated.\n" + LOGIN,
    "session": "Rejected session token: reason=SESSION_EXPIRED\n" + LOGIN,
    "hours apart": f"2025-11-12T08:02:11Z {REFUSED_VISITOR}\n2025-11-12T11:02:11Z Login page: User is logged in, redirecting to chat {{",
    "hours apart in CRI": f"2025-11-12T08:02:11.1Z stderr F {REFUSED_VISITOR}\n2025-11-12T11:02:11.2Z stdout F {LOGIN.splitlines()[0]}",
    "hours apart in syslog": f"Nov 12 08:02:11 n docker[1]: {REFUSED_VISITOR}\nNov 12 11:02:11 n docker[1]: {LOGIN.splitlines()[0]}",
    "hours apart by the clock": f"08:02:11 {REFUSED_VISITOR}\n11:02:11 {LOGIN.splitlines()[0]}",
    "hours apart in JSON": f'{{"log":"{REFUSED_VISITOR}","time":"2025-11-12T08:02:11Z"}}\n'
    f'{{"log":"{LOGIN.splitlines()[0]}","time":"2025-11-12T11:02:11Z"}}',
    "wrong password": '{"detail":"LOGIN_BAD_CREDENTIALS"}',
    # chatter
    "announcement": "Всем привет! Сегодня в 18:00 обновляем кластер, Onyx будет недоступен минут 20.",
    "question": "When is the next Onyx upgrade window? I want to try the MCP servers and personas on staging.",
    "healthy start": "INFO:     Application startup complete.\nINFO:     Uvicorn running on http://0.0.0.0:8080",
    "healthy pods": "onyx-api-server-8dd784d9b-mbk94   1/1   Running   0   12m",
    "plain 500": '10.0.0.1:5 - "POST /chat/send-message HTTP/1.1" 500',
}


RELATIVES = {
    "reset": dump(
        "fetchSettingsSS exception:  TypeError: fetch failed", "[cause]: Error: read ECONNRESET\n  errno: -104"
    ),
    "other side closed": dump(
        "fetchSettingsSS exception:  TypeError: fetch failed",
        "[cause]: SocketError: other side closed {\n  code: 'UND_ERR_SOCKET',\n  remoteAddress: '10.0.0.1',\n  remotePort: 8080\n}",
    ),
    "headers timeout": dump(
        " ⨯ TypeError: fetch failed",
        "[cause]: HeadersTimeoutError: Headers Timeout Error\n  code: 'UND_ERR_HEADERS_TIMEOUT'",
    ),
    "not verified": REFUSED_VISITOR.replace("authenticated", "verified") + "\n" + LOGIN,
    "a generic schema error": "psycopg2.errors.UndefinedColumn: column mcp_server.status does not exist",
}
"""Errors with a playbook of their own, which must not be taken for one of the four."""


@pytest.mark.parametrize("name", RELATIVES)
def test_a_relative_is_none_of_the_four(name):
    found = ids(RELATIVES[name])
    assert found
    assert found & FOUR == set()


@pytest.mark.parametrize("name", NOTHING)
def test_a_look_alike_is_nothing(name):
    assert ids(NOTHING[name]) == set()


MIXED = {
    "a real error beside a look-alike": (
        f"[ioredis] Unhandled error event: Error: connect ECONNREFUSED 10.43.8.8:6379\nError: connect ECONNREFUSED {IPV4}",
        {E2},
    ),
    "the web server beside another app": (
        f"[pod/keycloak-7d9c4b6f5d-q8k2z/keycloak] Error: connect ECONNREFUSED {IPV4}\n"
        f"[pod/onyx-web-server-7d9c4b6f5d-q8k2z/web-server] Error: connect ECONNREFUSED {IPV4}",
        {E2},
    ),
    "two pods interleaved": (
        "onyx-web-server-6c9d7f8b5-x2x7q web-server Unexpected error in fetchAssistantData: TypeError: fetch failed\n"
        "shop-frontend-7d9c4b6f5d-q8k2z shop AxiosError: connect ECONNREFUSED 10.0.0.5:8080\n"
        f"onyx-web-server-6c9d7f8b5-x2x7q web-server   [cause]: Error: connect ECONNREFUSED {IPV4}",
        {E2},
    ),
    "observed, though a runbook is named": (
        f"The runbook is no help. We keep seeing `{BROKEN}` since the rollout.",
        {E1},
    ),
    "the source, and the error itself": (
        f'  File "/app/onyx/chat/chat_utils.py", line 260, in create_chat_chain\n    raise RuntimeError("{BROKEN}")',
        {E1},
    ),
    "own 404 beside another's 200": (
        ACCESS.format(id=1).replace(" 404", " 200") + "\n" + ACCESS.format(id=2).replace("EtygOkg-", "bbbbbbbb"),
        {E3},
    ),
    "a routine visitor, hours before a contradiction": (
        f"2025-11-12T08:02:11Z {REFUSED_VISITOR}\n2025-11-12T11:02:11Z {REFUSED_VISITOR}\n2025-11-12T11:02:13Z {LOGIN}",
        {E4},
    ),
    "all four": (
        f"[cause]: Error: connect ECONNREFUSED {IPV4}\n{REFUSED_VISITOR}\n{LOGIN}\nRuntimeError: {BROKEN}\n{ACCESS.format(id=0)}",
        set(FOUR),
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_real_error_is_found_beside_look_alikes(name):
    text, expected = MIXED[name]
    assert ids(text) == expected
