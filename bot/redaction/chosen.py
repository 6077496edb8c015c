"""Whether a word in a sentence or a part of a link is a secret that somebody chose or was given. Pure. Used by `nearby` and `sentences`."""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

import re

from bot.redaction.chance import is_chance, is_mixed, is_mixed_case, is_mixed_letters
from bot.redaction.judge import is_placeholder, looks_random

_HARMLESS = re.compile(
    rb"(?i)[a-z][a-z0-9+.-]*:/.*|[/~$%{<].*|\.{1,2}/.*"  # addresses, places, references
    rb"|\d+(?:[.,]\d+)?[a-z]{1,4}|\d+(?:st|nd|rd|th)|\d+-[a-z-]+"  # sizes, times, `8-character`
    rb"|v?\d+(?:\.\d+)+\S*|\d{4}-\d\d-\d\d\S*|\d+:\d\S*"  # versions, dates
    rb"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|[\w-]+(?:\.[\w-]+){2,}(?::\d+)?|[\w.-]+:\d+"  # mail, hosts
    rb"|(?:vault|bao|secret|ref|op|arn|ssm?|file|env|kms|awskms|gcpkms|keyvault):\S*"
    rb"|[a-z]+[.!?:]?&(?:quot|apos|amp|lt|gt|#\d+).*"
    rb"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    rb"|(?:sha|md|hmac|aes|rsa|base|utf|pbkdf|bcrypt|scrypt|argon|scram|ssha|crypt|des|sm|oauth|rfc|http|ipv|x|win|log|tls|ssl)"
    rb"[-_]?v?\d[\w-]*"
    rb"|[a-z_][\w.]*[=(\[].*|[a-z]+(?:[._-][a-z]+)+[.:!?]*|[\w.-]+\.(?:py|js|ts|go|java|rb|php|ya?ml|json|txt|log|conf|md)(?::\d+)?"
)
_TICKET = re.compile(rb"[A-Z]{2,10}-\d+|[A-Z]{1,4}\d{1,6}|[A-Z][A-Z0-9_]*_[A-Z0-9_]*")
_STRONG = re.compile(rb"(?=[^A-Za-z]*[A-Za-z])(?=[^0-9]*[0-9])[A-Za-z0-9][\w.-]*[!#$%^&*+?@~][\w!#$%^&*+?@~.-]*")
_IN_CODE = re.compile(
    rb"%[sdvrfx]|\$\$|[a-z]\$\d|[A-Z]\w*\$[A-Z]|\$[{(]|[a-z]\+\+|&[a-z]+=|\w@\w+\.\w|^[\w.-]+@[A-Za-z][\w.-]*$|#\d+$|\*\*|\w~\d|\?\w+=|%[0-9A-F]{2}|\+\d+$"
)
"""`Foo$1`, `main.go#12`, `a@b.c`, `?page=2`: signs that programs write."""
_SIGN = re.compile(rb"[!@#$^&*+?~]")
_OF_SOMETHING_ELSE = re.compile(
    rb"(?i)\b(?:user(?:s|name)?|usuario|utilisateur|benutzer|account|role|host(?:s|name)?|client|e-?mail|id|ids|address|ip|db"
    rb"|database|name|realm|domain|file|path|error|errors|reason|status|code|line|connection|server|from|at|by|url|uri|see"
    rb"|entry|node|pod|container|job|key|attempt|attempts|rule|rules|policy|method|version|hash|type|field|request)"
    rb"[\"']?[ \t]*(?:[:=]|->|=>|[ \t](?:is|was)[ \t])[ \t]*[\"'`(]*$"
)
_COMPLAINT = re.compile(
    rb"(?i)\b(?:fail\w*|wrong|incorrect|denied|expired|mismatch\w*|rejected|missing|required|error|not)\b[^:]{0,40}:"
)
_OBJECT_NAME = re.compile(rb"[a-z0-9]+(?:[-.][a-z0-9]+)+")
_KIND_OF_OBJECT = re.compile(
    rb"(?i)\b(?:pod|user|host|role|secret|sa|service\w*|deployment|image|node|container|job|namespace|file|line|registry)"
    rb"[\"']?(?:[ \t]+|:)[\"']?[\w.@-]*:?[\"'`]?$"
)
_UUID = re.compile(rb"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HOOK = re.compile(rb"(?i)hook|hc-ping|catch|push/|heartbeat|integration|/(?:inputs?|ingest|collect)/")
_INVITES = re.compile(rb"(?i)[?&](?:invit\w*|magic|confirm\w*|reset|verif\w*|activat\w*)(?:[_-]\w+)?=$")
_HARMLESS_QUERY = re.compile(
    rb"(?i)[?&](?:cache|sort|partition|object|storage|s3|file|page|country|error|status|public|git|commit|content)[_-]\w+=$"
)
_HEX = re.compile(rb"[0-9a-f]{32,}|[0-9A-F]{32,}")
_DIGIT = re.compile(rb"\d")
_MOST_TELLING_QUERY = re.compile(rb"(?i)[?&](?:app_?id|auth|ticket|access|hmac|credential)=$")


def looks_chosen(value: bytes) -> bool:
    """Whether a word is what people choose as a password: letters with a digit or a sign, and nothing of another use."""
    if is_placeholder(value) or len(value) < 6 or _HARMLESS.fullmatch(value) or _TICKET.fullmatch(value):
        return False
    letters = any(65 <= (byte & 0xDF) <= 90 for byte in value)
    digits = any(48 <= byte <= 57 for byte in value)
    if not letters:
        return value.isdigit() or _SIGN.search(value[:-1]) is not None
    return digits or _SIGN.search(value[:-1]) is not None or is_mixed_case(value.strip(b"!_-"))


def is_strong(value: bytes) -> bool:
    """Whether this can hardly be anything else: letters and digits with a sign among them that names do not have, or
    letters whose case chance changes.
    """
    if len(value) < 8:
        return False
    if value.isalpha():
        return is_mixed_letters(value)
    return bool(_STRONG.fullmatch(value)) and not _IN_CODE.search(value) and looks_chosen(value)


def is_handed_on(before: bytes, value: bytes) -> bool:
    """Whether this is a UUID right behind the name of a secret, as in `getenv_or("api_token", "a UUID")`."""
    return _UUID.fullmatch(value) is not None and before.rstrip(b" b\\\"'").endswith(b",")


def names_another(before: bytes, value: bytes) -> bool:
    """Whether the words between `password` and this value say that it is something else: `for user: bob42`."""
    if _OF_SOMETHING_ELSE.search(before) or _COMPLAINT.search(before):
        return True
    return bool(_OBJECT_NAME.fullmatch(value) and _KIND_OF_OBJECT.search(before))


def is_granting(value: bytes, before: bytes) -> bool:
    """Whether this part of a link was made by chance, so that who knows it may do what the link does."""
    if is_placeholder(value):
        return False
    if before[-1:] == b"=" and _INVITES.search(before):
        return looks_random(value) or is_mixed_case(value.translate(None, b"0123456789-_"))
    if before[-1:] == b"=":
        if _HARMLESS_QUERY.search(before):
            return False
        return (
            (is_mixed(value) and len(value) >= 20)
            or bool(_HEX.fullmatch(value) and (b"://" in before or _MOST_TELLING_QUERY.search(before)))
            or bool(_UUID.fullmatch(value) and _HOOK.search(before))
        )
    if _HOOK.search(before) and (_UUID.fullmatch(value) or _HEX.fullmatch(value) or _is_long_chance(value)):
        return True
    return len(value) >= 20 and is_mixed(value)


def _is_long_chance(value: bytes) -> bool:
    return is_chance(value) or (len(value) >= 20 and value.isalnum() and _DIGIT.search(value) is not None)
