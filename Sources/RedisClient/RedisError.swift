/// A failure of Redis or of the way to it. `description` is safe for logs: no arguments, no password.
package struct RedisError: Error, Sendable, Hashable {
    /// What kind of failure it is; decisions are made on this, not on texts.
    package enum Code: Sendable, Hashable {
        case invalidURL
        /// No connection: nothing was sent.
        case unavailable
        /// No answer in time; the connection was dropped. See ``RedisError/mayHaveRun``.
        case timeout
        /// The connection broke while the answer was outstanding. See ``RedisError/mayHaveRun``.
        case connectionLost
        case authenticationFailed
        /// The TLS handshake, a certificate or the encrypted stream failed.
        case tls
        /// The server answered with an error; the prefix is its first word: ERR, NOSCRIPT, OOM, WRONGTYPE, LOADING, ….
        case server(String)
        /// The server sent something that is not the protocol.
        case protocolViolation
        case cancelled
        case shutDown
    }

    /// What kind of failure it is.
    package let code: Code
    /// What happened, without arguments of commands.
    package let message: String
    /// True if the command was sent and no answer came: it may have taken effect.
    package let mayHaveRun: Bool

    init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    /// Maps an error reply: the one place where the server's prefixes become codes.
    init(reply: String) {
        let prefix = String(reply.prefix { $0 != " " })
        switch prefix {
        case "WRONGPASS", "NOAUTH": self.init(.authenticationFailed, Self.loggable(reply))
        case "ERR" where reply.hasPrefix("ERR invalid password") || reply.hasPrefix("ERR AUTH"):
            self.init(.authenticationFailed, Self.loggable(reply))
        default: self.init(.server(prefix), Self.loggable(reply))
        }
    }

    /// The first line up to the first quotation: servers quote what they were sent.
    private static func loggable(_ reply: String) -> String {
        let line = reply.prefix { !$0.isNewline }
        return String(line.prefix { $0 != "'" && $0 != "`" && $0 != "\"" }.prefix(160))
    }
}

extension RedisError: CustomStringConvertible {
    /// One line for logs.
    package var description: String {
        let name =
            switch code {
            case .invalidURL: "invalid_url"
            case .unavailable: "unavailable"
            case .timeout: "timeout"
            case .connectionLost: "connection_lost"
            case .authenticationFailed: "authentication_failed"
            case .tls: "tls"
            case .server: "server"
            case .protocolViolation: "protocol_violation"
            case .cancelled: "cancelled"
            case .shutDown: "shut_down"
            }
        return "\(name): \(message)" + (mayHaveRun ? "; the command may have run" : "")
    }
}
