"""Names that announce a secret: of variables, keys, flags, headers, columns. Read by `scan` and `judge`."""

from __future__ import annotations

_PASSWORD = (
    r"password(?:[_-]?confirm(?:ation)?)?|passwd|passphrase|passcode|paswd|pswd|pwd|\bpw|[_.-]pw|[_.-]pass|\bpass|requirepass|masterauth"
    r"|(?:admin|ansible|api|app|become|bind|bot|cert|db|ftp|imap|key|ldap|mail|my|pg|proxy|redis|root|sasl|smtp|ssh|ssl"
    r"|store|sudo|trust|user|vpn|web|wifi)pass|contrasena|passwort|kennwort|senha|wachtwoord|mot[ _-]de[ _-]passe|\bmdp"
    r"|(?:admin|bind|db|key|login|mail|manager|root|smtp|user|wifi)_?pw|\bpsk|[_-]psk"
)
_TOKEN = r"token|jwt|\bbearer|sonar[._-]login"
_KEY = (
    r"api[ _.-]?key|access[_.-]?key|private[_.-]?key|secret[_.-]?key|encryption[_.-]?key|signing[_.-]?key|auth[_.-]?key"
    r"|account[_.-]?key|master[_.-]?key|key[_.-]?base|license[_.-]?key|subscription[_.-]?key|app[_.-]?key|fernet[_.-]?key"
    r"|routing[_.-]?key|integration[_.-]?key|functions[_.-]?key|shared[_.-]?key|service[_.-]?key|storage[_.-]?key|consumer[_.-]?key|(?:client-)?key-data"
    r"|(?:aes|cookie|crypt(?:o|ion)?|deploy|des|hmac|ingest(?:ion)?|jwt|jws|mac|pepper|relay|ssh|tls|unseal|vpn|webhook|wg)[_.-]?key"
    r"|certificate[_-]key|instrumentation[_.-]?key|genie[_-]?key"
    r"|sas[_.-]?(?:key|url)|priv(?:ate|acy)?[_.-]?key(?:[_.-]?pem)?|authentication[_.-]?key"
)
_SECRET = (
    r"erlang[_.-]?cookie|community[_.-]?string|snmp[_.-]?community|secret(?:[ _.-]?id|[_.-]?(?:value|string))?"
    r"|credentials?|\bcreds|[_.-]creds|[_.-]salt|\bsalt|totp|otp[_.-]?code"
    r"|\.docker(?:configjson|cfg)|saml_?(?:request|response|art)|client[_-]?assertion|\bassertion|code[_-]?verifier|device[_-]?code"
)
_SESSION = r"session[_.-]?id|sessid|connect\.sid|\bsid|fastapiusersauth|[_.-]session"

NAMES: tuple[tuple[str, str], ...] = (
    ("password", _PASSWORD),
    ("api-key", _KEY),
    ("token", _TOKEN),
    ("secret", _SECRET),
    ("session", _SESSION),
)
"""(kind, pattern of how such a name ends). `token_count` and `secretName` end otherwise, so they announce nothing."""

ANY_NAME = "|".join(pattern for _, pattern in NAMES)
