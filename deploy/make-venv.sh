#!/bin/sh
# Creates the virtual environment $1 with the newest suitable Python, or with the interpreter $2 when one is named.
# Called by the Makefile. Keeps an environment that already works; says in one sentence what is missing otherwise.
set -eu
venv=$1
wanted=${2:-}

# A name on PATH is not enough: version managers leave launchers behind for versions that are not active.
works() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

if works "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then exit 0; fi

python=
for candidate in ${wanted:-python3.14 python3.13 python3.12 python3.11 python3}; do
  if works "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  if [ -n "$wanted" ]; then
    echo "Triage needs Python 3.11 or newer, and $wanted is older, or does not start." >&2
  else
    echo "Triage needs Python 3.11 or newer, and found none: it looked for python3.14 to python3.11, and python3." >&2
  fi
  echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 …" >&2
  exit 1
fi

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
echo "Creating $venv with Python $version."
rm -rf "$venv"
if ! report=$("$python" -m venv "$venv" 2>&1) || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
  rm -rf "$venv"
  echo "$report" | tail -n 3 >&2
  echo "Python $version cannot create a virtual environment. Debian and Ubuntu ship that part apart:" >&2
  echo "apt-get install python$version-venv, then run make again." >&2
  exit 1
fi
