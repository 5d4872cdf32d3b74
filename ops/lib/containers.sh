# shellcheck shell=bash
# Images and containers without a registry and beside whatever else is on the machine; needs common.sh and packages.sh.
# All of it lies in a folder of its own under the user's cache, so that the next run finds its layers.

CONTAINER_PACKAGES=(
    aardvark-dns buildah curl debootstrap iptables netavark podman python3 python3-venv runc
)
CONTAINERS=${XDG_CACHE_HOME:-$HOME/.cache}/mixmyai/containers
BASE_IMAGE=localhost/mixmyai-base:12
# Older ones miss what Debian has mended since.
BASE_DAYS=7

# require_containers: packages, settings of the engines, podman-compose. Nobody else uses the folder meanwhile.
require_containers() {
    # shellcheck disable=SC2034 # read by require_packages
    PACKAGES=("${CONTAINER_PACKAGES[@]}")
    require_packages
    mkdir -p "$CONTAINERS"
    exec 8>"$CONTAINERS/lock"
    flock --nonblock 8 || die "another run uses $CONTAINERS"
    cat >"$CONTAINERS/containers.conf" <<CONF
[containers]
# Inside another container nobody may raise a limit.
default_ulimits = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_config_dir = "$CONTAINERS/networks"
CONF
    cat >"$CONTAINERS/storage.conf" <<CONF
[storage]
driver = "$(storage_driver)"
graphroot = "$CONTAINERS/storage"
runroot = "$CONTAINERS/run"
CONF
    export CONTAINERS_CONF=$CONTAINERS/containers.conf CONTAINERS_STORAGE_CONF=$CONTAINERS/storage.conf
    require_compose
}

# storage_driver: overlay where the folder's file system takes it; vfs copies every layer.
storage_driver() {
    local trial
    trial=$(mktemp -d "$CONTAINERS/trial.XXXXXX")
    mkdir "$trial"/{lower,upper,work,merged}
    if mount -t overlay overlay -o "lowerdir=$trial/lower,upperdir=$trial/upper,workdir=$trial/work" "$trial/merged" \
        2>/dev/null; then
        umount "$trial/merged"
        echo overlay
    else
        echo vfs
    fi
    rm -rf "$trial"
}

require_compose() {
    local venv=$CONTAINERS/venv wanted=$ROOT/ops/deploy/requirements.txt
    [ -x "$venv/bin/python" ] || /usr/bin/python3 -m venv "$venv"
    cmp -s "$wanted" "$venv/installed" || {
        "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted" >&2
        cp "$wanted" "$venv/installed"
    }
    COMPOSE=$venv/bin/podman-compose
}

# require_base_image: Debian 12 as debootstrap makes it, with the suites that an official image has.
require_base_image() {
    local base=$CONTAINERS/base mirror=http://deb.debian.org/debian
    if [ -n "$(find "$CONTAINERS/base.made" -mtime "-$BASE_DAYS" 2>/dev/null)" ] && podman image exists "$BASE_IMAGE"; then
        return 0
    fi
    say "making the base image ..."
    rm -rf "$base"
    quietly debootstrap --variant=minbase bookworm "$base" "$mirror"
    cat >"$base/etc/apt/sources.list" <<SOURCES
deb $mirror bookworm main
deb $mirror bookworm-updates main
deb $mirror-security bookworm-security main
SOURCES
    rm -rf "$base"/var/cache/apt/archives/*.deb "$base"/var/lib/apt/lists/*
    tar -C "$base" -c . | podman import --quiet - "$BASE_IMAGE" >&2
    rm -rf "$base"
    touch "$CONTAINERS/base.made"
}

# build_image TAG FOLDER OPTIONS...: a Dockerfile's image on our base.
build_image() {
    local tag=$1 folder=$2
    shift 2
    say "building $tag ..."
    quietly buildah bud --isolation chroot --pull-never --format docker --layers --build-arg "DEBIAN=$BASE_IMAGE" \
        --tag "$tag" "$@" "$folder"
}

# quietly COMMAND...: shows what it says only if it fails.
quietly() {
    local log
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1; then
        show_tail "$log" 40
        rm -f "$log"
        die "failed: $*"
    fi
    rm -f "$log"
}

# The engine's timers need systemd, its events a log: where they are missing it says so for every container.
ENGINE_NOISE='unable to get systemd connection|failed to connect to syslog'
podman() { command podman "$@" 2> >(grep -vE "$ENGINE_NOISE" >&2); }
compose() { "$COMPOSE" --project-name "$PROJECT" "$@" 2> >(grep -vE "$ENGINE_NOISE" >&2); }

# container SERVICE [N]: the name of a container of ours.
container() { printf '%s_%s_%s' "$PROJECT" "$1" "${2:-1}"; }

# until_true SECONDS WHAT COMMAND...: asks again and again; dies if it does not come true.
until_true() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || die "$what: not within the time"
        sleep 0.2
    done
}

# healthy SERVICE [N]: waits for the health check that the image or compose.yaml names.
healthy() { until_true 90 "$(container "$@") healthy" podman healthcheck run "$(container "$@")"; }

# address SERVICE: of a container in the network that leads outside.
address() {
    podman inspect --format "{{(index .NetworkSettings.Networks \"${PROJECT}_outside\").IPAddress}}" "$(container "$1")"
}
