#!/usr/bin/env bash
# Runs every test target by itself, all of them even if one fails; ends with the first failure's status and a summary.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

status=0
failed=()
for folder in Tests/*Tests; do
    target=${folder#Tests/}
    echo "== $target"
    if ! swift test --skip-build --filter "^$target\\."; then
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
