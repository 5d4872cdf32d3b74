import Glibc

/// A short blocking conversation with a server on 127.0.0.1, for readiness checks. Use off the cooperative pool.
struct LoopbackSocket: ~Copyable {
    private let descriptor: Int32

    /// Nil if nobody accepts within `seconds`, which is also the limit of every later read and write.
    init?(port: Int, seconds: Int = 2) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = Self.address(port)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        // Closed by `deinit`, which follows also here.
        guard connected else { return nil }
    }

    deinit { close(descriptor) }

    static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// Sends everything and returns the first `limit` bytes or fewer of the answer, empty on any failure.
    func conversation(_ request: [UInt8], limit: Int) -> [UInt8] {
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return [] }
            sent += count
        }
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1024)
        while answer.count < limit {
            let count = recv(descriptor, &chunk, min(chunk.count, limit - answer.count), 0)
            guard count > 0 else { break }
            answer += chunk[..<count]
        }
        return answer
    }
}
