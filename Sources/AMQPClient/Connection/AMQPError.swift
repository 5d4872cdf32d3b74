/// What went wrong between this process and the broker.
///
/// The description is safe for logs: it carries the broker's own words, never a password or a URL.
package struct AMQPError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// Nobody listens at the address, or the name does not resolve.
        case connectionRefused = "connection_refused"
        /// The broker does not accept the user and password.
        case authenticationFailed = "authentication_failed"
        /// The user may not use the virtual host or the entity.
        case accessRefused = "access_refused"
        /// The queue, exchange or virtual host does not exist.
        case notFound = "not_found"
        /// It exists and cannot be served now: the node of a queue or a virtual host is down.
        case unavailable
        /// The broker allows no more connections, channels or queues.
        case limitReached = "limit_reached"
        /// The entity exists with other properties, or the broker's conditions were not met.
        case preconditionFailed = "precondition_failed"
        /// The entity is exclusive to another connection.
        case resourceLocked = "resource_locked"
        /// The connection broke, by either side or by silence.
        case connectionLost = "connection_lost"
        /// The broker takes no publishes for now: out of memory or disk.
        case blocked
        /// The broker refused responsibility for a message.
        case nacked
        /// A mandatory message matched no queue.
        case unroutable
        /// The deadline passed first.
        case timedOut = "timed_out"
        /// The caller's task was cancelled, or the consumer was.
        case cancelled
        /// The client was shut down.
        case closed
        /// The URL is not an AMQP URL, or a part of it is malformed.
        case invalidURL = "invalid_url"
        /// A name, a property or a setting that the protocol cannot carry.
        case invalidArgument = "invalid_argument"
        /// The TLS handshake or a certificate failed.
        case tls
        /// The peer does not speak the protocol as expected.
        case protocolError = "protocol_error"
        /// The process is out of memory, threads or file descriptors.
        case outOfResources = "out_of_resources"
    }

    /// What callers decide by.
    package let code: Code
    /// Why, in words; safe for logs.
    package let message: String
    /// The broker's reply code (404, 406, ...), 0 if it was not the broker's verdict.
    package let replyCode: Int
    /// For ``AMQPPublisher/publish(_:timeout:)``: the positions of the messages that are not known to be safe, in
    /// ascending order. They may still have reached the broker.
    package let failedIndices: [Int]

    init(_ code: Code, _ message: String, replyCode: Int = 0, failedIndices: [Int] = []) {
        self.code = code
        self.message = message
        self.replyCode = replyCode
        self.failedIndices = failedIndices
    }

    /// Whether the same call may succeed later without anybody changing anything.
    package var isRetriable: Bool {
        switch code {
        case .connectionRefused, .resourceLocked, .connectionLost, .blocked, .nacked, .timedOut, .outOfResources,
            .unavailable, .limitReached:
            true
        case .authenticationFailed, .accessRefused, .notFound, .preconditionFailed, .unroutable, .cancelled, .closed,
            .invalidURL, .invalidArgument, .tls, .protocolError:
            false
        }
    }

    /// The broker closed the connection because of what was asked, and would do so again. 320 is an operator's doing.
    var isConnectionVerdict: Bool { replyCode >= 500 && code != .unavailable && code != .limitReached }

    /// Code and message; safe for logs.
    package var description: String {
        var text = message.isEmpty ? code.rawValue : "\(code.rawValue): \(message)"
        if !failedIndices.isEmpty { text += " (\(failedIndices.count) messages)" }
        return text
    }

    /// The broker takes no messages for now.
    package static func blocked(_ reason: String) -> AMQPError { AMQPError(.blocked, reason) }

    func failing(_ indices: [Int]) -> AMQPError {
        AMQPError(code, message, replyCode: replyCode, failedIndices: indices)
    }
}
