"""Access by what one kubeconfig file states in plain: a token or a client certificate, and the cluster's address.

Called by `client`. The vendor's loader can also run credential plugins, renew OIDC tokens and join several files, and
takes a fifth of a second to import for that; whatever is not stated in plain is left to it.
"""

from __future__ import annotations

import atexit
import base64
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kubernetes.client.configuration import Configuration

_FILES = {
    "ssl_ca_cert": "certificate-authority",
    "cert_file": "client-certificate",
    "key_file": "client-key",
}
"""Settings of the vendor's configuration, and the entries that name a file, or with `-data` hold its content."""

_USER_KEYS = frozenset({"token", "client-certificate", "client-certificate-data", "client-key", "client-key-data"})
_CLUSTER_KEYS = frozenset(
    {
        "server",
        "certificate-authority",
        "certificate-authority-data",
        "insecure-skip-tls-verify",
        "tls-server-name",
        "proxy-url",
        "extensions",
        "disable-compression",
    }
)


def is_plain(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> bool:
    """Whether these entries of one file state everything themselves: no plugin and no renewal."""
    texts = [user.get(key, "") for key in _USER_KEYS]
    texts += [cluster.get(key, "") for key in ("certificate-authority", "certificate-authority-data")]
    return user.keys() <= _USER_KEYS and cluster.keys() <= _CLUSTER_KEYS and all(isinstance(v, str) for v in texts)


def plain_configuration(cluster: Mapping[str, Any], user: Mapping[str, Any], folder: Path) -> Configuration:
    """The vendor's configuration for entries that are plain; the paths in them are relative to `folder`.

    Certificates and keys in the entries are written to files only this account can read, and removed when the program
    ends: TLS libraries read them from nowhere else. Raises `ValueError` for what is no base64 and no address, and
    `OSError` for a file that is not there.
    """
    configuration = Configuration()
    configuration.host = str(cluster["server"]).rstrip("/")
    if user.get("token"):
        configuration.api_key["BearerToken"] = f"Bearer {user['token']}"
    if configuration.host.startswith("https"):
        entries = {**cluster, **user}
        contents = {setting: _decoded(entries, f"{key}-data") for setting, key in _FILES.items()}
        paths = {setting: _path(folder, entries[key]) for setting, key in _FILES.items() if entries.get(key)}
        for setting, path in (paths | _in_files(contents)).items():
            setattr(configuration, setting, path)
    configuration.verify_ssl = not cluster.get("insecure-skip-tls-verify", False)
    if cluster.get("tls-server-name"):
        configuration.tls_server_name = str(cluster["tls-server-name"])
    if cluster.get("proxy-url"):
        configuration.proxy = str(cluster["proxy-url"])
    return configuration


def _path(folder: Path, name: str) -> str:
    path = folder / name
    if not path.is_file():
        raise FileNotFoundError(f"the file {path} does not exist")
    return str(path)


def _decoded(entry: Mapping[str, Any], name: str) -> bytes:
    return base64.b64decode(entry.get(name, ""))


def _in_files(contents: Mapping[str, bytes]) -> dict[str, str]:
    """Paths by the same names, without those that have no content."""
    given = {name: content for name, content in contents.items() if content}
    if not given:
        return {}
    folder = Path(tempfile.mkdtemp(prefix="triage-"))  # readable for its owner alone
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, content in given.items():
        (folder / name).write_bytes(content)
    return {name: str(folder / name) for name in given}
