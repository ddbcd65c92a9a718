#!/usr/bin/env bash
# Run the tests on each Python version named, in an environment of its own; say which could not be found.
set -euo pipefail
cd "$(dirname "$0")/.."

works() { "$1" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$2')" 2>/dev/null; }

find_python() {
  local version=$1 candidate
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python; do
    if works "$candidate" "$version"; then echo "$candidate"; return; fi
  done
}

failed=0
summary=()
for version in "$@"; do
  python=$(find_python "$version")
  if [[ -z $python ]]; then
    summary+=("Python $version: NOT TESTED, no interpreter on PATH or under pyenv")
    continue
  fi
  echo "== Python $version ($python)"
  if make --no-print-directory test PYTHON="$python" VENV=".venv-$version"; then
    summary+=("Python $version: passed")
  else
    summary+=("Python $version: FAILED")
    failed=1
  fi
done

echo
printf '%s\n' "${summary[@]}"
exit "$failed"
