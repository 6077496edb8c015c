"""Secrets by their form, part two: formats of 2025 and 2026, and secrets that are told by their place.

Read by `formats`. Each row: kind, pattern with one group, where its issuer documents it. The forms were written down on
`WRITTEN`. Those of Supabase, CircleCI, HubSpot, Cloudflare, Neon, Airtable and 1Password were compared with the rules
of public scanners; the others are from what is generally known of them, not compared with those pages line by line:
where a page says something else, it is right. `triage doctor` warns when that is longer ago than a year.
"""

# ruff: noqa: E501 - a pattern is read as a whole

from __future__ import annotations

from datetime import date, timedelta

WRITTEN = date(2026, 11, 29)
FRESH_FOR = timedelta(days=365)

_B64 = r"[A-Za-z0-9+/=]"
_FOUR = r"[A-Za-z0-9]{4}"

_FOR_SOMETHING = (
    r"(?i:\b(?:secret|key|passphrase)[ \t]+(?:used[ \t]+)?(?:for|to)[ \t]+[a-z]+(?:[ \t]+[a-z]+)?[ \t]*[:=][ \t]*)"
    r"[\"']?([A-Za-z0-9+/=_-]*[A-Za-z][A-Za-z0-9+/=_-]*\d[A-Za-z0-9+/=_-]{8,}"
    r"|\d[A-Za-z0-9+/=_-]*[A-Za-z][A-Za-z0-9+/=_-]{8,})"
)
_IN_GROUPS = (
    r"(?i:(?:\b|_)(?:app(?:lication)?[ _-]?password|password|passwd|smtp[ _-]?pass(?:word)?|pw|pwd)[\"']?[ \t]{0,3}"
    r"(?:[:=]|is|was|with)?[ \t]{0,3}[\"'(]?)"
    r"(?:for[ \t]+[\w.@-]{1,40}[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"'(]?)?"
    rf"({_FOUR}(?:[ -]{_FOUR}){{3}}(?:(?:[ -]{_FOUR}){{2}})?)(?:[^A-Za-z0-9]|$)"
)
"""A password in groups of four, as mail and blog services give them to programs."""
_CODE = r"(?:\d{4,5}[ -]\d{4,5}|\d{8,10}|[a-z0-9]{4,5}-[a-z0-9]{4,5}(?:-[a-z0-9]{4,5})?)"
_RECOVERY_CODES = (
    r"(?i:\b(?:back-?up|recovery|scratch|emergency)[ _-]?codes?\b[^\n:=]{0,40}[:=][ \t]*)"
    rf"[\"'\[(]{{0,2}}({_CODE}(?:[\"']?[,; \t]{{1,3}}[\"']?{_CODE}){{0,19}})\b"
)
_DIGITS_IN_IT = r"(?:[a-z]{0,4}\d[a-z0-9]{0,4}-[a-z0-9]{4,5}|[a-z0-9]{4,5}-[a-z]{0,4}\d[a-z0-9]{0,4})"
_RECOVERY_CODES_SAID = (
    r"(?i:\b(?:back-?up|recovery|scratch|emergency)[ _-]?codes?[ \t]+)"
    rf"({_DIGITS_IN_IT}(?:(?:,|[ \t]+(?:or|and|oder|und|ou|et))[ \t]+{_DIGITS_IN_IT}){{0,19}})\b"
)
_ONCE = r"(?i:[?&](?:otp|totp|mfa_?code|pass_?code|pin|verification_?code|one_?time_?code)=)(\d{4,10})\b"

RECENT: tuple[tuple[str, str, str], ...] = (
    ("cloud-token", r"\b(sb_secret_[A-Za-z0-9_-]{20,})", "supabase.com/docs/guides/api/api-keys"),
    ("cloud-token", r"\b(v(?:cp|ci|ca|cr|ck)_[A-Za-z0-9]{24,})\b", "vercel.com/docs/rest-api"),
    ("cloud-token", r"\b(vercel_blob_rw_[A-Za-z0-9_]{20,})", "vercel.com/docs/vercel-blob"),
    ("cloud-token", r"\b(cf(?:ut|at|k)_[A-Za-z0-9_-]{30,})", "developers.cloudflare.com/fundamentals/api"),
    ("cloud-token", r"\b(napi_[A-Za-z0-9]{40,})\b", "neon.com/docs/manage/api-keys"),
    ("cloud-token", r"\b(rnd_[A-Za-z0-9]{28,})\b", "render.com/docs/api"),
    ("cloud-token", r"\b(nf[pcoub]_[A-Za-z0-9]{36,})\b", "docs.netlify.com/api/get-started"),
    ("cloud-token", r"\b(HRKU-[A-Za-z0-9_-]{36,})", "devcenter.heroku.com/articles/authentication"),
    ("cloud-token", r"\b(pul-[0-9a-f]{40})\b", "pulumi.com/docs/pulumi-cloud/access-management/access-tokens"),
    ("cloud-token", r"\b(ops_eyJ[A-Za-z0-9+/=_-]{100,})", "developer.1password.com/docs/service-accounts"),
    ("cloud-token", r"\b(ATCTT3[A-Za-z0-9_=-]{50,})", "support.atlassian.com/atlassian-account/docs"),
    ("cloud-token", r"\b(figd_[A-Za-z0-9_-]{36,})", "figma.com/developers/api"),
    ("cloud-token", r"\b(pat[A-Za-z0-9]{14}\.[0-9a-f]{64})\b", "airtable.com/developers/web/guides"),
    ("cloud-token", r"\b(hc[a-z]{1,3}[lm]?k_[a-z0-9]{50,})\b", "docs.honeycomb.io/configure/environments"),
    ("cloud-token", r"\b(phx_[A-Za-z0-9]{40,})\b", "posthog.com/docs/api"),
    ("mail-key", r"\b(re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,})\b", "resend.com/docs/api-reference/api-keys"),
    ("model-key", r"\b(lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10})\b", "docs.langchain.com/langsmith"),
    ("model-key", r"\b(jina_[A-Za-z0-9_-]{40,})", "jina.ai/embeddings"),
    ("model-key", r"\b(fw_[A-Za-z0-9]{22,})\b", "docs.fireworks.ai/api-reference"),
    ("model-key", r"\b(tgp_v1_[A-Za-z0-9_-]{40,})", "docs.together.ai"),
    ("model-key", r"\b(nvapi-[A-Za-z0-9_-]{60,})", "docs.api.nvidia.com"),
    ("model-key", r"\b(pa-[A-Za-z0-9_-]{40,})", "docs.voyageai.com"),
    ("model-key", r"\b(wandb_v1_[A-Za-z0-9_]{40,})", "docs.wandb.ai"),
    ("google-key", r"\b(AQ\.[A-Za-z0-9_-]{40,})", "ai.google.dev/gemini-api/docs/api-key"),
    ("cloud-token", r"\b(CCIPAT_[A-Za-z0-9]{16,}_[0-9a-f]{40})\b", "circleci.com/docs/managing-api-tokens"),
    ("cloud-token", r"\b(pat-(?:na|eu|ap)\d-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", "developers.hubspot.com"),
    ("cloud-token", r"\b((?:[a-z]{2}\d\dxx)?[0-9a-f]{30,36}(?:FFFF)?NRAL)\b", "docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys"),
    ("cloud-token", r"\b(pk_[0-9a-f]{34})\b", "developers.klaviyo.com/en/docs/authenticate_"),
    ("cloud-token", r"\b([12]/\d{10,}(?:/\d{10,})?:[0-9a-f]{32})\b", "developers.asana.com/docs/personal-access-token"),
    ("cloud-token", r"\b(st\.[0-9a-f-]{24,36}\.[0-9a-f]{32}\.[0-9a-f]{32})\b", "infisical.com/docs"),
    ("payment-key", rf"\b(AQE{_B64}{{60,}}(?:-{_B64}{{20,}})?(?:-[^\s\"',;]{{8,24}})?)", "docs.adyen.com"),
    ("cloud-token", r"\b(S[UAONC][A-Z2-7]{56})\b", "docs.nats.io/running-a-nats-service/nkeys_auth"),
    ("model-key", r"\b(csk-[a-z0-9]{40,})\b", "inference-docs.cerebras.ai"),
    ("aws-key", rf"\b(bedrock-api-key-[A-Za-z0-9+/=_-]{{40,}}|ABSK{_B64}{{60,}})", "docs.aws.amazon.com/bedrock"),
    ("cloud-token", r"\b(AVNS_[A-Za-z0-9_-]{16,})", "aiven.io/docs"),
    ("cloud-token", r"\b(rootly_[0-9a-f]{64})\b", "docs.rootly.com"),
    ("model-key", r"\b(sk_[0-9a-f]{48})\b", "elevenlabs.io/docs"),
    ("cloud-token", r"\b(AstraCS:[A-Za-z0-9]{20,}:[0-9a-f]{64})\b", "docs.datastax.com/en/astra-db-serverless"),
    ("cloud-token", r"\b((?:na1|eu1)\.[A-Za-z0-9+/]{100})(?:[^A-Za-z0-9+/]|$)", "developer.fullstory.com"),
    ("cloud-token", r"\b(os_v2_(?:app|org)_[a-z2-7]{40,})\b", "documentation.onesignal.com"),
    ("payment-key", r"\b(pdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3})\b", "developer.paddle.com"),
    ("token", r"\b(00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,})", "developer.salesforce.com"),
    ("token", r"[*\]\w-](:[\w-]+\.[0-9a-f]{56,64})\b", "docs.getunleash.io/reference/api-tokens-and-client-keys"),
    ("token", r"(?i:rtmps?://[^\s/]+/[^\s/?]+/)((?:[a-z0-9]{4}-){3,4}[a-z0-9]{4})\b", "support.google.com/youtube"),
    ("password-hash", r"\b(grub\.pbkdf2\.sha\d+\.\d+\.[0-9A-Fa-f]{32,}\.[0-9A-Fa-f]{32,})", "gnu.org/software/grub/manual"),
    ("api-key", r"(?:\b|_)((?:sk|rk|sec|secret|tok|apikey)_(?:live_|test_|prod_)?[0-9a-f]{24,})\b", "no issuer: a prefix that says it"),
    ("model-key", r"\b(api_org_[A-Za-z]{34})\b", "huggingface.co/docs"),
    ("token", r"\b(v[1-4]\.(?:local|public)\.[A-Za-z0-9_-]{40,}(?:\.[A-Za-z0-9_-]+)?)", "github.com/paseto-standard/paseto-spec"),
    ("password", r"\b(npg_[A-Za-z0-9]{12})\b", "neon.com/docs/connect"),
    ("token", r"\b(oauth:[a-z0-9]{30})\b", "dev.twitch.tv/docs/chat"),
    ("cloud-token", r"\b(eyJrIjoi[A-Za-z0-9+/=]{40,})", "grafana.com/docs/grafana/latest/developers/http_api/auth"),
    ("cloud-token", r"\b(K00\d[A-Za-z0-9+/]{27})(?:[^A-Za-z0-9+/=]|$)", "backblaze.com/docs/cloud-storage-application-keys"),
    ("model-key", r"\b([0-9a-f]{32}\.[A-Za-z0-9]{16})\b", "docs.bigmodel.cn, docs.z.ai"),
    ("cloud-token", r"\b(ucat_[0-9A-HJKMNP-TV-Z]{26})\b", "developers.upcloud.com"),
    ("cloud-token", r"\b(t1\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{60,}={0,2})", "yandex.cloud/en/docs/iam/concepts/authorization/iam-token"),
    ("cloud-token", r"\b(xa[ap]t-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b", "axiom.co/docs/reference/tokens"),
    ("mail-key", r"\b(mlsn\.[0-9a-f]{64})\b", "developers.mailersend.com"),
    ("mail-key", r"\b([0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})\b", "documentation.mailgun.com/docs/mailgun/api-reference"),
    ("recovery-code", r"\b((?:\d{6}-){7}\d{6})\b", "learn.microsoft.com/windows/security/operating-system-security/data-protection/bitlocker"),
    ("cookie", r"(?:^|[\s\"'=])(\.?eJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{5,7}\.[A-Za-z0-9_-]{27,43})\b", "flask.palletsprojects.com: itsdangerous"),
    # told by their place
    ("aws-key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}[\"'\s,:;|/]{1,8}([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)", "docs.aws.amazon.com/IAM"),
    ("cloud-token", r"\b(?:LTAI[A-Za-z0-9]{12,24}|AKID[A-Za-z0-9]{32})[\"'\s,:;|/]{1,8}([A-Za-z0-9]{30,36})\b", "alibabacloud.com/help/ram"),
    ("password", r"[A-Z0-9]_AUTH[ \t]*[:=][ \t]*[\"']?[a-z][\w.-]+[/:]([^\s\"'/]{6,})", "neo4j.com/docs"),
    ("twilio-key", r"\bAC[0-9a-f]{32}[\"']?\s{0,3}[,:]\s{0,3}[\"']?([0-9a-f]{32})\b", "twilio.com/docs/iam/api"),
    ("password", r"\b(?i:thin:|sqlplus[ \t]+(?:-\w+[ \t]+){0,3})[\w.$#-]+/([^\s@/\"']{4,})@", "docs.oracle.com"),
    ("password", r"\b[A-Za-z][\w.$#-]*/([^\s@/\"':]{4,})@//[\w.-]", "docs.oracle.com"),
    ("password", r"\b[A-Za-z][\w.$#-]*/([^\s@/\"':]{4,})@[\w.-]+:(?:15\d\d|16\d\d|2484)[/:]\w", "docs.oracle.com"),
    (
        "password",
        r"(?:^|[\s'\"`])[\w.*-]+:(?:5432|5433|543\d|6432|\*):[\w.*-]+:[\w.*-]+:((?:[^\s:'\"`\\]|\\.){4,})(?:$|[\s'\"`])",
        "postgresql.org/docs/current/libpq-pgpass.html",
    ),
    ("recovery-code", _RECOVERY_CODES, "no issuer: a phrase"),
    ("recovery-code", _RECOVERY_CODES_SAID, "no issuer: a phrase"),
    ("one-time-code", _ONCE, "no issuer: a phrase"),
    ("secret", _FOR_SOMETHING, "no issuer: a phrase"),
    ("password", _IN_GROUPS, "support.google.com/accounts/answer/185833, wordpress.org/documentation"),
)  # fmt: skip

_UNDERSCORED_40 = (
    "bk(?:ua|aj|ct|at|pt)|sq[apu]|sgp(?:_[0-9a-f]{16}|_local)?|shippo_(?:live|test)|sntryu|dop_v1|rpa|tfp|sbp"
)
_UPPER = r"[A-Z0-9]"

LISTED: tuple[tuple[str, str], ...] = (
    ("cloud-token", rf"\b((?:{_UNDERSCORED_40})_[0-9a-zA-Z]{{40,64}})\b"),
    ("cloud-token", r"\b(v1\.0-[0-9a-f]{24}-[0-9a-f]{146})\b"),
    ("cloud-token", r"\b((?:pat|sat)\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20})\b"),
    ("cloud-token", rf"\b(API-{_UPPER}{{26}}|LTAI[A-Za-z0-9]{{17,20}}|SCW{_UPPER}{{17}}|AKID[A-Za-z0-9]{{32}})\b"),
    ("cloud-token", rf"\b(A3-{_UPPER}{{6}}-{_UPPER}{{6}}-?{_UPPER}{{5}}(?:-{_UPPER}{{5}}){{3}})\b"),
    ("cloud-token", r"\b(K10[0-9a-f]{64}::[a-z]{1,20}:[0-9a-f]{16,})"),  # k3s, RKE2
    ("cloud-token", r"(sha256~[A-Za-z0-9_-]{43})\b"),
    ("cloud-token", r"\b(CLOJARS_[a-z0-9]{60}|p8e-[A-Za-z0-9]{32}|EZ[AT]K[A-Za-z0-9]{54}|rdme_[a-z0-9]{70}|pnu_[A-Za-z0-9]{36})\b"),
    ("cloud-token", r"\b(duffel_(?:test|live)_[\w=-]{43}|fio-u-[\w=-]{64}|ico-[A-Za-z0-9]{32}|tk-us-[\w-]{48}|sm_[aps]at_[A-Za-z0-9]{16})"),
    ("cloud-token", r"\b([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|CFPAT-[\w-]{43}|sl\.(?:u\.)?[A-Za-z0-9_-]{120,}|rzp_(?:live|test)_[A-Za-z0-9]{14})"),
    ("cloud-token", r"\b((?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120})"),
    ("payment-key", r"\b(FLW(?:SEC|PUB)K(?:_TEST)?-[A-Za-z0-9-]{12,44}|sq0[a-z]{3}-[\w-]{22,60}|EAAA[\w-]{55,}|amzn\.mws\.[0-9a-f-]{36})"),
    ("payment-key", r"(access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}|amzn1\.oa2-cs\.v1\.[0-9a-f]{64})"),
    ("token", r"\b(EAA[A-Z][A-Za-z0-9]{80,}|\d{15,16}\|[A-Za-z0-9_-]{27,40}|Atz[ar]\|[\w-]{50,})"),
    ("google-key", r"\b(AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{40,})"),
    ("google-key", r"\b(GOOG(?:1E[A-Z0-9]{57}|[A-Z0-9]{20}))\b"),
    ("azure-key", r"\b([A-Za-z0-9+/]{30,}(?:\+AS[tb]|AzFu|AzSe|AzCa|ACDb|\+ARm|\+AEh|AIoT|\+ACR)[A-Za-z0-9+/]{6,}={0,2})"),
    ("azure-key", r"\b([A-Za-z0-9]{40,60}(?:JQQJ99|AZDO)[A-Za-z0-9]{4,40}={0,2})"),
    ("vault-token", r"(?:^|[\s\"'=])(s\.[A-Za-z0-9]{24})(?:[\s\"',]|$)"),
    ("token", r"(secret-token:[A-Za-z0-9%._~-]{8,})"),  # RFC 8959
    ("private-key", r"\b(nsec1[a-z0-9]{58}|[xyzt]prv[A-HJ-NP-Za-km-z1-9]{107,108})\b"),
    ("webhook-url", r"hooks\.zapier\.com/hooks/catch/(\w+/\w+)"),
)  # fmt: skip
"""What the lists of public scanners give beside: only forms that a general rule does not find, because their tails are
hexadecimal digits or capitals alone, which ids have too.
"""


def is_stale(today: date) -> bool:
    """Whether the formats were read longer ago than they are believed."""
    return today - WRITTEN > FRESH_FOR
