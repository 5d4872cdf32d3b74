/// What the supervisor knows, as its control socket tells it.
package struct StackStatus: Codable, Sendable, Equatable {
    /// The stack as a whole.
    package enum State: String, Codable, Sendable {
        case starting
        /// Everything was ready once; single processes may be restarting.
        case ready
        case stopping
    }

    package struct Process: Codable, Sendable, Equatable {
        /// Where it is between two starts.
        package enum State: String, Codable, Sendable {
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
        package let name: String
        package let role: StackRole
        /// Now.
        package let state: State
        /// Nil while it does not run.
        package let pid: Int32?
        /// Seconds since its start.
        package let uptimeSeconds: Double?
        /// Starts after the first.
        package let restarts: Int
        /// Why it last ended without being asked to, with the last lines of its log.
        package let lastFailure: String?
        /// Where it serves `/metrics`, nil for servers.
        package let metricsURL: String?

        enum CodingKeys: String, CodingKey {
            case name, role, state, pid, restarts
            case uptimeSeconds = "uptime_seconds"
            case lastFailure = "last_failure"
            case metricsURL = "metrics_url"
        }
    }

    /// The stack as a whole.
    package let state: State
    /// The supervisor's.
    package let pid: Int32
    /// Absolute path.
    package let stateDirectory: String
    /// Servers first.
    package let processes: [Process]

    enum CodingKeys: String, CodingKey {
        case state, pid, processes
        case stateDirectory = "state_directory"
    }

    /// Everything that should run is ready. What somebody has stopped, or lets drain, should not.
    package var isReady: Bool {
        state == .ready && processes.allSatisfy { [.ready, .stopping, .stopped].contains($0.state) }
    }
}
