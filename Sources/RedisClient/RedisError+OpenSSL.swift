import COpenSSL
import Glibc

/// The one place where OpenSSL's verdicts become errors.
extension RedisError {
    /// A call on a connection that returned `status` and does not merely wait.
    ///
    /// - Parameter errorNumber: `errno` right after the call.
    static func openSSL(_ ssl: OpaquePointer, status: Int32, errorNumber: Int32) -> RedisError {
        let entry = ERR_peek_last_error()
        let (code, message): (Code, String) =
            switch SSL_get_error(ssl, status) {
            case SSL_ERROR_ZERO_RETURN: (.connectionLost, "the server ended the TLS connection")
            case SSL_ERROR_SYSCALL where errorNumber != 0: (.connectionLost, systemText(errorNumber))
            case SSL_ERROR_SYSCALL: (.connectionLost, "the server closed the connection")
            case SSL_ERROR_SSL where ERR_GET_REASON(entry) == SSL_R_UNEXPECTED_EOF_WHILE_READING:
                // What a killed server leaves: the socket's end without TLS's.
                (.connectionLost, "the server closed the connection")
            case SSL_ERROR_SSL where ERR_GET_REASON(entry) == SSL_R_CERTIFICATE_VERIFY_FAILED:
                (.tls, "the server's certificate is refused: \(verdict(ssl))")
            default: (.tls, reason(entry))
            }
        return RedisError(code, message, mayHaveRun: true)
    }

    /// A setting that OpenSSL cannot use.
    static func openSSL(setting: String) -> RedisError {
        // The first entry is the cause, the others say what it kept from happening.
        RedisError(.tls, "\(setting): \(reason(ERR_peek_error()))")
    }

    private static func verdict(_ ssl: OpaquePointer) -> String {
        X509_verify_cert_error_string(SSL_get_verify_result(ssl)).map { String(cString: $0) } ?? "unverified"
    }

    private static func reason(_ entry: UInt) -> String {
        if ERR_GET_LIB(entry) == ERR_LIB_SYS { return systemText(ERR_GET_REASON(entry)) }
        return ERR_reason_error_string(entry).map { String(cString: $0) } ?? "unknown TLS error"
    }

    private static func systemText(_ number: Int32) -> String {
        // `strerror` may share a buffer between threads; its `_r` form does not.
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let base = buffer.baseAddress, strerror_r(number, base, buffer.count) == 0 else {
                return "error \(number)"
            }
            return String(cString: base)
        }
    }
}
