import Glibc
import Logging
import Synchronization

/// Writes who runs: `processes.json` for others, `supervisor.json` for the next supervisor.
final class ProcessTable: Sendable {
    /// A line of `processes.json`.
    struct Entry: Codable, Sendable, Equatable {
        let role: StackRole
        let name: String
        let pid: pid_t
        let metricsURL: String?

        enum CodingKeys: String, CodingKey {
            case role, name, pid
            case metricsURL = "metrics_url"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(role, forKey: .role)
            try container.encode(name, forKey: .name)
            try container.encode(pid, forKey: .pid)
            // An explicit null, not a missing key.
            try container.encode(metricsURL, forKey: .metricsURL)
        }
    }

    /// A line of `supervisor.json`.
    struct Child: Codable, Sendable, Equatable {
        let name: String
        let identity: ProcessIdentity
        /// What ends it if this supervisor no longer can.
        let signal: Int32
    }

    /// The content of `supervisor.json`.
    struct Children: Codable, Sendable {
        var bootID: String
        var processes: [Child]

        enum CodingKeys: String, CodingKey {
            case bootID = "boot_id"
            case processes
        }
    }

    private let state: StateDirectory
    private let logger: Logger
    private let bootID = ProcessIdentity.bootID
    private let rows = Mutex<[(entry: Entry, child: Child)]>([])

    init(state: StateDirectory, logger: Logger) {
        self.state = state
        self.logger = logger
    }

    func started(_ program: any SupervisedProgram, _ identity: ProcessIdentity) {
        let entry = Entry(
            role: program.role, name: program.name, pid: identity.pid,
            metricsURL: program.metricsPort.map { "http://127.0.0.1:\($0)/metrics" })
        let child = Child(name: program.name, identity: identity, signal: program.leftoverSignal)
        rows.withLock { rows in
            rows.removeAll { $0.entry.name == entry.name }
            rows.append((entry, child))
            rows.sort { Self.order($0.entry, $1.entry) }
            write(rows)
        }
    }

    /// Removes a process; its successor, if there is one already, stays.
    func ended(_ identity: ProcessIdentity) {
        rows.withLock { rows in
            guard let row = rows.firstIndex(where: { $0.child.identity == identity }) else { return }
            rows.remove(at: row)
            write(rows)
        }
    }

    /// Servers first, then as in ``StackRole``; `worker-2` before `worker-10`.
    static func order(_ left: Entry, _ right: Entry) -> Bool {
        order((left.role, left.name), (right.role, right.name))
    }

    static func order(_ left: (role: StackRole, name: String), _ right: (role: StackRole, name: String)) -> Bool {
        let roles = StackRole.allCases
        let leftRank = roles.firstIndex(of: left.role) ?? roles.count
        let rightRank = roles.firstIndex(of: right.role) ?? roles.count
        return (leftRank, left.name.utf8.count, left.name) < (rightRank, right.name.utf8.count, right.name)
    }

    private func write(_ rows: [(entry: Entry, child: Child)]) {
        do {
            try PrivateFile.writeJSON(rows.map(\.entry), to: state.processes, mode: 0o644)
            let children = Children(bootID: bootID, processes: rows.map(\.child))
            try PrivateFile.writeJSON(children, to: state.children, mode: 0o600)
        } catch {
            // The disk may be full: supervising goes on, the next change writes both again.
            logger.error("process list not written", metadata: ["error": "\(error)"])
        }
    }
}
