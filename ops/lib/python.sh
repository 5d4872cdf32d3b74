# shellcheck shell=bash
# What the tests need of Python beyond Debian's packages; needs common.sh.

# require_trace_python: a Python that reads OTLP, in TEST_TRACE_PYTHON. Without it the tests that need it fail and say so.
require_trace_python() {
    local venv=$ROOT/.build/trace-venv wanted=$ROOT/ops/tracing/requirements.txt
    [ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"
    cmp -s "$wanted" "$venv/installed" || {
        "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" >&2 || return 0
        cp "$wanted" "$venv/installed"
    }
    export TEST_TRACE_PYTHON=$venv/bin/python
}
