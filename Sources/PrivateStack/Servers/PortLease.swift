import Glibc

/// A loopback TCP port that no other stack on this machine will choose while the lease is held.
///
/// Between choosing a port and a slow server's binding it, another user's stack could choose it too. Every stack
/// therefore also binds an abstract socket named after the port, which the kernel frees with the process and which
/// is shared by exactly those who share the TCP ports (one network namespace).
final class PortLease: Sendable {
    let port: Int
    private let descriptor: Int32

    /// Nil if the port is in use or leased.
    init?(port: Int) {
        self.port = port
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array("\0mixmyai/port/\(port)".utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        // Closed by `deinit`, which follows also here.
        guard bound && Self.isFree(port) else { return nil }
    }

    deinit { close(descriptor) }

    /// Whether a server could bind the port now.
    private static func isFree(_ port: Int) -> Bool {
        let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { return false }
        defer { close(probe) }
        // As servers do: connections of before that linger in TIME_WAIT are no obstacle.
        var yes: Int32 = 1
        setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = LoopbackSocket.address(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(probe, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
