"""Makes secret values in the formats of their issuers, checksums included, from a seeded generator.

No value is written down anywhere: scanners of repositories have nothing to find, and no rule can know one by heart.
"""

from __future__ import annotations

import base64
import binascii
import json
import string
from collections.abc import Callable, Mapping
from random import Random

UPPER, LOWER, DIGITS = string.ascii_uppercase, string.ascii_lowercase, string.digits
BASE62 = DIGITS + UPPER + LOWER
HEX = "0123456789abcdef"
URL_SAFE = BASE62 + "-_"
WORDS = "winter monkey dragon summer orange kettle harbor falcon silver thunder maple rocket garden velvet".split()  # noqa: SIM905 - easier to read


def pick(random: Random, alphabet: str, length: int) -> str:
    """Characters by chance."""
    return "".join(random.choice(alphabet) for _ in range(length))


def _base62(number: int, length: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    return digits.rjust(length, "0")


def _with_checksum(prefix: str, random: Random) -> str:
    """GitHub's and npm's form: thirty characters and the CRC-32 of them in base 62."""
    body = pick(random, BASE62, 30)
    return f"{prefix}{body}{_base62(binascii.crc32(body.encode()), 6)}"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwt(random: Random) -> str:
    """A signed token of three parts, as an identity provider or Kubernetes issues it."""
    header = {"alg": random.choice(["HS256", "RS256", "ES256"]), "typ": "JWT", "kid": pick(random, HEX, 12)}
    claims = {"sub": pick(random, DIGITS, 8), "iat": 1_795_000_000, "exp": 1_795_003_600, "jti": pick(random, HEX, 16)}
    signature = random.randbytes(random.choice([32, 64]))
    return ".".join(_b64url(part) for part in (json.dumps(header).encode(), json.dumps(claims).encode(), signature))


def pem(random: Random, label: str = "RSA PRIVATE KEY", size: int = 600) -> str:
    """A private key in its envelope; the body is noise."""
    body = _b64(b"\x30\x82" + random.randbytes(size))
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"))


def human_password(random: Random) -> str:
    """What a person or a wizard chooses: a word, a number, a sign."""
    word = random.choice(WORDS)
    return f"{word.capitalize()}{random.choice('!_-.#')}{pick(random, DIGITS, 4)}"


def _password_with_signs(random: Random) -> str:
    return pick(random, BASE62, 8) + random.choice("!$^*") + pick(random, BASE62 + "#%+~", 8)


def _basic(random: Random) -> str:
    return _b64(f"{random.choice(WORDS)}:{pick(random, BASE62, 14)}".encode())


GENERATORS: Mapping[str, Callable[[Random], str]] = {
    "aws_key": lambda r: r.choice(["AKIA", "ASIA"]) + pick(r, UPPER + "234567", 16),
    "aws_secret": lambda r: pick(r, BASE62 + "+/", 40),
    "aws_session": lambda r: "IQoJb3JpZ2luX2Vj" + _b64(r.randbytes(180)),
    "google_key": lambda r: "AIza" + pick(r, URL_SAFE, 35),
    "google_oauth": lambda r: "ya29." + pick(r, URL_SAFE, 120),
    "google_client": lambda r: "GOCSPX-" + pick(r, URL_SAFE, 28),
    "azure_storage": lambda r: _b64(r.randbytes(64)),
    "azure_client": lambda r: pick(r, BASE62, 3) + "8Q~" + pick(r, BASE62 + "_~.-", 34),
    "azure_sas": lambda r: _b64(r.randbytes(32)).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D"),
    "azure_devops": lambda r: pick(r, LOWER + "234567", 52),
    "github": lambda r: _with_checksum(r.choice(["ghp_", "gho_", "ghs_"]), r),
    "github_fine": lambda r: f"github_pat_{pick(r, BASE62, 22)}_{pick(r, BASE62, 59)}",
    "gitlab": lambda r: "glpat-" + pick(r, URL_SAFE, 20),
    "gitlab_runner": lambda r: "glrt-" + pick(r, URL_SAFE, 20),
    "slack_bot": lambda r: f"xoxb-{pick(r, DIGITS, 12)}-{pick(r, DIGITS, 13)}-{pick(r, BASE62, 24)}",
    "slack_app": lambda r: f"xapp-1-A{pick(r, UPPER + DIGITS, 10)}-{pick(r, DIGITS, 13)}-{pick(r, HEX, 64)}",
    "slack_hook": lambda r: f"T{pick(r, UPPER + DIGITS, 10)}/B{pick(r, UPPER + DIGITS, 10)}/{pick(r, BASE62, 24)}",
    "discord_hook": lambda r: pick(r, URL_SAFE, 68),
    "discord_bot": lambda r: f"M{pick(r, BASE62, 23)}.{pick(r, URL_SAFE, 6)}.{pick(r, URL_SAFE, 38)}",
    "telegram": lambda r: f"{pick(r, '123456789', 10)}:AA{pick(r, URL_SAFE, 33)}",
    "stripe": lambda r: "sk_live_" + pick(r, BASE62, 24),
    "stripe_hook": lambda r: "whsec_" + pick(r, BASE62, 32),
    "twilio_auth": lambda r: pick(r, HEX, 32),
    "sendgrid": lambda r: f"SG.{pick(r, URL_SAFE, 22)}.{pick(r, URL_SAFE, 43)}",
    "mailgun": lambda r: "key-" + pick(r, HEX, 32),
    "openai": lambda r: f"sk-proj-{pick(r, URL_SAFE, 74)}T3BlbkFJ{pick(r, URL_SAFE, 74)}",
    "openai_old": lambda r: f"sk-{pick(r, BASE62, 20)}T3BlbkFJ{pick(r, BASE62, 20)}",
    "anthropic": lambda r: f"sk-ant-api03-{pick(r, URL_SAFE, 93)}AA",
    "hugging_face": lambda r: "hf_" + pick(r, UPPER + LOWER, 34),
    "cohere": lambda r: pick(r, BASE62, 40),
    "npm": lambda r: _with_checksum("npm_", r),
    "pypi": lambda r: "pypi-AgEIcHlwaS5vcmc" + _b64url(r.randbytes(90)),
    "docker_hub": lambda r: "dckr_pat_" + pick(r, URL_SAFE, 27),
    "vault": lambda r: "hvs." + pick(r, URL_SAFE, 90),
    "terraform": lambda r: f"{pick(r, BASE62, 14)}.atlasv1.{pick(r, URL_SAFE, 67)}",
    "databricks": lambda r: "dapi" + pick(r, HEX, 32),
    "digitalocean": lambda r: "dop_v1_" + pick(r, HEX, 64),
    "shopify": lambda r: "shpat_" + pick(r, HEX, 32),
    "new_relic": lambda r: "NRAK-" + pick(r, UPPER + DIGITS, 27),
    "datadog": lambda r: pick(r, HEX, 32),
    "grafana": lambda r: f"glsa_{pick(r, BASE62, 32)}_{pick(r, HEX, 8)}",
    "sentry_key": lambda r: pick(r, HEX, 32),
    "dynatrace": lambda r: f"dt0c01.{pick(r, UPPER + DIGITS, 24)}.{pick(r, UPPER + DIGITS, 64)}",
    "pagerduty": lambda r: "u+" + pick(r, URL_SAFE, 18),
    "okta": lambda r: "00" + pick(r, URL_SAFE, 40),
    "atlassian": lambda r: "ATATT3xFfGF0" + pick(r, URL_SAFE, 168) + "=" + pick(r, UPPER + DIGITS, 8),
    "artifactory": lambda r: "AKCp" + pick(r, BASE62, 69),
    "linear": lambda r: "lin_api_" + pick(r, BASE62, 40),
    "tailscale": lambda r: f"tskey-auth-{pick(r, BASE62, 12)}CNTRL-{pick(r, BASE62, 32)}",
    "age": lambda r: "AGE-SECRET-KEY-1" + pick(r, "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    "cloudflare": lambda r: pick(r, URL_SAFE, 40),
    "heroku": lambda r: "-".join(pick(r, HEX, n) for n in (8, 4, 4, 4, 12)),
    "mapbox": lambda r: f"sk.eyJ1Ijoi{pick(r, BASE62, 70)}.{pick(r, URL_SAFE, 22)}",
    "fernet": lambda r: base64.urlsafe_b64encode(r.randbytes(32)).decode(),
    "django": lambda r: pick(r, LOWER + DIGITS + "!@$%^*(-_=+)", 50),
    "hex_secret": lambda r: pick(r, HEX, 64),
    "opaque": lambda r: pick(r, URL_SAFE, 43),
    "session": lambda r: pick(r, BASE62, 32),
    "password": human_password,
    "password_signs": _password_with_signs,
    "password_plain": lambda r: pick(r, LOWER + DIGITS, 16),
    "bcrypt": lambda r: "$2b$12$" + pick(r, BASE62 + "./", 53),
    "scram": lambda r: f"SCRAM-SHA-256$4096:{_b64(r.randbytes(16))}${_b64(r.randbytes(32))}:{_b64(r.randbytes(32))}",
    "basic": _basic,
    "jwt": jwt,
    "pem": pem,
    "pem_ec": lambda r: pem(r, "EC PRIVATE KEY", 90),
    "pem_pkcs8": lambda r: pem(r, "PRIVATE KEY", 1200),
    "pem_openssh": lambda r: pem(r, "OPENSSH PRIVATE KEY", 300),
    "oauth_code": lambda r: "4/0A" + pick(r, URL_SAFE, 62),
    "otp_seed": lambda r: pick(r, UPPER + "234567", 32),
}
"""By name: one secret of this kind."""
