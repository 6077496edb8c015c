"""Words that announce a secret: headers, statements, sentences. Read by `patterns` and `scan`. RE2 syntax, bytes.

What is not ASCII is written as the bytes of its UTF-8: RE2 reads Latin-1 here, one character a byte.
"""

# ruff: noqa: E501 - a pattern is read as a whole

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
    ("password", r"\bAUTH[ \t]+(?:[\w.@-]{1,40}[ \t]+)?([^\s\"']{4,})[ \t]+failed\b"),  # what Redis and its kin log
    ("password", r"\bAUTH (?:LOGIN|PLAIN)\b[^\n:]{0,30}:[ \t]*[\"']([^\"'\n]{4,})[\"']"),
    ("password", r"^> PASS[ \t]+(\S{4,})[ \t\r]*$"),  # what curl sends
    (
        "password",
        r"\bUSER[ \t]+\S+[ \t\r]*\n(?:[^\n]{0,80}\n){0,2}?[^\n]{0,24}?\bPASS[ \t]+(\S{4,})[ \t\r]*(?:\n|$)",
    ),  # FTP, POP3
    ("one-time-code", r"(?i:\b(?:otp|totp|2fa|mfa)\b[^\n]{0,24}?\b(?:token|code)[ \t:=]+)(\d{6})\b"),
    ("password", r"\bAUTH LOGIN[ \t]+[A-Za-z0-9+/]+={0,2}[ \t]+([A-Za-z0-9+/]{4,}={0,2})"),
    ("basic-auth", r"\bAUTH (?:PLAIN|LOGIN|XOAUTH2)[ \t]+([A-Za-z0-9+/]{8,}={0,2})"),
    ("password", r"\"(?i:auth)\" (?:\"[^\"\s]+\" )?\"([^\"]+)\""),
    ("password", r"(?i:\b(?:requirepass|masterauth)[ \t]+[\"']?)([^\s\"']+)"),
    ("password", r"(?i:\blogin[ \t]+\S+[ \t]+password[ \t]+)([^\s]+)"),
    (
        "password",
        r"(?i:\b(?:user|role|to)\b[^\n]*?\bidentified[ \t]+(?:with[ \t]+\S+[ \t]+)?(?:by|as)[ \t]+)'((?:[^'\n]|'')+)'",
    ),
    ("password", r"LoginModule\b[^\n]*?\buser_[\w.@-]{1,60}=\\{0,3}[\"']([^\"'\n\\]{4,})"),  # Kafka's users
    ("password", r"\bIDENTIFIED (?:WITH \S+ )?(?:BY|AS) (?:PASSWORD )?[\"']((?:[^'\"\n]|'')+)[\"']"),
    ("password", r"(?i:;[ \t]*(?:pwd|password)[ \t]*=[ \t]*)\{((?:[^}\n]|\}\})+)\}"),  # ODBC
    ("password", r"(?i:\bacl[ \t]+setuser[ \t]+[^\n]*?[ \t\"'])[>#]([^\s\"']+)"),  # Redis
    ("password", r"(?i:\buser[ \t]+\S+[ \t]+on[ \t]+(?:\S+[ \t]+){0,3}?)[>#]([^\s\"']{4,})"),
    (
        "password",
        r"(?i:\bpassphrase[\"']?[:=][\"']?)([A-Za-z0-9]+(?: [a-z0-9]+){2,})(?:[\"']|\r?\n|$)",
    ),
    (
        "password",  # the passphrase for the vault is 'four words in quotes'
        r"(?i:\bpassphrase(?:[ \t]+[\w.@-]{1,30}){0,5}?(?:[ \t]*[:=]|[ \t]+(?:is|was))[ \t]*)[\"'`]([A-Za-z0-9]+(?:[ -][A-Za-z0-9]+){2,})[\"'`]",
    ),
    (
        "one-time-code",  # enter the code X to authenticate: whoever signs in elsewhere types it
        r"(?i:\b(?:enter|type|input|use|copy)[ \t]+(?:the|this|that|your)(?:[ \t]+[a-z-]{1,12}){0,2}[ \t]+code[ \t]*:?)[ \t]+[\"'`]?([A-Z0-9]{4}-?[A-Z0-9]{4,5})\b",
    ),
    (
        "secret",  # $ vault kv get -field=X …⏎value: what commands that print a secret have printed
        (
            r"(?:\b(?:gopass show|pass show|op read|bw get (?:password|totp|notes)|lpass show|chamber read|vault (?:kv get|read)[^\n]*-field|gcloud secrets versions access"
            r"|doppler secrets get|heroku config:get|security find-(?:generic|internet)-password|aws ecr get-login-password|gh auth token|az acr login[^\n]*--expose-token"
            r"|aws secretsmanager get-secret-value[^\n]*--query|aws ssm get-parameters?\b[^\n]*--with-decryption[^\n]*--query|az keyvault secret show[^\n]*-o[ \t]*tsv"
            r"|terraform output -raw [\w-]*(?i:pass|secret|token|key)|(?:echo[ \t]+[\"']?\$\{?|printenv[ \t]+)\w*(?i:passw\w*|secret|token|_pass|_pwd|_key)|argocd admin initial-password|print-(?:access|identity)-token|get-access-token[^\n]*tsv)\b[^\n]*\r?\n)"
            r"[ \t]*([^\s#$>{\[][^\s]{5,})[ \t\r]*(?:\n|$)"
        ),
    ),
    (
        "secret",  # BIP 39: twelve to twenty-four words
        (
            r"(?i:\b(?:mnemonic|wallet|(?:seed|recovery|secret|backup)[ _-]?(?:phrase|words))\b[^\n:=]{0,30}(?:[:=]| is)[ \t]*[\"'\[]?)"
            r"((?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})\b"
        ),
    ),
    (
        "one-time-code",
        (
            r"(?i:\b(?:one[- ]?time|verification|log-?in|sign-?in|security|2fa|mfa|otp|authentication|confirmation)[ _-]?"
            r"(?:pass)?(?:code|pin|otp|password)(?:[ \t]+[\w.@+-]{1,40}){0,4}?[ \t]*(?:is|:|=)[ \t]*[\"'`*]{0,2})(\d{4,8}|\d{3}[ -]\d{3}|[A-Z0-9]{4}-[A-Z0-9]{4})\b"
        ),
    ),
    (
        "one-time-code",
        r"(?i:\bpin(?:[ -]?code)?(?:[ \t]+[a-z]+){0,5}[ \t]*(?:is|ist|est|es|:|=)[ \t]*[\"'`*]{0,2})(\d{4,8})\b",
    ),
    ("password", r"\"(?:requirepass|masterauth|masterpass)\"\s*\n[ \t]*2\)[ \t]*\"([^\"\n]+)\""),
    ("password", r"##vso\[task\.setvariable [^\]\n]*issecret=true[^\]\n]*\]([^\n]+)"),
    ("secret", r"::add-mask::([^\n]+)"),
    (
        "password",
        r"\b334 UGFzc3dvcmQ6[^\n]*\n[^\n]{0,40}?([A-Za-z0-9+/]{4,}={0,2})(?:\\r\\n)?[\"']?[ \t\r]*(?:\n|$)",
    ),  # SMTP: Password:
    (
        "one-time-code",
        r"(?i:\botp[\"']?(?:[ \t]+[\w.@+-]{1,40}){0,4}?[ \t]*(?:is|:|=)[ \t]*[\"']?)(\d{4,8}|\d{3}[ -]\d{3})\b",
    ),
    (
        "oauth-code",
        r"\bcode=([A-Za-z0-9_./%~-]{16,})&(?:state|scope|session_state|iss|redirect_uri|client_id|grant_type)=",
    ),
    (
        "authorization",
        r"(?i:authorization)[\"'\\\]]*[ \t]{0,4}[:=,][ \t]*[b\"'\\(\[]*[A-Za-z]{2,20}[ \t]+([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\b",
    ),
    ("password", r"(?i:\benter (?:the |your |a )?(?:pass(?:phrase|word)|pin)\b[^\n:]{0,80}:[ \t]*)([^\s][^\n]{2,60})"),
    ("password", r"(?i:\blogin (?:incorrect|ok|invalid)\b[^\n\[]{0,40}\[[^\s/\]]{1,60}/)([^\s\]]{3,})"),  # RADIUS
    (
        "password",
        r"(?i:^[ \t]*(?:proxy-)?user[ \t]*[=:][ \t]*[\"'])[\w.@\\-]{1,60}:([^\s\"']{4,})[\"']",
    ),  # curl's configuration
    ("password", r"\[[\w.-]{3,}\](?::\d{1,5})?[ \t]+[^\s:]{1,80}:(\S{6,})[ \t]*(?:\r?\n|$)"),  # Postfix
    ("password", r"(?i:pass(?:word|wd|phrase|code)[ \t]+)'((?:[^'\n]|'')+)'"),
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
            r"\b[A-Z][A-Z0-9]*_(?:[A-Z0-9]+_)*(?:KEY|TOKEN|SECRET|PASSWORD)(?:[ \t]*[:?+|]{0,3}=[ \t]*|[ \t]*:[ \t]*|[ \t]+(?:is[ \t]+)?)[\"'`]?"
            r"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})\b"
        ),
    ),
    ("secret", r"--from-literal[= ][\"']?[\w.-]+=([^\s\"']+)"),
    ("token", r"(?i:\btokens?\b[^\n]{0,30}?[\s\"'=:])([a-z0-9]{6}\.[a-z0-9]{16})\b"),  # kubeadm
    (
        "token",  # tools whose tokens are UUIDs
        (
            r"\b(?:snyk|codecov|doctl|heroku|infisical|netlify|vercel|fly(?:ctl)?|railway|databricks|circleci|scw|linode-cli|hcloud|bump|nango)"
            r"\b[^\n|;]{0,60}?[ \t](?:auth|login|-t|--token|token)[ =]([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"
        ),
    ),
    ("api-key", r"(?i:\bgenie_?key)[\"' :=]+([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"),
    ("secret-data", r"(?i:\bget secrets?\b[^\n]*\bdata\b[^\n]*\n[ \t]*)([A-Za-z0-9+/]{6,}={0,2})%?[ \t\r]*(?:\n|$)"),
    (
        "password",  # … password was reset.⏎ New value: X
        r"(?i:\bpass(?:word|phrase)\b[^\n]{0,80}\n(?:[ \t]*\n)?[ \t]*(?:the )?(?:new |generated )?(?:value|one)(?: is)?[ \t]*:[ \t]*)(\S{6,})",
    ),
    (
        "password",  # "four words in quotes", that's the passphrase
        r"[\"'`]([A-Za-z]{2,12}(?:[ -][A-Za-z]{2,12}){2,7})[\"'`][^\n\"'`]{0,30}?\b(?i:(?:that(?:'|\xe2\x80\x99)?s|is|was|as) (?:the|my|our|a)(?: [\w-]{2,16}){0,2} pass(?:word|phrase))",
    ),
    ("token", r"^([a-z0-9]{6}\.[a-z0-9]{16})[ \t]+(?:\d+[hdms]|<)"),
    (
        "one-time-code",  # 604 817 is your verification code
        r"\b(\d{4,8}|\d{3}[ -]\d{3})[ \t]+(?i:(?:is|ist)[ \t]+(?:your|the|dein|ihr)(?:[ \t]+[\w-]{1,20}){0,4}[ \t]+(?:code|pin|otp))\b",
    ),
    ("password", r"(?i:\bpassword is generated for )\S{1,80}:[ \t]*(\S{6,})"),  # what MySQL says once
    (
        "password",
        r"\bdefine\([ \t]*[\"']\w*(?:PASS\w*|SECRET|TOKEN|KEY|SALT)[\"'],[ \t]*[\"']([^\"'\n]{4,})[\"']",
    ),  # PHP
    ("password", r"\bsend: sending \"([^\"\\\n]{4,})\\r\" to\b"),  # what expect(1) traces
    (
        "password",
        r"(?i:(?:password|passwd|secret|token|key|credentials?)[ \t]*\.{4,}[ \t]*[\"']?)([^\s\"'.][^\s\"']{3,})",
    ),
    ("password", r"[\w.-]{1,60}:([^\s:/\"']{3,64})@(?:tcp|unix|udp|cloudsql)?\("),  # Go's MySQL driver
    ("secret-data", r"(?i:\bget secrets?\b[^\n]*\bbase64 (?:-d|-D|--decode)[^\n]*\n[ \t]*)(\S{4,})"),
    ("password", r"(?i:ConvertTo-SecureString[ \t]+(?:-String[ \t]+)?[\"'])([^\"'\n]+)[\"']"),
    ("password-hash", r"\b[\w.-]+:\d{1,6}:([0-9a-fA-F]{32}:[0-9a-fA-F]{32}):::"),
    ("password-hash", r"[\"'\s:](md5[0-9a-f]{32}|\*[0-9A-F]{40})\b"),
    ("password-hash", r"(\$(?:scrypt|pbkdf2(?:-\w+)?|7|md5|sha1|bcrypt-sha256)\$[A-Za-z0-9./+$=,-]{20,})"),
    ("signature", r"(?i:\bDigest )[^\n]*?\bresponse=\\?\"([0-9a-f]{32,})"),
    (
        "oauth-code",  # a field of a log line about signing in
        (
            r"(?i:\b(?:oauth2?|oidc|openid|sso|login|auth[a-z_]*|callback|redirect\w*|grant\w*)\b[^\n]{0,80}?\b(?:auth(?:orization)?_?)?code[\"'\\]{0,3}"
            r"[ \t]{0,2}[:=][ \t]{0,2}[\"'\\]{0,3})([A-Za-z0-9_./%~-]{20,})"
        ),
    ),
    (
        "token",  # a UUID behind a kind of token that is one
        (
            r"(?i:\b(?:acl|api|access|agent|auth|bearer|bootstrap|consul|deploy|management|master|nomad|refresh|secret)[ _-]token"
            r"(?:[ \t]+(?:is|was))?[ \t]*[:=]?[ \t]*[\"'`]?)([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\b"
        ),
    ),
    ("password-hash", r"(-pbkdf2(?:[:-]sha\d+)?[:-][0-9a-f]{32,},[0-9a-f]{16,},\d+)"),
    ("signature", r"\boauth_signature=\\?[\"']?([A-Za-z0-9+/%=_-]{12,})"),
    ("url-password", r"(?i:[?&]u(?:sr|ser|sername)?=[^&\s\"']{1,80}&p(?:w|wd|ass|assword)?=)([^&\s\"']{4,})"),
    (
        "one-time-code",  # numbers that stand for a person
        (
            r"(?i:(?:\b|_)(?:pin|cvv2?|cvc2?|card_?code|security_?code|pin_?code|pass_?code|unlock_?code|sms_?code|mfa_?code|t?otp(?:_\w{1,12})?)\\{0,3}[\"']?"
            r"[ \t]*(?:[:=]|=>)[ \t]*\\{0,3}[\"']?)(\d{3,8})(?:[^\w.:-]|$)"
        ),
    ),
    (
        "password",  # connect("jdbc:…", "user", X), new PDO('mysql:host=…', 'user', X)
        (
            r"\([ \t]*\\?[\"'](?:jdbc:|[a-z][a-z0-9+]{1,20}:(?:host|dbname|server|unix_socket|//|Server)\b?)[^\"'\n]*\\?[\"'],[ \t]*\\?[\"'][^\"'\n]*"
            r"\\?[\"'],[ \t]*\\?[\"']([^\"'\n\\]{4,})\\?[\"']"
        ),
    ),
    ("password", r"<(?:\w+:)?(?i:[\w.-]*(?:password|passwd|pwd|secret|token|api[_-]?key))(?: [^>\n]*)?>([^<\n]+)</"),
)
