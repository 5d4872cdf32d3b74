import Glibc
package import Hummingbird
package import HummingbirdCore

/// The process's limit of open files; each connection is one.
package enum OpenFiles {
    /// Files that a server leaves to the rest of its process: databases, brokers, logs.
    private static let reserve = 256

    /// Raises the soft limit to the hard one: it is often 1024, which a thousand idle clients use up.
    package static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// The most connections of a server; further ones wait until one ends.
    static var connections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 512 }
        let files = Int(clamping: limit.rlim_cur)
        return max(files - reserve, files / 2)
    }
}

extension ApplicationConfiguration {
    /// A server that takes no more connections than its process has files for.
    ///
    /// - Parameter connections: the most connections at once; nil: what the limit of open files allows.
    package static func guarded(
        address: BindAddress, backlog: Int = 256, connections: Int? = nil
    ) -> ApplicationConfiguration {
        ApplicationConfiguration(
            address: address, backlog: backlog,
            availableConnectionsDelegate: MaximumAvailableConnections(connections ?? OpenFiles.connections))
    }
}
