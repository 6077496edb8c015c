"""Runs every benchmark of this folder, or those that are named: `make bench ARGS="match"`."""

import importlib
import pkgutil
import sys

from tests import bench


def main(names: list[str]) -> None:
    for module in sorted(found.name for found in pkgutil.iter_modules(bench.__path__)):
        name = module.removeprefix("bench_")
        if module != name and (not names or name in names):
            print(f"== {name}")
            importlib.import_module(f"{bench.__name__}.{module}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
