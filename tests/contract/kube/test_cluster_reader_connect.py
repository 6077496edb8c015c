"""Finding the cluster and the credentials: what is wrong is said in words, with what to do next."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from kubernetes.config.incluster_config import InClusterConfigLoader

from bot.adapters.kube import ApiConnection, KubernetesReader, connect
from bot.adapters.kube.access.client import in_cluster_configuration
from bot.adapters.kube.access.masking import mask_url_credentials
from bot.diagnosis.ports import ListRequest
from bot.domain.errors import ClusterUnreachable, ConfigurationError
from tests.contract.kube.cluster_objects import NAMESPACE, broken_onyx
from tests.contract.kube.cluster_stub import StubCluster


def _connect(kubeconfig: Path | str, context: str | None = None) -> ApiConnection:
    return connect(kubeconfig=str(kubeconfig), context=context, in_cluster=False)


def _config(**changes: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "prod",
        "contexts": [
            {"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "onyx"}},
            {"name": "dev", "context": {"cluster": "c", "user": "u"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": "https://api.example.com:6443/"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
        **changes,
    }


def _write(path: Path, document: object) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


@pytest.mark.parametrize(("context", "name", "namespace"), [(None, "prod", "onyx"), ("dev", "dev", "")])
def test_a_context_names_the_cluster(tmp_path: Path, context: str | None, name: str, namespace: str) -> None:
    found = _connect(_write(tmp_path / "config", _config()), context)
    assert (found.cluster, found.context, found.default_namespace) == (name, name, namespace)
    assert found.server == "https://api.example.com:6443"


NOT_A_CLUSTER: list[tuple[str, object, str | None, str]] = [
    ("unknown context", _config(), "staging", "Name one of these with --context: dev, prod."),
    ("no current context", _config(**{"current-context": ""}), None, "Name one of these with --context: dev, prod."),
    ("current context is gone", _config(**{"current-context": "old"}), None, "There is no context 'old'"),
    ("no contexts", _config(contexts=None), None, "has no contexts at all"),
    ("contexts of a wrong shape", _config(contexts={"prod": 1}), None, "has no contexts at all"),
    ("no such cluster", _config(clusters=[]), None, "names the cluster 'c'"),
    ("no such user", _config(users=[{"name": "other", "user": {}}]), None, "names the user 'u'"),
    ("no server", _config(clusters=[{"name": "c", "cluster": {}}]), None, "no usable server address"),
    (
        "odd server",
        _config(clusters=[{"name": "c", "cluster": {"server": "ftp://x"}}]),
        None,
        "no usable server address",
    ),
    ("not YAML", "a: [1\nb: }", None, "not valid YAML (line 2"),
    ("not text", "\x00\x01", None, "not valid YAML"),
    ("empty", "", None, "is empty or not a mapping"),
    ("a list", "[1, 2]", None, "is empty or not a mapping"),
    (
        "a missing certificate",
        _config(clusters=[{"name": "c", "cluster": {"server": "https://x", "certificate-authority": "gone.crt"}}]),
        None,
        "gone.crt",
    ),
    (
        "a broken certificate",
        _config(clusters=[{"name": "c", "cluster": {"server": "https://x", "certificate-authority-data": "abc"}}]),
        None,
        "cannot be used",
    ),
    (
        "a plugin that fails",
        _config(
            users=[
                {"name": "u", "user": {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}}}
            ]
        ),
        None,
        "The credential plugin false of the context prod gave no credentials.",
    ),
    (
        "a plugin that is not installed",
        _config(users=[{"name": "u", "user": {"exec": {"apiVersion": "v1", "command": "no-such-plugin"}}}]),
        None,
        "The credential plugin no-such-plugin of the context prod gave no credentials.",
    ),
    ("a user of a wrong shape", _config(users=[{"name": "u", "user": {"auth-provider": 3}}]), None, "cannot be used"),
]


@pytest.mark.parametrize(
    ("document", "context", "words"), [case[1:] for case in NOT_A_CLUSTER], ids=[case[0] for case in NOT_A_CLUSTER]
)
def test_a_broken_kubeconfig_is_refused_with_a_remedy(
    tmp_path: Path, document: object, context: str | None, words: str
) -> None:
    path = _write(tmp_path / "config", document)
    with pytest.raises(ConfigurationError) as caught:
        _connect(path, context)
    assert words in str(caught.value)
    assert caught.value.remedy


def test_no_kubeconfig_at_all_says_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"No kubeconfig was found at .*/nowhere") as caught:
        _connect(tmp_path / "nowhere")
    assert "--kubeconfig" in caught.value.remedy


def test_a_directory_is_not_a_kubeconfig(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        _connect(tmp_path)


def test_of_several_files_the_first_current_context_counts_as_for_kubectl(tmp_path: Path) -> None:
    first = _write(tmp_path / "first", _config(**{"current-context": "dev"}))
    second = _write(tmp_path / "second", _config(clusters=[{"name": "c", "cluster": {"server": "https://wrong"}}]))
    found = _connect(os.pathsep.join(map(str, (first, tmp_path / "missing", second))))
    assert (found.context, found.server) == ("dev", "https://api.example.com:6443")


def test_a_kubeconfig_is_never_written(tmp_path: Path) -> None:
    path = _write(tmp_path / "config", _config())
    before = path.read_bytes()
    _connect(path)
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (before, [path])


def test_outside_a_cluster_the_service_account_is_missing() -> None:
    with pytest.raises(ConfigurationError, match="does not run in a cluster") as caught:
        connect(kubeconfig=None, context=None, in_cluster=True)
    assert "ServiceAccount" in caught.value.remedy


def test_a_service_account_token_may_end_with_a_line_break(tmp_path: Path) -> None:
    token, certificate = _write(tmp_path / "token", "reader-token\n"), _write(tmp_path / "ca.crt", "-")
    where = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "1"}
    loader = InClusterConfigLoader(token_filename=str(token), cert_filename=str(certificate), environ=where)
    configuration = in_cluster_configuration(loader)
    with StubCluster(broken_onyx(), token="reader-token") as stub:
        loader.host = configuration.host = stub.url
        reader = KubernetesReader(ApiConnection(configuration))
        assert reader.namespaces() == ("default", "onyx", "other")
        reader.close()


def test_a_token_that_can_no_longer_be_read_is_not_a_foreign_exception(tmp_path: Path) -> None:
    def gone(_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", "token")

    with StubCluster(broken_onyx()) as stub:
        connection = _connect(stub.write_kubeconfig(tmp_path / "config"))
        connection._client.configuration.refresh_api_key_hook = gone
        reader = KubernetesReader(connection)
        with pytest.raises(ClusterUnreachable, match="No such file or directory"):
            reader.list_resources(ListRequest(NAMESPACE))
        reader.close()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("http://api-server:8080", "http://api-server:8080"),
        ("http://user:pass@api-server:8080/x", "http://user:***@api-server:8080/x"),
        ("postgres://u:p%40ss@db/x?mail=a@b.c", "postgres://u:***@db/x?mail=a@b.c"),
        ("redis://:secret@redis:6379/0", "redis://:***@redis:6379/0"),
        ("https://0123456789abcdef@sentry.io/1", "https://***@sentry.io/1"),
        ("http://u:p@ss@host:80/a", "http://u:***@host:80/a"),
        ("http://u:p/ss@host:80/a", "http://u:***@host:80/a"),
        ("http://u:12345@host/a", "http://u:***@host/a"),
        ("http://host:8080/?mail=a@b.c", "http://host:8080/?mail=a@b.c"),
        ("http://host:8080?mail=a@b.c", "http://host:8080?mail=a@b.c"),
        ("http://host/a@b", "http://host/a@b"),
        ("a http://u:p@h and b://v:q@i.", "a http://u:***@h and b://v:***@i."),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("mail a@b.c", "mail a@b.c"),
        ("", ""),
    ],
)
def test_credentials_in_urls_are_masked_and_nothing_else(text: str, masked: str) -> None:
    assert mask_url_credentials(text) == masked
