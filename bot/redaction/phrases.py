"""Words that announce a secret: headers, statements, sentences. Read by `patterns` and `scan`. RE2 syntax, bytes.

What is not ASCII is written as the bytes of its UTF-8: RE2 reads Latin-1 here, one character a byte.
"""

from __future__ import annotations

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
    ("password", r"\bIDENTIFIED (?:WITH \S+ )?(?:BY|AS) (?:PASSWORD )?[\"']((?:[^'\"\n]|'')+)[\"']"),
    ("password", r"(?i:;[ \t]*(?:pwd|password)[ \t]*=[ \t]*)\{((?:[^}\n]|\}\})+)\}"),  # ODBC
    ("password", r"(?i:\bacl[ \t]+setuser[ \t]+[^\n]*?[ \t\"'])[>#]([^\s\"']+)"),  # Redis
    ("password", r"(?i:\buser[ \t]+\S+[ \t]+on[ \t]+(?:\S+[ \t]+){0,3}?)[>#]([^\s\"']{4,})"),
    (
        "password",
        r"(?i:\bpassphrase[\"']?[:=][\"']?)([A-Za-z0-9]+(?: [a-z0-9]+){2,})(?:[\"']|\r?\n|$)",
    ),
    (
        "secret",  # BIP 39: twelve to twenty-four words
        r"(?i:\b(?:mnemonic|(?:seed|recovery|secret|backup)[ _-]?(?:phrase|words))\b[^\n:=]{0,30}(?:[:=]| is)[ \t]*[\"'\[]?)"
        r"((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})\b",
    ),
    (
        "one-time-code",
        (
            r"(?i:\b(?:one[- ]?time|verification|log-?in|sign-?in|security|2fa|mfa|otp|authentication|confirmation)[ _-]?"
            r"(?:pass)?(?:code|pin|otp|password)(?:[ \t]+[a-z]+){0,3}[ \t]*(?:is|:|=)[ \t]*[\"'`*]{0,2})(\d{4,8}|\d{3}[ -]\d{3})\b"
        ),
    ),
    ("one-time-code", r"(?i:\botp[\"']?[ \t]*(?:is|:|=)[ \t]*[\"']?)(\d{4,8}|\d{3}[ -]\d{3})\b"),
    ("oauth-code", r"\bcode=([A-Za-z0-9_./%~-]{16,})&(?:state|scope|session_state|iss|redirect_uri|client_id|grant_type)="),
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
            r"(?:[ \t]+\(?(?i:[a-z0-9-]{1,20})\)?){0,7}[ \t]*:[ \t]*(?:\r?\n[ \t\r]*){0,3}[\"'`(]?([^\s\"'`,;()<>{}\[\]]{10,})"
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


def _utf8(pattern: str) -> str:
    """A pattern whose letters beyond ASCII are the bytes of their UTF-8."""
    return pattern.encode().decode("latin-1")


PASSWORD_WORDS = (
    r"(?:\b|_)(?i:pass(?:word|wd|phrase|code|wort|ord)|pwd|kennwort|contrase(?:n|ñ)a|senha|mot de passe|wachtwoord"
    r"|adgangskode|salasana|heslo|parola|has(?:l|ł)o)\b"
    r"|lösenord|jelszó|şifre|mật khẩu|парол(?:ь|я|ю)|密码|密碼|口令|パスワード|비밀번호|كلمة المرور|סיסמ(?:ה|א)|पासवर्ड|κωδικός"
)
_IS = (
    r"(?:[ \t]*(?:[:=]|：|->|→|=>)|[ \t]+(?i:is|was|now|(?:re)?set to|changed to|es|era|ist|lautet|war|est|é|è|jest|är)\b:?"
    r"|[ \t]*(?:是|为|為|は|が|는|은))[ \t]*(?:\r?\n[ \t]*)?"
)
_OPENED = r"(?:[\"'`(*]{1,2}|\\\"|«|„|“|「|『|‘|‹)?(?: |\xc2\xa0)?"
_CHOSEN = r"([!#-&*+./0-9:=?@A-Z\\^_a-z|~-]{6,64})"
_SAID = (
    rf"(?:{PASSWORD_WORDS})(?:(?:[ \t]+[^\s\"'`:=]{{1,24}}){{0,8}}?|[\x80-\xff]{{0,60}}){_IS}{_OPENED}{_CHOSEN}"
)
_PAIR = (
    r"(?i:\b(?:creds?|credentials?|log[ _-]?in|zugang(?:sdaten)?|acceso|user(?:name)?[ ]?/[ ]?pass(?:word)?))"
    r"(?:[ \t]+[\w.@-]{1,24}){0,5}?[ \t]*(?::|=|->|→|=>|(?i:are|is)\b)?[ \t]*[\"'`]?[\w.@-]{1,60}(?:[ \t]+/[ \t]+|:)[\"'`]?"
    rf"{_CHOSEN}"
)
_CALL = (
    r"(?:(?i:\b\w*(?:connect(?:ion)?|login|auth\w*|mysqli|dial))|__construct)\([ \t]*\\?[\"'][^\"'\n]*\\?[\"'],[ \t]*"
    r"\\?[\"'][^\"'\n]*\\?[\"'],[ \t]*\\?[\"']([^\"'\n\\]{4,})\\?[\"']"
)

TOLD: tuple[str, ...] = (_utf8(_SAID), _utf8(_PAIR), _CALL)
"""Passwords as people say them and as calls hand them on: a sentence in any language, `admin / X`, `connect(h, u, X)`.
The value must look as if a person chose it (`judge.looks_chosen`), and what stands before must not name something else.
"""

_RANDOM_END = r"[A-Za-z0-9_-]{16,}"
IN_LINKS = "|".join(
    (
        r"(?i:://[^\s\"'<>?#]{0,200}/(?:hooks?|webhooks?|integrations?|incoming|catch|heartbeats?|push|key|token|t)"
        rf"/(?:[\w.-]{{1,40}}/){{0,3}}?)({_RANDOM_END})",
        r"(?i:://(?:hc-ping\.com|hooks?\.[\w.-]+|maker\.ifttt\.com|[\w.-]*webhook[\w.-]*)"
        rf"/(?:[\w.-]{{1,40}}/){{0,4}}?)({_RANDOM_END})",
        rf"(?i:[?&](?:key|app_?id|auth|ticket|access|hmac|credential|t|k)=)({_RANDOM_END})",
    )
)
"""Links that grant what they lead to: behind `hook` and the like, a part that came by chance."""
