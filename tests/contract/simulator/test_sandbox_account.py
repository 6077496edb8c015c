"""The sandbox' bot has an account of its own, with the rights of `deploy/rbac`: enough to diagnose and to repair."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from bot.adapters.kube import KubernetesReader, KubernetesWriter, connect, connect_for_writing
from bot.changes.ports import Impersonation
from bot.diagnosis.ports import ListRequest
from bot.domain.changes import Person
from bot.domain.facts import GapReason
from bot.domain.remedies import Step, StepKind
from bot.sandbox.account import ACCOUNT
from bot.sandbox.start import start_sandbox


def test_the_bot_of_the_sandbox_reads_and_repairs_with_its_own_account(tmp_path: Path) -> None:
    with ExitStack() as stack:
        sandbox = start_sandbox(stack, port=0, simulate=True)
        kubeconfig = str(sandbox.write_bot_kubeconfig(tmp_path / "bot"))
        reads = connect(kubeconfig=kubeconfig, context=None, in_cluster=False)
        reader = KubernetesReader(reads)
        stack.callback(reader.close)
        view = reader.list_resources(ListRequest("onyx"))
        assert view.cluster == "sandbox"
        assert [gap.what for gap in view.gaps.values() if gap.reason is GapReason.FORBIDDEN] == []

        writes = connect_for_writing(kubeconfig=kubeconfig, context=None, in_cluster=False)
        writer = KubernetesWriter(connect(kubeconfig=kubeconfig, context=None, in_cluster=False), writes)
        stack.callback(writer.close)
        write = writer.prepare(Step(StepKind.RESTART, "deployment/api-server"), "onyx", "2026-11-23T20:00:00Z")
        assert not writer.may(None, write).allowed
        writer.apply(Impersonation("operator", Person(user="U1", team="T1")), write, "c-1")
        assert sandbox.cluster is not None
        (deed,) = sandbox.cluster.writes
        assert (deed.user, deed.authenticated, dict(deed.extra)) == (
            "triage:operator",
            ACCOUNT,
            {"slack-user": ("T1/U1",)},
        )

        for user in ("admin", "reader", "nobody"):  # are in the same file, under their names
            assert connect(kubeconfig=kubeconfig, context=user, in_cluster=False).cluster == user
