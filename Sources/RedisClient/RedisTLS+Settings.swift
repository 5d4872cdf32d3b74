import COpenSSL

extension RedisTLS {
    /// A handle that is not connected yet, with everything that the configuration says.
    ///
    /// The files are read anew for each connection, so renewed certificates need no restart.
    static func makeHandle(_ settings: RedisConfiguration.TLS, host: String) throws(RedisError) -> OpaquePointer {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw .openSSL(setting: "TLS") }
        // The handle keeps what it needs of the context.
        defer { SSL_CTX_free(context) }
        guard mixmyai_ssl_restrict(context) == 1 else { throw .openSSL(setting: "TLS 1.2") }
        mixmyai_ssl_set_write_mode(context)
        // Without an answer of ours OpenSSL would ask for an encrypted key's password at the terminal and wait.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
        try loadFiles(settings, into: context)
        SSL_CTX_set_verify(context, settings.verifiesPeer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)

        guard let ssl = SSL_new(context) else { throw .openSSL(setting: "TLS") }
        do throws(RedisError) {
            try expect(host, of: ssl)
        } catch {
            SSL_free(ssl)
            throw error
        }
        return ssl
    }

    private static func loadFiles(
        _ settings: RedisConfiguration.TLS, into context: OpaquePointer
    ) throws(RedisError) {
        if let file = settings.authorityFile {
            guard SSL_CTX_load_verify_locations(context, file, nil) == 1 else {
                throw .openSSL(setting: "the authority file is unusable")
            }
        } else if settings.verifiesPeer {
            guard SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw .openSSL(setting: "the system's authorities are unusable")
            }
        }
        if let certificate = settings.certificateFile, let key = settings.keyFile {
            // The key last: it is then checked against the certificate.
            guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1,
                SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1
            else { throw .openSSL(setting: "certificate or key is unusable") }
        }
    }

    /// The certificate has to be for this host; without verification nobody looks.
    private static func expect(_ host: String, of ssl: OpaquePointer) throws(RedisError) {
        // An address stands in certificates as such, and is no name to ask for (RFC 6066).
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1 { return }
        SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard SSL_set1_host(ssl, host) == 1, mixmyai_ssl_set_server_name(ssl, host) == 1 else {
            throw .openSSL(setting: "the host name is unusable")
        }
    }
}
