"""Values that chance has mixed, judged by what stands before them. Pure. Used by `scan`.

Some stand a few words behind what they are: `client secret for onyx is X`, `copy the new key now: X`. The words before
them, on their line or, where they stand alone, on the line above, must name a secret, and nothing an id in between.

Others have no telling word: a key of an unknown issuer in `Client("X")` or `export T=X`. What else looks like it is rare
in logs, and says what it is: an id, a digest, a public key, a place in a list, encoded text. So what carries the value
decides: the looser it stands, the longer it must be.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from bot.redaction.chance import is_chance, is_mixed
from bot.redaction.chosen import is_strong
from bot.redaction.judge import is_placeholder

SHORTEST = 20
"""Characters of a value that the words before it may name."""
LOOK_BACK = 100
"""Bytes before a value in which it is named."""
CLOSE = 40
"""The same for a value of small letters and digits, which an id may be, too."""

LONGEST = 512
"""Characters of a value that are looked at."""

_ANY, _NO_CAPITAL = "[A-Za-z0-9+/_-]", "[a-z0-9+/_-]"
_WITH_CAPITAL = "|".join(
    (
        *(f"{_NO_CAPITAL}{{{at}}}[A-Z]{_ANY}{{{SHORTEST - 1 - at},}}" for at in range(SHORTEST)),
        f"{_NO_CAPITAL}{{{SHORTEST},}}[A-Z]{_ANY}*",
    )
)
CANDIDATE = rf"(?:{_WITH_CAPITAL}|[a-z0-9]{{32,}})={{0,2}}"
"""Twenty characters and more with a capital among them, or thirty-two of small letters and digits: most names are neither."""
TELLING = (
    r"pass(?:word|wd|phrase|code)?|pw|secret|token|(?:[a-z]+[ _-])?key|seed|credentials?|creds|licen[sc]e|bearer|auth"
)
STRUCT = r"[{\[]((?:[^\s{}\[\]=:\"',]+[ ]){2,}[^\s{}\[\]=:\"',]*)[}\]]"
"""A printed struct, its fields by position: `{db 5432 app X disable}`."""
ALONE = rf"(?:^|[^\w./@%&+-]){CANDIDATE}"
"""A candidate with what stands before it, which is no character of one: a group would cost as much as all the rest."""
_GOES_ON = frozenset(b"/@%=-+_")
_OF_CANDIDATES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-")
_TELLING = re.compile(rb"(?i)(?<![a-z])(?:" + TELLING.encode() + rb")(?![a-z])")
_STRONG = re.compile(
    rb"(?i)pass\w*|pw|secret|token|seed|credentials?|creds|licen[sc]e"
    rb"|(?:api|access|admin|app|auth|client|encryption|license|master|personal|private|root|secret|service|session|signing"
    rb"|subscription|account|shared|storage|functions?|host|ingest(?:ion)?|"
    rb"instrumentation|integration|write|deploy|activation)[ _-]key"
)
PUBLIC = re.compile(
    rb"(?i)(?:public[ _-]?key[ _-]?token|sec-websocket-(?:key|accept)|checksum/[\w.-]{1,20}|(?:public|publishable|host|primary|foreign|partition|sort|cache|object|routing"
    rb"|shard|map|dict|index|unique|duplicate|lookup|redis|s3|continu\w+|page|next|paging|sync|resume|idempotency|dedup\w*"
    rb"|hash|message|row|column)[ _-]?(?:key|token)?)$"
)
_AN_ID = re.compile(
    rb"(?i)(?:\bid|[_-]id|[a-z]Id|hash|digest|sha-?\d*|md5|checksum|commit|revision|version|etag|uid|trace|span|request|image"
    rb"|index|pod|name|file|path|url|cluster|fingerprint|kid|offset|from|ref|tag|branch|build|job|run|node|container"
    rb"|ssh-[a-z0-9]+|ecdsa-[a-z0-9-]+)[\"']?[ \t]*[:=]?[ \t]*[\"'(]*$"
)
_ID = re.compile(
    rb"(?:chatcmpl|cmpl|resp|req|msg|run|thread|asst|file|batch|evt|pi|ch|cus|sub|in|price|prod|acct|job|task|trace|span"
    rb"|user|usr|org|proj|call|toolu|chunk)[-_].*"
)
"""Ids as APIs make them: a prefix of their kind."""
_OF_CONTENT = re.compile(rb"(?:[A-Za-z][A-Za-z0-9_.]*-){2,6}(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})")
"""What caches are named by: words, and the digest of what is in it."""
_OTHER_NAME = re.compile(rb"[\w.-]+=|[\w.-]+:[\"']|[;{}]")


def nearby(data: bytes, candidates: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Where such values begin and end, of those that `ALONE` finds."""
    for began, ended in candidates:
        start = began if data[began] in _OF_CANDIDATES else began + 1
        end = min(ended, start + LONGEST)
        value = data[start:end]
        if ended < len(data) and data[ended] in _GOES_ON:
            continue
        mixed = is_mixed(value)
        if not (mixed or is_chance(value)) or _ID.fullmatch(value) or _OF_CONTENT.fullmatch(value):
            continue
        if (
            _is_told(data, start, end, mixed=mixed)
            or (mixed and is_unclaimed(data, start, end))
            or (not mixed and _is_handed_to_client(data, start))
        ) and not is_placeholder(value):
            yield start, end


def _may_tell(small: bytes) -> bool:
    """Whether this, in small letters, has some of those of a telling word. Fast."""
    return (
        b"key" in small
        or b"pass" in small
        or b"token" in small
        or b"secret" in small
        or b"auth" in small
        or b"cred" in small
        or b"pw" in small
        or b"bearer" in small
        or b"seed" in small
        or b"licen" in small
    )


def _is_told(data: bytes, start: int, end: int, *, mixed: bool) -> bool:
    before = _before(data, start)
    if end - start < SHORTEST or not _may_tell(before.lower()):
        return False
    told = next(reversed([*_TELLING.finditer(before)]), None)
    if (
        told is None
        or PUBLIC.search(before[max(0, told.end() - CLOSE) : told.end()])
        or _AN_ID.search(before[told.end() :])
    ):
        return False
    between = before[told.end() :].strip(b" \t\"'`(")
    if between.strip(b":=") == b"":
        between = b""
    if _OTHER_NAME.search(between):
        return False
    return mixed or bool(_STRONG.fullmatch(told.group()) and len(between) <= CLOSE and b"," not in between)


def _before(data: bytes, at: int) -> bytes:
    """What stands before the value on its line; where nothing does, the last line above that ends with a colon."""
    line = _line_start(data, at, LOOK_BACK)
    before = data[line:at]
    if before.strip() or not line:
        return before
    above = data[max(0, line - LOOK_BACK * 2) : line].rstrip()
    last = above[above.rfind(b"\n") + 1 :]
    return last if last.endswith(b":") else b""


def _line_start(data: bytes, at: int, furthest: int) -> int:
    """Where the line begins that a place is in, or as far before it as is looked."""
    line = data.rfind(b"\n", max(0, at - furthest), at) + 1
    return line or max(0, at - furthest)


CARRIED = 120
"""Bytes before a value in which stands what carries it."""
NEAR = 64
"""Bytes before a value in which its name stands."""
HANDED_ON = 20
"""Characters of a value that a call, a flag or a variable carries."""
IN_STRUCT = 12
"""The same among the fields of a printed struct."""
IN_SENTENCE = 10
"""The same in a person's sentence about logging in."""
ASSIGNED = 24
"""The same behind a name, or between quotes."""
LOOSE = 32
"""The same among other words."""

LONGEST_PEM = 8192
"""Bytes of a certificate that are looked back over."""

_ID_WORDS = (
    r"id|ids|uid|uuid|guid|oid|kid|etag|hash|hashes|hostid|digest|sha|sha-?\d+|md5|checksum|integrity|nonce|cursor|continue|page|next|prev"
    r"|marker|offset|version|revision|rev|commit|tag|ref|branch|build|snapshot|trace|span|request|correlation|transaction"
    r"|fingerprint|thumbprint|public|pub|pubkey|publickey|publishable|peer|recipient|allowed|kty|crv|cert|certificate|chain|ca|crt|x5c|x5t|n|e|x|y|h1"
    r"|document|doc|object|file|filename|path|url|uri|image|layer|blob|chunk|thumbnail|avatar|data|payload|body|content|bytes"
    r"|event|message|msg|job|run|task|queue|topic|group|member|consumer|client-?id|session|lease|node|shard|index|allocationid"
    r"|cluster|pod|container|instance|host|device|order|customer|tenant|user|account|org|organi[sz]ation|project|workspace|channel"
    r"|cache|dedup|idempotency|partition|routing|shard|row|column|sort|receipthandle|anonymous|verification|challenge"
    r"|d?kim|spf|dmarc|site-verification|class|function|method|module|package|bucket|prefix|state|model|license-?id|arn|resource"
    r"|hostname|domain|locale|zone|region|hmac-?id|iv|epoch|seed-?id|name|type|kind|format|encoding|code"
)
_CLAIMED = re.compile(
    rb"(?i:(?:[\w.-]*[_.-])?(?:"
    + _ID_WORDS.encode()
    + rb")(?:[_.-]?\d{1,2})?)|(?i:[\w.-]*public[\w.-]*)|(?i:sec-websocket-[a-z]+|if-(?:none-)?match)|\w*[a-z](?:Id|ID|Hash|Digest|Uuid|UUID|Cursor|Page)"
)
_NEVER = frozenset(
    b"trace span etag hash hashes digest uuid guid public fingerprint thumbprint checksum integrity nonce cursor".split()
)
"""Parts of names that no secret has."""
_PARTS = re.compile(rb"[_.-]")
_NAME = re.compile(rb"[A-Za-z][\w.-]*")
_DIGEST = re.compile(
    rb"(?i)(?:\b(?:sha-?\d*|md5|h1|sha256|sha512)[:=-]|nonce-|data:[\w/+.-]*;base64,|-----|\|1\||ssh-\w+ |ecdsa-[\w-]+ |@)[\"'=]?$"
)
_SAYS_SO = re.compile(rb"AAAA[A-Z]|MI[GIH]|MF[kw]|MC[ow]|RW[QRST]|(?:sha-?\d+|md5|nonce|pub|public|phc)[-_]")
"""How public keys, certificates and digests begin."""
_NAME_END = re.compile(rb"[\w!]$")
_SIGNS_IN = re.compile(
    rb"(?i:client|api|sdk|init\w*|auth\w*|log_?in|connect\w*|configure|setup|session|credentials?|search|gateway|start)$"
)
"""How the names end of what takes a key as an argument."""
_KEY_FLAG = re.compile(rb"(?:^|\s)-(?:k|t|s|a|-auth|-key)[ =][\"']?$")
_FLAG = re.compile(rb"(?:^|\s)--?[A-Za-z][\w-]{0,40}[ =][\"']?$")
_EXPORT = re.compile(rb"(?:^|[\s;&])[A-Za-z_]\w{0,60}=[\"']?$")
_NAMED = re.compile(rb"[\w.\-\])\"'][\"'`]?[ \t]*(?::|=|=>|:=)[ \t]*[\"'`\[(]{0,2}$")
_FULL_LINE = re.compile(rb"[ \t]*[A-Za-z0-9+/=]{40,}[ \t\r]*|.*-----(?:BEGIN|END)[ -].*")
_FIELD = re.compile(rb"[^\s]+")
_BARE = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_SMALL = re.compile(rb"[a-z]+")
_STANDARD = re.compile(rb"[A-Za-z0-9]*[+/][A-Za-z0-9+/]*={0,2}")
_KEY_SIZES = frozenset({32, 40, 44, 48, 64, 88})
"""Characters of sixteen, thirty, thirty-two… bytes in Base64, padded: what programs take as keys."""


def is_unclaimed(data: bytes, start: int, end: int) -> bool:
    """Whether this value, mixed by chance, is carried like a key and called nothing else."""
    line = _line_start(data, start, CARRIED)
    before, value = data[line:start], data[start:end]
    if _is_name(value) or _SAYS_SO.match(value) or (_STANDARD.fullmatch(value) and len(value) not in _KEY_SIZES):
        return False
    if (len(value) < LOOSE and len(value) < _least(before)) or _is_claimed(before):
        return False
    return not (is_encoded_text(value) or _in_block(data, line, before, end) or _in_certificate(data, start))


def in_struct(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where such values stand among the fields of a printed struct, or what a person chose with letters, digits, signs."""
    for word in _FIELD.finditer(data, start, end):
        value = word.group()
        fits = len(value) >= IN_STRUCT and _BARE.fullmatch(value) and is_mixed(value) and not _is_name(value)
        if fits or is_strong(value):
            yield word.span()


def _is_handed_to_client(data: bytes, start: int) -> bool:
    """Whether what may be a digest is an argument of what signs in: `Client("app", "`, or of a flag for keys: `-k X`."""
    if data[start - 1 : start] not in (b'"', b"'"):
        return _KEY_FLAG.search(data, max(0, start - 8), start) is not None
    before = data[_line_start(data, start, CARRIED) : start]
    if _KEY_FLAG.search(before[-8:]):
        return True
    if not _in_call(before[:-1]) or _is_claimed(before[:-1]):
        return False
    return _SIGNS_IN.search(before[: before.rfind(b"(")].rstrip(b"= ")) is not None


def is_unclaimed_word(data: bytes, at: int, value: bytes) -> bool:
    """Whether this word, of a person's sentence about logging in, came by chance and is called nothing else."""
    if not _BARE.fullmatch(value) or not is_mixed(value) or _is_name(value):
        return False
    return not _is_claimed(data[_line_start(data, at, CARRIED) : at])


def is_encoded_text(value: bytes) -> bool:
    """Whether this is Base64 of something that can be read: what is in it is looked at by itself."""
    try:
        text = base64.b64decode(
            value + b"=" * (-len(value) % 4), altchars=b"-_" if b"-" in value or b"_" in value else None
        )
    except (binascii.Error, ValueError):
        return False
    readable = sum(32 <= byte < 127 or byte in b"\t\n\r" for byte in text[:64])
    return readable * 20 >= len(text[:64]) * 19


def _is_name(value: bytes) -> bool:
    """Whether the small letters stand in runs as words have them: `LongKeyNameInCamelCase2Value`."""
    runs = _SMALL.findall(value)
    return sum(map(len, runs)) * 2 > len(runs) * 5


def _least(before: bytes) -> int:
    """How long a value must be with this before it."""
    near = before[-NEAR:]
    if _FLAG.search(near) or _EXPORT.search(near) or (before.endswith((b'"', b"'")) and _in_call(before)):
        return HANDED_ON
    return ASSIGNED if _NAMED.search(near) or before.endswith((b'"', b"'", b"`")) else LOOSE


def _in_call(before: bytes) -> bool:
    """Whether this is the beginning of a call: `client("s3", "`."""
    opened = before.rfind(b"(")
    name = before[: max(0, opened)].rstrip(b"= ")
    return opened > 0 and b")" not in before[opened:] and _NAME_END.search(name) is not None


def _is_claimed(before: bytes) -> bool:
    if _DIGEST.search(before[-NEAR:]):
        return True
    return any(
        _CLAIMED.fullmatch(word) or not _NEVER.isdisjoint(_PARTS.split(word.lower()))
        for word in _NAME.findall(before[-NEAR:])[-2:]
    )


def _in_certificate(data: bytes, at: int) -> bool:
    """Whether this stands in a certificate or a public key, also in one written on one line."""
    begin = data.rfind(b"-----BEGIN ", max(0, at - LONGEST_PEM), at)
    return begin >= 0 and data.find(b"-----END ", begin, at) < 0 and b"PRIVATE" not in data[begin : begin + 40]


def _in_block(data: bytes, line: int, before: bytes, end: int) -> bool:
    """Whether this is a line of an encoded block: a certificate, a file, a picture."""
    if before.strip():
        return False
    line_end = data.find(b"\n", end)
    above = data[data.rfind(b"\n", 0, max(0, line - 1)) + 1 : max(0, line - 1)]
    below = data[line_end + 1 : (data.find(b"\n", line_end + 1) + 1 or len(data) + 1) - 1] if line_end >= 0 else b""
    return bool((line and _FULL_LINE.fullmatch(above)) or _FULL_LINE.fullmatch(below))
