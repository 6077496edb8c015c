"""Whether what stands after a telling name is a secret: `password=hunter2` is, `token=expired` and `key=$(X)` are not.

Called by `scan` for every value whose name announces a secret, and by nothing else. When in doubt it says yes: hiding a
harmless word costs a person a look, showing a secret costs more. But it must say no to what people need as evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.redaction.chance import is_mixed, is_mixed_case, unspoken_parts

LONGEST_JUDGED = 512
"""A longer value behind a telling name is hidden unseen; this also keeps scanning linear."""

_NOTHING = re.compile(
    rb"(?i)(?:none|null|nil|true|false|undefined|yes|no|on|off|unset|set|missing|empty|required|optional|redacted|hidden"
    rb"|masked|filtered|removed|omitted|string|str|bytes|int|value|unknown|invalid|expired|revoked|valid|disabled|enabled"
    rb"|default|n/?a|nan|not|is|was|are|has|have|must|can(?:not)?|can't|should|does|did|may|needs?|too|already|wrong|incorrect|mismatch|the|a|an|to|or|and|for|from|in|with|of|value_specified_in_no_log_parameter|flag|option|argument|parameter|field"
    rb"|file|env|environment|sensitive|protected|provided|supplied|stored|secretstr|nonetype|object|xxx+|\.{3}|-+|\?|\$\d{1,3}"
    rb"|!(?:vault|secret|env_var|ref|sub|getatt|importvalue|reference)|:(?:new_?)?(?:pass|pw|token|secret)\w{0,10}|change|replace|insert|todo|tbd|fixme)"
)
_MASKED = re.compile(
    rb"[*xX.#\xe2\x80\xa2\xa6-]*|(?:\*{2,}[\w.-]{0,4}|[\w.-]{0,4}\*{2,}[\w.-]{0,4})|[<\[({]+[^>\])}]*[>\])}]+"
)
_IN_BRACES = re.compile(rb"\{[A-Za-z0-9+/]{24,}={0,2}\}")
"""Base64 in braces: what Jenkins and Maven write for what they have encrypted."""
_TOKEN = re.compile(rb"[^\s]{0,3}\xe2\x80\xb9[a-z0-9-]+:\d+\xe2\x80\xba[^\s]{0,3}")
_REFERENCE = re.compile(
    rb"\$\{[A-Za-z_]\w*:?\?.*|\$[A-Za-z_({][\w.(){}:\[\]-]*|\{\{.*|%\(?[a-z]\w*\)?[sdr]?|<[^>]*|@?[A-Z]:\\.*"
    rb"|\.{1,2}/.*|/(?:var|run|etc|home|root|tmp|opt|mnt|secrets?|usr|app|vault|certs?)(?:/.*)?|(?:secret|vault|ref|arn|sm|ssm|file|env):.*"
)
_FIELD = re.compile(rb"[a-z_]{2,24}=[^=].*")
_URL = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]*:/.*")
_CODE = re.compile(
    rb"(?:self|cls|settings|config|cfg|conf|os|env|environ|process|args|opts|options|request|req|response|res|kwargs|this"
    rb"|ctx|context|app|data|params|headers|payload|user|session|creds|credentials|auth|client|event|values)[.\[(].*"
    rb"|[A-Za-z_][\w.]*[(\[].*|(?:await|new|not|lambda|return|f['\"]).*"
)
_IDENTIFIER = re.compile(rb"[A-Za-z_]+(?:\.[A-Za-z_]+)*")
_WORD = re.compile(rb"[A-Z]?[a-z]+[.!?]?|[A-Z]+")
_SMALL_NUMBER = re.compile(rb"-?[\d.,_]{1,9}%?(?:[smhd]|ms|[kKMG]i?[bB]?)?")
_UUID = re.compile(rb"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_OBJECT_NAME = re.compile(rb"[a-z0-9]+(?:[-./][a-z0-9]+)+|[a-z]+")
_FILE = re.compile(
    rb"[\w./~-]+\.(?:pem|key|pub|crt|cer|der|csr|p12|pfx|jks|gpg|asc|bin|json|ya?ml|xml|txt|conf|cnf|ini|env)"
)
_OBJECT_NAME_WITH_PARTS = re.compile(rb"[a-z0-9]+(?:[-./][a-z0-9]+)+")
_STRUCTURED = re.compile(
    rb"[/@\\]|^\d{4}-\d\d-\d\d|^\d+:\d|^0x|\.(?:py|js|ts|go|java|ya?ml|json|txt|pem|key|crt|log|conf|env)\b"
)
_NAMES_AN_OBJECT = re.compile(rb"(?i)(?:existing|pull|image|tls|ca|cert|from|k8s|kubernetes|ref|user-?provided)[_.-]?$")
_NAME_AGAIN = re.compile(
    rb"(?i)(?:[\w.-]*[_.-])?(?:pass(?:word|wd|phrase)?|pwd|token|secret|key|api_?key|credentials?|session_?id)"
)
_TYPE_NAME = re.compile(rb"(?:Optional|Secret|Union|List|Dict)[A-Z\[]\w*.*|_?[A-Z][a-z]+(?:[A-Z][a-z]+)+")


_ENCODED = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}")
"""Base64 of eighteen bytes and more: it may hold slashes, which shorter words have when they name a place."""


_OF_PAGES = re.compile(rb"(?i)(?:next|page|paging|pagination|continu\w*|sync|resume|cancellation)[_.-]?$")
"""Tokens that name a place in a list."""
_IN_CAPITALS = re.compile(rb"[A-Z0-9]+(?:[-_][A-Z0-9]+)+")
"""`SCRAM-SHA-256-PLUS`: a mechanism's or a constant's name."""
_PADDED = re.compile(rb"[A-Za-z0-9+/]{10,}={1,2}")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A telling name and what stands behind it.

    `kind` is the kind of name, `before` what stands directly before its telling end (`chat_` in `chat_session_id`),
    `separator` what stands between name and value, `quoted` whether the value had quotes, `ends` whether the value
    reaches to a delimiter (a whole YAML value, not the first word of a sentence), `key` whether the name begins a line.
    """

    kind: str
    before: bytes
    name: bytes
    separator: bytes
    value: bytes
    quoted: bool
    ends: bool
    key: bool


_OF_A_LIST = b"eyJ2IjoibWV0YS5rOHMuaW8v"
"""How the `continue` token of a Kubernetes list begins: `{"v":"meta.k8s.io/`. It names a place in a list."""


def is_placeholder(value: bytes) -> bool:
    """Whether this says only that something is, was or should be there: `None`, `***`, a token of ours."""
    return bool(
        (_MASKED.fullmatch(value) and not _IN_BRACES.fullmatch(value))
        or _NOTHING.fullmatch(value)
        or _TOKEN.fullmatch(value)
        or value.startswith(_OF_A_LIST)
    )


_VARIABLE = re.compile(rb"\$[A-Z_][A-Z0-9_]*|\$\([A-Za-z_]\w*\)?|\$\{[A-Za-z_]\w*\}?|\{\{.*\}\}")
_STAND_IN = re.compile(
    rb"(?:YOUR|MY|THE)?[_-]?(?:DB|DATABASE|API|ADMIN)?[_-]?(?:PASS|PASSWORD|PASSWD|PWD|PW|SECRET|TOKEN|KEY)"
)


def is_variable(value: bytes) -> bool:
    """Whether a shell, Kubernetes or a template fills this in: `$TOKEN`, `${token}`, `$(TOKEN)`, `{{ token }}`."""
    return _VARIABLE.fullmatch(value) is not None


def is_stand_in(value: bytes) -> bool:
    """Whether this is what documentation writes for a password: `postgres://USER:PASSWORD@HOST/DB`, in capitals."""
    return _STAND_IN.fullmatch(value) is not None


def looks_random(value: bytes) -> bool:
    """Whether a word in a sentence is no word: letters and digits in disorder, not an id, a name, a place or a time."""
    if not 10 <= len(value) <= LONGEST_JUDGED or is_placeholder(value) or _UUID.fullmatch(value):
        return False
    if value.endswith(b"=") and len(value) % 4 == 0 and _PADDED.fullmatch(value):
        return True
    if _ENCODED.fullmatch(value) and (b"/" in value or b"+" in value):
        return is_mixed(value)
    if (
        b"=" in value.rstrip(b"=")
        or _STRUCTURED.search(value)
        or _REFERENCE.fullmatch(value)
        or _OBJECT_NAME_WITH_PARTS.fullmatch(value)
        or _IN_CAPITALS.fullmatch(value)
    ):
        return False
    if value.isalpha():
        return len(value) >= 12 and is_mixed_case(value) and unspoken_parts(value) >= 2
    digits = sum(48 <= byte <= 57 for byte in value)
    letters = sum(65 <= (byte & 0xDF) <= 90 for byte in value)
    return digits >= 2 and letters >= 2 and digits + letters >= len(value) * 3 // 4


def is_secret(found: Assignment) -> bool:
    """Whether the value must be hidden."""
    value = found.value
    if is_placeholder(value):
        return False
    if len(value) > LONGEST_JUDGED:
        return True
    if _REFERENCE.fullmatch(value) or _URL.fullmatch(value) or (not found.quoted and _stands_for_more(found)):
        return False
    if _means_something_else(found):
        return False
    if found.kind != "password" and _SMALL_NUMBER.fullmatch(value):
        return False
    if found.kind == "session" and (_UUID.fullmatch(value) or len(value) < 8 or found.before.endswith(b"chat_")):
        return False
    if found.kind == "token" and _OF_PAGES.search(found.before):
        return False
    if found.kind == "secret" and _is_object_name(found):
        return False
    if found.kind == "password":
        return value not in (b"0", b"1") and _is_password(found)
    return not _WORD.fullmatch(value) and (not found.quoted or b" " not in value)


def _means_something_else(found: Assignment) -> bool:
    """Whether the name only ends like a secret's: `db_session=db_session`, `<Code.BAD_PASSWORD: 'BAD_PASSWORD'>`, a
    public key, the library `io.jsonwebtoken`.
    """
    again = (found.before + found.name).endswith(found.value.rstrip(b",")) and len(found.value) > len(found.name)
    if found.kind != "password" and _FILE.fullmatch(found.value):
        return True
    if found.name.lower() == b"pwd" and found.value.startswith(b"/"):
        return True  # where a shell stands
    if found.name.lower().startswith(b"routing") and (b"." in found.value or b"#" in found.value):
        return True  # of a message queue
    return again or found.before.lower().endswith(
        (b"public", b"public_", b"public-", b"publickey", b"public_key_", b"jsonweb")
    )


def _stands_for_more(found: Assignment) -> bool:
    """The beginning of something else: a comparison, a structure (what is in it is looked at by itself), the next flag
    of a command, a field in a sentence, a line of a program.
    """
    value = found.value
    if value.startswith((b"=", b"{", b"[", b"(")) or (value.startswith(b"-") and not found.separator.strip()):
        return True
    if found.separator == b":" and value.startswith((b"?", b"+")):
        return True  # a shell's message or switch: ${X:?required}
    return bool(b":" in found.separator and _FIELD.fullmatch(value)) or _is_code(found)


def _is_code(found: Assignment) -> bool:
    """A line of a program in a traceback: names and calls, no values."""
    value, spaced = found.value, found.separator.strip() == b"=" and found.separator != b"="
    if _CODE.fullmatch(value) or _NAME_AGAIN.fullmatch(value):
        return True
    if _TYPE_NAME.fullmatch(value) and unspoken_parts(value) < 2:
        return True
    return bool(spaced and _IDENTIFIER.fullmatch(value) and found.before.islower())


def _is_object_name(found: Assignment) -> bool:
    """The name of a Secret object, which is no secret."""
    if found.before[-1:] in (b"_", b"-") and not _NAMES_AN_OBJECT.search(found.before):
        return False
    if _UUID.fullmatch(found.value):
        return found.name.lower() in (b"secret", b"credentials", b"credential")
    begins = b":" in found.separator and not (found.quoted or found.ends)  # a sentence, not a value
    longest = 15 if found.name.lower().startswith(b"credential") else 4
    return bool(_OBJECT_NAME.fullmatch(found.value)) or (begins and len(found.value) <= longest)


def _is_password(found: Assignment) -> bool:
    value = found.value
    bare = found.name.lower() == b"pass"
    if bare and (_SMALL_NUMBER.fullmatch(value) or (not found.quoted and _WORD.fullmatch(value))):
        return False
    if found.quoted or found.key or b":" not in found.separator:
        # Quoted prose ("password: 'must have 8 characters'") has spaces and ends like a sentence; passphrases have not.
        return not (value.count(b" ") >= 2 and found.separator.strip().startswith(b":") and not found.quoted)
    return found.ends or not _WORD.fullmatch(value)
