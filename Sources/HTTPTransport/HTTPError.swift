/// Why an exchange gave no complete response.
package struct HTTPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    package enum Code: String, Sendable {
        /// Name resolution, connection or TLS handshake failed: nothing was sent.
        case unreachable
        /// The connection ended before the response was complete.
        case connectionLost = "connection_lost"
        /// A time limit passed: the exchange's, the connection's or the one between bytes.
        case timedOut = "timed_out"
        /// The waiting task was cancelled, or the body was dropped.
        case cancelled
        /// The response is larger than allowed.
        case tooLarge = "too_large"
        /// The peer's answer is not HTTP.
        case malformed
        /// The request cannot be sent as it stands.
        case invalidRequest = "invalid_request"
        /// The client was shut down.
        case shutDown = "shut_down"
    }

    /// Decides ``isRetriable``.
    package let code: Code
    /// Whether bytes of the request may have reached the peer, so that it may have acted on them.
    package let requestMayHaveBeenSent: Bool
    private let message: String

    /// - Parameter url: shortened to scheme, host and path.
    init(_ code: Code, _ message: String, url: String, wasSent: Bool = false) {
        self.code = code
        self.requestMayHaveBeenSent = wasSent
        self.message = "\(message) (\(Self.safe(url)))"
    }

    /// Whether the same exchange may succeed later.
    package var isRetriable: Bool {
        switch code {
        case .unreachable, .connectionLost, .timedOut, .malformed: true
        case .cancelled, .tooLarge, .invalidRequest, .shutDown: false
        }
    }

    /// Holds no credential, query or body.
    package var description: String { "\(code.rawValue): \(message)" }

    /// Scheme, host, port and path: user names, passwords and queries can be credentials.
    static func safe(_ url: String) -> String {
        let withoutQuery = url.prefix { $0 != "?" && $0 != "#" }
        let parts = withoutQuery.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1].isEmpty else { return "invalid address" }
        let host = parts[2].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return "\(parts[0])//\(host)" + (parts.count > 3 ? "/\(parts[3])" : "")
    }
}
