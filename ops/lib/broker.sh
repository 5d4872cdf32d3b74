# shellcheck shell=bash
# Another broker in front of the private one, for trials; needs common.sh and build.sh.

RELAY=''

# use_broker KIND STATE: starts a relay that makes KIND of the private broker, and puts stand-ins of a few lines in front of
# the programs, which lead their connections to the broker through it. The product knows nothing of it. Sets BIN_DIR.
use_broker() {
    local kind=$1 state=$2 options=() folder program port
    case $kind in
        rabbitmq-4.3) options=(--rabbitmq43) ;;
        quorum) options=(--default-queue-type quorum) ;;
        rabbitmq-4.3-quorum) options=(--rabbitmq43 --default-queue-type quorum) ;;
        *) die "--broker is rabbitmq-4.3, quorum or rabbitmq-4.3-quorum, not '$kind'" ;;
    esac
    folder=$(mktemp -d "${TMPDIR:-/tmp}/mixmyai-broker.XXXXXX")
    mkdir "$folder/real"
    "$BIN_DIR/broker-relay" --ports "$state/ports.json" "${options[@]}" >"$folder/port" 2>"$folder/refusals" &
    RELAY=$!
    while [ ! -s "$folder/port" ]; do
        kill -0 "$RELAY" 2>/dev/null || die "the relay does not start: $(cat "$folder/refusals")"
        sleep 0.05
    done
    port=$(cat "$folder/port")
    cp "$BIN_DIR/mixmyai" "$folder/mixmyai"
    for program in gateway scheduler worker provider-twin; do
        cp "$BIN_DIR/$program" "$folder/real/$program"
        cat >"$folder/$program" <<SHIM
#!/bin/bash
[ -z "\${AMQP_URL:-}" ] || export AMQP_URL=\$(printf %s "\$AMQP_URL" | sed -E 's#@127\.0\.0\.1:[0-9]+/#@127.0.0.1:$port/#')
exec "$folder/real/$program" "\$@"
SHIM
        chmod 755 "$folder/$program"
    done
    BIN_DIR=$folder
    say "the broker behaves like $kind (relay on port $port)"
}

# end_broker: stops the relay, says what it has refused, and removes the stand-ins.
end_broker() {
    [ -n "$RELAY" ] || return 0
    kill -TERM "$RELAY" 2>/dev/null || true
    wait "$RELAY" 2>/dev/null || true
    RELAY=''
    say "the broker refused $(wc -l <"$BIN_DIR/refusals") times"
    sort "$BIN_DIR/refusals" | uniq -c >&2
    rm -rf "$BIN_DIR"
}
