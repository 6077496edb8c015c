"""The addresses that a configured value names: scheme, host, port and path, and never anything else of the value.

Called by the cluster adapter's field filters, where every other part of a value is dropped because it may be a secret,
and by the discovery, which reads what they have kept. Pure text work. An address is written `scheme://host:port/path`,
`host:port`, `host`, or `:port` for a port that stands in a variable of its own.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

MAX_TEXT = 64 * 1024
"""Characters of a value that are looked at."""
MAX_LINES = 600
MAX_ENDPOINTS = 40
"""Addresses kept of one value."""

DEFAULT_PORTS: Mapping[str, int] = {
    "http": 80,
    "https": 443,
    "ws": 80,
    "wss": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
    "mariadb": 3306,
    "redis": 6379,
    "rediss": 6379,
    "amqp": 5672,
    "amqps": 5671,
    "mongodb": 27017,
    "nats": 4222,
    "ldap": 389,
    "ldaps": 636,
    "smtp": 25,
}
"""Ports that a scheme stands for where the address names none."""

_URL = re.compile(r"""(?<![\w+.-])(?:jdbc:)?([A-Za-z][A-Za-z0-9+.-]{1,30})://([^\s"'<>`(){}|\\^]{1,500})""")
_RESOLVER = re.compile(r"""(?<![\w+.-])(?:dns|passthrough|xds):(?://[^/\s"']*/)?(?=[A-Za-z0-9])""")
"""How gRPC is told to look a name up (`dns:///labels:9090`): what stands behind it is the address."""
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,250}[A-Za-z0-9_])?"
_PAIR = re.compile(rf"""(?<![\w./:@$-])({_HOST}):([1-9]\d{{1,4}})(?![\w:.])""")
_SOURCE = re.compile(
    r"[^.]+\.(java|kt|scala|groovy|py|pyx|rb|go|js|mjs|cjs|ts|tsx|jsx|php|cs|cpp|cc|cxx|c|h|hpp|rs|ex|exs|erl|hs|clj|lua"
    r"|dart|swift|vue|sql|json|ya?ml|toml|ini|cfg|properties|xml|conf|log|txt|html?|tmpl)"
)
"""A file name with a line behind it (`Tax.java:41`): a place in a program, and no host."""
_IN_CODE = re.compile(r"(?<=[{,])\s*[A-Za-z_]\w*\s*:\s*\d+(?=\s*[,}])")
"""`status:502` among the fields of an object in a program text."""
_NAME = re.compile(_HOST)
_PORT = re.compile(r"\d{1,5}")
_SECRET = re.compile(r"(?i)passw|secret|token|api_?key|private|credential|cert|signature|salt")
_NAMES_A_HOST = re.compile(
    r"(?i)(^|[._-]|[a-z])(host(name)?s?|addr(ess(es)?)?|servers?|endpoints?|ur[il]s?|brokers?|nodes?|upstreams?|"
    r"backends?|peers?|target|dsn|service|svc|bootstrap|master|primary|replica)[._-]?\d*$"
)
_NAMES_A_PORT = re.compile(r"(?i)(^|[._-]|[a-z])port[._-]?\d*$")
_SETTING = re.compile(
    r"""^\s*["']?([A-Za-z_][\w.\-/]{0,100})["']?\s*[:=]\s*["']?([^"'\s#][^"'#]{0,500}?)["']?[\s,;]*$"""
)
_CALLS = (
    re.compile(rf"""\b(?:nc|ncat|netcat)\b(?:\s+-\w+(?:\s+\d+)?)*\s+({_HOST})\s+(\d{{1,5}})\b"""),
    re.compile(
        rf"""\b(?:pg_isready|psql|mysql|mysqladmin|redis-cli|mongo|mongosh)\b[^|;&\n]{{0,80}}?\s-h\s*({_HOST})(?:[^|;&\n]{{0,40}}?\s-[pP]\s*(\d{{1,5}}))?"""
    ),
    re.compile(rf"""\b(?:nslookup|getent\s+hosts|dig)\s+({_HOST})()"""),
    re.compile(
        rf"""\bhost(?:name)?["']?\s*[:=]\s*["']({_HOST})["'](?:[^\n]{{0,40}}?\bport["']?\s*[:=]\s*["']?(\d{{1,5}}))?"""
    ),
)
_HOST_KEYWORDS = frozenset({"host", "hostname", "server", "data source", "address", "addr", "network address"})
_OTHER_KEYWORDS = frozenset(
    {
        "database",
        "initial catalog",
        "dbname",
        "uid",
        "user",
        "user id",
        "username",
        "pwd",
        "password",
        "port",
        "encrypt",
    }
)
"""What stands beside the host in a connection string of keywords (`Host=db;Port=5432;Database=shop`)."""
_KEYWORD_HOST = re.compile(rf"(?:tcp:)?({_HOST})(?:\s*[,:]\s*(\d{{1,5}}))?")
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_SET_BY_KUBERNETES = re.compile(r"\$\(([A-Z][A-Z0-9_]{0,62})_SERVICE_HOST\)(?::(\d{1,5}))?")
_READ_BY_A_PROGRAM = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)_SERVICE_HOST(?![A-Za-z0-9_])()")
_OF_THE_API = "kubernetes"
SERVICE_VARIABLE = "env"
"""The scheme of an address that Kubernetes puts into a variable when a container starts (`ORDERS_SERVICE_HOST`)."""
_CONNECT = re.compile(rf"""\b(?:connect|createConnection|Socket)\(\s*(\d{{1,5}})\s*,\s*["']({_HOST})["']""")
_NOWHERE = frozenset({"0.0.0.0", "::", "true", "false", "yes", "no", "none", "null", "on", "off", "port", "default"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address that was read back. `port` is 0 where neither it nor its scheme says one."""

    host: str
    port: int = 0
    scheme: str = ""
    path: str = ""
    stated_port: bool = True

    @property
    def spoken(self) -> str:
        """The address as people say it."""
        return str(self).removeprefix(f"{SERVICE_VARIABLE}://")

    def __str__(self) -> str:
        scheme = f"{self.scheme}://" if self.scheme else ""
        port = f":{self.port}" if self.port and self.stated_port else ""
        return f"{scheme}{self.host}{port}{self.path}"


def endpoints_of(name: str, value: str) -> tuple[str, ...]:
    """The addresses in the value of a variable or ConfigMap key of this name, in order, each once."""
    text = _RESOLVER.sub("", value[:MAX_TEXT])
    if "_SERVICE_HOST)" in text:
        found = list(_service_variables(_SET_BY_KUBERNETES, text))
    else:
        found = list(_in_lines(text) if "\n" in text.strip() else _in_value(name, text.strip()))
    return tuple(dict.fromkeys(str(item) for item in found))[:MAX_ENDPOINTS]


def endpoints_in_words(words: str) -> tuple[str, ...]:
    """The addresses in a command: URLs, `host:port`, and what the usual tools and clients are told to call."""
    text = words[:MAX_TEXT]
    plain = _IN_CODE.sub(" ", text) if "{" in text else text
    found = [item for item in (*_urls(text), *_pairs(plain), *_called(text)) if not is_loopback(item.host)]
    found += _service_variables(_READ_BY_A_PROGRAM, text) if "_SERVICE_HOST" in text else ()
    return tuple(dict.fromkeys(str(item) for item in found))[:MAX_ENDPOINTS]


def read_endpoint(text: str) -> Endpoint | None:
    """An address as the door wrote it; None for a mere port and for what is none."""
    if "://" in text:
        return next(iter(_urls(text)), None)
    host, colon, port = text.rpartition(":")
    if not colon:
        return Endpoint(text, stated_port=False) if _NAME.fullmatch(text) else None
    return Endpoint(host, int(port)) if port.isdigit() and _may_be_a_host(host) else None


def _may_be_a_host(host: str) -> bool:
    """Whether it is worth looking up: `0HN7:12` is a number of something, and no host with its port.

    A Service's name may begin with a digit since Kubernetes 1.36 only (RelaxedServiceNameValidation); such a one is not
    followed from a bare pair, because what is no name here would be accused of leading nowhere. `_ssl.c:1007` is a
    place in a program, and no name begins with an underscore.
    """
    return bool(host) and host[0] != "_" and (not host[0].isdigit() or "." in host) and not _SOURCE.fullmatch(host)


def read_port(text: str) -> int:
    """The port of `:5432`; 0 for anything else."""
    return int(text[1:]) if text.startswith(":") and text[1:].isdigit() else 0


def is_loopback(host: str) -> bool:
    """Whether this host is the pod itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def may_be_inside(host: str) -> bool:
    """Whether a host can be a name or address inside a cluster: the paths of others may be secrets (webhooks)."""
    labels = host.split(".")
    return len(labels) == 1 or "svc" in labels or host.endswith(".local") or host.replace(".", "").isdigit()


def _in_lines(text: str) -> Iterator[Endpoint]:
    """A file: URLs and pairs anywhere, and the settings that name hosts."""
    for line in text.splitlines()[:MAX_LINES]:
        setting = _SETTING.match(line[:700])
        if setting is not None:
            yield from _in_value(setting[1], setting[2].strip())
        else:
            yield from _urls(line)
            yield from _pairs(line)


def _in_value(name: str, value: str) -> Iterator[Endpoint]:
    yield from _urls(value)
    if "://" in value or _SECRET.search(name):
        return
    stated = list(_in_keywords(value))
    if stated:
        yield from stated
        return
    pairs = list(_pairs(value))
    yield from pairs
    if pairs:
        return
    if _NAMES_A_PORT.search(name):
        if _PORT.fullmatch(value) and 0 < int(value) <= 65535:
            yield Endpoint("", int(value))
    elif _NAMES_A_HOST.search(name):
        for part in re.split(r"[,;\s]+", value):
            if _NAME.fullmatch(part) and re.search("[A-Za-z]", part) and part.lower() not in _NOWHERE:
                yield Endpoint(part, stated_port=False)


def _in_keywords(value: str) -> Iterator[Endpoint]:
    """The host of a connection string of keywords, with its port, wherever that stands; nothing else of it."""
    if "=" not in value:
        return
    plain = _QUOTED.sub("=", value)
    parts = plain.split(";") if ";" in plain else plain.split()
    words = {key.strip().lower(): text.strip() for key, sign, text in (part.partition("=") for part in parts) if sign}
    if not _OTHER_KEYWORDS & words.keys():
        return
    beside = int(words["port"]) if _PORT.fullmatch(words.get("port", "")) else 0
    for key in sorted(_HOST_KEYWORDS & words.keys()):
        for one in re.split(r",(?!\s*\d+$)", words[key]):
            match = _KEYWORD_HOST.fullmatch(one.strip())
            port = int(match[2] or beside) if match else 0
            if match and match[1].lower() not in _NOWHERE and 0 <= port <= 65535:
                yield Endpoint(match[1], port, stated_port=bool(port))


def _service_variables(pattern: re.Pattern[str], text: str) -> Iterator[Endpoint]:
    """The Services whose addresses are taken from variables that Kubernetes sets; its own is no Service of the app."""
    for match in pattern.finditer(text):
        name = match[1].lower().replace("_", "-")
        if name != _OF_THE_API:
            yield Endpoint(name, int(match[2] or 0), SERVICE_VARIABLE, stated_port=bool(match[2]))


def _urls(text: str) -> Iterator[Endpoint]:
    for match in _URL.finditer(text):
        scheme = match[1].lower()
        authority, slash, path = match[2].rstrip(";,.]").partition("/")
        authority = re.split(r"[?#]", authority.rpartition("@")[2])[0]
        path = re.split(r"[?#,;@]", slash + path)[0].rstrip(".") if slash else ""
        for host in authority.split(","):
            yield from _endpoint(scheme, host, path)


def _endpoint(scheme: str, authority: str, path: str) -> Iterator[Endpoint]:
    host, colon, port = authority.rpartition(":") if not authority.endswith("]") else (authority, "", "")
    if not colon:
        host, port = authority, ""
    host = host.strip("[]").rstrip(".")
    if not re.fullmatch(_HOST, host) or (colon and not (port.isdigit() and 0 < int(port) <= 65535)):
        return
    number = int(port) if port else DEFAULT_PORTS.get(scheme.partition("+")[0], 0)
    yield Endpoint(host, number, scheme, path if may_be_inside(host) else "", stated_port=bool(port))


def _pairs(text: str) -> Iterator[Endpoint]:
    bare = _URL.sub(" ", text)
    for match in _PAIR.finditer(bare):
        host, port = match[1], int(match[2])
        names_a_host = _may_be_a_host(host) and (re.search("[A-Za-z]", host) or host.count(".") == 3)
        if names_a_host and 0 < port <= 65535 and host.lower() not in _NOWHERE:
            yield Endpoint(host, port)


def _called(text: str) -> Iterator[Endpoint]:
    for pattern in _CALLS:
        for match in pattern.finditer(text):
            if match[1].lower() not in _NOWHERE:
                port = int(match[2]) if match[2] else 0
                yield Endpoint(match[1], port, stated_port=bool(port))
    for match in _CONNECT.finditer(text):
        if match[2].lower() not in _NOWHERE:
            yield Endpoint(match[2], int(match[1]))
