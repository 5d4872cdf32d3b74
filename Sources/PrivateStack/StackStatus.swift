/// What the supervisor knows, as its control socket tells it.
public struct StackStatus: Codable, Sendable, Equatable {
    /// The stack as a whole.
    public enum State: String, Codable, Sendable {
        case starting
        /// Everything was ready once; single processes may be restarting.
        case ready
        case stopping
    }

    /// One process.
    public struct Process: Codable, Sendable, Equatable {
        /// Where it is between two starts.
        public enum State: String, Codable, Sendable {
            /// Runs, not ready yet.
            case starting
            case ready
            /// Ended; waits before the next start.
            case backingOff = "backing_off"
            case stopping
            /// Stopped on request.
            case stopped
        }

        /// Unique in the stack.
        public let name: String
        /// What it is for.
        public let role: StackRole
        /// Now.
        public let state: State
        /// Nil while it does not run.
        public let pid: Int32?
        /// Seconds since its start.
        public let uptimeSeconds: Double?
        /// Starts after the first.
        public let restarts: Int
        /// Why it last ended without being asked to, with the last lines of its log.
        public let lastFailure: String?
        /// Where it serves `/metrics`, nil for servers.
        public let metricsURL: String?

        enum CodingKeys: String, CodingKey {
            case name, role, state, pid, restarts
            case uptimeSeconds = "uptime_seconds"
            case lastFailure = "last_failure"
            case metricsURL = "metrics_url"
        }
    }

    /// The stack as a whole.
    public let state: State
    /// The supervisor's.
    public let pid: Int32
    /// Absolute path.
    public let stateDirectory: String
    /// Servers first.
    public let processes: [Process]

    enum CodingKeys: String, CodingKey {
        case state, pid, processes
        case stateDirectory = "state_directory"
    }

    /// Everything that should run is ready.
    public var isReady: Bool {
        state == .ready && processes.allSatisfy { $0.state == .ready }
    }
}
