"""Secrets that can be told by their own form, wherever they stand: keys of cloud and chat providers, tokens, hashes.

Read by `scan`. One pattern per kind of secret, with one group around what must not be seen. RE2 syntax, bytes.
"""

from __future__ import annotations

from bot.redaction.rules.formats_recent import LISTED, RECENT

Format = tuple[str, str]
"""(kind, pattern with exactly one capturing group). The kind names the token that stands in for the secret."""

_LONGER_KNOWN: tuple[Format, ...] = (
    ("aws-key", r"\b((?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16})\b"),
    ("jwt", r"\b(eyJ[A-Za-z0-9_-]{8,}\.(?:\.[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{8,})(?:\.[A-Za-z0-9_-]*){0,3})"),
    ("jwt", r"\b(eyJ(?:hbGci|0eXAi|raWQi|jdHki)[A-Za-z0-9_-]{10,})"),  # cut off in its first part
    ("slack-token", r"\b(xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9-]{10,})"),
    ("slack-token", r"\b(xapp-\d-[A-Za-z0-9-]{20,})"),
    (
        "webhook-url",
        r"hooks\.slack(?:-gov)?\.com(?:/|%2F)(?:services|workflows|triggers)(?:/|%2F)([A-Za-z0-9/%_-]{16,})",
    ),
    ("webhook-url", r"discord(?:app)?\.com/api/(?:v\d+/)?webhooks/\d{8,}/([A-Za-z0-9_-]{30,})"),
    ("webhook-url", r"\.webhook\.office\.com/webhookb2/([A-Za-z0-9@/-]{40,})"),
    ("telegram-token", r"\b(?:bot)?(\d{8,10}:AA[A-Za-z0-9_-]{33})"),
    ("discord-token", r"\b([MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,45})\b"),
    ("github-token", r"\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{22,})"),
    ("gitlab-token", r"\b(gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas|ffct)-[A-Za-z0-9_.-]{20,}|GR1348941[\w-]{20,})"),
    ("bitbucket-token", r"\b(ATBB[A-Za-z0-9]{24,}|ATATT3[A-Za-z0-9_=-]{50,})"),
    (
        "openai-key",
        r"\b(sk-(?:(?:proj|svcacct|admin|None|live|or-v1|lf|ant-[a-z]+\d*)-[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{20,}))",
    ),
    ("model-key", r"\b(hf_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{60,})"),
    (
        "model-key",
        r"\b(r8_[A-Za-z0-9]{37}|tvly-(?:dev-|prod-)?[A-Za-z0-9]{28,}|pcsk_[A-Za-z0-9_]{50,}|fc-[0-9a-f]{32})\b",
    ),
    ("google-key", r"\b(AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z._-]{20,}|GOCSPX-[0-9A-Za-z_-]{20,})"),
    ("google-key", r"\b(1//0[0-9A-Za-z_-]{30,})"),
    ("stripe-key", r"\b((?:sk|rk)_(?:live|test|prod)_[0-9A-Za-z]{10,}|whsec_[0-9A-Za-z+/=]{20,})"),
    ("twilio-key", r"\b(SK[0-9a-f]{32})\b"),
    ("sendgrid-key", r"\b(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})"),
    ("mail-key", r"\b(key-[0-9a-f]{32}|[0-9a-f]{32}-us\d{1,2}|xkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16})\b"),
    ("npm-token", r"\b(npm_[A-Za-z0-9]{36,})"),
    ("pypi-token", r"\b(pypi-[A-Za-z0-9_-]{50,})"),
    ("package-token", r"\b(rubygems_[0-9a-f]{48}|oy2[a-z0-9]{43}|cio[A-Za-z0-9]{32}|dckr_(?:pat|oat)_[\w-]{20,})\b"),
    ("vault-token", r"\b(hv[sbr]\.[A-Za-z0-9_-]{20,})"),
    ("cloud-token", r"\b(do[opr]_v1_[0-9a-f]{64}|dapi[0-9a-f]{32}(?:-\d)?|dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.]{40,})"),
    ("cloud-token", r"\b(pscale_(?:tkn|pw|oauth)_[\w.-]{30,}|sb[ps]_[A-Za-z0-9_]{30,}|sntr[yu]s_[A-Za-z0-9+/=_]{40,})"),
    ("cloud-token", r"\b(gl(?:sa|c)_[A-Za-z0-9_+/=]{32,}|NRAK-[A-Z0-9]{27}|PMAK-[0-9a-f]{24}-[0-9a-f]{34})\b"),
    (
        "cloud-token",
        r"\b(shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|lin_(?:api|oauth)_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})\b",
    ),
    ("cloud-token", r"\b(tskey-[a-z]+-[A-Za-z0-9-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{58}|ntn_[A-Za-z0-9]{40,})\b"),
    ("azure-key", r"(?:^|[^A-Za-z0-9_~.-])([A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,40})(?:$|[^A-Za-z0-9_~.-])"),
    ("cloud-token", r"\b([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}|dt0[a-z]\d\d\.[A-Z0-9]{24}\.[A-Z0-9]{64})\b"),
    ("cloud-token", r"\b((?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b"),
    ("cloud-token", r"\b(sk\.eyJ1[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}|fm[12][ar]?_[A-Za-z0-9+/=_-]{50,})"),
    ("package-token", r"\b(AKC[a-z][A-Za-z0-9]{40,}|cmVmdGtu[A-Za-z0-9]{50,})"),
    ("webhook-url", r"outlook\.office(?:365)?\.com/webhook/([A-Za-z0-9@/-]{40,})"),
    (
        "signature",
        (
            r"(?i:[?&;]|%26|%3F|\\u0026)(?i:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token"
            r"|x-oss-signature|x-oss-security-token|x-cos-security-token|hmac)(?:=|%3D)"
            r"((?:[A-Za-z0-9+/=_.~-]|%[0-9A-Fa-f]{2}){8,})"
        ),
    ),
    ("signature", r"\bSignature=([0-9a-f]{64})\b"),
    ("oauth-code", r"[?&]code=([A-Za-z0-9_./%~-]{16,})"),
    (
        "private-key",
        r"(LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFUR|BQUklWQVRF|BFQyBQUklWQVRF|BPUEVOU1NI|BFTkNSWVBURU)[A-Za-z0-9+/=]*)",
    ),
    ("private-key", r"\b(b3BlbnNzaC1rZXktdjEA[A-Za-z0-9+/=]+)"),
    (
        "password-hash",
        r"(\$2[abxy]\$\d\d\$[./A-Za-z0-9]{50,60}|\$(?:1|5|6|y|7|8|9|apr1)\$[./A-Za-z0-9=$,]{8,}\$[./A-Za-z0-9]{20,})",
    ),
    ("password-hash", r"(\$argon2(?:id|i|d)\$v=\d+\$[A-Za-z0-9+/=,$]{20,}|pbkdf2_sha\d+\$\d+\$[A-Za-z0-9+/=$]{20,})"),
    (
        "password-hash",
        r"(SCRAM-SHA-\d+\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+|\{S?SHA\d{0,3}\}[A-Za-z0-9+/=]{20,})",
    ),
)

FORMATS: tuple[Format, ...] = (*_LONGER_KNOWN, *LISTED, *((kind, pattern) for kind, pattern, _source in RECENT))
