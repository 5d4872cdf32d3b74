# shellcheck shell=bash
# Builds with visible progress; needs common.sh.

DEMO_PRODUCTS=(gateway scheduler worker provider-twin mixmyai)
RELEASE_OPTIONS=()

# build_release: builds what the demo runs. Sets BIN_DIR, and COLD_BUILD_SECONDS to the whole seconds the build
# took, 0 if there was nothing to build.
build_release() {
    local product began seconds=0 was_complete=1
    BIN_DIR=$(swift build --package-path "$ROOT" -c release --show-bin-path)
    for product in "${DEMO_PRODUCTS[@]}"; do
        [ -x "$BIN_DIR/$product" ] || was_complete=0
    done
    began=$SECONDS
    for product in "${DEMO_PRODUCTS[@]}"; do
        say "building $product ..."
        run swift build --package-path "$ROOT" -c release "${RELEASE_OPTIONS[@]}" --product "$product" >&2 || die "$product does not build"
    done
    seconds=$((SECONDS - began))
    # Looking whether anything changed takes a few seconds too: that is not a build.
    if [ "$was_complete" -eq 1 ] && [ "$seconds" -lt 30 ]; then seconds=0; fi
    # shellcheck disable=SC2034 # read by the sourcing script
    COLD_BUILD_SECONDS=$seconds
}

# build_tests: builds everything for `swift test`. Sets BIN_DIR.
build_tests() {
    say "building the tests ..."
    run swift build --package-path "$ROOT" --build-tests >&2 || die "the tests do not build"
    # shellcheck disable=SC2034 # read by the sourcing script
    BIN_DIR=$(swift build --package-path "$ROOT" --show-bin-path)
}
