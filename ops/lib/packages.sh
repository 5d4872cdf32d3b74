# shellcheck shell=bash
# Installs the Debian packages that are missing, and checks the Swift toolchain.

PACKAGES=(
    librabbitmq-dev libpq-dev libhiredis-dev libcurl4-openssl-dev libssl-dev zlib1g-dev pkg-config
    rabbitmq-server redis-server postgresql pgbouncer liblua5.1-0-dev prometheus
)

# shellcheck disable=SC2034 # read by ops/check
CHECK_PACKAGES=(
    git lua-check mypy prometheus prometheus-alertmanager python3 python3-psycopg2 python3-venv python3-yaml shellcheck
)

# missing_packages NAME...: those which are not installed, one per line.
missing_packages() {
    local name state
    for name in "$@"; do
        # Any version of the server will do; the package `postgresql` only stands for the newest.
        if [ "$name" = postgresql ] && compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then continue; fi
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null || true)
        [ "$state" = installed ] || printf '%s\n' "$name"
    done
}

# as_root COMMAND...: directly as root, else through sudo; asks nothing if there is no terminal.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# Installing runs as root in a shell of its own, so that one lock and one trap cover all of it:
# - the lock makes two users wait for each other rather than meet in the middle;
# - the policy keeps Debian from starting system-wide servers only because we need their programs. One that is
#   already there is left alone: it is somebody's decision. Units that came with a package installed here are
#   disabled too, or they would start with the next boot.
install_script() {
    cat <<'SCRIPT'
set -eu
exec 9>/run/mixmyai-packages.lock
flock 9
has_erlang=$(dpkg-query --show --showformat='${db:Status-Status}' erlang-base 2>/dev/null || true)
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
command -v systemctl >/dev/null || exit 0
for package in "$@"; do
    case $package in
        rabbitmq-server)
            systemctl --quiet disable rabbitmq-server.service || true
            [ "$has_erlang" = installed ] || systemctl --quiet disable epmd.socket epmd.service || true
            ;;
        redis-server) systemctl --quiet disable redis-server.service || true ;;
        postgresql) systemctl --quiet disable postgresql.service || true ;;
        pgbouncer) systemctl --quiet disable pgbouncer.service || true ;;
        prometheus | prometheus-alertmanager) systemctl --quiet disable "$package.service" || true ;;
    esac
done
SCRIPT
}

# require_packages: installs what is missing; nothing is touched if nothing is.
require_packages() {
    local missing log
    command -v dpkg-query >/dev/null || die "this script installs Debian packages; here, install by hand: ${PACKAGES[*]}"
    mapfile -t missing < <(missing_packages "${PACKAGES[@]}")
    [ "${#missing[@]}" -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "missing packages: ${missing[*]}; install them as root (there is no sudo here)"
    fi
    say "installing ${missing[*]} ..."
    log=$(mktemp)
    if ! as_root sh -c "$(install_script)" mixmyai-packages "${missing[@]}" >"$log" 2>&1 </dev/null; then
        show_tail "$log" 30
        rm -f "$log"
        die "the packages could not be installed; as root: apt-get install ${missing[*]}"
    fi
    rm -f "$log"
}

# require_swift: the compiler is there and new enough.
require_swift() {
    local version
    command -v swift >/dev/null || die "swift is not on PATH: install the Swift 6.3 toolchain (https://www.swift.org/install)"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] || die "swift --version does not answer as expected"
    if [ "$(printf '%s\n' 6.2 "$version" | sort -V | head -n 1)" != 6.2 ]; then
        die "Swift $version is too old: 6.2 or newer is needed"
    fi
}
