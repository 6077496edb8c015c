"""What a kubelet says of a probe, as a person needs it: the command that cannot be run, not the runtime's words."""

import pytest

from bot.domain.kubernetes import Container
from bot.engine.checks.probes import probe_words

RUNTIME = (
    "Readiness probe errored: rpc error: code = Unknown desc = failed to exec in container: failed to start exec "
    '"38c4db33e61a13f0f1a60790afd4ff6835f60ddedaa52f0ac76f4b8798568df3": OCI runtime exec failed: exec failed: '
    "unable to start container process: "
)
NO_FILE = f'{RUNTIME}exec: "/bin/grpc_health_probe": stat /bin/grpc_health_probe: no such file or directory: unknown'
MISSING = "Readiness probe errored: its command /bin/grpc_health_probe cannot be run: no such file or directory"
WORDS = {
    "by a path": (NO_FILE, MISSING),
    "one of many": (f"(combined from similar events): {NO_FILE}", MISSING),
    "by a name": (
        f'{RUNTIME}exec: "curl": executable file not found in $PATH: unknown',
        "Readiness probe errored: its command curl cannot be run: executable file not found in $PATH",
    ),
    "the command's own words": (
        "Readiness probe failed: cat: /tmp/ready: No such file or directory",
        "Readiness probe failed: cat: /tmp/ready: No such file or directory",
    ),
}


@pytest.mark.parametrize("name", WORDS)
def test_the_command_that_cannot_be_run_is_named(name: str) -> None:
    message, words = WORDS[name]
    assert probe_words(message, None, Container(name="main")) == words
