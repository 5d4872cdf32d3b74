# shellcheck shell=bash
# What ops/images tries with the images and the fleet in containers; needs containers.sh. Expects `work`, a folder, and
# `keep`, 1 if the fleet is to stay.
# shellcheck disable=SC2154

PROOFS=()
BACKLOG=ops/examples/backlog.jsonl
HARDENED=(--rm --read-only --cap-drop all --security-opt no-new-privileges --network none)

# proved TEXT: tells it, and keeps it for the summary.
proved() {
    PROOFS+=("$1")
    say "  proved: $1"
}

# same WHAT FOUND WANTED
same() { [ "$2" = "$3" ] || die "$1: '$2', not '$3'"; }

product_version() { sed -n 's/.*static let number = "\(.*\)"/\1/p' Sources/FleetCore/FleetVersion.swift; }

# cli ARGUMENTS...: the command line in a container of its own, as `docker compose run --rm mixmyai` runs it.
cli() { compose --profile tools run --rm -T --no-deps mixmyai "$@"; }

# sql STATEMENT: its one value.
sql() {
    # shellcheck disable=SC2016 # for the shell in the container
    podman exec "$(container postgres)" sh -c \
        'PGPASSWORD=$(cat /run/secrets/POSTGRES_PASSWORD) psql -X -h 127.0.0.1 -U mixmyai -d mixmyai -tAc "$1"' - "$1"
}

# is VALUE STATEMENT: whether the database says so.
is() { [ "$(sql "$2")" = "$1" ]; }

# holds MORE N: whether worker N has more than so many calls in flight.
holds() {
    local host
    host=$(podman inspect --format '{{.Config.Hostname}}' "$(container worker "$2")")
    is t "SELECT count(*) > $1 FROM steps JOIN workers USING (worker_id)
        WHERE steps.state = 'running' AND name LIKE '$host-%'"
}

# crash SERVICE N: kill -9 from outside, as the kernel does it; the engine has not asked for it.
crash() { kill -KILL "$(podman inspect --format '{{.State.Pid}}' "$(container "$@")")"; }

# The stage that compiles, with a stand-in for Swift that makes programs which do nothing: its packages, what it copies, what
# it leaves behind. The real one is run by whoever builds the image.
try_compile_stage() {
    local folder=$work/swift
    mkdir "$folder"
    cat >"$folder/swift" <<'SWIFT'
#!/bin/sh
# swift build --configuration release --static-swift-stdlib --product NAME
[ "$*" = "build --configuration release --static-swift-stdlib --product $6" ] && [ -f Package.swift ] || exit 1
mkdir -p .build/release
cp /usr/bin/true ".build/release/$6"
SWIFT
    chmod 0755 "$folder/swift"
    cat >"$folder/Dockerfile" <<'DOCKERFILE'
ARG DEBIAN
FROM ${DEBIAN}
RUN apt-get update && apt-get install --yes --no-install-recommends binutils && rm -rf /var/lib/apt/lists/*
COPY swift /usr/local/bin/
DOCKERFILE
    build_image localhost/mixmyai-swift:check "$folder"
    build_image localhost/mixmyai-compiled:check . --build-arg SWIFT=localhost/mixmyai-swift:check --target compiled
    same 'programs of the stage that compiles' \
        "$(podman run --rm --network none localhost/mixmyai-compiled:check ls /programs | tr '\n' ' ')" \
        'gateway mixmyai provider-twin scheduler worker '
    proved 'the stage that compiles leaves the five programs (with a stand-in for Swift)'
}

# The image by itself: what it holds, and how little its programs need.
try_image() {
    local version size writable program
    version=$(podman run "${HARDENED[@]}" "$FLEET_IMAGE" dpkg-query --show --showformat='${Version}' librabbitmq4)
    dpkg --compare-versions "$version" ge 0.11.0-1+deb12u3 || die "librabbitmq $version is too old"
    size=$(podman image inspect --format '{{.Size}}' "$FLEET_IMAGE")
    proved "one image of $((size / 1000000)) MB with librabbitmq $version"

    same user "$(podman image inspect --format '{{.Config.User}}' "$FLEET_IMAGE")" 10001:10001
    same version "$(podman image inspect --format '{{index .Labels "org.opencontainers.image.version"}}' "$FLEET_IMAGE")" \
        "$(product_version)"
    same rights "$(podman run "${HARDENED[@]}" "$FLEET_IMAGE" sh -c \
        'id -u; sed -n "s/^CapEff:[^0-9]*//p; s/^NoNewPrivs:[^0-9]*//p" /proc/self/status' | tr '\n' ' ')" \
        '10001 0000000000000000 1 '
    # Even without a read-only root there is nothing of the image that its user may change.
    writable=$(podman run --rm --network none "$FLEET_IMAGE" sh -c "find / -xdev -not -type l -writable -not -path '/tmp*' \
        -not -path '/var/tmp*' -not -path '/run/lock*' -not -path '/dev*' -not -path '/proc*' 2>/dev/null; echo end")
    same 'files that the user may write' "$writable" end
    proved 'user 10001, no capabilities, no new privileges, nothing of the image writable'

    same mixmyai "$(podman run "${HARDENED[@]}" "$FLEET_IMAGE" mixmyai version)" "mixmyai $(product_version)"
    for program in gateway scheduler worker; do
        podman run "${HARDENED[@]}" "$FLEET_IMAGE" "$program" >"$work/out" 2>&1 && die "$program runs without settings"
        grep -q 'is not set: the PostgreSQL to use\|no AI provider can be called' "$work/out" ||
            die "$program says: $(head -c 300 "$work/out")"
    done
    podman run "${HARDENED[@]}" "$FLEET_IMAGE" provider-twin --help >/dev/null
    podman run "${HARDENED[@]}" "$FLEET_IMAGE" mixmyai probe livez >/dev/null 2>&1 && die 'a probe of nothing succeeds'
    proved 'each program starts with a read-only root; the catalogues are found; what is missing is said'
}

# In the order in which `docker compose up` starts them. Podman before 4.6 waits neither for health nor for an end.
start_fleet() {
    local began=$SECONDS service
    say "starting the fleet ..."
    compose up --detach --no-deps --no-build postgres rabbitmq redis twin >/dev/null
    for service in postgres rabbitmq redis twin; do healthy "$service"; done
    compose run --rm -T --no-deps migrate >"$work/out"
    grep -q applied "$work/out" || die "migrate says: $(cat "$work/out")"
    compose run --rm -T --no-deps migrate >"$work/out"
    grep -q 'Nothing to do' "$work/out" || die "migrate a second time says: $(cat "$work/out")"
    compose up --detach --no-deps --no-build gateway scheduler worker >/dev/null
    until_true 60 'the API answers' curl --silent --fail "http://127.0.0.1:$GATEWAY_PORT/api/v1/health"
    proved "servers, migration, fleet: up in $((SECONDS - began)) s; a second migration changes nothing"
}

try_health() {
    local service addresses
    for service in gateway scheduler; do healthy "$service"; done
    for service in 1 2; do healthy worker "$service"; done
    for service in gateway scheduler worker; do
        until_true 30 "$service is ready" podman exec "$(container "$service")" mixmyai probe readyz
        podman exec "$(container "$service")" mixmyai probe --port 9 livez >/dev/null 2>&1 && die 'a closed port lives'
    done
    addresses=$(podman port "$(container gateway)")
    same 'published ports' "$addresses" "8080/tcp -> 127.0.0.1:$GATEWAY_PORT"
    for service in scheduler worker twin postgres rabbitmq redis; do
        same "$service publishes" "$(podman port "$(container "$service")")" ''
    done
    proved 'health checks say healthy, every process is ready; only the API is published, on 127.0.0.1'
}

# submit BATCH N: hands in N tasks through the API, with the key of the secret.
submit() {
    head -n "$2" < <(while :; do cat "$BACKLOG"; done) | cli task submit - --batch "$1" >"$work/$1.ids"
    same "tasks taken of $1" "$(grep -c task_ "$work/$1.ids")" "$2"
}

# done_with BATCH N: waits until all of them are completed.
done_with() {
    until_true 240 "batch $1 completed" is "$2" "SELECT count(*) FROM tasks t JOIN batches USING (batch_id)
        WHERE batches.name = '$1' AND t.status = 'completed'"
}

try_tasks() {
    local one
    # The twin has no limits of its own.
    for one in openai anthropic; do
        cli limit set "$one" --rpm none --tpm none --input-tpm none --output-tpm none --concurrency 500 >/dev/null
    done
    submit first "$1"
    done_with first "$1"
    one=$(grep -o 'task_[a-z0-9]*' "$work/first.ids" | head -n 1)
    cli task result "$one" >"$work/result"
    [ "$(wc -c <"$work/result")" -gt 500 ] || die "the result of $one is $(cat "$work/result")"
    curl --silent --fail -H "X-API-Key: $(cat "$SECRETS/MIXMYAI_API_KEY")" \
        "http://127.0.0.1:$GATEWAY_PORT/api/v1/tasks/$one" | grep -q '"completed"' || die "the API does not know $one"
    cli doctor >"$work/doctor" || die "doctor says: $(grep -v '^ok' "$work/doctor")"
    proved "$1 tasks handed in by the command line's container, all completed; a result of $(wc -c <"$work/result") bytes"
    proved 'doctor finds nothing'
}

alive() { is "$1" "SELECT count(*) FROM workers WHERE state = 'active' AND heartbeat_at > now() - interval '5 s'"; }

try_scaling() {
    compose up --detach --no-deps --no-build --scale worker=3 worker >/dev/null
    until_true 60 'three workers' alive 3
    proved 'scaled to three workers'
}

try_kill() {
    local before
    before=$(podman inspect --format '{{.RestartCount}}' "$(container worker 2)")
    submit killed "$1"
    until_true 60 'calls in flight' holds 1 2
    crash worker 2
    done_with killed "$1"
    until_true 60 'the worker is started again' alive 3
    [ "$(podman inspect --format '{{.RestartCount}}' "$(container worker 2)")" -gt "$before" ] || die 'nobody restarted it'
    [ "$(lost)" -gt 0 ] || die 'no call was lost with a worker that was killed in the middle of some'
    proved "a worker killed with kill -9 under load: $1 of $1 completed, $(lost) calls marked as lost, started again"
}

# lost: ledger rows of calls that a worker took with it.
lost() { sql "SELECT count(*) FROM ai_api_usage WHERE outcome IN ('lost', 'resolved')"; }

# cut: calls in the ledger whose end nobody has heard, so that they may be paid for nothing.
cut() { sql "SELECT count(*) FROM ai_api_usage WHERE cost_basis IN ('ambiguous', 'estimated')"; }

try_drain() {
    local before began seconds
    before=$(cut)
    submit drained "$1"
    until_true 60 'calls in flight' holds 1 3
    began=$SECONDS
    podman stop --time 180 "$(container worker 3)" >/dev/null
    seconds=$((SECONDS - began))
    same 'exit code of a worker that drained' \
        "$(podman inspect --format '{{.State.ExitCode}}' "$(container worker 3)")" 0
    done_with drained "$1"
    same 'calls that are lost or cut short, after a drain' "$(cut)" "$before"
    proved "a worker stopped with calls in flight: ended with 0 after $seconds s, no call lost or cut short"
}

# Both keep everything in memory, which a new start takes from them.
try_empty_servers() {
    submit emptied "$1"
    until_true 60 'calls in flight' is t "SELECT count(*) > 0 FROM steps WHERE state = 'running'"
    crash rabbitmq
    crash redis
    done_with emptied "$1"
    until_true 60 'Redis is back' podman healthcheck run "$(container redis)"
    same 'starts of RabbitMQ again' "$(podman inspect --format '{{.RestartCount}}' "$(container rabbitmq)")" 1
    proved "RabbitMQ and Redis killed under load, their memory gone: $1 of $1 completed"
}

# The ledger beside the twin's own count.
try_books() {
    local requests rows
    requests=$(curl --silent --fail "http://$(address twin):9300/twin/stats" |
        /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["requests"])')
    rows=$(sql "SELECT count(*) FILTER (WHERE outcome NOT IN ('lost', 'resolved')) || ' ' || count(*) FROM ai_api_usage")
    if [ "${rows% *}" -gt "$requests" ] || [ "$requests" -gt "${rows#* }" ]; then
        die "$requests requests at the twin, but ${rows% *} answered calls and ${rows#* } rows in the ledger"
    fi
    proved "$requests requests at the twin: ${rows% *} answered in the ledger, $((${rows#* } - ${rows% *})) marked as lost"
}

# No secret in what engines show and keep, and every line of ours is JSON.
try_secrets() {
    local service secret name number=0
    for service in gateway scheduler worker; do
        name=$(container "$service")
        podman logs "$name" >"$work/log" 2>/dev/null
        /usr/bin/python3 -c 'import json, sys; [json.loads(line) for line in sys.stdin]' <"$work/log" ||
            die "the log of $service is not JSON"
        number=$((number + $(wc -l <"$work/log")))
        { podman inspect "$name"; cat "$work/log"; } >"$work/shown"
        for secret in "$SECRETS"/*; do
            [ ! -s "$secret" ] || ! grep -qFf "$secret" "$work/shown" || die "$name shows ${secret##*/}"
        done
    done
    proved "$number log lines, each JSON; no secret in them or in what the engine tells of a container"
}

# In the order in which `docker compose down` stops them: podman-compose would stop the servers at the same time.
try_stop() {
    local one began=$SECONDS
    compose stop worker scheduler gateway >/dev/null
    for one in gateway scheduler worker; do
        same "exit code of $one" "$(podman inspect --format '{{.State.ExitCode}}' "$(container "$one")")" 0
    done
    compose --profile demo stop postgres rabbitmq redis twin >/dev/null
    for one in postgres redis twin; do
        same "exit code of $one" "$(podman inspect --format '{{.State.ExitCode}}' "$(container "$one")")" 0
    done
    proved "the whole fleet stopped in $((SECONDS - began)) s, each process with exit code 0"
    if [ "$keep" -eq 1 ]; then
        compose up --detach --no-deps --no-build postgres rabbitmq redis twin gateway scheduler worker >/dev/null
    fi
}

summary() {
    /usr/bin/python3 -c 'import json, sys; print(json.dumps({"proved": sys.argv[1:]}))' "${PROOFS[@]}"
}
