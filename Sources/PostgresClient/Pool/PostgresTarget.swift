import Glibc

/// One of the places where the database may be.
struct PostgresTarget: Sendable, Hashable {
    /// A name, an address, or a socket's folder; nil: libpq's default.
    var host: String?
    /// The address to connect to, if it is known; the host is then only what certificates are checked against.
    var address: String?
    /// Nil: libpq's default.
    var port: String?

    /// Each address that the host's name stands for. libpq would try them by itself, but one that is silent would take
    /// the whole time for connecting.
    var resolved: [PostgresTarget] {
        guard let host, address == nil, !host.isEmpty, !host.hasPrefix("/"), !host.hasPrefix("@") else { return [self] }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        // Who does not resolve is left to libpq, whose words say so.
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [self] }
        defer { freeaddrinfo(list) }
        var targets: [PostgresTarget] = []
        var entry = list
        while let info = entry?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                var target = self
                target.address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                if !targets.contains(target) { targets.append(target) }
            }
            entry = info.ai_next
        }
        return targets.isEmpty ? [self] : targets
    }
}

extension PostgresConfiguration {
    /// The hosts of the URL, in its order.
    var targets: [PostgresTarget] {
        let hosts = Self.list(parameters["host"])
        let addresses = Self.list(parameters["hostaddr"])
        let ports = Self.list(parameters["port"])
        return (0..<max(1, hosts.count, addresses.count)).map { index in
            PostgresTarget(
                host: hosts.indices.contains(index) ? hosts[index] : nil,
                address: addresses.indices.contains(index) ? addresses[index] : nil,
                port: ports.count == 1 ? ports[0] : ports.indices.contains(index) ? ports[index] : nil)
        }
    }

    /// - Returns: the entries; an empty one stands for the default.
    static func list(_ text: String?) -> [String?] {
        guard let text, !text.isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { $0.isEmpty ? nil : String($0) }
    }
}
