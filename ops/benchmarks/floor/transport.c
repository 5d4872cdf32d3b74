/* What the broker and librabbitmq can carry, with as little around them as possible.
 *
 * usage: transport publish|consume QUEUE MESSAGES [SIZE WINDOW | PREFETCH]
 * The broker is named by AMQP_URL. Prints the seconds that it took.
 *
 * publish: persistent messages, each confirmed, at most WINDOW of them unconfirmed.
 * consume: at most PREFETCH unacknowledged; acknowledges as many at once as were read at one go, at most half of those. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>

enum { CHANNEL = 1, FRAME_MAX = 131072, DRAIN_EVERY = 64 };

static void fail(const char *what) {
    fprintf(stderr, "transport: %s\n", what);
    exit(1);
}

static void check(amqp_rpc_reply_t reply, const char *what) {
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) fail(what);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static amqp_connection_state_t connect_to_broker(const char *queue) {
    const char *variable = getenv("AMQP_URL");
    if (variable == NULL) fail("AMQP_URL is not set");
    char *url = strdup(variable);
    struct amqp_connection_info info;
    if (amqp_parse_url(url, &info) != AMQP_STATUS_OK) fail("AMQP_URL cannot be read");
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL || amqp_socket_open(socket, info.host, info.port) != 0) fail("no connection");
    check(amqp_login(connection, info.vhost, 0, FRAME_MAX, 0, AMQP_SASL_METHOD_PLAIN, info.user, info.password), "login");
    free(url);
    amqp_channel_open(connection, CHANNEL);
    check(amqp_get_rpc_reply(connection), "channel");
    amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(queue), 0, 1, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "queue");
    return connection;
}

/* Which messages are confirmed, by delivery tag. */
struct confirms {
    char *seen;
    uint64_t count;
    /* All up to this one are. */
    uint64_t complete;
};

static void confirm(struct confirms *confirms, uint64_t tag) {
    if (!confirms->seen[tag]) {
        confirms->seen[tag] = 1;
        confirms->count++;
    }
}

/* Reads the confirms that are there; waits for one first if `wait`. */
static void read_confirms(amqp_connection_state_t connection, struct confirms *confirms, int wait) {
    for (;;) {
        amqp_frame_t frame;
        struct timeval none = {0, 0};
        int status = amqp_simple_wait_frame_noblock(connection, &frame, wait ? NULL : &none);
        if (status == AMQP_STATUS_TIMEOUT) return;
        if (status != AMQP_STATUS_OK) fail("connection lost");
        if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD) fail("not confirmed");
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        if (ack->multiple) {
            for (uint64_t tag = confirms->complete + 1; tag <= ack->delivery_tag; tag++) confirm(confirms, tag);
            if (ack->delivery_tag > confirms->complete) confirms->complete = ack->delivery_tag;
        } else {
            confirm(confirms, ack->delivery_tag);
        }
        amqp_maybe_release_buffers_on_channel(connection, CHANNEL);
        wait = 0;
    }
}

static double publish(const char *queue, uint64_t messages, size_t size, uint64_t window) {
    amqp_connection_state_t connection = connect_to_broker(queue);
    amqp_confirm_select(connection, CHANNEL);
    check(amqp_get_rpc_reply(connection), "confirms");
    char *text = malloc(size);
    if (text == NULL) fail("no memory");
    memset(text, 'x', size);
    amqp_bytes_t body = {.len = size, .bytes = text};
    amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG, .delivery_mode = 2};
    struct confirms confirms = {.seen = calloc(messages + 1, 1)};
    if (confirms.seen == NULL) fail("no memory");
    double start = now();
    for (uint64_t sent = 0; sent < messages; sent++) {
        if (sent - confirms.count >= window) {
            read_confirms(connection, &confirms, 1);
        } else if (sent % DRAIN_EVERY == 0) {
            read_confirms(connection, &confirms, 0);
        }
        if (amqp_basic_publish(connection, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(queue), 0, 0, &properties, body) != 0)
            fail("publish");
    }
    while (confirms.count < messages) read_confirms(connection, &confirms, 1);
    double seconds = now() - start;
    free(text);
    free(confirms.seen);
    return seconds;
}

static double consume(const char *queue, uint64_t messages, uint16_t prefetch) {
    amqp_connection_state_t connection = connect_to_broker(queue);
    amqp_basic_qos(connection, CHANNEL, 0, prefetch, 0);
    check(amqp_get_rpc_reply(connection), "prefetch");
    double start = now();
    amqp_basic_consume(connection, CHANNEL, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    check(amqp_get_rpc_reply(connection), "consume");
    uint64_t unacknowledged = 0;
    for (uint64_t received = 0; received < messages;) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        check(amqp_consume_message(connection, &envelope, NULL, 0), "delivery");
        received++;
        unacknowledged++;
        int is_last_of_these = !amqp_data_in_buffer(connection) && !amqp_frames_enqueued(connection);
        if (is_last_of_these || unacknowledged * 2 >= prefetch || received == messages) {
            if (amqp_basic_ack(connection, CHANNEL, envelope.delivery_tag, 1) != 0) fail("acknowledge");
            unacknowledged = 0;
        }
        amqp_destroy_envelope(&envelope);
    }
    /* The broker has read the acknowledgements when it agrees to close. */
    check(amqp_connection_close(connection, AMQP_REPLY_SUCCESS), "close");
    return now() - start;
}

int main(int count, char **arguments) {
    if (count < 4) fail("usage: transport publish|consume QUEUE MESSAGES [SIZE WINDOW | PREFETCH]");
    const char *queue = arguments[2];
    uint64_t messages = strtoull(arguments[3], NULL, 10);
    double seconds;
    if (strcmp(arguments[1], "publish") == 0) {
        seconds = publish(queue, messages, count > 4 ? strtoull(arguments[4], NULL, 10) : 512, count > 5 ? strtoull(arguments[5], NULL, 10) : 1000);
    } else {
        seconds = consume(queue, messages, (uint16_t)(count > 4 ? strtoul(arguments[4], NULL, 10) : 100));
    }
    printf("%.6f\n", seconds);
    return 0;
}
