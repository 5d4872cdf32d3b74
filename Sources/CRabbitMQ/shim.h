// librabbitmq (rabbitmq-c): amqp_login is variadic, so the one mechanism we use gets a typed wrapper.
#ifndef MIXMYAI_CRABBITMQ_SHIM_H
#define MIXMYAI_CRABBITMQ_SHIM_H
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

static inline amqp_rpc_reply_t mixmyai_amqp_login_plain(
    amqp_connection_state_t connection, const char *vhost, int channel_max, int frame_max, int heartbeat_seconds,
    const amqp_table_t *client_properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        connection, vhost, channel_max, frame_max, heartbeat_seconds, client_properties, AMQP_SASL_METHOD_PLAIN, user,
        password);
}

/// Ends the connection when bytes lie unsent or unacknowledged for this long: the library's sends have no timeout
/// of their own while the peer's heartbeats arrive.
static inline int mixmyai_tcp_set_send_timeout(int descriptor, unsigned int milliseconds) {
    return setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

/// While corked, small writes are collected into full packets; uncorking sends what is left.
static inline int mixmyai_tcp_set_corked(int descriptor, int is_corked) {
    return setsockopt(descriptor, IPPROTO_TCP, TCP_CORK, &is_corked, sizeof is_corked);
}
#endif
