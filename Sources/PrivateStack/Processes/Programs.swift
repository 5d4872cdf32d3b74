import FoundationEssentials
import Glibc

/// Where the servers' programs are: Debian's places first, then PATH.
enum Programs {
    static func onPath(_ name: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/bin"]
        return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }

    /// The folder with `initdb`, `postgres`, `pg_isready` and `psql`.
    ///
    /// - Parameter version: the major version an existing data directory needs; nil for the newest installed.
    static func postgres(version: String?) throws(PrivateStackError) -> String {
        let root = "/usr/lib/postgresql"
        let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { version == nil || $0 == version }
            .sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
        for candidate in versions where access("\(root)/\(candidate)/bin/initdb", X_OK) == 0 {
            return "\(root)/\(candidate)/bin"
        }
        if version == nil || versions.isEmpty, let initdb = onPath("initdb") {
            return String(initdb.dropLast("/initdb".count))
        }
        throw PrivateStackError(
            .programMissing,
            version.map {
                "the data was made by PostgreSQL \($0), which is not installed; install it or delete the data"
            }
                ?? "PostgreSQL is not installed (Debian: postgresql)")
    }

    /// RabbitMQ's own start script. Debian's `/usr/sbin/rabbitmq-server` insists on the system's user and folders.
    static func rabbitMQ() throws(PrivateStackError) -> String {
        let root = "/usr/lib/rabbitmq/lib"
        let installed: String? = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .filter { $0.hasPrefix("rabbitmq_server-") }
            .sorted { versionNumbers($1).lexicographicallyPrecedes(versionNumbers($0)) }
            .map { (name: String) -> String in "\(root)/\(name)/sbin/rabbitmq-server" }
            .first { access($0, X_OK) == 0 }
        if let installed { return installed }
        if let other = onPath("rabbitmq-server"), other != "/usr/sbin/rabbitmq-server" { return other }
        throw PrivateStackError(.programMissing, "RabbitMQ is not installed (Debian: rabbitmq-server)")
    }

    private static func versionNumbers(_ name: String) -> [Int] {
        name.split { !$0.isNumber }.map { Int($0) ?? 0 }
    }

    static func redis() throws(PrivateStackError) -> String {
        if let program = onPath("redis-server") { return program }
        throw PrivateStackError(.programMissing, "Redis is not installed (Debian: redis-server)")
    }
}
