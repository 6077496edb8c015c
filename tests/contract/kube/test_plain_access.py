"""What a kubeconfig states in plain is read without the vendor's loader, and comes out as that would have it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client.configuration import Configuration
from kubernetes.config.kube_config import load_kube_config

from bot.adapters.kube import connect
from bot.adapters.kube.access.kubeconfig import choose
from bot.adapters.kube.access.plain_access import is_plain, plain_configuration
from bot.domain.errors import ConfigurationError

TEXT = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n").decode()
FILES = ("ssl_ca_cert", "cert_file", "key_file")
SETTINGS = ("host", "verify_ssl", "tls_server_name", "proxy", "api_key")
SERVER = "https://api.example.com:6443"

PLAIN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a token": ({"server": f"{SERVER}/"}, {"token": "t"}),
    "nobody": ({"server": SERVER}, {}),
    "a certificate in the file": (
        {"server": SERVER, "certificate-authority-data": TEXT},
        {"client-certificate-data": TEXT, "client-key-data": TEXT},
    ),
    "certificates beside the file": (
        {"server": SERVER, "certificate-authority": "ca.crt"},
        {"client-certificate": "ca.crt", "client-key": "ca.crt"},
    ),
    "no verification": ({"server": SERVER, "insecure-skip-tls-verify": True}, {"token": "t"}),
    "another name and a proxy": (
        {"server": SERVER, "tls-server-name": "kube", "proxy-url": "http://proxy:3128"},
        {"token": "t"},
    ),
    "plain HTTP": ({"server": "http://127.0.0.1:8001"}, {"token": "t"}),
}
NOT_PLAIN = {
    "a plugin": {"exec": {"command": "aws"}},
    "a provider": {"auth-provider": {"name": "oidc"}},
    "a token file": {"tokenFile": "/token"},
    "a password": {"username": "u", "password": "p"},
    "a token that is no text": {"token": 1234},
}


def written(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    (folder / "ca.crt").write_text("certificate")
    document = {
        "current-context": "x",
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "config"
    path.write_text(json.dumps(document))
    return path


def content(path: Any) -> bytes | None:
    return Path(path).read_bytes() if path else None


@pytest.mark.parametrize(("cluster", "user"), PLAIN.values(), ids=PLAIN)
def test_it_says_what_the_vendors_loader_says(tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any]) -> None:
    path = written(tmp_path, cluster, user)
    vendors = Configuration()
    load_kube_config(str(path), "x", vendors, persist_config=False)  # type: ignore[no-untyped-call]
    choice = choose(str(path), None)
    assert is_plain(choice.cluster_entry, choice.user_entry)
    ours = plain_configuration(choice.cluster_entry, choice.user_entry, path.parent)
    assert {name: getattr(ours, name) for name in SETTINGS} == {name: getattr(vendors, name) for name in SETTINGS}
    assert [content(getattr(ours, name)) for name in FILES] == [content(getattr(vendors, name)) for name in FILES]
    for name in FILES:
        made = getattr(ours, name)
        if made and not made.startswith(str(tmp_path)):
            assert Path(made).parent.stat().st_mode & 0o077 == 0, "readable for its owner alone"


@pytest.mark.parametrize("user", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_everything_else_is_left_to_the_vendors_loader(user: dict[str, Any]) -> None:
    assert not is_plain({"server": SERVER}, user)


@pytest.mark.parametrize(
    ("cluster", "user"),
    [
        ({"server": SERVER, "certificate-authority-data": "a"}, {"token": "t"}),
        ({"server": SERVER, "certificate-authority": "gone.crt"}, {"token": "t"}),
    ],
    ids=["no base64", "no such file"],
)
def test_what_cannot_be_used_is_said_with_the_context(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError, match="The context x of"):
        connect(kubeconfig=str(written(tmp_path, cluster, user)), context=None, in_cluster=False)


@pytest.mark.slow
def test_a_diagnosis_imports_only_what_it_needs_of_the_client_and_the_rest_stays_whole() -> None:
    """In a process of its own: this one has loaded everything already."""
    script = """
import sys
import bot.bootstrap.cluster
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & {"oauthlib", "requests", "websocket", "dateutil", "jsonschema", "slack_sdk", "sqlalchemy"}, loaded
from bot.adapters.kube.access.client import Configuration
import kubernetes
from kubernetes import client, config
assert client.Configuration is Configuration and config.load_kube_config and client.CoreV1Api
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
