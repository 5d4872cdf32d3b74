// OpenSSL: some of what it calls functions are macros, which do not import into Swift; those that we use get a
// typed wrapper.
#ifndef MIXMYAI_COPENSSL_SHIM_H
#define MIXMYAI_COPENSSL_SHIM_H
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/// TLS 1.2 or newer, and no renegotiation; 0 if that cannot be had.
static inline int mixmyai_ssl_restrict(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
/// A write may end after one record, and its buffer may have moved when it is tried again.
static inline void mixmyai_ssl_set_write_mode(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}
/// The name that the server chooses its certificate by (SNI); 0 if it is too long.
static inline int mixmyai_ssl_set_server_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
#endif
