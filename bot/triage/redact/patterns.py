"""The patterns of the passes that `scan` makes over a text. RE2 on bytes, compiled when this module is first imported.

Each names its groups by position; the comments at the use in `scan` say which is which.
"""

from __future__ import annotations

import re2

from bot.triage.redact.formats import FORMATS
from bot.triage.redact.names import ANY_NAME

MAX_MEMORY = 64 << 20
"""Bytes that RE2 may use for one pattern's automaton."""


def _compile(pattern: str, *, capture: bool = True) -> re2._Regexp:
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
NAMED = _compile(rf"(?m)(?i:({ANY_NAME}))\d{{0,2}}({_SEPARATOR})(?:{_VALUE})")
PAIR = _compile(
    rf"(?m)(?i:\b(?:name|key)){_QUOTES}?[ \t]*[:=][ \t]*{_QUOTES}?[\w.-]*?(?i:({ANY_NAME}))\d{{0,2}}{_QUOTES}?"
    rf"((?:,\s{{0,40}}|\s{{1,40}}){_QUOTES}?(?i:value){_QUOTES}?[ \t]*[:=][ \t]*)(?:{_VALUE})"
)
FLAG = _compile(
    rf"(?:^|[\s\"'=(,\[])--?(?i:[a-z0-9-]*?({ANY_NAME}))([ \t]+|\\?[\"'],[ \t]*\\?[\"']|[\"'][ \t]+[\"'])(?:{_VALUE})"
)
COMMANDS = _compile(
    r"\b(?:mysql(?:dump|admin|import|sh|check)?|mariadb(?:-dump|-admin)?)\b[^\n|;]*?\s-p[\"']?([^\s\"']+)"
    r"|\b(?:sshpass|mongo(?:sh|dump|restore)?|psql|rabbitmqadmin)\b[^\n|;]*?\s-p[ =]?[\"']?([^\s\"'-][^\s\"']*)"
    r"|\b(?:redis-cli|redis-benchmark)\b[^\n|;]*?\s-a[ =]?[\"']?([^\s\"']+)"
    r"|\b(?:curl|wget|http|ldapsearch)\b[^\n|;]*?\s(?:-u|--user|--proxy-user|-U)[ =]?[\"']?[^\s:\"']+:([^\s\"']+)"
    r"|\b(?:docker|podman|helm registry|az|oc) login\b[^\n|;]*?\s-p[ =]?[\"']?([^\s\"']+)"
    r"|\bldap(?:search|modify|add|passwd|whoami)\b[^\n|;]*?\s-w[ =]?[\"']?([^\s\"']+)"
)
USERINFO = _compile(r"://([^\s/?#:@\"'<>]*):(?:([^\s/\"'<>]*)@|([^\s\"'<>]*?)@)")
USER_ONLY = _compile(r"://([^\s/?#:@\"'<>]{16,})@(?:[A-Za-z0-9.-]+)(?:[:/?\s\"']|$)")
USERINFO_ENCODED = _compile(r"(?i)%3A%2F%2F[^\s%]*%3A((?:[^\s%&\"']|%[0-35-9a-f][0-9a-f]|%4[1-9a-f])+?)%40")
PHRASES: tuple[tuple[str, str], ...] = (
    (
        "authorization",
        (
            r"(?i:authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*"
            r"(?i:(?:bearer|token|apikey|api-key|negotiate|key|bot|sharedaccesssignature|sso-key|splunk)[ +]+)"
            r"([^\s\"',;\\}\])]{6,})"
        ),
    ),
    ("authorization", r"(?i:authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*([A-Za-z0-9+/=_.~-]{16,})"),
    ("bearer", r"(?i:\bbearer)(?:[ +]+|%20|[\"']?[:=][ \t]*[\"']?)([A-Za-z0-9._~+/-]{8,}={0,2})"),
    ("basic-auth", r"(?i:\bbasic)(?:[ +]+|%20)([A-Za-z0-9+/_-]{6,}={0,2})"),
    ("basic-auth", r"\\{0,3}[\"']_?auth\\{0,3}[\"'][ \t]*:[ \t]*\\{0,3}[\"']([A-Za-z0-9+/]{6,}={0,2})"),
    ("basic-auth", r"\b_auth[ \t]*=[ \t]*[\"']?([A-Za-z0-9+/]{6,}={0,2})"),
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
    ("secret", r"--from-literal[= ][\"']?[\w.-]+=([^\s\"']+)"),
    ("password", r"(?i:\bpassword (?:is|was|set to|changed to)[ \t]+[\"'`]?)([^\s\"'`]*[0-9!@#$%^&*][^\s\"'`]*)"),
    ("signature", r"(?i:\bDigest )[^\n]*?\bresponse=\\?\"([0-9a-f]{32,})"),
    ("password", r"<(?:\w+:)?(?i:[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key))(?: [^>\n]*)?>([^<\n]+)</"),
)
BY_FORM = _compile("(?m)" + "|".join(pattern for _, pattern in FORMATS))
BY_PHRASE = _compile("(?m)" + "|".join(pattern for _, pattern in PHRASES))
COOKIE = _compile(r"(?i:\b(set-)?cookies?)[\"'\\\])]*[ \t]*[:=,][ \t]*[\"'\\b(\[{]*([^\n]+)")
COOKIE_PAIR = _compile(r"([\w.!#$%&*+^|~-]+)(?:=|[\"']: ?[\"'])([^;,\s\"'\\})]+)")
_PASSES = (NAMED, PAIR, FLAG, BY_FORM, BY_PHRASE, COOKIE, COMMANDS, USERINFO, USER_ONLY, USERINFO_ENCODED)
ANYTHING = _compile("|".join(f"(?:{one.pattern.decode('latin-1')})" for one in _PASSES), capture=False)
"""Whether any pass may find something: ordinary logs cost one pass."""
WHOLE_NAME = _compile(rf"(?i:({ANY_NAME}))\d{{0,2}}$")
