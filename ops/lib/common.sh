# shellcheck shell=bash
# Sourced by ops/demo and ops/test. Expects ROOT, the repository's folder.

# Messages go to standard error: standard output is for results.
say() { printf '%s\n' "$*" >&2; }

# die MESSAGE: ends the script.
die() {
    say "error: $*"
    exit 1
}

CHILD=''

# run COMMAND...: like the command alone, but a signal to this script is handled at once: a shell otherwise waits
# for the foreground command first.
run() {
    local code=0
    "$@" &
    CHILD=$!
    wait "$CHILD" || code=$?
    CHILD=''
    return "$code"
}

# stop_child: ends what `run` runs, if anything, and waits for it.
stop_child() {
    [ -n "$CHILD" ] || return 0
    kill -TERM "$CHILD" 2>/dev/null || true
    wait "$CHILD" 2>/dev/null || true
    CHILD=''
}

# show_tail FILE [LINES]: the end of a log, indented, for a failure's message.
show_tail() {
    [ -s "$1" ] || return 0
    say "--- the last lines of $1:"
    tail -n "${2:-20}" "$1" | sed 's/^/    /' >&2
}
