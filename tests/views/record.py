"""Records the snapshots beside this file again, from any cluster on which the fault suite's namespaces stand.

    make cluster-test PYTEST_ARGS=--keep-faults          # or break an app by hand, in a namespace onyx-<fault>
    python -m tests.views.record                         # every fault whose namespace is there
    python -m tests.views.record oom url-wrong-port      # only these
    python -m tests.views.record --context kind-kind oom

Uses `triage snapshot`, so a snapshot is what a person would save: redacted, packed, one file per fault. A fault that is
new in the tables of tests/cluster needs a snapshot before tests/scenario/test_recorded_views.py passes again; record a
fault only while it is there (`test_faults.py` knows when it has developed), then run that test and look at the diff.
"""

import argparse
from pathlib import Path

from bot.cli import main
from tests.cluster.faults import FAULTS

VIEWS = Path(__file__).parent


def record(faults: list[str], cluster: list[str]) -> int:
    """Snapshot each fault's namespace over the file there is; how many could not be read."""
    failed = 0
    for fault in faults:
        target = VIEWS / f"{fault}.json.gz"
        code = main(["snapshot", "onyx", "-n", f"onyx-{fault}", "-f", str(target), "--force", *cluster])
        failed += code != 0
    return failed


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Record the snapshots of the fault suite again.")
    parser.add_argument("faults", nargs="*", help="ids of faults (default: all of tests/cluster/faults.py)")
    parser.add_argument("--context", help="context of the kubeconfig")
    parser.add_argument("--kubeconfig", help="kubeconfig file")
    return parser.parse_args()


if __name__ == "__main__":
    given = arguments()
    named = {"--context": given.context, "--kubeconfig": given.kubeconfig}
    options = [word for flag, value in named.items() if value for word in (flag, value)]
    raise SystemExit(record(given.faults or [fault.id for fault in FAULTS], options))
