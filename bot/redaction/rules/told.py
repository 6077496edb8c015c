"""Secrets as people say them and as calls and links hand them on. Read by `patterns`; judged by `chosen`. RE2 syntax."""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

from bot.redaction.rules.names import ANY_NAME


def _utf8(pattern: str) -> str:
    """A pattern whose letters beyond ASCII are the bytes of their UTF-8."""
    return pattern.encode().decode("latin-1")


PASSWORD_WORDS = (
    r"(?:\b|_)(?i:pass(?:word|wd|phrase|code|wort|ord)|pwd|pswd|pw|mdp|clave|kennwort|contrase(?:n|ñ)a|senha|mot de passe|wachtwoord"
    r"|adgangskode|salasana|heslo|parola|has(?:l|ł)o)\b"
    r"|lösenord|jelszó|şifre|mật khẩu|парол(?:ь|я|ю)|密码|密碼|口令|パスワード|비밀번호|كلمة المرور|סיסמ(?:ה|א)|पासवर्ड|κωδικός"
)
_IS = (
    r"(?:[ \t]*(?:[:=]|：|->|→|=>)|[ \t]+(?i:is|was|now|(?:re)?set to|changed to|es|era|cambió a|geändert (?:in|zu|auf)|changé en|ist|lautet|war|est|c'est|c’est|é|è|jest|är)\b:?(?:[ \t]+(?i:now|jetzt|nun|ahora|maintenant))?"
    r"|[ \t]+(?:—|–|изменен на)(?:[ \t]+)|[ \t]*(?:是|为|為|は|が|는|은))[ \t]*(?:\r?\n[ \t]*)?"
)
_OPENED = r"(?:[\"'`(*]{1,2}|\\\"|«|„|“|「|『|‘|‹)?(?: |\xc2\xa0)?"
_CHOSEN = r"((?:[!#-&*+./0-9:=?@A-Z\\^_a-z|~-]|\xc2[\xa1-\xaa\xac-\xba\xbc-\xbf]|\xc3[\x80-\xbf]){6,64})"
_SAID = (
    rf"(?:{PASSWORD_WORDS})(?:(?:[ \t]+[\"'`]?[^\s\"'`:=]{{1,24}}[\"'`]?){{0,8}}?|[\x80-\xff]{{0,60}})"
    rf"{_IS}{_OPENED}{_CHOSEN}"
)
_PAIR = (
    r"(?i:\b(?:creds?|credentials?|basic[ _-]?auth|log[ _-]?in|zugang(?:sdaten)?|acceso|user(?:name)?[ ]?/[ ]?pass(?:word)?))"
    r"(?:[ \t]+[\w.@-]{1,24}){0,5}?[ \t]*(?::|=|->|→|=>|(?i:are|is)\b|\?[ \t]*\r?\n(?:[>|][ \t])?)?[ \t]*[\"'`]?[\w.@-]{1,60}(?:[ \t]+/[ \t]+|:)[\"'`]?"
    rf"{_CHOSEN}"
)
_CHANGED = (
    r"(?i:\b(?:changed|set|reset|updated|rotated)\b)(?:[ \t]+[^\s\"'`:=]{1,24}){0,4}?[ \t]+(?:" + PASSWORD_WORDS + ")"
    r"(?:[ \t]+[^\s\"'`:=]{1,24}){0,6}?[ \t]+(?:to|auf|a|en)[ \t]+" + _OPENED + _CHOSEN
)
_FROM_TO = (  # the password changed from X to Y: both, since one of them may still be in use
    r"(?:"
    + PASSWORD_WORDS
    + r")(?:[ \t]+[^\s:=]{1,24}){0,6}?[ \t]+(?i:changed|reset|updated|rotated|switched)[ \t]+from[ \t]+"
    + _OPENED
    + _CHOSEN[:-1]
    + r"[\"'`]?[ \t]+to[ \t]+[\"'`]?"
    + _CHOSEN[1:]
)
_ANSWERED = (  # what's the root password? ⏎ A: X
    r"(?:"
    + PASSWORD_WORDS
    + r")[^\n?:=]{0,60}\?[ \t]*\r?\n[ \t]*(?:[\w .@-]{1,24}[:>][ \t]+|[>|][ \t]*)?[\"'`]?"
    + _CHOSEN
    + r"[\"'`]?[ \t]*(?:\r?\n|$)"
)
_AS = (
    r"\b(?i:with|and|use|using|mit|con|avec)[ \t]+[\"'`]?" + _CHOSEN + r"[\"'`]?[ \t]+(?i:as|als|como|comme)[ \t]+"
    r"(?:(?i:the|my|a|his|its|das|la|le)[ \t]+)?(?:" + PASSWORD_WORDS + ")"
)
_USER_AND_PASSWORD = (
    r"(?i:\b(?:u|user(?:name)?|login|account)[ \t]*[:=][ \t]*)\S{1,60}?[ \t,;/|]+(?i:p|pw|pass|pwd)[ \t]*[:=][ \t]*[\"'`]?"
    + _CHOSEN
)
_TELLING_NAME = rf"(?i:{ANY_NAME})\d{{0,2}}"
_NAME_AND_VALUE = (  # put("password", "X"), and the rows of a table: | password | X |
    rf"{_TELLING_NAME}(?:\\*[\"'],[ \t]*b?\\*[\"']([^\"'\n\\|\s]{{6,}})|\\*[\"']?[ \t]*(?:->|<-)[ \t]*\\*[\"']([^\"'\n\\\s]{{6,}})|[ \t]*\|[ \t]*([^\"'\n\\|\s]{{6,}})[ \t]*(?:\||\r?\n|$))"
)
_TWO = (
    r"(?i:\b\w*(?:auth\w*|credentials?|userpassword\w*))[\"'\\]{0,3}[ \t]*(?:[=:][ \t]*)?[(\[][ \t]*\\?[\"'][^\"'\n]*\\?[\"'],[ \t]*"
    r"\\?[\"']([^\"'\n\\]{4,})\\?[\"']"
)
_ALONE_ON_LINE = (
    r"(?m:^)[ \t]*(?i:bind_?pw|root_?pw|password|passwd|secret|insecure-password|auth_?pass)[ \t]+"
    + _CHOSEN
    + r"[ \t]*\r?(?:\n|$)"
)
_AT_HOST = r"(?:^|[\s\"'`=(])[\w.-]{1,40}:([^\s@:/\"'`]{6,64})@[\w.-]{1,80}(?::\d{2,5}\b|/[\w.-])"
_USER_THEN_PASSWORD = (
    r"(?i:\b(?:user(?:name)?|login|account|benutzer|usuario|utilisateur))[ \t]+[^\s,]{1,40},?[ \t]+(?:(?i:and|mit|with|und|y|et)[ \t]+)?"
    r"(?:" + PASSWORD_WORDS + r")[ \t]+[\"'`]?" + _CHOSEN
)
_SIGNED_IN = (  # log in with kim/X
    r"(?i:\b(?:log(?:ged|ging)?[ -]?in|sign(?:ed)?[ -]?in|authenticate[ds]?|creds?|credentials?|account)\b[^\n/]{0,30}?(?:\b(?:with|as|using)|[:=]))[ \t]+[\"'`]?"
    r"[\w.@-]{2,40}/" + _CHOSEN
)
_USE = r"(?i:\b(?:use|with|as|try|using|is|are|now)[ \t]+)[\w.@-]{1,40}[ \t]+/[ \t]+[\"'`]?" + _CHOSEN
_QUOTED = r"(?:" + PASSWORD_WORDS + r")[ \t]*(?:[\"'`(]|«|„|“|「)" + _CHOSEN
_WITH = (
    r"\b(?i:with|using|mit|con|avec)[ \t]+(?:(?i:the|a|das|la|le)[ \t]+)?(?:" + PASSWORD_WORDS + r")[ \t]+" + _CHOSEN
)
_BARE_CALL = r"(?i:\b(?:login|authenticate))\([ \t]*[\w.@-]{1,60},[ \t]*([A-Za-z0-9][^\s\"'(),=]{5,63})\)"
_CALL = (
    r"(?:(?i:\b\w*(?:connect(?:ion)?|login|auth\w*|mysqli|dial))|__construct)\([ \t]*(?:\\?[\"'][^\"'\n]*\\?[\"']|[^\"'\n()]{1,40}),[ \t]*"
    r"\\?[\"'][^\"'\n]*\\?[\"'],[ \t]*\\?[\"']([^\"'\n\\]{4,})\\?[\"']"
)

LOGIN_CUE = (
    r"(?i:\blog(?:ged|ging)?[ -]?(?:in|ins|on)\b|\bsign(?:ed)?[ -]in\b|\bpass(?:word|phrase|code)s?\b|\bcreds?\b|\bcredentials?\b"
    r"|\b(?:jump|bastion)[ -]?(?:host|box)\b|\b(?:changed|set|reset|switched|rotated) it to\b|\bvpn\b|\bsudo\b|\broot (?:pw|account|login)\b"
    r"|\bold one\b|\btemp(?:orary)?\b|\bnew one\b|\badmin (?:account|user|panel|console)\b|\bpls rotate\b|\bplease rotate\b)"
)
"""Words of a sentence about logging in: it may hold a password that no word names."""
FOUR_GROUPS = (
    r"(?i:\b(?:smtp\w*|gmail|google mail|imap\w*|mail ?server|mailbox|icloud|yahoo|outlook|app pw|apppw|altool|notarytool|apple ?id)\b)[^\n]{0,120}?[ \t\"'`:=(]"
    r"((?:[a-z]{4} ){3}[a-z]{4}|(?:[a-z]{4}-){3}[a-z]{4})(?:[^A-Za-z0-9 -]|[ ](?:[^a-z]|[a-z]{1,3}\b|[a-z]{5})|$)"
)
"""An app password of a mail service (support.google.com/accounts/answer/185833, support.apple.com/102654)."""
_FLAGS = (
    r"(?:^|\s)(?:-u|-U|-D|-l|--user(?:name)?|--login|--principal)[ =]?[\w.@\\,=-]{1,80}(?:[ \t]+[^\n|;\s]{1,80}){0,6}?[ \t]+(?:-p|-P|-w|-W)[ =]?[\"']?"
    + _CHOSEN
)
_PIPED = (
    r"\b(?:echo|printf)[ \t]+(?:-\w+[ \t]+|[\"']?%s[\"']?[ \t]+)?[\"']?"
    + _CHOSEN
    + r"[\"']?[ \t]*\|[ \t]*(?:sudo[ \t]+(?:-S[ \t]+)?)?"
    r"(?:kinit|passwd|base64|openssl|gpg2?|su\b|ssh-add|htpasswd|mkpasswd|smbpasswd|pbcopy|age|sops|vault|op\b|pass\b|(?:docker|podman|gh|flyctl|wrangler) secret\b|(?:kubectl|oc)\b[^\n|]{0,60}\bsecret\b)"
)
_NETWORK = (
    r"(?i:\b(?:tacacs|radius|snmp\w*|ntp|enable|username|neighbor|peer|server-private|isakmp|standby|vrrp|ospf|isis|line vty|ppp)\b[^\n]{0,60}?"
    r"[ \t](?:key|password|secret|community|md5|authentication-key)[ \t]+(?:[0-9][ \t]+)?[\"']?)" + _CHOSEN
)
_SET_FOR = (
    r"(?i:\b(?:passwd|password|change[_-]password|set[_-]password|reset[_-]password|add[_-]?user)[ \t]+)[\w.@-]{1,40}[ \t]+[\"']?"
    + _CHOSEN
    + r"[\"']?[ \t\r]*(?:\n|$)"
)
_SECRETS_FILE = r"^[\w.@*\"-]{1,60}[ \t]+[\w.*-]{1,60}[ \t]+\"" + _CHOSEN + r"\"[ \t]+(?:\*|[0-9.]+)[ \t\r]*(?:\n|$)"
_AUTH_FLAG = (  # -auth admin:X, also on the next line, as `kubectl describe` shows arguments
    r"(?:^|[\s\"'])--?(?:[a-z-]{0,20}auth|creds?|credentials)(?:[ =]|\"?,?[ \t]*\r?\n[ \t]+(?:- )?)[\"']?[\w.@-]{1,60}:"
    + _CHOSEN
)
_COMPARED = (  # comparing submitted X with stored hash
    r"(?i:\b(?:submitted|entered|typed|supplied|provided|received|candidate|plain ?text)(?:[ \t]+(?:password|passwd|pw|value|secret))?[ \t]*[:=]?[ \t]*[\"'`(]?)"
    + _CHOSEN
    + r"[\"'`)]?,?[ \t]+(?i:with|against|to|vs\.?|and|does|did|!=|<>)[ \t][^\n]{0,40}?(?i:hash|bcrypt|stored|expected|digest|password)"
)
_IMAP = r"\b[A-Za-z]?\w{0,8}[ ]LOGIN[ ][^\s\"]{1,60}[ ]" + _CHOSEN + r"\\?[\"']?[ \t\r]*(?:\n|$)"
_IN_BRACKETS = rf"{_TELLING_NAME}[ \t]*[:=][ \t]*\[{_CHOSEN}\]"
_BOUND = (  # bind as cn=admin with 'X'
    r"(?i:\b(?:bind|log_?in|auth\w*|connect\w*|sign)\b[^\n]{0,80}?\b(?:as|user|for)\b[^\n]{0,60}?\bwith)[ \t]+[\"'`]"
    + _CHOSEN
    + r"[\"'`]"
)
_ROOT = (  # try root:X
    r"(?i:\b(?:try|use|using|with|as|is|are|creds?)[ \t]+(?:root|admin|administrator|sa|sysdba|guest|ec2-user|test|demo)):"
    + _CHOSEN
)
_SLASH = r"(?:/|,|\b(?:and|und|y|et|e))[ \t]+(?:" + PASSWORD_WORDS + r")[ \t]+" + _CHOSEN

TOLD: tuple[str, ...] = (
    *map(_utf8, (_SAID, _PAIR, _CHANGED, _FROM_TO, _ANSWERED, _AS, _USER_THEN_PASSWORD, _QUOTED, _WITH, _SLASH)),
    _USE,
    _SIGNED_IN,
    _USER_AND_PASSWORD,
    _NAME_AND_VALUE,
    _TWO,
    _ALONE_ON_LINE,
    _AT_HOST,
    _CALL,
    _FLAGS,
    _PIPED,
    _IMAP,
    _IN_BRACKETS,
    _BOUND,
    _ROOT,
    _NETWORK,
    _SET_FOR,
    _SECRETS_FILE,
    _BARE_CALL,
    _COMPARED,
    _AUTH_FLAG,
)
"""Passwords as people say them and as calls hand them on: a sentence in any language, `admin / X`, `connect(h, u, X)`.
The value must look as if a person chose it (`judge.looks_chosen`), and what stands before must not name something else.
"""

_RANDOM_END = r"[A-Za-z0-9_-]{16,}"
IN_LINKS = "|".join(
    (
        (
            r"(?i:://[^\s\"'<>?#]{0,200}/(?:hooks?|webhooks?|integrations?|incoming|catch|heartbeats?|push|key|token|t|inputs?|ingest|collect)"
            rf"/(?:[\w.-]{{1,40}}/){{0,3}}?)({_RANDOM_END})"
        ),
        (
            r"(?i:://(?:hc-ping\.com|hooks?\.[\w.-]+|maker\.ifttt\.com|[\w.-]*webhook[\w.-]*)"
            rf"/(?:[\w.-]{{1,40}}/){{0,4}}?)({_RANDOM_END})"
        ),
        (
            r"(?i:(?:://[^\s\"'<>?#]{0,200}|(?:^|[\s\"'=(])(?:/[\w.-]{1,30}){0,4})/(?:auth|verify|reset|reset-password|confirm|activate|invites?|invitations?|welcome|onboard(?:ing)?|accept|claim|enroll?|magic|login|sso|share|join|unsubscribe"
            rf"|download)/(?:[\w.-]{{1,20}}/){{0,2}}?)({_RANDOM_END})"
        ),
        rf"(?i:://[^\s\"'<>]{{0,200}}[?&](?:key|k|appid|auth)=)({_RANDOM_END})",
        (
            r"(?i:[?&](?:[a-z]+[_-])?(?:code|key|app_?id|auth|ticket|access|hmac|credential|t|k|hash|nonce|invite|magic|confirmation)=)"
            rf"({_RANDOM_END})"
        ),
    )
)
"""Links that grant what they lead to: behind `hook` and the like, a part that came by chance."""
