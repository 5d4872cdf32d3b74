import CRabbitMQ
import Glibc

/// One established connection, owned by one thread: the librabbitmq handle and every call on it.
///
/// Not `Sendable`: it is made, used and released on the owner thread. Frees the handle and its socket when it goes
/// away. Pointers into the library's buffers never leave a method.
final class BrokerConnection {
    let handle: amqp_connection_state_t
    let socketDescriptor: Int32
    /// As agreed with the broker, in seconds.
    let heartbeatSeconds: Int
    private let isTLS: Bool
    private let interrupt: Interrupt

    /// Connects and logs in; takes up to twice the connect timeout.
    init(_ configuration: AMQPConfiguration, interrupt: Interrupt) throws(AMQPError) {
        guard let handle = amqp_new_connection() else { throw AMQPError(.outOfResources, "no memory") }
        do throws(AMQPError) {
            try Self.openSocket(handle, configuration)
            let descriptor = amqp_get_sockfd(handle)
            // A refusal to set it leaves the library's own heartbeat check, which bounds most stuck sends.
            _ = mixmyai_tcp_set_send_timeout(descriptor, UInt32(configuration.heartbeatSeconds) * 2000)
            guard interrupt.arm(descriptor) else { throw AMQPError(.closed, "shut down while connecting") }
            try Self.logIn(handle, configuration)
        } catch {
            interrupt.disarm()
            amqp_destroy_connection(handle)
            throw error
        }
        self.handle = handle
        self.interrupt = interrupt
        socketDescriptor = amqp_get_sockfd(handle)
        heartbeatSeconds = Int(amqp_get_heartbeat(handle))
        isTLS = configuration.tls != nil
    }

    deinit {
        // First, so that the descriptor's number is not used after it may belong to somebody else.
        interrupt.disarm()
        amqp_destroy_connection(handle)
    }

    /// Whether frames lie in the library's buffers, where `poll` does not see them.
    var hasBufferedFrames: Bool { amqp_frames_enqueued(handle) != 0 || amqp_data_in_buffer(handle) != 0 }

    /// Reads what has arrived without waiting, at most `limit` frames, and services the heartbeats.
    func readFrames(limit: Int, _ body: (InboundFrame) throws(AMQPError) -> Void) throws(AMQPError) {
        var frame = amqp_frame_t()
        var noWait = timeval(tv_sec: 0, tv_usec: 0)
        for _ in 0..<limit {
            let status = amqp_simple_wait_frame_noblock(handle, &frame, &noWait)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return }
            guard status == AMQP_STATUS_OK.rawValue else { throw .status(status, while: "reading") }
            let inbound = InboundFrame(frame)
            // Decoded frames live in the channel's pool; the copy just made lets the pool be reused.
            amqp_maybe_release_buffers_on_channel(handle, frame.channel)
            if let inbound { try body(inbound) }
            // Saves a read that finds nothing; TLS may hold a record that neither poll nor the library knows of.
            if !isTLS && !hasBufferedFrames { return }
        }
    }

    /// Whether the socket takes at least one small message now without waiting.
    func isWritable() -> Bool {
        var descriptor = pollfd(fd: socketDescriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, 0) == 1
    }

    /// Collects the writes of `body` into full packets.
    func corked<Value>(_ body: () throws(AMQPError) -> Value) throws(AMQPError) -> Value {
        _ = mixmyai_tcp_set_corked(socketDescriptor, 1)
        defer { _ = mixmyai_tcp_set_corked(socketDescriptor, 0) }
        return try body()
    }

    /// Says goodbye, waiting at most a second for the answer. The handle is useless afterwards.
    func close() {
        var timeout = timeval(tv_sec: 1, tv_usec: 0)
        amqp_set_rpc_timeout(handle, &timeout)
        _ = amqp_connection_close(handle, AMQP_REPLY_SUCCESS)
    }

    private static func openSocket(
        _ handle: amqp_connection_state_t, _ configuration: AMQPConfiguration
    ) throws(AMQPError) {
        var timeout = timeval(configuration.connectTimeout)
        amqp_set_handshake_timeout(handle, &timeout)
        var requestTimeout = timeval(configuration.requestTimeout)
        amqp_set_rpc_timeout(handle, &requestTimeout)
        let socket: OpaquePointer?
        if let tls = configuration.tls {
            socket = amqp_ssl_socket_new(handle)
            if let socket { try prepare(socket, tls) }
        } else {
            socket = amqp_tcp_socket_new(handle)
        }
        guard let socket else { throw AMQPError(.outOfResources, "no socket") }
        let status = amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &timeout)
        guard status == AMQP_STATUS_OK.rawValue else { throw .connecting(status) }
    }

    private static func prepare(_ socket: OpaquePointer, _ tls: AMQPConfiguration.TLS) throws(AMQPError) {
        amqp_ssl_socket_set_verify_peer(socket, tls.verifiesPeer ? 1 : 0)
        amqp_ssl_socket_set_verify_hostname(socket, tls.verifiesPeer ? 1 : 0)
        var status = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.tls, "TLS 1.2 is not available") }
        if tls.verifiesPeer || tls.authorityFile != nil {
            // The library has no call for the system's authorities; this is where Debian keeps them.
            status = amqp_ssl_socket_set_cacert(socket, tls.authorityFile ?? "/etc/ssl/certs/ca-certificates.crt")
            guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.tls, "the authority file is unusable") }
        }
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            status = amqp_ssl_socket_set_key(socket, certificate, key)
            guard status == AMQP_STATUS_OK.rawValue else { throw AMQPError(.tls, "certificate or key is unusable") }
        }
    }

    private static func logIn(
        _ handle: amqp_connection_state_t, _ configuration: AMQPConfiguration
    ) throws(AMQPError) {
        let capabilities: [(String, FieldValue)] = [
            ("connection.blocked", .bool(true)), ("consumer_cancel_notify", .bool(true)),
            ("publisher_confirms", .bool(true)), ("basic.nack", .bool(true)),
        ]
        let reply = withFieldTable(capabilities) { capabilities in
            var properties: [(String, FieldValue)] = [("capabilities", .table(capabilities))]
            if let name = configuration.name { properties.append(("connection_name", .string(name))) }
            return withFieldTable(properties) { table in
                var table = table
                return mixmyai_amqp_login_plain(
                    handle, configuration.virtualHost, 0, Int32(clamping: max(configuration.frameMax, 4096)),
                    Int32(configuration.heartbeatSeconds), &table, configuration.user, configuration.password)
            }
        }
        if let failure = AMQPError.reply(reply, while: "logging in") { throw failure.loggingIn }
    }
}

extension timeval {
    init(_ duration: Duration) {
        let (seconds, attoseconds) = max(duration, .milliseconds(1)).components
        self.init(tv_sec: Int(clamping: seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
