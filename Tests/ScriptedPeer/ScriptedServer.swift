import Glibc
import Synchronization

/// A TCP server on a free loopback port that runs a script on a thread of its own for every connection.
package final class ScriptedServer: Sendable {
    package let port: UInt16
    private let listener: Int32
    private let accepted = Atomic<Int>(0)

    /// Connections accepted so far.
    package var connectionCount: Int { accepted.load(ordering: .sequentiallyConsistent) }

    package var url: String { "http://127.0.0.1:\(port)" }

    package init(script: @escaping @Sendable (PeerConnection) -> Void) throws {
        let descriptor = try Self.listen(on: 0)
        listener = descriptor
        port = Self.port(of: descriptor)
        startThread { [accepted = CountReference(self)] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0 else { return }
                accepted.increment()
                startThread {
                    let peer = PeerConnection(descriptor: connection)
                    script(peer)
                    peer.close()
                }
            }
        }
    }

    deinit {
        // Wakes the accepting thread, which then sees an error.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// A port on which nothing listens.
    package static func refusedPort() throws -> UInt16 {
        let descriptor = try listen(on: 0)
        defer { close(descriptor) }
        return port(of: descriptor)
    }

    private static func listen(on port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, bound == 0, Glibc.listen(descriptor, 4096) == 0 else { throw ServerError.cannotListen }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Counts on the server without keeping it alive.
    private final class CountReference: Sendable {
        private weak let server: ScriptedServer?

        init(_ server: ScriptedServer) { self.server = server }

        func increment() { server?.accepted.add(1, ordering: .sequentiallyConsistent) }
    }
}

enum ServerError: Error { case cannotListen }

/// Runs a body on a detached thread with a small stack.
private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, 256 * 1024)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body))
    pthread_create(
        &thread, &attributes,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        }, box.toOpaque())
    pthread_attr_destroy(&attributes)
}
