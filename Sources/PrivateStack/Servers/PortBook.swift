import FoundationEssentials
import Synchronization

/// The stack's loopback ports by name, the same at every start, kept in `ports.json`.
final class PortBook: Sendable {
    static let postgres = "postgres"
    static let amqp = "rabbitmq"
    static let management = "rabbitmq.management"
    static let distribution = "rabbitmq.distribution"
    static let redis = "redis"

    private struct Pages {
        var kept: [String: Int]
        var leases: [String: PortLease] = [:]
    }

    private let path: String
    private let pages: Mutex<Pages>

    init(_ state: StateDirectory) throws(PrivateStackError) {
        path = state.ports
        // A damaged file costs nothing but new ports.
        let kept = try PrivateFile.read(path).flatMap { try? JSONDecoder().decode([String: Int].self, from: $0) }
        pages = Mutex(Pages(kept: kept ?? [:]))
    }

    /// The port of that name: the one of before if it is still free, else a new one.
    func port(_ name: String) throws(PrivateStackError) -> Int {
        try pages.withLock { pages throws(PrivateStackError) in
            if let lease = pages.leases[name] { return lease.port }
            let kept = pages.kept[name].flatMap(PortLease.init(port:))
            let lease: PortLease
            if let kept { lease = kept } else { lease = try Self.choose() }
            pages.leases[name] = lease
            if pages.kept.updateValue(lease.port, forKey: name) != lease.port {
                try PrivateFile.writeJSON(pages.kept, to: path, mode: 0o600)
            }
            return lease.port
        }
    }

    /// A port below the range the kernel takes for outgoing connections: one of those could otherwise sit on a
    /// server's port in the moment the server is down.
    private static func choose() throws(PrivateStackError) -> PortLease {
        let upper = max(12_000, min(lowestEphemeralPort, 60_000))
        let lower = max(10_000, upper - 12_000)
        for _ in 0..<500 {
            if let lease = PortLease(port: Int.random(in: lower..<upper)) { return lease }
        }
        throw PrivateStackError(.system, "no free loopback port between \(lower) and \(upper)")
    }

    private static var lowestEphemeralPort: Int {
        let text = (try? PrivateFile.read("/proc/sys/net/ipv4/ip_local_port_range")).flatMap { $0 }
        let first = text.map { String(decoding: $0, as: UTF8.self) }?.split(whereSeparator: \.isWhitespace).first
        return first.flatMap { Int($0) } ?? 32_768
    }
}
