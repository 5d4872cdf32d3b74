import BlockingIO
import Glibc
import Synchronization

/// Accepts control connections on a thread of its own and hands the requests to the supervisor.
final class ControlServer: Sendable {
    /// A request and the connection that waits for its answer.
    final class ControlConversation: Sendable {
        let request: ControlRequest
        private let descriptor: Int32

        init(request: ControlRequest, descriptor: Int32) {
            self.request = request
            self.descriptor = descriptor
        }

        deinit { Glibc.close(descriptor) }

        func reply(_ reply: ControlReply) { ControlSocket.write(reply, to: descriptor) }
    }

    let conversations: AsyncStream<ControlConversation>
    private let continuation: AsyncStream<ControlConversation>.Continuation
    private let descriptor: Int32
    private let path: String
    private let thread: SerialThreadExecutor

    init(_ state: StateDirectory) throws(PrivateStackError) {
        (conversations, continuation) = AsyncStream.makeStream()
        path = state.path + "/" + StateDirectory.socketName
        descriptor = try ControlSocket.listen(in: state)
        do {
            thread = try SerialThreadExecutor(name: "control")
        } catch {
            Glibc.close(descriptor)
            throw PrivateStackError(.system, "no thread for the control socket: \(error)")
        }
        let (descriptor, continuation) = (descriptor, continuation)
        thread.submit { Self.accept(on: descriptor, into: continuation) }
    }

    /// Stops accepting; ``conversations`` ends after what was accepted.
    func close() {
        unlink(path)
        // Wakes `accept`, which `close` alone would not.
        shutdown(descriptor, Int32(SHUT_RDWR))
        thread.shutdown()
        Glibc.close(descriptor)
    }

    private static func accept(on descriptor: Int32, into continuation: AsyncStream<ControlConversation>.Continuation) {
        defer { continuation.finish() }
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
            // The socket is only our user's; still, a client that sends nothing must not hold up the next.
            ControlSocket.limit(connection, seconds: 2)
            guard let request = ControlSocket.read(ControlRequest.self, from: connection) else {
                Glibc.close(connection)
                continue
            }
            continuation.yield(ControlConversation(request: request, descriptor: connection))
        }
    }
}
