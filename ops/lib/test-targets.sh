#!/usr/bin/env bash
# Runs test targets one after another, each by itself and all of them even if one fails; ends with the first failure's
# status, what failed, and a summary: test-targets.sh [target ...] [-- swift test options]. Without targets: every one.
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

output=$(mktemp "${TMPDIR:-/tmp}/mixmyai-output.XXXXXX")
failures=$(mktemp "${TMPDIR:-/tmp}/mixmyai-failures.XXXXXX")
trap 'rm -f "$output" "$failures"' EXIT
status=0
failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    if ! swift test "$@" --skip-build --filter "^$target\\." 2>&1 | tee "$output"; then
        [ "$status" -ne 0 ] || status=1
        failed+=("$target")
        # Shown again at the end, where somebody who has only the end of the output looks. A target that crashed has no
        # such line: then it is the end of what it said.
        { grep -aE "✘|: error: |Fatal error" "$output" || tail -n 20 "$output"; } | sed "s/^/$target: /" >>"$failures"
    fi
done
if [ "$status" -ne 0 ]; then
    cat "$failures"
    echo "failed: ${failed[*]}"
else
    echo "every test target passed"
fi
exit "$status"
