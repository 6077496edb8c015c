"""Secrets by their form, part three: what issuers and the lists of public scanners give. Read by `formats`.

Written down in November 2026 (see `formats_recent.WRITTEN`). Only forms that a general rule does not find: tails of
hexadecimal digits or of capitals alone, which ids have too, and prefixes that are part of a longer word.
"""

from __future__ import annotations

_UNDERSCORED_40 = "bk(?:ua|aj|ct|at|pt)|sq[apu]|sgp(?:_[0-9a-f]{16}|_local)?|shippo_(?:live|test)|sntryu|dop_v1|rpa|tfp|sbp"
_UPPER = r"[A-Z0-9]"

LISTED: tuple[tuple[str, str], ...] = (
    ("cloud-token", rf"\b((?:{_UNDERSCORED_40})_[0-9a-fA-F]{{40,64}})\b"),
    ("cloud-token", r"\b(v1\.0-[0-9a-f]{24}-[0-9a-f]{146})\b"),
    ("cloud-token", r"\b((?:pat|sat)\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9]{24}\.[A-Za-z0-9]{20})\b"),
    ("cloud-token", rf"\b(API-{_UPPER}{{26}}|LTAI[A-Za-z0-9]{{17,20}}|SCW{_UPPER}{{17}}|AKID[A-Za-z0-9]{{32}})\b"),
    ("cloud-token", rf"\b(A3-{_UPPER}{{6}}-{_UPPER}{{6}}-?{_UPPER}{{5}}(?:-{_UPPER}{{5}}){{3}})\b"),
    ("cloud-token", r"(sha256~[A-Za-z0-9_-]{43})\b"),
    ("cloud-token", r"\b(CLOJARS_[a-z0-9]{60}|p8e-[A-Za-z0-9]{32}|EZ[AT]K[A-Za-z0-9]{54}|rdme_[a-z0-9]{70}|pnu_[A-Za-z0-9]{36})\b"),
    ("cloud-token", r"\b(duffel_(?:test|live)_[\w=-]{43}|fio-u-[\w=-]{64}|ico-[A-Za-z0-9]{32}|tk-us-[\w-]{48}|sm_[aps]at_[A-Za-z0-9]{16})"),
    ("cloud-token", r"\b([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|CFPAT-[\w-]{43}|sl\.[A-Za-z0-9_-]{130,}|rzp_(?:live|test)_[A-Za-z0-9]{14})"),
    ("cloud-token", r"\b((?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[a-z0-9]{4,6}\.acc[_-][a-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120})"),
    ("payment-key", r"\b(FLW(?:SEC|PUB)K(?:_TEST)?-[A-Za-z0-9-]{12,44}|sq0[a-z]{3}-[\w-]{22,60}|EAAA[\w-]{55,}|amzn\.mws\.[0-9a-f-]{36})"),
    ("payment-key", r"(access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}|amzn1\.oa2-cs\.v1\.[0-9a-f]{64})"),
    ("token", r"\b(EAA[A-Z][A-Za-z0-9]{80,}|\d{15,16}\|[A-Za-z0-9_-]{27,40}|Atz[ar]\|[\w-]{50,})"),
    ("google-key", r"\b(GOOG(?:1E[A-Z0-9]{57}|[A-Z0-9]{20}))\b"),
    ("azure-key", r"\b([A-Za-z0-9+/]{30,}(?:\+AS[tb]|AzFu|AzSe|AzCa|ACDb|\+ARm|\+AEh|AIoT|\+ACR)[A-Za-z0-9+/]{6,}={0,2})"),
    ("azure-key", r"\b([A-Za-z0-9]{40,60}(?:JQQJ99|AZDO)[A-Za-z0-9]{4,40}={0,2})"),
    ("vault-token", r"(?:^|[\s\"'=])(s\.[A-Za-z0-9]{24})(?:[\s\"',]|$)"),
    ("token", r"(secret-token:[A-Za-z0-9%._~-]{8,})"),  # RFC 8959
    ("private-key", r"\b(nsec1[a-z0-9]{58}|[xyzt]prv[A-HJ-NP-Za-km-z1-9]{107,108})\b"),
    ("webhook-url", r"hooks\.zapier\.com/hooks/catch/(\w+/\w+)"),
)  # fmt: skip
