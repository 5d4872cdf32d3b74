#!/usr/bin/env bash
# Runs test targets one after another, each by itself and all of them even if one fails; ends with the first failure's
# status and a summary: test-targets.sh [target ...] [-- swift test options]. Without targets: every one.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

targets=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    targets+=("$1")
    shift
done
[ $# -eq 0 ] || shift
if [ "${#targets[@]}" -eq 0 ]; then
    for folder in Tests/*Tests; do targets+=("${folder#Tests/}"); done
fi

status=0
failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    if ! swift test "$@" --skip-build --filter "^$target\\."; then
        [ "$status" -ne 0 ] || status=1
        failed+=("$target")
    fi
done
if [ "$status" -ne 0 ]; then
    echo "failed: ${failed[*]}"
else
    echo "every test target passed"
fi
exit "$status"
