"""The cluster suite's stage: one per run, on whatever cluster KUBECONFIG names."""

from collections.abc import Iterator

import pytest

from tests.cluster.fault import Fault
from tests.cluster.kubectl import kubectl
from tests.cluster.stage import Stage, room_for_pods


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--keep-faults",
        action="store_true",
        help="leave the faults standing at the end, and use those that stand already (for work on the diagnosis)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stops the node or cluster DNS runs after everything else, contracts included."""
    items.sort(key=lambda item: item.path.name == "test_lost_services.py")


@pytest.fixture(scope="session")
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Room for the faults of the selected tests; fails when there is no cluster: such a test must not pass unseen."""
    kubectl("get", "--raw", "/readyz", seconds=20)
    specs = [
        item.callspec
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
    ]
    selected = [fault for spec in specs if isinstance(fault := spec.params.get("fault"), Fault)]
    built = Stage(selected, room_for_pods(), keep=bool(request.config.getoption("--keep-faults", default=False)))
    yield built
    built.clear()
