"""The patterns of the passes that `scan` makes over a text. RE2 on bytes, compiled at first use.

Each names its groups by position; the comments at the use in `scan` say which is which.
"""

from __future__ import annotations

from functools import cached_property

import re2

from bot.redaction.formats import FORMATS
from bot.redaction.names import ANY_NAME
from bot.redaction.nearby import ALONE, CANDIDATE, TELLING

MAX_MEMORY = 64 << 20
"""Bytes that RE2 may use for one pattern's automaton."""


def compiled(pattern: str, *, capture: bool = True) -> re2._Regexp:
    """A pattern on bytes, each taken as one character. Raises `re2.error`."""
    options = re2.Options()
    options.never_capture = not capture
    options.max_mem = MAX_MEMORY
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return re2.compile(pattern.encode("latin-1"), options)


_PAINT = r"(?:\x1b\[[0-9;]*m)*"
_QUOTES = r"(?:\\{0,7}[\"'`]|%22|&quot;|&#34;)"
_SEPARATOR = rf"{_QUOTES}?\]?{_PAINT}[ \t]{{0,8}}(?:=>|:=|=|:|%3D|%3A){_PAINT}[ \t]{{0,8}}{_PAINT}"
_UNQUOTED = (
    r"(?:[^\s\"'`<>,;&)}\]\\=%\x1b|]|%[0-9A-Fa-f]{2})"
    r"(?:[^\s\"'`<>,;&)}\]\\%\x1b]|%(?:[013-9A-Fa-f][0-9A-Fa-f]|2[0-15-9A-Fa-f])|\\[^nrt\"'\s\\])*"
)
_VALUE = "|".join(
    (
        r"\\{1,3}\"((?:[^\"\\\n]|\\{2,}\"|\\\\[^\"\\]|\\[^\"\\])*)\\{1,3}\"",
        r"[\[(]{0,2}[bruf]?\"((?:[^\"\\\n]|\\.|\"[A-Za-z0-9!@#$%^&*_-])*)(?:\"|$|\n|\z)",
        r"[\[(]{0,2}[bruf]?'((?:[^'\\\n]|\\.|'[A-Za-z0-9!@#$%^&*_-])*)(?:'|$|\n|\z)",
        r"`([^`\n]*)`",
        r"%22(.*?)%22",
        r"&(?:quot|#34);(.*?)&(?:quot|#34);",
        r"[|>][+-]?[ \t]*\n[ \t]+(\S[^\n]*)",
        rf"({_UNQUOTED})",
    )
)
UNQUOTED_GROUP = 8
_NAMED = rf"(?m)(?i:({ANY_NAME}))\d{{0,2}}({_SEPARATOR})(?:{_VALUE})"
_PAIR = (
    rf"(?m)(?i:\b(?:name|key)){_QUOTES}?[ \t]*[:=][ \t]*{_QUOTES}?[\w.-]*?(?i:({ANY_NAME}))\d{{0,2}}{_QUOTES}?"
    rf"((?:,\s{{0,40}}|\s{{1,40}}){_QUOTES}?(?i:value){_QUOTES}?[ \t]*[:=][ \t]*)(?:{_VALUE})"
)
_FLAG = (
    rf"(?:^|[\s\"'=(,\[])--?(?i:[a-z0-9-]*?({ANY_NAME}))([ \t]+|\\?[\"'],[ \t]*\\?[\"']|[\"'][ \t]+[\"'])(?:{_VALUE})"
)
_COMMANDS = (
    r"\b(?:mysql(?:dump|admin|import|sh|check)?|mariadb(?:-dump|-admin)?)\b[^\n|;]*?\s-p[\"']?([^\s\"']+)"
    r"|\b(?:sshpass|mongo(?:sh|dump|restore)?|psql|rabbitmqadmin)\b[^\n|;]*?\s-p[ =]?[\"']?([^\s\"'-][^\s\"']*)"
    r"|\b(?:redis-cli|redis-benchmark)\b[^\n|;]*?\s-a[ =]?[\"']?([^\s\"']+)"
    r"|\b(?:curl|wget|http|ldapsearch)\b[^\n|;]*?\s(?:-u|--user|--proxy-user|-U)[ =]?[\"']?[^\s:\"']+:([^\s\"']+)"
    r"|\b(?:docker|podman|helm registry|az|oc) login\b[^\n|;]*?\s-p[ =]?[\"']?([^\s\"']+)"
    r"|\bldap(?:search|modify|add|passwd|whoami)\b[^\n|;]*?\s-w[ =]?[\"']?([^\s\"']+)"
    r"|\b(?:sqlcmd|bcp)\b[^\n|;]*?\s-P[ ]?[\"']?([^\s\"'-][^\s\"']*)"
    r"|\brabbitmqctl[ \t]+(?:-\S+[ \t]+){0,4}(?:add_user|change_password|authenticate_user)[ \t]+\S+[ \t]+"
    r"[\"']?([^\s\"']+)"
    r"|\bhtpasswd[ \t]+-\w*b\w*[ \t]+(?:\S+[ \t]+){1,2}?[\w.@-]+[ \t]+[\"']?([^\s\"']+)[\"']?(?:$|\n)"
    r"|\bmc[ \t]+(?:alias[ \t]+set|config[ \t]+host[ \t]+add)[ \t]+\S+[ \t]+\S+[ \t]+\S+[ \t]+[\"']?([^\s\"']+)"
    r"|\becho[ \t]+(?:-\w[ \t]+)?[\"']?[\w.-]+:([^\s\"'|]+)[\"']?[ \t]*\|[ \t]*(?:sudo[ \t]+)?chpasswd\b"
)
_USERINFO = r"://([^\s/?#:@\"'<>]*):(?:([^\s/\"'<>]*)@|([^\s\"'<>]*?)@)"
_USER_ONLY = r"://([^\s/?#:@\"'<>]{16,})@(?:[A-Za-z0-9.-]+)(?:[:/?\s\"']|$)"
_USERINFO_ENCODED = r"(?i)%3A%2F%2F[^\s%]*%3A((?:[^\s%&\"']|%[0-35-9a-f][0-9a-f]|%4[1-9a-f])+?)%40"
PHRASES: tuple[tuple[str, str], ...] = (
    (
        "authorization",
        (
            r"(?i:authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*"
            r"(?i:(?:bearer|token|apikey|api-key|api-token|negotiate|key|bot|sharedaccesssignature|sso-key|ssws"
            r"|splunk)[ +]+)"
            r"([^\s\"',;\\}\])]{6,})"
        ),
    ),
    ("authorization", r"(?i:authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*([A-Za-z0-9+/=_.~-]{16,})"),
    ("bearer", r"(?i:\bbearer)(?:[ +]+|%20|[\"']?[:=][ \t]*[\"']?)([A-Za-z0-9._~+/-]{8,}={0,2})"),
    ("basic-auth", r"(?i:\bbasic)(?:[ +]+|%20)([A-Za-z0-9+/_-]{6,}={0,2})"),
    ("basic-auth", r"\\{0,3}[\"']_?auth\\{0,3}[\"'][ \t]*:[ \t]*\\{0,3}[\"']([A-Za-z0-9+/]{6,}={0,2})"),
    ("basic-auth", r"\bauth[ \t]*[:=][ \t]*[\"']?([A-Za-z0-9+/]{8,}={0,2})(?:[\"'\s,;}]|$)"),
    (
        "password",  # basicAuth: "admin:…"
        (
            r"(?i:\b(?:basic|http|proxy)[_-]?auth(?:entication)?|\buser(?:name)?[:_]pass(?:word)?)[\"'\\]{0,3}[ \t]*"
            r"[:=][ \t]*[\"'\\]{0,3}[\w.@-]{1,60}:([^\s\"'\\,;{}]{4,})"
        ),
    ),
    ("basic-auth", r"\b_auth[ \t]*=[ \t]*[\"']?([A-Za-z0-9+/]{6,}={0,2})"),
    ("password", r"\bAUTH LOGIN[ \t]+[A-Za-z0-9+/]+={0,2}[ \t]+([A-Za-z0-9+/]{4,}={0,2})"),
    ("basic-auth", r"\bAUTH (?:PLAIN|LOGIN|XOAUTH2)[ \t]+([A-Za-z0-9+/]{8,}={0,2})"),
    ("password", r"\"(?i:auth)\" (?:\"[^\"\s]+\" )?\"([^\"]+)\""),
    ("password", r"(?i:\b(?:requirepass|masterauth)[ \t]+[\"']?)([^\s\"']+)"),
    ("password", r"(?i:\blogin[ \t]+\S+[ \t]+password[ \t]+)([^\s]+)"),
    (
        "password",
        r"(?i:\b(?:user|role|to)\b[^\n]*?\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+)'((?:[^'\n]|'')+)'",
    ),
    ("password", r"(?i:\bpassword[ \t]+)'((?:[^'\n]|'')+)'"),
    ("password", r"(?i:\bpassword[ \t]+)\"([^\"\s]+)\""),
    ("password", r"(?i:\blogin)[ \t]+\"[^\"\s]+\"[ \t]+\"([^\"\s]+)\""),
    (
        "password",
        (
            r"(?i:\b(?:log_?in|authenticate|sign_?in|simple_bind(?:_s)?))\([ \t]*[\"'][^\"'\n]*[\"'],[ \t]*"
            r"[\"']([^\"'\n]+)[\"']"
        ),
    ),
    ("password", r"\[[^\]\n]*?--?[\w-]*(?i:pass|password|secret|token|api-key),[ \t]+([^\s,\]\"']+)"),
    ("url-password", r"\b(?:postgres(?:ql)?|mysql|redis|amqps?|mongodb)//[^\s/:@]*:([^\s@/\"']+)@"),
    ("api-key", r"(?i:fernet)[^\n]{0,80}?[\"']([A-Za-z0-9_-]{43}=)[\"']"),
    (
        "secret",  # SCW_SECRET_KEY 0a474268-…: a UUID is a secret only behind such a name
        (
            r"\b[A-Z][A-Z0-9]*_(?:[A-Z0-9]+_)*(?:KEY|TOKEN|SECRET|PASSWORD)[ \t]+(?:is[ \t]+)?[\"'`]?"
            r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"
        ),
    ),
    ("secret", r"--from-literal[= ][\"']?[\w.-]+=([^\s\"']+)"),
    ("password", r"(?i:\bpassword (?:is|was|set to|changed to)[ \t]+[\"'`]?)([^\s\"'`]*[0-9!@#$%^&*][^\s\"'`]*)"),
    ("signature", r"(?i:\bDigest )[^\n]*?\bresponse=\\?\"([0-9a-f]{32,})"),
    ("password", r"<(?:\w+:)?(?i:[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key))(?: [^>\n]*)?>([^<\n]+)</"),
)
IN_PROSE: tuple[tuple[str, str], ...] = (
    (
        "next",  # root credentials: minioadmin / X
        (
            r"(?i:\b(?:credentials?|creds|log_?in|user(?:name)?[ ]?/[ ]?pass(?:word)?)\b)[ \t]*[:=]?[ \t]*"
            r"[\w.@-]{1,60}(?:[ \t]+/[ \t]+|:)[\"'`]?([^\s\"'`,;()<>{}\[\]:=]{10,}={0,2})"
        ),
    ),
    (
        "named",  # the password is: X; one-time token to log in: X; the secret for bob: X, also on the next lines
        (
            r"(?i:\b(?:pass(?:word|phrase|code)|token|secret|api[ _-]?key|key share|credentials?))"
            r"(?:[ \t]+(?i:[a-z-]{1,20})){0,7}[ \t]*:[ \t]*(?:\r?\n[ \t\r]*){0,3}[\"'`(]?([^\s\"'`,;()<>{}\[\]]{10,})"
        ),
    ),
    (
        "next",  # with password X; using API token X; bad api key X; LINODE_TOKEN X
        (
            r"(?i:(?:\b|[A-Z0-9]_)(?:pass(?:word|phrase|code)?|token|secret|api[ _-]?key|key share|credentials))"
            r"(?:[ \t]+(?i:is|was|used|share))?[ \t]+[\"'`(]?([^\s\"'`,;()<>{}\[\]:=]{10,}={0,2})"
        ),
    ),
    (
        "next",  # access key X, admin key X, private key X: a key that somebody holds, not one of a table or a cache
        (
            r"(?i:\b(?:api|access|admin|app|application|auth|client|encryption|ingest(?:ion)?|integration|license|master"
            r"|personal|private|root|secret|server|service|shared|signing|storage|write)"
            r"[ _-]?(?:key|token|secret|license)|\b[A-Z0-9_]{1,40}_KEY)(?:[ \t]+(?i:is|was|used))?[ \t]*[:=]?[ \t]+"
            r"[\"'`(]?([^\s\"'`,;()<>{}\[\]:=]{10,}={0,2})"
        ),
    ),
    ("next", r"(?i:\bAUTH(?:[ \t]+[\w.-]{1,30})?)[ \t]+[\"'`]?([^\s\"'`,;()<>{}\[\]:=]{16,}={0,2})"),
    (
        "next",  # X as token
        (
            r"\b([A-Za-z0-9+/_-]{20,}={0,2})[\"'`]?[ \t]+as[ \t]+(?:(?:a|an|the|its|my|your|api|access)[ \t]+){0,2}"
            r"(?i:token|password|secret|key)\b"
        ),
    ),
)
"""Secrets in sentences. The value must look as if it came by chance (`judge.looks_random`)."""
_COOKIE = r"(?i:\b(set-)?cookies?)[\"'\\\])]*[ \t]*[:=,][ \t]*[\"'\\b(\[{]*([^\n]+)"
_COOKIE_PAIR = r"([\w.!#$%&*+^|~-]+)(?:=|[\"']: ?[\"'])([^;,\s\"'\\})]+)"
_SHAPED = r"\b([a-z][a-z0-9]{1,11}(?:_[a-z0-9]{1,12}){0,2}_[A-Za-z0-9-]{30,200})(?:[^A-Za-z0-9_/.-]|\.?(?:\s|$))"
_NEARBY = rf"(?i:{TELLING})[^\n]{{0,100}}\n?\s{{0,20}}{CANDIDATE}"
_BY_FORM = "(?m)" + "|".join(pattern for _, pattern in FORMATS)
_BY_PHRASE = "(?m)" + "|".join(pattern for _, pattern in PHRASES)
_IN_PROSE = "|".join(pattern for _, pattern in IN_PROSE)


_ANYTHING = "|".join(
    f"(?:{one})"
    for one in (
        _NAMED,
        _PAIR,
        _FLAG,
        _BY_FORM,
        _BY_PHRASE,
        _IN_PROSE,
        _COOKIE,
        _COMMANDS,
        _USERINFO,
        _USER_ONLY,
        _USERINFO_ENCODED,
        _SHAPED,
        _NEARBY,
    )
)


class Passes:
    """The patterns, each compiled when it is first needed: a paste without secrets needs two of them.

    `anything` says whether any pass may find something: ordinary logs cost that one alone.
    """

    @cached_property
    def named(self) -> re2._Regexp:
        return compiled(_NAMED)

    @cached_property
    def pair(self) -> re2._Regexp:
        return compiled(_PAIR)

    @cached_property
    def flag(self) -> re2._Regexp:
        return compiled(_FLAG)

    @cached_property
    def by_form(self) -> re2._Regexp:
        return compiled(_BY_FORM)

    @cached_property
    def by_phrase(self) -> re2._Regexp:
        return compiled(_BY_PHRASE)

    @cached_property
    def shaped(self) -> re2._Regexp:
        return compiled(f"(?m){_SHAPED}")

    @cached_property
    def alone(self) -> re2._Regexp:
        return compiled(f"(?m){ALONE}")

    @cached_property
    def in_prose(self) -> re2._Regexp:
        return compiled(_IN_PROSE)

    @cached_property
    def cookie(self) -> re2._Regexp:
        return compiled(_COOKIE)

    @cached_property
    def cookie_pair(self) -> re2._Regexp:
        return compiled(_COOKIE_PAIR)

    @cached_property
    def commands(self) -> re2._Regexp:
        return compiled(_COMMANDS)

    @cached_property
    def userinfo(self) -> re2._Regexp:
        return compiled(_USERINFO)

    @cached_property
    def user_only(self) -> re2._Regexp:
        return compiled(_USER_ONLY)

    @cached_property
    def userinfo_encoded(self) -> re2._Regexp:
        return compiled(_USERINFO_ENCODED)

    @cached_property
    def anything(self) -> re2._Regexp:
        return compiled(_ANYTHING, capture=False)

    @cached_property
    def whole_name(self) -> re2._Regexp:
        return compiled(rf"(?i:({ANY_NAME}))\d{{0,2}}$")


_PASSES = Passes()


def passes() -> Passes:
    """The patterns of all passes, shared by all redactors."""
    return _PASSES
